"""Drivers of a day's forecast: what a planner reads must hold."""

from __future__ import annotations

from datetime import date, time, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.opening import Opening
from forecasting.calendar import FloatArray, queue_calendar
from forecasting.candidates.regression import fit_regression
from forecasting.candidates.seasonal import seasonal_mean
from forecasting.drivers import NAMES, explain
from forecasting.features import make_design
from forecasting.nonnegative import least_squares_not_negative
from forecasting.panel import Panel, make_panel

OFFICE = Opening({day: [(time(8), time(18))] for day in range(5)}, "Europe/Amsterdam")
MONDAY = date(2026, 11, 2)
BY_WEEKDAY = np.array([480.0, 380.0, 370.0, 360.0, 330.0, 45.0, 40.0])


def cases(days: int) -> Panel:
    """Work that comes on closed days too, with a noisy weekday pattern, ending on a Sunday."""
    first = MONDAY - timedelta(days=days)
    calendar = queue_calendar(OFFICE, first, MONDAY + timedelta(days=27), deferred=True)
    dates = [first + timedelta(days=k) for k in range(days)]
    noise = np.random.default_rng(3).lognormal(0.0, 0.3, days)
    offered = np.round(BY_WEEKDAY[[day.weekday() for day in dates]] * noise)
    daily = pd.DataFrame({"queue_id": "cases", "business_date": dates, "offered_contacts": offered, "source_complete": True})
    return make_panel(daily, {"cases": calendar}, {"cases": make_design(calendar)}, dates[-1], 28)


@pytest.mark.parametrize("days", [70, 728])
@pytest.mark.parametrize("with_regression", [False, True])
def test_no_driver_is_larger_than_the_day_or_the_average_day(days: int, with_regression: bool) -> None:
    panel = cases(days)
    own, nothing = seasonal_mean(panel, 1)[:, 0], np.zeros(28)
    explained = explain(panel, 0, own, nothing, nothing, nothing, fit_regression(panel, 0) if with_regression else None)
    base = explained.parts[:, 0]
    assert (np.abs(explained.parts[:, 1:4]) <= np.maximum(own, base)[:, None] + 1e-6).all()
    np.testing.assert_allclose(explained.parts.sum(axis=1), own, atol=1e-5)


def test_on_short_history_only_weekdays_are_told_apart() -> None:
    panel = cases(70)
    own, nothing = seasonal_mean(panel, 8)[:, 0], np.zeros(28)
    parts = pd.DataFrame(explain(panel, 0, own, nothing, nothing, nothing, fit_regression(panel, 0)).parts, columns=list(NAMES))
    assert (parts[["calendar_contacts", "holiday_contacts"]] == 0.0).all().all()
    # An eight-week mean is the weekday's recent mean: the weekday explains all of it.
    np.testing.assert_allclose(parts["trend_contacts"], 0.0, atol=0.01)


def test_base_is_the_level_of_open_days_where_work_comes_on_closed_days_too() -> None:
    panel = cases(70)
    own, nothing = seasonal_mean(panel, 8)[:, 0], np.zeros(28)
    base = explain(panel, 0, own, nothing, nothing, nothing, None).parts[0, 0]
    recent = panel.offered[-56:, 0].reshape(8, 7)
    assert base == pytest.approx(recent[:, :5].mean(), abs=1e-6)


@pytest.fixture
def moments_of_many() -> tuple[FloatArray, FloatArray]:
    """Gram matrices and cross products of 200 problems, each with nearly the same column twice."""
    rng = np.random.default_rng(11)
    matrix, target = rng.normal(size=(200, 40, 15)), rng.normal(size=(200, 40, 1))
    matrix[:, :, 1] = matrix[:, :, 0] + 1e-4 * matrix[:, :, 1]
    transposed = matrix.transpose(0, 2, 1)
    return transposed @ matrix, (transposed @ target)[:, :, 0]


def test_the_non_negative_solution_is_the_minimum(moments_of_many: tuple[FloatArray, FloatArray]) -> None:
    gram, cross = moments_of_many
    beta = least_squares_not_negative(gram, cross)
    slope = cross - (gram @ beta[:, :, None])[:, :, 0]
    assert (beta >= 0.0).all()
    assert slope.max() < 1e-7  # nothing more to gain from any coefficient
    assert np.abs(slope * beta).max() < 1e-6


def test_problems_solved_together_have_the_digits_of_each_alone(moments_of_many: tuple[FloatArray, FloatArray]) -> None:
    gram, cross = moments_of_many
    alone = [least_squares_not_negative(one, its) for one, its in zip(gram, cross, strict=True)]
    assert least_squares_not_negative(gram, cross).tolist() == np.array(alone).tolist()


def test_blocks_that_would_change_sides_for_ever_do_not() -> None:
    # Of such matrices exchanging all coefficients on the wrong side together is known to come back to where it was.
    rng = np.random.default_rng(5)
    factor = rng.normal(size=(3_000, 6, 3))
    gram, cross = factor @ factor.transpose(0, 2, 1) + 1e-3 * np.eye(6), rng.normal(size=(3_000, 6))
    beta = least_squares_not_negative(gram, cross)
    slope = cross - (gram @ beta[:, :, None])[:, :, 0]
    assert slope.max() < 1e-6
    assert np.abs(np.minimum(beta, -slope)).max() < 1e-6
