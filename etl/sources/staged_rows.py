"""Core rows out of staged rows of the same table: what tonight's pieces change, looked at beside what was staged before."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from enterprise.sources import Source
from etl.core import Change, with_history, with_threads
from etl.intake import Batch
from etl.merging import ranked_sql, touched_sql
from etl.sources.staged import Staged
from etl.sources.staged_keys import StagedKeys
from etl.staging import QUARANTINE_NAME
from etl.threads import related_ids
from warehouse.tables.core import CASE_EVENTS, CASES, CLAIM_EVENTS, CLAIMS, CORE_TABLES, MESSAGES
from warehouse.tables.declaration import Table

_HISTORY_OF = {CASES.name: (CASE_EVENTS, "case_id"), CLAIMS.name: (CLAIM_EVENTS, "claim_id")}


class StagedRows:
    """Staged rows of core tables.

    Args:
        staged: everything staged, and which of it is new.
        keys: where keys are looked up in it, so that only batches with rows that matter are opened.
    """

    def __init__(self, staged: Staged, keys: StagedKeys) -> None:
        self._staged = staged
        self._keys = keys
        self._connection = staged.connection

    def tables(self) -> set[str]:
        """Names of the tables with new rows."""
        return {name for _, batch in self._staged.batches(new=True) for name in batch.tables if name != QUARANTINE_NAME}

    def quarantine(self, night: date) -> list[pa.Table]:
        """Rows that a night put aside."""
        batches = [(source, batch) for source, batch in self._staged.batches(QUARANTINE_NAME) if batch.night == night]
        return [self._staged.scan(batches, QUARANTINE_NAME).to_arrow_table()] if batches else []

    def change(self, table: Table, related_to: pa.Table | None = None) -> Change:
        """What the new rows change in a table.

        Args:
            table: the core table.
            related_to: keys of further rows to be looked at again, because rows of another table concern them.
        """
        self._view("fresh", table, self._staged.batches(table.name, new=True))
        whole = self._all_new(table)
        if whole:
            self._view("staged", table, self._staged.batches(table.name))
            sql = "SELECT s.*, p.sequence FROM staged s JOIN pieces p USING (source_system, landing_file)"  # the first load
        else:
            keyed = self._keyed(table, related_to)
            wanted = self._connection.sql(f"SELECT DISTINCT {', '.join(table.key_names)} FROM {keyed}").to_arrow_table()
            self._view("staged", table, self._keys.batches_with(table, table.key_names, wanted))
            sql = touched_sql(table, keyed)
            if table is MESSAGES:
                sql = self._whole_threads(sql)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {sql}")
        winners = self._winners(table)
        self._staged.count_repeated(
            "SELECT source_system, landing_file, count(*) FROM ranked JOIN pieces USING (source_system, landing_file) "
            "WHERE repeats AND is_new GROUP BY ALL"
        )
        if not whole and table is not MESSAGES:
            winners = self._affected(table, winners, related_to)
        change = Change(rows=[winners], keys=[winners.select(table.key_names)])
        if table.partitioned_by is not None:
            dates = self._connection.execute("SELECT DISTINCT business_date FROM touched").fetchall()
            change.dates.update(day for (day,) in dates)
        return change

    def concerned(self, events: Table, key: str) -> pa.Table:
        """Keys that new rows of an event table concern."""
        self._view("fresh", events, self._staged.batches(events.name, new=True))
        return self._connection.sql(f"SELECT DISTINCT {key} FROM fresh").to_arrow_table()

    def known_events(self, events: Table, key: str, keys: pa.Table) -> pa.Table:
        """All events staged of the given keys, each once."""
        every = self._staged.batches(events.name)
        self._view(
            "staged", events, every if self._all_new(events) else self._keys.batches_with(events, [key], keys.select([key]))
        )
        self._connection.register("wanted", keys.select([key]))
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE touched AS SELECT s.*, p.sequence "
            f"FROM (SELECT * FROM staged SEMI JOIN wanted USING ({key})) s JOIN pieces p USING (source_system, landing_file)"
        )
        return self._winners(events)

    def _affected(self, table: Table, winners: pa.Table, related_to: pa.Table | None) -> pa.Table:
        """The winners that are new or that rows of another table concern; `touched` is left with theirs.

        What was only received again, as a database's overlap is every night, changes nothing: its partitions stay as they are.
        """
        keys = ", ".join(table.key_names)
        self._connection.register("winners", winners)
        sql = f"SELECT {keys} FROM winners JOIN pieces USING (source_system, landing_file) WHERE is_new"
        sql += "" if related_to is None else f" UNION SELECT {keys} FROM related"
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE affected AS {sql}")
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE touched AS SELECT * FROM touched SEMI JOIN affected USING ({keys})"
        )
        found = self._connection.sql(f"SELECT * FROM winners SEMI JOIN affected USING ({keys})").to_arrow_table()
        self._connection.unregister("winners")
        return found.cast(table.arrow_schema)

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
            related = pa.table({"id": ids})
            self._connection.register("thread_ids", related)
            holding = {
                (source, batch.key): (source, batch)
                for column in ("message_id", "thread_id")
                for source, batch in self._keys.batches_with(MESSAGES, [column], related)
            }
            self._view("staged", MESSAGES, list(holding.values()))
            sql = (
                "SELECT s.*, p.sequence FROM staged s JOIN pieces p USING (source_system, landing_file) "
                "WHERE message_id IN (SELECT id FROM thread_ids) OR thread_id IN (SELECT id FROM thread_ids)"
            )

    def _all_new(self, table: Table) -> bool:
        """Whether nothing of a table was staged before, as at the first load."""
        return all(batch.night in self._staged.nights for _, batch in self._staged.batches(table.name))

    def _view(self, name: str, table: Table, batches: Sequence[tuple[str, Batch]]) -> None:
        """Rows of some batches as a view; a column that was declared after a batch was staged is missing in its rows."""
        rows = declared = self._connection.from_arrow(table.arrow_schema.empty_table())
        if batches:
            rows = self._staged.scan(batches, table.name)
            added = [
                (column, kind)
                for column, kind in zip(declared.columns, declared.types, strict=True)
                if column not in rows.columns
            ]
            rows = rows.project(", ".join(["*", *(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in added)]))
        rows.create_view(name, replace=True)


def row_changes(staged: StagedRows, sources: Mapping[str, Source]) -> dict[Table, Change]:
    """What the new rows change, per core table; calls of a switch, which are made of its events, are not among them.

    Args:
        staged: staged rows.
        sources: the enterprise's sources.
    """
    new = staged.tables()
    changes: dict[Table, Change] = {}
    for table in CORE_TABLES:
        events, key = _HISTORY_OF.get(table.name, (None, ""))
        if table.name not in new and (events is None or events.name not in new):
            continue
        if events is None:
            change = staged.change(table)
        else:
            change = staged.change(table, related_to=staged.concerned(events, key))
            known = staged.known_events(events, key, change.rows[0])
            change.rows = [with_history(table, change.rows[0], known, sources)]
        if table is MESSAGES:
            change.rows = [with_threads(rows, sources) for rows in change.rows]
        changes[table] = change
    return changes
