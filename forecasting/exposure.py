"""How claims reach a queue: the claims reported so many days ago, moved on where the queue was closed."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import BoolArray, FloatArray


def exposures(claims: FloatArray, takes_contacts: BoolArray, maximum_lag_days: int) -> FloatArray:
    """Claims per lag day as a queue meets them.

    Lags count calendar days from the day of the report. What falls on a closed day comes on the next day on which contacts can
    arrive: customers who wanted to call on Sunday call on Monday.

    Args:
        claims: claims reported per consecutive date, >= 0, shape (dates,).
        takes_contacts: dates on which contacts can arrive, shape (dates,).
        maximum_lag_days: longest lag K, >= 0.

    Returns:
        Shape (dates, K + 1): row t, column k holds the claims whose contacts of lag k come on date t; 0 on closed dates. Claims
        before the first date count as the mean of the first four weeks.

    Example:
        >>> opened = np.array([True, True, False, True])
        >>> exposures(np.array([0.0, 10.0, 0.0, 0.0]), opened, 1)[:, 1].tolist()[2:]
        [0.0, 10.0]
    """
    before = np.full(maximum_lag_days, claims[:28].mean() if len(claims) else 0.0)
    padded = np.concatenate([before, claims])
    lagged = np.lib.stride_tricks.sliding_window_view(padded, maximum_lag_days + 1)[:, ::-1]
    met = np.zeros((len(claims), maximum_lag_days + 1))
    taking = np.flatnonzero(takes_contacts)
    if taking.size:
        # Each date that takes contacts takes its own and those of the closed dates right before it.
        met[taking] = np.add.reduceat(lagged[: taking[-1] + 1], np.append(0, taking[:-1] + 1), axis=0)
    return met
