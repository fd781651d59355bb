"""People for deferred work (email, cases, claims): due times on the business clock, never Erlang."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from enterprise.business_clock import BusinessClock
from enterprise.queues import Queue
from staffing.deferred import NO_DUE, DeferredWork, deferred_work, minimal_peak
from staffing.deferred_plan import DeferredPlan, cheapest_plan
from staffing.doors import BoolArray, FloatArray, IntArray
from staffing.shrinkage import ceiling, scheduled_staff
from staffing.trajectory import Trajectory, trajectory
from staffing.uncertainty import contacts_at_probability
from warehouse.tables.columns import QUANTILES
from warehouse.tables.forecast import OFFERED_QUANTILES

_QUANTILES = [column.name for column in OFFERED_QUANTILES]
DAYS_BEYOND = 7
"""Days planned past the horizon with the last week's arrivals: work that arrives late in the horizon is due behind it."""
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Backlog:
    """Deferred work open at the plan's cut-off, by interval of arrival, oldest first: rows of BACKLOG_OPENING of one queue."""

    arrived: pd.Series
    items: FloatArray


@dataclass(frozen=True, eq=False)
class _Horizon:
    """Intervals of the horizon and a week beyond; arrays by interval."""

    starts: pd.DatetimeIndex
    dates: IntArray  # ordinal of the business date
    open_seconds: FloatArray
    mean: FloatArray
    quantiles: FloatArray
    planned: int  # intervals that lie in the horizon
    handle_seconds: float
    interval_seconds: float

    @property
    def is_open(self) -> BoolArray:
        return np.asarray(self.open_seconds > 0, dtype=np.bool_)


