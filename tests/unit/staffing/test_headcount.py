"""People over many weeks: leavers, learning, and hires against every plan of hires there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.headcount import (
    WEEKS_PER_YEAR,
    Hires,
    Learning,
    attrition_from_leavers,
    cheapest_hires,
    staying_per_week,
)

SLOW = Learning(training_weeks=1, learning_weeks=2, first_week_productivity=0.5)
PRICES = {"weekly_pay": 10.0, "cost_per_hire": 4.0, "weekly_price_of_missing": 30.0}


def hires(missing: list[float], **changes: object) -> Hires:
    values: dict[str, object] = {"may_start": [True] * len(missing), "learning": SLOW, "staying": 0.97, **PRICES} | changes
    return cheapest_hires(missing, **values)  # type: ignore[arg-type]


def cost_of(starting: tuple[int, ...], missing: list[float], staying: float) -> float:
    """Cost of hires, person by person and week by week."""
    total, working = 0.0, [0.0] * len(missing)
    for first, people in enumerate(starting):
        total += people * PRICES["cost_per_hire"]
        for week in range(first, len(missing)):
            there = people * staying ** (week - first)
            total += there * PRICES["weekly_pay"]
            working[week] += there * {0: 0.0, 1: 0.5, 2: 0.75}.get(week - first, 1.0)
    return (
        total
        + sum(max(need - done, 0.0) for need, done in zip(missing, working, strict=True)) * PRICES["weekly_price_of_missing"]
    )


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-2, 3), min_size=6, max_size=6))
def test_no_other_hires_cost_less(missing: list[float]) -> None:
    found = hires(missing)
    best = min(cost_of(tried, missing, 0.97) for tried in itertools.product(range(4), repeat=6) if sum(tried) <= 4)
    assert cost_of(tuple(found.starting), missing, 0.97) <= best * (1 + 2e-4) + 1e-6
    assert (np.abs(found.missing - np.maximum(np.array(missing) - found.working, 0.0)) < 1e-9).all()


def test_a_gap_too_short_to_be_worth_the_training_is_not_hired_for() -> None:
    assert hires([0, 0, 0, 1, 0, 0, 0, 0]).starting.sum() == 0
    assert hires([0, 0, 0, 1, 1, 1, 1, 1]).starting.sum() == 1


def test_nobody_begins_in_a_week_without_a_class_nor_more_than_a_class_holds() -> None:
    found = hires([5.0] * 12, may_start=[week % 4 == 0 for week in range(12)], class_size_at_most=2)
    assert set(np.flatnonzero(found.starting)) <= {0, 4, 8}
    assert found.starting.max() == 2
    assert found.missing[0] == 5.0, "nobody works while in training"


def test_no_week_in_which_people_can_begin_leaves_the_gap_as_it_is() -> None:
    found = hires([1.0, 2.0], may_start=[False, False])
    assert (found.starting.tolist(), found.missing.tolist(), found.paid.tolist()) == ([0, 0], [1.0, 2.0], [0.0, 0.0])


def test_more_people_are_paid_than_work_while_they_learn() -> None:
    found = hires([3.0] * 20)
    assert (found.paid + 1e-9 >= found.working).all()
    assert found.paid[0] > found.working[0] == 0.0


def test_those_who_stay_a_year_are_those_who_do_not_leave() -> None:
    assert staying_per_week(0.3) ** WEEKS_PER_YEAR == pytest.approx(0.7)
    assert staying_per_week(0.0) == 1.0
    with pytest.raises(ValueError, match="share of people who leave"):
        staying_per_week(1.0)


def test_few_person_years_say_little_about_leaving() -> None:
    few, many = (attrition_from_leavers(3 * n, 10 * n, prior_per_year=0.15, prior_person_years=25) for n in (1, 100))
    assert 0.15 < few < many
    assert many == pytest.approx(1 - np.exp(-0.3), abs=0.01)
