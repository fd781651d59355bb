"""The enterprise's days and intervals as dimensions for BI tools, and which days of history the warehouse holds (published)."""

from __future__ import annotations

from warehouse.tables.columns import BUSINESS_DATE, INTERVAL_START_UTC, count, day, flag, instant, number, text
from warehouse.tables.declaration import TIMESTAMP, Column, Table

CALENDAR_DATE = Table(
    "calendar_date",
    layer="run",
    grain="one local day of the enterprise",
    meaning="What each day is to the enterprise, as the settings had it when a plan was last published: holidays, business days.",
    key=(BUSINESS_DATE,),
    columns=(
        flag("is_holiday", "Whether it is a public holiday of the settings' country, worked or not."),
        text("holiday_name", "Name of the holiday; missing on other days.").optional(),
        flag("is_business_day", "Whether at least half of the queues are open and it is no holiday."),
        count("business_day_of_month", "days", "Business days of the month up to and with this day; 0 before the first."),
        count("business_days_to_month_end", "days", "Business days of the month after this day."),
        count("open_queues", "queues", "Queues that are open at some time of the day."),
        flag("is_school_holiday", "Whether the day lies in school holidays of the settings."),
        text("event_names", "Known events of the settings on the day, separated by commas; missing without any.").optional(),
    ),
    published=True,
)

CALENDAR_INTERVAL = Table(
    "calendar_interval",
    layer="run",
    grain="one interval of the enterprise's grid",
    meaning="The intervals of every local day on the wall clock; a day of clock change has fewer or more of them.",
    key=(INTERVAL_START_UTC,),
    columns=(
        BUSINESS_DATE,
        Column("interval_end_utc", TIMESTAMP, unit="instant UTC", meaning="End of the interval, which does not belong to it."),
        text("local_time", "Start on the wall clock, hours and minutes; the hour that a clock change doubles shows twice."),
        count("local_hour", "hour", "Hour of the start on the wall clock, 0 to 23."),
        number(
            "utc_offset_hours",
            "hours",
            "Wall clock less UTC: tells the two hours apart that the clock change doubles.",
            minimum=None,
        ),
        count("interval_of_day", "interval", "Number of the interval of its day, from 1, by elapsed time.", minimum=1),
    ),
    published=True,
)

HISTORY_DAYS = Table(
    "history_days",
    layer="run",
    grain="one table of history and one local day",
    meaning="Days of history that the warehouse holds, and when late data last re-stated them.",
    key=(text("table_name", "Table of history.", allowed=("daily_history", "interval_history")), BUSINESS_DATE),
    columns=(
        text("content_hash", "Hash of the day's rows: other rows, another hash."),
        count("restated", "times", "Times that other rows came for the day after the first."),
        day("known_by_date", "Night that published the rows as they are now."),
        instant("published_at", "When that was."),
    ),
    published=True,
)

CALENDAR_TABLES = (CALENDAR_DATE, CALENDAR_INTERVAL, HISTORY_DAYS)
