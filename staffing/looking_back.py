"""A day that is over, held against the plan that was in force for it: misses of every live queue, and adherence. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from enterprise.queues import Queue
from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from staffing.doors import FloatArray
from staffing.misses import DaySeen, miss_row, miss_rows
from staffing.presence import adherence_rows, scheduled_seconds
from warehouse.tables.looking_back import ADHERENCE_DAILY

_START = "interval_start_utc"


@dataclass(frozen=True, eq=False)
class DayKept:
    """What is known of a day that is over.

    Attributes:
        plan: rows of STAFFING_INTERVAL of the plan that was in force for the day: the last one before it.
        forecast: rows of FORECAST_DAILY of the same plan.
        intervals: rows of INTERVAL_HISTORY of the day.
        daily: rows of DAILY_HISTORY of the day; a queue whose feed is not whole, or that is held, is left out.
        waits: rows of WAIT_HISTORY of the day.
        schedules: rows of SCHEDULES that touch the day.
        states: rows of AGENT_STATES that touch the day.
    """

    plan: pd.DataFrame
    forecast: pd.DataFrame
    intervals: pd.DataFrame
    daily: pd.DataFrame
    waits: pd.DataFrame
    schedules: pd.DataFrame
    states: pd.DataFrame


def explain_day(day: date, kept: DayKept, enterprise: Enterprise) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of MISS_ANALYSIS and ADHERENCE_DAILY of a day.

    A live queue is there if a plan had it open and its history is whole and has a service level by its definition.
    """
    rows = []
    whole = {row["queue_id"]: row for row in kept.daily.to_dict("records") if row["source_complete"]}
    for queue in enterprise.queues.values():
        if queue.is_deferred or queue.id not in whole:
            continue
        plan = kept.plan[(kept.plan["queue_id"] == queue.id) & (kept.plan["business_date"] == day)].sort_values(_START)
        waits = kept.waits[kept.waits["queue_id"] == queue.id]
        actual = actual_level(queue, whole[queue.id], waits)
        if plan.empty or actual is None:
            continue
        seen = _seen(queue, day, plan.reset_index(drop=True), kept, actual, enterprise)
        rows.append(miss_row(queue, day, plan["plan_date"].iloc[0], seen))
    begin, end = grid_of(enterprise).day_bounds(day)
    adherence = adherence_rows(kept.schedules, kept.states, list(enterprise.queues), begin, end)
    return miss_rows(rows), adherence.assign(business_date=day)[ADHERENCE_DAILY.column_names]


def actual_level(queue: Queue, day: Mapping[Hashable, Any], waits: pd.DataFrame) -> float | None:
    """The service level that a queue had on a day, by its goal's definition; None where history does not tell, or nothing came.

    Args:
        queue: its goal.
        day: the day's row of DAILY_HISTORY.
        waits: its rows of WAIT_HISTORY: who gave up within the threshold. Within a class waits are taken to be spread evenly.
    """
    definition = queue.service_goal.definition
    offered, answered, within = (day[f"{name}_contacts"] for name in ("offered", "answered", "answered_within"))
    if pd.isna(within) or pd.isna(answered) or not offered > 0:
        return None
    if definition == "of_offered":
        return float(within / offered)
    if definition == "of_answered":
        return float(within / answered) if answered > 0 else None
    if waits.empty:
        return None
    gave_up = _abandoned_within(waits.sort_values("waited_from_seconds"), queue.service_goal.seconds)
    if definition == "wait_within":
        return float(min((within + gave_up) / offered, 1.0))
    counted = offered - gave_up
    return float(min(within / counted, 1.0)) if counted > 0 else None


def _abandoned_within(waits: pd.DataFrame, threshold: float) -> float:
    first = waits["waited_from_seconds"].to_numpy(dtype=np.float64)
    behind = np.append(first[1:], np.inf)
    share = np.clip((threshold - first) / np.where(np.isfinite(behind), behind - first, 2.0 * np.maximum(first, 1.0)), 0.0, 1.0)
    return float((share * waits["abandoned_contacts"].to_numpy(dtype=np.float64)).sum())


def _seen(queue: Queue, day: date, plan: pd.DataFrame, kept: DayKept, actual: float, enterprise: Enterprise) -> DaySeen:
    own = kept.intervals[kept.intervals["queue_id"] == queue.id].set_index(_START)
    seconds = plan["open_seconds"].to_numpy(dtype=np.float64)
    planned = plan["mean_offered_contacts"].to_numpy(dtype=np.float64)
    came = plan[_START].map(own["offered_contacts"]).fillna(0).to_numpy(dtype=np.float64)
    handle = plan["mean_handle_seconds"].to_numpy(dtype=np.float64)
    weights = planned if planned.sum() > 0 else np.ones_like(planned)
    mean_handle = float((handle * weights).sum() / weights.sum())
    return DaySeen(
        planned_contacts=planned,
        actual_contacts=came,
        open_seconds=seconds,
        planned_handle_seconds=handle,
        handle_ratio=_handle_ratio(own, _forecast_handle(queue, day, kept.forecast, mean_handle)),
        planned_positions=plan["positions_required"].to_numpy(dtype=np.float64),
        scheduled_positions=_scheduled(queue, plan, kept.schedules, seconds, enterprise),
        present_positions=_present(plan, own, seconds),
        patience_seconds=np.asarray(plan["mean_patience_seconds"].astype("float64").fillna(np.inf), dtype=np.float64),
        planned_level=float((plan["answered_fraction"] * weights).sum() / weights.sum()),
        actual_level=actual,
    )


def _handle_ratio(own: pd.DataFrame, planned: float) -> float:
    """The day's mean handle time over the one forecast; 1 where history does not tell.

    Both are times as observed: of chats, with what those beside them took. The plan's time of a chat alone follows in proportion.
    """
    answered, handled = own["answered_contacts"].astype("float64").sum(), own["handle_seconds"].astype("float64").sum()
    return float(handled / answered / planned) if answered > 0 and handled > 0 and planned > 0 else 1.0


def _forecast_handle(queue: Queue, day: date, forecast: pd.DataFrame, otherwise: float) -> float:
    """The mean handle time that was forecast for a queue's day; another where none was."""
    mine = forecast[(forecast["level"] == "queue") & (forecast["member_id"] == queue.id) & (forecast["business_date"] == day)][
        "mean_handle_seconds"
    ].dropna()
    return float(mine.iloc[0]) if len(mine) else otherwise


def _scheduled(
    queue: Queue, plan: pd.DataFrame, schedules: pd.DataFrame, seconds: FloatArray, enterprise: Enterprise
) -> FloatArray | None:
    """People scheduled on the queue per interval; None where nobody is named on it."""
    if not (schedules["activity"] == queue.id).any():
        return None
    starts = plan[_START]
    ends = pd.Series(grid_of(enterprise).interval_end(starts), index=plan.index)
    return scheduled_seconds(schedules, queue.id, starts, ends) / seconds


def _present(plan: pd.DataFrame, own: pd.DataFrame, seconds: FloatArray) -> FloatArray | None:
    """People that were there per interval; None where history does not tell."""
    staffed = plan[_START].map(own["staffed_seconds"]).astype("float64")
    if staffed.isna().all():
        return None
    return np.maximum(staffed.fillna(0.0).to_numpy(dtype=np.float64), 0.0) / seconds
