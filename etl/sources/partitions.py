"""Partitions of the lake by date: what they look like from outside, and a connection that reads just those that are asked for."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pyarrow as pa

from warehouse.lake import Lake
from warehouse.tables.declaration import Table


def partition_marks(lake: Lake, table: Table, last: date) -> dict[date, str]:
    """Size and modification mark of each partition up to a date: a partition whose mark is the same was not written since."""
    folder = lake.folder(table)
    if not lake.filesystem.isdir(folder):
        return {}
    lake.filesystem.invalidate_cache(folder)
    found = {}
    for path, info in lake.filesystem.find(folder, detail=True).items():
        _, _, rest = path.partition("business_date=")
        if rest.endswith(".parquet") and "/." not in rest:
            day = date.fromisoformat(rest[:10])
            mark = next((info[key] for key in ("mtime", "ETag", "LastModified") if info.get(key)), "")
            if day <= last:
                found[day] = f"{info['size']}:{mark}"
    return found


class PartitionTables:
    """A connection with views of some partitions, and tables made of them on the way.

    Args:
        lake: where the partitions lie.
        last: no partition after this date is seen by `view`.
    """

    def __init__(self, lake: Lake, last: date) -> None:
        self._lake = lake
        self._last = last
        self.connection = lake.connect()
        self.connection.execute("SET preserve_insertion_order = false")

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    def view(self, table: Table, dates: Collection[date] | None = None, name: str = "") -> None:
        """Make the partitions of some dates, or of all, a view."""
        if dates is None:
            self._lake.view(self.connection, table, last=self._last, name=name)
            return
        wanted = set(dates)
        days = [day for day in self._lake.partitions(table) if day in wanted]
        paths = [f"{self._lake.folder(table)}/business_date={day.isoformat()}/part-0.parquet" for day in days]
        if not paths:
            self.empty(table, name)
            return
        urls = paths if self._lake.is_local else [self._lake.filesystem.unstrip_protocol(path) for path in paths]
        self.connection.read_parquet(urls, hive_partitioning=False).create_view(name or table.name, replace=True)

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
        there = self._lake.partitions(table)
        return rows.cast(table.arrow_schema), [*differ, *({self._last} - {*differ, *there})]

    def everything(self, table: Table, made: str) -> tuple[pa.Table, list[date]]:
        """All rows of a relation; their dates, the last, and all that have a partition."""
        rows = self.rows(f"SELECT {', '.join(table.column_names)} FROM {made}").cast(table.arrow_schema)
        dates = self.dates(f"SELECT business_date FROM {made}")
        return rows, sorted({*dates, *self._lake.partitions(table), self._last})
