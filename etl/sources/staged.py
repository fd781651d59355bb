"""What is staged of all sources, which of it is new, and a connection that reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from etl.intake import Batch, Intake, Piece
from etl.staging import staged_path
from warehouse.lake import Lake


class Staged:
    """Everything staged.

    Args:
        lake: where staging lies.
        intakes: state of every source.
        nights: nights whose batches count as new.
    """

    def __init__(self, lake: Lake, intakes: Mapping[str, Intake], nights: Collection[date]) -> None:
        self.repeated: Counter[tuple[str, str]] = Counter()
        """Exact repetitions among the new rows per (source, landing file)."""
        self.nights = frozenset(nights)
        self._lake = lake
        self._intakes = intakes
        self.connection = lake.connect()
        """It has a view `pieces`: source_system, landing_file, sequence, is_new."""
        self.connection.execute("SET preserve_insertion_order = false")
        pieces = [
            (source, piece.landing_file, piece.sequence, piece.night in self.nights)
            for source, intake in intakes.items()
            for piece in intake.pieces
        ]
        names = ("source_system", "landing_file", "sequence", "is_new")
        types = (pa.string(), pa.string(), pa.int64(), pa.bool_())
        columns = list(zip(*pieces, strict=True)) or [()] * len(names)
        self.connection.register("pieces", pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)}))

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    def batches(self, table_name: str = "", *, new: bool = False) -> list[tuple[str, Batch]]:
        """Batches with their source: all, or those that hold rows of a table, or the new ones."""
        return [
            (source, batch)
            for source, intake in self._intakes.items()
            for batch in intake.batches
            if (not new or batch.night in self.nights) and (not table_name or table_name in batch.tables)
        ]

    def scan(self, batches: Sequence[tuple[str, Batch]], table_name: str) -> duckdb.DuckDBPyRelation:
        """Rows that some batches (at least one) hold of a table, with all columns that any of them has."""
        paths = [staged_path(self._lake.root, source, batch.key, table_name) for source, batch in batches]
        urls = paths if self._lake.is_local else [self._lake.filesystem.unstrip_protocol(path) for path in paths]
        return self.connection.read_parquet(urls, hive_partitioning=False, union_by_name=True)

    def pieces(self, source: str) -> Sequence[Piece]:
        """Pieces of a source that were ever received."""
        return self._intakes[source].pieces

    def nights_of_files(self) -> dict[tuple[str, str], date]:
        """Night that took each piece in, by source and name in landing."""
        return {(source, piece.landing_file): piece.night for source, intake in self._intakes.items() for piece in intake.pieces}

    def order(self, source: str) -> dict[str, int]:
        """Place of each piece of a source in the order in which they were received, by its name in landing."""
        return {piece.landing_file: piece.sequence for piece in self._intakes[source].pieces}

    def count_repeated_lines(self, source: str, landing_files: Iterable[str]) -> None:
        """Note exact repetitions among the new rows: the landing file of each."""
        new = {piece.landing_file for piece in self._intakes[source].pieces if piece.night in self.nights}
        self.repeated.update((source, landing_file) for landing_file in landing_files if landing_file in new)

    def count_repeated(self, sql: str) -> None:
        """Note exact repetitions: a query that gives source_system, landing_file and rows."""
        self.repeated.update({(source, file): rows for source, file, rows in self.connection.execute(sql).fetchall()})
