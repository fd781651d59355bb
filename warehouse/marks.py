"""What a day of the accuracy ledger was made of, as one text: another text, and the day is made anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
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


def ledger_due(lake: Lake, days: Sequence[date], horizon: timedelta) -> dict[date, str]:
    """Those of some days that are not made yet of what the lake holds now, each with its mark.

    A mark is about the day's history and that of the same weekdays before, its findings, and the plans that reached it.
    """

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
    kept = _kept(lake)
    return {day: mark for day, mark in marks.items() if kept.get(day.isoformat()) != mark}


def keep_marks(lake: Lake, marks: Mapping[date, str]) -> None:
    """Remember that days were made of what their marks say."""
    known = _kept(lake) | {day.isoformat(): mark for day, mark in marks.items()}
    lake.write_bytes(_path(lake), json.dumps(known, sort_keys=True, indent=0).encode())


def _kept(lake: Lake) -> dict[str, str]:
    path = _path(lake)
    known: dict[str, str] = json.loads(lake.filesystem.cat_file(path)) if lake.filesystem.exists(path) else {}
    return known


def _path(lake: Lake) -> str:
    return f"{lake.root}/state/accuracy.json"
