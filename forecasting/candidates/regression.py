"""Dynamic regression: log of the mean is linear in the business calendar, season and a damped trend, then level-corrected.

    offered ~ mean m = exp(level + trend + calendar effects) + contacts from claims,   variance m + phi m^2

fitted by reweighted least squares with a ridge penalty and exponentially fading weights; days far off are given less weight
(Huber). Claims enter on the linear scale, as they must: on the log scale their kernel is distorted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from forecasting.calendar import FloatArray, IntArray
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.level import level_correction
from forecasting.features import DAYS_PER_YEAR, SEASON, Design
from forecasting.linear import Blocks, in_blocks
from forecasting.panel import Panel

_HALF_LIFE_DAYS = 365.0
_TREND_DAMPING = 0.5
_TREND_PENALTY = 50.0
_SEASON_PENALTY = 0.5
_TYPICAL_EFFECT = 0.15
"""Prior standard deviation of calendar effects, on the log scale."""
_NEVER = 1e6
_DAYS_FOR_SEASON = 300
_DAYS_FOR_TREND = 90
_HUBER = 3.0
_ITERATIONS = 12
_CONVERGED = 1e-6
_LOWEST_VARIATION, _HIGHEST_VARIATION = 0.001, 1.0
_LOWEST_MEAN = 1e-3
_MAD_TO_SIGMA = 1.4826
_STEP_LIMIT = 3.0


@dataclass(frozen=True, eq=False)
class FittedRegression:
    """One queue's fit, in logs, over past and future dates.

    Attributes:
        intercept: log level at the as-of date, nothing special.
        trend: log effect of the trend per date, 0 at the as-of date.
        effects: log effect of each group of the design per date.
        level: log correction of the level per date; 0 in the past.
        extra_variation: phi, squared coefficient of variation of days beyond Poisson.
        from_claims: contacts that claims bring per date.
    """

    intercept: float
    trend: FloatArray
    effects: dict[str, FloatArray]
    level: FloatArray
    extra_variation: float
    from_claims: FloatArray

    @property
    def own(self) -> FloatArray:
        """Expected contacts per date without those that claims bring."""
        total = self.intercept + self.trend + self.level + sum(self.effects.values())
        return np.asarray(np.exp(total), dtype=np.float64)


def dynamic_regression(panel: Panel) -> FloatArray:
    """Expected contacts per future day and queue; NaN for queues without a day to fit on."""
    result = np.full((panel.horizon, len(panel.queues)), np.nan)
    for column in range(len(panel.queues)):
        fitted = fit_regression(panel, column)
        if fitted is not None:
            result[:, column] = fitted.own[panel.past :] + fitted.from_claims[panel.past :]
    return np.where(panel.takes_contacts[panel.past :], result, np.where(np.isnan(result), np.nan, 0.0))


def fit_regression(panel: Panel, column: int) -> FittedRegression | None:
    """Fit one queue; None where there is no day to fit on or nothing ever came."""
    queue = panel.queues[column]
    return _fit_series(
        panel.designs[queue],
        panel.past,
        panel.weekday_like(queue).tobytes(),
        panel.offered[:, column].tobytes(),
        panel.fit[:, column].tobytes(),
        panel.from_claims[:, column].tobytes(),
    )


@lru_cache(maxsize=64)
def _fit_series(
    design: Design, past: int, weekday_bytes: bytes, offered_bytes: bytes, fit_bytes: bytes, claims_bytes: bytes
) -> FittedRegression | None:
    """The fit, kept: a night asks for the same one to find odd days, to forecast and to explain. Bytes, so as to be keys."""
    offered, claims = np.frombuffer(offered_bytes, dtype=np.float64), np.frombuffer(claims_bytes, dtype=np.float64)
    weekday_like = np.frombuffer(weekday_bytes, dtype=np.int64)
    rows = np.flatnonzero(np.frombuffer(fit_bytes, dtype=np.bool_))
    own = offered[rows] - claims[rows]
    if not rows.size or own.sum() <= 0.0:
        return None
    dates, horizon = len(claims), len(claims) - past
    years = (np.arange(dates) - (past - 1)) / DAYS_PER_YEAR
    trend = np.where(years > 0.0, _TREND_DAMPING * years, years)
    matrix = np.column_stack([np.ones(dates), trend, design.matrix[:dates]])
    span = int(rows[-1] - rows[0]) + 1
    penalty = _penalty(design, span)
    age = (past - 1) - rows
    start = _start(matrix[rows], own, weekday_like[rows])
    coefficients, variation = _fit(in_blocks(matrix[rows]), own, claims[rows], age, penalty, _prior(design), start)
    fitted = np.exp(in_blocks(matrix).times(coefficients))
    # Robust weights and the penalty leave the mean a little off: what is published has to be a mean.
    fading = 0.5 ** (age / _HALF_LIFE_DAYS)
    offset = float(np.log((fading * np.maximum(own, 0.0)).sum() / (fading * fitted[rows]).sum()))
    level = np.zeros(dates)
    expected = fitted[rows] * np.exp(offset)
    level[past:] = level_correction(own, np.maximum(expected, _LOWEST_MEAN), age, variation, horizon)
    groups = sorted(set(design.groups))
    return FittedRegression(
        intercept=float(coefficients[0]) + offset,
        trend=trend * coefficients[1],
        effects={group: _part(matrix, coefficients, 2 + design.positions(group)) for group in groups},
        level=level,
        extra_variation=variation,
        from_claims=claims,
    )


def _part(matrix: FloatArray, coefficients: FloatArray, columns: IntArray) -> FloatArray:
    return in_blocks(matrix[:, columns]).times(coefficients[columns])


def _penalty(design: Design, span_days: int) -> FloatArray:
    """Penalty in days of evidence for level, trend and season, 0 elsewhere; what the history is too short for is held at zero."""
    season = _SEASON_PENALTY * design.penalty if span_days >= _DAYS_FOR_SEASON else _NEVER
    effects = np.where(np.array(design.groups) == SEASON, season, 0.0)
    return np.concatenate([[1e-6, _TREND_PENALTY if span_days >= _DAYS_FOR_TREND else _NEVER], effects])


def _prior(design: Design) -> FloatArray:
    """Inverse prior variance of the calendar's effects by column; 0 for level, trend and season."""
    effects = np.where(np.array(design.groups) == SEASON, 0.0, design.penalty / _TYPICAL_EFFECT**2)
    return np.concatenate([[0.0, 0.0], effects])


