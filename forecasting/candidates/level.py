"""Level correction: what a model has lately missed is put right at first, and less and less further ahead."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import BoolArray, FloatArray, IntArray

HALF_LIFE_DAYS = 5.0
DECAY_PER_WEEK = 0.8
PRIOR_DAYS = 2.0
"""Evidence, in days of a large queue, that the model needs no correction."""
CLIP_SIGMA = 2.5


def level_correction(
    offered: FloatArray, expected: FloatArray, age_days: IntArray, extra_variation: float, horizon: int
) -> FloatArray:
    """Correction on the log scale for each day ahead of one queue.

    Args:
        offered: contacts that came, per past day.
        expected: contacts the model says for those days, > 0.
        age_days: how many days ago, >= 0, of the same length.
        extra_variation: squared coefficient of variation beyond Poisson, > 0; days further off than 2.5 sigma are clipped.
        horizon: days ahead.

    Returns:
        One log factor per lead day 1 .. horizon.

    Example:
        >>> model = np.full(60, 1000.0)
        >>> level_correction(1.1 * model, model, np.arange(60), 0.01, 8).round(3)[[0, 7]]
        array([0.073, 0.058])
    """
    known = np.ones((1, offered.size), dtype=bool)
    found = level_corrections(offered[None], expected[None], known, age_days, np.array([extra_variation]), horizon)
    return np.asarray(found[0], dtype=np.float64)


def level_corrections(
    offered: FloatArray, expected: FloatArray, known: BoolArray, age_days: IntArray, extra_variation: FloatArray, horizon: int
) -> FloatArray:
    """Corrections of many queues: weighted contacts over weighted expectation, in logs.

    A ratio of sums, so that zeros and low counts need no special case; small queues, whose ratio is mostly chance, are
    corrected less.

    Args:
        offered: queues x past days.
        expected: the same shape, > 0.
        known: the same shape, days that count.
        age_days: how many days ago each past day is.
        extra_variation: by queue, > 0.
        horizon: days ahead.

    Returns:
        Queues x lead days; 0 for queues without a day that counts.
    """
    phi = extra_variation[:, None]
    sigma = np.sqrt(expected + phi * expected**2)
    clipped = np.clip(offered, expected - CLIP_SIGMA * sigma, expected + CLIP_SIGMA * sigma)
    weight = known * 0.5 ** (age_days / HALF_LIFE_DAYS)
    total = weight.sum(axis=1)
    usual = np.maximum((weight * expected).sum(axis=1), np.finfo(np.float64).tiny) / np.where(total > 0.0, total, 1.0)
    prior = usual * PRIOR_DAYS * (1.0 + 1.0 / (usual * extra_variation))
    level = np.log(((weight * clipped).sum(axis=1) + prior) / ((weight * expected).sum(axis=1) + prior))
    lead = np.arange(1, horizon + 1)
    return np.asarray(np.where(total > 0.0, level, 0.0)[:, None] * DECAY_PER_WEEK ** (lead / 7.0), dtype=np.float64)
