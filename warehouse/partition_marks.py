"""What the partitions of a table look like from outside: enough to know that one was not written since."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date

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
