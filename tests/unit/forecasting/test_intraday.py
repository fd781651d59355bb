"""The rest of the day from the day so far."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.distribution import SHORT_HISTORY_FACTOR
from forecasting.intraday import rest_of_day
from forecasting.scores import coverage_80

SHAPE = np.concatenate([np.linspace(200.0, 600.0, 8), np.linspace(600.0, 300.0, 8)])


def _days(persistence: float, days: int, seed: int = 4, spread: float = 0.08) -> np.ndarray:
    """Days whose afternoon keeps so much of the morning's surprise, in logs."""
    rng = np.random.default_rng(seed)
    morning = rng.normal(0.0, spread, (days, 1))
    afternoon = persistence * morning + rng.normal(0.0, 0.02, (days, 1))
    return rng.poisson(SHAPE * np.exp(np.hstack([np.repeat(morning, 8, axis=1), np.repeat(afternoon, 8, axis=1)]))).astype(float)


@pytest.mark.parametrize("persistence", [0.0, 0.5, 1.0])
def test_as_much_of_the_morning_goes_on_as_did_on_earlier_days(persistence: float) -> None:
    came = _days(persistence, 150)
    today = SHAPE[:8] * 1.2
    update = rest_of_day(SHAPE, today, np.tile(SHAPE, (150, 1)), came, 30)
    assert np.log(update.factor) / np.log(1.2) == pytest.approx(persistence, abs=0.15)
    np.testing.assert_allclose(update.mean, SHAPE[8:] * update.factor)


def test_a_day_as_expected_changes_nothing() -> None:
    update = rest_of_day(SHAPE, SHAPE[:8], np.tile(SHAPE, (60, 1)), _days(0.5, 60), 30)
    np.testing.assert_allclose(update.mean, SHAPE[8:], rtol=1e-9)


def test_the_afternoon_is_nearer_than_the_nights_forecast() -> None:
    came = _days(0.6, 160)
    expected = np.tile(SHAPE, (160, 1))
    night = updated = 0.0
    for day in range(60, 160):
        update = rest_of_day(SHAPE, came[day, :8], expected[:day], came[:day], 30)
        night += abs(came[day, 8:].sum() - SHAPE[8:].sum())
        updated += abs(came[day, 8:].sum() - update.mean.sum())
    assert updated < 0.6 * night


def test_the_band_of_the_rest_holds_what_comes() -> None:
    came = _days(0.6, 260)
    expected = np.tile(SHAPE, (260, 1))
    bands = [rest_of_day(SHAPE, came[d, :8], expected[:d], came[:d], 30).total_quantiles for d in range(100, 260)]
    assert 0.74 < coverage_80(came[100:, 8:].sum(axis=1), np.array(bands)) < 0.9


def test_a_few_contacts_more_in_a_small_queue_say_little() -> None:
    small = np.full(16, 0.5)
    update = rest_of_day(small, np.array([3.0, 0, 0, 2.0, 0, 1.0, 0, 2.0]), np.empty((0, 16)), np.empty((0, 16)), 30)
    assert 1.0 < update.factor < 1.12


def test_few_earlier_days_widen_the_band() -> None:
    few = rest_of_day(SHAPE, SHAPE[:8], np.tile(SHAPE, (20, 1)), _days(0.5, 20), 30)
    assert few.extra_variation >= SHORT_HISTORY_FACTOR**2 * 1e-4
    many = rest_of_day(SHAPE, SHAPE[:8], np.tile(SHAPE, (120, 1)), _days(0.5, 120), 30)
    assert few.extra_variation > 1.5 * many.extra_variation


def test_days_with_an_interval_missing_do_not_teach() -> None:
    came = _days(0.5, 60)
    broken = np.vstack([came, came[:5]])
    broken[60:, 3] = np.nan
    broken[60:, 8:] *= 50.0
    whole = rest_of_day(SHAPE, SHAPE[:8] * 1.1, np.tile(SHAPE, (60, 1)), came, 30)
    also = rest_of_day(SHAPE, SHAPE[:8] * 1.1, np.tile(SHAPE, (65, 1)), broken, 30)
    np.testing.assert_array_equal(whole.mean, also.mean)
    assert also.days == 60


@pytest.mark.parametrize("over", [0, 16])
def test_a_day_not_begun_or_over_is_refused(over: int) -> None:
    with pytest.raises(ValueError, match="intervals are over"):
        rest_of_day(SHAPE, SHAPE[:over], np.empty((0, 16)), np.empty((0, 16)), 30)


def test_earlier_days_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="expected days x 16"):
        rest_of_day(SHAPE, SHAPE[:8], np.empty((3, 12)), np.empty((3, 12)), 30)
