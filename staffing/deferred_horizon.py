"""The horizon of one deferred queue: its arrivals, open intervals and waiting work as cohorts with due times, and their plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from enterprise.business_clock import BusinessClock
from enterprise.clock_times import minutes_of
from enterprise.hours import WEEKDAYS
from enterprise.queues import Queue
from staffing.deferred import NO_DUE, DeferredWork, deferred_work, minimal_peak
from staffing.deferred_plan import DeferredPlan, cheapest_plan
from staffing.doors import BoolArray, FloatArray, IntArray
from staffing.forecast_door import handle_seconds_or_prior
from staffing.trajectory import Trajectory
from warehouse.tables.forecast import OFFERED_QUANTILES

_QUANTILES = [column.name for column in OFFERED_QUANTILES]
DAYS_BEYOND = 7
"""Days planned past the horizon with the last week's arrivals: work that arrives late in the horizon is due behind it."""
ROUNDING = 1e-6
"""Part of a person that is rounding of the solver."""
_PEAK_STEP = 1e-3


@dataclass(frozen=True, eq=False)
class Backlog:
    """Deferred work open at the plan's cut-off, by interval of arrival, oldest first: rows of BACKLOG_OPENING of one queue."""

    arrived: pd.Series
    items: FloatArray


@dataclass(frozen=True, eq=False)
class DeferredInput:
    """What the staffing of one deferred queue starts from.

    Attributes:
        queue: its settings; the goal's seconds count business time.
        clock: its business clock.
        forecast: rows of FORECAST_INTERVAL of the queue.
        open_seconds: every interval of the horizon and `DAYS_BEYOND` days more, with business_date and open_seconds.
        backlog: what is open at the cut-off.
    """

    queue: Queue
    clock: BusinessClock
    forecast: pd.DataFrame
    open_seconds: pd.DataFrame
    backlog: Backlog


@dataclass(frozen=True, eq=False)
class Horizon:
    """Intervals of the horizon and a week beyond; arrays by interval."""

    starts: pd.DatetimeIndex
    dates: IntArray  # ordinal of the business date
    open_seconds: FloatArray
    mean: FloatArray
    quantiles: FloatArray
    planned: int  # intervals that lie in the horizon
    handle_seconds: float
    has_prior: bool  # whether no handle time is known in some interval
    interval_seconds: float
    minutes: IntArray  # local minute of the day
    time_zone: str

    @property
    def is_open(self) -> BoolArray:
        """Whether the queue is open in any part of the interval."""
        return np.asarray(self.open_seconds > 0, dtype=np.bool_)


def horizon_of(start: DeferredInput) -> Horizon:
    """Arrivals by interval; beyond the forecast the same weekday's of the last week, interval by interval of the day."""
    queue, forecast, open_seconds, grid = start.queue, start.forecast, start.open_seconds, start.clock.grid
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
    table = carried_on(table, ordinals, planned)
    weights = forecast["mean_offered_contacts"].to_numpy(dtype=np.float64)
    handle, unknown = handle_seconds_or_prior(forecast, queue.mean_handle_seconds_prior)
    mean_handle = float(np.average(handle, weights=weights)) if weights.sum() > 0 else queue.mean_handle_seconds_prior
    return Horizon(
        pd.DatetimeIndex(open_seconds["interval_start_utc"]),
        ordinals,
        open_seconds["open_seconds"].to_numpy(dtype=np.float64),
        table[:, 0],
        table[:, 1:],
        planned,
        mean_handle,
        bool(unknown[weights > 0].any() if weights.sum() > 0 else unknown.all()),
        60.0 * grid.interval_minutes,
        grid.local_minute_of_day(open_seconds["interval_start_utc"]).to_numpy(dtype=np.int64),
        grid.time_zone,
    )


def carried_on(values: FloatArray, dates: IntArray, planned: int) -> FloatArray:
    """Values by interval with those behind the first `planned` taken from the same weekday of the week before."""
    found = np.array(values, dtype=np.float64)
    for day in np.unique(dates[planned:]):
        here, before = np.flatnonzero(dates == day), np.flatnonzero(dates == day - 7)
        # A horizon shorter than a week has no such day yet.
        found[here] = found[before[np.minimum(np.arange(len(here)), len(before) - 1)]] if len(before) else 0.0
    return found


def _goal_periods(queue: Queue, horizon: Horizon) -> int:
    return max(int(np.ceil(queue.service_goal.seconds / horizon.interval_seconds - 1e-9)), 1)


def work_of(
    queue: Queue,
    clock: BusinessClock,
    horizon: Horizon,
    backlog: Backlog,
    arrivals: FloatArray,
    free_seconds: FloatArray | float = 0.0,
    *,
    overdue_at_once: bool = False,
) -> DeferredWork:
    """The queue's cohorts: what waits, and so many arrivals per interval; `free_seconds` of others' time go to it first.

    What is overdue at the cut-off is to be done one goal's time later; with `overdue_at_once` it counts as overdue throughout.
    """
    goal = _goal_periods(queue, horizon)
    due, age = _backlog_due(queue, clock, horizon, backlog, 0 if overdue_at_once else goal)
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
        free_items=free_seconds / horizon.handle_seconds,
    )


