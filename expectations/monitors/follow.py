"""What is to be expected of a day, learnt from the days before it: a dynamic regression, many series at once (pure).

Each series' logarithm is level + weekday + calendar + leads, whose coefficients drift slowly; every day is predicted, judged, and
only then learnt from, unless it is not believed (Harvey, Forecasting, structural time series models and the Kalman filter, 1989;
counts by their quasi-likelihood as in Fahrmeir and Tutz 2001, chapter 8). Unbelievable days teach nothing and ordinary surprises
are cut at 2.5 deviations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from expectations.monitors.robust import middle

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_CUT = 2.5
_CUT_CORRECTION = 1.06
"""Variance of normal surprises over that of those cut at 2.5 deviations."""
_VARIANCE_MEMORY = 1.0 / 80.0
_LEAST_VARIANCE = 0.02**2
_JUMPED_VARIANCE = 0.15**2
_FARTHEST = 37.0
_RUN_IN = 0.5


@dataclass(frozen=True)
class Pace:
    """How fast things may change; what may be an array is one for all series or one for each.

    Attributes:
        level_drift: standard deviation of a day's change of the level, as a share.
        coefficient_drift: the same of every other coefficient.
        extra_deviation: day-to-day variation beyond counting noise, as a share, before anything is known.
        hold_at: a day further than this many deviations from its expectation is not learnt from.
        accept_after: so many open days in a row, all held and all off by about the same, are a new level.
        warm_up: open days of a series before its days are judged at all.
    """

    level_drift: float = 0.012
    coefficient_drift: float = 0.001
    extra_deviation: float | Floats = 0.10
    hold_at: float | Floats = 3.6
    accept_after: int = 7
    warm_up: int = 35


@dataclass(frozen=True)
class Followed:
    """What was expected of each series and day and how far off it was; each of shape (series, days).

    Attributes:
        expected: expected value on its own scale (a count, or what the logarithm was of); NaN before the warm-up's end.
        deviation: standard deviation of the prediction of the logarithm, without counting noise.
        surprise: how far the day is off, in standard deviations of a normal; NaN where it is not judged.
        held: whether the day was not believed.
        shifted: whether a new level was accepted on the day.
    """

    expected: Floats
    deviation: Floats
    surprise: Floats
    held: Flags
    shifted: Flags

    def of(self, row: int, count: int = 1) -> Followed:
        """One series alone (or some), still of two dimensions."""
        one = slice(row, row + count)
        return Followed(self.expected[one], self.deviation[one], self.surprise[one], self.held[one], self.shifted[one])


def follow_counts(
    counts: Floats, design: Floats, prior: Floats, usable: Flags, distrusted: Flags, pace: Pace, unsure: Floats | None = None
) -> Followed:
    """Follow counts, whose noise is Poisson's and a day-to-day variation that is learnt.

    Args:
        counts: shape (series, days), NaN where unknown.
        design: shape (series, days, coefficients); the first column is the level.
        prior: standard deviation of each coefficient before anything is known.
        usable: days on which the series is to be judged and learnt from.
        distrusted: days that another rule does not believe: judged, but never learnt from.
        pace: how fast things may change.
        unsure: variance of the logarithm that single days have beyond that of others, same shape; none if left out.
    """
    return _follow(counts, None, design, prior, usable, distrusted, pace, unsure)


def follow_values(
    logarithms: Floats, noise: Floats, design: Floats, prior: Floats, usable: Flags, distrusted: Flags, pace: Pace
) -> Followed:
    """Follow the logarithm of a mean or share whose sampling variance is known but for a factor (`noise`), as `follow_counts`."""
    return _follow(logarithms, noise, design, prior, usable, distrusted, pace, None)


def _follow(
    values: Floats,
    noise: Floats | None,
    design: Floats,
    prior: Floats,
    usable: Flags,
    distrusted: Flags,
    pace: Pace,
    unsure: Floats | None,
) -> Followed:
    series, days, width = design.shape
    coefficients = np.zeros((series, width))
    first = np.nan_to_num(_first_level(values, usable, pace.warm_up), nan=0.0)
    if noise is None:
        usable = usable & ~_running_in(values, usable, first)
    coefficients[:, 0] = np.log(np.maximum(first, 0.5)) if noise is None else first
    covariance = np.tile(np.diag(prior**2), (series, 1, 1))
    covariance[:, 0, 0] = 1.0
    drift = np.full(width, pace.coefficient_drift**2)
    drift[0] = pace.level_drift**2
    drift *= prior > 0
    extra = np.full(series, pace.extra_deviation**2)
    seen = np.zeros(series, dtype=np.int64)
    run, run_sum, run_square = np.zeros(series, dtype=np.int64), np.zeros(series), np.zeros(series)
    expected, deviation, surprise = (np.full((series, days), np.nan) for _ in range(3))
    held, shifted = np.zeros((series, days), dtype=bool), np.zeros((series, days), dtype=bool)
    diagonal = np.arange(width)
    for day in range(days):
        covariance[:, diagonal, diagonal] += drift
        row = design[:, day]
        spread = np.matmul(covariance, row[:, :, np.newaxis])[:, :, 0]
        known = np.maximum((spread * row).sum(axis=1), 0.0)
        if unsure is not None:
            known = known + unsure[:, day]
        forecast = (coefficients * row).sum(axis=1)
        use = usable[:, day] & np.isfinite(values[:, day])
        if noise is None:
            mean = np.exp(np.minimum(forecast, 20.0))
            error = np.where(use, values[:, day] / np.maximum(mean, 0.1) - 1.0, 0.0)
            counted = 1.0 / np.maximum(mean, 0.3)
            far = count_surprise(np.where(use, values[:, day], 0.0), mean, known + extra)
        else:
            mean = np.exp(np.clip(forecast, -20.0, 20.0))
            error = np.where(use, values[:, day] - forecast, 0.0)
            counted = noise[:, day]
            far = error / np.sqrt(known + extra + counted)
        total = known + extra + counted
        judged = use & (seen >= pace.warm_up)
        expected[:, day] = np.where(seen >= pace.warm_up, mean, np.nan)
        deviation[:, day] = np.sqrt(known + extra)
        surprise[judged, day] = far[judged]
        unbelieved = judged & (np.abs(far) > pace.hold_at)
        held[:, day] = unbelieved | (use & distrusted[:, day])
        jump = _log_error(error) if noise is None else error
        off = unbelieved & ~distrusted[:, day] & ((run == 0) | (np.sign(run_sum) == np.sign(jump)))
        run = np.where(off, run + 1, np.where(use, unbelieved.astype(np.int64), run))
        run_sum = np.where(off, run_sum + jump, np.where(use, jump * unbelieved, run_sum))
        run_square = np.where(off, run_square + jump**2, np.where(use, jump**2 * unbelieved, run_square))
        mean_jump = run_sum / np.maximum(run, 1)
        scatter = np.sqrt(np.maximum(run_square / np.maximum(run, 1) - mean_jump**2, 0.0))
        accept = (run >= pace.accept_after) & (scatter < 0.5 * np.abs(mean_jump)) & off
        shifted[:, day] = accept
        coefficients[accept, 0] += mean_jump[accept]
        covariance[accept, 0, 0] += _JUMPED_VARIANCE
        run = np.where(accept, 0, run)
        learn = use & ~held[:, day]
        cut = np.clip(error, -_CUT * np.sqrt(total), _CUT * np.sqrt(total))
        gain = np.where(learn[:, np.newaxis], spread / total[:, np.newaxis], 0.0)
        coefficients += gain * cut[:, np.newaxis]
        covariance -= gain[:, :, np.newaxis] * spread[:, np.newaxis, :]
        memory = np.maximum(_VARIANCE_MEMORY, 1.0 / (seen + 20.0))
        found = np.maximum(_CUT_CORRECTION * cut**2 - known - counted, -extra)
        extra = np.where(learn, np.maximum(extra + memory * (found - extra), _LEAST_VARIANCE), extra)
        seen += use
    return Followed(expected, deviation, surprise, held, shifted)


def _first_level(values: Floats, usable: Flags, days: int) -> Floats:
    """Median of each series' first usable days, whenever they are."""
    known = usable & np.isfinite(values)
    return middle(np.where(known & (known.cumsum(axis=1) <= days), values, np.nan))


