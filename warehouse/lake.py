"""The lake: declared tables as Parquet partitions on any fsspec URL, read by date range and replaced whole and atomically."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
from fsspec.implementations.local import LocalFileSystem

from enterprise.errors import InvalidTableError
from warehouse.drafts import Draft, local_draft, put_local, remote_draft
from warehouse.ordering import by_day, in_order
from warehouse.partition_file import as_it_stands, partition_file
from warehouse.reach import filesystem_at, reaching, require_there, with_room
from warehouse.tables.declaration import Table

_FILE = "part-0.parquet"
_UNFINISHED = ".unfinished"
"""Folder of the lake where files lie while they are written."""
_LOCAL_WRITERS = 2  # a disk waits for nobody: more threads only fight over the processor
_REMOTE_WRITERS = 8
_FEW_DAYS = 64  # looked for one by one, whatever number of days there are
_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Written:
    """What a write left in the lake: the table, the partition ("" for a whole table), its rows and the hash of its bytes."""

    table: str
    partition: str
    rows: int
    content_hash: str


class Lake:
    """Parquet datasets below one folder: `<layer>/<table>/<partition column>=<date>/part-0.parquet`.

    A partition is replaced whole: readers see the old file or the new one, never a part. The same rows always give the same bytes
    (rows sorted by key, one writer version). Partitions that were written empty exist with no rows: that a day was processed is
    known from its file.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.filesystem: fsspec.AbstractFileSystem
        self.filesystem, root = filesystem_at(url)
        self.root: str = root.rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether the lake is a folder of this machine."""
        return isinstance(self.filesystem, LocalFileSystem)

    def folder(self, table: Table) -> str:
        """Folder of a table, in the filesystem's own notation."""
        return f"{self.root}/{table.layer}/{table.name}"

    def partitions(self, table: Table, first: date | None = None, last: date | None = None) -> list[date]:
        """Dates for which the table has a partition, in order, within `first` .. `last` (both inclusive)."""
        folder = self.folder(table)
        if table.partitioned_by is None or not self.filesystem.isdir(folder):
            return []
        if first is not None and last is not None and (last - first).days < (_FEW_DAYS if self.is_local else 1):
            self.filesystem.invalidate_cache(folder)  # no need to list them all
            asked = [first + timedelta(days=step) for step in range((last - first).days + 1)]
            return [day for day in asked if self.filesystem.exists(self.path(table, day))]
        prefix = f"{table.partitioned_by.name}="
        if self.is_local:
            names = os.listdir(folder)  # noqa: PTH208 - there are thousands: texts, not paths
        else:
            self.filesystem.invalidate_cache(folder)
            names = [str(path).rstrip("/").rsplit("/", 1)[-1] for path in self.filesystem.ls(folder, detail=False)]
        days = sorted(date.fromisoformat(name.removeprefix(prefix)) for name in names if name.startswith(prefix))
        wanted = [day for day in days if (first is None or day >= first) and (last is None or day <= last)]
        # A writer that was killed may have left a folder without its file; an object store has no folders.
        return [day for day in wanted if os.path.exists(self.path(table, day))] if self.is_local else wanted  # noqa: PTH110

    def files(self, table: Table, first: date | None = None, last: date | None = None) -> list[str]:
        """Files of the table (of the partitions within `first` .. `last`), in date order."""
        if table.partitioned_by is None:
            path = self.path(table, None)
            return [path] if self.filesystem.exists(path) else []
        return [self.path(table, day) for day in self.partitions(table, first, last)]

    def read_arrow(
        self,
        table: Table,
        *,
        first: date | None = None,
        last: date | None = None,
        columns: Sequence[str] | None = None,
        queues: Collection[str] | None = None,
    ) -> pa.Table:
        """Rows, of all or some queues, of the partitions within `first` .. `last`; an empty table where there are none."""
        schema = table.arrow_schema
        wanted = pa.schema([schema.field(name) for name in columns]) if columns is not None else schema
        chosen = None if queues is None else ds.field("queue_id").isin(list(queues))
        with reaching(self.url):
            files = self.files(table, first, last)
            if not files:
                return wanted.empty_table()
            dataset = ds.dataset(files, schema=schema, format="parquet", filesystem=self.filesystem)
            return dataset.to_table(columns=wanted.names, filter=chosen, use_threads=True).cast(wanted)

    def read(self, table: Table, **chosen: Any) -> pd.DataFrame:
        """`read_arrow` as a frame: instants tz-aware UTC in microseconds, dates as `datetime.date`, text as `str`."""
        frame: pd.DataFrame = self.read_arrow(table, **chosen).to_pandas()
        return frame

    def connect(self) -> duckdb.DuckDBPyConnection:
        """An in-memory DuckDB that reads this lake, in UTC."""
        connection = duckdb.connect(":memory:", config={"threads": os.cpu_count() or 1})
        connection.execute("SET TimeZone = 'UTC'")
        if not self.is_local:
            connection.register_filesystem(self.filesystem)
        return connection

    def view(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        *,
        first: date | None = None,
        last: date | None = None,
        name: str = "",
    ) -> str:
        """Make the table's partitions within `first` .. `last` a view of the connection; returns the view's name."""
        name = name or table.name
        files = [path if self.is_local else self.filesystem.unstrip_protocol(path) for path in self.files(table, first, last)]
        if files:
            relation = connection.read_parquet(files, hive_partitioning=False)
        else:
            relation = connection.from_arrow(table.arrow_schema.empty_table())
        relation.create_view(name, replace=True)
        return name

    def require_there(self) -> None:
        """Look at the lake, with one request, where it is not a folder of this machine.

        Raises:
            LakeUnreachableError: if it does not answer.
            NeedsPersonError: if it refuses this login, or its bucket is not there.
        """
        if not self.is_local:
            require_there(self.filesystem, self.root, self.url)

    def replace(self, table: Table, rows: pd.DataFrame | pa.Table, partition: date | None = None) -> Written:
        """Replace one partition (or the whole of an unpartitioned table) by `rows`.

        Raises:
            InvalidTableError: if the rows do not match the declaration or lie in another partition.
        """
        data = conformed(table, rows)
        if (table.partitioned_by is None) != (partition is None):
            raise InvalidTableError(f"{table.name}: give a partition exactly when the table has one; got {partition}")
        if table.partitioned_by is not None:
            strays = set(data.column(table.partitioned_by.name).unique().to_pylist()) - {partition}
            if strays:
                raise InvalidTableError(
                    f"{table.name}: rows of {sorted(map(str, strays))[:3]} cannot be written to partition {partition}; "
                    "split them by date first"
                )
        data = as_it_stands(in_order(data, table.key_names))
        return self._write(table, partition, data.num_rows, partition_file(table, data))

    def replace_partitions(
        self,
        table: Table,
        rows: pd.DataFrame | pa.Table,
        also: Sequence[date] = (),
        on_done: Callable[[Written], None] | None = None,
    ) -> list[Written]:
        """Replace every partition that `rows` touch, and those of `also` (with no rows if none are theirs), each atomically."""
        if table.partitioned_by is None:
            raise InvalidTableError(f"{table.name} has no partitions; use replace")
        column = table.partitioned_by.name
        data = as_it_stands(in_order(conformed(table, rows), [column, *table.key_names]))
        pieces = dict(by_day(data, column))
        nothing = partition_file(table, data.slice(0, 0)) if set(also) - set(pieces) else b""
        pieces |= {day: data.slice(0, 0) for day in also if day not in pieces}

        def write(day: date) -> Written:
            piece = pieces[day]
            return self._write(table, day, piece.num_rows, partition_file(table, piece) if piece.num_rows else nothing)

        with ThreadPoolExecutor(_LOCAL_WRITERS if self.is_local else _REMOTE_WRITERS) as pool:
            written = list(pool.map(write, sorted(pieces)))
        if on_done is not None:
            for one in written:
                on_done(one)
        return written

    def content_hash(self, table: Table, partition: date | None = None) -> str:
        """SHA-256 of a partition's bytes; "" where there is none."""
        try:
            with reaching(self.url):
                return hashlib.sha256(self.filesystem.cat_file(self.path(table, partition))).hexdigest()
        except FileNotFoundError:
            return ""

    def content_hashes(self, table: Table, days: Sequence[date]) -> dict[date, str]:
        """`content_hash` of several partitions, some at a time: a store that is far away takes its time for each."""
        with ThreadPoolExecutor(_LOCAL_WRITERS if self.is_local else _REMOTE_WRITERS) as pool:
            return dict(zip(days, pool.map(lambda day: self.content_hash(table, day), days), strict=True))

    def path(self, table: Table, partition: date | None) -> str:
        """Where a partition, or the whole of a table without, lies."""
        if table.partitioned_by is None or partition is None:
            return f"{self.folder(table)}/{_FILE}"
        return f"{self.folder(table)}/{table.partitioned_by.name}={partition.isoformat()}/{_FILE}"

    def _write(self, table: Table, partition: date | None, rows: int, content: bytes) -> Written:
        self.write_bytes(self.path(table, partition), content)
        return Written(table.name, "" if partition is None else partition.isoformat(), rows, hashlib.sha256(content).hexdigest())

    def write_bytes(self, path: str, content: bytes) -> None:
        """Put a file in place in one step: readers see the old bytes or the new ones."""
        with reaching(self.url):
            if not self.is_local:
                self.filesystem.pipe_file(path, content)  # one PUT is atomic on an object store
                return
            put_local(content, path, f"{self.root}/{_UNFINISHED}/part.{os.getpid()}.{next(_NUMBERS)}.tmp")

    def sweep(self, before: float) -> None:
        """Remove what writers that were killed left half done, if it was last written before that time (seconds since 1970)."""
        if self.is_local and (folder := Path(self.root, _UNFINISHED)).is_dir():
            for leftover in folder.iterdir():
                with suppress(FileNotFoundError):  # another process sweeps, too
                    if leftover.stat().st_mtime < before:
                        leftover.unlink()

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """A file to be written bit by bit; it is put in place in one step when the block ends without an error."""
        own = local_draft(f"{self.root}/{_UNFINISHED}") if self.is_local else remote_draft(self.filesystem)
        with with_room(self.url), own as draft:
            yield draft


