"""Partitions of the lake by date: a connection that reads just those that are asked for."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

import pyarrow as pa

from warehouse.lake import Lake
from warehouse.tables.declaration import Table

Parts = Iterator[tuple[pa.Table, list[date]]]
"""Rows of some dates and these dates, which may have none; every date once."""
_MOST_MEMORY = "700MB"
"""What DuckDB may hold; the rest goes to its temporary files."""
_ROWS_AT_ONCE = 1_000_000


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
        self.connection.execute(f"SET memory_limit = '{_MOST_MEMORY}'")
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

    def make_empty(self, name: str, table: Table) -> None:
        """Make a table of no rows, to be added to."""
        self.empty(table, "no_rows")
        self.make(name, "SELECT * FROM no_rows")

    def make(self, name: str, sql: str, *, view: bool = False) -> None:
        """Make a table, or a view, of a query."""
        self.connection.execute(f"CREATE OR REPLACE TEMP {'VIEW' if view else 'TABLE'} {name} AS {sql}")

    def register(self, name: str, rows: pa.Table) -> None:
        """Let rows in memory be seen under a name."""
        self.connection.register(name, rows)

    def keep(self, name: str, rows: pa.Table) -> None:
        """Make a table of rows in memory, so that DuckDB may put them into its temporary files."""
        self.register("rows_to_keep", rows)
        self.make(name, "SELECT * FROM rows_to_keep")
        self.connection.unregister("rows_to_keep")

    def drop(self, *names: str) -> None:
        """Let go of tables."""
        for name in names:
            self.connection.execute(f"DROP TABLE {name}")

    def rows(self, sql: str) -> pa.Table:
        """What a query gives."""
        return self.connection.sql(sql).to_arrow_table()

    def dates(self, sql: str) -> list[date]:
        """The different business dates of a query, in order."""
        return sorted(day for (day,) in self.connection.execute(f"SELECT DISTINCT business_date FROM ({sql})").fetchall())

    def register_dates(self, name: str, dates: Collection[date]) -> None:
        """Let dates be seen under a name, as column business_date."""
        self.register(name, pa.table({"business_date": pa.array(sorted(dates), pa.date32())}))

    def changes(self, table: Table, dates: Collection[date], after: str) -> Parts:
        """Rows of the dates on which a query `after` is not what is stored; and the last date, if nothing is stored of it.

        Args:
            table: the table that is stored.
            dates: dates to be looked at.
            after: the rows as they are to be, of these dates or more; it finds those stored in `before`.
        """
        names = ", ".join(table.column_names)
        known = {*dates, *self._partitions(table)}
        self.view(table, dates, "before")
        for days in portions(self._counted("before", dates), _ROWS_AT_ONCE):
            self.view(table, days, "before")
            self.register_dates("here", days)
            self.make("after", f"SELECT {names} FROM ({after}) SEMI JOIN here USING (business_date)")
            # A sum of the rows' hashes tells a difference without holding whole rows of both against each other.
            told = f"SELECT business_date, count(*) AS n, sum(hash({names})) AS said FROM {{}} GROUP BY business_date"
            differ = self.dates(
                f"({told.format('after')} EXCEPT {told.format('before')}) UNION ALL "
                f"({told.format('before')} EXCEPT {told.format('after')})"
            )
            if differ:
                self.register_dates("differing", differ)
                rows = self.rows(f"SELECT {names} FROM after SEMI JOIN differing USING (business_date)")
                yield rows.cast(table.arrow_schema), differ
        if self._last not in known:
            yield table.arrow_schema.empty_table(), [self._last]

    def everything(self, table: Table, relation: str) -> Parts:
        """All rows that a table is to hold, for the dates of these, the last, and all that have a partition."""
        names = ", ".join(table.column_names)
        counted = self._counted(relation, {*self._partitions(table), self._last})
        for days in portions(counted, _ROWS_AT_ONCE):
            self.register_dates("here", days)
            rows = self.rows(f"SELECT {names} FROM {relation} SEMI JOIN here USING (business_date)")
            yield rows.cast(table.arrow_schema), days

    def _counted(self, relation: str, dates: Collection[date]) -> list[tuple[date, int]]:
        """Rows of a relation by date, in order; none on dates that it has no rows of."""
        found = self.connection.execute(f"SELECT business_date, count(*) FROM {relation} GROUP BY ALL").fetchall()
        return sorted((dict.fromkeys(dates, 0) | dict(found)).items())


def portions(counted: Iterable[tuple[date, int]], at_once: int, few: int = 0, most: int = 0) -> Iterator[list[date]]:
    """Dates in order, as many together as have no more rows than that; at least one.

    Args:
        counted: dates, and the rows of each.
        at_once: rows of a portion.
        few: so many dates are taken together although they have more rows,
        most: if they have no more than so many.

    Example:
        >>> days = [date(2026, 11, day) for day in (1, 2, 3)]
        >>> [len(portion) for portion in portions(list(zip(days, (5, 4, 9), strict=True)), at_once=9)]
        [2, 1]
        >>> [len(portion) for portion in portions(list(zip(days, (5, 4, 9), strict=True)), at_once=1, few=2, most=9)]
        [2, 1]
    """
    portion: list[date] = []
    rows = 0
    for day, more in counted:
        if portion and rows + more > (most if len(portion) < few else at_once):
            yield portion
            portion, rows = [], 0
        portion.append(day)
        rows += more
    if portion:
        yield portion
