"""Rows in the order of their keys: whether they stand in it, and which keys stand there twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import reduce
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.tables.declaration import Table


def ascends(rows: pa.Table, columns: Sequence[str], *, strictly: bool = False) -> bool:
    """Whether each row stands behind the one before it by these columns, the first one first.

    Args:
        rows: the rows.
        columns: the columns; a missing value or one that is not a number stands nowhere.
        strictly: whether no two rows may be equal.

    Example:
        >>> rows = pa.table({"queue_id": ["a", "a", "b"], "segment": [1, 1, 0]})
        >>> ascends(rows, ["queue_id", "segment"]), ascends(rows, ["queue_id", "segment"], strictly=True)
        (True, False)
    """
    count = rows.num_rows
    if count < 2:
        return True
    behind: Any = not strictly
    for name in reversed(columns):
        one, next_one = rows.column(name).slice(0, count - 1), rows.column(name).slice(1)
        if behind is True:
            behind = pc.less_equal(one, next_one)
        elif behind is False:
            behind = pc.less(one, next_one)
        else:
            behind = pc.or_(pc.less(one, next_one), pc.and_(pc.equal(one, next_one), behind))
    return bool(behind) if isinstance(behind, bool) else pc.all(behind, skip_nulls=False).as_py() is True


def in_order(rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The rows sorted by these columns; those that stand in order already are left alone."""
    if ascends(rows, columns):
        return rows
    return rows.take(pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in columns]))


def by_day(rows: pa.Table, column: str) -> Iterator[tuple[date, pa.Table]]:
    """One table per date of rows sorted by date."""
    if rows.num_rows == 0:
        return
    days: Any = pc.run_end_encode(rows.column(column).combine_chunks())
    start = 0
    for day, end in zip(days.values.to_pylist(), days.run_ends.to_pylist(), strict=True):
        yield day, rows.slice(start, end - start)
        start = end


def repeated_keys(table: Table, rows: pa.Table) -> pa.Table:
    """The keys that occur more than once.

    Keys that stand in order are compared with their neighbours; only of others, and of those that may stand in the partition of
    another date, too, are all compared with all.
    """
    keys = table.key_names
    if ascends(rows, keys, strictly=True):
        return rows.select(keys).slice(0, 0)
    suspects = rows
    if table.partitioned_by is not None and ascends(rows, [table.partitioned_by.name, *keys], strictly=True):
        suspects = (
            rows.slice(0, 0) if table.partitioned_by.name in keys else _in_several_days(rows, table.partitioned_by.name, keys)
        )
    counted = suspects.group_by(keys).aggregate([([], "count_all")])
    return counted.filter(pc.greater(counted.column("count_all"), 1)).select(keys)


def _in_several_days(rows: pa.Table, day: str, keys: Sequence[str]) -> pa.Table:
    """Keys whose first column lies where those of another date's lie as well; rows stand in order of date and key."""
    first = keys[0]
    pieces = [piece.select(keys) for _, piece in by_day(rows, day)]
    lowest = [piece.column(first)[0].as_py() for piece in pieces]
    highest = [piece.column(first)[-1].as_py() for piece in pieces]
    before = [None, *accumulate(highest[:-1], max)]
    after = [*list(accumulate(lowest[:0:-1], min))[::-1], None]
    found = [rows.select(keys).slice(0, 0)]
    for piece, low, high in zip(pieces, before, after, strict=True):
        key = piece.column(first)
        bounds = ((pc.less_equal, low), (pc.greater_equal, high))
        shared = [compare(key, pa.scalar(bound, key.type)) for compare, bound in bounds if bound is not None]
        if shared:
            found.append(piece.filter(reduce(pc.or_, shared)))
    return pa.concat_tables(found)
