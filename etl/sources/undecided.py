"""Workstreams that the next night has to measure again: those that are open, or whose first contact cannot be judged yet.

There are millions of them. Their ids lie in a Parquet file beside the state, which only names it: DuckDB reads it where it looks
for them, and they never become objects of Python.
"""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.lake import Lake
from warehouse.tables.workstreams import WORKSTREAMS

UNDECIDED_SQL = "resolved_at IS NULL OR (first_contact_at IS NOT NULL AND first_contact_resolution IS NULL)"
"""Which rows of WORKSTREAMS are undecided."""
_ID = WORKSTREAMS.column("workstream_id").name


def keep_undecided(lake: Lake, ids: pa.Table) -> str:
    """Write the ids (column workstream_id, in order); gives the name under which they lie."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        ids, sink, compression="zstd", use_dictionary=False, write_statistics=False, column_encoding={_ID: "DELTA_BYTE_ARRAY"}
    )
    content = sink.getvalue().to_pybytes()
    name = hashlib.sha256(content).hexdigest()[:32]
    lake.write_bytes(_path(lake, name), content)
    return name


def undecided_file(lake: Lake, name: object) -> str | None:
    """Where DuckDB finds the ids of that name; None where there are none, as after a stitch that did not write such a file."""
    if not isinstance(name, str) or not lake.filesystem.exists(_path(lake, name)):
        return None
    path = _path(lake, name)
    return path if lake.is_local else str(lake.filesystem.unstrip_protocol(path))


def sweep_undecided(lake: Lake, kept: str) -> None:
    """Remove what no stitch reads any more."""
    folder = _folder(lake)
    lake.filesystem.invalidate_cache(folder)
    for path in lake.filesystem.ls(folder, detail=False):
        if str(path).rsplit("/", 1)[-1].removesuffix(".parquet") != kept:
            lake.filesystem.rm_file(str(path))


def _folder(lake: Lake) -> str:
    return f"{lake.root}/state/undecided"


def _path(lake: Lake, name: str) -> str:
    return f"{_folder(lake)}/{name}.parquet"