def _backlog_due(
    queue: Queue, clock: BusinessClock, horizon: Horizon, backlog: Backlog, goal: int
) -> tuple[IntArray, FloatArray]:
    """Due period and age in open periods of each cohort that waits; what is overdue is due `goal` open periods later."""
    if len(backlog.items) == 0:
        return np.zeros(0, np.int64), np.zeros(0)
    period = horizon.interval_seconds
    cut_off = horizon.starts[0]
    due_at = clock.add_open_seconds(backlog.arrived, queue.service_goal.seconds)
    age = clock.open_seconds_between(backlog.arrived, pd.Series(cut_off, index=backlog.arrived.index)).to_numpy() / period
    opened = np.flatnonzero(horizon.is_open)
    catch_up = int(opened[min(goal, len(opened)) - 1]) if len(opened) and goal else 0 if len(horizon.starts) else NO_DUE
    place = np.searchsorted(horizon.starts.asi8, pd.DatetimeIndex(due_at).as_unit(horizon.starts.unit).asi8, side="left") - 1
    due = np.where((due_at <= cut_off).to_numpy(), catch_up, place)
    due = np.where(place >= len(horizon.starts) - 1, NO_DUE, due)
    return due.astype(np.int64), np.maximum(np.ceil(age), 0.0)


def plan_of(queue: Queue, horizon: Horizon, work: DeferredWork) -> DeferredPlan:
    """The lowest peak first, then the fewest hours, with one number of people per shift block; rounded up once afterwards.

    Without the peak the fewest hours are met by many plans, and a solver likes to put all work off to the last day it may. Where
    the settings' limits leave no plan in time, the least-bad one within them.
    """
    peak = minimal_peak(work).staff
    if np.isfinite(peak):
        plan = plan_below(queue, horizon, work, peak)
        if plan.is_attainable:
            return plan
    freest = plan_below(queue, horizon, work, np.inf)
    if not freest.is_attainable:
        return freest
    # A limit somewhere asks for a higher peak elsewhere: the lowest that does is found by halving.
    low, high, best = peak, float(freest.staff.max(initial=0.0)), freest
    while high - low > _PEAK_STEP * max(low, 1.0):
        middle = (low + high) / 2
        plan = plan_below(queue, horizon, work, middle)
        low, high, best = (low, middle, plan) if plan.is_attainable else (middle, high, best)
    return best


def plan_below(queue: Queue, horizon: Horizon, work: DeferredWork, peak: float) -> DeferredPlan:
    """The fewest hours with at most `peak` people, where the settings' fewest are not more, and within the settings' limits."""
    least, most = limits_of(queue, horizon)
    return cheapest_plan(
        work,
        block=blocks_of(queue, horizon),
        whole_people=False,
        minimum_staff=least,
        maximum_staff=np.maximum(np.minimum(most, peak * (1.0 + ROUNDING)), least),
    )


def limits_of(queue: Queue, horizon: Horizon) -> tuple[FloatArray, FloatArray]:
    """Fewest and most people per interval that the settings allow."""
    least, most = np.full(len(horizon.starts), float(queue.minimum_positions)), np.full(len(horizon.starts), np.inf)
    weekday = (horizon.dates + 6) % 7  # ordinal 1 is a Monday
    for limit in queue.deferred.limits:
        first, last = minutes_of(limit.hours)
        here = (horizon.minutes >= first) & (horizon.minutes <= last)
        if limit.days:
            here &= np.isin(weekday, [WEEKDAYS.index(day) for day in limit.days])
        least[here] = np.maximum(least[here], limit.minimum_positions)
        if limit.maximum_positions is not None:
            most[here] = np.minimum(most[here], limit.maximum_positions)
    block, opened = blocks_of(queue, horizon), horizon.is_open
    strictest, loosest = np.zeros(block.max() + 1), np.full(block.max() + 1, np.inf)
    np.maximum.at(strictest, block[opened], least[opened])
    np.minimum.at(loosest, block[opened], most[opened])
    wrong = np.flatnonzero(opened & (strictest > loosest)[block])
    if wrong.size:
        when, here = horizon.starts[wrong[0]].tz_convert(horizon.time_zone), block[wrong[0]]
        raise ValueError(
            f"queue {queue.id}: in the shift block from {when:%a %Y-%m-%d %H:%M} limits ask for at least {strictest[here]:g} and "
            f"at most {loosest[here]:g} people; mend the limits in [queues.{queue.id}.deferred], or let block_starts begin where "
            "they change"
        )
    return least, most


def blocks_of(queue: Queue, horizon: Horizon) -> IntArray:
    """Number of each interval's shift block: one a day, or as many as `block_starts` make of it."""
    starts = sorted({0, *(minutes_of(clock)[0] for clock in queue.deferred.block_starts)})
    part = np.searchsorted(starts, horizon.minutes, side="right") - 1
    place = (horizon.dates - horizon.dates[0]) * len(starts) + part
    return np.unique(place, return_inverse=True)[1].astype(np.int64)


def share_by_day(horizon: Horizon, done: Trajectory, came: FloatArray, cohorts: int) -> FloatArray:
    """Per interval: the share of the items that arrive on its day that is completed in time; 1 where nothing is due."""
    day = horizon.dates - horizon.dates[0]
    on_time = done.on_time[cohorts:]
    known = np.isfinite(on_time)
    kept = np.bincount(day[known], weights=on_time[known], minlength=int(day.max()) + 1)
    due = np.bincount(day[known], weights=came[known], minlength=int(day.max()) + 1)
    share = np.divide(kept, due, out=np.ones_like(kept), where=due > 0)
    return np.asarray(np.clip(share[day], 0.0, 1.0))
