"""Deferred work in the idle time between calls and chats: what gaps are worth, and who is needed beside them. Pure.

The work can be put aside: whoever is on an item takes the next call or chat at once, so live customers wait as in the separate
plan and nothing is taken from their positions. Of a person's idle time a reserve stays idle, and in every gap a set-up time is
lost. A gap lasts `m` seconds in the mean; whatever its distribution, at least max(m - set-up, 0) of it is useful (Jensen).
Who is needed beside the gaps is not rounded: the group's people share its queues, and its shifts round all of them up once.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.queues import Queue
from enterprise.settings import Enterprise
from staffing.chat import chat_measures
from staffing.deferred_horizon import DeferredInput, carried_on, horizon_of, plan_of, share_by_day, work_of
from staffing.doors import FloatArray
from staffing.shrinkage import scheduled_staff
from staffing.trajectory import trajectory
from warehouse.tables.deferred import STAFFING_BLENDED


def useful_idle_seconds(
    positions: npt.ArrayLike,
    busy_fraction: npt.ArrayLike,
    contacts: npt.ArrayLike,
    open_seconds: npt.ArrayLike,
    reserve_fraction: float,
    setup_seconds: float,
) -> FloatArray:
    """Seconds of people's idle time that work between contacts can use, by interval.

    Args:
        positions: people at work.
        busy_fraction: share of their time on contacts, in [0, 1].
        contacts: contacts they handle in the interval; there is at most one gap before each.
        open_seconds: length of the interval.
        reserve_fraction: share of everybody's time that stays idle, in [0, 1).
        setup_seconds: time lost in every gap, >= 0.

    Example:
        >>> useful_idle_seconds(10, 0.7, 30, 1800, reserve_fraction=0.1, setup_seconds=60).round(6).tolist()
        2400.0
    """
    people, busy, length = (np.asarray(values, dtype=np.float64) for values in (positions, busy_fraction, open_seconds))
    idle = people * length * (1.0 - busy)
    count = np.asarray(contacts, dtype=np.float64)
    gap = np.divide(idle, count, out=np.full(np.broadcast_shapes(idle.shape, count.shape), np.inf), where=count > 0)
    useful = np.where(gap > setup_seconds, 1.0 - setup_seconds / np.maximum(gap, 1e-300), 0.0)
    return np.asarray(people * length * np.maximum(1.0 - reserve_fraction - busy, 0.0) * useful)


def blended_rows(intervals: pd.DataFrame, waiting: Mapping[str, DeferredInput], enterprise: Enterprise) -> pd.DataFrame:
    """Rows of STAFFING_BLENDED: per blended queue, what is done in gaps and the people who are needed beside it.

    Args:
        intervals: rows of STAFFING_INTERVAL of the night, each queue planned by itself.
        waiting: what every deferred queue that was staffed tonight started from.
        enterprise: the groups that blend.
    """
    parts = []
    for name in sorted(enterprise.staff_groups):
        group = enterprise.staff_groups[name]
        if group.blending is None:
            continue
        live = [queue for queue in (enterprise.queues.get(one) for one in group.queues) if queue and not queue.is_deferred]
        idle = _idle(live, intervals, group.blending.reserve_fraction, group.blending.setup_seconds)
        for queue_id in group.blending.queues:
            if queue_id in waiting:
                separate = intervals[intervals["queue_id"] == queue_id].set_index("interval_start_utc")
                rows, idle = _beside(waiting[queue_id], separate, idle)
                parts.append(rows.assign(staff_group=name))
    nothing: pd.DataFrame = STAFFING_BLENDED.arrow_schema.empty_table().to_pandas()
    return pd.concat(parts, ignore_index=True)[STAFFING_BLENDED.column_names] if parts else nothing


def positions_beside(positions: pd.DataFrame, blended: pd.DataFrame) -> pd.DataFrame:
    """Rows of STAFFING_INTERVAL in which blended queues need only the people beside the gaps, parts of a person included."""
    key = ["queue_id", "interval_start_utc"]
    beside = positions[key].merge(blended[[*key, "ring_fenced_positions"]], how="left", on=key, validate="one_to_one")
    kept = beside["ring_fenced_positions"].astype("float64").to_numpy()
    own = positions["positions_required"].to_numpy(dtype=np.float64)
    return positions.assign(positions_required=np.where(np.isnan(kept), own, kept))


def _idle(queues: list[Queue], intervals: pd.DataFrame, reserve_fraction: float, setup_seconds: float) -> pd.Series:
    """Useful idle seconds of a group's live queues by interval start."""
    parts = [pd.Series(dtype="float64", index=pd.DatetimeIndex([], tz="UTC"))]
    for queue in queues:
        rows = intervals[intervals["queue_id"] == queue.id]
        handled = rows["mean_offered_contacts"] * (1.0 - rows["abandoned_fraction"].fillna(0.0))
        seconds = useful_idle_seconds(
            rows["positions_required"], busy_fraction(queue, rows), handled, rows["open_seconds"], reserve_fraction, setup_seconds
        )
        parts.append(pd.Series(seconds, index=pd.DatetimeIndex(rows["interval_start_utc"])))
    together: pd.Series = pd.concat(parts).groupby(level=0).sum()
    return together


