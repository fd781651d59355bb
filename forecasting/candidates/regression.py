"""Dynamic regression: log of the mean is linear in the business calendar, season and a damped trend, then level-corrected.

    offered ~ mean m = exp(level + trend + calendar effects) + contacts from claims,   variance m + phi m^2

fitted by reweighted least squares with a ridge penalty and exponentially fading weights; days far off are given less weight
(Huber). Claims enter on the linear scale, as they must: on the log scale their kernel is distorted. All queues that share a
calendar are fitted together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from forecasting.calendar import FloatArray, IntArray
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.least_squares import LOWEST_MEAN, Series, fit_together
from forecasting.candidates.level import level_corrections
from forecasting.features import DAYS_PER_YEAR, SEASON, Design
from forecasting.panel import Panel
from forecasting.trend import damped_days

_HALF_LIFE_DAYS = 365.0
_TREND_DAMPING = 0.5
_TREND_PENALTY = 50.0
_SEASON_PENALTY = 0.5
_TYPICAL_EFFECT = 0.15
"""Prior standard deviation of calendar effects, on the log scale."""
_NEVER = 1e6
_DAYS_FOR_TREND = 90


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
    for column, fitted in enumerate(fit_regressions(panel)):
        if fitted is not None:
            result[:, column] = fitted.own[panel.past :] + fitted.from_claims[panel.past :]
    return np.where(panel.takes_contacts[panel.past :], result, np.where(np.isnan(result), np.nan, 0.0))


def fit_regression(panel: Panel, column: int) -> FittedRegression | None:
    """Fit one queue; None where there is no day to fit on or nothing ever came."""
    return fit_regressions(panel)[column]


@lru_cache(maxsize=4)
def fit_regressions(panel: Panel) -> tuple[FittedRegression | None, ...]:
    """Fit every queue; None where there is no day to fit on or nothing ever came.

    Kept for the last panels asked about: a night asks for the same fits to find odd days, to forecast and to explain.
    """
    fits: list[FittedRegression | None] = [None] * len(panel.queues)
    own = np.where(panel.fit, panel.offered - panel.from_claims[: panel.past], 0.0)
    sharing: dict[Design, list[int]] = {}
    for column, queue in enumerate(panel.queues):
        if panel.fit[:, column].any() and own[:, column].sum() > 0.0:
            sharing.setdefault(panel.designs[queue], []).append(column)
    for design, columns in sharing.items():
        for column, fitted in zip(columns, _fit_sharing(panel, design, columns, own[:, columns].T), strict=True):
            fits[column] = fitted
    return tuple(fits)


def _fit_sharing(panel: Panel, design: Design, columns: list[int], own: FloatArray) -> list[FittedRegression]:
    """The fits of queues of one design; `own` is queues x past."""
    past, dates = panel.past, len(panel.dates)
    fit = panel.fit[:, columns].T
    claims = panel.from_claims[:, columns].T
    age = np.arange(past)[::-1]
    years = damped_days(np.arange(dates) - (past - 1)) / DAYS_PER_YEAR
    trend = np.where(years > 0.0, _TREND_DAMPING * years, years)
    matrix = np.column_stack([np.ones(dates), trend, design.matrix[:dates]])
    fading = 0.5 ** (age / _HALF_LIFE_DAYS)
    weekday_like = np.stack([panel.weekday_like(panel.queues[column])[:past] for column in columns])
    series = Series(own, claims[:, :past], fit * fading)
    coefficients, variation = fit_together(
        matrix[:past], series, _penalty(design, fit), _prior(design), _start(matrix.shape[1], own, fit, weekday_like)
    )
    fitted = np.exp(coefficients @ matrix.T)
    # Robust weights and the penalty leave the mean a little off: what is published has to be a mean.
    offset = np.log((series.weight * np.maximum(own, 0.0)).sum(axis=1) / (series.weight * fitted[:, :past]).sum(axis=1))
    expected = np.maximum(fitted[:, :past] * np.exp(offset)[:, None], LOWEST_MEAN)
    level = np.zeros((len(columns), dates))
    level[:, past:] = level_corrections(own, expected, fit, age, variation, panel.horizon)
    effects = {group: _part(matrix, coefficients, 2 + design.positions(group)) for group in sorted(set(design.groups))}
    return [
        FittedRegression(
            intercept=float(coefficients[row, 0] + offset[row]),
            trend=trend * coefficients[row, 1],
            effects={group: values[row] for group, values in effects.items()},
            level=level[row],
            extra_variation=float(variation[row]),
            from_claims=claims[row],
        )
        for row in range(len(columns))
    ]


def _part(matrix: FloatArray, coefficients: FloatArray, columns: IntArray) -> FloatArray:
    return np.asarray(coefficients[:, columns] @ matrix[:, columns].T, dtype=np.float64)


def _penalty(design: Design, fit: np.ndarray) -> FloatArray:
    """Penalty in days of evidence for level, trend and season, 0 elsewhere; what the history is too short for is held at zero."""
    past = fit.shape[1]
    span = past - fit.argmax(axis=1) - fit[:, ::-1].argmax(axis=1)
    seasonal = np.array(design.groups) == SEASON
    result = np.zeros((len(fit), 2 + len(seasonal)))
    result[:, 0] = 1e-9
    result[:, 1] = np.where(span >= _DAYS_FOR_TREND, _TREND_PENALTY, _NEVER)
    usual = np.where(seasonal, _SEASON_PENALTY * design.penalty, 0.0)
    result[:, 2:] = np.where(span[:, None] >= design.fewest_days, usual, _NEVER)
    return result


def _prior(design: Design) -> FloatArray:
    """Inverse prior variance of the calendar's effects by column; 0 for level, trend and season."""
    effects = np.where(np.array(design.groups) == SEASON, 0.0, design.penalty / _TYPICAL_EFFECT**2)
    return np.concatenate([[0.0, 0.0], effects])


def _start(columns: int, own: FloatArray, fit: np.ndarray, weekday_like: IntArray) -> FloatArray:
    """Coefficients to start from: the level and the weekdays as they are on average."""
    coefficients = np.zeros((len(own), columns))
    mean = np.maximum(own.sum(axis=1) / fit.sum(axis=1), LOWEST_MEAN)
    coefficients[:, 0] = np.log(mean)
    for weekday in range(7):
        same = fit & (weekday_like == weekday)
        days = same.sum(axis=1)
        on_weekday = np.maximum(np.where(same, own, 0.0).sum(axis=1) / np.maximum(days, 1), 0.0)
        coefficients[:, 2 + weekday] = np.where(days > 0, np.log((on_weekday + 0.05) / (mean + 0.05)), 0.0)
    return coefficients


DYNAMIC_REGRESSION = Candidate("dynamic_regression", dynamic_regression, minimum_days=28)
