"""What does not stay as it is in the course of the history: the level of the contacts wanders, and kernels drift.

What is one day above the calendar is likely to be so the day after. A kernel estimated as if days were independent takes such
swings for its driver's doing. Rows are therefore compared with an exponentially fading mean of the rows before them, which is
what makes the days of a local-level model independent.

A kernel that drifts changes in a straight line, lag by lag and smoothly, from what it was on the first day to what it is today:
customers who learn to look a claim up call less and less for each.
Source: Muth (1960), "Optimal properties of exponentially weighted forecasts", JASA 55; Harvey (1989), "Forecasting, structural
time series models and the Kalman filter", section 4.3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from forecasting.calendar import FloatArray

GAINS = (0.0, 0.1, 0.2, 0.4)
DRIFTS = (10.0, 1.0, 0.1)
FEWEST_DAYS_TO_DRIFT = 112
"""Usable days below which a kernel is taken to stay as it is."""


class Wandering(NamedTuple):
    """How things change in the course of the history.

    Attributes:
        gain: share of a day's surprise that stays in the level, 0 <= gain < 1; 0: the level does not wander.
        drift: weight of the penalty on what kernels change; the smaller, the more they may. None: they do not.
    """

    gain: float = 0.0
    drift: float | None = None


STEADY = Wandering()


def without_wandering(rows: FloatArray, gain: float) -> FloatArray:
    """Each row less the fading mean of the rows before it, which starts at 0.

    Args:
        rows: one row per consecutive usable day, shape (days, columns).
        gain: share of a row's difference by which the mean follows it, 0 <= gain < 1; 0 leaves the rows as they are.

    Example:
        >>> without_wandering(np.array([[8.0], [8.0], [12.0]]), 0.5)[:, 0].tolist()
        [8.0, 4.0, 6.0]
        >>> without_wandering(np.array([[8.0], [8.0]]), 0.0)[:, 0].tolist()
        [8.0, 8.0]
    """
    if gain == 0.0:
        return rows
    return np.asarray(lfilter([1.0, -1.0], [1.0, gain - 1.0], rows, axis=0), dtype=np.float64)
