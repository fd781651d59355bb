"""Core partitions as they have to be: what was there, less what changed, with what it changed to (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from enterprise.case_sources import ZendeskTickets
from enterprise.sources import ClaimsDatabase, MappedTable, SalesforceCases, Source
from etl.cases import resolved
from etl.claims import assessed
from etl.threads import answered
from warehouse.tables.core import CASES, CLAIMS, MESSAGES
from warehouse.tables.declaration import Table


@dataclass(slots=True)
class Change:
    """What changes in one core table.

    Args:
        rows: new rows.
        keys: rows of core with these keys go (each a table of the key columns).
        replaced: (source, dates): rows of that source on these dates go.
        dates: dates whose partitions may change.
    """

    rows: list[pa.Table] = field(default_factory=list)
    keys: list[pa.Table] = field(default_factory=list)
    replaced: list[tuple[str, frozenset[date]]] = field(default_factory=list)
    dates: set[date] = field(default_factory=set)

    def add(self, other: Change) -> None:
        """Take up another change of the same table."""
        self.rows += other.rows
        self.keys += other.keys
        self.replaced += other.replaced
        self.dates |= other.dates

    def taken(self, dates: Collection[date]) -> Change:
        """The part of it that lies on some dates, taken out of it."""
        wanted = pa.array(sorted(dates), pa.date32())
        inside = [pc.is_in(rows.column("business_date"), wanted) for rows in self.rows]
        found = [rows.filter(mask) for rows, mask in zip(self.rows, inside, strict=True)]
        self.rows = [rows.filter(pc.invert(mask)) for rows, mask in zip(self.rows, inside, strict=True)]
        taken = Change(found, list(self.keys), list(self.replaced), self.dates & set(dates))
        self.dates = self.dates - set(dates)
        return taken


def changed(table: Table, before: pa.Table, change: Change) -> pa.Table:
    """The rows of the change's partitions afterwards.

    Args:
        table: the core table.
        before: what stands in these partitions.
        change: the change.

    Returns:
        Rows of the table, in no order.
    """
    stays = before
    for source, dates in change.replaced:
        gone = pc.equal(stays.column("source_system"), source)
        if table.partitioned_by is not None:
            gone = pc.and_(gone, pc.is_in(stays.column(table.partitioned_by.name), pa.array(sorted(dates), pa.date32())))
        stays = stays.filter(pc.invert(gone))
    for keys in change.keys:
        if stays.num_rows and keys.num_rows:
            stays = stays.join(keys, keys=table.key_names, join_type="left anti")
    parts = [part.select(table.column_names).cast(table.arrow_schema) for part in (stays, *change.rows)]
    return pa.concat_tables(parts)


def with_history(table: Table, rows: pa.Table, events: pa.Table, sources: Mapping[str, Source]) -> pa.Table:
    """Cases with what their history tells, claims with the first assessment that their events tell.

    Only rows of sources whose history Leadline reads are looked at: a mapped table says itself when work was done.

    Args:
        table: CASES or CLAIMS.
        rows: rows of it, each key once.
        events: all events known of them.
        sources: the enterprise's sources.
    """
    parts = []
    for source in pc.unique(rows.column("source_system")).to_pylist():
        own = rows.filter(pc.equal(rows.column("source_system"), source))
        settings = sources.get(source)
        if table is CASES and isinstance(settings, SalesforceCases | ZendeskTickets):
            own = resolved(own, events)
        elif table is CLAIMS and isinstance(settings, ClaimsDatabase):
            own = assessed(own, events, settings.assessed_status)
        parts.append(own)
    return pa.concat_tables([table.arrow_schema.empty_table(), *parts])


def with_threads(rows: pa.Table, sources: Mapping[str, Source]) -> pa.Table:
    """Mails as their threads tell; those of a mapped table that says itself when mails were handled stay as they are.

    Args:
        rows: rows of MESSAGES that hold whole threads.
        sources: the enterprise's sources.
    """
    stated = [
        name for name, settings in sources.items() if isinstance(settings, MappedTable) and "handled_at" in settings.columns
    ]
    keeps = pc.is_in(rows.column("source_system"), pa.array(stated, pa.string()))
    return pa.concat_tables([answered(rows.filter(pc.invert(keeps))), rows.filter(keeps).select(MESSAGES.column_names)])
