"""Partitions of the lake by date: what they look like from outside, and a connection that reads just those that are asked for."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.lake import Lake
from warehouse.tables.declaration import Table


def partition_marks(lake: Lake, table: Table, last: date = date.max) -> dict[date, str]:
    """Size and modification mark of each partition up to a date: a partition whose mark is the same was not written since."""
    folder = lake.folder(table)
    if not lake.filesystem.isdir(folder):
        return {}
    found = {}
    for path, info in _local_files(folder) if lake.is_local else _remote_files(lake, folder):
        _, _, rest = path.partition("business_date=")
        if rest.endswith(".parquet") and "/." not in rest:
            day = date.fromisoformat(rest[:10])
            if day <= last:
                found[day] = info
    return found


def _local_files(folder: str) -> Iterator[tuple[str, str]]:
    for partition in os.scandir(folder):
        if partition.is_dir():
            for file in os.scandir(partition.path):
                status = file.stat()
                yield file.path, f"{status.st_size}:{status.st_mtime}"


def _remote_files(lake: Lake, folder: str) -> Iterator[tuple[str, str]]:
    lake.filesystem.invalidate_cache(folder)
    for path, info in lake.filesystem.find(folder, detail=True).items():
        mark = next((info[key] for key in ("mtime", "ETag", "LastModified") if info.get(key)), "")
        yield path, f"{info['size']}:{mark}"


class PartitionTables:
    """A connection with views of some partitions, and tables made of them on the way.

    Args:
        lake: where the partitions lie.
        last: no partition after this date is seen by `view`.
    """

    def __init__(self, lake: Lake, last: date) -> None:
        self._lake = lake
        self._last = last
        self._there: dict[str, list[date]] = {}
        self.connection = lake.connect()
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute("SET parquet_metadata_cache = true")  # a night looks at the same files several times

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    def view(self, table: Table, dates: Collection[date] | None = None, name: str = "") -> None:
        """Make the partitions of some dates, or of all, a view."""
        there = self._partitions(table)
        wanted = {day for day in there if day <= self._last} if dates is None else set(dates)
        days = [day for day in there if day in wanted]
        paths = [self._lake.path(table, day) for day in days]
        if not paths:
            self.empty(table, name)
            return
        urls = paths if self._lake.is_local else [self._lake.filesystem.unstrip_protocol(path) for path in paths]
        self.connection.read_parquet(urls, hive_partitioning=False).create_view(name or table.name, replace=True)

    def _partitions(self, table: Table) -> list[date]:
        """Dates that a table has a partition of: nobody else writes meanwhile, so one look is enough."""
        if table.name not in self._there:
            self._there[table.name] = self._lake.partitions(table)
        return self._there[table.name]

    def empty(self, table: Table, name: str = "") -> None:
        """Make a view of no rows."""
        self.connection.from_arrow(table.arrow_schema.empty_table()).create_view(name or table.name, replace=True)

    def make(self, name: str, sql: str, *, view: bool = False) -> None:
        """Make a table, or a view, of a query."""
        self.connection.execute(f"CREATE OR REPLACE TEMP {'VIEW' if view else 'TABLE'} {name} AS {sql}")

    def register(self, name: str, rows: pa.Table) -> None:
        """Let rows in memory be seen under a name."""
        self.connection.register(name, rows)

    def rows(self, sql: str) -> pa.Table:
        """What a query gives."""
        return self.connection.sql(sql).to_arrow_table()

    def dates(self, sql: str) -> list[date]:
        """The different business dates of a query, in order."""
        return sorted(day for (day,) in self.connection.execute(f"SELECT DISTINCT business_date FROM ({sql})").fetchall())

    def register_dates(self, name: str, dates: Collection[date]) -> None:
        """Let dates be seen under a name, as column business_date."""
        self.register(name, pa.table({"business_date": pa.array(sorted(dates), pa.date32())}))

    def changes(self, table: Table, before: str, after: str) -> tuple[pa.Table, list[date]]:
        """Rows of the dates on which a relation `after` is not what `before` was; these dates, and the last if it has none."""
        names = ", ".join(table.column_names)
        differ = self.dates(
            f"SELECT business_date FROM (SELECT {names} FROM {after} EXCEPT SELECT {names} FROM {before}) UNION "
            f"SELECT business_date FROM (SELECT {names} FROM {before} EXCEPT SELECT {names} FROM {after})"
        )
        self.register_dates("differing", differ)
        rows = self.rows(f"SELECT {names} FROM {after} SEMI JOIN differing USING (business_date)")
        there = self._partitions(table)
        return rows.cast(table.arrow_schema), [*differ, *({self._last} - {*differ, *there})]

    def everything(self, table: Table, rows: pa.Table) -> tuple[pa.Table, list[date]]:
        """All rows that a table is to hold; their dates, the last, and all that have a partition."""
        dates = pc.unique(rows.column("business_date")).to_pylist()
        dates = sorted({*dates, *self._partitions(table), self._last})
        return rows.select(table.column_names).cast(table.arrow_schema), dates
