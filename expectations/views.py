"""Tables of the lake to a check: as views that DuckDB sums up where they lie, as frames where they are small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import duckdb
import pandas as pd
import pyarrow as pa

from warehouse.tables.declaration import Table


class ViewFrames(Mapping[Table, pd.DataFrame]):
    """Frames of views, read when somebody asks for them.

    Args:
        connection: DuckDB with a view per table.
        tables: tables that it has.
        suffix: what follows the table's name in the view's.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Iterable[Table], suffix: str = "") -> None:
        self._connection = connection
        self._tables = dict.fromkeys(tables)
        self._suffix = suffix
        self._read: dict[Table, pd.DataFrame] = {}

    def __getitem__(self, table: Table) -> pd.DataFrame:
        """The table's rows, in the order in which they were written."""
        if table not in self._tables:
            raise KeyError(f"{table.name} is not among the tables of this stage: {', '.join(t.name for t in self._tables)}")
        if table not in self._read:
            rows = self._connection.table(f"{table.name}{self._suffix}").to_arrow_table()
            self._read[table] = _as_declared(table, rows)
        return self._read[table]

    def __iter__(self) -> Iterator[Table]:
        """The tables."""
        return iter(self._tables)

    def __len__(self) -> int:
        """How many tables."""
        return len(self._tables)


def with_views(frames: Mapping[Table, pd.DataFrame]) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with one view per frame, named like its table."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    for table, frame in frames.items():
        connection.from_arrow(_typed(table, frame)).create_view(table.name)
    return connection


def _as_declared(table: Table, rows: pa.Table) -> pd.DataFrame:
    """The rows as the lake reads them; what is missing is missing: a check of the declaration finds it."""
    if rows.column_names != table.column_names:
        frame: pd.DataFrame = rows.to_pandas().reindex(columns=table.column_names)
        return frame
    read: pd.DataFrame = rows.cast(pa.schema([field.with_nullable(True) for field in table.arrow_schema])).to_pandas()
    return read


def _typed(table: Table, frame: pd.DataFrame) -> pa.Table:
    """The frame with every column of its declared type that takes it; the others stay as they are, for a check to find."""
    data = pa.Table.from_pandas(frame, preserve_index=False)
    for place, name in enumerate(data.column_names):
        if name in table.column_names:
            try:
                column = data.column(name).cast(table.column(name).type)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                continue
            data = data.set_column(place, name, column)
    return data
