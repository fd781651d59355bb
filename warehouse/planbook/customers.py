"""The book's page on what the plan takes for granted of customers and chats: patience by period, chats held at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import is_missing, minutes, percent

WHOLE = "all"


@dataclass(frozen=True, slots=True)
class PatientPeriod:
    """How long customers of a queue wait before they give up, in one kind of hours; in words.

    Attributes:
        queue: the queue; "" where it is that of the row above.
        period: the hours; "all hours" for the queue as a whole.
        patience: mean patience in minutes and seconds.
        interval: its 95 % interval.
        gave_up: contacts behind it that gave up.
        predicted: share that the estimate of the days before says would give up in the last two weeks.
        observed: share that did.
        is_whole: whether the row is the queue's.
    """

    queue: str
    period: str
    patience: str
    interval: str
    gave_up: int
    predicted: str
    observed: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class HeldChats:
    """How many chats people of a queue hold at once, and how much that slows them down; in words.

    Attributes:
        queue: the queue.
        held: most chats at once, as history shows it, with its range.
        slowdown: how much longer each chat takes per further one, with its interval.
        used_held, used_slowdown: what the plan uses.
        source: where that comes from.
    """

    queue: str
    held: str
    slowdown: str
    used_held: int
    used_slowdown: str
    source: str


def patient_periods(night: BookNight) -> list[PatientPeriod]:
    """Per queue its whole first, then those of its periods in which somebody called."""
    found = []
    for queue_id in night.enterprise.queues:
        rows = night.patience[night.patience["queue_id"] == queue_id]
        rows = rows[(rows["period"] == WHOLE) | (rows["offered_contacts"] > 0)]
        rows = rows.assign(whole=rows["period"] == WHOLE).sort_values(["whole", "period"], ascending=[False, True])
        for place, row in enumerate(rows.to_dict("records")):
            found.append(
                PatientPeriod(
                    queue="" if place else night.queue_name(queue_id),
                    period="all hours" if row["whole"] else str(row["period"]),
                    patience=minutes(row["mean_patience_seconds"]),
                    interval=_interval(row),
                    gave_up=int(row["abandoned_contacts"]),
                    predicted=percent(row["predicted_abandoned_fraction"], 1),
                    observed=percent(row["observed_abandoned_fraction"], 1),
                    is_whole=bool(row["whole"]),
                )
            )
    return found


def _interval(row: dict[Any, Any]) -> str:
    low, high = row["mean_patience_seconds_low"], row["mean_patience_seconds_high"]
    if is_missing(low):
        return ""
    return f"{minutes(low)} to {'any length' if is_missing(high) else minutes(high)}"


def held_chats(night: BookNight) -> list[HeldChats]:
    """One per chat queue, in the order of the settings."""
    by_queue = {row["queue_id"]: row for row in night.chat_concurrency.to_dict("records")}
    found = []
    for queue_id in night.enterprise.queues:
        row = by_queue.get(queue_id)
        if row is None:
            continue
        seen = not is_missing(row["concurrency"])
        shown = not is_missing(row["slowdown_per_extra_chat"])
        low, high = row["slowdown_per_extra_chat_low"], row["slowdown_per_extra_chat_high"]
        held = (
            f"{row['concurrency']:.0f} ({row['concurrency_low']:.0f} often, {row['concurrency_high']:.0f} at most)"
            if seen
            else "–"
        )
        found.append(
            HeldChats(
                queue=night.queue_name(queue_id),
                held=held,
                slowdown=f"{percent(row['slowdown_per_extra_chat'])} ({percent(low)} to {percent(high)})" if shown else "–",
                used_held=int(row["used_concurrency"]),
                used_slowdown=percent(row["used_slowdown_per_extra_chat"]),
                source=str(row["source"]),
            )
        )
    return found
