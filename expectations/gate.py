"""The check before every write: no frame of the wrong shape ever lands.

Quick and complete on form: declared columns and types, keys unique, values within their bounds. What needs knowledge of the
enterprise or of other days is checked by the suites of `expectations.suites` once a stage has been written.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from enterprise.errors import InvalidTableError
from warehouse.lake import conformed
from warehouse.ordering import repeated_keys
from warehouse.tables.declaration import Column, Table

_SHOWN = 3


def require_valid(table: Table, rows: pd.DataFrame | pa.Table) -> pa.Table:
    """Check rows against their table's declaration.

    Args:
        table: the declaration.
        rows: the frame about to be written.

    Returns:
        The rows as an Arrow table of exactly the declared columns and types.

    Raises:
        InvalidTableError: naming the table and every broken rule, with the first keys that break it.
    """
    data = conformed(table, rows)
    problems = [problem for column in table.all_columns for problem in _broken_bounds(table, column, data)]
    problems += _repeated_keys(table, data)
    if problems:
        raise InvalidTableError(
            f"{table.name}: " + "; ".join(problems) + "; nothing was written: mend the step that made these rows and run it again"
        )
    return data


def _broken_bounds(table: Table, column: Column, data: pa.Table) -> list[str]:
    values = data.column(column.name)
    problems = []
    if column.minimum is not None:
        problems += _describe(
            table, data, pc.less(values, column.minimum), f"{column.name} below {column.minimum:g} {column.unit}"
        )
    if column.maximum is not None:
        problems += _describe(
            table, data, pc.greater(values, column.maximum), f"{column.name} above {column.maximum:g} {column.unit}"
        )
    if pa.types.is_floating(column.type):
        problems += _describe(table, data, pc.invert(pc.is_finite(values)), f"{column.name} not a finite number")
    if column.allowed:
        known = pc.is_in(values, value_set=pa.array(column.allowed, type=column.type), skip_nulls=True)
        strange = pc.and_(pc.invert(known), pc.is_valid(values))
        problems += _describe(table, data, strange, f"{column.name} not one of {', '.join(column.allowed)}")
    return problems


def _describe(table: Table, data: pa.Table, broken: pa.ChunkedArray, rule: str) -> list[str]:
    if not pc.any(broken).as_py():  # a missing value breaks no bound
        return []
    rows = data.filter(broken)
    keys = rows.select(table.key_names).slice(0, _SHOWN).to_pylist()
    shown = ", ".join("/".join(str(value) for value in key.values()) for key in keys)
    return [f"{rule} in {rows.num_rows} of {data.num_rows} rows (first: {shown})"]


def _repeated_keys(table: Table, data: pa.Table) -> list[str]:
    repeated = repeated_keys(table, data)
    if repeated.num_rows == 0:
        return []
    shown = ", ".join("/".join(str(value) for value in key.values()) for key in repeated.slice(0, _SHOWN).to_pylist())
    return [f"{repeated.num_rows} keys ({', '.join(table.key_names)}) occur more than once (first: {shown})"]
