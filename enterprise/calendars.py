"""The business calendar: what each date is to a queue or enterprise, as features for forecasting and reading.

Everything follows from the opening hours, so a Sunday-to-Thursday week needs no setting of its own.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.opening import Opening

_LOOK_AROUND_DAYS = 400  # more than any closure; whole months are needed on both sides as well


def business_calendar(
    opening: Opening,
    first: date,
    last: date,
    *,
    working_weekdays: Collection[int] | None = None,
    pay_dates: Iterable[date] | None = None,
) -> pd.DataFrame:
    """One row per date from first to last, both included, in order.

    Args:
        opening: hours, exceptions and holidays.
        first: first date.
        last: last date, not before the first.
        working_weekdays: weekdays on which customers work (Monday = 0), for bridge days; by default those with weekly
            hours. Worth giving where a queue also works at weekends.
        pay_dates: when customers are paid, see `monthly_pay_dates`; reaching beyond both ends for the distances to be known.

    Returns:
        business_date: `datetime.date`.
        weekday: int, 0 = Monday.
        is_holiday: bool, also where the queue is open on it; holiday_name: str, missing on other days.
        is_open: bool, any open time; open_seconds: int.
        business_day_of_month: int, open days of the month up to and with this date: 1 on the first one, 0 before it.
        business_days_to_month_end: int, open days of the month after this date: 0 on the last one and after it.
        days_since_last_open: int, calendar days since the open day before this date, 1 = yesterday.
        days_to_next_open: int, calendar days until the open day after this date, 1 = tomorrow.
        is_eve_of_holiday: bool, an ordinary day before a holiday.
        is_day_after_closure: bool, open, after closed days of which at least one is normally open (so not each Monday).
        is_bridge_day: bool, a working day between two days off, at least one of which is a holiday or closure.
        days_since_pay_day, days_to_pay_day: nullable int, 0 on a pay day; only if pay dates are given.

    Raises:
        ValueError: if last is before first, or the queue is closed for more than a year on either side.

    Example:
        >>> from datetime import time
        >>> from enterprise.holiday_calendar import HolidayCalendar
        >>> office = Opening({day: [(time(9), time(17))] for day in range(5)}, "Europe/Amsterdam", holidays=HolidayCalendar("NL"))
        >>> ascension = business_calendar(office, date(2026, 5, 13), date(2026, 5, 15))
        >>> ascension[["is_eve_of_holiday", "is_open", "is_day_after_closure", "is_bridge_day"]].to_numpy().tolist()
        [[True, True, False, False], [False, False, False, False], [False, True, True, True]]
    """
    if last < first:
        raise ValueError(f"the calendar's last date {last} is before its first, {first}")
    dates = _dates(first - timedelta(days=_LOOK_AROUND_DAYS), last + timedelta(days=_LOOK_AROUND_DAYS))
    weekday = np.array([day.weekday() for day in dates])
    holiday_names = [opening.holiday_name(day) for day in dates]
    is_holiday = np.array([name is not None for name in holiday_names])
    open_seconds = np.array([opening.open_seconds(day) for day in dates], dtype=np.int64)
    is_open = open_seconds > 0
    normally_open = np.isin(weekday, [day for day in range(7) if opening.weekly[day]])
    working = np.isin(weekday, list(working_weekdays)) if working_weekdays is not None else normally_open
    off_by_date = working & (is_holiday | ~is_open)
    off = ~working | off_by_date
    since_last_open, to_next_open = _distances_to_open(is_open, dates)
    months = pd.Series([day.year * 12 + day.month for day in dates])
    open_days = pd.Series(is_open.astype(np.int64))
    day_of_month = open_days.groupby(months).cumsum()
    frame = pd.DataFrame(
        {
            "business_date": pd.Series(dates, dtype=object),
            "weekday": weekday.astype(np.int64),
            "is_holiday": is_holiday,
            "holiday_name": pd.Series(holiday_names, dtype="str"),
            "is_open": is_open,
            "open_seconds": open_seconds,
            "business_day_of_month": day_of_month,
            "business_days_to_month_end": open_days.groupby(months).transform("sum") - day_of_month,
            "days_since_last_open": since_last_open,
            "days_to_next_open": to_next_open,
            "is_eve_of_holiday": ~is_holiday & _next(is_holiday),
            "is_day_after_closure": is_open & _closure_before(is_open, normally_open),
            "is_bridge_day": ~off & _previous(off) & _next(off) & (_previous(off_by_date) | _next(off_by_date)),
        }
    )
    frame = frame.iloc[_LOOK_AROUND_DAYS : len(dates) - _LOOK_AROUND_DAYS].reset_index(drop=True)
    return frame if pay_dates is None else frame.assign(**_pay_day_distances(frame["business_date"], pay_dates))


def monthly_pay_dates(opening: Opening, day_of_month: int, first: date, last: date) -> list[date]:
    """Pay days of every month from two months before first to two after last.

    A pay day on a closed day moves to the open day before it.

    Args:
        opening: what counts as an open day.
        day_of_month: 1 to 31; in a shorter month its last day.
        first: start of the calendar they are for.
        last: end of that calendar.

    Raises:
        ValueError: if the day is not 1 to 31, or there is no open day in the year before one.

    Example:
        >>> from datetime import time
        >>> office = Opening({day: [(time(9), time(17))] for day in range(5)}, "Europe/Amsterdam")
        >>> monthly_pay_dates(office, 25, date(2026, 7, 1), date(2026, 7, 31))[2].isoformat()  # the 25th is a Saturday
        '2026-07-24'
    """
    if not 1 <= day_of_month <= 31:
        raise ValueError(f"day_of_month is {day_of_month}; expected 1 to 31 (31 for the last day of every month)")
    pay_dates = []
    for month in range(first.year * 12 + first.month - 3, last.year * 12 + last.month + 2):
        start = date(month // 12, month % 12 + 1, 1)
        last_of_month = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
        day = min(start + timedelta(days=day_of_month - 1), last_of_month)
        candidates = (day - timedelta(days=back) for back in range(_LOOK_AROUND_DAYS))
        paid = next((candidate for candidate in candidates if opening.is_open_day(candidate)), None)
        if paid is None:
            raise ValueError(f"no open day in the year before {day}; a pay day needs opening hours to fall on")
        pay_dates.append(paid)
    return pay_dates


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]


def _distances_to_open(is_open: npt.NDArray[np.bool_], dates: list[date]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Days since the open day before, and until the open day after each date; 0 in the margins where there is none."""
    places = np.arange(len(is_open))
    last_open = np.maximum.accumulate(np.where(is_open, places, -1))
    next_open = np.minimum.accumulate(np.where(is_open, places, len(is_open))[::-1])[::-1]
    inner = slice(_LOOK_AROUND_DAYS, len(is_open) - _LOOK_AROUND_DAYS)
    before, after = np.append(-1, last_open[:-1]), np.append(next_open[1:], len(is_open))
    lost = (before[inner] < 0) | (after[inner] == len(is_open))
    if lost.any():
        day = dates[_LOOK_AROUND_DAYS + int(lost.argmax())]
        raise ValueError(
            f"around {day} there is no open day for {_LOOK_AROUND_DAYS} days; a business calendar needs opening hours: "
            "give the queue some, or take the exceptions away that close it"
        )
    return np.where(before < 0, 0, places - before), np.where(after == len(is_open), 0, after - places)


def _closure_before(is_open: npt.NDArray[np.bool_], normally_open: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether the run of closed days right before each date holds a day that is normally open."""
    places = np.arange(len(is_open))
    last_open = np.maximum.accumulate(np.where(is_open, places, -1))
    last_closure = np.maximum.accumulate(np.where(~is_open & normally_open, places, -1))
    return np.append(False, last_closure[:-1] > last_open[:-1])


def _previous(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.append(False, flags[:-1])


def _next(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.append(flags[1:], False)


def _pay_day_distances(dates: pd.Series, pay_dates: Iterable[date]) -> dict[str, pd.Series]:
    paid = np.array(sorted({day.toordinal() for day in pay_dates}), dtype=np.int64)
    days = np.array([day.toordinal() for day in dates], dtype=np.int64)
    before = np.searchsorted(paid, days, side="right") - 1
    after = np.searchsorted(paid, days, side="left")
    padded = np.append(paid, 0)  # never read: it stands where there is no pay day and is masked
    return {
        "days_since_pay_day": pd.Series(pd.arrays.IntegerArray(days - padded[before], before < 0), index=dates.index),
        "days_to_pay_day": pd.Series(pd.arrays.IntegerArray(padded[after] - days, after == len(paid)), index=dates.index),
    }
