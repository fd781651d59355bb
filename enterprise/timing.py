"""From settings to time: the enterprise's grid and each queue's opening hours, business clock and business calendar."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from enterprise.business_clock import BusinessClock
from enterprise.calendars import business_calendar, monthly_pay_dates
from enterprise.grid import IntervalGrid
from enterprise.holiday_calendar import HolidayCalendar
from enterprise.hours import OpeningHours
from enterprise.opening import Opening
from enterprise.settings import Enterprise


def grid_of(enterprise: Enterprise) -> IntervalGrid:
    """The enterprise's interval grid."""
    return IntervalGrid(enterprise.time_zone, enterprise.interval_minutes)


def opening_of(enterprise: Enterprise, queue_id: str) -> Opening:
    """Opening hours of a queue, with the country's holidays and the settings' own closures."""
    hours = enterprise.opening_hours[enterprise.queues[queue_id].opening_hours]
    return _opening(hours.model_dump_json(), enterprise.time_zone, enterprise.country, enterprise.subdivision)


def clock_of(enterprise: Enterprise, queue_id: str) -> BusinessClock:
    """Business clock of a queue: due times and ages of deferred work."""
    return BusinessClock(opening_of(enterprise, queue_id), grid_of(enterprise), queue_id)


def calendar_of(enterprise: Enterprise, queue_id: str, first: date, last: date) -> pd.DataFrame:
    """Business calendar of a queue from first to last, as `enterprise.calendars.business_calendar` gives it.

    Pay-day distances are there when the settings name pay days.
    """
    opening = opening_of(enterprise, queue_id)
    pay_dates = [
        pay_date
        for day_of_month in enterprise.planning.pay_days
        for pay_date in monthly_pay_dates(opening, day_of_month, first, last)
    ]
    return business_calendar(opening, first, last, pay_dates=sorted(pay_dates) or None)


@lru_cache(maxsize=64)
def _opening(hours_json: str, time_zone: str, country: str, subdivision: str | None) -> Opening:
    """One object per opening hours, so that what it caches serves every queue that keeps the same hours."""
    hours = OpeningHours.model_validate_json(hours_json)
    return Opening(
        weekly=hours.weekly,
        time_zone=time_zone,
        exceptions=hours.dates,
        holidays=HolidayCalendar(country, subdivision, extra=frozenset(hours.extra_closed_dates)),
        open_on_holidays=hours.open_on_holidays,
    )
