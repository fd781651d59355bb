"""What each date is to a queue, as columns of a regression (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.settings import Enterprise
from enterprise.timing import calendar_of, opening_of

Floats = npt.NDArray[np.float64]

_AFTER_CLOSURE = 2
_MONTH_START = 4
_PAY_DAYS = 3
COLUMNS = (
    "level",
    *(f"weekday_{day}" for day in range(7)),
    "holiday",
    "eve",
    "bridge",
    "after_closure_1",
    "after_closure_2",
    "month_start_1",
    "month_start_2",
    "month_start_3",
    "month_start_4",
    "month_end",
    "pay_day_0",
    "pay_day_1",
    "pay_day_2",
    "year_end",
    "year_cosine",
    "year_sine",
)
_YEAR_END = ((12, 24), (1, 1))


def design_of(enterprise: Enterprise, queue_ids: Sequence[str], dates: Sequence[date]) -> Floats:
    """What each date is to each queue.

    Args:
        enterprise: settings.
        queue_ids: queues of the settings.
        dates: consecutive dates.

    Returns:
        Shape (queues, dates, len(COLUMNS)). Pay days are 25th and month ends unless the settings name others: where they mean
        nothing, the regression learns that.
    """
    by_hours: dict[str, Floats] = {}
    for queue_id in queue_ids:
        hours = enterprise.queues[queue_id].opening_hours
        if hours not in by_hours:
            by_hours[hours] = _design(enterprise, queue_id, dates)
    return np.stack([by_hours[enterprise.queues[queue_id].opening_hours] for queue_id in queue_ids])


def open_days(enterprise: Enterprise, queue_ids: Sequence[str], dates: Sequence[date]) -> npt.NDArray[np.bool_]:
    """Whether each queue is open on each date by the settings, shape (queues, dates)."""
    by_hours: dict[str, list[bool]] = {}
    for queue_id in queue_ids:
        hours = enterprise.queues[queue_id].opening_hours
        if hours not in by_hours:
            opening = opening_of(enterprise, queue_id)
            by_hours[hours] = [opening.is_open_day(day) for day in dates]
    return np.array([by_hours[enterprise.queues[queue_id].opening_hours] for queue_id in queue_ids])


def event_days(enterprise: Enterprise, queue_ids: Sequence[str], dates: Sequence[date]) -> npt.NDArray[np.bool_]:
    """Whether the settings know of an event that touches the queue on the date, shape (queues, dates)."""
    known = np.zeros((len(queue_ids), len(dates)), dtype=bool)
    for event in enterprise.events:
        during = np.array([event.first_date <= day <= event.last_date for day in dates])
        concerned = np.array([not event.queues or queue_id in event.queues for queue_id in queue_ids])
        known |= concerned[:, np.newaxis] & during
    return known


def _design(enterprise: Enterprise, queue_id: str, dates: Sequence[date]) -> Floats:
    calendar = calendar_of(enterprise, queue_id, dates[0], dates[-1])
    days = pd.DatetimeIndex(pd.to_datetime(pd.Series(dates)))
    working = _working(calendar)
    closed_weekday = np.asarray(~working & (calendar["weekday"] < 5) & calendar["is_holiday"], dtype=bool)
    of_month = _rank_in_month(working, days)
    since_closure = _working_days_since(closed_weekday, working, _AFTER_CLOSURE)
    since_pay = _working_days_since_pay(days, working, enterprise.planning.pay_days or (25,))
    month_end = np.asarray(working & (_left_in_month(working, days) == 1))
    year_end = np.array([(day.month, day.day) >= _YEAR_END[0] or (day.month, day.day) <= _YEAR_END[1] for day in dates])
    angle = 2 * np.pi * days.day_of_year.to_numpy(dtype=np.float64) / 365.25
    columns = [
        np.ones(len(dates)),
        *(calendar["weekday"].to_numpy() == day for day in range(7)),
        calendar["is_holiday"].to_numpy(dtype=bool),
        calendar["is_eve_of_holiday"].to_numpy(dtype=bool) & working,
        calendar["is_bridge_day"].to_numpy(dtype=bool),
        *(since_closure == k for k in range(1, _AFTER_CLOSURE + 1)),
        *((of_month == k) & working for k in range(1, _MONTH_START + 1)),
        month_end,
        *(since_pay == k for k in range(_PAY_DAYS)),
        year_end,
        np.cos(angle),
        np.sin(angle),
    ]
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])


def _working(calendar: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Monday to Friday outside holidays, which is when customers pay and write, whatever the queue's own hours."""
    return np.asarray((calendar["weekday"] < 5) & ~calendar["is_holiday"], dtype=bool)


