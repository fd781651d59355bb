"""The book's capacity plan: per staff group the people needed and there, month by month, and whom to hire by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from warehouse.planbook.long_range import month_of
from warehouse.planbook.night import BookNight
from warehouse.planbook.words import day_short, number


@dataclass(frozen=True, slots=True)
class CapacityCell:
    """Full-time equivalents of one month: needed, those of the low and high scenario, and there without new hires."""

    needed: float
    low: float
    high: float
    there: float | None


@dataclass(frozen=True, slots=True)
class GroupCapacity:
    """One staff group.

    Attributes:
        name: the group.
        months: cells in the order of the months.
        hires: whom to hire by when, in words.
        cost: of everybody paid in all the weeks, hires included; None where nobody knows who is there.
        note: what it rests on.
    """

    name: str
    months: tuple[CapacityCell, ...]
    hires: str
    cost: float | None
    note: str


def group_capacity(night: BookNight) -> tuple[list[date], list[GroupCapacity]]:
    """First days of the months, and one entry per staff group in the order of the settings."""
    plan = night.capacity_plan
    plan = plan.assign(month=[month_of(monday) for monday in plan["week_start_date"]])
    months = sorted(set(plan["month"]))
    found = []
    for key, group in night.enterprise.staff_groups.items():
        own = plan[plan["staff_group"] == key]
        if own.empty:
            continue
        base = own[own["scenario"] == "base"].sort_values("week_start_date")
        means = own.pivot_table(index="month", columns="scenario", values="required_full_time_equivalents", aggfunc="mean")
        known = bool(base["available_full_time_equivalents"].notna().all())
        there = base.groupby("month")["available_full_time_equivalents"].mean() if known else None
        cells = tuple(
            CapacityCell(needed, low, high, None if there is None else float(there[month]))
            for month, needed, low, high in means[["base", "low", "high"]].itertuples()
        )
        cost = float(base["cost"].sum()) if known else None
        found.append(GroupCapacity(group.name, cells, _hires(base, known), cost, str(base["note"].iloc[0])))
    return months, found


def _hires(base: pd.DataFrame, known: bool) -> str:
    """Whom to hire by when, and what no hire can mend, in a sentence or two."""
    if not known:
        return "who is there is not known"
    starting = base[base["hires_to_start"] > 0]
    parts = [
        f"{number(row['hires_to_start'])} to begin on {day_short(row['week_start_date'])} {row['week_start_date']:%Y} "
        f"(recruit from {day_short(row['begin_recruiting_date'])})"
        for row in starting.to_dict("records")
    ]
    words = "; ".join(parts) or "nobody to hire"
    late = base[base["is_too_late"].astype(bool)]
    if len(late):
        most = number(late["missing_full_time_equivalents"].max(), 1)
        words += (
            f". Until the week of {day_short(late['week_start_date'].max())} up to {most} are missing whom nobody hired from now "
            "on wholly replaces: overtime or an agency"
        )
    return words
