"""Before a file's series teach anything: days that are not whole and the false start of a feed are set aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from forecasting.calendar import FloatArray
from forecasting.file_grain import DAY_MINUTES
from forecasting.file_history import QueueHistory
from forecasting.night_history import HISTORY_DAYS

_FEWEST_ALIKE = 4
_USUAL_SHARE = 0.75
_WHOLE_SHARE = 0.9
_SPIKE = 4.0
_START_BELOW = 0.4
_LATEST_START = 0.5
_LARGE = 20.0


def usable(queue: QueueHistory, last_known: date) -> QueueHistory:
    """The history without days that are not whole, a feed's false start and what is too long ago.

    Args:
        queue: the history as it was read.
        last_known: day before the as-of date.
    """
    whole = without_part_days(queue)
    start = max(false_start(whole.daily), (last_known - whole.first).days - HISTORY_DAYS)
    if start <= 0:
        return whole
    if start >= len(whole.daily):
        start = len(whole.daily) - 1
    kept = whole.day >= start
    return replace(
        whole,
        first=whole.first + timedelta(days=start),
        daily=whole.daily[start:],
        day=whole.day[kept] - start,
        minute=whole.minute[kept],
        contacts=whole.contacts[kept],
    )


def without_part_days(history: QueueHistory) -> QueueHistory:
    """The history without a first or last day of which only some intervals are there, while days normally have them all.

    Example:
        >>> from datetime import date
        >>> day, minute = np.repeat(np.arange(36), 4)[2:], np.tile([0, 360, 720, 1080], 36)[2:]
        >>> one = QueueHistory("calls", 360, date(2026, 11, 2), np.full(36, 4.0), day, minute, np.ones(142))
        >>> without_part_days(one).daily[:2].tolist()
        [nan, 4.0]
    """
    if history.is_daily:
        return history
    slots = DAY_MINUTES // history.grain_minutes
    rows = np.zeros((len(history.daily), slots), dtype=bool)
    rows[history.day, history.minute // history.grain_minutes] = True
    number = rows.sum(axis=1)
    there = np.flatnonzero(number)
    daily = history.daily.copy()
    for row in (there[0], there[-1]):
        alike = number[row % 7 :: 7]
        alike = alike[alike > 0]
        usual = np.median(alike)
        regular = np.mean(alike >= _WHOLE_SHARE * usual) >= _USUAL_SHARE
        if len(alike) >= _FEWEST_ALIKE and regular and number[row] < _WHOLE_SHARE * usual:
            daily[row] = np.nan
    gone = np.isnan(daily) & ~np.isnan(history.daily)
    kept = ~gone[history.day]
    return replace(history, daily=daily, day=history.day[kept], minute=history.minute[kept], contacts=history.contacts[kept])


def false_start(daily: FloatArray) -> int:
    """Days at the beginning that a feed's false start spoils: little at first, then all that was held back on one day.

    Args:
        daily: contacts per date, NaN where not known.

    Returns:
        How many days to leave out; 0 where the beginning is as good as the rest.

    Example:
        >>> false_start(np.array([5.0] * 20 + [3000.0] + [400.0] * 60))
        21
    """
    known = np.flatnonzero(np.isfinite(daily))
    if len(known) < 21:
        return 0
    spike = known[int(np.argmax(daily[known]))]
    before, after = daily[known[known < spike]], daily[known[known > spike]]
    if len(before) < 3 or len(after) < 14 or spike > _LATEST_START * len(daily):
        return 0
    usual = float(np.mean(after[:28]))
    held_back = daily[spike] >= _SPIKE * max(float(np.quantile(after[:28], 0.8)), _LARGE)
    return int(spike) + 1 if held_back and float(np.mean(before)) < _START_BELOW * usual else 0
