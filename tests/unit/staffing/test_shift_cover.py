"""Shifts that cover what is required: against every plan there is, recounted person by person, and rules that contradict."""

from __future__ import annotations

import itertools
import math
from collections import deque
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.shift_cover import DAYS_PER_WEEK, Contract, Cover, cover_shifts

SHORT = Contract("short", days_per_week=5, presence_intervals=2, cost_per_shift=2.0)
LONG = Contract(
    "long", days_per_week=4, presence_intervals=5, cost_per_shift=4.5, break_intervals=1, break_earliest_interval=1,
    break_latest_interval=3,
)  # fmt: skip


def plan(required: list[int], contracts: list[Contract], **changes: Any) -> Cover:
    """A plan of days of equal length, always open unless said otherwise."""
    days = changes.pop("days", 1)
    values = {
        "day": np.repeat(range(days), len(required) // days), "is_open": [True] * len(required), "interval_hours": 1.0,
        "cost_per_missing_hour": 3.0, "relative_gap": 0.0,
    }  # fmt: skip
    return cover_shifts(required, contracts=contracts, **(values | changes))


def at_work(contract: Contract, start: int, break_start: int | None, size: int) -> np.ndarray:
    """One person's shift, interval by interval."""
    row = np.zeros(size, dtype=np.int64)
    row[start : start + contract.presence_intervals] = 1
    if break_start is not None:
        row[break_start : break_start + contract.break_intervals] = 0
    return row


def every_shift(contract: Contract, size: int) -> list[np.ndarray]:
    """Every way in which one person can work one day."""
    found = []
    for start in range(size):
        window = range(contract.break_earliest_interval, contract.break_latest_interval + 1)
        breaks = [start + lag for lag in window] if contract.break_intervals else [None]
        found += [at_work(contract, start, one, size) for one in breaks]
    return found


@pytest.mark.parametrize("required", [[1, 1, 1, 1, 1, 1], [0, 2, 2, 0, 2, 1], [2, 0, 0, 0, 0, 2], [1, 2, 2, 1, 2, 2], [0] * 6])
def test_no_other_plan_of_a_day_is_cheaper(required: list[int]) -> None:
    rows = {row.tobytes(): (c.cost_per_shift, row) for c in (LONG, SHORT) for row in every_shift(c, len(required))}
    prices, work = np.array([price for price, _ in rows.values()]), np.array([row for _, row in rows.values()])
    best = math.inf
    for people in range(6):
        chosen = np.array(list(itertools.combinations_with_replacement(range(len(work)), people)), dtype=np.int64)
        missing = np.maximum(required - work[chosen].sum(axis=1), 0).sum(axis=1)
        best = min(best, float((prices[chosen].sum(axis=1) + 3.0 * missing).min()))
    assert best <= 6 * SHORT.cost_per_shift, "more people than were tried cannot be cheaper"
    found = plan(required, [SHORT, LONG])
    assert found.objective == pytest.approx(best)
    assert found.bound == pytest.approx(best)


def recounted(found: Cover, contracts: list[Contract], size: int) -> np.ndarray:
    """People at work, shift by shift: breaks are given to whoever started first, and must lie in the window of the shift."""
    total = np.zeros(size, dtype=np.int64)
    for contract, shifts, breaks in zip(contracts, found.shifts, found.breaks, strict=True):
        waiting = deque(start for start in range(size) for _ in range(shifts[start]))
        starts = list(waiting)
        taken = [moment for moment in range(size) for _ in range(breaks[moment])]
        for moment in taken:
            start = waiting.popleft()
            assert contract.break_earliest_interval <= moment - start <= contract.break_latest_interval
        if contract.break_intervals:
            assert all(start + contract.break_latest_interval >= size for start in waiting), "a shift without its break"
        breaks_of = [*taken, *[None] * (len(starts) - len(taken))]
        for start, moment in zip(starts, breaks_of, strict=True):
            total += at_work(contract, start, moment, size)
    return total


@settings(max_examples=4, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=84, max_size=84), st.integers(3, 30))
def test_every_shift_has_its_break_and_everybody_works_the_week_of_the_contract(required: list[int], most: int) -> None:
    contracts = [
        SHORT,
        Contract("long", 4, 6, 5.0, 1, 2, 4, people_at_most=most),
        Contract("steady", 3, 4, 4.0, 1, 1, 2, people_at_least=2),
    ]
    found = plan(required, contracts, days=14, relative_gap=0.1)
    assert found.staffed.tolist() == recounted(found, contracts, 84).tolist()
    by_day = found.shifts.reshape(3, 14, 6).sum(axis=2)
    assert (by_day <= found.people[:, np.newaxis]).all()
    weeks = by_day.reshape(3, 2, DAYS_PER_WEEK).sum(axis=2)
    assert weeks.tolist() == (found.people * [5, 4, 3])[:, np.newaxis].repeat(2, axis=1).tolist()
    assert found.people[1] <= most
    assert found.people[2] >= 2
    assert (found.hours_short - found.hours_over).tolist() == (required - found.staffed).tolist()
    assert found.objective <= 3.0 * sum(required) + 2 * 3 * 4 * 2, "nobody at work but those who are there in any case"
    assert found.gap <= 0.1 + 1e-9


def test_with_too_few_people_the_least_bad_plan_says_what_is_missing() -> None:
    found = plan([4] * 4, [Contract("few", 5, 4, 1.0, people_at_most=3)])
    assert (found.people.tolist(), found.hours_short.tolist()) == ([3], [1.0] * 4)


