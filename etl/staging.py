"""Typed rows between landing and core: one folder per batch of pieces, named by what was read and how."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enterprise.model import Settings
from etl.intake import Batch, Piece, Staged
from etl.landing import Store
from etl.parsed import FileCount, Parsed
from etl.shapes import Shape

READER_VERSION = "10"
"""Raised when a reader reads the same bytes differently: everything in landing is then read again."""

_ROW_GROUP = 65_536
_LARGEST_DICTIONARY_BYTES = 64 << 20  # larger ones would be given up for plain text
_LOCATIONS = frozenset({"url", "history_url", "agents_url", "schedules_url", "activities_url", "events_url", "ratings_url"})
_CONNECTION = frozenset({"host", "port", "user", "password", "ca_file", "timeout_seconds"})
QUARANTINE_NAME = "quarantine"


def staged_path(root: str, source_system: str, key: str, table_name: str) -> str:
    """Where a table of a batch lies."""
    return f"{root}/staging/{source_system}/{key}/{table_name}.parquet"


def reader_hash(settings: Settings, time_zone: str) -> str:
    """Hash of everything but the bytes that decides what reading gives."""
    content = settings.model_dump(mode="json", exclude=set(_LOCATIONS | _CONNECTION))
    return hashlib.sha256(json.dumps([READER_VERSION, time_zone, content], sort_keys=True).encode()).hexdigest()[:16]


def batches_of(pieces: Iterable[Piece], most_bytes: int) -> Iterator[list[Piece]]:
    """Pieces in order, together as long as they have at most `most_bytes`; a larger piece stands alone.

    Example:
        >>> pieces = [Piece(date(2026, 1, 1), n, str(n), "", size, "", 0, "") for n, size in enumerate([3, 4, 9, 1])]
        >>> [[piece.size_bytes for piece in batch] for batch in batches_of(pieces, 8)]
        [[3, 4], [9], [1]]
    """
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        if batch and size + piece.size_bytes > most_bytes:
            yield batch
            batch, size = [], 0
        batch.append(piece)
        size += piece.size_bytes
        if size >= most_bytes:  # the next piece may be long in coming
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def batch_key(landing_files: Sequence[str], reader: str) -> str:
    """Folder name of a batch."""
    return hashlib.sha256("\n".join([reader, *landing_files]).encode()).hexdigest()[:16]


def stage(parts: Iterable[Parsed], pieces: Sequence[Piece], night: date, reader: str, source_system: str, store: Store) -> Batch:
    """Write what was read as Parquet, part by part, and describe it; writing it again changes nothing.

    Raises:
        AccountingError: naming the files whose rows do not add up.
    """
    landing_files = [piece.landing_file for piece in pieces]
    key = batch_key(landing_files, reader)
    staged: dict[str, Staged] = {}
    counts: list[FileCount] = []
    shapes: list[Shape] = []
    with ExitStack() as files:
        writers: dict[str, pq.ParquetWriter] = {}
        with ThreadPoolExecutor(1) as pool:  # a part is written while the next ones are read
            waiting: deque[Future[None]] = deque()
            for parsed in parts:
                tables = {table.name: rows for table, rows in parsed.checked().tables.items()}
                tables[QUARANTINE_NAME] = parsed.quarantine
                dated = {table.name for table in parsed.tables if table.partitioned_by is not None}
                for name, rows in tables.items():
                    if rows.num_rows == 0:
                        continue
                    if len(waiting) > 1:
                        waiting.popleft().result()
                    if name not in writers:
                        draft = files.enter_context(store.draft())
                        draft.keep(staged_path(store.root, source_system, key, name))
                        writers[name] = files.enter_context(_writer(draft.stream, rows.schema))
                    waiting.append(pool.submit(_write, writers[name], rows))
                    bounds = pc.min_max(rows.column("business_date")).as_py() if name in dated else {"min": None, "max": None}
                    staged[name] = _with(staged.get(name), Staged(rows.num_rows, bounds["min"], bounds["max"]))
                counts += parsed.counts
                shapes += parsed.shapes
            for written in waiting:
                written.result()
    return Batch(night, key, reader, landing_files, staged, counts, tuple(shapes))


def _write(writer: pq.ParquetWriter, rows: pa.Table) -> None:
    """Write rows; those with dictionaries in the pieces they come in, as each has words of its own."""
    if not any(pa.types.is_dictionary(field.type) for field in rows.schema):
        writer.write_table(rows, row_group_size=_ROW_GROUP)
        return
    for piece in rows.to_batches():
        writer.write_table(pa.Table.from_batches([piece]), row_group_size=piece.num_rows)


def _with(before: Staged | None, more: Staged) -> Staged:
    if before is None:
        return more
    firsts = [day for day in (before.first, more.first) if day is not None]
    lasts = [day for day in (before.last, more.last) if day is not None]
    return Staged(before.rows + more.rows, min(firsts, default=None), max(lasts, default=None))


def _writer(sink: IO[bytes], schema: pa.Schema) -> pq.ParquetWriter:
    """Columns that come as dictionaries stay so, and what only grows is kept as differences: such rows come by the million.

    Where no column is a dictionary, the writer finds out itself what repeats.
    """
    repeating = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    if not repeating:
        return pq.ParquetWriter(sink, schema, compression="zstd", compression_level=1)
    growing = {name: "DELTA_BINARY_PACKED" for name in ("occurred_at", "landing_row") if name in schema.names}
    packed = {field.name: "none" if field.name in {*growing, "line_hash"} else "lz4" for field in schema}
    return pq.ParquetWriter(
        sink, schema, compression=packed, use_dictionary=repeating, column_encoding=growing, write_statistics=["business_date"],
        dictionary_pagesize_limit=_LARGEST_DICTIONARY_BYTES,
    )  # fmt: skip