def staff_deferred(
    queue: Queue,
    clock: BusinessClock,
    forecast: pd.DataFrame,
    open_seconds: pd.DataFrame,
    backlog: Backlog,
    goal_probability: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Positions and people of one deferred queue for its open intervals, and how its backlog is expected to move.

    The lowest peak, and with it the fewest hours per day, that complete all work by its due time at the expected arrivals; the
    goal's fraction below 100 % is what uncertain arrivals may cost. Work that is overdue at the cut-off is caught up within one
    goal's time.

    Args:
        queue: its settings; the goal's seconds count business time.
        clock: its business clock.
        forecast: rows of FORECAST_INTERVAL of the queue.
        open_seconds: every interval of the horizon and `DAYS_BEYOND` days more, with business_date and open_seconds.
        backlog: what is open at the cut-off.
        goal_probability: probability with which `positions_for_certainty` meet the goal.

    Returns:
        Rows with the columns of STAFFING_INTERVAL (open intervals) and of BACKLOG_PROJECTION (all intervals of the horizon).
    """
    horizon = _horizon(queue, forecast, open_seconds, 60.0 * clock.grid.interval_minutes)
    work = _work(queue, clock, horizon, backlog, horizon.mean)
    plan = _plan(queue, horizon, work)
    positions = ceiling(np.maximum(plan.staff - _ROUNDING, 0.0))
    fractional = np.minimum(plan.staff, positions)
    certain_arrivals = contacts_at_probability(horizon.quantiles, goal_probability)
    certain = _plan(queue, horizon, _work(queue, clock, horizon, backlog, certain_arrivals))
    paths = [
        trajectory(_work(queue, clock, horizon, backlog, horizon.quantiles[:, column]), positions)
        for column in range(len(QUANTILES))
    ]
    expected = trajectory(work, positions)
    first = forecast.iloc[0]
    dates = pd.Series(open_seconds["business_date"].to_numpy())
    on_time = _share_by_day(horizon, expected, horizon.mean, len(backlog.items))
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
            "positions_for_certainty": np.maximum(ceiling(np.maximum(certain.staff - _ROUNDING, 0.0)), positions),
            "scheduled_staff": scheduled_staff(positions, queue.shrinkage).staff,
            "service_level_definition": queue.service_goal.definition,
            "goal_fraction": queue.service_goal.fraction,
            "goal_seconds": queue.service_goal.seconds,
            "answered_fraction": on_time,
            "mean_wait_seconds": np.nan,
            "abandoned_fraction": np.nan,
            "occupancy_fraction": np.clip(np.nan_to_num(expected.utilisation) * queue.occupancy_cap, 0.0, 1.0),
            "goal_probability": _goal_probability(queue, horizon, paths, len(backlog.items)),
            "reason": _reason(queue, plan, backlog),
        }
    )
    rows["cost"] = rows["scheduled_staff"] * rows["open_seconds"] / 3600.0 * queue.hourly_cost
    within = slice(0, horizon.planned)
    return rows.iloc[within].loc[horizon.is_open[within]].reset_index(drop=True), _projection(
        rows, horizon, expected, paths[-1], backlog
    )


def deferred_certainty(
    queue: Queue,
    clock: BusinessClock,
    forecast: pd.DataFrame,
    open_seconds: pd.DataFrame,
    backlog: Backlog,
    probabilities: Sequence[float],
) -> tuple[FloatArray, list[IntArray]]:
    """Open seconds per interval of the horizon, and positions that meet the goal with each probability; as `staff_deferred`."""
    horizon = _horizon(queue, forecast, open_seconds, 60.0 * clock.grid.interval_minutes)
    plans = [
        _plan(queue, horizon, _work(queue, clock, horizon, backlog, contacts_at_probability(horizon.quantiles, one)))
        for one in probabilities
    ]
    positions = [ceiling(np.maximum(plan.staff - _ROUNDING, 0.0))[: horizon.planned] for plan in plans]
    return horizon.open_seconds[: horizon.planned], positions


def _horizon(queue: Queue, forecast: pd.DataFrame, open_seconds: pd.DataFrame, interval_seconds: float) -> _Horizon:
    """Arrivals by interval; beyond the forecast the same weekday's of the last week, interval by interval of the day."""
    wanted = ["mean_offered_contacts", *_QUANTILES]
    table = (
        forecast.set_index("interval_start_utc")[wanted]
        .reindex(pd.DatetimeIndex(open_seconds["interval_start_utc"]))
        .to_numpy(copy=True)
    )
    last = forecast["business_date"].max()
    dates = [day.toordinal() for day in open_seconds["business_date"]]
    ordinals = np.array(dates, dtype=np.int64)
    planned = int((ordinals <= last.toordinal()).sum())
    table[:planned] = np.nan_to_num(table[:planned])  # intervals in which nothing is expected have no row
    for day in range(last.toordinal() + 1, int(ordinals.max()) + 1):
        here, before = np.flatnonzero(ordinals == day), np.flatnonzero(ordinals == day - 7)
        if len(before) == 0:  # a horizon shorter than a week has no such day yet
            table[here] = 0.0
            continue
        table[here] = table[before[np.minimum(np.arange(len(here)), len(before) - 1)]]
    weights = forecast["mean_offered_contacts"].to_numpy(dtype=np.float64)
    handle = forecast["mean_handle_seconds"].fillna(queue.mean_handle_seconds_prior).to_numpy(dtype=np.float64)
    mean_handle = float(np.average(handle, weights=weights)) if weights.sum() > 0 else queue.mean_handle_seconds_prior
    return _Horizon(
        pd.DatetimeIndex(open_seconds["interval_start_utc"]),
        ordinals,
        open_seconds["open_seconds"].to_numpy(dtype=np.float64),
        table[:, 0],
        table[:, 1:],
        planned,
        mean_handle if mean_handle > 0 else queue.mean_handle_seconds_prior,
        interval_seconds,
    )


def _goal_periods(queue: Queue, horizon: _Horizon) -> int:
    return max(int(np.ceil(queue.service_goal.seconds / horizon.interval_seconds - 1e-9)), 1)


def _work(queue: Queue, clock: BusinessClock, horizon: _Horizon, backlog: Backlog, arrivals: FloatArray) -> DeferredWork:
    goal = _goal_periods(queue, horizon)
    due, age = _backlog_due(queue, clock, horizon, backlog, goal)
    return deferred_work(
        is_open=horizon.is_open,
        arrivals=arrivals,
        mean_handle_seconds=horizon.handle_seconds,
        period_hours=horizon.interval_seconds / 3600.0,
        goal_open_periods=goal,
        backlog_items=backlog.items,
        backlog_due=due,
        backlog_age_periods=age,
        productive_fraction=queue.occupancy_cap,
    )


def _backlog_due(
    queue: Queue, clock: BusinessClock, horizon: _Horizon, backlog: Backlog, goal: int
) -> tuple[IntArray, FloatArray]:
    """Due period and age in open periods of each cohort that waits; what is overdue is to be done one goal after the cut-off."""
    if len(backlog.items) == 0:
        return np.zeros(0, np.int64), np.zeros(0)
    period = horizon.interval_seconds
    cut_off = horizon.starts[0]
    due_at = clock.add_open_seconds(backlog.arrived, queue.service_goal.seconds)
    age = clock.open_seconds_between(backlog.arrived, pd.Series(cut_off, index=backlog.arrived.index)).to_numpy() / period
    opened = np.flatnonzero(horizon.is_open)
    catch_up = int(opened[min(goal, len(opened)) - 1]) if len(opened) else NO_DUE
    place = np.searchsorted(horizon.starts.asi8, pd.DatetimeIndex(due_at).as_unit(horizon.starts.unit).asi8, side="left") - 1
    due = np.where((due_at <= cut_off).to_numpy(), catch_up, place)
    due = np.where(place >= len(horizon.starts) - 1, NO_DUE, due)
    return due.astype(np.int64), np.maximum(np.ceil(age), 0.0)


def _plan(queue: Queue, horizon: _Horizon, work: DeferredWork) -> DeferredPlan:
    """The lowest peak first, then the fewest hours, with one number of people a day; rounded up once afterwards.

    Without the peak the fewest hours are met by many plans, and a solver likes to put all work off to the last day it may.
    """
    day = horizon.dates - horizon.dates[0]
    peak = minimal_peak(work).staff
    most = max(peak * (1.0 + _ROUNDING), float(queue.minimum_positions)) if np.isfinite(peak) else np.inf
    return cheapest_plan(work, block=day, whole_people=False, minimum_staff=queue.minimum_positions, maximum_staff=most)


def _share_by_day(horizon: _Horizon, done: Trajectory, came: FloatArray, cohorts: int) -> FloatArray:
    """Per interval: the share of the items that arrive on its day that is completed in time; 1 where nothing is due."""
    day = horizon.dates - horizon.dates[0]
    on_time = done.on_time[cohorts:]
    known = np.isfinite(on_time)
    kept = np.bincount(day[known], weights=on_time[known], minlength=int(day.max()) + 1)
    due = np.bincount(day[known], weights=came[known], minlength=int(day.max()) + 1)
    share = np.divide(kept, due, out=np.ones_like(kept), where=due > 0)
    return np.asarray(np.clip(share[day], 0.0, 1.0))


def _goal_probability(queue: Queue, horizon: _Horizon, paths: list[Trajectory], cohorts: int) -> FloatArray:
    """Per interval: the highest level of arrivals, all days at the same quantile, at which its day still meets the goal."""
    shares = np.array([_share_by_day(horizon, path, horizon.quantiles[:, at], cohorts) for at, path in enumerate(paths)])
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


def _projection(rows: pd.DataFrame, horizon: _Horizon, expected: Trajectory, high: Trajectory, backlog: Backlog) -> pd.DataFrame:
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
    )
    return frame.iloc[: horizon.planned].reset_index(drop=True)


def _reason(queue: Queue, plan: DeferredPlan, backlog: Backlog) -> str:
    hours = queue.service_goal.seconds / 3600.0
    waiting = f"{backlog.items.sum():.0f} items wait at the start" if len(backlog.items) else "nothing waits at the start"
    least = "" if plan.is_attainable else f"; not attainable: {plan.shortfall}"
    return f"lowest peak and fewest hours that complete the work within {hours:g} business hours; {waiting}{least}"
