"""Partitions of the lake by date: what they look like from outside, and views of some of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

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


def view_of_dates(
    connection: duckdb.DuckDBPyConnection, lake: Lake, table: Table, dates: Collection[date], name: str = ""
) -> None:
    """Make the partitions of some dates, where they exist, a view of the connection."""
    wanted = set(dates)
    days = [day for day in lake.partitions(table) if day in wanted]
    paths = [f"{lake.folder(table)}/business_date={day.isoformat()}/part-0.parquet" for day in days]
    if paths:
        urls = paths if lake.is_local else [lake.filesystem.unstrip_protocol(path) for path in paths]
        relation = connection.read_parquet(urls, hive_partitioning=False)
    else:
        relation = connection.from_arrow(table.arrow_schema.empty_table())
    relation.create_view(name or table.name, replace=True)
