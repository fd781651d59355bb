"""Rows on their way into the database: COPY in PostgreSQL's own binary form, in which the server has nothing to parse."""

from __future__ import annotations

import psycopg
import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql

_ROWS_AT_ONCE = 10_000
"""Few megabytes: the server takes them in while the next ones are made."""


def copy_rows(connection: psycopg.Connection, place: sql.Composable, rows: pa.Table) -> None:
    """COPY rows into a table that has columns of the same names and of the declared types; its other columns get their defaults.

    Raises:
        psycopg.Error: what the server has to say; then none of the rows is there.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
    encoder = ArrowToPostgresBinaryEncoder(rows.schema)
    with connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(place, names)) as copy:
        copy.write(encoder.write_header())
        for batch in rows.to_batches(max_chunksize=_ROWS_AT_ONCE):
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())
