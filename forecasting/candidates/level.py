"""Level correction: what a model has lately missed is put right at first, and less and less further ahead."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import FloatArray, IntArray

HALF_LIFE_DAYS = 5.0
DECAY_PER_WEEK = 0.8
PRIOR_DAYS = 2.0
"""Evidence, in days, that the model needs no correction."""
_CLIP = 2.5
_MAD_TO_SIGMA = 1.4826


def level_correction(residuals: FloatArray, age_days: IntArray, horizon: int) -> FloatArray:
    """Correction on the log scale for each day ahead.

    Args:
        residuals: log of what came over what the model says, per past day; outlying ones are clipped at 2.5 sigma.
        age_days: how many days ago, >= 0, of the same length.
        horizon: days ahead.

    Returns:
        One log factor per lead day 1 .. horizon.

    Example:
        >>> level_correction(np.full(60, 0.1), np.arange(60), 8).round(3)[[0, 7]]
        array([0.076, 0.061])
    """
    lead = np.arange(1, horizon + 1)
    if not residuals.size:
        return np.zeros(horizon)
    centre = float(np.median(residuals))
    spread = _MAD_TO_SIGMA * float(np.median(np.abs(residuals - centre)))
    clipped = np.clip(residuals, centre - _CLIP * spread, centre + _CLIP * spread)
    weight = 0.5 ** (age_days / HALF_LIFE_DAYS)
    level = float((weight * clipped).sum() / (weight.sum() + PRIOR_DAYS))
    return level * DECAY_PER_WEEK ** (lead / 7.0)
