"""What the monitors look at on a night, read from the lake."""

from __future__ import annotations

from datetime import date, timedelta

from expectations.monitors.watched import HISTORY_DAYS, PROFILE_DAYS, Watched
from expectations.row_summaries import feed_days, queue_days
from expectations.views import ViewFrames
from warehouse.lake import Lake
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY

_MOST_MEMORY = "1GB"


def watched_night(business_date: date, lake: Lake) -> Watched:
    """The history up to a night, and what single rows say of every queue-day of its last weeks, summed where they lie."""
    long = business_date - timedelta(days=HISTORY_DAYS - 1)
    short = business_date - timedelta(days=PROFILE_DAYS - 1)
    connection = lake.connect()
    try:
        connection.execute(f"SET memory_limit = '{_MOST_MEMORY}'")
        lake.view(connection, INTERVAL_HISTORY, first=short, last=business_date)
        for table in (DAILY_HISTORY, CLAIMS_DAILY):
            lake.view(connection, table, first=long, last=business_date)
        history = ViewFrames(connection, (DAILY_HISTORY, INTERVAL_HISTORY, CLAIMS_DAILY))
        return Watched(
            daily=history[DAILY_HISTORY],
            intervals=history[INTERVAL_HISTORY],
            claims=history[CLAIMS_DAILY],
            profiles=queue_days(connection, lake, short, business_date),
            feeds=feed_days(connection, lake, short, business_date),
        )
    finally:
        connection.close()
