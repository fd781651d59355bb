"""Level and weekdays, held toward what queues of the same calendar have in common: for short histories and low counts.

A day's contacts are level x weekday. Weekdays are drawn toward those of the group, and the group's toward none at all, each by as
much as chance and the spread among weekdays say (empirical Bayes): four weeks of a queue whose weekdays hardly differ show mostly
chance, ten days of one that is closed but in name on Saturdays show a pattern. The level is followed at several speeds; the
better one has foretold so far, the more weight it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.candidates.candidate import Candidate
from forecasting.features import Design
from forecasting.panel import Panel

_LONGEST_DAYS = 182
_AROUND_HALF_LIFE_DAYS = 14.0
"""How fast the level moves that weekdays are measured against."""
_ROUNDS = 3
_USUAL_VARIATION, _VARIATION_DAYS = 0.02, 6.0
"""Squared coefficient of variation beyond chance within a weekday that is expected, and the days of evidence it is worth."""
_AMONG_WEEKDAYS, _AMONG_WEEKDAYS_WEIGHT = 0.1, 1.0
"""Variance of a group's weekdays around no pattern that is expected, and the weekdays it is worth."""
_FROM_GROUP, _FROM_GROUP_WEIGHT = 0.03, 2.0
"""The same of a queue's weekdays around its group's."""
_DRIFT_PER_DAY = 0.03
_SHORTEST_HALF_LIFE_DAYS, _LONGEST_HALF_LIFE_DAYS = 3.0, 60.0
"""Of a level whose speeds cannot be compared yet."""
_HALF_LIVES_DAYS = np.array([2.0, 4.0, 8.0, 16.0, 40.0])[:, None]
_TESTED_LEAD_DAYS = 3
_FIRST_TESTED_DAY = 9
_FEWEST_TESTED_DAYS = 3
_PRIOR_DAYS = 2.0
_SHARPNESS = 0.5
"""Of weights by likelihood: less than 1, since days ahead of each other share their errors."""
_SMALLEST_FACTOR = 0.02
_SMALLEST = 1e-9
_WEEKDAYS = 7


@dataclass(frozen=True, eq=False)
class Pooled:
    """What is said of some queues together.

    Attributes:
        mean: horizon x queues, expected contacts; NaN for queues without a day to fit on, 0 where a queue takes none.
        variation: by queue, squared coefficient of variation of a day within its weekday, chance included.
    """

    mean: FloatArray
    variation: FloatArray


def pooled_weekdays(panel: Panel) -> FloatArray:
    """Expected contacts per future day and queue, weekdays pooled among the queues that share a calendar."""
    sharing: dict[Design, list[int]] = {}
    for column, queue in enumerate(panel.queues):
        sharing.setdefault(panel.designs[queue], []).append(column)
    result = np.full((panel.horizon, len(panel.queues)), np.nan)
    for columns in sharing.values():
        result[:, columns] = pooled_forecast(panel, columns).mean
    return result


def pooled_forecast(panel: Panel, columns: Sequence[int]) -> Pooled:
    """Forecast some queues that learn their weekdays from each other, what claims bring included.

    Args:
        panel: history and calendar.
        columns: the queues.
    """
    chosen = list(columns)
    first = max(panel.past - _LONGEST_DAYS, 0)
    known = panel.fit[first:, chosen]
    own = np.where(known, np.maximum(panel.offered[first:, chosen] - panel.from_claims[first : panel.past, chosen], 0.0), 0.0)
    like = np.column_stack([panel.weekday_like(panel.queues[column]) for column in chosen])[first:]
    past = panel.past - first
    factors, variation = _weekdays(own, known, like[:past])
    level = _level_today(own, known, _at(factors, like[:past]), variation)
    expected = level * _at(factors, like[past:]) + panel.from_claims[panel.past :, chosen]
    expected = np.where(known.any(axis=0), expected, np.nan)
    closed = np.where(np.isnan(expected), np.nan, 0.0)
    return Pooled(np.where(panel.takes_contacts[panel.past :, chosen], expected, closed), variation)


