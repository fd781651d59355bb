"""What a day of the accuracy ledger was made of, as one text: another text, and the day is made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from warehouse.lake import Lake
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.history import DAILY_HISTORY
from warehouse.tables.overrides import MODEL_FORECAST_DAILY
from warehouse.tables.run import QUALITY_FINDINGS

_VERSION = "1"
"""Raised when the ledger is made differently of the same rows."""


def ledger_marks(lake: Lake, days: Sequence[date], horizon: timedelta) -> dict[date, str]:
    """The mark of each day: its history and that of the same weekdays before, its findings, and the plans that reached it."""

    @cache
    def content(table: Table, day: date) -> str:
        return lake.content_hash(table, day)

    weeks = horizon.days // 7 + 2
    marks = {}
    for day in days:
        plans = [day - timedelta(days=back) for back in range(1, horizon.days + 1)]
        parts = [_VERSION, content(QUALITY_FINDINGS, day)]
        parts += [content(DAILY_HISTORY, day - timedelta(weeks=week)) for week in range(weeks)]
        parts += [content(table, plan) for plan in plans for table in (FORECAST_DAILY, MODEL_FORECAST_DAILY)]
        marks[day] = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return marks
