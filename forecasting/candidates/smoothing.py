"""Exponential smoothing with the calendar removed first: level and drifting weekdays of all queues at once.

What the regression says the calendar does is divided out, so that the smoothing sees the level alone; on calendar-driven series
smoothing is useless without that. Several speeds run side by side in one pass over the days, and each queue's forecast is their
mean, weighted by how well each would have foretold the days one and two weeks ahead (weights, not a single winner: picking adds
noise). A trend of its own made every series measured worse; ahead, the level goes back toward that of the slowest speed.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.regression import FittedRegression, fit_regressions
from forecasting.panel import Panel

_LEVEL_SPEEDS, _WEEKDAY_SPEEDS = np.array(list(product((0.01, 0.03, 0.07, 0.15, 0.3), (0.0, 0.05)))).T
_SLOWEST_SPEED = 0.01
_REVERSION_PER_WEEK = 0.85
_TESTED_LEADS = (7, 14)
_TESTED_HALF_LIFE_DAYS = 180.0
_SHARPNESS = 30.0
_CLIP_SIGMA = 2.5
_CLIP_CONTACTS = 3.0
"""Beyond 2.5 sigma above; so that low counts, which are skewed, are not clipped to too low a mean."""
_LARGEST_WEIGHT = 2.0
_CHANCE_CONTACTS = 1.0
"""Queues of so few contacts a day follow their days half as fast."""
_FIRST_DAYS = 28
_LONGEST_DAYS = 540
_LOWEST_MEAN = 1e-3
_DAYS_PER_WEEK = 7


def smoothed(panel: Panel) -> FloatArray:
    """Expected contacts per future day and queue; NaN for queues without a day to fit on."""
    result = np.full((panel.horizon, len(panel.queues)), np.nan)
    fits = fit_regressions(panel)
    columns = [column for column, fitted in enumerate(fits) if fitted is not None]
    if columns:
        own = _smooth(panel, columns, [fitted for fitted in fits if fitted is not None])
        result[:, columns] = own + panel.from_claims[panel.past :, columns]
    return np.where(panel.takes_contacts[panel.past :], result, np.where(np.isnan(result), np.nan, 0.0))


def _smooth(panel: Panel, columns: list[int], fits: list[FittedRegression]) -> FloatArray:
    """Horizon x columns, without what claims bring."""
    first = max(panel.past - _LONGEST_DAYS, 0)
    base = np.exp(np.column_stack([sum(fitted.effects.values()) for fitted in fits]))[first:]
    past = panel.past - first
    known = panel.fit[first:, columns]
    own = np.where(known, panel.offered[first:, columns] - panel.from_claims[first : panel.past, columns], 0.0)
    like = np.column_stack([panel.weekday_like(panel.queues[column]) for column in columns])[first:]
    variation = np.array([fitted.extra_variation for fitted in fits])
    state = _State(_first_level(own, base[:past], known), variation)
    for day in range(past):
        state.step(own[day], base[day], known[day], like[day], past - 1 - day)
    return state.ahead(base[past:], like[past:])


def _first_level(own: FloatArray, base: FloatArray, known: BoolArray) -> FloatArray:
    """Contacts over what the calendar says, on the first four weeks of days known."""
    early = known & (np.cumsum(known, axis=0) <= _FIRST_DAYS)
    expected = np.maximum((base * early).sum(axis=0), _LOWEST_MEAN)
    return np.asarray(np.maximum((own * early).sum(axis=0) / expected, _LOWEST_MEAN), dtype=np.float64)


class _State:
    """Level and weekdays in logs, by queue and by speed."""

    def __init__(self, level: FloatArray, variation: FloatArray) -> None:
        shape = (len(level), len(_LEVEL_SPEEDS))
        self._queue = np.arange(len(level))
        self._usual = level[:, None]
        self._variation = variation[:, None]
        self._share = self._usual / (self._usual + _CHANCE_CONTACTS)
        self._level = np.broadcast_to(np.log(level)[:, None], shape).copy()
        self._slow = self._level.copy()
        self._weekday = np.zeros((_DAYS_PER_WEEK, *shape))
        self._missed = np.zeros(shape)
        self._former = np.zeros((max(_TESTED_LEADS) + 1, *shape))
        self._days = 0

    def step(self, own: FloatArray, base: FloatArray, known: BoolArray, like: IntArray, age_days: int) -> None:
        """Take in one day."""
        season = self._weekday[like, self._queue]
        mean = np.maximum(base[:, None] * np.exp(self._level + season), _LOWEST_MEAN)
        noise = np.sqrt(1.0 / mean + self._variation)
        above = _CLIP_SIGMA * noise + _CLIP_CONTACTS / mean
        error = np.clip((own[:, None] - mean) / mean, -_CLIP_SIGMA * noise, above)
        # Days of few contacts say little about the level.
        told = np.minimum((self._variation + 1.0 / self._usual) / noise**2, _LARGEST_WEIGHT)
        gain = np.where(known[:, None], told * self._share * error, 0.0)
        self._test(own, base[:, None] * np.exp(season), known, age_days)
        self._level += _LEVEL_SPEEDS * gain
        self._slow += _SLOWEST_SPEED * gain
        self._weekday[like, self._queue] += _WEEKDAY_SPEEDS * gain
        self._former[self._days % len(self._former)] = self._level
        self._days += 1

    def _test(self, own: FloatArray, shape: FloatArray, known: BoolArray, age_days: int) -> None:
        """Note how far the levels of one and two weeks ago are off today."""
        fading = 0.5 ** (age_days / _TESTED_HALF_LIFE_DAYS)
        for lead in _TESTED_LEADS:
            if self._days > _FIRST_DAYS + lead:
                foretold = shape * np.exp(self._former[(self._days - lead) % len(self._former)])
                self._missed += np.where(known[:, None], fading * np.abs(own[:, None] - foretold), 0.0)

    def ahead(self, base: FloatArray, like: IntArray) -> FloatArray:
        """Expected contacts per future day and queue."""
        missed = np.maximum(self._missed, _LOWEST_MEAN)
        weight = np.exp(-_SHARPNESS * (missed / missed.min(axis=1, keepdims=True) - 1.0))
        weight /= weight.sum(axis=1, keepdims=True)
        result = np.empty(base.shape)
        for day in range(len(base)):
            kept = _REVERSION_PER_WEEK ** ((day + 1) / _DAYS_PER_WEEK)
            log_mean = self._slow + kept * (self._level - self._slow) + self._weekday[like[day], self._queue]
            result[day] = base[day] * (weight * np.exp(log_mean)).sum(axis=1)
        return result


SMOOTHING = Candidate("exponential_smoothing", smoothed, minimum_days=42)
