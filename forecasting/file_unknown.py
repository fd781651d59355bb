"""Days of a planner's file of which too much is not known: a day with empty cells in its busy hours is no quiet day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray
from forecasting.file_times import TimeArray

_MISSED_SHARE = 0.1
_MOST_DAYS = 0.2
"""Of a queue's days with some number, that lack so much. Where more do, empty cells are how its system writes no contacts."""


def days_not_known(names: np.ndarray, wall: TimeArray, contacts: FloatArray) -> Mapping[str, frozenset[date]]:
    """Dates by queue of which all cells are empty, or those in which a tenth of a usual day comes.

    Args:
        names: queue of each row.
        wall: its local time.
        contacts: its contacts, NaN where the cell is empty.

    Example:
        >>> wall = np.arange("2026-11-02", "2026-11-08", 360, dtype="datetime64[m]")
        >>> contacts = np.tile([0.0, 40, 50, 10], 6)
        >>> contacts[9] = np.nan
        >>> days_not_known(np.full(24, "calls"), wall, contacts)
        {'calls': frozenset({datetime.date(2026, 11, 4)})}
    """
    empty = np.isnan(contacts)
    if not empty.any():
        return {}
    concerned = np.isin(names, np.unique(names[empty].astype(str)))
    day = wall.astype("datetime64[D]")
    rows = pd.DataFrame({"queue": names, "day": day, "time": wall - day, "contacts": contacts, "empty": empty})[concerned]
    usual = rows.groupby(["queue", "time"])["contacts"].transform("mean").fillna(0.0)
    rows = rows.assign(usual=usual, missed=usual.where(rows["empty"], 0.0))
    days = rows.groupby(["queue", "day"]).agg(usual=("usual", "sum"), missed=("missed", "sum"), is_empty=("empty", "all"))
    lacks = (days["missed"] >= _MISSED_SHARE * days["usual"]) & (days["missed"] > 0.0) & ~days["is_empty"]
    number = (~days["is_empty"]).groupby(level="queue").transform("sum")
    few = lacks.groupby(level="queue").transform("sum") <= _MOST_DAYS * number
    found: dict[str, set[date]] = {}
    for queue, missing in days.index[days["is_empty"] | (lacks & few)]:
        found.setdefault(str(queue), set()).add(missing.date())
    return {queue: frozenset(dates) for queue, dates in found.items()}
