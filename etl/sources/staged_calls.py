"""Calls and agents' states out of a switch's staged events: what tonight's events change."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from etl.core import Change
from etl.intake import Batch
from etl.merging import EVENT_CONTENT, REPEATED_EVENTS_SQL
from etl.queue_log import CONTACTS_SQL, QUEUE_EVENTS, STATES_SQL
from etl.sources.staged import Staged
from warehouse.tables.core import AGENT_STATES, CONTACTS

_DAYS_AT_ONCE = 92
_DAY = timedelta(days=1)


class StagedCalls:
    """Staged events of one switch.

    Args:
        staged: everything staged, and which of it is new.
        source_system: the switch.
    """

    def __init__(self, staged: Staged, source_system: str) -> None:
        self._staged = staged
        self._source_system = source_system
        self._connection = staged.connection

    def changes(self, wrap_reason: str) -> tuple[Change, Change]:
        """What the new events change in CONTACTS and AGENT_STATES."""
        days = self._event_dates()
        affected = sorted({day + step for day in days for step in (-_DAY, timedelta(0), _DAY)})
        contacts, states = Change(dates=set(affected)), Change(dates=set(affected))
        for change in (contacts, states):
            change.replaced.append((self._source_system, frozenset(affected)))
        for start in range(0, len(affected), _DAYS_AT_ONCE):
            dates = affected[start : start + _DAYS_AT_ONCE]
            self._events_of(dates)
            wanted = pa.array(dates, pa.date32())
            for change, table, sql in ((contacts, CONTACTS, CONTACTS_SQL), (states, AGENT_STATES, STATES_SQL)):
                made = self._connection.sql(sql, params=[wrap_reason]).to_arrow_table()
                made = made.filter(pc.is_in(made.column("business_date"), wanted))
                change.rows.append(made.select(table.column_names).cast(table.arrow_schema))
        return contacts, states

    def _events_of(self, dates: Sequence[date]) -> None:
        """Make the table `events`: the events around the dates without repetitions, which are counted."""
        batches = [one for one in self._batches() if _overlaps(one[1], dates[0] - _DAY, dates[-1] + _DAY)]
        self._staged.scan(batches, QUEUE_EVENTS.name).create_view("staged_events", replace=True)
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
        self._staged.count_repeated(
            "SELECT source_system, landing_file, count(*) FROM repeated_events SEMI JOIN chosen USING (business_date) "
            "JOIN pieces USING (source_system, landing_file) WHERE is_new GROUP BY ALL"
        )

    def _event_dates(self) -> list[date]:
        batches = self._batches(new=True)
        if not batches:
            return []
        self._staged.scan(batches, QUEUE_EVENTS.name).create_view("new_events", replace=True)
        found = self._connection.execute("SELECT DISTINCT business_date FROM new_events").fetchall()
        return [day for (day,) in found]

    def _batches(self, *, new: bool = False) -> list[tuple[str, Batch]]:
        return [one for one in self._staged.batches(QUEUE_EVENTS.name, new=new) if one[0] == self._source_system]


def _overlaps(batch: Batch, first: date, last: date) -> bool:
    staged = batch.tables[QUEUE_EVENTS.name]
    if staged.first is None or staged.last is None:
        return False
    return staged.first <= last and staged.last >= first
