"""Distributions of counts: gamma-Poisson with the spread that the backtest showed, never negative.

A count with mean m and extra variation c (squared coefficient of variation beyond Poisson) has variance m + c m^2: the day's
rate is gamma distributed, the count given the rate is Poisson (negative binomial). `c` comes from the backtest by band of leads
and is then scaled so that the 80 % band held 80 % of the backtest's days (split conformal on the standardised error); but for
low counts, whose errors are skewed: eight in ten of them are small even where bursts are wild.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from forecasting.calendar import FloatArray, IntArray
from forecasting.features import DAYS_PER_YEAR
from forecasting.scores import LEAD_BANDS, band_of
from warehouse.tables.columns import QUANTILES

LARGE_COUNT = 40.0
"""From this mean on the gamma distribution of the same mean and variance stands for the negative binomial."""
NORMAL_90 = 1.2815515655446004
UNKNOWN_VARIATION = 0.08
"""Extra variation assumed where no backtest was possible: 28 % beyond chance, before it is widened."""
SHORT_HISTORY_DAYS = 56
SHORT_HISTORY_FACTOR = 1.5
"""On fewer backtest days than that, standard deviations are widened by this factor: conformal bands fail on short history."""
_LOWEST_VARIATION = 1e-4
_HIGHEST_VARIATION = 4.0
_FOR_LEVEL_AND_WEEKDAYS = 14.0
"""Twice the coefficients that a short history has to tell, one for each weekday: they are unsure, and so is the variation."""
_DRIFT_PER_DAY = 0.03
"""Standard deviation of a day's step of the level, as a fraction of it: what nobody has seen move may still move."""
STRAY_PER_YEAR = 0.12**2
"""Squared fraction by which a level strays in a year that no backtest reaches."""
_MIDDLE_LEADS = np.array([(first + last) / 2.0 for first, last in LEAD_BANDS])
_PRIOR_DAYS = 20.0
_CLIP_SIGMA = 5.0
_COVERED = 0.8
_LOW_COUNT = 5.0
"""A day, below which the spread is the count model's by moments alone."""


@dataclass(frozen=True, eq=False)
class Spread:
    """How far days stray from one queue's forecast.

    Attributes:
        extra_variation: squared coefficient of variation beyond Poisson by band of leads.
        days: backtest days it rests on.
        widened: whether it was widened by rule because these are few.
    """

    extra_variation: FloatArray
    days: int
    widened: bool

    def wider(self, extra_variation: float) -> Spread:
        """The spread with so much more variation at all leads."""
        return replace(self, extra_variation=self.extra_variation + extra_variation)

    def at(self, lead_days: IntArray) -> FloatArray:
        """Extra variation for each lead.

        Behind the last that a backtest has measured it goes on growing as from the first to the last band of leads, and at least
        as levels usually stray; as that of a level that moves at random does, day by day.
        """
        beyond = np.maximum(lead_days - LEAD_BANDS[-1][1], 0)
        first, last = self.extra_variation[0], self.extra_variation[-1]
        per_day = max((last - first) / (_MIDDLE_LEADS[-1] - _MIDDLE_LEADS[0]), STRAY_PER_YEAR / DAYS_PER_YEAR)
        grown = np.minimum(per_day * beyond, max(_HIGHEST_VARIATION - last, 0.0))
        return np.asarray(self.extra_variation[band_of(lead_days)] + grown, dtype=np.float64)


def fit_spread(actual: FloatArray, forecast: FloatArray, lead_days: IntArray) -> Spread:
    """Learn the spread from a backtest.

    Args:
        actual: what came, NaN where unknown.
        forecast: what was forecast, same shape, NaN or 0 where nothing was.
        lead_days: lead of each, same shape.

    Returns:
        A spread that never falls from one band of leads to the next.
    """
    known = np.isfinite(actual) & np.isfinite(forecast) & (np.nan_to_num(forecast) > 0.0)
    days = int(known.sum())
    if not days:
        return Spread(np.full(len(LEAD_BANDS), UNKNOWN_VARIATION * SHORT_HISTORY_FACTOR**2), 0, True)
    came, mean, band = actual[known], forecast[known], band_of(lead_days[known])
    pooled = _by_moments(came, mean, UNKNOWN_VARIATION, prior_days=_PRIOR_DAYS / 4.0)
    by_band = np.array([_by_moments(came[band == b], mean[band == b], pooled, _PRIOR_DAYS) for b in range(len(LEAD_BANDS))])
    by_band = np.maximum.accumulate(by_band)
    typical = float(mean.mean())
    factor = 1.0
    if typical >= _LOW_COUNT:
        deviation = np.abs(came - mean) / np.sqrt(mean + by_band[band] * mean**2)
        rank = min(int(np.ceil((days + 1) * _COVERED)), days)
        conformal = float(np.sort(deviation)[rank - 1]) / NORMAL_90
        factor = (days * conformal + _PRIOR_DAYS) / (days + _PRIOR_DAYS)
    widened = days < SHORT_HISTORY_DAYS
    if widened:
        factor = max(factor, 1.0) * SHORT_HISTORY_FACTOR
    scaled = (factor**2 * (typical + by_band * typical**2) - typical) / typical**2
    return Spread(np.maximum.accumulate(np.maximum(scaled, _LOWEST_VARIATION)), days, widened)


