"""Spread of days, quantiles of counts, and levels of the enterprise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from forecasting.distribution import LARGE_COUNT, STRAY_PER_YEAR, Spread, count_quantiles, fit_spread, short_history_spread
from forecasting.hierarchy import error_correlation, total_quantiles
from forecasting.scores import coverage_80
from warehouse.tables.columns import QUANTILES


def test_low_counts_have_the_quantiles_of_the_negative_binomial() -> None:
    found = count_quantiles(np.array([3.0]), 0.25)[0]
    np.testing.assert_array_equal(found, stats.nbinom.ppf(QUANTILES, 4.0, 4.0 / 7.0))


def test_the_gamma_of_large_counts_joins_the_negative_binomial() -> None:
    below, above = count_quantiles(np.array([LARGE_COUNT - 1e-6, LARGE_COUNT]), 0.02)
    np.testing.assert_allclose(below, above, atol=1.0)


def test_simulated_days_fall_into_the_80_percent_band_as_often_as_they_should() -> None:
    rng = np.random.default_rng(5)
    mean = np.full((40, 28), 300.0)
    actual = rng.poisson(mean * rng.gamma(100.0, 1.0 / 100.0, mean.shape)).astype(float)
    lead = np.broadcast_to(np.arange(1, 29), mean.shape)
    spread = fit_spread(actual[:30], mean[:30], lead[:30])
    assert spread.extra_variation == pytest.approx(np.full(3, 0.01), rel=0.35)
    assert 0.74 < coverage_80(actual[30:], count_quantiles(mean[30:], spread.at(lead[30:]))) < 0.86


def test_beyond_the_backtest_the_spread_grows_as_it_did_within_and_at_least_as_levels_stray() -> None:
    moving = Spread(np.array([0.01, 0.017, 0.045]), 300, widened=False)  # leads 4, 11 and 21.5 in the middle: 0.002 a day
    assert moving.at(np.array([1, 14, 28, 29, 128])) == pytest.approx([0.01, 0.017, 0.045, 0.047, 0.245])
    steady = Spread(np.full(3, 0.01), 300, widened=False)
    assert steady.at(np.array([28, 28 + 365])) == pytest.approx([0.01, 0.01 + STRAY_PER_YEAR], rel=1e-3)
    gone = Spread(np.array([1.0, 2.0, 5.0]), 300, widened=False)
    assert gone.at(np.array([500])) == pytest.approx([5.0]), "it knows nothing already"


@pytest.mark.parametrize("moves", [0.01, 0.03])
def test_a_level_that_moves_at_random_is_covered_far_beyond_the_backtest(moves: float) -> None:
    rng = np.random.default_rng(11)
    ahead = np.arange(1, 121)
    came = rng.poisson(300.0 * np.exp(rng.normal(0.0, moves, (400, 120)).cumsum(axis=1))).astype(float)
    mean, lead = np.full(came.shape, 300.0), np.broadcast_to(ahead, came.shape)
    spread = fit_spread(came[:200, :28], mean[:200, :28], lead[:200, :28])
    assert 0.7 < coverage_80(came[200:, 90:], count_quantiles(mean[200:, 90:], spread.at(lead[200:, 90:]))) < 0.9


def test_bursts_of_low_counts_are_not_lost_to_the_many_quiet_days() -> None:
    rng = np.random.default_rng(9)
    mean, lead = np.full(600, 1.5), np.tile(np.arange(1, 29), 22)[:600]
    bursty = rng.poisson(mean * rng.gamma(1.5, 1.0 / 1.5, 600)).astype(float)
    calm = rng.poisson(mean).astype(float)
    assert fit_spread(bursty, mean, lead).extra_variation[0] == pytest.approx(1.0 / 1.5, rel=0.3)
    assert fit_spread(calm, mean, lead).extra_variation[0] < 0.15


@pytest.mark.parametrize("days", [7, 14, 28, 41])
def test_the_spread_of_a_short_history_is_wider_than_its_days_stray_and_less_so_with_more_days(days: int) -> None:
    spread = short_history_spread(0.03, 100.0, days)
    assert spread.widened
    assert spread.extra_variation.min() > 0.03 - 0.01  # 0.01 of it is chance
    assert (spread.extra_variation > short_history_spread(0.03, 100.0, days + 7).extra_variation).all()


def test_the_spread_of_a_short_history_grows_with_the_lead_as_its_level_may_drift() -> None:
    by_band = short_history_spread(0.03, 1000.0, 21).extra_variation
    np.testing.assert_allclose(np.diff(by_band), 0.03**2 * np.array([7.0, 10.5]))


def test_short_history_is_widened_and_says_so() -> None:
    rng = np.random.default_rng(6)
    mean, lead = np.full(400, 300.0), np.tile(np.arange(1, 29), 15)[:400]
    actual = rng.poisson(mean * rng.gamma(100.0, 0.01, 400)).astype(float)
    few, many = fit_spread(actual[:40], mean[:40], lead[:40]), fit_spread(actual, mean, lead)
    assert few.widened
    assert not many.widened
    assert (few.extra_variation > 1.3 * many.extra_variation).all()
    assert fit_spread(actual * np.nan, mean, lead).widened


def test_spread_never_falls_with_the_lead() -> None:
    rng = np.random.default_rng(7)
    lead = np.tile(np.arange(1, 29), 20)
    actual = 100.0 + rng.normal(0, np.where(lead < 8, 30.0, 10.0))
    assert (np.diff(fit_spread(actual, np.full(lead.shape, 100.0), lead).extra_variation) >= 0).all()


def test_errors_that_move_together_widen_the_total() -> None:
    rng = np.random.default_rng(8)
    shared = rng.normal(size=(400, 1))
    together = error_correlation(np.hstack([shared, shared + 0.3 * rng.normal(size=(400, 1))]))
    apart = error_correlation(rng.normal(size=(400, 2)))
    assert together[0, 1] > 0.7
    assert apart[0, 1] < 0.15
    means, extra = np.array([[100.0, 100.0]]), np.full((1, 2), 0.04)
    wide, narrow = total_quantiles(means, extra, together)[0], total_quantiles(means, extra, apart)[0]
    assert wide[-1] > narrow[-1] > 200.0 > narrow[0] > wide[0]


def test_total_of_independent_poisson_queues_is_poisson() -> None:
    means, extra = np.array([[30.0, 70.0]]), np.zeros((1, 2))
    found = total_quantiles(means, extra, np.eye(2))[0]
    np.testing.assert_allclose(found, stats.poisson.ppf(QUANTILES, 100.0), atol=1.0)