def _running_in(values: Floats, usable: Flags, level: Floats) -> Flags:
    """Days before a series first reaches half its first level: a new feed's first rows, from which nothing is to be learnt."""
    reached = usable & (np.nan_to_num(values) >= _RUN_IN * level[:, np.newaxis])
    return np.asarray(~np.logical_or.accumulate(reached, axis=1))


def _log_error(error: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(1.0 + error, 0.01)))


def count_surprise(counts: Floats, mean: Floats, variance: Floats) -> Floats:
    """How far counts are off, as normal deviations: the mid-tail of a gamma-mixed Poisson (negative binomial)."""
    shape = 1.0 / np.maximum(variance, 1e-6)
    share = shape / (shape + mean)
    below = special.betainc(shape, counts + 1.0, share)  # P(N <= n)
    strictly = np.where(counts > 0, special.betainc(shape, np.maximum(counts, 1e-9), share), 0.0)
    above = special.betainc(counts + 1.0, shape, 1.0 - share)  # P(N > n)
    from_there = np.where(counts > 0, special.betainc(np.maximum(counts, 1e-9), shape, 1.0 - share), 1.0)
    low, high = 0.5 * (below + strictly), 0.5 * (above + from_there)
    return np.asarray(
        np.clip(np.where(low < high, special.ndtri(low), -special.ndtri(high)), -_FARTHEST, _FARTHEST), dtype=np.float64
    )
