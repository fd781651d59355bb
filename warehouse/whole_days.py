"""Intervals of days whose feed is whole and which no check holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import pandas as pd

from warehouse.lake import Lake
from warehouse.tables.held import without_held_queue_days
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.run import QUALITY_FINDINGS

_KEY = ["queue_id", "business_date"]


def whole_intervals(
    lake: Lake, night: date, days: int, columns: Sequence[str], queues: Collection[str] | None = None
) -> pd.DataFrame:
    """Rows of interval_history of the last days that are whole and not held.

    Args:
        lake: where history and findings are.
        night: the last day, and the night whose findings say what is held.
        days: how many days.
        columns: columns beside queue_id, interval_start_utc and business_date.
        queues: only rows of these; all if not given.
    """
    first = night - timedelta(days=days - 1)
    daily = lake.read(DAILY_HISTORY, first=first, last=night, columns=[*_KEY, "source_complete"], queues=queues)
    daily = without_held_queue_days(daily, lake.read(QUALITY_FINDINGS, first=night, last=night))
    names = ["queue_id", "interval_start_utc", "business_date", *columns]
    rows = lake.read(INTERVAL_HISTORY, first=first, last=night, columns=names, queues=queues)
    whole: pd.DataFrame = rows.merge(daily.loc[daily["source_complete"], _KEY], on=_KEY)
    return whole
