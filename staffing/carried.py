"""A former plan's people of a queue, carried over to tonight: where tonight gives none, the last good ones stand. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from warehouse.tables.staffing import STAFFING_INTERVAL

_WEEK = timedelta(days=7)
_CARRIED = [
    "staffing_model",
    "mean_handle_seconds",
    "mean_patience_seconds",
    "positions_required_fractional",
    "positions_required",
    "positions_erlang_c",
    "positions_erlang_a",
    "positions_for_certainty",
    "scheduled_staff",
    "service_level_definition",
    "goal_fraction",
    "goal_seconds",
    "answered_fraction",
    "mean_wait_seconds",
    "abandoned_fraction",
    "occupancy_fraction",
    "goal_probability",
]


def carried_staffing(
    former: pd.DataFrame, opened: pd.DataFrame, contacts: pd.Series, time_zone: str, hourly_cost: float, why: str
) -> pd.DataFrame:
    """Tonight's staffing of a queue from its rows of an earlier plan.

    An interval has the people of the former plan's interval of the same date and local time; beyond that plan's end those of the
    same weekday a week before; where the queue was closed then, the most that it has at that time of day, or at any.

    Args:
        former: rows of STAFFING_INTERVAL of the queue in one earlier plan, at least one.
        opened: plan_date, queue_id, channel, business_date, lead_days, interval_start_utc and open_seconds of each open interval
            of tonight's horizon.
        contacts: contacts that tonight's forecast expects, by interval_start_utc; an interval that is missing expects none.
        time_zone: the enterprise's.
        hourly_cost: of a scheduled person.
        why: why no staffing was worked out tonight, in words.

    Returns:
        Rows of STAFFING_INTERVAL, one per row of `opened`; what they promise (service level, occupancy) is the former plan's.
    """
    known = former.assign(_time=_local_time(former["interval_start_utc"], time_zone)).to_dict("records")
    exact = {(row["business_date"], row["_time"]): row for row in known}
    by_people = sorted(known, key=lambda row: (row["scheduled_staff"], row["positions_required"]))
    at_time = {row["_time"]: row for row in by_people}  # the last one, with the most people, stays
    times = _local_time(opened["interval_start_utc"], time_zone)
    sources = [
        _source(exact, day, time) or at_time.get(time, by_people[-1])
        for day, time in zip(opened["business_date"], times, strict=True)
    ]
    rows = pd.DataFrame(sources, index=opened.index)[_CARRIED].astype(former[_CARRIED].dtypes.to_dict())
    rows = pd.concat([opened, rows], axis=1)
    made = former["plan_date"].iloc[0]
    return rows.assign(
        mean_offered_contacts=opened["interval_start_utc"].map(contacts).astype("float64").fillna(0.0),
        cost=rows["scheduled_staff"] * rows["open_seconds"] / 3600.0 * hourly_cost,
        chase_contacts=np.nan,
        reason=f"people of the plan of {made} carried over: {why}",
    )[STAFFING_INTERVAL.column_names].reset_index(drop=True)


def _local_time(instants: pd.Series, time_zone: str) -> pd.Series:
    local = instants.dt.tz_convert(time_zone)
    minutes: pd.Series = local.dt.hour * 60 + local.dt.minute
    return minutes


def _source(exact: Mapping[tuple[date, int], Mapping[Hashable, Any]], day: date, time: int) -> Mapping[Hashable, Any] | None:
    """The former plan's row of the same weekday and time, of the date itself or the latest before it."""
    first = min(found for found, _ in exact)
    while day >= first:
        if (day, time) in exact:
            return exact[day, time]
        day -= _WEEK
    return None
