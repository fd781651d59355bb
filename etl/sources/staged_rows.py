"""Core rows out of staging: what tonight's pieces change, looked at together with everything staged before."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from etl.core import Change
from etl.intake import Batch, Intake
from etl.merging import EVENT_CONTENT, REPEATED_EVENTS_SQL, ranked_sql, touched_sql
from etl.queue_log import CONTACTS_SQL, QUEUE_EVENTS, STATES_SQL
from etl.staging import QUARANTINE_NAME, staged_path
from etl.threads import related_ids
from warehouse.lake import Lake
from warehouse.tables.core import AGENT_STATES, CONTACTS, MESSAGES
from warehouse.tables.declaration import Table

_DAYS_AT_ONCE = 92
_DAY = timedelta(days=1)


class StagedRows:
    """Everything staged, and which of it is new.

    Args:
        lake: where staging lies.
        intakes: state of every source.
        nights: nights whose batches count as new.
    """

    def __init__(self, lake: Lake, intakes: Mapping[str, Intake], nights: Collection[date]) -> None:
        self.repeated: Counter[tuple[str, str]] = Counter()
        """Exact repetitions among the new rows per (source, landing file)."""
        self._lake = lake
        self._intakes = intakes
        self._nights = frozenset(nights)
        self._connection = lake.connect()
        self._connection.execute("SET preserve_insertion_order = false")
        pieces = [
            (source, piece.landing_file, piece.sequence, piece.night in self._nights)
            for source, intake in intakes.items()
            for piece in intake.pieces
        ]
        names = ("source_system", "landing_file", "sequence", "is_new")
        types = (pa.string(), pa.string(), pa.int64(), pa.bool_())
        columns = list(zip(*pieces, strict=True)) or [()] * len(names)
        self._connection.register("pieces", pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)}))

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def tables(self) -> set[str]:
        """Names of the tables with new rows."""
        return {name for _, batch in self._batches(new=True) for name in batch.tables if name != QUARANTINE_NAME}

    def quarantine(self, night: date) -> list[pa.Table]:
        """Rows that a night put aside."""
        paths = [
            staged_path(self._lake.root, source, batch.key, QUARANTINE_NAME)
            for source, batch in self._batches()
            if batch.night == night and QUARANTINE_NAME in batch.tables
        ]
        return [self._scan(paths).to_arrow_table()] if paths else []

    def change(self, table: Table, related_to: pa.Table | None = None) -> Change:
        """What the new rows change in a table.

        Args:
            table: the core table.
            related_to: keys of further rows to be looked at again, because rows of another table concern them.
        """
        self._view("staged", table, new=False)
        self._view("fresh", table, new=True)
        if all(batch.night in self._nights for _, batch in self._batches() if table.name in batch.tables):
            sql = "SELECT s.*, p.sequence FROM staged s JOIN pieces p USING (source_system, landing_file)"  # the first load
        else:
            sql = touched_sql(table, self._keyed(table, related_to))
            if table is MESSAGES:
                sql = self._whole_threads(sql)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {sql}")
        winners = self._winners(table)
        repeated = self._connection.execute(
            "SELECT source_system, landing_file, count(*) FROM ranked JOIN pieces USING (source_system, landing_file) "
            "WHERE repeats AND is_new GROUP BY ALL"
        ).fetchall()
        self.repeated.update({(source, file): rows for source, file, rows in repeated})
        change = Change(rows=[winners], keys=[winners.select(table.key_names)])
        if table.partitioned_by is not None:
            dates = self._connection.execute("SELECT DISTINCT business_date FROM touched").fetchall()
            change.dates.update(day for (day,) in dates)
        return change

    def concerned(self, events: Table, key: str) -> pa.Table:
        """Keys that new rows of an event table concern."""
        self._view("fresh", events, new=True)
        return self._connection.sql(f"SELECT DISTINCT {key} FROM fresh").to_arrow_table()

    def known_events(self, events: Table, key: str, keys: pa.Table) -> pa.Table:
        """All events staged of the given keys, each once."""
        self._view("staged", events, new=False)
        self._connection.register("wanted", keys.select([key]))
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE touched AS SELECT s.*, p.sequence "
            f"FROM (SELECT * FROM staged SEMI JOIN wanted USING ({key})) s JOIN pieces p USING (source_system, landing_file)"
        )
        return self._winners(events)

    def calls(self, source_system: str, wrap_reason: str) -> tuple[Change, Change]:
        """What a switch's new events change in CONTACTS and AGENT_STATES."""
        days = self._event_dates(source_system)
        affected = sorted({day + step for day in days for step in (-_DAY, timedelta(0), _DAY)})
        contacts, states = Change(dates=set(affected)), Change(dates=set(affected))
        for change in (contacts, states):
            change.replaced.append((source_system, frozenset(affected)))
        for start in range(0, len(affected), _DAYS_AT_ONCE):
            dates = affected[start : start + _DAYS_AT_ONCE]
            self._events_of(source_system, dates)
            wanted = pa.array(dates, pa.date32())
            for change, table, sql in ((contacts, CONTACTS, CONTACTS_SQL), (states, AGENT_STATES, STATES_SQL)):
                made = self._connection.sql(sql, params=[wrap_reason]).to_arrow_table()
                made = made.filter(pc.is_in(made.column("business_date"), wanted))
                change.rows.append(made.select(table.column_names).cast(table.arrow_schema))
        return contacts, states

    def _events_of(self, source_system: str, dates: Sequence[date]) -> None:
        """Make the view `events`: a source's events around the dates without repetitions, which are counted."""
        paths = [
            staged_path(self._lake.root, source, batch.key, QUEUE_EVENTS.name)
            for source, batch in self._batches()
            if source == source_system and _overlaps(batch, QUEUE_EVENTS.name, dates[0] - _DAY, dates[-1] + _DAY)
        ]
        self._scan(paths).create_view("staged_events", replace=True)
        around = sorted({day + step for day in dates for step in (-_DAY, timedelta(0), _DAY)})
        self._connection.register("around", pa.table({"business_date": pa.array(around, pa.date32())}))
        self._connection.register("chosen", pa.table({"business_date": pa.array(dates, pa.date32())}))
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE events AS SELECT s.*, p.sequence AS seq, hash({EVENT_CONTENT}) AS content "
            "FROM staged_events s JOIN pieces p USING (source_system, landing_file) SEMI JOIN around USING (business_date) "
            "WHERE business_date BETWEEN $1 AND $2",
            [around[0], around[-1]],
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE repeated_events AS {REPEATED_EVENTS_SQL}")
        self._connection.execute(
            "DELETE FROM events WHERE content IN (SELECT content FROM repeated_events) "
            "AND (landing_file, landing_row) IN (SELECT (landing_file, landing_row) FROM repeated_events)"
        )
        counted = self._connection.execute(
            "SELECT source_system, landing_file, count(*) FROM repeated_events SEMI JOIN chosen USING (business_date) "
            "JOIN pieces USING (source_system, landing_file) WHERE is_new GROUP BY ALL"
        ).fetchall()
        self.repeated.update({(source, file): rows for source, file, rows in counted})

    def _event_dates(self, source_system: str) -> list[date]:
        paths = [
            staged_path(self._lake.root, source, batch.key, QUEUE_EVENTS.name)
            for source, batch in self._batches(new=True)
            if source == source_system and QUEUE_EVENTS.name in batch.tables
        ]
        if not paths:
            return []
        self._scan(paths).create_view("new_events", replace=True)
        found = self._connection.execute("SELECT DISTINCT business_date FROM new_events").fetchall()
        return [day for (day,) in found]

    def _keyed(self, table: Table, related_to: pa.Table | None) -> str:
        """View of the keys to be looked at: the new rows', and those of further rows."""
        if related_to is None:
            return "fresh"
        self._connection.register("related", related_to)
        keys = ", ".join(table.key_names)
        self._connection.execute(
            f"CREATE OR REPLACE TEMP VIEW fresh_or_related AS SELECT {keys} FROM fresh UNION SELECT {keys} FROM related"
        )
        return "fresh_or_related"

    def _winners(self, table: Table) -> pa.Table:
        """The row of `touched` that holds for each key; leaves the rows of keys that occur more than once in `ranked`."""
        keys = ", ".join(table.key_names)
        columns = ", ".join(table.column_names)
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE received_again AS SELECT {keys} FROM touched GROUP BY ALL HAVING count(*) > 1"
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE ranked AS {ranked_sql(table)}")
        found = self._connection.sql(
            f"SELECT {columns} FROM touched ANTI JOIN received_again USING ({keys}) "
            f"UNION ALL SELECT {columns} FROM ranked WHERE place = 1"
        )
        return found.to_arrow_table().cast(table.arrow_schema)

    def _whole_threads(self, sql: str) -> str:
        """Widen touched mails to whole threads: a reply of tonight answers a mail of last week."""
        known = -1
        while True:
            touched = self._connection.sql(sql).to_arrow_table()
            if touched.num_rows == known:
                return sql
            known = touched.num_rows
            ids = related_ids(touched.select(MESSAGES.column_names).cast(MESSAGES.arrow_schema))
            self._connection.register("thread_ids", pa.table({"id": ids}))
            sql = (
                "SELECT s.*, p.sequence FROM staged s JOIN pieces p USING (source_system, landing_file) "
                "WHERE message_id IN (SELECT id FROM thread_ids) OR thread_id IN (SELECT id FROM thread_ids)"
            )

    def _view(self, name: str, table: Table, *, new: bool) -> None:
        paths = [
            staged_path(self._lake.root, source, batch.key, table.name)
            for source, batch in self._batches(new=new)
            if table.name in batch.tables
        ]
        relation = self._scan(paths) if paths else self._connection.from_arrow(table.arrow_schema.empty_table())
        relation.create_view(name, replace=True)

    def _batches(self, *, new: bool = False) -> list[tuple[str, Batch]]:
        return [
            (source, batch)
            for source, intake in self._intakes.items()
            for batch in intake.batches
            if not new or batch.night in self._nights
        ]

    def _scan(self, paths: Sequence[str]) -> duckdb.DuckDBPyRelation:
        local = self._lake.is_local
        urls = [path if local else self._lake.filesystem.unstrip_protocol(path) for path in paths]
        return self._connection.read_parquet(urls, hive_partitioning=False)


def _overlaps(batch: Batch, table_name: str, first: date, last: date) -> bool:
    staged = batch.tables.get(table_name)
    if staged is None or staged.first is None or staged.last is None:
        return False
    return staged.first <= last and staged.last >= first