def _rank_in_month(working: npt.NDArray[np.bool_], days: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """The how manieth working day of the month; of a month that the dates do not begin with, unknown (large)."""
    months = np.asarray(days.year * 12 + days.month)
    ranks = pd.Series(working.astype(np.int64)).groupby(months).cumsum().to_numpy()
    return np.where((months == months[0]) & (days[0].day > 1), 99, ranks)


def _left_in_month(working: npt.NDArray[np.bool_], days: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """Working days left in the month, this one included; the rest of a last, unfinished month is counted Monday to Friday."""
    months = np.asarray(days.year * 12 + days.month)
    to_end = pd.Series(working[::-1].astype(np.int64)).groupby(months[::-1]).cumsum().to_numpy()[::-1]
    last, end = days[-1], days[-1] + pd.offsets.MonthEnd(0)
    beyond = len(pd.bdate_range(last + pd.Timedelta(days=1), end)) if end > last else 0
    return np.asarray(to_end + np.where(months == months[-1], beyond, 0), dtype=np.int64)


def _working_days_since(marked: npt.NDArray[np.bool_], working: npt.NDArray[np.bool_], most: int) -> npt.NDArray[np.int64]:
    """Working days since the last marked day, 1 on the first one after it; 0 where it is longer ago than `most`."""
    found = np.zeros(len(marked), dtype=np.int64)
    count = most + 1
    for place in range(len(marked)):
        if marked[place]:
            count = 0
        elif working[place]:
            count += 1
            found[place] = count if count <= most else 0
    return found


def _working_days_since_pay(
    days: pd.DatetimeIndex, working: npt.NDArray[np.bool_], pay_days: Sequence[int]
) -> npt.NDArray[np.int64]:
    """0 on a pay day (or the working day before it if it is not one), then 1, 2, ...; 99 elsewhere."""
    found = np.full(len(days), 99, dtype=np.int64)
    paid = np.zeros(len(days), dtype=bool)
    for place, day in enumerate(days):
        if any(day.day == min(wanted, day.days_in_month) for wanted in pay_days):
            back = place
            while back > 0 and not working[back]:
                back -= 1
            paid[back] = True
    count = 99
    for place in range(len(days)):
        if paid[place]:
            count = 0
        elif working[place]:
            count = min(count + 1, 99)
        if working[place]:
            found[place] = count
    return found


_WIDE = {"level": 8.0, "holiday": 1.0, "year_cosine": 0.1, "year_sine": 0.1, "year_end": 0.3}
PRIOR_DEVIATIONS: Floats = np.array([_WIDE.get(name, 1.0 if name.startswith("weekday") else 0.25) for name in COLUMNS])
"""How large each column's effect on the logarithm of a count may well be: standard deviations before anything is known."""


_RARE = ("bridge", "after_closure_1", "year_end")
_RARE_DEVIATION = 0.15
"""Days that come a few times a year and fall together in ever new ways: what was learnt of each alone does not add up."""


def unsure_of(of_design: Floats) -> Floats:
    """Variance of the logarithm of a count that rare days have beyond that of others, shape (queues, dates)."""
    rare = (of_design[:, :, [COLUMNS.index(name) for name in _RARE]] > 0).any(axis=2)
    return np.where(rare, _RARE_DEVIATION**2, 0.0)


def holidays(of_design: Floats) -> npt.NDArray[np.bool_]:
    """Whether the date is a holiday, by queue, shape (queues, dates), of what `design_of` gives."""
    return np.asarray(of_design[:, :, COLUMNS.index("holiday")] > 0)
