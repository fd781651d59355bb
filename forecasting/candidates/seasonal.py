"""Seasonal candidates: the last day of the same kind, or the mean of the last ones of the weekday."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import BoolArray, FloatArray, QueueCalendar
from forecasting.candidates.candidate import Candidate
from forecasting.level_shift import near_holidays
from forecasting.panel import Panel

DAYS_PER_WEEK = 7


def seasonal_mean(panel: Panel, weeks: int, *, ordinary_days_only: bool = False) -> FloatArray:
    """Mean of the last `weeks` days that resemble the same weekday.

    Closed days, days without feed and outliers do not count: the mean goes further back instead. A holiday on which
    contacts come all the same counts as, and is forecast as, a Sunday. Contacts that claims brought are taken out of the past
    days and those they will bring are added. Where a weekday has never been seen, the mean of all days seen is used.

    Args:
        panel: history and calendar.
        weeks: how many days of the weekday, >= 1; 1 is the seasonal naive forecast.
        ordinary_days_only: whether days about a holiday teach nothing: the week of a holiday is no pattern for the four weeks
            after it. Where a weekday has no other days they teach all the same.
    """
    result = np.full((panel.horizon, len(panel.queues)), np.nan)
    own = panel.offered - panel.from_claims[: panel.past]
    for column, queue in enumerate(panel.queues):
        like = panel.weekday_like(queue)
        rows = np.flatnonzero(panel.fit[:, column])
        if not rows.size:
            continue
        ordinary = rows[~_about_holidays(panel.calendars[queue])[rows]] if ordinary_days_only else rows
        by_weekday = np.full(DAYS_PER_WEEK, own[rows, column][-weeks * DAYS_PER_WEEK :].mean())
        for weekday in range(DAYS_PER_WEEK):
            same = ordinary[like[ordinary] == weekday][-weeks:]
            if not same.size:
                same = rows[like[rows] == weekday][-weeks:]
            if same.size:
                by_weekday[weekday] = own[same, column].mean()
        result[:, column] = np.maximum(by_weekday[like[panel.past :]], 0.0) + panel.from_claims[panel.past :, column]
    return np.where(panel.takes_contacts[panel.past :], result, np.where(np.isnan(result), np.nan, 0.0))


def _about_holidays(calendar: QueueCalendar) -> BoolArray:
    """Holidays, the days around them, bridge days and the first day after an unusual closure."""
    frame = calendar.frame
    after = frame["is_day_after_closure"].to_numpy(dtype=bool)
    return np.asarray(near_holidays(calendar) | after | frame["is_bridge_day"].to_numpy(dtype=bool))


SEASONAL_NAIVE = Candidate("seasonal_naive", lambda panel: seasonal_mean(panel, 1, ordinary_days_only=True), is_simple=True)
"""A single week has no others to even out a holiday's; of the means, which have, skipping them made no case clearly better."""
SEASONAL_MEAN_4 = Candidate("seasonal_mean_4_weeks", lambda panel: seasonal_mean(panel, 4), is_simple=True)
SEASONAL_MEAN_8 = Candidate("seasonal_mean_8_weeks", lambda panel: seasonal_mean(panel, 8), is_simple=True)