def conformed(table: Table, rows: pd.DataFrame | pa.Table) -> pa.Table:
    """`rows` as an Arrow table of exactly the declared columns and types.

    Raises:
        InvalidTableError: naming the columns that are missing, not declared, of another type, or null where they may not be.
    """
    names = list(rows.columns) if isinstance(rows, pd.DataFrame) else rows.column_names
    missing = [name for name in table.column_names if name not in names]
    unknown = [name for name in names if name not in table.column_names]
    if missing or unknown:
        raise InvalidTableError(
            f"{table.name}: missing columns {missing}, columns not declared {unknown}; expected exactly {table.column_names}"
        )
    try:
        if isinstance(rows, pd.DataFrame):
            lenient = pa.schema([column.with_nullable(True) for column in table.arrow_schema])  # what is missing is named below
            data = pa.Table.from_pandas(rows[table.column_names], schema=lenient, preserve_index=False)
        else:
            data = rows.select(table.column_names).cast(table.arrow_schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError) as error:
        raise InvalidTableError(
            f"{table.name}: a column cannot take its declared type: {error}; mend the step that made it"
        ) from error
    for column in table.all_columns:
        if not column.nullable and data.column(column.name).null_count:
            raise InvalidTableError(
                f"{table.name}.{column.name}: {data.column(column.name).null_count} of {data.num_rows} values are missing; "
                "the column may not be empty: mend the step that made it or declare it optional"
            )
    return data.cast(table.arrow_schema)
