"""People whose shift began before the plan's first midnight: at work in its first hours by the plan before it. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.doors import IntArray


def carried_people(
    former: pd.DataFrame, starts: pd.DatetimeIndex, interval_hours: float, break_hours: dict[str, float]
) -> IntArray:
    """People of one staff group at work per interval of the new plan because of shifts that began before it.

    Args:
        former: rows of SHIFT_SCHEDULE of the group in the last plan before; none at all carries nobody.
        starts: starts of the new plan's intervals, without a gap.
        interval_hours: their length.
        break_hours: length of each contract's break, 0 for none.

    Returns:
        One number per interval. Breaks that are still owed at the first midnight are those that the former plan places next, as
        breaks are taken in the order of the shifts.
    """
    people: IntArray = np.zeros(len(starts), dtype=np.int64)
    first = starts[0]
    for contract, rows in former.sort_values("interval_start_utc").groupby("contract"):
        before = rows["interval_start_utc"] < first
        for row in rows[before & (rows["shift_end_utc"] > first)].to_dict("records"):
            people[starts < row["shift_end_utc"]] += int(row["starting_people"])
        length = round(break_hours.get(str(contract), 0.0) / interval_hours)
        if not length:
            continue
        known = rows[before]
        owed = int(known["starting_people"].sum() - known["people_taking_break"].sum())
        # A break that began before midnight may last beyond it.
        for row in known[known["people_taking_break"] > 0].to_dict("records"):
            back = row["interval_start_utc"] + pd.Timedelta(hours=break_hours[str(contract)])
            people[starts < back] -= int(row["people_taking_break"])
        for row in rows[~before & (rows["people_taking_break"] > 0)].to_dict("records"):
            taken = min(owed, int(row["people_taking_break"]))
            place = int(starts.searchsorted(row["interval_start_utc"]))
            people[place : place + length] -= taken
            owed -= taken
    return np.maximum(people, 0)
