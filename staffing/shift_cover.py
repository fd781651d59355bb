"""Shifts that cover what is required: how many people of each contract, when they start, when their breaks are.

A person works one shift a day, on as many days of every week as the contract says, with a break that begins within a window of
the shift. The plan is the cheapest one where paid shifts and intervals without enough people both have a price; solved as integer
programmes by HiGHS, which also say how far from the best it may be at most. Rest between the shifts of one person is the roster's
matter: whoever starts early on one day is given the early shift of the next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from staffing.doors import BoolArray, FloatArray, IntArray
from staffing.shift_programme import DAYS_PER_WEEK, Contract, ShiftDemand, Shifts, people_at_work, solve_shifts
from staffing.shift_weeks import objective_of, shifts_by_week

__all__ = ["DAYS_PER_WEEK", "Contract", "Cover", "cover_shifts"]


@dataclass(frozen=True, eq=False)
class Cover:
    """Shifts and what they cover; the rows of `shifts` and `breaks` are contracts, their columns intervals.

    Attributes:
        people: people per contract.
        shifts: people who start a shift.
        breaks: people whose break begins.
        staffed: people at work per interval.
        hours_short: per interval, people missing x hours: the hours to fill.
        hours_over: per interval, people beyond what is required x hours.
        cost: of all shifts.
        objective: cost and the price of what is missing.
        bound: no plan has a smaller objective.
    """

    people: IntArray
    shifts: IntArray
    breaks: IntArray
    staffed: IntArray
    hours_short: FloatArray
    hours_over: FloatArray
    cost: float
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the objective may be above the best one, as a share of it."""
        return max(self.objective - self.bound, 0.0) / self.objective if self.objective > 0 else 0.0


def cover_shifts(
    required: npt.ArrayLike,
    day: npt.ArrayLike,
    is_open: npt.ArrayLike,
    contracts: Sequence[Contract],
    *,
    interval_hours: float,
    cost_per_missing_hour: float,
    first_weekday: int = 0,
    may_start: Sequence[npt.ArrayLike] | None = None,
    relative_gap: float = 0.01,
    most_seconds: float = 120.0,
) -> Cover:
    """The cheapest shifts for what is required.

    Args:
        required: people to schedule per interval, whole, >= 0; intervals follow one another without a gap.
        day: number of each interval's day, from 0, rising by at most 1; days may have different numbers of intervals.
        is_open: whether people can be at work in the interval: a shift lies in open ones only (it may run past the last one).
        contracts: what may be worked, in weeks of seven days; of a week that lies in the plan only in part, the other days may be
            worked as well.
        interval_hours: length of an interval.
        cost_per_missing_hour: price of an hour in which somebody is missing: overtime, an agency, or what a missed goal is worth.
        first_weekday: which day of its week day 0 is, 0 to 6.
        may_start: per contract, intervals in which a shift may begin; anywhere if not given. Few of them make a service of day
            and night quick to plan.
        relative_gap: stop when the plan is at most this share above the best one.
        most_seconds: most time for one programme of the solver; then what was found so far is taken.

    Returns:
        The plan. With few people the least bad one: what is missing stands in `hours_short`.

    Raises:
        ValueError: naming the input that is wrong, or saying that nothing was found in time.

    Example:
        >>> half_day = Contract("half a day", days_per_week=5, presence_intervals=4, cost_per_shift=100)
        >>> need, is_open = [2, 3, 3, 2] * 5 + [0] * 8, [True] * 20 + [False] * 8
        >>> plan = cover_shifts(need, np.repeat(range(7), 4), is_open, [half_day], interval_hours=1, cost_per_missing_hour=1000)
        >>> plan.people, float(plan.hours_short.sum()), float(plan.hours_over.sum())
        (array([3]), 0.0, 10.0)
    """
    need, days, opened = _checked(required, day, is_open)
    if not contracts:
        raise ValueError("there is no contract; describe at least one way to work")
    for name, value in (("interval_hours", interval_hours), ("cost_per_missing_hour", cost_per_missing_hour)):
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is {value}; give a number above 0")
    if first_weekday not in range(DAYS_PER_WEEK):
        raise ValueError(f"first_weekday is {first_weekday}; expected 0 for the first day of a week to 6 for its last")
    starts = (
        [np.ones(need.size, dtype=bool)] * len(contracts) if may_start is None else [np.asarray(a, dtype=bool) for a in may_start]
    )
    if [row.shape for row in starts] != [need.shape] * len(contracts):
        raise ValueError(f"may_start: expected one row of {need.size} intervals for each of the {len(contracts)} contracts")
    demand = ShiftDemand(need, days, opened, np.array(starts), contracts, first_weekday, interval_hours * cost_per_missing_hour)
    found = _found(demand, relative_gap, most_seconds)
    shifts, breaks = np.rint(found.starting).astype(np.int64), np.rint(found.breaks).astype(np.int64)
    staffed = people_at_work(demand, found)
    return Cover(
        people=np.rint(found.people).astype(np.int64),
        shifts=shifts,
        breaks=breaks,
        staffed=staffed,
        hours_short=np.maximum(need - staffed, 0) * interval_hours,
        hours_over=np.maximum(staffed - need, 0) * interval_hours,
        cost=float(sum(contract.cost_per_shift * row.sum() for contract, row in zip(contracts, shifts, strict=True))),
        objective=objective_of(demand, Shifts(found.people, np.rint(found.starting), breaks.astype(np.float64), found.bound)),
        bound=found.bound,
    )


def _found(demand: ShiftDemand, relative_gap: float, most_seconds: float) -> Shifts:
    """Week by week where that is near enough to the best, else all weeks at once."""
    if relative_gap > 0 and demand.week[-1] > 0:
        by_week = shifts_by_week(demand, relative_gap, most_seconds)
        if by_week is not None:
            return by_week
    return solve_shifts(demand, relative_gap=relative_gap, most_seconds=most_seconds)


def _checked(required: npt.ArrayLike, day: npt.ArrayLike, is_open: npt.ArrayLike) -> tuple[IntArray, IntArray, BoolArray]:
    wanted, days, opened = np.asarray(required, dtype=np.float64), np.asarray(day), np.asarray(is_open, dtype=bool)
    if wanted.ndim != 1 or not wanted.size or days.shape != wanted.shape or opened.shape != wanted.shape:
        raise ValueError(
            f"required {wanted.shape}, day {days.shape} and is_open {opened.shape}: expected one value each for every interval"
        )
    wrong = ~((wanted >= 0) & (wanted == np.floor(wanted)) & np.isfinite(wanted))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"required[{first}] is {wanted[first]}; people are whole numbers of 0 or more")
    steps = np.diff(days)
    if days[0] != 0 or ((steps != 0) & (steps != 1)).any():
        raise ValueError("day: the first is 0 and each is that of the interval before it or one more; give consecutive days")
    return wanted.astype(np.int64), days.astype(np.int64), opened
