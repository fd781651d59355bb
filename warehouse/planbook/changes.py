"""What changed since the last plan, and why, for the queue-days where most changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import signed

_SHOWN = 15
_LEAST_CONTACTS = 1.0
_WORTH_SAYING = 0.1


@dataclass(frozen=True, slots=True)
class Change:
    """One queue and day: what the last plan said, what tonight's says, and the reasons, the largest first."""

    queue: str
    day: date
    former: float
    change: float
    work_hours: float
    why: str

    @property
    def now(self) -> float:
        """Contacts expected tonight."""
        return self.former + self.change


def plan_changes(night: BookNight) -> list[Change]:
    """The queue-days that changed most, in order of their days; none where there is no plan to compare with."""
    rows = night.forecast_change[night.forecast_change["level"] == "queue"]
    found = []
    for _, reasons in rows.groupby(["member_id", "business_date"]):
        told = reasons.to_dict("records")
        queue_id, day = told[0]["member_id"], told[0]["business_date"]
        change, hours = (float(sum(row[f"change_{what}"] for row in told)) for what in ("contacts", "work_hours"))
        former = float(told[0]["former_mean_offered_contacts"])
        found.append(Change(night.queue_name(str(queue_id)), day, former, change, hours, _why(told)))
    loud = sorted((one for one in found if abs(one.change) >= _LEAST_CONTACTS), key=lambda one: -abs(one.change))[:_SHOWN]
    return sorted(loud, key=lambda one: (one.day, one.queue))


def _why(reasons: Sequence[Mapping[Any, Any]]) -> str:
    """The reasons that make a tenth and more of all movement, in contacts; of handle time in hours."""
    moved = sum(abs(row["change_contacts"]) for row in reasons)
    ordered = sorted(reasons, key=lambda row: -abs(row["change_contacts"]))
    words = [
        f"{row['words']} {signed(row['change_contacts'])}"
        for row in ordered
        if abs(row["change_contacts"]) >= max(_WORTH_SAYING * moved, 0.5)
    ]
    for row in reasons:
        if row["reason"] == "handle_time" and abs(row["change_work_hours"]) >= 0.5:
            words.append(f"{row['words']} ({signed(row['change_work_hours'])} hours of work)")
    return "; ".join(words)
