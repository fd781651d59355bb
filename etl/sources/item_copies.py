"""Narrow copies of core's deferred work, a file per month: a night opens some dozens of files instead of thousands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from etl.sources.history_marks import short_hash
from warehouse.lake import Lake
from warehouse.partition_marks import partition_marks
from warehouse.tables.core import CASE_EVENTS, CASES, CLAIMS, MESSAGES
from warehouse.tables.declaration import Table

COPIED: Mapping[Table, tuple[str, ...]] = {
    MESSAGES: ("business_date", "queue_id", "direction", "received_at", "handled_at", "needs_reply", "handle_seconds"),
    CASES: ("case_id", "queue_id", "opened_at", "resolved_at", "closed_at"),
    CASE_EVENTS: ("case_id", "case_event_id", "field_name", "old_value", "new_value", "changed_at"),
    CLAIMS: (
        "business_date", "line_of_business", "region", "peril", "catastrophe_code", "reported_at", "assessed_at", "closed_at",
    ),
}  # fmt: skip
"""The columns of core that history takes of deferred work."""


def item_views(connection: duckdb.DuckDBPyConnection, lake: Lake, known: Mapping[str, object]) -> dict[str, str]:
    """Make views of all rows of core's item tables, whatever their date, from copies that are made anew where core changed.

    Args:
        connection: gets one view per table of `COPIED`, with those columns.
        lake: where core lies, and the copies in `state/items`.
        known: state of each copy, as an earlier call gave it.

    Returns:
        State of each copy: a mark of the partitions it was made of. It is to be kept only after this call: a copy that is newer
        than its state is made again.
    """
    states: dict[str, str] = {}
    for table, columns in COPIED.items():
        stamps = sorted(partition_marks(lake, table).items())
        paths = []
        for month, days in groupby(stamps, key=lambda item: f"{item[0]:%Y-%m}"):
            found = list(days)
            name = f"items/{table.name}/{month}"
            path = f"{lake.root}/state/{name}.parquet"
            states[name] = short_hash([",".join(columns), *(f"{day} {stamp}" for day, stamp in found)])
            if known.get(name) != states[name] or not lake.filesystem.exists(path):
                lake.write_bytes(path, _copy(lake, table, columns, found[0][0], found[-1][0]))
            paths.append(path if lake.is_local else lake.filesystem.unstrip_protocol(path))
        if paths:
            connection.read_parquet(paths, hive_partitioning=False).create_view(table.name, replace=True)
        else:
            empty = pa.schema([table.arrow_schema.field(column) for column in columns]).empty_table()
            connection.from_arrow(empty).create_view(table.name, replace=True)
    return states


def _copy(lake: Lake, table: Table, columns: tuple[str, ...], first: date, last: date) -> bytes:
    rows = lake.read_arrow(table, first=first, last=last, columns=columns)
    sink = pa.BufferOutputStream()
    pq.write_table(rows.combine_chunks().replace_schema_metadata(None), sink, compression="snappy")
    content: bytes = sink.getvalue().to_pybytes()
    return content
