"""The integer programme of shifts: contracts, their shifts and breaks by counts, and what is missing; solved by HiGHS.

Breaks are placed by counts, not shift by shift (Bechtold and Jacobs 1990): a break is owed from the first moment of its window
on and due at the last, first in, first out. Days off need no variables either: everybody can be given `days_per_week` days if no
day has more shifts than there are people and the week's shifts are that many times the people (Gale 1957, Ryser 1957).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
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


class NoShiftsFoundError(ValueError):
    """The rules leave no plan, or the solver found none in its time."""


@dataclass(frozen=True, eq=False)
class ShiftDemand:
    """What is to be covered, and by whom.

    Attributes:
        need: people per interval.
        days: day of each interval, from 0.
        opened: whether people can be at work.
        may_start: rows of contracts: whether a shift may begin.
        contracts: what may be worked.
        first_weekday: which day of its week day 0 is.
        price_of_missing: price of one person missing for an interval.
    """

    need: IntArray
    days: IntArray
    opened: BoolArray
    may_start: BoolArray
    contracts: Sequence[Contract]
    first_weekday: int
    price_of_missing: float

    @property
    def week(self) -> IntArray:
        """Number of each interval's calendar week, from 0."""
        return (self.days + self.first_weekday) // DAYS_PER_WEEK

    def until(self, end: int) -> ShiftDemand:
        """The first intervals only: shifts and breaks rest on what is before them, never on what comes."""
        return ShiftDemand(
            self.need[:end], self.days[:end], self.opened[:end], self.may_start[:, :end], self.contracts, self.first_weekday,
            self.price_of_missing,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Shifts:
    """Counts per contract and interval; whole where they were asked to be.

    Attributes:
        people: people per contract.
        starting: people who start a shift, contracts by intervals.
        breaks: people whose break begins, likewise.
        bound: no plan within what was fixed has a smaller objective.
    """

    people: FloatArray
    starting: FloatArray
    breaks: FloatArray
    bound: float


def solve_shifts(
    demand: ShiftDemand,
    *,
    whole: slice = slice(None),
    people: FloatArray | None = None,
    done: Shifts | None = None,
    relative_gap: float,
    most_seconds: float,
) -> Shifts:
    """The cheapest shifts, whole in some intervals and in parts elsewhere.

    Args:
        demand: what is to be covered.
        whole: intervals whose shifts and breaks are whole.
        people: people per contract where they are known; found, and whole, if not given.
        done: shifts and breaks before `whole`, to be kept.
        relative_gap: stop when the plan is at most this share above the best one.
        most_seconds: stop then with what was found.

    Raises:
        NoShiftsFoundError: in the solver's words why there are none.
    """
    size, contracts = demand.need.size, demand.contracts
    parts = [_Part(*rules, demand) for rules in zip(contracts, demand.may_start, strict=True)]
    lower, upper = np.array([part.lower for part in parts]), np.array([part.upper for part in parts])
    integral = np.zeros((len(parts), 3 * size + 1))
    integral[:, :size][:, whole] = integral[:, size : 2 * size][:, whole] = 1.0
    integral[:, -1] = 1.0
    if people is not None:
        lower[:, -1] = upper[:, -1] = people
    if done is not None:
        kept = slice(0, whole.start)
        for first, counts in ((0, done.starting), (size, done.breaks)):
            lower[:, first : first + whole.start] = upper[:, first : first + whole.start] = counts[:, kept]
    nobody = csr_array((size, 1))
    covered = hstack([*(block for part in parts for block in (part.working, nobody)), diags_array(np.ones(size))])
    own = [vstack([matrix for matrix, _, _ in part.rules], format="csr") for part in parts]
    rules = block_diag(own, format="csr")
    rules = hstack([rules, csr_array((rules.shape[0], size))], format="csr")
    low, high = (np.concatenate([rule[side] for part in parts for rule in part.rules]) for side in (1, 2))
    found = milp(
        np.concatenate([*(part.price for part in parts), np.full(size, demand.price_of_missing)]),
        integrality=np.concatenate([integral.ravel(), np.zeros(size)]),
        bounds=Bounds(np.concatenate([lower.ravel(), np.zeros(size)]), np.concatenate([upper.ravel(), demand.need])),
        constraints=[LinearConstraint(covered.tocsr(), lb=demand.need), LinearConstraint(rules, lb=low, ub=high)],
        options={"mip_rel_gap": relative_gap, "time_limit": most_seconds},
    )
    if found.x is None:
        raise NoShiftsFoundError(
            f"no plan of shifts was found within {most_seconds:g} seconds ({found.message}); allow more time, or look whether "
            "people_at_least can all work their days while it is open"
        )
    counts = found.x[: (3 * size + 1) * len(parts)].reshape(len(parts), -1)
    return Shifts(counts[:, -1], counts[:, :size], counts[:, size : 2 * size], float(found.mip_dual_bound))


def people_at_work(demand: ShiftDemand, shifts: Shifts) -> IntArray:
    """People at work per interval, those on their break left out."""
    total: IntArray = np.zeros(demand.need.size, dtype=np.int64)
    for contract, starting, breaks in zip(demand.contracts, shifts.starting, shifts.breaks, strict=True):
        for counts, length, sign in ((starting, contract.presence_intervals, 1), (breaks, contract.break_intervals, -1)):
            begun = np.concatenate([[0], np.cumsum(np.rint(counts).astype(np.int64))])
            place = np.arange(1, begun.size)
            total += sign * (begun[place] - begun[np.maximum(place - length, 0)])
    return total


class _Part:
    """One contract's share of the programme: shifts, breaks and breaks owed per interval, then the people.

    Args:
        contract: its rules.
        may_start: whether a shift may begin.
        demand: days, and when it is open.
    """

    def __init__(self, contract: Contract, may_start: BoolArray, demand: ShiftDemand) -> None:
        self.contract = contract
        days, opened = demand.days, demand.opened
        size = days.size
        length, away = contract.presence_intervals, contract.break_intervals
        self.working = hstack([_behind(size, 0, length), -_behind(size, 0, away), csr_array((size, size))], format="csr")
        closed_so_far = np.concatenate([[0], np.cumsum(~opened)])
        ends = np.minimum(np.arange(size) + length, size)
        fits = closed_so_far[ends] == closed_so_far[:-1]
        most = np.where(may_start & opened & fits, contract.people_at_most, 0.0)
        may_break = np.full(size, contract.people_at_most if away else 0.0)
        self.upper = np.concatenate([most, may_break, may_break, [contract.people_at_most]])
        self.lower = np.concatenate([np.zeros(3 * size), [float(contract.people_at_least)]])
        self.price = np.concatenate([np.full(size, contract.cost_per_shift), np.zeros(2 * size + 1)])
        self.rules = [*self._break_rules(size), *self._day_rules(days, demand.first_weekday)]

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


def _behind(size: int, first: int, after_last: int) -> csr_array:
    """Row t has ones at t - first, t - first - 1, ..., down to t - after_last + 1."""
    lags = np.arange(first, max(min(after_last, size), first))
    rows = np.repeat(np.arange(size), lags.size)
    columns = rows - np.tile(lags, size)
    there = columns >= 0
    return csr_array((np.ones(there.sum()), (rows[there], columns[there])), shape=(size, size))
