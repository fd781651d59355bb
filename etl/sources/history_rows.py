"""History out of core: DuckDB over the lake's Parquet, for the dates that are due only."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from etl.business_dates import business_dates
from etl.demand import demand_rules
from etl.history import (
    BACKLOG_SQL,
    CLAIMS_SQL,
    INTERVALS_SQL,
    ITEMS_SQL,
    OPENING_SQL,
    STAFFED_SQL,
    day_table,
    grid_table,
    queue_table,
    source_complete,
    work_queues,
)
from warehouse.lake import Lake
from warehouse.tables.core import AGENT_STATES, CASES, CLAIMS, CONTACTS, INTERVAL_REPORTS, MESSAGES
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY

HISTORY_VERSION = "1"
"""Raised when history is made differently of the same core: every date is then due again."""

LOOK_BACK_DAYS = 56
_DAY = timedelta(days=1)
_PER_DAY = (CONTACTS, INTERVAL_REPORTS, AGENT_STATES)
_PER_ITEM = (MESSAGES, CASES, CLAIMS)
_COUNTS = (
    "offered_contacts", "answered_contacts", "abandoned_contacts", "answered_within_contacts", "completed_items",
    "handle_seconds", "wait_seconds", "staffed_seconds",
)  # fmt: skip


def history_marks(lake: Lake, plan_date: date, enterprise: Enterprise) -> dict[date, str]:
    """What each date's history depends on, as one text per date from the first of core to the plan's.

    A date is due when its mark is not that of its last making: because its partitions changed, those around it or of the weekdays
    it is compared with, or any deferred work that arrived up to it; or because it is the plan's own date, whose contacts are not
    followed over midnight.
    """
    stamps = {table.name: _stamps(lake, table.name) for table in (*_PER_DAY, *_PER_ITEM)}
    days = [day for by_day in stamps.values() for day in by_day if day <= plan_date]
    if not days:
        return {}
    first, settings = min(days), [HISTORY_VERSION, enterprise.settings_hash]
    marks: dict[date, str] = {}
    items = ""
    for place in range((plan_date - first).days + 1):
        day = first + place * _DAY
        items = _hash([items, *(stamps[table.name].get(day, "") for table in _PER_ITEM)])
        looked_at = [day + step * _DAY for step in (-1, 0)] + [day - week * 7 * _DAY for week in range(1, 9)]
        around = [stamps[table.name].get(other, "") for table in _PER_DAY for other in looked_at]
        marks[day] = _hash([*settings, str(day == plan_date), items, *around])
    return marks


class HistoryRows:
    """Makes history for some dates.

    Args:
        lake: where core lies.
        enterprise: settings.
        dates: dates to be made, none after `plan_date`.
        plan_date: the night: nothing after its cut-off exists.
    """

    def __init__(self, lake: Lake, enterprise: Enterprise, dates: Sequence[date], plan_date: date) -> None:
        self._lake = lake
        self._enterprise = enterprise
        self._dates = sorted(dates)
        self._plan_date = plan_date
        self._connection = lake.connect()
        first, last = self._dates[0], self._dates[-1]
        for table in _PER_DAY:
            lake.view(self._connection, table, first=first - _DAY, last=last)
        for table in _PER_ITEM:
            lake.view(self._connection, table, last=plan_date)
        grid = grid_of(enterprise)
        days = day_table(grid, self._dates, plan_date)
        frame = days.to_pandas()
        begin = _demand_begins(lake, enterprise)  # claims may be known from years before the first contact
        self._grid = grid_table(enterprise, frame[[day >= begin for day in frame["business_date"]]])
        reported = self._connection.execute("SELECT DISTINCT queue_id FROM interval_reports").fetchall()
        queues = list(enterprise.queues.values())
        for name, small in {
            "days": days,
            "grid": pa.Table.from_pandas(self._grid, preserve_index=False),
            "queues": queue_table(enterprise, [queue for (queue,) in reported]),
            "rules": demand_rules(queues),
            "work_queues": work_queues(queues),
        }.items():
            self._connection.register(name, small)
        self._connection.execute(f"SET VARIABLE step_us = {enterprise.interval_minutes * 60_000_000}")
        cut_off = grid.cut_off(plan_date)
        self._connection.execute(
            f"CREATE TEMP TABLE items AS SELECT * FROM ({ITEMS_SQL}) WHERE queue_id IN (SELECT queue_id FROM queues) "
            "AND arrived_at < $1",
            [cut_off.to_pydatetime()],
        )
        self._connection.execute(f"CREATE TEMP TABLE staffed AS {STAFFED_SQL}")

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def intervals(self) -> pa.Table:
        """Rows of INTERVAL_HISTORY."""
        return self._connection.sql(INTERVALS_SQL).to_arrow_table().cast(INTERVAL_HISTORY.arrow_schema)

    def claims(self) -> pa.Table:
        """Rows of CLAIMS_DAILY."""
        return self._connection.sql(CLAIMS_SQL).to_arrow_table()

    def opening(self) -> pa.Table:
        """Rows of BACKLOG_OPENING."""
        first = self._connection.sql("SELECT min(arrived_at) AS first FROM items").to_arrow_table()
        grid = grid_of(self._enterprise)
        began = business_dates(grid, first.column("first").cast(pa.timestamp("us", tz="UTC")))[0].as_py() or self._plan_date
        dates = [began + step * _DAY for step in range((self._plan_date - began).days + 1)]
        self._connection.register("all_days", day_table(grid, dates, self._plan_date))
        return self._connection.sql(OPENING_SQL).to_arrow_table()

    def daily(self, intervals: pa.Table) -> pa.Table:
        """Rows of DAILY_HISTORY, one for every queue and date."""
        self._connection.register("made_intervals", intervals)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE backlog AS {BACKLOG_SQL}")
        sums = ", ".join(f"sum({name}) AS {name}" for name in _COUNTS)
        wanted = ", ".join(f"s.{name}" for name in _COUNTS[1:])
        frame = self._connection.sql(f"""
            WITH opened AS (SELECT queue_id, business_date, sum(open_seconds)::DOUBLE AS open_seconds FROM grid GROUP BY ALL),
            summed AS (SELECT queue_id, business_date, {sums} FROM made_intervals GROUP BY ALL)
            SELECT o.queue_id, o.business_date, q.channel, coalesce(s.offered_contacts, 0)::BIGINT AS offered_contacts, {wanted},
              o.open_seconds, CASE WHEN q.deferred THEN coalesce(b.backlog_items, 0) END AS backlog_items,
              b.backlog_oldest_age_seconds
            FROM opened o JOIN queues q USING (queue_id) LEFT JOIN summed s USING (queue_id, business_date)
            LEFT JOIN backlog b USING (queue_id, business_date) ORDER BY o.queue_id, o.business_date
        """).to_arrow_table()
        columns = ["queue_id", "business_date", "offered_contacts"]
        counted = frame.select([*columns, "channel", "open_seconds"]).to_pandas()
        made = set(self._dates)
        before = self._lake.read(
            DAILY_HISTORY, first=self._dates[0] - LOOK_BACK_DAYS * _DAY, last=self._dates[-1], columns=columns
        )
        before = before[[day not in made for day in before["business_date"]]]
        whole = np.zeros(0, dtype=bool)
        if len(counted):
            whole = source_complete(counted, pd.concat([before, counted[columns]], ignore_index=True))
        return frame.append_column("source_complete", pa.array(whole)).select(DAILY_HISTORY.column_names)


def _demand_begins(lake: Lake, enterprise: Enterprise) -> date:
    """First date on which anything arrived in any queue."""
    works_on_claims = any(queue.work_of_claims for queue in enterprise.queues.values())
    tables = [CONTACTS, INTERVAL_REPORTS, MESSAGES, CASES, *([CLAIMS] if works_on_claims else [])]
    return min((days[0] for table in tables if (days := lake.partitions(table))), default=date.max)


def _stamps(lake: Lake, table_name: str) -> dict[date, str]:
    """Size and modification mark of each of a core table's partitions."""
    folder = f"{lake.root}/core/{table_name}"
    if not lake.filesystem.isdir(folder):
        return {}
    lake.filesystem.invalidate_cache(folder)
    found = {}
    for path, info in lake.filesystem.find(folder, detail=True).items():
        _, _, rest = path.partition("business_date=")
        if rest.endswith(".parquet") and "/." not in rest:
            mark = next((info[key] for key in ("mtime", "ETag", "LastModified") if info.get(key)), "")
            found[date.fromisoformat(rest[:10])] = f"{info['size']}:{mark}"
    return found


def _hash(parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:16]
