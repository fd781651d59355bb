"""The star schema as Parquet, for engines beyond one database (Trino, Spark, DuckDB): any fsspec URL, a folder per table.

    <url>/dim_queue/part-<export>.parquet
    <url>/fact_staffing/business_month=2026-11/part-<export>.parquet
    <url>/manifest.json      the files that belong together, rows per table, columns with type, unit and meaning

Facts are partitioned by month. An export writes its files under a name of its own, then the manifest, then removes the files of
the export before: who reads the manifest's files never sees two exports mixed, and an export that dies leaves the former one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import fsspec
import psycopg
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from psycopg import sql

from warehouse.reach import filesystem_at
from warehouse.surface import MART_NAMES
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP

MANIFEST = "manifest.json"
_MONTHED_BY = "business_date"
_TYPES = {
    "bigint": COUNT,
    "boolean": FLAG,
    "date": DATE,
    "double precision": NUMBER,
    "numeric": NUMBER,
    "text": TEXT,
    "timestamp with time zone": TIMESTAMP,
    "timestamp without time zone": pa.timestamp("us"),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: rows and files of one table of the star schema."""

    table: str
    rows: int
    files: int


def export_marts(connection: psycopg.Connection, url: str, at: datetime) -> list[Exported]:
    """Write every table of the star schema below a URL, all as of one instant.

    Args:
        connection: in autocommit mode, of a login that may read the star schema.
        url: any fsspec URL; made if it is not there.
        at: time of the export; names its files.

    Returns:
        One entry per table.
    """
    filesystem, root = filesystem_at(url)
    root = root.rstrip("/")
    name = f"part-{at:%Y%m%dT%H%M%S%f}.parquet"
    done, manifest = [], []
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TimeZone TO 'UTC'")
        for table in MART_NAMES:
            schema = mart_schema(connection, table)
            files, rows = [], 0
            for folder, condition in _parts(connection, table, schema):
                path = "/".join(part for part in (table, folder, name) if part)
                rows += _write(connection, table, condition, schema, filesystem, f"{root}/{path}")
                files.append(path)
            done.append(Exported(table, rows, len(files)))
            manifest.append({"table": table, "rows": rows, "files": files, "columns": _columns(schema)})
    text = json.dumps({"exported_at": at.isoformat(), "tables": manifest}, indent=1, ensure_ascii=False)
    filesystem.pipe_file(f"{root}/{MANIFEST}", text.encode())
    former = [path for path in filesystem.find(root) if path.rsplit("/", 1)[-1] not in (name, MANIFEST) and _is_ours(path, root)]
    if former:
        filesystem.rm(former)
    return done


def mart_schema(connection: psycopg.Connection, table: str) -> pa.Schema:
    """Arrow schema of a table of the star schema, with meaning and unit as field metadata."""
    rows = connection.execute(
        "SELECT attname, format_type(atttypid, NULL), coalesce(col_description(attrelid, attnum), '') FROM pg_attribute "
        "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [f"mart.{table}"],
    ).fetchall()
    return pa.schema([pa.field(column, _TYPES[kind], metadata={"meaning": words}) for column, kind, words in rows])


def _parts(connection: psycopg.Connection, table: str, schema: pa.Schema) -> Iterator[tuple[str, sql.Composable]]:
    """Folder and condition of each file: a month of a fact, or the whole of a dimension."""
    if not table.startswith("fact_") or _MONTHED_BY not in schema.names:
        yield "", sql.SQL("TRUE")
        return
    months = connection.execute(
        sql.SQL("SELECT DISTINCT date_trunc('month', {})::date FROM {} ORDER BY 1").format(
            sql.Identifier(_MONTHED_BY), sql.Identifier("mart", table)
        )
    ).fetchall()
    for (month,) in months:
        last = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        condition = sql.SQL("{0} >= {1} AND {0} < {2}").format(sql.Identifier(_MONTHED_BY), sql.Literal(month), sql.Literal(last))
        yield f"business_month={month:%Y-%m}", condition


def _write(
    connection: psycopg.Connection,
    table: str,
    condition: sql.Composable,
    schema: pa.Schema,
    filesystem: fsspec.AbstractFileSystem,
    path: str,
) -> int:
    """One Parquet file, streamed: rows go from COPY through Arrow's reader in blocks."""
    query = sql.SQL("COPY (SELECT * FROM {} WHERE {}) TO STDOUT (FORMAT csv)").format(sql.Identifier("mart", table), condition)
    convert = pc.ConvertOptions(
        column_types=schema, strings_can_be_null=True, quoted_strings_can_be_null=False, true_values=["t"], false_values=["f"]
    )
    read = pc.ReadOptions(column_names=schema.names)
    filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    rows = 0
    with filesystem.open(path, "wb") as sink, pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for block in _blocks(connection, query):
            batch = pc.read_csv(pa.py_buffer(block), read, pc.ParseOptions(newlines_in_values=True), convert)
            writer.write_table(batch.cast(schema))
            rows += batch.num_rows
    return rows


_BLOCK_BYTES = 32 << 20


def _blocks(connection: psycopg.Connection, query: sql.Composed) -> Iterator[bytes]:
    """What COPY sends, in blocks of whole rows: the server sends one row at a time."""
    block = bytearray()
    with connection.cursor().copy(query) as copy:
        for row in copy:
            block += row
            if len(block) >= _BLOCK_BYTES:
                yield bytes(block)
                block.clear()
    if block:
        yield bytes(block)


def _columns(schema: pa.Schema) -> list[dict[str, str]]:
    return [
        {"name": field.name, "type": str(field.type), "meaning": (field.metadata or {}).get(b"meaning", b"").decode()}
        for field in schema
    ]


def _is_ours(path: str, root: str) -> bool:
    """Whether the file is one of an export; strange files in the folder are left alone."""
    inside = path[len(root) :].lstrip("/").split("/")
    return inside[0] in MART_NAMES and inside[-1].startswith("part-") and inside[-1].endswith(".parquet")
