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
        ahead_days: days ahead up to which its values are always known; 0: each when its day is over.
    """

    values: FloatArray
    begins: int
    days_silent: int
    ahead_days: int = 0


def driver_series(known: FloatArray, horizon_days: int, announced: FloatArray | None = None, ahead_days: int = 0) -> DriverSeries:
    """Fill gaps and forecast what is to come.

    A gap has the usual level of its weekday before it; days after the last known value have its forecast, never a value known
    later, but for those announced.

    Args:
        known: value per date of history, NaN where not known.
        horizon_days: days to forecast.
        announced: value per date of the horizon that is known already, NaN where not known.
        ahead_days: days ahead up to which its values are always known.

    Example:
        >>> driver_series(np.array([np.nan, 4.0, 4.0, np.nan]), 1).values.tolist()
        [4.0, 4.0, 4.0, 4.0, 4.0]
        >>> driver_series(np.array([0.0, 0.0]), 3, np.array([0.0, 9.0, np.nan]), 2).values.tolist()
        [0.0, 0.0, 0.0, 9.0, 0.0]
    """
    to_come = np.full(horizon_days, np.nan) if announced is None else announced
    there = np.flatnonzero(np.isfinite(known))
    if not there.size:
        return DriverSeries(np.zeros(len(known) + horizon_days), len(known), len(known), ahead_days)
    first, last = int(there[0]), int(there[-1])
    lift = min(float(np.nanmin(np.append(known, to_come))), 0.0)
    lifted = known[first : last + 1] - lift
    filled = without_gaps(lifted)
    silent = len(known) - 1 - last
    ahead = forecast_claims(filled, silent + horizon_days).expected
    future = np.maximum(ahead, 0.0)
    if horizon_days:
        future[silent:] = np.where(np.isfinite(to_come), to_come - lift, future[silent:])
    before = np.full(first, filled[:28].mean())
    return DriverSeries(np.concatenate([before, filled, future]), first, silent, ahead_days)
