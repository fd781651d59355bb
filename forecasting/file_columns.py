"""Columns of a planner's file by their own or other names, and names in it that can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecasting.calendar import IntArray

UNREADABLE = "\ufffd"
"""What stands for bytes that are no UTF-8."""


def named_columns(rows: pd.DataFrame, columns: Mapping[str, Sequence[str]], what: str) -> pd.DataFrame:
    """The table's needed columns under their own names.

    Raises:
        ValueError: naming the columns that are missing, and those that are there.
    """
    there = {str(column).strip().casefold(): column for column in reversed(list(rows.columns))}
    chosen = {name: next((there[n] for n in (name, *also) if n in there), None) for name, also in columns.items()}
    missing = [name for name, column in chosen.items() if column is None]
    if missing:
        raise ValueError(
            f"the {what} has no column {', '.join(missing)}; it has {', '.join(map(str, rows.columns)) or 'none'}. "
            f"Expected {', '.join(columns)}: rename the columns"
        )
    table = pd.DataFrame({name: rows[column].reset_index(drop=True) for name, column in chosen.items()})
    if table.empty:
        raise ValueError(f"the {what} has no rows; expected at least one: check the file")
    return table


def require_readable(kind: str, names: np.ndarray, number: IntArray) -> None:
    """Refuse names of which some bytes could not be read: two might look alike, and the result would name others.

    Raises:
        ValueError: naming the first.
    """
    broken = [at for at, name in enumerate(names) if UNREADABLE in name]
    if broken:
        raise ValueError(
            f"{kind} {names[broken[0]]}, row {number[broken[0]] + 1}: the name holds bytes that are no UTF-8; expected a file in "
            "UTF-8: save it so (in Excel: CSV UTF-8)"
        )
