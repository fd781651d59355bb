"""People for deferred work (email, cases, claims): due times on the business clock, never Erlang."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from enterprise.queues import Queue
from staffing.chase import COLUMNS, OverdueWork
from staffing.deferred_horizon import ROUNDING, Backlog, DeferredInput, Horizon, horizon_of, plan_of, share_by_day, work_of
from staffing.deferred_plan import DeferredPlan
from staffing.doors import FloatArray, IntArray
from staffing.forecast_door import prior_in_words
from staffing.shrinkage import ceiling, scheduled_staff
from staffing.trajectory import Trajectory, trajectory
from staffing.uncertainty import contacts_at_probability
from warehouse.tables.columns import QUANTILES


@dataclass(frozen=True, eq=False)
class DeferredStaffed:
    """One deferred queue's rows of STAFFING_INTERVAL and BACKLOG_PROJECTION, and its overdue work if that raises contacts."""

    plan: pd.DataFrame
    projection: pd.DataFrame
    overdue: OverdueWork | None


def staff_deferred(start: DeferredInput, goal_probability: float) -> DeferredStaffed:
    """Positions and people of one deferred queue for its open intervals, and how its backlog is expected to move.

    The lowest peak, and with it the fewest hours per day, that complete all work by its due time at the expected arrivals; the
    goal's fraction below 100 % is what uncertain arrivals may cost. Work that is overdue at the cut-off is caught up within one
    goal's time.

    Args:
        start: the queue, its forecast, opening and backlog.
        goal_probability: probability with which `positions_for_certainty` meet the goal.
    """
    queue, clock, forecast, open_seconds, backlog = start.queue, start.clock, start.forecast, start.open_seconds, start.backlog
    horizon = horizon_of(start)
    work = work_of(queue, clock, horizon, backlog, horizon.mean)
    plan = plan_of(queue, horizon, work)
    positions = ceiling(np.maximum(plan.staff - ROUNDING, 0.0))
    fractional = np.minimum(plan.staff, positions)
    certain_arrivals = contacts_at_probability(horizon.quantiles, goal_probability)
    certain = plan_of(queue, horizon, work_of(queue, clock, horizon, backlog, certain_arrivals))
    paths = [
        trajectory(work_of(queue, clock, horizon, backlog, horizon.quantiles[:, column]), positions)
        for column in range(len(QUANTILES))
    ]
    expected = trajectory(work, positions)
    first = forecast.iloc[0]
    dates = pd.Series(open_seconds["business_date"].to_numpy())
    on_time = share_by_day(horizon, expected, horizon.mean, len(backlog.items))
    rows = pd.DataFrame(
        {
            "plan_date": first["plan_date"],
            "queue_id": queue.id,
            "interval_start_utc": horizon.starts,
            "business_date": dates,
            "lead_days": [(day - first["plan_date"]).days for day in dates],
            "channel": queue.channel,
            "staffing_model": "deferred",
            "open_seconds": horizon.open_seconds,
            "mean_offered_contacts": horizon.mean,
            "mean_handle_seconds": horizon.handle_seconds,
            "mean_patience_seconds": np.nan,
            "positions_required_fractional": fractional,
            "positions_required": positions,
            "positions_erlang_c": None,
            "positions_erlang_a": None,
            "positions_for_certainty": np.maximum(ceiling(np.maximum(certain.staff - ROUNDING, 0.0)), positions),
            "scheduled_staff": scheduled_staff(positions, queue.shrinkage).staff,
            "service_level_definition": queue.service_goal.definition,
            "goal_fraction": queue.service_goal.fraction,
            "goal_seconds": queue.service_goal.seconds,
            "answered_fraction": on_time,
            "mean_wait_seconds": np.nan,
            "abandoned_fraction": np.nan,
            "occupancy_fraction": np.clip(np.nan_to_num(expected.utilisation) * queue.occupancy_cap, 0.0, 1.0),
            "goal_probability": _goal_probability(queue, horizon, paths, len(backlog.items)),
            "reason": _reason(queue, horizon, plan, expected, backlog),
            "chase_contacts": np.nan,
        }
    )
    rows["cost"] = rows["scheduled_staff"] * rows["open_seconds"] / 3600.0 * queue.hourly_cost
    overdue = _overdue(start, horizon, positions)
    within = slice(0, horizon.planned)
    return DeferredStaffed(
        rows.iloc[within].loc[horizon.is_open[within]].reset_index(drop=True),
        _projection(rows, horizon, expected, paths[-1], backlog, overdue),
        _raised(queue, horizon, overdue),
    )


def _overdue(start: DeferredInput, horizon: Horizon, positions: IntArray) -> FloatArray:
    """Items overdue at the end of each interval, those overdue at the cut-off included: at mean arrivals, then per quantile."""
    arrivals = [horizon.mean, *horizon.quantiles.T]
    works = [work_of(start.queue, start.clock, horizon, start.backlog, one, overdue_at_once=True) for one in arrivals]
    return np.array([trajectory(work, positions).overdue_items for work in works])


