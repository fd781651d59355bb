"""A trend fades where no backtest has measured it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.candidates.prophet_log import prophet_log
from forecasting.candidates.regression import dynamic_regression
from forecasting.trend import damped_days, damped_weeks
from tests.unit.forecasting.conftest import WEEKDAY

GROWTH_PER_DAY = 1.0 / 300.0


@given(st.integers(-400, 28))
def test_as_far_as_backtests_go_and_in_the_past_every_day_counts(day: int) -> None:
    assert damped_days(np.array([day])).tolist() == [float(day)]


def test_beyond_each_day_counts_less_than_the_one_before_it_and_all_of_them_less_than_a_year() -> None:
    steps = np.diff(damped_days(np.arange(28, 4000)))
    assert np.all(np.diff(steps) < 0.0)
    assert 0.98 < steps[0] < 1.0
    assert damped_days(np.array([100_000]))[0] == pytest.approx(28.0 + 7.0 * 49.0)
    assert damped_weeks(np.array([1, 2])).tolist() == pytest.approx([0.98, 0.98 + 0.98**2])


@pytest.mark.parametrize("candidate", [dynamic_regression, prophet_log], ids=["dynamic_regression", "prophet_log"])
def test_growth_does_not_go_on_for_ever_and_the_first_four_weeks_are_the_same(candidate, make_test_panel) -> None:  # type: ignore[no-untyped-def]
    def growing(calendar, level: float) -> np.ndarray:  # type: ignore[no-untyped-def]
        days = np.arange(len(calendar.weekday_like))
        mean = level * np.exp(GROWTH_PER_DAY * days) * WEEKDAY[calendar.weekday_like] * calendar.takes_contacts
        return np.round(mean)

    near = candidate(make_test_panel(days=500, offered=growing))[:, 0]
    panel = make_test_panel(days=500, horizon=364, offered=growing)
    far = candidate(panel)[:, 0]
    np.testing.assert_array_equal(far[:28], near)
    weeks = far.reshape(-1, 7).sum(axis=1)
    grown = np.log(weeks[1:] / weeks[:-1])
    assert grown[4:8].mean() > 1.5 * grown[-4:].mean(), "a year ahead it grows by less"
    assert np.log(weeks[-1] / weeks[0]) < 0.75 * 357 * GROWTH_PER_DAY
