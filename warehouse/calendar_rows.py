"""The enterprise's calendar as rows of the declared tables `calendar_date` and `calendar_interval`."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from warehouse.tables.calendar import CALENDAR_DATE, CALENDAR_INTERVAL


def date_rows(enterprise: Enterprise, first: date, last: date) -> pa.Table:
    """One row per local day of whole months: from the first day of the month of `first` to the last of that of `last`."""
    begin = first.replace(day=1)
    end = (last.replace(day=28) + timedelta(days=4)).replace(day=1)
    days = [begin + timedelta(days=number) for number in range((end - begin).days)]
    holidays = HolidayCalendar(enterprise.country, enterprise.subdivision)
    names = [holidays.name_of(day) for day in days]
    open_queues = _open_queues(enterprise, days)
    business = np.array([name is None for name in names]) & (2 * open_queues >= len(enterprise.queues))
    frame = pd.DataFrame({"month": [day.replace(day=1) for day in days], "business": business.astype(np.int64)})
    so_far = frame.groupby("month")["business"].cumsum()
    columns = {
        "business_date": days,
        "is_holiday": [name is not None for name in names],
        "holiday_name": names,
        "is_business_day": business.tolist(),
        "business_day_of_month": so_far.tolist(),
        "business_days_to_month_end": (frame.groupby("month")["business"].transform("sum") - so_far).tolist(),
        "open_queues": open_queues.tolist(),
        "is_school_holiday": [_in_school_holidays(enterprise, day) for day in days],
        "event_names": [_events(enterprise, day) for day in days],
    }
    return pa.table(columns, schema=CALENDAR_DATE.arrow_schema)


def interval_rows(enterprise: Enterprise, first: date, last: date) -> pa.Table:
    """One row per interval of the grid from the first local day to the last, both included."""
    grid = grid_of(enterprise)
    starts = grid.intervals_between(first, last)
    instants = pd.Series(starts)
    local = starts.tz_convert(enterprise.time_zone)
    dates = grid.business_date(instants)
    offset_hours = (local.tz_localize(None) - starts.tz_convert("UTC").tz_localize(None)).total_seconds() / 3600
    columns = {
        "interval_start_utc": starts,
        "business_date": dates,
        "interval_end_utc": grid.interval_end(instants),
        "local_time": local.strftime("%H:%M"),
        "local_hour": local.hour,
        "utc_offset_hours": offset_hours,
        "interval_of_day": dates.groupby(dates).cumcount() + 1,
    }
    frame = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    return pa.Table.from_pandas(frame, schema=CALENDAR_INTERVAL.arrow_schema, preserve_index=False)


def _open_queues(enterprise: Enterprise, days: list[date]) -> np.ndarray:
    """Open queues per day; queues that keep the same hours are looked up once."""
    kept: dict[str, list[str]] = {}
    for queue in enterprise.queues.values():
        kept.setdefault(queue.opening_hours, []).append(queue.id)
    total = np.zeros(len(days), dtype=np.int64)
    for queues in kept.values():
        opening = opening_of(enterprise, queues[0])
        total += len(queues) * np.array([bool(opening.hours_on(day)) for day in days], dtype=np.int64)
    return total


def _in_school_holidays(enterprise: Enterprise, day: date) -> bool:
    return any(period.first_date <= day <= period.last_date for period in enterprise.planning.school_holidays)


def _events(enterprise: Enterprise, day: date) -> str | None:
    return ", ".join(event.name for event in enterprise.events if event.first_date <= day <= event.last_date) or None
