"""History out of core: DuckDB over the lake's Parquet, for the dates that are due only, some months at a time."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from etl.completeness import Flags, source_complete, stops_early
from etl.contact_flow import CONTACT_COLUMNS, ContactFlow, counted_from
from etl.demand import CALLBACK_LOOK_BACK_DAYS, COUNTED_FROM_SQL, KEPT_CALLBACKS_SQL, REDIALLED_SQL, demand_rules
from etl.history import (
    GRID_SQL,
    INTERVALS_SQL,
    OPENING_SQL,
    STAFFED_SQL,
    contact_days,
    day_table,
    opened_table,
    queue_table,
)
from etl.sources.contact_batches import book_contacts, by_date
from etl.sources.deferred_work import DeferredWork
from warehouse.lake import Lake
from warehouse.tables.core import (
    AGENT_STATES,
    ARRIVALS,
    CASES,
    CLAIMS,
    CONTACTS,
    DIRECTIONS,
    INTERVAL_REPORTS,
    MESSAGES,
    OUTCOMES,
)
from warehouse.tables.declaration import Table
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY, WAIT_HISTORY

LOOK_BACK_DAYS = 56
_DAY = timedelta(days=1)
_ROWS_AT_ONCE = 330_000
_LEAST_DAYS_AT_ONCE = 28
_DAYS_AT_ONCE = 92
_MOST_DAYS_BETWEEN = 7
_MOST_MEMORY = "1GB"
_COUNTS = (
    "offered_contacts", "answered_contacts", "abandoned_contacts", "answered_within_contacts", "completed_items",
)  # fmt: skip
_TIMES = ("handle_seconds", "worked_handle_seconds", "wait_seconds", "staffed_seconds")
_COMPARED = {
    DAILY_HISTORY: ["queue_id", "business_date", "offered_contacts"],
    INTERVAL_HISTORY: ["queue_id", "business_date", "interval_start_utc", "offered_contacts"],
}
"""What dates are compared with of the dates before them."""


class HistoryRows:
    """Makes history for some dates.

    Args:
        lake: where core lies.
        enterprise: settings.
        dates: dates to be made, none after `plan_date`.
        plan_date: the night: nothing after its cut-off exists.
        work: deferred work and claims as known at that night.
    """

    def __init__(self, lake: Lake, enterprise: Enterprise, dates: Sequence[date], plan_date: date, work: DeferredWork) -> None:
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
            "items": work.items,
            "backlog": work.backlog,
            "claims_daily": work.claims,
            "all_days": work.days,
        }
        for name, table in small.items():
            self._keep(name, table)
        ways = {"directions": DIRECTIONS, "outcomes": OUTCOMES, "arrivals": ARRIVALS}
        known = self._connection.execute(COUNTED_FROM_SQL, {name: list(words) for name, words in ways.items()}).fetchall()
        self._counted_from = counted_from(known, [queue.id for queue in queues])
        self._redials = any(queue.demand.redial_within_seconds > 0 for queue in queues)
        self._begin = _demand_begins(lake, enterprise)  # claims may be known from years before the first contact
        self._made = {table: table.arrow_schema.empty_table().select(columns) for table, columns in _COMPARED.items()}

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def made(self) -> Iterator[tuple[Sequence[date], Table, pa.Table]]:
        """History of the dates in order, some at a time, table by table; each may be written while the next one is made."""
        a_day = len(self._enterprise.queues) * 24 * 60 // self._enterprise.interval_minutes
        for dates in spans(self._dates, max(_LEAST_DAYS_AT_ONCE, _ROWS_AT_ONCE // a_day)):
            for table, rows in self._tables(dates):
                yield dates, table, rows

    def _tables(self, dates: Sequence[date]) -> Iterator[tuple[Table, pa.Table]]:
        flow = self._look_at(dates)
        intervals = self._connection.sql(INTERVALS_SQL).to_arrow_table().cast(INTERVAL_HISTORY.arrow_schema)
        yield INTERVAL_HISTORY, intervals
        yield WAIT_HISTORY, flow.waits()
        yield (
            CLAIMS_DAILY,
            self._connection.sql("SELECT c.* FROM claims_daily c JOIN days USING (business_date)").to_arrow_table(),
        )
        daily = self._daily(dates, intervals)
        yield DAILY_HISTORY, daily
        self._keep_made(INTERVAL_HISTORY, intervals, dates[-1])
        self._keep_made(DAILY_HISTORY, daily, dates[-1])

    def opening(self) -> pa.Table:
        """Rows of BACKLOG_OPENING."""
        return self._connection.sql(OPENING_SQL).to_arrow_table()

    def _look_at(self, dates: Sequence[date]) -> ContactFlow:
        """Make the tables and views of some dates."""
        first, last = dates[0], dates[-1]
        for table in (INTERVAL_REPORTS, AGENT_STATES, MESSAGES):
            self._lake.view(self._connection, table, first=first - _DAY, last=last)
        days = day_table(self._grid, dates, self._plan_date)
        frame = days.to_pandas()
        self._keep("days", days)
        with ThreadPoolExecutor(1) as pool:  # when it is open is worked out while contacts are booked
            opened = pool.submit(opened_table, self._enterprise, frame[[day >= self._begin for day in frame["business_date"]]])
            flow = self._flow(dates)
        self._keep("opened", pa.Table.from_pandas(opened.result(), preserve_index=False))
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW grid AS {GRID_SQL}")
        self._keep("flow", flow.intervals())
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE staffed AS {STAFFED_SQL}")
        return flow

    def _flow(self, dates: Sequence[date]) -> ContactFlow:
        """Contacts of the dates, as far as they are known."""
        days = contact_days(self._grid, dates, self._plan_date)
        queues = list(self._enterprise.queues.values())
        flow = ContactFlow(
            days.filter(days.column("due")),
            [queue.id for queue in queues],
            self._counted_from,
            np.array([queue.service_goal.seconds for queue in queues], dtype=np.float64),
            self._enterprise.interval_minutes * 60_000_000,
        )
        as_of = dict(zip(days.column("business_date").to_pylist(), days.column("as_of_us").to_pylist(), strict=True))
        called_back = book_contacts(self._lake, flow, as_of)
        if called_back or self._redials:
            for some in spans(dates, _DAYS_AT_ONCE):
                self._correct(flow, some, called_back=called_back)
        return flow

    def _correct(self, flow: ContactFlow, dates: Sequence[date], *, called_back: bool) -> None:
        """Count call-backs whose promise does not count, and do not count attempts that a later one replaces."""
        first, last = dates[0], dates[-1]
        days = contact_days(self._grid, dates, self._plan_date)
        self._keep("contact_days", days)
        as_of = dict(zip(days.column("business_date").to_pylist(), days.column("as_of_us").to_pylist(), strict=True))
        if called_back:
            before = first - CALLBACK_LOOK_BACK_DAYS * _DAY
            self._lake.view(self._connection, CONTACTS, first=before, last=last, name="contacts_before")
        if self._redials:
            after = min(last + _DAY, self._plan_date)
            self._lake.view(self._connection, CONTACTS, first=first, last=after, name="contacts_after")
        for sql, wanted in ((KEPT_CALLBACKS_SQL, called_back), (REDIALLED_SQL, self._redials)):
            if wanted:
                columns = ", ".join(("business_date", *CONTACT_COLUMNS))
                found = self._connection.sql(f"SELECT {columns} FROM ({sql}) ORDER BY business_date").to_arrow_table()
                for day, some in by_date(found):
                    flow.correct(some, as_of[day], replaced=sql is REDIALLED_SQL)

    def _daily(self, dates: Sequence[date], intervals: pa.Table) -> pa.Table:
        """Rows of DAILY_HISTORY, one for every queue and date."""
        self._connection.register("made_intervals", intervals)
        sums = [f"sum({name}) AS {name}" for name in _COUNTS]
        sums += [f"sum((1e6 * {name})::BIGINT) / 1e6 AS {name}" for name in _TIMES]  # exact in any order
        wanted = ", ".join(f"s.{name}" for name in (*_COUNTS[1:], *_TIMES))
        made = self._connection.sql(f"""
            WITH hours AS (
              SELECT opening_hours, business_date, sum(open_seconds)::DOUBLE AS open_seconds FROM opened GROUP BY ALL
            ),
            summed AS (SELECT queue_id, business_date, {", ".join(sums)} FROM made_intervals GROUP BY ALL)
            SELECT q.queue_id, o.business_date, q.channel, coalesce(s.offered_contacts, 0)::BIGINT AS offered_contacts, {wanted},
              o.open_seconds, CASE WHEN q.deferred THEN coalesce(b.backlog_items, 0) END AS backlog_items,
              b.backlog_oldest_age_seconds
            FROM hours o JOIN queues q USING (opening_hours) LEFT JOIN summed s USING (queue_id, business_date)
            LEFT JOIN backlog b USING (queue_id, business_date) ORDER BY q.queue_id, o.business_date
        """).to_arrow_table()
        columns = _COMPARED[DAILY_HISTORY]
        counted = made.select([*columns, "channel", "open_seconds"]).to_pandas()
        before = self._before(DAILY_HISTORY, dates).to_pandas()
        whole = np.zeros(0, dtype=bool)
        if len(counted):
            whole = source_complete(counted, pd.concat([before, counted[columns]], ignore_index=True))
            whole &= ~self._stopped(dates, counted)
        flagged = made.append_column("source_complete", pa.array(whole))
        return flagged.select(DAILY_HISTORY.column_names).cast(DAILY_HISTORY.arrow_schema)

    def _stopped(self, dates: Sequence[date], counted: pd.DataFrame) -> Flags:
        """Whether the feed of each queue-day stopped in the middle of the day."""
        made = self._connection.sql("""
            SELECT g.queue_id, g.business_date, g.slot, g.open_seconds > 0 AS is_open, m.offered_contacts
            FROM made_intervals m JOIN grid g USING (queue_id, interval_start_utc)
        """).to_arrow_table()
        if made.num_rows == 0:
            return np.zeros(len(counted), dtype=bool)
        before = _numbered(self._before(INTERVAL_HISTORY, dates))
        before["slot"] = self._grid.local_minute_of_day(before["interval_start_utc"]) // self._enterprise.interval_minutes
        channels = {queue.id: queue.channel for queue in self._enterprise.queues.values()}
        stopped = stops_early(_numbered(made), before, channels)
        return np.array([day in stopped for day in zip(counted["queue_id"], counted["business_date"], strict=True)], dtype=bool)

    def _before(self, table: Table, dates: Sequence[date]) -> pa.Table:
        """What was made of the days that dates are compared with: on earlier nights, or now, which may not be written yet."""
        first = dates[0] - LOOK_BACK_DAYS * _DAY
        gaps = len(dates) <= (dates[-1] - dates[0]).days
        due = set(self._dates)
        there = [day for day in self._lake.partitions(table, first, dates[-1] if gaps else dates[0] - _DAY) if day not in due]
        made = self._made[table].filter(pc.greater_equal(self._made[table].column("business_date"), first))
        if not there:
            return made
        before = self._lake.read_arrow(table, first=there[0], last=there[-1], columns=_COMPARED[table])
        return pa.concat_tables([made, before.filter(pc.is_in(before.column("business_date"), pa.array(there, pa.date32())))])

    def _keep_made(self, table: Table, rows: pa.Table, last: date) -> None:
        """Keep what later dates than `last` are compared with."""
        made = pa.concat_tables([self._made[table], rows.select(_COMPARED[table])])
        self._made[table] = made.filter(pc.greater(made.column("business_date"), last - LOOK_BACK_DAYS * _DAY)).combine_chunks()

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


def _numbered(intervals: pa.Table) -> pd.DataFrame:
    """Intervals as a frame with the `day` as days since 1970: of hundreds of thousands, objects cost more than all they tell."""
    queue = intervals.column("queue_id").combine_chunks().dictionary_encode()
    days = intervals.column("business_date").cast(pa.int32()).cast(pa.int64())
    frame: pd.DataFrame = intervals.drop_columns(["queue_id", "business_date"]).to_pandas()
    return frame.assign(queue_id=queue.to_pandas(), day=days.to_numpy())


def _demand_begins(lake: Lake, enterprise: Enterprise) -> date:
    """First date on which anything arrived in any queue."""
    works_on_claims = any(queue.work_of_claims for queue in enterprise.queues.values())
    tables = [CONTACTS, INTERVAL_REPORTS, MESSAGES, CASES, *([CLAIMS] if works_on_claims else [])]
    return min((days[0] for table in tables if (days := lake.partitions(table))), default=date.max)