def _start(matrix: FloatArray, own: FloatArray, weekday_like: IntArray) -> FloatArray:
    """Coefficients to start from: the level and the weekdays as they are on average."""
    coefficients = np.zeros(matrix.shape[1])
    mean = max(float(own.mean()), _LOWEST_MEAN)
    coefficients[0] = np.log(mean)
    for weekday in range(7):
        same = own[weekday_like == weekday]
        if same.size:
            coefficients[2 + weekday] = np.log((max(float(same.mean()), 0.0) + 0.05) / (mean + 0.05))
    return coefficients


def _fit(
    matrix: Blocks, own: FloatArray, claims: FloatArray, age: IntArray, penalty: FloatArray, prior: FloatArray, start: FloatArray
) -> tuple[FloatArray, float]:
    """Penalised reweighted least squares; coefficients and phi."""
    fading = 0.5 ** (age / _HALF_LIFE_DAYS)
    coefficients, variation = start, 0.02
    linear = matrix.times(coefficients)
    for _ in range(_ITERATIONS):
        mean = np.maximum(np.exp(linear), _LOWEST_MEAN)
        total = mean + claims
        variance = total + variation * total**2
        residual = own - mean
        standard = residual / np.sqrt(variance)
        scale = max(_MAD_TO_SIGMA * _median(np.abs(standard)), 0.5)
        robust = np.minimum(1.0, _HUBER * scale / np.maximum(np.abs(standard), 1e-9))
        # Weights in days of a queue so large that chance does not matter: the penalty then means the same for all.
        weight = fading * robust * variation * mean**2 / variance
        working = linear + np.clip(residual / mean, -_STEP_LIMIT, _STEP_LIMIT)
        gram, cross = matrix.normal_equations(weight, working)
        coefficients = np.asarray(np.linalg.solve(gram + np.diag(penalty + variation * prior), cross), dtype=np.float64)
        before, linear = linear, matrix.times(coefficients)
        change = float(np.max(np.abs(linear - before)))
        variation = _extra_variation(residual, total, fading * robust)
        if change < _CONVERGED:
            break
    return coefficients, variation


def _median(values: FloatArray) -> float:
    """The median, without the checks that make NumPy's take ten times as long; asked for thousands of times a night."""
    middle = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, middle)[middle])
    return float(np.partition(values, (middle - 1, middle))[middle - 1 : middle + 1].mean())


def _extra_variation(residual: FloatArray, total: FloatArray, weight: FloatArray) -> float:
    """Phi by moments: squared residuals beyond what Poisson leaves, over squared means."""
    excess = float((weight * (residual**2 - total)).sum() / max(float((weight * total**2).sum()), 1e-9))
    return float(np.clip(excess, _LOWEST_VARIATION, _HIGHEST_VARIATION))


DYNAMIC_REGRESSION = Candidate("dynamic_regression", dynamic_regression, minimum_days=28)