def _weekdays(own: FloatArray, known: BoolArray, like: IntArray) -> tuple[FloatArray, FloatArray]:
    """Factor per weekday and queue, and the squared coefficient of variation of a queue's days within a weekday."""
    days = np.arange(len(own))
    around = 0.5 ** (np.abs(days[:, None] - days) / _AROUND_HALF_LIFE_DAYS)
    on_weekday = [known & (like == weekday) for weekday in range(_WEEKDAYS)]
    count = np.array([on.sum(axis=0) for on in on_weekday], dtype=np.float64)
    number = known.sum(axis=0)
    chance = number / np.maximum(own.sum(axis=0), _SMALLEST)
    has = own.sum(axis=0) > 0.0
    factors = np.ones((_WEEKDAYS, own.shape[1]))
    variation = np.ones(own.shape[1])
    for _ in range(_ROUNDS):
        level = (around @ own) / np.maximum(around @ np.where(known, _at(factors, like), 0.0), _SMALLEST)
        relative = np.where(known & has, own / np.maximum(level, _SMALLEST), 0.0)
        mean = np.array([(relative * on).sum(axis=0) for on in on_weekday]) / np.maximum(count, 1.0)
        within = np.where(known, (relative - _at(mean, like)) ** 2, 0.0).sum(axis=0)
        left = number - (count > 0.0).sum(axis=0)
        variation = (within + _VARIATION_DAYS * (chance + _USUAL_VARIATION)) / (left + _VARIATION_DAYS)
        weight = np.where(has, count / (count * _FROM_GROUP + variation), 0.0)
        total = weight.sum(axis=1, keepdims=True)
        group_mean = (weight * mean).sum(axis=1, keepdims=True) / np.maximum(total, _SMALLEST)
        none, unsure = np.ones((_WEEKDAYS, 1)), 1.0 / np.maximum(total, _SMALLEST)
        group = _drawn(group_mean, unsure, total > 0.0, none, _AMONG_WEEKDAYS, _AMONG_WEEKDAYS_WEIGHT)
        noise = variation / np.maximum(count, 1.0)
        factors = _drawn(mean, noise, count > 0.0, group, _FROM_GROUP, _FROM_GROUP_WEIGHT)
        factors = np.maximum(np.where(has, factors, 1.0), _SMALLEST_FACTOR)
    return factors, variation


def _drawn(
    mean: FloatArray, noise: FloatArray, seen: BoolArray, prior: FloatArray, usual: float, usual_weight: float
) -> FloatArray:
    """Means drawn toward a prior: the less, the more they stray from it beyond their noise; weekdays x queues."""
    away = np.where(seen, mean - prior, 0.0)
    beyond = np.where(seen, away**2 - noise, 0.0).sum(axis=0) + usual * usual_weight
    spread = np.maximum(beyond / (seen.sum(axis=0) + usual_weight), _SMALLEST)
    return np.asarray(prior + spread / (spread + noise) * away, dtype=np.float64)


def _level_today(own: FloatArray, known: BoolArray, factors: FloatArray, variation: FloatArray) -> FloatArray:
    """Contacts of a day of factor 1: the mean of several speeds, weighted by how well each has foretold."""
    usual = _level_by_noise(own, known, factors, variation)
    kept = 0.5 ** (1.0 / _HALF_LIVES_DAYS)
    shape = (len(_HALF_LIVES_DAYS), own.shape[1])
    contacts, days = np.zeros(shape), np.zeros(shape)
    missed, tested = np.zeros(shape), np.zeros(own.shape[1])
    levels: list[FloatArray] = []
    for today in range(len(own)):
        if today >= _FIRST_TESTED_DAY:
            counts = known[today] & np.isfinite(levels[today - _TESTED_LEAD_DAYS]).all(axis=0)
            error = np.square(own[today] - levels[today - _TESTED_LEAD_DAYS] * factors[today])
            missed += np.where(counts, error / np.maximum(factors[today] * usual, _SMALLEST), 0.0)
            tested += counts
        contacts = kept * contacts + own[today]
        days = kept * days + np.where(known[today], factors[today], 0.0)
        levels.append(np.where(days > 0.0, contacts / np.maximum(days, _SMALLEST), np.nan))
    typical = missed.mean(axis=0) / np.maximum(tested, 1.0)
    error = np.maximum((missed + _PRIOR_DAYS * typical) / (tested + _PRIOR_DAYS), _SMALLEST)
    weight = (error / error.min(axis=0)) ** (-0.5 * _SHARPNESS * tested)
    level = (weight * np.nan_to_num(levels[-1])).sum(axis=0) / weight.sum(axis=0)
    return np.asarray(np.where(tested >= _FEWEST_TESTED_DAYS, level, usual), dtype=np.float64)


def _level_by_noise(own: FloatArray, known: BoolArray, factors: FloatArray, variation: FloatArray) -> FloatArray:
    """The same by weights that fade at the pace of a level that drifts (steady-state Kalman filter)."""
    half_life = np.clip(np.log(2.0) * np.sqrt(variation) / _DRIFT_PER_DAY, _SHORTEST_HALF_LIFE_DAYS, _LONGEST_HALF_LIFE_DAYS)
    last = np.where(known.any(axis=0), len(known) - 1 - known[::-1].argmax(axis=0), 0)
    age = np.maximum(last - np.arange(len(own))[:, None], 0)
    weight = known * 0.5 ** (age / half_life)
    return np.asarray((weight * own).sum(axis=0) / np.maximum((weight * factors).sum(axis=0), _SMALLEST), dtype=np.float64)


def _at(factors: FloatArray, like: IntArray) -> FloatArray:
    """The factor of each day and queue."""
    return np.take_along_axis(factors, like, axis=0)


POOLED_WEEKDAYS = Candidate("pooled_weekdays", pooled_weekdays)
