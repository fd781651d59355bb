"""Queue -> channel, line of business, site -> enterprise: means add up exactly, quantiles by correlated aggregation.

A level's total has the sum of its queues' means, and the variance that follows from theirs and from the correlation of their
errors in the backtest, shrunk toward the mean correlation and never below zero (errors that cancel are luck, errors that add
are storms). Its quantiles are those of the gamma-Poisson distribution with that mean and variance.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from enterprise.hierarchy import LEVELS_ABOVE, QueuePlace
from forecasting.calendar import FloatArray
from forecasting.distribution import count_quantiles

_PRIOR_DAYS = 60.0
_UNKNOWN_CORRELATION = 0.2
_HIGHEST = 0.95
_FEWEST_DAYS = 20
_CLIP_SIGMA = 4.0


def members_of_levels(places: Mapping[str, QueuePlace]) -> list[tuple[str, str, list[str]]]:
    """Every member of a level above the queues, with its queues: level, member, queue ids.

    Args:
        places: queue id -> where it belongs.

    Example:
        >>> for member in members_of_levels({"line": QueuePlace("voice", "claims", "north")}):
        ...     print(*member)
        channel voice ['line']
        line_of_business claims ['line']
        site north ['line']
        enterprise all ['line']
    """
    result = []
    for level in LEVELS_ABOVE:
        member_of = {queue: place.member_of(level) for queue, place in places.items()}
        for member in sorted(set(member_of.values())):
            result.append((level, member, [queue for queue in places if member_of[queue] == member]))
    return result


def error_correlation(standard_errors: FloatArray) -> FloatArray:
    """Correlation of the queues' standardised backtest errors.

    Args:
        standard_errors: days x queues, NaN where unknown.

    Returns:
        Queues x queues, 1 on the diagonal, the others in [0, 0.95]; pairs seen together on few days lean to the mean of all
        pairs.
    """
    queues = standard_errors.shape[1]
    errors = np.clip(standard_errors, -_CLIP_SIGMA, _CLIP_SIGMA)
    known = np.isfinite(errors)
    filled = np.where(known, errors, 0.0)
    together = known.T.astype(np.float64) @ known.astype(np.float64)
    squares = np.square(filled).T @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (filled.T @ filled) / np.sqrt(squares * squares.T)
    off = ~np.eye(queues, dtype=bool) & (together >= _FEWEST_DAYS) & np.isfinite(found)
    typical = float(np.clip(found[off].mean(), 0.0, _HIGHEST)) if off.any() else _UNKNOWN_CORRELATION
    weight = together / (together + _PRIOR_DAYS)
    mixed = np.where(np.isfinite(found), weight * np.nan_to_num(found) + (1.0 - weight) * typical, typical)
    result = np.clip(mixed, 0.0, _HIGHEST)
    np.fill_diagonal(result, 1.0)
    return np.asarray(result, dtype=np.float64)


def total_quantiles(means: FloatArray, extra_variation: FloatArray, correlation: FloatArray) -> FloatArray:
    """Quantiles of the sum of some queues.

    Args:
        means: days x queues.
        extra_variation: the same shape, squared coefficient of variation beyond Poisson.
        correlation: queues x queues.

    Returns:
        Days x quantiles.
    """
    sigma = np.sqrt(means + extra_variation * means**2)
    variance = np.einsum("di,ij,dj->d", sigma, correlation, sigma)
    mean = means.sum(axis=1)
    extra = np.where(mean > 0.0, np.maximum(variance - mean, 0.0) / np.maximum(mean, 1e-9) ** 2, 0.0)
    return count_quantiles(mean, extra)
