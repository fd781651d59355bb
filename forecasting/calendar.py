"""The business calendar of every queue, past and future: what is known of a date before anything happens on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.calendars import business_calendar, monthly_pay_dates
from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import Opening
from enterprise.settings import Enterprise
from enterprise.timing import opening_of

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SUNDAY = 6
_USUAL_WEEKEND = frozenset({5, SUNDAY})


@dataclass(frozen=True, eq=False)
class QueueCalendar:
    """One queue's calendar over consecutive dates.

    Attributes:
        frame: one row per date, as `enterprise.calendars.business_calendar` gives it.
        takes_contacts: dates on which contacts can arrive: open days of live channels; every day for deferred work, whose mail
            and cases come while nobody works.
        weekday_like: the weekday (Monday = 0) each date resembles: a holiday on which contacts come all the same is like
            the day of rest (a Sunday; a Saturday where the week begins on Sunday).
    """

    frame: pd.DataFrame
    takes_contacts: BoolArray
    weekday_like: IntArray

    def __len__(self) -> int:
        """Number of dates."""
        return len(self.frame)


def queue_calendar(
    opening: Opening,
    first: date,
    last: date,
    *,
    deferred: bool,
    pay_days: tuple[int, ...] = (),
    school_holidays: Sequence[tuple[date, date]] = (),
) -> QueueCalendar:
    """The calendar of one queue from first to last date, both included.

    Args:
        opening: hours, exceptions and holidays.
        first: first date of history.
        last: last date of the horizon.
        deferred: whether work arrives on closed days too.
        pay_days: days of the month on which customers are paid.
        school_holidays: first and last date of each; the frame then says `is_school_holiday`.

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
    if school_holidays:
        frame["is_school_holiday"] = [
            any(begin <= day <= end for begin, end in school_holidays) for day in frame["business_date"]
        ]
    is_open = frame["is_open"].to_numpy(dtype=bool)
    takes_contacts = np.ones(len(frame), dtype=bool) if deferred else is_open
    weekday = frame["weekday"].to_numpy(dtype=np.int64)
    rest = day_of_rest(opening)
    rest_counts = deferred or bool(opening.weekly[rest])
    holiday = frame["is_holiday"].to_numpy(dtype=bool) & takes_contacts
    like = np.where(holiday & rest_counts, rest, weekday)
    return QueueCalendar(frame, takes_contacts, like.astype(np.int64))


def day_of_rest(opening: Opening) -> int:
    """The weekday (Monday = 0) that a holiday resembles: the last day of the country's weekend, if hours are shortest on it.

    Example:
        >>> from datetime import time
        >>> from enterprise.holiday_calendar import HolidayCalendar
        >>> from enterprise.opening import AROUND_THE_CLOCK
        >>> day_of_rest(Opening(AROUND_THE_CLOCK, "Asia/Jerusalem", holidays=HolidayCalendar("IL")))
        5
        >>> day_of_rest(Opening({day: [(time(8), time(16))] for day in (6, 0, 1, 2, 3)}, "Africa/Cairo"))
        5
    """
    weekend = opening.holidays.weekend if isinstance(opening.holidays, HolidayCalendar) else _USUAL_WEEKEND
    hours = [sum(_seconds(end) - _seconds(begin) for begin, end in opening.weekly[weekday]) for weekday in range(7)]
    shortest = {weekday for weekday in range(7) if hours[weekday] == min(hours)}
    return max(shortest & weekend or shortest)


def _seconds(moment: time) -> int:
    """Seconds since midnight; the end of the day stands as its last microsecond."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def calendars(enterprise: Enterprise, queue_ids: list[str], first: date, last: date) -> Mapping[str, QueueCalendar]:
    """The calendar of every queue; queues of the same hours and kind share one."""
    made: dict[tuple[str, bool], QueueCalendar] = {}
    result = {}
    for queue_id in queue_ids:
        queue = enterprise.queues[queue_id]
        key = (queue.opening_hours, queue.is_deferred)
        if key not in made:
            opening = opening_of(enterprise, queue_id)
            made[key] = queue_calendar(
                opening,
                first,
                last,
                deferred=queue.is_deferred,
                pay_days=enterprise.planning.pay_days,
                school_holidays=[(period.first_date, period.last_date) for period in enterprise.planning.school_holidays],
            )
        result[queue_id] = made[key]
    return result


def date_range(first: date, last: date) -> list[date]:
    """All dates from first to last, both included.

    Example:
        >>> [day.day for day in date_range(date(2026, 11, 30), date(2026, 12, 1))]
        [30, 1]
    """
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]
