"""From positions to people without surprises of floating point."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest

from staffing.shrinkage import (
    ceiling,
    full_time_equivalents,
    positions_at_occupancy,
    productive_fraction,
    scheduled_staff,
    staff_cost,
    staff_hours,
)


def test_rounding_up_equals_exact_arithmetic_for_every_percentage() -> None:
    percent = np.arange(0, 100)
    for positions in (1, 7, 10, 14, 21, 48, 333, 5000):
        exact = [ceil(Fraction(positions) / (1 - Fraction(int(lost), 100))) for lost in percent]
        assert scheduled_staff(positions, {"all": percent / 100}).staff.tolist() == exact


def test_losses_multiply_and_are_not_added() -> None:
    found = scheduled_staff([81, 0], {"leave": 0.1, "breaks": [0.1, 0.5]})
    assert found.staff.tolist() == [100, 0]
    assert float(productive_fraction({})) == 1.0
    assert float(productive_fraction({"a": 0.5, "b": 0.5})) == 0.25


def test_the_minimum_counts_positions_before_shrinkage() -> None:
    found = scheduled_staff([0, 1, 9], {"all": 0.2}, minimum_positions=[0, 4, 4])
    assert found.staff.tolist() == [0, 5, 12]
    assert found.staff_fractional.tolist() == pytest.approx([0, 1.25, 11.25])


def test_a_real_excess_is_still_rounded_up() -> None:
    assert ceiling([20.000001, 20 * (1 + 1e-15), 0.0, 1e-9]).tolist() == [21, 20, 0, 1]


def test_positions_at_an_occupancy_met_exactly() -> None:
    assert positions_at_occupancy([17, 2.4, 0, 8.5], [0.85, 0.8, 0.5, np.nan]).tolist() == [20, 3, 0, 9]


def test_hours_full_timers_and_cost() -> None:
    hours = staff_hours([20, 0, 3], [1800, 1800, 900])
    assert hours.tolist() == [10.0, 0.0, 0.75]
    assert float(full_time_equivalents(76.0, 38)) == 2.0
    assert staff_cost(hours, [10, 10, 40]).tolist() == [100.0, 0.0, 30.0]
    with pytest.raises(ValueError, match="full_time_hours is 0"):
        full_time_equivalents(1.0, 0)


@pytest.mark.parametrize("lost", [1.0, -0.1, np.nan, 30.0])
def test_a_loss_outside_its_range_is_named_with_its_kind(lost: float) -> None:
    with pytest.raises(ValueError, match=r"shrinkage 'leave': lost_fraction\[1\]"):
        scheduled_staff([1, 2], {"breaks": 0.1, "leave": [0.1, lost]})