def busy_fraction(queue: Queue, rows: pd.DataFrame) -> FloatArray:
    """Share of their time in which people hold a contact at all; a chat agent with one chat of three is not idle."""
    if queue.channel != "chat" or rows.empty:
        return rows["occupancy_fraction"].to_numpy(dtype=np.float64)
    held = chat_measures(
        offered_contacts=rows["mean_offered_contacts"],
        interval_seconds=rows["open_seconds"],
        mean_handle_seconds=rows["mean_handle_seconds"],
        positions=rows["positions_required"],
        concurrency=queue.chat.concurrency,
        slowdown_per_extra_chat=queue.chat.slowdown_per_extra_chat,
        answer_within_seconds=queue.service_goal.seconds,
        mean_patience_seconds=rows["mean_patience_seconds"].astype("float64").fillna(np.inf),
    )
    return np.asarray(np.clip(held.agent_occupancy, 0.0, 1.0))


def _beside(start: DeferredInput, separate: pd.DataFrame, idle: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """One queue's rows, and the idle time that it leaves to the next."""
    queue = start.queue
    horizon = horizon_of(start)
    free = idle.reindex(horizon.starts).fillna(0.0).to_numpy(dtype=np.float64)
    free = carried_on(free, horizon.dates, horizon.planned)
    free = free * np.clip(horizon.open_seconds / horizon.interval_seconds, 0.0, 1.0)  # open in a part of the interval only
    work = work_of(queue, start.clock, horizon, start.backlog, horizon.mean, free)
    positions = plan_of(queue, horizon, work).staff
    alone = separate["positions_required"].reindex(horizon.starts).fillna(0).to_numpy(dtype=np.int64)
    if positions[: horizon.planned].sum() > alone[: horizon.planned].sum():
        positions[: horizon.planned] = alone[: horizon.planned]  # what does without gaps does with them
    done = trajectory(work, positions)
    used = np.minimum(done.completed * horizon.handle_seconds, free)
    on_time = share_by_day(horizon, done, horizon.mean, len(start.backlog.items))
    left = idle.sub(pd.Series(used[: horizon.planned], index=horizon.starts[: horizon.planned]), fill_value=0.0).clip(lower=0.0)
    apart, beside = scheduled_staff(alone, queue.shrinkage).staff, scheduled_staff(positions, queue.shrinkage).staff_fractional
    saved = (apart - beside) * horizon.open_seconds / 3600.0
    rows = pd.DataFrame(
        {
            "plan_date": start.forecast["plan_date"].iloc[0],
            "queue_id": queue.id,
            "interval_start_utc": horizon.starts,
            "business_date": start.open_seconds["business_date"].to_numpy(),
            "useful_idle_hours": free / 3600.0,
            "gap_hours": used / 3600.0,
            "separate_positions": alone,
            "ring_fenced_positions": positions,
            "separate_staff": apart,
            "ring_fenced_staff": beside,
            "saved_staff_hours": saved,
            "saved_cost": saved * queue.hourly_cost,
            "answered_fraction": on_time,
            "opening_items": np.concatenate([[float(start.backlog.items.sum())], done.backlog[:-1]]),
            "completed_items": done.completed,
            "due_items": done.due_items,
            "breached_items": done.breached_items,
        }
    )
    kept = np.flatnonzero(horizon.is_open[: horizon.planned])
    return rows.iloc[kept], left
