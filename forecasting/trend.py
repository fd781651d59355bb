"""How far ahead a trend goes on (pure)."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import FloatArray, IntArray
from forecasting.scores import LEAD_BANDS

_DAMPING = 0.98
"""What is left of a trend's slope a week later: in all it goes on for less than one more year."""
_MEASURED_DAYS = float(LEAD_BANDS[-1][1])
_DAYS_PER_WEEK = 7.0


def damped_weeks(weeks_ahead: FloatArray | IntArray) -> FloatArray:
    """Weeks for which a trend counts that loses a part of its slope each week.

    Source: Gardner, McKenzie (1985), "Forecasting trends in time series", Management Science 31(10).

    Example:
        >>> damped_weeks(np.array([0.0, 1.0, 2.0, 52.0])).round(2).tolist()
        [0.0, 0.98, 1.94, 31.86]
    """
    return np.asarray(_DAMPING * (1.0 - _DAMPING**weeks_ahead) / (1.0 - _DAMPING), dtype=np.float64)


def damped_days(days_ahead: FloatArray | IntArray) -> FloatArray:
    """Days for which a daily series' trend counts: all as far as backtests have measured it, fewer and fewer beyond.

    Args:
        days_ahead: days after the last one known; days of the past are negative and stay.

    Example:
        >>> damped_days(np.array([-3.0, 28.0, 35.0, 365.0])).round(1).tolist()
        [-3.0, 28.0, 34.9, 241.3]
    """
    beyond = np.maximum(days_ahead - _MEASURED_DAYS, 0.0) / _DAYS_PER_WEEK
    return np.asarray(np.minimum(days_ahead, _MEASURED_DAYS) + _DAYS_PER_WEEK * damped_weeks(beyond), dtype=np.float64)
