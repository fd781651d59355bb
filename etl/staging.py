"""Typed rows between landing and core: one folder per batch of pieces, named by what was read and how."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enterprise.model import Settings
from etl.intake import Batch, Piece, Staged
from etl.landing import Store
from etl.parsed import Parsed

READER_VERSION = "4"
"""Raised when a reader reads the same bytes differently: everything in landing is then read again."""

_ROW_GROUP = 65_536
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


def batches_of(pieces: Sequence[Piece], most_bytes: int) -> Iterator[list[Piece]]:
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
    if batch:
        yield batch


def batch_key(landing_files: Sequence[str], reader: str) -> str:
    """Folder name of a batch."""
    return hashlib.sha256("\n".join([reader, *landing_files]).encode()).hexdigest()[:16]


def stage(parsed: Parsed, pieces: Sequence[Piece], night: date, reader: str, source_system: str, store: Store) -> Batch:
    """Write what was read as Parquet and describe it; writing it again changes nothing."""
    landing_files = [piece.landing_file for piece in pieces]
    key = batch_key(landing_files, reader)
    staged = {}
    for table, rows in parsed.tables.items():
        if rows.num_rows == 0:
            continue
        store.write_bytes(staged_path(store.root, source_system, key, table.name), _parquet(rows))
        bounds = (
            pc.min_max(rows.column("business_date")).as_py() if table.partitioned_by is not None else {"min": None, "max": None}
        )
        staged[table.name] = Staged(rows.num_rows, bounds["min"], bounds["max"])
    if parsed.quarantine.num_rows:
        store.write_bytes(staged_path(store.root, source_system, key, QUARANTINE_NAME), _parquet(parsed.quarantine))
        staged[QUARANTINE_NAME] = Staged(parsed.quarantine.num_rows, None, None)
    return Batch(night, key, reader, landing_files, staged, list(parsed.counts))


def _parquet(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP)
    content: bytes = sink.getvalue().to_pybytes()
    return content