def test_nobody_works_while_it_is_closed() -> None:
    found = plan([3, 3, 3, 3, 3, 3], [SHORT], is_open=[True, True, False, True, True, True], cost_per_missing_hour=50.0)
    assert found.staffed[2] == 0
    assert found.hours_short.tolist() == [0, 0, 3, 0, 0, 0]
    assert found.shifts[0, 1:3].tolist() == [0, 0]


def test_a_night_shift_covers_the_morning_after_and_days_may_have_23_or_25_hours() -> None:
    day = np.repeat([0, 1, 2], [23, 25, 24])
    required = np.zeros(72, dtype=int)
    required[20:28] = 2  # from 21:00 of the short day into the next
    found = cover_shifts(
        required, day, [True] * 72, [Contract("night", 5, 8, 1.0)], interval_hours=1, cost_per_missing_hour=10, relative_gap=0
    )
    assert found.shifts[0, 20] == 2
    assert found.shifts.sum() == 2
    assert found.hours_short.sum() == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days_per_week": 8}, "a week has 1 to 7 working days"),
        ({"presence_intervals": 0}, "a shift has at least 1"),
        ({"cost_per_shift": float("nan")}, "give an amount"),
        ({"break_intervals": -1}, "use 0 where there is no break"),
        ({"break_latest_interval": 0}, "does not lie within a shift of 5"),
        ({"break_latest_interval": 4}, "does not lie within a shift of 5"),
        ({"people_at_least": 3, "people_at_most": 2}, "at least 3 and at most 2 people"),
    ],
)
def test_rules_that_contradict_one_another_are_named(changes: dict[str, Any], said: str) -> None:
    values = {
        "name": "odd", "days_per_week": 4, "presence_intervals": 5, "cost_per_shift": 1.0, "break_intervals": 1,
        "break_earliest_interval": 1, "break_latest_interval": 3,
    }  # fmt: skip
    with pytest.raises(ValueError, match=f"contract odd: .*{said}"):
        Contract(**(values | changes))


@pytest.mark.parametrize(
    ("required", "changes", "said"),
    [
        ([1, -1], {}, r"required\[1\] is -1"),
        ([1, 0.5], {}, r"required\[1\] is 0\.5"),
        ([1, float("nan")], {}, r"required\[1\] is nan"),
        ([], {}, "expected one value each"),
        ([1, 1], {"is_open": [True]}, "expected one value each"),
        ([1, 1], {"day": [0, 2]}, "consecutive days"),
        ([1, 1], {"day": [1, 1]}, "the first is 0"),
        ([1, 1], {"interval_hours": 0}, "interval_hours is 0"),
        ([1, 1], {"cost_per_missing_hour": float("inf")}, "cost_per_missing_hour is inf"),
        ([1, 1], {"contracts": []}, "there is no contract"),
        (
            [0] * 14,
            {"days": 7, "is_open": [False] * 14, "contracts": [Contract("c", 5, 2, 1.0, people_at_least=1)]},
            "no plan of",
        ),
    ],
)
def test_inputs_that_cannot_be_planned_are_named(required: list[float], changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        plan(required, **({"contracts": [SHORT]} | changes))  # type: ignore[arg-type]


def several_weeks() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Contract]]:
    """Two weeks from a Wednesday, day and night, in hours; few people by night."""
    hour, day = np.tile(np.arange(24), 14), np.repeat(np.arange(14), 24)
    need = np.where((hour >= 8) & (hour < 18), 6 - 2 * ((day + 2) % 7 >= 5), 2) + (day * 5 + hour * 3) % 3
    contracts = [Contract("shift", 5, 8, 8.0, 1, 3, 5), Contract("half", 4, 4, 4.4)]
    return need, day, np.isin(hour, [0, 8, 9, 12, 16]), contracts


def test_week_by_week_is_as_near_to_the_best_as_was_asked_and_the_weeks_hang_together() -> None:
    need, day, starts, contracts = several_weeks()
    is_open = np.ones(need.size, dtype=bool)
    values: dict[str, Any] = {"interval_hours": 1.0, "cost_per_missing_hour": 3.0, "first_weekday": 2, "may_start": [starts] * 2}
    found = cover_shifts(need, day, is_open, contracts, relative_gap=0.02, **values)
    at_once = cover_shifts(need, day, is_open, contracts, relative_gap=0.01, **values)
    assert found.gap <= 0.02
    assert at_once.bound * (1 - 1e-6) <= found.objective <= at_once.objective / (1 - 0.02)
    assert found.bound <= at_once.objective * (1 + 1e-9), "no plan is cheaper than the bound"
    assert found.staffed.tolist() == recounted(found, contracts, need.size).tolist()
    by_day = found.shifts.reshape(2, 14, 24).sum(axis=2)
    assert (by_day <= found.people[:, np.newaxis]).all()
    weeks = [slice(0, 5), slice(5, 12), slice(12, 14)]  # Wednesday to Sunday, a whole week, Monday and Tuesday
    for people, shifts, days in zip(found.people, by_day, (5, 4), strict=True):
        assert shifts[weeks[1]].sum() == days * people
        assert shifts[weeks[0]].sum() >= (days - 2) * people


def test_weeks_that_leave_no_plan_one_by_one_are_planned_at_once_or_the_rules_are_named() -> None:
    need, day, starts, _ = several_weeks()
    is_open = np.ones(need.size, dtype=bool)
    is_open[day == 10] = False
    many = [Contract("shift", 7, 8, 8.0, people_at_least=2)]
    with pytest.raises(ValueError, match="people_at_least can all work their days"):
        cover_shifts(need, day, is_open, many, interval_hours=1.0, cost_per_missing_hour=3.0, first_weekday=2, may_start=[starts])
