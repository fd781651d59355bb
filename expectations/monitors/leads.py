"""Claims of the last days as what leads the contacts of today (pure)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from expectations.monitors.robust import middle

Floats = npt.NDArray[np.float64]

LEAD_WINDOWS = ((0, 0), (1, 2), (3, 7), (8, 14))
"""From and to how many days ago claims were reported that lead contacts together."""
_USUAL_CLAIMS_DAYS = 56


def leads(claims: Floats) -> Floats:
    """How many more claims than usual were reported lately, as logarithms, shape (rows, dates, windows).

    Args:
        claims: claims per row and date; 0 or NaN where unknown.
    """
    filled = np.nan_to_num(claims)
    rows, dates = filled.shape
    usual = np.ones((rows, dates))
    for day in range(dates):
        window = filled[:, max(day - _USUAL_CLAIMS_DAYS, 0) : day]
        usual[:, day] = np.maximum(middle(window), 1.0) if day >= 14 else np.maximum(filled[:, :14].mean(axis=1), 1.0)
    total = np.concatenate([np.zeros((rows, 1)), filled.cumsum(axis=1)], axis=1)
    found = np.zeros((rows, dates, len(LEAD_WINDOWS)))
    place = np.arange(dates)
    for number, (newest, oldest) in enumerate(LEAD_WINDOWS):
        until, begin = np.maximum(place - newest + 1, 0), np.maximum(place - oldest, 0)
        mean = (total[:, until] - total[:, begin]) / np.maximum(until - begin, 1)
        found[:, :, number] = np.where(until > begin, np.log((mean + 0.3 * usual) / (1.3 * usual)), 0.0)
    return found
