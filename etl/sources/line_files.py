"""Sources of one row per line: all files in one pass of SQL, good lines typed, the others put aside with their rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.lines import read_lines
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.rejects import Rejects
from warehouse.tables.core import CONTACTS
from warehouse.tables.declaration import Table

_BATCH_ROWS = 1_000_000
_BATCH_BYTES = 128 << 20

Completion = Callable[[pa.Table, ReadContext], Mapping[str, pa.Array]]
"""Gives the declared columns that are not among those of the SQL result."""


def read_line_files(
    table: Table,
    parse_sql: str,
    lookups: Mapping[str, pa.Table],
    reasons: Mapping[str, str],
    files: Sequence[LandedFile],
    context: ReadContext,
    complete: Completion,
) -> Parsed:
    """Read files line by line, a million lines at a time.

    Args:
        table: what the lines become.
        parse_sql: SQL over a view `lines` (file_index, landing_row, line) and the lookups; gives these three, typed columns,
            `queue_id`, and `rule`, "" for good lines.
        lookups: small tables by name.
        reasons: rule -> what was wrong, what was expected, and the next step.
        files: landed pieces in landing order.
        context: filesystem and source name.
        complete: the columns that SQL does not give.

    Returns:
        The rows, the quarantine, and counts that add up.
    """
    rejects = Rejects(context.source_system)
    rows_in = np.zeros(len(files), dtype=np.int64)
    kept: list[pa.Table] = [table.arrow_schema.empty_table()]
    waiting: list[pa.Table] = []

    def flush() -> None:
        lines = pa.concat_tables(waiting)
        waiting.clear()
        typed = _typed(lines, parse_sql, lookups)
        bad = _in_file_order(typed.filter(pc.not_equal(typed.column("rule"), "")))
        for row in bad.select(["file_index", "landing_row", "rule", "line", "queue_id"]).to_pylist():
            name, rule = files[row["file_index"]].landing_file, row["rule"]
            rejects.add(
                name,
                row["landing_row"],
                rule,
                reasons[rule],
                table_name=CONTACTS.name,
                row_text=row["line"],
                queue_id=row["queue_id"],
            )
        good = _in_file_order(typed.filter(pc.equal(typed.column("rule"), "")))
        columns = {name: good.column(name) for name in good.column_names}
        columns["source_system"] = pa.repeat(pa.scalar(context.source_system), good.num_rows)
        columns["landing_file"] = pc.take(pa.array([file.landing_file for file in files], pa.string()), good.column("file_index"))
        columns.update(complete(good, context))
        kept.append(pa.table({name: columns[name] for name in table.column_names}).cast(table.arrow_schema))

    for index, file in enumerate(files):
        lines = read_lines(context.filesystem.cat_file(file.path))
        for broken in lines.broken:
            text = broken.text or None
            rejects.add(file.landing_file, broken.line, broken.rule, broken.reason, table_name=CONTACTS.name, row_text=text)
        rows_in[index] = len(lines.texts) + len(lines.broken)
        places = pa.array(np.full(len(lines.texts), index, dtype=np.int32))
        waiting.append(pa.table({"file_index": places, "landing_row": lines.numbers, "line": lines.texts}))
        if sum(one.num_rows for one in waiting) >= _BATCH_ROWS or sum(one.nbytes for one in waiting) >= _BATCH_BYTES:
            flush()
    if waiting:
        flush()
    counts = [
        FileCount(file.landing_file, int(rows), int(rows) - rejects.count(file.landing_file), rejects.count(file.landing_file))
        for file, rows in zip(files, rows_in, strict=True)
    ]
    return Parsed({table: pa.concat_tables(kept)}, rejects.table(), counts).checked()


def _in_file_order(rows: pa.Table) -> pa.Table:
    """No query promises an order, and a join may change it; what is staged must always be the same bytes."""
    files, numbers = (rows.column(name).to_numpy() for name in ("file_index", "landing_row"))
    place = files.astype(np.int64) << 40 | numbers
    if len(place) < 2 or bool(np.all(place[1:] > place[:-1])):
        return rows
    return rows.take(pa.array(np.argsort(place)))


def _typed(lines: pa.Table, parse_sql: str, lookups: Mapping[str, pa.Table]) -> pa.Table:
    """The lines typed; the text of a line comes with it only where a rule rejects it, and nobody carries the others about."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")  # several would give the rows in any order, and to sort them costs more than they save
    for name, table in {"lines": lines, **lookups}.items():
        connection.register(name, table)
    with_bad_lines = f"SELECT * REPLACE (CASE WHEN rule <> '' THEN line END AS line) FROM ({parse_sql})"  # noqa: S608 - ours
    typed = connection.sql(with_bad_lines).to_arrow_table()
    connection.close()
    return typed
