"""History out of core: DuckDB over the lake's Parquet, for the dates that are due only, some months at a time."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

import numpy as np
import pandas as pd
import pyarrow as pa

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from etl.business_dates import business_dates
from etl.completeness import Flags, source_complete, stops_early
from etl.contact_flow import LIVE_SQL, WAITS_SQL, WORKED_SQL, flow_sql
from etl.demand import CALLBACK_LOOK_BACK_DAYS, KEPT_CALLBACKS_SQL, REDIALLED_SQL, demand_rules
from etl.history import (
    BACKLOG_SQL,
    CLAIMS_SQL,
    INTERVALS_SQL,
    ITEMS_SQL,
    OPENING_SQL,
    STAFFED_SQL,
    contact_days,
    day_table,
    grid_table,
    queue_table,
    work_queues,
)
from warehouse.lake import Lake
from warehouse.tables.core import AGENT_STATES, CASES, CLAIMS, CONTACTS, INTERVAL_REPORTS, MESSAGES
from warehouse.tables.declaration import Table
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY, WAIT_HISTORY

LOOK_BACK_DAYS = 56
_DAY = timedelta(days=1)
_DAYS_AT_ONCE = 92
_MOST_DAYS_BETWEEN = 7
_MOST_MEMORY = "1GB"
_COUNTS = (
    "offered_contacts", "answered_contacts", "abandoned_contacts", "answered_within_contacts", "completed_items",
)  # fmt: skip
_TIMES = ("handle_seconds", "worked_handle_seconds", "wait_seconds", "staffed_seconds")


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
        self._grid = grid_of(enterprise)
        self._connection = lake.connect()
        self._connection.execute(f"SET memory_limit = '{_MOST_MEMORY}'")
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute(f"SET VARIABLE step_us = {enterprise.interval_minutes * 60_000_000}")
        queues = list(enterprise.queues.values())
        small = {
            "queues": queue_table(enterprise, self._reported_from()),
            "rules": demand_rules(queues),
            "work_queues": work_queues(queues),
        }
        for name, table in small.items():
            self._keep(name, table)
        self._redials = any(queue.demand.redial_within_seconds > 0 for queue in queues)
        self._begin = _demand_begins(lake, enterprise)  # claims may be known from years before the first contact
        for table in (MESSAGES, CASES, CLAIMS):
            lake.view(self._connection, table, last=plan_date)
        cut_off = self._grid.cut_off(plan_date)
        self._connection.execute(
            f"CREATE TEMP TABLE items AS SELECT * FROM ({ITEMS_SQL}) WHERE queue_id IN (SELECT queue_id FROM queues) "
            "AND arrived_at < $1",
            [cut_off.to_pydatetime()],
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def made(self) -> Iterator[tuple[Sequence[date], Mapping[Table, pa.Table]]]:
        """History of the dates, some of them at a time and in order; each part has to be written before the next is asked for."""
        for dates in self._spans():
            self._look_at(dates)
            intervals = self._connection.sql(INTERVALS_SQL).to_arrow_table().cast(INTERVAL_HISTORY.arrow_schema)
            yield (
                dates,
                {
                    INTERVAL_HISTORY: intervals,
                    DAILY_HISTORY: self._daily(dates, intervals),
                    WAIT_HISTORY: self._connection.sql(WAITS_SQL).to_arrow_table(),
                    CLAIMS_DAILY: self._connection.sql(CLAIMS_SQL).to_arrow_table(),
                },
            )

    def opening(self) -> pa.Table:
        """Rows of BACKLOG_OPENING."""
        first = self._connection.sql("SELECT min(arrived_at) AS first FROM items").to_arrow_table()
        began = business_dates(self._grid, first.column("first").cast(pa.timestamp("us", tz="UTC")))[0].as_py() or self._plan_date
        dates = [began + step * _DAY for step in range((self._plan_date - began).days + 1)]
        self._connection.register("all_days", day_table(self._grid, dates, self._plan_date))
        return self._connection.sql(OPENING_SQL).to_arrow_table()

    def _look_at(self, dates: Sequence[date]) -> None:
        """Make the tables and views of some dates."""
        first, last = dates[0], dates[-1]
        for table in (CONTACTS, INTERVAL_REPORTS, AGENT_STATES):
            self._lake.view(self._connection, table, first=first - _DAY, last=last)
        days = day_table(self._grid, dates, self._plan_date)
        frame = days.to_pandas()
        opened = grid_table(self._enterprise, frame[[day >= self._begin for day in frame["business_date"]]])
        self._keep("days", days)
        self._keep("contact_days", contact_days(self._grid, dates, self._plan_date))
        self._keep("grid", pa.Table.from_pandas(opened, preserve_index=False))
        self._follow(first, last)
        for name, sql in {"live": LIVE_SQL, "worked": WORKED_SQL, "staffed": STAFFED_SQL}.items():
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    def _spans(self) -> Iterator[list[date]]:
        """The dates some months at a time: days that begin alike within the grid's steps, and the night's own date by itself."""
        step_us = self._enterprise.interval_minutes * 60_000_000

        def alike(day: date) -> object:
            return day == self._plan_date, self._grid.day_bounds(day)[0].value // 1000 % step_us

        for _, days in groupby(self._dates, key=alike):
            yield from spans(list(days))

    def _follow(self, first: date, last: date) -> None:
        """Make `flow`, of contacts as they ended; as far as it is known where that may lie behind the cut-off."""
        begins = self._grid.day_bounds(last)[0].value // 1000
        self._connection.execute(f"SET VARIABLE shift_us = {begins % (self._enterprise.interval_minutes * 60_000_000)}")
        for followed in (last == self._plan_date, True):
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE flow AS {flow_sql('contacts', followed=followed)}")
            if followed or not self._connection.execute("SELECT 1 FROM flow WHERE long LIMIT 1").fetchall():
                break
        self._correct(first, last)

    def _correct(self, first: date, last: date) -> None:
        """Count call-backs whose promise does not count, and do not count attempts that a later one replaces."""
        called_back = self._connection.execute("SELECT 1 FROM flow WHERE called_back LIMIT 1").fetchall()
        if called_back:
            before = first - CALLBACK_LOOK_BACK_DAYS * _DAY
            self._lake.view(self._connection, CONTACTS, first=before, last=last, name="contacts_before")
            self._add(KEPT_CALLBACKS_SQL)
        if self._redials:
            after = min(last + _DAY, self._plan_date)
            self._lake.view(self._connection, CONTACTS, first=first, last=after, name="contacts_after")
            self._add(REDIALLED_SQL)

    def _add(self, sql: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE corrected AS {sql}")
        self._connection.execute(f"INSERT INTO flow {flow_sql('corrected', followed=True, counts='true', sign='c.sign')}")

    def _daily(self, dates: Sequence[date], intervals: pa.Table) -> pa.Table:
        """Rows of DAILY_HISTORY, one for every queue and date."""
        self._connection.register("made_intervals", intervals)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE backlog AS {BACKLOG_SQL}")
        sums = [f"sum({name}) AS {name}" for name in _COUNTS]
        sums += [f"sum((1e6 * {name})::BIGINT) / 1e6 AS {name}" for name in _TIMES]  # exact in any order
        wanted = ", ".join(f"s.{name}" for name in (*_COUNTS[1:], *_TIMES))
        made = self._connection.sql(f"""
            WITH opened AS (SELECT queue_id, business_date, sum(open_seconds)::DOUBLE AS open_seconds FROM grid GROUP BY ALL),
            summed AS (SELECT queue_id, business_date, {", ".join(sums)} FROM made_intervals GROUP BY ALL)
            SELECT o.queue_id, o.business_date, q.channel, coalesce(s.offered_contacts, 0)::BIGINT AS offered_contacts, {wanted},
              o.open_seconds, CASE WHEN q.deferred THEN coalesce(b.backlog_items, 0) END AS backlog_items,
              b.backlog_oldest_age_seconds
            FROM opened o JOIN queues q USING (queue_id) LEFT JOIN summed s USING (queue_id, business_date)
            LEFT JOIN backlog b USING (queue_id, business_date) ORDER BY o.queue_id, o.business_date
        """).to_arrow_table()
        columns = ["queue_id", "business_date", "offered_contacts"]
        counted = made.select([*columns, "channel", "open_seconds"]).to_pandas()
        here = set(dates)
        before = self._lake.read(DAILY_HISTORY, first=dates[0] - LOOK_BACK_DAYS * _DAY, last=dates[-1], columns=columns)
        before = before[[day not in here for day in before["business_date"]]]
        whole = np.zeros(0, dtype=bool)
        if len(counted):
            whole = source_complete(counted, pd.concat([before, counted[columns]], ignore_index=True))
            whole &= ~self._stopped(dates, counted)
        return made.append_column("source_complete", pa.array(whole)).select(DAILY_HISTORY.column_names)

    def _stopped(self, dates: Sequence[date], counted: pd.DataFrame) -> Flags:
        """Whether the feed of each queue-day stopped in the middle of the day."""
        made = (
            self._connection.sql("""
            SELECT g.queue_id, q.channel, g.business_date, g.interval_start_utc, g.open_seconds > 0 AS is_open,
              coalesce(m.offered_contacts, 0) AS offered_contacts
            FROM grid g JOIN queues q USING (queue_id) LEFT JOIN made_intervals m USING (queue_id, interval_start_utc)
        """)
            .to_arrow_table()
            .to_pandas()
        )
        columns = ["queue_id", "business_date", "interval_start_utc", "offered_contacts"]
        earliest = dates[0] - LOOK_BACK_DAYS * _DAY
        before = self._lake.read(INTERVAL_HISTORY, first=earliest, last=dates[-1], columns=columns)
        before = before[~before["business_date"].isin(set(dates))]
        for frame in (made, before):
            frame["slot"] = self._grid.local_minute_of_day(frame["interval_start_utc"]) // self._enterprise.interval_minutes
        frame = made.assign(stopped=stops_early(made, before))
        by_day = frame.groupby(["queue_id", "business_date"])["stopped"].any()
        wanted = pd.MultiIndex.from_frame(counted[["queue_id", "business_date"]])
        return np.asarray(by_day.reindex(wanted, fill_value=False).to_numpy(dtype=bool))

    def _reported_from(self) -> dict[str, date]:
        """First date of which interval reports tell, per queue."""
        self._lake.view(self._connection, INTERVAL_REPORTS, last=self._plan_date)
        found = self._connection.execute("SELECT queue_id, min(business_date) FROM interval_reports GROUP BY queue_id").fetchall()
        return dict(found)

    def _keep(self, name: str, rows: pa.Table) -> None:
        """Make a small table of the connection's own: its statistics let joins look it up by place."""
        self._connection.register("given", rows)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
        self._connection.unregister("given")


def spans(dates: Sequence[date], most: int = _DAYS_AT_ONCE) -> Iterator[list[date]]:
    """Dates in order, together as long as they lie close to each other and are not too many.

    Example:
        >>> days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 3, 1)]
        >>> [len(span) for span in spans(days)]
        [2, 1]
    """
    span: list[date] = []
    for day in dates:
        if span and (len(span) == most or (day - span[-1]).days > _MOST_DAYS_BETWEEN):
            yield span
            span = []
        span.append(day)
    if span:
        yield span


def _demand_begins(lake: Lake, enterprise: Enterprise) -> date:
    """First date on which anything arrived in any queue."""
    works_on_claims = any(queue.work_of_claims for queue in enterprise.queues.values())
    tables = [CONTACTS, INTERVAL_REPORTS, MESSAGES, CASES, *([CLAIMS] if works_on_claims else [])]
    return min((days[0] for table in tables if (days := lake.partitions(table))), default=date.max)