def short_history_spread(variation: float, mean: float, days: int) -> Spread:
    """The spread where history is too short for a backtest: from how days strayed within their weekday.

    Args:
        variation: squared coefficient of variation of a day within its weekday, chance included.
        mean: contacts of a day.
        days: days it was learnt from; the fewer, the less sure are level and weekdays, and the wider it is.

    Returns:
        A spread that grows with the lead, as the level may drift.

    Example:
        >>> [short_history_spread(0.02, 1000.0, days).extra_variation.round(3).tolist() for days in (7, 28)]
        [[0.063, 0.069, 0.078], [0.033, 0.039, 0.048]]
    """
    widened = variation * (1.0 + _FOR_LEVEL_AND_WEEKDAYS / max(days, 1))
    beyond = max(widened - 1.0 / max(mean, _LOWEST_VARIATION), _LOWEST_VARIATION)
    return Spread(np.minimum(beyond + _DRIFT_PER_DAY**2 * _MIDDLE_LEADS, _HIGHEST_VARIATION), 0, True)


def _by_moments(actual: FloatArray, mean: FloatArray, prior: float, prior_days: float) -> float:
    """Extra variation by moments, pulled to the prior where days are few; single wild days are clipped."""
    if not actual.size:
        return prior
    sigma = np.sqrt(mean + prior * mean**2)
    error = np.clip(actual - mean, -_CLIP_SIGMA * sigma, _CLIP_SIGMA * sigma)
    weight = mean**2
    found = float((error**2 - mean).sum() / weight.sum())
    return max((actual.size * found + prior_days * prior) / (actual.size + prior_days), _LOWEST_VARIATION)


def count_quantiles(mean: FloatArray, extra_variation: FloatArray | float) -> FloatArray:
    """The published quantiles of counts with given means.

    Args:
        mean: expected counts, >= 0, any shape.
        extra_variation: squared coefficient of variation beyond Poisson, >= 0, broadcast against `mean`.

    Returns:
        Shape of `mean` plus one axis for the quantiles; never negative, never falling; 0 where the mean is 0. Whole numbers below
        a mean of 40 (negative binomial), gamma above.

    Example:
        >>> count_quantiles(np.array([0.0, 4.0, 400.0]), 0.01).round(1)[:, [1, 3, 5]]
        array([[  0. ,   0. ,   0. ],
               [  2. ,   4. ,   7. ],
               [343.9, 398.3, 458.3]])
    """
    mean = np.asarray(mean, dtype=np.float64)
    extra = np.broadcast_to(np.maximum(np.asarray(extra_variation, dtype=np.float64), 0.0), mean.shape)
    levels = np.array(QUANTILES)
    result = np.zeros((*mean.shape, len(levels)))
    large = mean >= LARGE_COUNT
    if large.any():
        shape = 1.0 / (1.0 / mean[large] + extra[large])
        result[large] = special.gammaincinv(shape[:, None], levels) * (mean[large] / shape)[:, None]
    small = (mean > 0.0) & ~large
    if small.any():
        size = 1.0 / np.maximum(extra[small], 1e-6)
        result[small] = _negative_binomial_quantiles(levels, size[:, None], (size / (size + mean[small]))[:, None])
    return np.maximum.accumulate(np.maximum(result, 0.0), axis=-1)


def _negative_binomial_quantiles(levels: FloatArray, size: FloatArray, success: FloatArray) -> FloatArray:
    """Smallest whole numbers whose cumulative probability reaches each level.

    The same as `scipy.stats.nbinom.ppf`, without the seconds that importing `scipy.stats` takes.
    """
    found = np.maximum(np.ceil(special.nbdtrik(levels, size, success)), 0.0)
    below = np.maximum(found - 1.0, 0.0)
    # The continuous inverse may come out a hair above a whole number.
    return np.asarray(np.where(special.betainc(size, below + 1.0, success) >= levels, below, found), dtype=np.float64)
