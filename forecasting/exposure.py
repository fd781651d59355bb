"""How a driver reaches a queue: its values so many days ago, with lags counted in calendar or in business days."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import BoolArray, FloatArray

MOVED, CALENDAR, BUSINESS = "calendar days, moved on where closed", "calendar days, lost where closed", "business days"
COUNTINGS = (MOVED, CALENDAR, BUSINESS)
_ALWAYS_OPEN = 0.97


def countings_for(takes_contacts: BoolArray) -> tuple[str, ...]:
    """Ways to count lags that differ for a queue: only one where it is hardly ever closed."""
    return (MOVED,) if takes_contacts.mean() >= _ALWAYS_OPEN else COUNTINGS


def exposures(claims: FloatArray, takes_contacts: BoolArray, maximum_lag_days: int, counting: str = MOVED) -> FloatArray:
    """A driver's values per lag day as a queue meets them.

    `MOVED`: lags count calendar days from the day of the value; what falls on a closed day comes on the next day on which
    contacts can arrive: customers who wanted to call on Sunday call on Monday.
    `CALENDAR`: what falls on a closed day never comes.
    `BUSINESS`: lags count days on which contacts can arrive; values of closed days count as the next such day's.

    Args:
        claims: values per consecutive date (claims reported, letters sent), >= 0, shape (dates,).
        takes_contacts: dates on which contacts can arrive, shape (dates,).
        maximum_lag_days: longest lag K, >= 0.
        counting: one of `COUNTINGS`.

    Returns:
        Shape (dates, K + 1): row t, column k holds the values whose contacts of lag k come on date t; 0 on closed dates. Values
        before the first date count as the mean of the first four weeks.

    Example:
        >>> opened = np.array([True, True, False, True])
        >>> reported = np.array([0.0, 10.0, 0.0, 0.0])
        >>> exposures(reported, opened, 1)[:, 1].tolist()[2:]
        [0.0, 10.0]
        >>> exposures(reported, opened, 1, CALENDAR)[:, 1].tolist()[2:], exposures(reported, opened, 1, BUSINESS)[3].tolist()
        ([0.0, 0.0], [0.0, 10.0])
    """
    met = np.zeros((len(claims), maximum_lag_days + 1))
    taking = np.flatnonzero(takes_contacts)
    if not taking.size:
        return met
    # Each date that takes contacts takes its own and those of the closed dates right before it.
    since_open = np.append(0, taking[:-1] + 1)
    if counting == BUSINESS:
        met[taking] = _lagged(np.add.reduceat(claims[: taking[-1] + 1], since_open), maximum_lag_days)
        return met
    lagged = _lagged(claims, maximum_lag_days)
    met[taking] = lagged[taking] if counting == CALENDAR else np.add.reduceat(lagged[: taking[-1] + 1], since_open, axis=0)
    return met


def _lagged(series: FloatArray, maximum_lag_days: int) -> FloatArray:
    """Row t, column k: the value of k rows before."""
    before = np.full(maximum_lag_days, series[:28].mean())
    padded = np.concatenate([before, series])
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, maximum_lag_days + 1)[:, ::-1], dtype=np.float64)
