"""Short history: a queue with less than six weeks borrows weekdays from its group and keeps its own level, and says so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.calendar import FloatArray
from forecasting.candidates.least_squares import LOWEST_MEAN
from forecasting.candidates.pooled import pooled_forecast
from forecasting.candidates.regression import fit_regression
from forecasting.distribution import Spread, short_history_spread
from forecasting.panel import Panel

NAME = "group_profile"
_WEEK = 7
_CHANCE_CONTACTS = 10.0
"""A day: of so many, chance is half of what tells weekdays apart."""


def group_forecast(panel: Panel, column: int, group: Sequence[int]) -> tuple[FloatArray, Spread]:
    """Forecast of a queue with few days: the mean of pooled weekdays and of a regression held tight to the calendar.

    Either alone is worse on short histories: pooled weekdays know no holiday or month, the regression takes chance for weekdays
    and borrows none, so that it has an equal say where contacts are many and hardly any where they are few, less in a first week,
    of which it knows no weekday twice, and none on weekdays that the queue has not had. Their mean is the geometric one: a
    regression that has gone wrong is many times too high.

    Args:
        panel: history and calendar; the queue has at least one day to fit on.
        column: the queue.
        group: columns of the queues that it may learn weekdays from; whether it is among them does not matter.

    Returns:
        Expected contacts per future day, 0 where the queue takes none; and how far days are likely to stray.
    """
    together = [column, *(other for other in group if other != column)]
    pooled = pooled_forecast(panel, together)
    fitted = fit_regression(panel, column)
    rows = np.flatnonzero(panel.fit[:, column])
    usual = float(panel.offered[rows, column].mean())
    # Of a queue whose days are all too long ago for a level, the mean is left.
    takes = panel.takes_contacts[panel.past :, column]
    long_ago = np.where(takes, usual, 0.0)
    own = np.where(np.isfinite(pooled.mean[:, 0]), pooled.mean[:, 0], long_ago)
    if fitted is not None:
        expected = own.sum() / max(takes.sum(), 1)
        seen = min(len(rows) / _WEEK, 1.0)
        like = panel.weekday_like(panel.queues[column])
        is_known = np.isin(like[panel.past :], like[rows])
        say = np.where(is_known, 0.5 * seen * expected / (expected + _CHANCE_CONTACTS), 0.0)
        explained = np.maximum((fitted.own + fitted.from_claims)[panel.past :], LOWEST_MEAN)
        own = np.where(own > 0.0, own * (explained / np.maximum(own, LOWEST_MEAN)) ** say, own)
    return own, short_history_spread(float(pooled.variation[0]), usual, len(rows))
