"""Shifts that cover what is required: how many people of each contract, when they start, when their breaks are.

A person works one shift a day, on as many days of every week as the contract says, with a break that begins within a window of
the shift. The plan is the cheapest one where paid shifts and intervals without enough people both have a price; solved as an
integer programme by HiGHS, which also says how far from the best it may be at most.

Breaks are placed by counts, not shift by shift (Bechtold and Jacobs 1990): a break is owed from the first moment of its window
on and due at the last, first in, first out. Days off need no variables either: everybody can be given `days_per_week` days if no
day has more shifts than there are people and the week's shifts are that many times the people (Gale 1957, Ryser 1957). Rest
between the shifts of one person is the roster's matter: whoever starts early on one day is given the early shift of the next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import block_diag, coo_array, csr_array, diags_array, hstack, vstack

from staffing.doors import BoolArray, FloatArray, IntArray

DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class Contract:
    """What people of one contract work.

    Attributes:
        name: its name.
        days_per_week: shifts of a person in a week, 1 to 7.
        presence_intervals: intervals from the start of a shift to its end, break included.
        cost_per_shift: what one shift costs.
        break_intervals: length of the break; 0 for none.
        break_earliest_interval: intervals of work before the break may begin.
        break_latest_interval: intervals after which it must have begun.
        people_at_least: people that are there in any case.
        people_at_most: people that there can be.
    """

    name: str
    days_per_week: int
    presence_intervals: int
    cost_per_shift: float
    break_intervals: int = 0
    break_earliest_interval: int = 0
    break_latest_interval: int = 0
    people_at_least: int = 0
    people_at_most: float = math.inf

    def __post_init__(self) -> None:
        """Refuse rules that contradict one another, saying which."""
        if not 1 <= self.days_per_week <= DAYS_PER_WEEK:
            raise ValueError(f"contract {self.name}: days_per_week is {self.days_per_week}; a week has 1 to 7 working days")
        if self.presence_intervals < 1:
            raise ValueError(f"contract {self.name}: presence_intervals is {self.presence_intervals}; a shift has at least 1")
        if not 0 <= self.cost_per_shift < math.inf:
            raise ValueError(f"contract {self.name}: cost_per_shift is {self.cost_per_shift}; give an amount, or 0")
        if self.break_intervals < 0:
            raise ValueError(f"contract {self.name}: break_intervals is {self.break_intervals}; use 0 where there is no break")
        end = self.presence_intervals - self.break_intervals
        if self.break_intervals and not 0 < self.break_earliest_interval <= self.break_latest_interval < end:
            raise ValueError(
                f"contract {self.name}: a break of {self.break_intervals} that begins after {self.break_earliest_interval} to "
                f"{self.break_latest_interval} intervals does not lie within a shift of {self.presence_intervals}; there is work "
                "before and after a break: mend its window or the length of the shift"
            )
        if not 0 <= self.people_at_least <= self.people_at_most:
            raise ValueError(
                f"contract {self.name}: at least {self.people_at_least} and at most {self.people_at_most} people; expected the "
                "first to be 0 or more and the second no smaller"
            )


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
        most_seconds: stop then with what was found.

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
    parts = [_Part(contract, days, opened & row, opened, first_weekday) for contract, row in zip(contracts, starts, strict=True)]
    found = _solved(parts, need, interval_hours * cost_per_missing_hour, relative_gap, most_seconds)
    width = 3 * need.size + 1
    counts = np.rint(found.x[: width * len(parts)]).astype(np.int64).reshape(len(parts), width)
    shifts, breaks = counts[:, : need.size], counts[:, need.size : 2 * need.size]
    staffed = np.sum([part.working @ row[:-1] for part, row in zip(parts, counts, strict=True)], axis=0).astype(np.int64)
    short, over = np.maximum(need - staffed, 0), np.maximum(staffed - need, 0)
    cost = float(sum(contract.cost_per_shift * row.sum() for contract, row in zip(contracts, shifts, strict=True)))
    return Cover(
        people=counts[:, -1],
        shifts=shifts,
        breaks=breaks,
        staffed=staffed,
        hours_short=short * interval_hours,
        hours_over=over * interval_hours,
        cost=cost,
        objective=cost + cost_per_missing_hour * interval_hours * float(short.sum()),
        bound=float(found.mip_dual_bound),
    )


class _Part:
    """One contract's share of the programme: shifts, breaks and breaks owed per interval, then the people.

    Args:
        contract: its rules.
        days: day of each interval.
        may_start: whether a shift may begin.
        opened: whether people can be at work.
        first_weekday: which day of its week day 0 is.
    """

    def __init__(self, contract: Contract, days: IntArray, may_start: BoolArray, opened: BoolArray, first_weekday: int) -> None:
        self.contract = contract
        size = days.size
        length, away = contract.presence_intervals, contract.break_intervals
        self.working = hstack([_behind(size, 0, length), -_behind(size, 0, away), csr_array((size, size))], format="csr")
        closed_so_far = np.concatenate([[0], np.cumsum(~opened)])
        ends = np.minimum(np.arange(size) + length, size)
        fits = closed_so_far[ends] == closed_so_far[:-1]
        most = np.where(may_start & fits, contract.people_at_most, 0.0)
        may_break = np.full(size, contract.people_at_most if away else 0.0)
        self.upper = np.concatenate([most, may_break, may_break, [contract.people_at_most]])
        self.lower = np.concatenate([np.zeros(3 * size), [float(contract.people_at_least)]])
        self.price = np.concatenate([np.full(size, contract.cost_per_shift), np.zeros(2 * size + 1)])
        self.whole = np.concatenate([np.ones(2 * size), np.zeros(size), [1.0]])
        self.rules = [*self._break_rules(size), *self._day_rules(days, first_weekday)]

    def _break_rules(self, size: int) -> list[tuple[csr_array, FloatArray, FloatArray]]:
        """Breaks owed: those of before, and those whose window opens, less those that begin; none is owed beyond its window."""
        if not self.contract.break_intervals:
            return []
        earliest, latest = self.contract.break_earliest_interval, self.contract.break_latest_interval
        nobody = csr_array((size, 1))
        one, none = diags_array(np.ones(size), format="csr"), csr_array((size, size))
        change = one - _behind(size, 1, 2)
        owed = hstack([-_behind(size, earliest, earliest + 1), one, change, nobody], format="csr")
        due = hstack([-_behind(size, earliest, latest), none, one, nobody], format="csr")
        zero = np.zeros(size)
        return [(owed, zero, zero), (due, np.full(size, -np.inf), zero)]

    def _day_rules(self, days: IntArray, first_weekday: int) -> list[tuple[csr_array, FloatArray, FloatArray]]:
        """One shift a day for each at most, and so many shifts a week for each."""
        size, worked = days.size, self.contract.days_per_week
        by_day = coo_array((np.ones(size), (days, np.arange(size)))).tocsr()
        weeks = (np.arange(by_day.shape[0]) + first_weekday) // DAYS_PER_WEEK
        by_week = coo_array((np.ones(weeks.size), (weeks, np.arange(weeks.size)))).tocsr() @ by_day
        known = np.bincount(weeks)  # days of the week that lie in the plan
        least, most = np.maximum(worked - (DAYS_PER_WEEK - known), 0), np.minimum(worked, known)

        def per_person(sums: csr_array, shifts: npt.ArrayLike) -> csr_array:
            people = csr_array(-np.broadcast_to(np.asarray(shifts, dtype=np.float64), sums.shape[0])[:, np.newaxis])
            rule: csr_array = hstack([sums, csr_array((sums.shape[0], 2 * size)), people], format="csr")
            return rule

        below, above = np.full(weeks.size, -np.inf), np.zeros(known.size)
        return [
            (per_person(by_day, 1.0), below, np.zeros(weeks.size)),
            (per_person(by_week, most), np.full(known.size, -np.inf), above),
            (per_person(by_week, least), above, np.full(known.size, np.inf)),
        ]


def _solved(
    parts: Sequence[_Part], need: IntArray, price_of_missing: float, relative_gap: float, most_seconds: float
) -> OptimizeResult:
    nobody = csr_array((need.size, 1))
    covered = hstack([*(block for part in parts for block in (part.working, nobody)), diags_array(np.ones(need.size))])
    own = [vstack([matrix for matrix, _, _ in part.rules], format="csr") for part in parts]
    rules = block_diag(own, format="csr")
    rules = hstack([rules, csr_array((rules.shape[0], need.size))], format="csr")
    low, high = (np.concatenate([rule[side] for part in parts for rule in part.rules]) for side in (1, 2))
    found = milp(
        np.concatenate([*(part.price for part in parts), np.full(need.size, price_of_missing)]),
        integrality=np.concatenate([*(part.whole for part in parts), np.zeros(need.size)]),
        bounds=Bounds(
            np.concatenate([*(part.lower for part in parts), np.zeros(need.size)]),
            np.concatenate([*(part.upper for part in parts), need]),
        ),
        constraints=[LinearConstraint(covered.tocsr(), lb=need), LinearConstraint(rules, lb=low, ub=high)],
        options={"mip_rel_gap": relative_gap, "time_limit": most_seconds},
    )
    if found.x is None:
        raise ValueError(
            f"no plan of shifts was found within {most_seconds:g} seconds ({found.message}); allow more time, or look whether "
            "people_at_least can all work their days while it is open"
        )
    return found


def _behind(size: int, first: int, after_last: int) -> csr_array:
    """Row t has ones at t - first, t - first - 1, ..., down to t - after_last + 1."""
    lags = np.arange(first, max(min(after_last, size), first))
    rows = np.repeat(np.arange(size), lags.size)
    columns = rows - np.tile(lags, size)
    there = columns >= 0
    return csr_array((np.ones(there.sum()), (rows[there], columns[there])), shape=(size, size))


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
