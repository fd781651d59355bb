"""Claims to come: the weekday level of the last months, plus what a running storm still brings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import BoolArray, FloatArray

_LEVEL_HALF_LIFE_DAYS = 90.0
_LEVEL_DAYS = 546
_SURGE_DEVIATIONS, _EXCESS_DEVIATIONS = 4.0, 2.0
_USUAL_DECAY = 0.5
_USUAL_DECAY_SURGES = 0.5
"""Surges that the usual decay counts for."""
_LONGEST_DECAY = 0.9
_WEEKS_AROUND = 4
_MAD_TO_SIGMA = 1.4826
_DAYS_PER_WEEK = 7


@dataclass(frozen=True, eq=False)
class ClaimsOutlook:
    """Claims expected after the last known date.

    Attributes:
        expected: claims per future date, shape (horizon,).
        surge_claims: claims of the last date above its ordinary level; 0 when no storm runs.
        decay_per_day: share of a surge that is still there the day after.
        surges: claims above the ordinary level per past date, shape (dates,); 0 on ordinary dates.
        running: what is left of the surge of the last date per future date, shape (horizon,).
    """

    expected: FloatArray
    surge_claims: float
    decay_per_day: float
    surges: FloatArray
    running: FloatArray


def forecast_claims(claims: FloatArray, horizon_days: int) -> ClaimsOutlook:
    """Expected claims for the days after the last one.

    The ordinary level is the mean per weekday with a half-life of three months, a storm counting as the highest ordinary day. A
    surge is what lies more than four deviations above the level; it decays by the rate that days well above it (two deviations)
    show in the same series. Deviations are Poisson's, or larger where the series usually strays more.

    Args:
        claims: claims reported per consecutive date up to the last known one, >= 0.
        horizon_days: days to forecast, >= 0.

    Example:
        >>> calm = forecast_claims(np.full(70, 20.0), 2)
        >>> calm.expected.round(9).tolist(), calm.surge_claims
        ([20.0, 20.0], 0.0)
    """
    if len(claims) == 0:
        return ClaimsOutlook(np.zeros(horizon_days), 0.0, _USUAL_DECAY, np.zeros(0), np.zeros(horizon_days))
    level = _ordinary_level(claims)
    excess = claims - level
    chance = np.sqrt(np.maximum(level, 1.0))
    # Visits of a web site stray far more than by chance of counting; what is usual for the series is no surge.
    usual = max(_MAD_TO_SIGMA * float(np.median(np.abs(excess) / chance)), 1.0)
    highest = level + _SURGE_DEVIATIONS * usual * chance
    surging = claims > highest
    decay = _decay(excess, excess > _EXCESS_DEVIATIONS * usual * chance, surging)
    surge = float(excess[-1]) if surging[-1] else 0.0
    days = np.arange(1, horizon_days + 1)
    lately = _weekday_level(np.minimum(claims, highest)[-_LEVEL_DAYS:], surging[-_LEVEL_DAYS:])
    ordinary = lately[(len(claims[-_LEVEL_DAYS:]) - 1 + days) % _DAYS_PER_WEEK]
    running = np.asarray(surge * decay**days, dtype=np.float64)
    return ClaimsOutlook(ordinary + running, surge, decay, np.where(surging, excess, 0.0), running)


def _weekday_level(ordinary: FloatArray, surging: BoolArray) -> FloatArray:
    """Level per position in the week (position 0 is the first row's weekday).

    A storm that is over counts as the highest ordinary day, since others will come; one that runs to the last day is left out, as
    it is carried on by itself. Weekdays are drawn toward their mean by as much as chance alone would have them differ (James,
    Stein 1961): eight Mondays of two claims each say little.
    """
    calm = np.flatnonzero(~surging)
    kept = ordinary[: calm[-1] + 1] if calm.size else ordinary
    place = np.arange(len(kept)) % _DAYS_PER_WEEK
    weight = 0.5 ** (np.arange(len(kept))[::-1] / _LEVEL_HALF_LIFE_DAYS)
    total = np.bincount(place, weights=weight, minlength=_DAYS_PER_WEEK)
    usual = float(weight @ kept / weight.sum())
    sums = np.bincount(place, weights=weight * kept, minlength=_DAYS_PER_WEEK)
    mean = np.where(total > 0.0, sums / np.where(total > 0.0, total, 1.0), usual)
    days = float(weight.sum() ** 2 / (weight @ weight))  # so many equally weighted ones tell as much (Kish 1965)
    spread = float(weight @ np.square(kept - mean[place]) / weight.sum()) * days / max(days - _DAYS_PER_WEEK, 1.0)
    chance = spread / (days / _DAYS_PER_WEEK)
    apart = float(np.square(mean - usual).sum()) / (_DAYS_PER_WEEK - 1)
    return np.asarray(usual + (max(1.0 - chance / apart, 0.0) if apart > 0.0 else 0.0) * (mean - usual), dtype=np.float64)


def _ordinary_level(claims: FloatArray) -> FloatArray:
    """Level per past date: the median of the same weekday within eight weeks around it."""
    weeks = -(-len(claims) // 7)
    table = np.full((weeks + 2 * _WEEKS_AROUND, 7), np.nan)
    table[_WEEKS_AROUND : _WEEKS_AROUND + weeks].reshape(-1)[: len(claims)] = claims
    around = np.sort(np.lib.stride_tricks.sliding_window_view(table, 2 * _WEEKS_AROUND + 1, axis=0), axis=-1)  # missing last
    known = np.maximum(np.isfinite(around).sum(axis=-1, keepdims=True), 1)
    low, high = (np.take_along_axis(around, place, axis=-1) for place in ((known - 1) // 2, known // 2))
    return np.asarray(((low + high) / 2.0).reshape(-1)[: len(claims)], dtype=np.float64)


def _decay(excess: FloatArray, high: BoolArray, surging: BoolArray) -> float:
    """Share of a surge left a day later, by least squares through the origin, drawn to the usual half by half a surge's weight.

    Days that are merely high tell of it too, and a day below its level after one as much as one above.
    """
    today = np.flatnonzero(high[:-1])
    if len(today) == 0:
        return _USUAL_DECAY
    weight = _USUAL_DECAY_SURGES * float(np.mean(excess[surging if surging.any() else high] ** 2))
    share = float(excess[today] @ excess[today + 1]) + _USUAL_DECAY * weight
    return min(max(share / (float(excess[today] @ excess[today]) + weight), 0.0), _LONGEST_DECAY)
