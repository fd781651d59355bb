"""The business calendar of every queue, past and future: what is known of a date before anything happens on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.calendars import business_calendar, monthly_pay_dates
from enterprise.opening import Opening
from enterprise.settings import Enterprise
from enterprise.timing import opening_of

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SUNDAY = 6


@dataclass(frozen=True, eq=False)
class QueueCalendar:
    """One queue's calendar over consecutive dates.

    Attributes:
        frame: one row per date, as `enterprise.calendars.business_calendar` gives it.
        takes_contacts: dates on which contacts can arrive: open days of live channels; every day for deferred work, whose mail
            and cases come while nobody works.
        weekday_like: the weekday (Monday = 0) each date resembles: a holiday on which contacts come all the same is like
            a Sunday.
    """

    frame: pd.DataFrame
    takes_contacts: BoolArray
    weekday_like: IntArray

    def __len__(self) -> int:
        """Number of dates."""
        return len(self.frame)


def queue_calendar(opening: Opening, first: date, last: date, *, deferred: bool, pay_days: tuple[int, ...] = ()) -> QueueCalendar:
    """The calendar of one queue from first to last date, both included.

    Args:
        opening: hours, exceptions and holidays.
        first: first date of history.
        last: last date of the horizon.
        deferred: whether work arrives on closed days too.
        pay_days: days of the month on which customers are paid.

    Example:
        >>> from datetime import time
        >>> from enterprise.holiday_calendar import HolidayCalendar
        >>> office = Opening({day: [(time(9), time(17))] for day in range(5)}, "Europe/Amsterdam", holidays=HolidayCalendar("NL"))
        >>> calls = queue_calendar(office, date(2026, 12, 24), date(2026, 12, 27), deferred=False)
        >>> calls.takes_contacts.tolist()
        [True, False, False, False]
        >>> mail = queue_calendar(office, date(2026, 12, 24), date(2026, 12, 27), deferred=True)
        >>> mail.weekday_like.tolist()
        [3, 6, 6, 6]
    """
    paid = sorted({day for number in pay_days for day in monthly_pay_dates(opening, number, first, last)})
    frame = business_calendar(opening, first, last, pay_dates=paid or None)
    is_open = frame["is_open"].to_numpy(dtype=bool)
    takes_contacts = np.ones(len(frame), dtype=bool) if deferred else is_open
    weekday = frame["weekday"].to_numpy(dtype=np.int64)
    sunday_counts = deferred or bool(opening.weekly[SUNDAY])
    holiday = frame["is_holiday"].to_numpy(dtype=bool) & takes_contacts
    like = np.where(holiday & sunday_counts, SUNDAY, weekday)
    return QueueCalendar(frame, takes_contacts, like.astype(np.int64))


def calendars(enterprise: Enterprise, queue_ids: list[str], first: date, last: date) -> Mapping[str, QueueCalendar]:
    """The calendar of every queue; queues of the same hours and kind share one."""
    made: dict[tuple[str, bool], QueueCalendar] = {}
    result = {}
    for queue_id in queue_ids:
        queue = enterprise.queues[queue_id]
        key = (queue.opening_hours, queue.is_deferred)
        if key not in made:
            opening = opening_of(enterprise, queue_id)
            made[key] = queue_calendar(opening, first, last, deferred=queue.is_deferred, pay_days=enterprise.planning.pay_days)
        result[queue_id] = made[key]
    return result


def date_range(first: date, last: date) -> list[date]:
    """All dates from first to last, both included.

    Example:
        >>> [day.day for day in date_range(date(2026, 11, 30), date(2026, 12, 1))]
        [30, 1]
    """
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]
