"""A driver as the lead needs it: on every date of history and horizon, what is not known filled from what was known before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import FloatArray
from forecasting.claims_forecast import forecast_claims
from forecasting.claims_series import without_gaps


@dataclass(frozen=True, eq=False)
class DriverSeries:
    """One driver.

    Attributes:
        values: per date of history and horizon, >= 0; a driver that goes below zero (temperature) is lifted by its lowest value,
            which the level of the contacts takes up.
        begins: position of the first known value; the length of the history where there is none.
        days_silent: days from its last known value to the end of the history.
    """

    values: FloatArray
    begins: int
    days_silent: int


def driver_series(known: FloatArray, horizon_days: int) -> DriverSeries:
    """Fill gaps and forecast what is to come.

    A gap has the usual level of its weekday before it; days after the last known value have its forecast, never a value known
    later.

    Args:
        known: value per date of history, NaN where not known.
        horizon_days: days to forecast.

    Example:
        >>> driver_series(np.array([np.nan, 4.0, 4.0, np.nan]), 1).values.tolist()
        [4.0, 4.0, 4.0, 4.0, 4.0]
    """
    there = np.flatnonzero(np.isfinite(known))
    if not there.size:
        return DriverSeries(np.zeros(len(known) + horizon_days), len(known), len(known))
    first, last = int(there[0]), int(there[-1])
    lifted = known[first : last + 1] - min(float(np.nanmin(known)), 0.0)
    filled = without_gaps(lifted)
    silent = len(known) - 1 - last
    ahead = forecast_claims(filled, silent + horizon_days).expected
    before = np.full(first, filled[:28].mean())
    return DriverSeries(np.concatenate([before, filled, np.maximum(ahead, 0.0)]), first, silent)
