"""The book's forecast: one chart per queue over the last weeks and the horizon, and the weeks ahead in hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from warehouse.planbook.charts import Bar, bar_chart, future_day, past_day
from warehouse.planbook.glance import ENTERPRISE_MEMBER
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
    forecast = night.forecast_daily[night.forecast_daily["level"] == "queue"]
    past = {(row["queue_id"], row["business_date"]): row for row in night.history.to_dict("records")}
    order = {queue: place for place, queue in enumerate(night.enterprise.queues)}
    outlooks = []
    for queue_id, days in sorted(forecast.groupby("member_id"), key=lambda item: order.get(str(item[0]), len(order))):
        rows = days.sort_values("business_date").to_dict("records")
        bars: list[Bar] = []
        for back in range(HISTORY_DAYS - 1, -1, -1):
            day = night.plan.plan_date - timedelta(days=back)
            seen = past.get((queue_id, day))
            # A queue closed all day has no row in some sources: that is a zero, not a gap.
            bars.append(
                past_day(
                    day, float(seen["offered_contacts"]) if seen else 0.0, complete=bool(seen is None or seen["source_complete"])
                )
            )
        bars += [
            future_day(r["business_date"], r["mean_offered_contacts"], r["offered_contacts_q10"], r["offered_contacts_q90"])
            for r in rows
        ]
        week = rows[:_WEEK]
        busiest = max(rows, key=lambda row: row["mean_offered_contacts"])
        name, peak = night.queue_name(str(queue_id)), busiest["mean_offered_contacts"]
        outlooks.append(
            QueueOutlook(
                queue_id=str(queue_id),
                name=name,
                chart=bar_chart(
                    f"Forecast of {name}",
                    f"contacts per day, six weeks back and {len(rows)} days ahead; the next seven days bring "
                    f"{number(sum(row['mean_offered_contacts'] for row in week))}",
                    bars,
                ),
                model=str(rows[0]["champion_model"]).replace("_", " "),
                next_week=sum(row["mean_offered_contacts"] for row in week),
                busiest=f"{day_short(busiest['business_date'])} with {number(peak)} ({drivers(busiest)})",
                fallback=next((str(row["fallback_reason"]) for row in rows if isinstance(row["fallback_reason"], str)), ""),
            )
        )
    return outlooks


def week_table(night: BookNight) -> tuple[list[date], list[WeekRow]]:
    """Mondays of the plan's weeks, and a row per channel, line of business and for the enterprise."""
    table = night.staffing_weekly[night.staffing_weekly["level"] != "queue"]
    mondays = sorted(table["week_start_date"].unique())
    lines = night.enterprise.lines_of_business
    rows = []
    for level in ("channel", "line_of_business", "enterprise"):
        for member, weeks in table[table["level"] == level].groupby("member_id"):
            cells = {
                row["week_start_date"]: WeekCell(row["staff_hours"], row["full_time_equivalents"])
                for row in weeks.to_dict("records")
            }
            name = night.enterprise.name if member == ENTERPRISE_MEMBER else lines.get(str(member), str(member).capitalize())
            rows.append(
                WeekRow(name if level != "channel" else str(member).capitalize(), level, tuple(cells.get(m) for m in mondays))
            )
    return mondays, rows
