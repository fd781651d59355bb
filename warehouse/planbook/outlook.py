"""The book's forecast: one chart per queue over the last weeks and the horizon, and the weeks ahead in hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from enterprise.hierarchy import LEVELS_ABOVE
from warehouse.planbook.charts import Bar, bar_chart, future_day, past_day
from warehouse.planbook.night import HISTORY_DAYS, BookNight
from warehouse.planbook.words import day_short, drivers, number

_WEEK = 7


@dataclass(frozen=True, slots=True)
class QueueOutlook:
    """A queue's chart with what belongs beneath it."""

    queue_id: str
    name: str
    chart: Markup
    model: str
    next_week: float
    busiest: str
    fallback: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """Hours, people and contacts of one member of the enterprise per week; None where the plan has no day of it."""

    name: str
    level: str
    weeks: tuple[WeekCell | None, ...]


@dataclass(frozen=True, slots=True)
class WeekCell:
    """One member's week."""

    staff_hours: float
    full_time_equivalents: float


def queue_outlooks(night: BookNight) -> list[QueueOutlook]:
    """One outlook per forecast queue, in the settings' order."""
    forecast = night.forecast_daily[night.forecast_daily["level"] == "queue"].sort_values("business_date")
    order = {queue: place for place, queue in enumerate(night.enterprise.queues)}
    by_queue = sorted(forecast.groupby("member_id"), key=lambda item: order.get(str(item[0]), len(order)))
    return [_outlook(night, str(queue_id), days.to_dict("records")) for queue_id, days in by_queue]


def _outlook(night: BookNight, queue_id: str, rows: Sequence[Mapping[Any, Any]]) -> QueueOutlook:
    name, plan_date = night.queue_name(queue_id), night.plan.plan_date
    busiest = max(rows, key=lambda row: row["mean_offered_contacts"])
    next_week = sum(row["mean_offered_contacts"] for row in rows if (row["business_date"] - plan_date).days <= _WEEK)
    own = night.history[night.history["queue_id"] == queue_id]
    chart = bar_chart(
        f"Forecast of {name}",
        f"contacts per day, six weeks back and the days of the plan; the next seven days bring {number(next_week)}",
        [*_behind(plan_date, own.to_dict("records")), *_ahead(plan_date, rows)],
    )
    return QueueOutlook(
        queue_id=queue_id,
        name=name,
        chart=chart,
        model=str(rows[0]["champion_model"]).replace("_", " "),
        next_week=next_week,
        busiest=f"{day_short(busiest['business_date'])} with {number(busiest['mean_offered_contacts'])} ({drivers(busiest)})",
        fallback=next((str(row["fallback_reason"]) for row in rows if isinstance(row["fallback_reason"], str)), ""),
    )


def _behind(plan_date: date, rows: Sequence[Mapping[Any, Any]]) -> list[Bar]:
    """One bar per day of the last six weeks; a day without a row was closed."""
    seen = {row["business_date"]: row for row in rows}
    days = (plan_date - timedelta(days=back) for back in range(HISTORY_DAYS - 1, -1, -1))
    found = [(day, seen.get(day, {"offered_contacts": 0, "source_complete": True})) for day in days]
    return [past_day(day, float(row["offered_contacts"]), complete=bool(row["source_complete"])) for day, row in found]


def _ahead(plan_date: date, rows: Sequence[Mapping[Any, Any]]) -> list[Bar]:
    """One bar per day up to the last one of the plan; a day without a row is closed."""
    planned = {row["business_date"]: row for row in rows}
    days = (plan_date + timedelta(days=lead) for lead in range(1, (max(planned) - plan_date).days + 1))
    closed = {"mean_offered_contacts": 0.0, "offered_contacts_q10": 0.0, "offered_contacts_q90": 0.0}
    found = [(day, planned.get(day, closed)) for day in days]
    return [
        future_day(day, row["mean_offered_contacts"], row["offered_contacts_q10"], row["offered_contacts_q90"])
        for day, row in found
    ]


def week_table(night: BookNight) -> tuple[list[date], list[WeekRow]]:
    """Mondays of the plan's weeks, and a row per member of each level above the queues."""
    table = night.staffing_weekly[night.staffing_weekly["level"] != "queue"]
    mondays = sorted(table["week_start_date"].unique())
    rows = []
    for level in LEVELS_ABOVE:
        for member, weeks in table[table["level"] == level].groupby("member_id"):
            cells = {
                row["week_start_date"]: WeekCell(row["staff_hours"], row["full_time_equivalents"])
                for row in weeks.to_dict("records")
            }
            name = night.member_name(level, str(member))
            rows.append(WeekRow(name, level, tuple(cells.get(monday) for monday in mondays)))
    return mondays, rows
