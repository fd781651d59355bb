"""Medians of what is known, of many series at once (pure)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def middle(values: Floats) -> Floats:
    """Median of each row, leaving out what is missing; NaN for a row of which nothing is known.

    What `np.nanmedian` gives, which goes from row to row.

    Example:
        >>> middle(np.array([[3.0, np.nan, 1.0, 8.0], [np.nan] * 4, [2.0, 4.0, 6.0, 8.0]])).tolist()
        [3.0, nan, 5.0]
    """
    if values.shape[1] == 0:
        return np.full(len(values), np.nan)
    ordered = np.sort(values, axis=1)  # NaN last
    known = np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    low, high = np.maximum(known - 1, 0) // 2, known // 2
    return np.asarray(
        np.where(known > 0, 0.5 * (ordered[rows, low] + ordered[rows, np.minimum(high, values.shape[1] - 1)]), np.nan)
    )
