"""The year and a half ahead, as capacity planners read it: weeks with low and high scenario, and the months they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from warehouse.planbook.charts import Bar, bar_chart
from warehouse.planbook.night import BookNight
from warehouse.planbook.words import day_short, number, percent

_THURSDAY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class MonthCell:
    """Contacts per week of one month: expected, low and high scenario."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LongRange:
    """One channel, line of business or the enterprise.

    Attributes:
        name: what people call it.
        level: its level.
        months: cells in the order of the months.
        note: what is not known for want of history; empty when all is well.
        chart: its weeks; only the enterprise has one.
    """

    name: str
    level: str
    months: tuple[MonthCell, ...]
    note: str
    chart: Markup | None


def long_range(night: BookNight) -> tuple[list[date], list[LongRange]]:
    """First days of the months, and a row per level above the queues, the enterprise first."""
    table = night.forecast_weekly[night.forecast_weekly["level"] != "queue"].sort_values("week_start_date")
    months = sorted({month_of(monday) for monday in table["week_start_date"]})
    found = []
    for (level, member), rows in table.groupby(["level", "member_id"], sort=True):
        weeks = rows.to_dict("records")
        name = night.member_name(str(level), str(member))
        chart = _chart(name, weeks) if level == "enterprise" else None
        note = weeks[0]["note"] if isinstance(weeks[0]["note"], str) else ""
        found.append(LongRange(name, str(level), tuple(_cell(weeks, month) for month in months), note, chart))
    return months, sorted(found, key=lambda row: (row.level != "enterprise", row.level, row.name))


def month_of(monday: date) -> date:
    """The month that most of a week lies in."""
    return (monday + _THURSDAY).replace(day=1)


def _cell(weeks: Sequence[Mapping[Any, Any]], month: date) -> MonthCell:
    mine = [week for week in weeks if month_of(week["week_start_date"]) == month]
    return MonthCell(*(sum(week[f"{name}_offered_contacts"] for week in mine) / len(mine) for name in ("mean", "low", "high")))


def _chart(name: str, weeks: Sequence[Mapping[Any, Any]]) -> Markup:
    bars, told = [], date.min
    for week in weeks:
        month = month_of(week["week_start_date"])
        label = f"{month:%b %y}" if month != told and month.month % 3 == 1 else ""
        told = month
        mean, low, high = (week[f"{kind}_offered_contacts"] for kind in ("mean", "low", "high"))
        words = f"week of {day_short(week['week_start_date'])}: {number(mean)} expected, low {number(low)}, high {number(high)}"
        bars.append(Bar(label, words, mean, low, high, "future"))
    sure = percent(weeks[0]["band_probability_fraction"])
    words = f"contacts per week, {len(weeks)} weeks; with a probability of {sure} a week lies between its low and high scenario"
    return bar_chart(f"{name}: the weeks ahead", words, bars, 190)
