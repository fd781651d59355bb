"""How good a forecast was: absolute error, bias, pinball loss, coverage; by band of leads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forecasting.calendar import FloatArray, IntArray
from warehouse.tables.columns import QUANTILES

LEAD_BANDS: tuple[tuple[int, int], ...] = ((1, 7), (8, 14), (15, 28))
"""First and last lead day of each band; leads beyond the last belong to it."""
BAND_NAMES = tuple(f"{first}-{last}" for first, last in LEAD_BANDS)


def band_of(lead_days: npt.ArrayLike) -> IntArray:
    """Position of the band of each lead day.

    Example:
        >>> band_of([1, 7, 8, 28, 40]).tolist()
        [0, 0, 1, 2, 2]
    """
    return np.searchsorted([last for _, last in LEAD_BANDS[:-1]], np.asarray(lead_days), side="left").astype(np.int64)


def wape(actual: FloatArray, forecast: FloatArray) -> float:
    """Sum of absolute errors over the sum of actuals; NaN where nothing came. Days where one is NaN do not count.

    Example:
        >>> wape(np.array([100.0, 50.0]), np.array([90.0, 55.0]))
        0.1
    """
    known = np.isfinite(actual) & np.isfinite(forecast)
    total = float(actual[known].sum())
    return float(np.abs(actual[known] - forecast[known]).sum()) / total if total > 0.0 else float("nan")


def bias(actual: FloatArray, forecast: FloatArray) -> float:
    """Sum of errors over the sum of actuals; positive is forecast too high."""
    known = np.isfinite(actual) & np.isfinite(forecast)
    total = float(actual[known].sum())
    return float((forecast[known] - actual[known]).sum()) / total if total > 0.0 else float("nan")


def mean_pinball(actual: FloatArray, quantiles: FloatArray) -> float:
    """Mean pinball loss over the published quantiles (last axis), in contacts; NaN where nothing is known.

    Example:
        >>> round(mean_pinball(np.array([10.0]), np.full((1, 7), 12.0)), 3)
        1.0
    """
    error = actual[..., None] - quantiles
    levels = np.array(QUANTILES)
    loss = np.maximum(levels * error, (levels - 1.0) * error)
    known = np.isfinite(loss)
    return float(loss[known].mean()) if known.any() else float("nan")


def coverage_80(actual: FloatArray, quantiles: FloatArray) -> float:
    """Share of days between the 10 % and the 90 % quantile, both included; NaN where nothing is known."""
    low, high = quantiles[..., QUANTILES.index(0.10)], quantiles[..., QUANTILES.index(0.90)]
    known = np.isfinite(actual) & np.isfinite(low)
    return float(((actual >= low) & (actual <= high))[known].mean()) if known.any() else float("nan")
