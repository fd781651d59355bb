"""The book's staffing: tomorrow as a grid of queues and intervals, and every day's intervals for a closer look."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import day_short, is_missing

_COLUMNS_AT_MOST = 50
_SHADES = 6


@dataclass(frozen=True, slots=True)
class GridCell:
    """People to schedule in one column; None where the queue is closed. `shade` runs from 0 to 6 within the row."""

    people: int | None
    shade: int


@dataclass(frozen=True, slots=True)
class GridRow:
    """A queue's day."""

    name: str
    cells: tuple[GridCell, ...]
    staff_hours: float


@dataclass(frozen=True, slots=True)
class DayGrid:
    """A day as a grid.

    Attributes:
        day: the day shown.
        columns: local times of the columns, "" where a label would not fit.
        rows: one per open queue.
        total: all queues together.
        per_hour: whether a column is an hour with the most people of its intervals.
    """

    day: date
    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]
    total: GridRow
    per_hour: bool


def day_grid(night: BookNight, day: date) -> DayGrid:
    """People to schedule per queue and interval (per hour, if the day has more than fifty intervals)."""
    rows = night.staffing_interval[night.staffing_interval["business_date"] == day].sort_values("interval_start_utc")
    per_hour = rows["interval_start_utc"].nunique() > _COLUMNS_AT_MOST
    local = rows["interval_start_utc"].dt.tz_convert(night.enterprise.time_zone)
    starts = rows["interval_start_utc"].dt.floor("h") if per_hour else rows["interval_start_utc"]
    rows = rows.assign(column=starts, clock=local.dt.strftime("%H" if per_hour else "%H:%M"))
    clocks = rows.groupby("column")["clock"].first()
    together = rows.groupby(["column", "interval_start_utc"])["scheduled_staff"].sum().groupby("column").max()
    there = set(rows["queue_id"])
    order = [queue for queue in night.enterprise.queues if queue in there]
    grid = []
    for queue_id in order:
        own = rows[rows["queue_id"] == queue_id]
        grid.append(_row(night.queue_name(queue_id), own, own.groupby("column")["scheduled_staff"].max(), clocks.index))
    labels = tuple(clock.removesuffix(":00") if clock.endswith(":00") or per_hour else "" for clock in clocks)
    return DayGrid(day, labels, tuple(grid), _row("All queues", rows, together, clocks.index), per_hour)


def _row(name: str, rows: pd.DataFrame, people: pd.Series[int], columns: pd.Index[Any]) -> GridRow:
    most = max(int(people.max()), 1) if len(people) else 1
    cells = tuple(
        GridCell(int(people[column]), round(_SHADES * int(people[column]) / most))
        if column in people.index
        else GridCell(None, 0)
        for column in columns
    )
    hours = float((rows["scheduled_staff"] * rows["open_seconds"]).sum() / 3600)
    return GridRow(name, cells, hours)


def closer_look(night: BookNight) -> str:
    """Every queue and day of the plan as compact JSON for the page's own script; safe inside a script element."""
    bands = night.forecast_interval[["queue_id", "interval_start_utc", "offered_contacts_q10", "offered_contacts_q90"]]
    rows = night.staffing_interval.merge(bands, on=["queue_id", "interval_start_utc"], how="left", validate="one_to_one")
    local = rows["interval_start_utc"].dt.tz_convert(night.enterprise.time_zone)
    rows = rows.assign(clock=local.dt.strftime("%H:%M"), reason_number=rows["reason"].astype("category").cat.codes)
    columns = {
        "time": rows["clock"].tolist(),
        "mean": _rounded(rows["mean_offered_contacts"], 1),
        "low": _rounded(rows["offered_contacts_q10"], 1),
        "high": _rounded(rows["offered_contacts_q90"], 1),
        "handle": _rounded(rows["mean_handle_seconds"], 0),
        "positions": rows["positions_required"].tolist(),
        "bracket": _brackets(rows),
        "people": rows["scheduled_staff"].tolist(),
        "level": _rounded(100 * rows["answered_fraction"], 0),
        "busy": _rounded(100 * rows["occupancy_fraction"], 0),
        "why": rows["reason_number"].tolist(),
    }
    places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, (queue_id, day) in enumerate(zip(rows["queue_id"], rows["business_date"], strict=True)):
        places[queue_id][day.isoformat()].append(place)
    plan = {
        queue_id: {day: {name: [values[p] for p in at] for name, values in columns.items()} for day, at in days.items()}
        for queue_id, days in places.items()
    }
    content = {
        "queues": [[queue, night.queue_name(queue)] for queue in night.enterprise.queues if queue in plan],
        "days": [[day.isoformat(), day_short(day)] for day in sorted(rows["business_date"].unique())],
        "plan": plan,
        "reasons": rows["reason"].astype("category").cat.categories.tolist(),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def _brackets(rows: pd.DataFrame) -> list[str]:
    """Positions by Erlang A to those by Erlang C; "" for chats and work that can wait."""
    pairs = zip(rows["positions_erlang_a"].astype("float64"), rows["positions_erlang_c"].astype("float64"), strict=True)
    return ["" if is_missing(few) or is_missing(many) else f"{few:.0f} – {many:.0f}" for few, many in pairs]


def _rounded(values: pd.Series[float], digits: int) -> list[float | None]:
    return [None if is_missing(value) else (round(value, digits) if digits else round(value)) for value in values.tolist()]
