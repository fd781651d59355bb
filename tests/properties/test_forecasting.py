"""What holds for every count distribution, every sharing-out of a day and every level of the enterprise."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from forecasting.candidates.level import level_correction
from forecasting.distribution import count_quantiles, fit_spread
from forecasting.hierarchy import error_correlation, total_quantiles
from forecasting.intervals import spread_over_intervals

MEANS = st.floats(0.0, 50_000.0, allow_subnormal=False)
EXTRA = st.floats(0.0, 4.0)


@given(st.lists(MEANS, min_size=1, max_size=6), EXTRA)
def test_quantiles_of_counts_never_fall_and_are_never_negative(means: list[float], extra: float) -> None:
    found = count_quantiles(np.array(means), extra)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (np.diff(found, axis=-1) >= 0).all()


@given(st.floats(1.0, 5_000.0), EXTRA, st.floats(1.05, 3.0))
def test_more_contacts_never_lower_a_quantile(mean: float, extra: float, factor: float) -> None:
    low, high = count_quantiles(np.array([mean, mean * factor]), extra)
    # Just around the change from whole numbers to the gamma distribution the two differ by less than one contact.
    assert (high >= low - 1.0).all()


@given(st.data())
def test_a_day_shared_out_adds_up_again(data: st.DataObject) -> None:
    days = data.draw(st.integers(1, 5))
    per_day = data.draw(st.integers(1, 48))
    means = data.draw(hnp.arrays(float, days, elements=st.floats(0.0, 20_000.0)).map(lambda values: np.round(values, 6)))
    weights = data.draw(hnp.arrays(float, days * per_day, elements=st.floats(1e-6, 1.0)))
    day = np.repeat(np.arange(days), per_day)
    shared = spread_over_intervals(means, day, weights)
    np.testing.assert_allclose(np.bincount(day, weights=shared), means, rtol=0, atol=1e-7)


@settings(deadline=None)
@given(hnp.arrays(float, (25, 3), elements=st.floats(-8.0, 8.0)), st.floats(0.0, 0.5))
def test_a_total_is_at_least_as_uncertain_as_chance_and_no_more_than_full_agreement(errors: np.ndarray, extra: float) -> None:
    correlation = error_correlation(errors)
    assert ((correlation >= 0.0) & (correlation <= 1.0)).all()
    np.testing.assert_array_equal(correlation, correlation.T)
    means = np.array([[50.0, 120.0, 300.0]])
    extras = np.full((1, 3), extra)
    found, least, most = (total_quantiles(means, extras, matrix)[0] for matrix in (correlation, np.eye(3), np.ones((3, 3))))
    assert least[-1] <= found[-1] + 1e-6 <= most[-1] + 2e-6
    assert most[0] - 1e-6 <= found[0] <= least[0] + 1e-6


@given(hnp.arrays(float, 60, elements=st.floats(0.0, 3_000.0)), st.floats(0.5, 2_000.0))
def test_spread_is_always_usable(actual: np.ndarray, mean: float) -> None:
    spread = fit_spread(actual, np.full(60, mean), np.tile(np.arange(1, 21), 3))
    assert np.isfinite(spread.extra_variation).all()
    assert (spread.extra_variation > 0).all()
    assert (np.diff(spread.extra_variation) >= 0).all()


@given(hnp.arrays(float, 40, elements=st.floats(0.0, 1e6)), st.floats(0.01, 1e5), st.floats(0.001, 1.0))
def test_a_level_correction_fades_and_stays_finite(offered: np.ndarray, expected: float, variation: float) -> None:
    found = level_correction(offered, np.full(40, expected), np.arange(40)[::-1], variation, 28)
    assert np.isfinite(found).all()
    assert (np.diff(np.abs(found)) <= 1e-12).all()
