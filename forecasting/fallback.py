"""Short history: a queue with less than four weeks borrows the weekday pattern of its channel and keeps its own level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.calendar import FloatArray
from forecasting.panel import Panel

FEWEST_DAYS = 28
"""Days to fit on below which weekdays are borrowed."""
NAME = "group_profile"
_LENDER_DAYS = 56
_PRIOR_DAYS = 3.0


def weekday_factors(panel: Panel, column: int) -> FloatArray:
    """Mean of each weekday over the mean of all days; 1 for weekdays never seen."""
    rows = np.flatnonzero(panel.fit[:, column])
    like = panel.weekday_like(panel.queues[column])[rows]
    own = panel.offered[rows, column]
    factors = np.ones(7)
    for weekday in range(7):
        same = own[like == weekday]
        if same.size and own.mean() > 0.0:
            factors[weekday] = same.mean() / own.mean()
    return factors


def group_forecast(panel: Panel, column: int, group: Sequence[int]) -> FloatArray:
    """Forecast of a queue with few days: its own level times weekday factors mixed with its group's.

    Args:
        panel: history and calendar; the queue has at least one day to fit on.
        column: the queue.
        group: columns of the queues of the same channel; those with eight weeks of history lend their weekdays.

    Returns:
        Expected contacts per future day; 0 where the queue takes none.
    """
    lenders = [other for other in group if other != column and panel.fit[:, other].sum() >= _LENDER_DAYS]
    lent = np.mean([weekday_factors(panel, other) for other in lenders], axis=0) if lenders else np.ones(7)
    rows = np.flatnonzero(panel.fit[:, column])
    like = panel.weekday_like(panel.queues[column])
    own = np.maximum(panel.offered[rows, column] - panel.from_claims[rows, column], 0.0)
    level = float((own / np.maximum(lent[like[rows]], 0.05)).mean())
    factors = lent.copy()
    for weekday in range(7):
        same = own[like[rows] == weekday]
        if level > 0.0:
            factors[weekday] = (same.sum() / level + _PRIOR_DAYS * lent[weekday]) / (same.size + _PRIOR_DAYS)
    forecast = level * factors[like[panel.past :]] + panel.from_claims[panel.past :, column]
    return np.where(panel.takes_contacts[panel.past :, column], forecast, 0.0)
