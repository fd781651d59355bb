"""Asterisk `queue_log` files, rotated and gzipped ones too, read whole columns at a time.

Source of the format: docs.asterisk.org, Operation / Logging / Queue Logs; app_queue.c for the order of the transfer fields.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enterprise.sources import AsteriskQueueLog
from etl.business_dates import business_dates
from etl.lines import read_lines
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.queue_log import PARSE_SQL, QUEUE_EVENTS, REASONS, parse_tables
from etl.rejects import Rejects
from warehouse.tables.core import CONTACTS

_BATCH_ROWS = 1_000_000


def read(settings: AsteriskQueueLog, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Type every line of some queue logs.

    Args:
        settings: the source; names of queues that are not in it are quarantined.
        files: landed pieces in landing order.
        context: filesystem, grid and source name.

    Returns:
        QUEUE_EVENTS, one row per good line; calls are made of them when core is made. Lines that repeat exactly are still there:
        they are counted across all files then.
    """
    rejects = Rejects(context.source_system)
    rows_in = np.zeros(len(files), dtype=np.int64)
    events: list[pa.Table] = []
    waiting: list[pa.Table] = []
    for index, file in enumerate(files):
        lines = read_lines(context.filesystem.cat_file(file.path))
        for broken in lines.broken:
            rejects.add(
                file.landing_file, broken.line, broken.rule, broken.reason, table_name=CONTACTS.name, row_text=broken.text or None
            )
        rows_in[index] = len(lines.texts) + len(lines.broken)
        places = pa.array(np.full(len(lines.texts), index, dtype=np.int32))
        waiting.append(pa.table({"file_index": places, "landing_row": lines.numbers, "line": lines.texts}))
        if sum(table.num_rows for table in waiting) >= _BATCH_ROWS:
            events.append(_typed(settings, pa.concat_tables(waiting), files, context, rejects))
            waiting = []
    if waiting:
        events.append(_typed(settings, pa.concat_tables(waiting), files, context, rejects))
    counts = [
        FileCount(file.landing_file, int(rows), int(rows) - rejects.count(file.landing_file), rejects.count(file.landing_file))
        for file, rows in zip(files, rows_in, strict=True)
    ]
    kept = pa.concat_tables(events) if events else QUEUE_EVENTS.arrow_schema.empty_table()
    return Parsed({QUEUE_EVENTS: kept}, rejects.table(), counts).checked()


def _typed(
    settings: AsteriskQueueLog, lines: pa.Table, files: Sequence[LandedFile], context: ReadContext, rejects: Rejects
) -> pa.Table:
    """The good lines as QUEUE_EVENTS; the others are added to the rejects."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in {"lines": lines, **parse_tables(settings.queues)}.items():
        connection.register(name, table)
    typed = connection.sql(PARSE_SQL).to_arrow_table()
    connection.close()
    bad = typed.filter(pc.not_equal(typed.column("rule"), ""))
    for row in bad.select(["file_index", "landing_row", "rule", "line", "queue_id"]).to_pylist():
        rejects.add(
            files[row["file_index"]].landing_file,
            row["landing_row"],
            row["rule"],
            REASONS[row["rule"]],
            table_name=CONTACTS.name,
            row_text=row["line"],
            queue_id=row["queue_id"],
        )
    good = typed.filter(pc.equal(typed.column("rule"), ""))
    names = pa.array([file.landing_file for file in files], pa.string())
    columns = {name: good.column(name) for name in good.column_names}
    columns["source_system"] = pa.repeat(pa.scalar(context.source_system), good.num_rows)
    columns["landing_file"] = pc.take(names, good.column("file_index"))
    columns["business_date"] = business_dates(context.grid, good.column("occurred_at"))
    return pa.table({name: columns[name] for name in QUEUE_EVENTS.column_names}).cast(QUEUE_EVENTS.arrow_schema)
