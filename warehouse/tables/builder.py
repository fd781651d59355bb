"""Valid example rows of any declared table, for tests: made from the declaration, seeded, unique by key."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP, Column, Table

FIRST_DATE = date(2026, 11, 2)
_MISSING_SHARE = 0.2
_SPAN = 1000.0


def example_rows(table: Table, rows: int, seed: int = 0, **fixed: Any) -> pd.DataFrame:
    """Rows that obey the declaration: types, bounds, allowed values, unique keys; optional columns have gaps.

    Args:
        table: any declared table.
        rows: how many.
        seed: other seeds give other rows; the same seed always the same.
        fixed: values that a column has in every row, or one value per row. The partition's date is the same in every row
            unless it is given here.

    Returns:
        A frame as `Lake.read` gives it: instants tz-aware UTC, dates as `datetime.date`.

    Raises:
        KeyError: if a fixed column is not declared.
        ValueError: if the declaration and `fixed` leave no way to make so many rows with different keys.

    Example:
        >>> from warehouse.tables.run import QUEUE
        >>> example_rows(QUEUE, 2, channel="voice")[["queue_id", "channel"]].to_dict("list")
        {'queue_id': ['queue_id_0', 'queue_id_1'], 'channel': ['voice', 'voice']}
    """
    generator = np.random.default_rng(seed)
    fixed = {table.column(name).name: value for name, value in fixed.items()}
    if table.partitioned_by is not None:
        fixed.setdefault(table.partitioned_by.name, FIRST_DATE)
    free = [column for column in table.key if column.name not in fixed]
    values: dict[str, Any] = {}
    for column in table.all_columns:
        if column.name in fixed:
            values[column.name] = _spread(fixed[column.name], rows)
        elif column in free:
            # Keys differ in their widest column; the others repeat, as queues and levels do.
            values[column.name] = _key_values(column, rows, counts=column is _widest(free))
        else:
            values[column.name] = _values(column, rows, generator)
    frame = pd.DataFrame({column.name: _series(column, values[column.name]) for column in table.all_columns})
    if frame.duplicated(subset=table.key_names).any():
        raise ValueError(
            f"{table.name}: cannot make {rows} rows with different keys {table.key_names} when {sorted(fixed)} are fixed"
        )
    return frame


def _widest(columns: list[Column]) -> Column:
    """The key column that can take most values."""
    return max(columns, key=lambda column: (not column.allowed, column.type in (TIMESTAMP, TEXT, COUNT, NUMBER)))


def _spread(value: Any, rows: int) -> list[Any]:
    values = list(value) if isinstance(value, (list, tuple, np.ndarray, pd.Series, pd.Index)) else [value] * rows
    if len(values) != rows:
        raise ValueError(f"expected one value or {rows}, got {len(values)}")
    return values


def _key_values(column: Column, rows: int, *, counts: bool) -> list[Any]:
    numbers = range(rows) if counts else [0] * rows
    if column.allowed:
        return [column.allowed[number % len(column.allowed)] for number in numbers]
    if column.type == TIMESTAMP:
        start = pd.Timestamp(FIRST_DATE, tz="UTC") + pd.Timedelta(hours=7)
        return [start + number * pd.Timedelta(minutes=30) for number in numbers]
    if column.type == DATE:
        return [FIRST_DATE + timedelta(days=number) for number in numbers]
    if column.type in (COUNT, NUMBER):
        return [int(column.minimum or 0) + number for number in numbers]
    return [f"{column.name}_{number}" for number in numbers]


def _values(column: Column, rows: int, generator: np.random.Generator) -> list[Any]:
    values = _present_values(column, rows, generator)
    if not column.nullable:
        return values
    gaps = generator.random(rows) < _MISSING_SHARE
    return [None if gap else value for gap, value in zip(gaps, values, strict=True)]


def _present_values(column: Column, rows: int, generator: np.random.Generator) -> list[Any]:
    if column.allowed:
        return [column.allowed[number] for number in generator.integers(len(column.allowed), size=rows)]
    if column.type == FLAG:
        return [bool(number) for number in generator.integers(2, size=rows)]
    if column.type in (COUNT, NUMBER):
        low = 0.0 if column.minimum is None else column.minimum
        high = low + _SPAN if column.maximum is None else column.maximum
        drawn = low + (high - low) * generator.random(rows)
        return [int(number) for number in drawn] if column.type == COUNT else [float(number) for number in drawn.round(6)]
    if column.type == DATE:
        return [FIRST_DATE + timedelta(days=int(number)) for number in generator.integers(28, size=rows)]
    if column.type == TIMESTAMP:
        start = pd.Timestamp(FIRST_DATE, tz="UTC")
        return [start + pd.Timedelta(seconds=int(number)) for number in generator.integers(28 * 86_400, size=rows)]
    return [f"{column.name} {number}" for number in generator.integers(1000, size=rows)]


def _series(column: Column, values: list[Any]) -> pd.Series[Any]:
    if column.type == TIMESTAMP:
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True)).astype("datetime64[us, UTC]")
    if column.type == TEXT:
        return pd.Series(values, dtype="str")
    if column.type == NUMBER:
        return pd.Series(values, dtype="float64")
    if column.type == COUNT:
        return pd.Series(values, dtype="Int64" if column.nullable else "int64")
    return pd.Series(values, dtype="bool" if column.type == FLAG and not column.nullable else object)