def _raised(queue: Queue, horizon: Horizon, overdue: FloatArray) -> OverdueWork | None:
    if queue.deferred.chase is None:
        return None
    planned = overdue[:, : horizon.planned].T
    days = [date.fromordinal(int(day)) for day in horizon.dates[: horizon.planned]]
    items = pd.DataFrame(planned, columns=list(COLUMNS)).groupby(pd.Series(days, name="business_date")).mean()
    return OverdueWork(queue.name, queue.deferred.chase, items)


def deferred_certainty(start: DeferredInput, probabilities: Sequence[float]) -> tuple[FloatArray, list[IntArray]]:
    """Open seconds per interval of the horizon, and positions that meet the goal with each probability; as `staff_deferred`."""
    queue, clock, backlog = start.queue, start.clock, start.backlog
    horizon = horizon_of(start)
    plans = [
        plan_of(queue, horizon, work_of(queue, clock, horizon, backlog, contacts_at_probability(horizon.quantiles, one)))
        for one in probabilities
    ]
    positions = [ceiling(np.maximum(plan.staff - ROUNDING, 0.0))[: horizon.planned] for plan in plans]
    return horizon.open_seconds[: horizon.planned], positions


def _goal_probability(queue: Queue, horizon: Horizon, paths: list[Trajectory], cohorts: int) -> FloatArray:
    """Per interval: the highest level of arrivals, all days at the same quantile, at which its day still meets the goal."""
    shares = np.array([share_by_day(horizon, path, horizon.quantiles[:, at], cohorts) for at, path in enumerate(paths)])
    met = shares >= queue.service_goal.fraction - 1e-9
    levels = np.array(QUANTILES)
    highest = np.where(met, levels[:, None], 0.0).max(axis=0)
    following = np.where(met.all(axis=0), 1.0, 0.0)
    # Between the last level that meets the goal and the first that misses it the share is taken as straight.
    for at in range(len(levels) - 1):
        crossing = met[at] & ~met[at + 1]
        fall = shares[at] - shares[at + 1]
        part = np.divide(shares[at] - queue.service_goal.fraction, fall, out=np.zeros_like(fall), where=fall > 0)
        highest = np.where(crossing, levels[at] + np.clip(part, 0, 1) * (levels[at + 1] - levels[at]), highest)
    return np.asarray(np.maximum(highest, following))


def _projection(
    rows: pd.DataFrame, horizon: Horizon, expected: Trajectory, high: Trajectory, backlog: Backlog, overdue: FloatArray
) -> pd.DataFrame:
    """Rows of BACKLOG_PROJECTION: opening + arrivals - completed = closing, to the last item."""
    closing = float(backlog.items.sum()) + np.cumsum(horizon.mean - expected.completed)
    closing = np.where(np.abs(closing) < 1e-9, 0.0, closing)
    opening = np.concatenate([[float(backlog.items.sum())], closing[:-1]])
    frame = rows[["plan_date", "queue_id", "interval_start_utc", "business_date"]].assign(
        opening_items=np.maximum(opening, 0.0),
        arrived_items=horizon.mean,
        completed_items=expected.completed,
        closing_items=np.maximum(closing, 0.0),
        due_items=expected.due_items,
        breached_items=expected.breached_items,
        breached_items_q95=np.maximum(high.breached_items, expected.breached_items),
        oldest_age_open_seconds=expected.oldest_age_periods * horizon.interval_seconds,
        overdue_items=overdue[0],
        overdue_items_q95=np.maximum(overdue[-1], overdue[0]),
    )
    return frame.iloc[: horizon.planned].reset_index(drop=True)


def _reason(queue: Queue, horizon: Horizon, plan: DeferredPlan, expected: Trajectory, backlog: Backlog) -> str:
    hours = queue.service_goal.seconds / 3600.0
    waiting = f"{backlog.items.sum():.0f} items wait at the start" if len(backlog.items) else "nothing waits at the start"
    if horizon.has_prior:
        waiting += f"; {prior_in_words(queue.mean_handle_seconds_prior)}"
    limited = " within the settings' limits" if queue.deferred.limits else ""
    made = f"lowest peak and fewest hours{limited} that complete the work within {hours:g} business hours; {waiting}"
    late = expected.breached_items[: horizon.planned]
    if plan.is_attainable or late.sum() < ROUNDING:
        return made
    first = int(np.argmax(late > ROUNDING))
    when = horizon.starts[first].tz_convert(horizon.time_zone) + pd.Timedelta(seconds=horizon.interval_seconds)
    due = expected.due_items[: horizon.planned].sum()
    return (
        f"not attainable{limited}, the least bad plan: {late.sum():.1f} of {due:.1f} items are late, the first {late[first]:.1f} "
        f"by {when:%A %-d %B %H:%M}: allow more people, open earlier or give more time; {waiting}"
    )
