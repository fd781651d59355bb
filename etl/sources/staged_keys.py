"""Batches of staged rows that hold some keys, found without opening the others."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from etl.intake import Batch
from etl.key_index import Hashes, blocks, holders, joined, parts_of, single
from etl.sources.staged import Staged
from warehouse.lake import Lake
from warehouse.tables.declaration import Table

_MOST_ROWS = 16_000_000
_VERSION = f"1:{duckdb.__version__}"  # the hash is DuckDB's own


class StagedKeys:
    """Looks keys up in what is staged.

    The arrays it looks in lie under `state/keys`. They are made of staged batches, which never change, and are named by them: one
    that is missing is made again, and one that was cut off was never put in place.

    Args:
        lake: where staging lies.
        staged: everything staged.
    """

    def __init__(self, lake: Lake, staged: Staged) -> None:
        self._lake = lake
        self._staged = staged

    def batches_with(self, table: Table, columns: Sequence[str], keys: pa.Table) -> list[tuple[str, Batch]]:
        """Batches that hold rows of a table whose `columns` are among `keys` (a table of as many columns, in the same order)."""
        connection = self._staged.connection
        connection.register("looked_for", keys)
        wanted = self._hashes(f"SELECT DISTINCT hash({_names(keys.column_names)}) AS h FROM looked_for")
        connection.unregister("looked_for")
        wanted.sort()
        by_source: dict[str, list[Batch]] = {}
        for source, batch in self._staged.batches(table.name):
            by_source.setdefault(source, []).append(batch)
        found = []
        for source, batches in by_source.items():
            for block in blocks([batch.tables[table.name].rows for batch in batches], _MOST_ROWS):
                array = self._block(source, batches, block, table, columns)
                found += [(source, batches[block.start + place]) for place in sorted(holders(array, wanted))]
        return found

    def _block(self, source: str, batches: Sequence[Batch], block: range, table: Table, columns: Sequence[str]) -> Hashes:
        named = [_VERSION, *columns, *(batches[place].key for place in block)]
        name = hashlib.sha256("\n".join(named).encode()).hexdigest()[:32]
        path = f"{self._lake.root}/state/keys/{source}/{table.name}/{name}.npy"
        if self._lake.filesystem.exists(path):
            return self._load(path)
        parts = parts_of(block)
        if parts:
            array = joined([self._block(source, batches, part, table, columns) for part in parts], [len(part) for part in parts])
        else:
            self._staged.scan([(source, batches[block.start])], table.name).create_view("to_be_indexed", replace=True)
            array = single(self._hashes(f"SELECT hash({_names(columns)}) AS h FROM to_be_indexed"))
        sink = io.BytesIO()
        np.save(sink, array)
        self._lake.write_bytes(path, sink.getvalue())
        return array

    def _load(self, path: str) -> Hashes:
        if self._lake.is_local:
            array: Hashes = np.load(path, mmap_mode="r")
            return array
        array = np.load(io.BytesIO(self._lake.filesystem.cat_file(path)))
        return array

    def _hashes(self, sql: str) -> Hashes:
        found: Hashes = np.array(self._staged.connection.sql(sql).to_arrow_table().column("h").to_numpy(), dtype=np.uint64)
        return found


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
