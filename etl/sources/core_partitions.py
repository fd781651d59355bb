"""Partitions written as their rows are made: what comes in parts, while the next part is still being made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from enterprise.memory import give_back
from etl.core import Change, changed
from warehouse.lake import Lake, Written
from warehouse.tables.declaration import Table

_MOST_WAITING = 4
_MANY_ROWS = 300_000
Check = Callable[[Table, pa.Table], pa.Table]
"""What rows pass before they are written; raises where they do not match their declaration."""


def apply(lake: Lake, table: Table, change: Change, check: Check) -> list[Written]:
    """Write the partitions of a table that a change touches.

    Args:
        lake: where core lies.
        table: the core table.
        change: the change.
        check: what rows pass before they are written.

    Raises:
        InvalidTableError: if the rows do not match their declaration.
    """
    if table.partitioned_by is None:
        rows = changed(table, lake.read_arrow(table), change)
        return [lake.replace(table, check(table, rows), None)]
    dates = sorted(change.dates)
    if not dates:
        return []
    after = changed(table, _partitions_of(lake, table, dates), change)
    return lake.replace_partitions(table, check(table, after), also=dates)


def apply_parts(
    lake: Lake, changes: Mapping[Table, Change], parts: Iterable[Mapping[Table, Change]], check: Check
) -> list[Written]:
    """Write changes that come in parts, each of dates of its own, together with what else changes on these dates.

    Args:
        lake: where core lies.
        changes: what else changes; what was written of it is taken out.
        parts: changes per table, one part at a time; one is written while the next is made, unless its rows are very many.
        check: what rows pass before they are written.

    Raises:
        InvalidTableError: if rows do not match their declaration.
    """
    written: list[Written] = []

    def write(part: Mapping[Table, Change]) -> list[Written]:
        return [one for table, change in part.items() for one in apply(lake, table, change, check)]

    with ThreadPoolExecutor(1) as pool:
        before: Future[list[Written]] | None = None
        for part in parts:
            for table, change in part.items():
                if table in changes:
                    change.add(changes[table].taken(change.dates))
            if before is not None:
                written += before.result()
            before = pool.submit(write, part)
            if sum(rows.num_rows for change in part.values() for rows in change.rows) > _MANY_ROWS:
                before.result()
                give_back()  # what writing so many took would stay beside what the next part takes
        if before is not None:
            written += before.result()
    return written


def replace_while_made(lake: Lake, made: Iterable[tuple[Sequence[date], Table, pa.Table]], check: Check) -> list[Written]:
    """Write partitions of several tables while what follows is still being made.

    Args:
        lake: where the tables lie.
        made: dates, a table, and all its rows of these dates; a date without rows gets a partition without.
        check: what rows pass before they are written.

    Raises:
        InvalidTableError: if rows do not match their declaration.
    """
    written: list[Written] = []
    waiting: deque[Future[list[Written]]] = deque()

    def write(dates: Sequence[date], table: Table, rows: pa.Table) -> list[Written]:
        return lake.replace_partitions(table, check(table, rows), also=dates)

    with ThreadPoolExecutor(1) as pool:
        for one in made:
            waiting.append(pool.submit(write, *one))
            if len(waiting) > _MOST_WAITING:
                written += waiting.popleft().result()
        return written + [one for part in waiting for one in part.result()]


def _partitions_of(lake: Lake, table: Table, dates: Sequence[date]) -> pa.Table:
    """What stands on these dates: in one go where they lie close together."""
    if (dates[-1] - dates[0]).days < 2 * len(dates):
        rows = lake.read_arrow(table, first=dates[0], last=dates[-1])
        if (dates[-1] - dates[0]).days < len(dates):  # nothing lies between them: no need to copy all that was read
            return rows
        return rows.filter(pc.is_in(rows.column("business_date"), pa.array(dates, pa.date32())))
    there = [day for day in lake.partitions(table, dates[0], dates[-1]) if day in set(dates)]
    return pa.concat_tables([table.arrow_schema.empty_table(), *(lake.read_arrow(table, first=day, last=day) for day in there)])
