"""The next open day at a glance: one short row per channel, per queue in it, and for the whole enterprise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from enterprise.hierarchy import WHOLE_ENTERPRISE
from enterprise.settings import Enterprise
from warehouse.queue_names import goal_in_words


@dataclass(frozen=True, slots=True)
class GlanceRow:
    """A channel's, a queue's or the enterprise's next open day.

    Attributes:
        level: "queue", "channel" or "enterprise".
        member_id: which one; "all" for the enterprise.
        name: what people call it.
        channel: its channel; "" for the enterprise.
        business_date: its first day in the plan with any open interval.
        offered_contacts: contacts or items expected (mean); None if the forecast has no row of that level.
        offered_low, offered_high: 10 % and 90 % quantile: what arrives lies between them on four days in five.
        peak_positions: most people at work needed in any interval, before shrinkage.
        peak_staff: most people to schedule in any interval.
        staff_hours: hours to schedule, shrinkage included.
        answered_fraction: predicted service level, weighted by contacts; None when nothing is expected.
        goal: the queue's goal in words; "" above queues.
    """

    level: str
    member_id: str
    name: str
    channel: str
    business_date: date
    offered_contacts: float | None
    offered_low: float | None
    offered_high: float | None
    peak_positions: int
    peak_staff: int
    staff_hours: float
    answered_fraction: float | None
    goal: str


def next_open_day(enterprise: Enterprise, forecast_daily: pd.DataFrame, staffing_interval: pd.DataFrame) -> list[GlanceRow]:
    """Rows in reading order: each channel followed by its queues, the whole enterprise last.

    Args:
        enterprise: names, channels and goals.
        forecast_daily: the plan's rows of that table.
        staffing_interval: the plan's rows of that table.
    """
    forecast = {(row["level"], row["member_id"], row["business_date"]): row for row in forecast_daily.to_dict("records")}
    intervals = staffing_interval[staffing_interval["open_seconds"] > 0]
    rows = []
    for channel, of_channel in intervals.groupby("channel", sort=False):
        rows.append(_row("channel", str(channel), str(channel).capitalize(), str(channel), "", of_channel, forecast))
        for queue_id, of_queue in of_channel.groupby("queue_id", sort=False):
            queue = enterprise.queues.get(str(queue_id))
            name, goal = (queue.name, goal_in_words(queue.service_goal)) if queue is not None else (str(queue_id), "")
            rows.append(_row("queue", str(queue_id), name, str(channel), goal, of_queue, forecast))
    if not intervals.empty:
        rows.append(_row("enterprise", WHOLE_ENTERPRISE, enterprise.name, "", "", intervals, forecast))
    order = {queue_id: number for number, queue_id in enumerate(enterprise.queues)}
    channels = list(dict.fromkeys(queue.channel for queue in enterprise.queues.values()))
    return sorted(rows, key=lambda row: _place(row, order, channels))


def _place(row: GlanceRow, order: Mapping[str, int], channels: Sequence[str]) -> tuple[int, int]:
    channel = len(channels) if row.level == "enterprise" else channels.index(row.channel) if row.channel in channels else -1
    return channel, -1 if row.level == "channel" else order.get(row.member_id, len(order))


def _row(
    level: str,
    member_id: str,
    name: str,
    channel: str,
    goal: str,
    intervals: pd.DataFrame,
    forecast: Mapping[tuple[str, str, date], Mapping[Any, Any]],
) -> GlanceRow:
    day: date = intervals["business_date"].min()
    today = intervals[intervals["business_date"] == day]
    peaks = today.groupby("interval_start_utc")[["positions_required", "scheduled_staff"]].sum().max()
    contacts = today["mean_offered_contacts"]
    expected = forecast.get((level, member_id, day), {})
    return GlanceRow(
        level=level,
        member_id=member_id,
        name=name,
        channel=channel,
        business_date=day,
        offered_contacts=_number(expected.get("mean_offered_contacts")),
        offered_low=_number(expected.get("offered_contacts_q10")),
        offered_high=_number(expected.get("offered_contacts_q90")),
        peak_positions=int(peaks["positions_required"]),
        peak_staff=int(peaks["scheduled_staff"]),
        staff_hours=float((today["scheduled_staff"] * today["open_seconds"]).sum() / 3600),
        answered_fraction=float((today["answered_fraction"] * contacts).sum() / contacts.sum()) if contacts.sum() > 0 else None,
        goal=goal,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
