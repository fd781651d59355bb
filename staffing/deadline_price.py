"""What a deadline costs: people and hours that an hour more to complete the work of one day would save. Pure.

The dual values of the cheapest plan's due rows say for which days more time can save anything at all, and at most how much (a
linear programme's optimum is convex in its right-hand sides). For those days the plan is made again with the later deadline, so
that what is published is the saving itself.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pandas as pd

from staffing.deferred import NO_DUE, DeferredWork, minimal_peak
from staffing.deferred_horizon import (
    ROUNDING,
    DeferredInput,
    Horizon,
    blocks_of,
    horizon_of,
    limits_of,
    plan_below,
    plan_of,
    work_of,
)
from staffing.deferred_plan import DeferredPlan, due_row_prices
from staffing.doors import BoolArray, IntArray
from staffing.shrinkage import productive_fraction
from staffing.trajectory import trajectory
from warehouse.tables.deferred import DEADLINE_PRICE

HOURS_LATER = 1.0
_LEAST = 1e-6
_MOST_DAYS = 5
"""Days of one queue for which the plan is made again: those with the highest duals."""


def with_later_due(work: DeferredWork, cohorts: npt.ArrayLike, open_periods: int) -> DeferredWork:
    """The same work with some cohorts due later; not due at all where the horizon has too few open periods left.

    Example:
        >>> from staffing.deferred import deferred_work
        >>> work = deferred_work(is_open=[1, 0, 1, 1], arrivals=[5, 0, 0, 0], mean_handle_seconds=600, period_hours=1,
        ...                      goal_open_periods=1)
        >>> with_later_due(work, work.due == 2, 1).due
        array([ 3,  3,  3, -1])
    """
    places = np.flatnonzero(work.is_open)
    position = np.searchsorted(places, work.due, side="right") - 1 + open_periods
    later = np.where(position < places.size, places[np.minimum(position, places.size - 1)] if places.size else NO_DUE, NO_DUE)
    due = np.where(np.asarray(cohorts, dtype=bool) & (work.due != NO_DUE), later, work.due)
    order = np.lexsort((work.source, work.arrived, np.where(due == NO_DUE, work.is_open.size, due)))
    by_cohort = {name: getattr(work, name)[order] for name in ("items", "release", "arrived", "source")}
    return dataclasses.replace(work, due=due[order], **by_cohort)


def deadline_rows(start: DeferredInput) -> pd.DataFrame:
    """Rows of DEADLINE_PRICE of one queue: every day of the horizon on which work is due and more time would save something."""
    queue, horizon = start.queue, horizon_of(start)
    work = work_of(queue, start.clock, horizon, start.backlog, horizon.mean)
    plan = plan_of(queue, horizon, work)
    later = max(round(HOURS_LATER * 3600.0 / horizon.interval_seconds), 1)
    rows = []
    peak = float(plan.staff.max(initial=0.0))
    for day in _days_worth_a_look(start, horizon, work, plan, later):
        chosen: BoolArray = (work.due != NO_DUE) & (horizon.dates[np.maximum(work.due, 0)] == day)
        relaxed = with_later_due(work, chosen, later)
        lower = plan_of(queue, horizon, relaxed)
        fewer = max(peak - float(lower.staff.max(initial=0.0)), 0.0) if plan.is_attainable else 0.0
        hours = _hours(horizon, plan) - _hours(horizon, plan_below(queue, horizon, relaxed, peak)) if plan.is_attainable else 0.0
        late = 0.0
        if not plan.is_attainable:
            late = plan.projection.breached_items.sum() - trajectory(relaxed, plan.staff).breached_items.sum()
        saved = max(hours, 0.0) / float(productive_fraction(queue.shrinkage))
        if max(fewer, saved, late) > _LEAST:
            rows.append((day, float(work.items[chosen].sum()), fewer, saved, saved * queue.hourly_cost, max(float(late), 0.0)))
    columns = ["day", "due_items", "fewer_peak_positions", "saved_staff_hours", "saved_cost", "fewer_late_items"]
    found = pd.DataFrame(rows, columns=columns)
    dates = [pd.Timestamp.fromordinal(int(day)).date() for day in found["day"]]
    found = found.assign(
        plan_date=start.forecast["plan_date"].iloc[0],
        queue_id=queue.id,
        business_date=dates,
        later_open_seconds=later * horizon.interval_seconds,
        peak_positions=peak,
    )
    priced: pd.DataFrame = found.sort_values("business_date")[DEADLINE_PRICE.column_names]
    return priced


def _days_worth_a_look(start: DeferredInput, horizon: Horizon, work: DeferredWork, plan: DeferredPlan, later: int) -> list[int]:
    """Days of the horizon whose deadlines have a price, the dearest first: late ones, that of the critical window, by duals."""
    days: IntArray = np.unique(horizon.dates[: horizon.planned])
    if not plan.is_attainable:
        late = np.bincount(horizon.dates - horizon.dates[0], weights=plan.projection.breached_items)
        worth = late[days - horizon.dates[0]]
    else:
        least, most = limits_of(start.queue, horizon)
        most = np.maximum(np.minimum(most, float(plan.staff.max(initial=0.0)) * (1 + ROUNDING)), least)
        price = due_row_prices(work, block=blocks_of(start.queue, horizon), minimum_staff=least, maximum_staff=most)
        opened = np.flatnonzero(work.is_open)
        reach = np.convolve(price, np.ones(later))[later - 1 :][: price.size] if price.size else price  # rows that lose the items
        due = np.bincount(work.due[work.due != NO_DUE], weights=work.items[work.due != NO_DUE], minlength=work.is_open.size)
        value = np.bincount(horizon.dates[opened] - horizon.dates[0], weights=reach * due[opened])
        value = np.pad(value, (0, int(horizon.dates[-1] - horizon.dates[0]) + 1 - value.size))
        worth = value[days - horizon.dates[0]]
        window = minimal_peak(work).critical_window
        if window is not None and window[1] < horizon.planned:
            worth[np.searchsorted(days, horizon.dates[window[1]])] += np.inf
    order = np.argsort(-worth, kind="stable")[:_MOST_DAYS]
    return [int(days[place]) for place in order if worth[place] > _LEAST]


def _hours(horizon: Horizon, plan: DeferredPlan) -> float:
    """People's hours over the horizon and the week beyond, in which what was put off is made up."""
    return float(plan.staff.sum()) * horizon.interval_seconds / 3600.0
