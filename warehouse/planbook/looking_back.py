"""The book's look back: how good the forecasts were by lead, why service levels were missed, and what planners changed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from enterprise.hierarchy import WHOLE_ENTERPRISE
from warehouse.planbook.night import BookNight
from warehouse.planbook.words import day_short

LEADS = (1, 7, 14, 28)
WEEKS = 13
_COLUMNS = ["offered_contacts", "absolute_error_contacts", "error_contacts", "poisson_floor_contacts"]


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """How good the forecasts of one queue, or of the whole enterprise, were.

    Attributes:
        name: the queue, or the enterprise.
        days: days that the shortest lead rests on.
        errors: summed errors over summed contacts, per lead of `LEADS`; None where no plan of that lead is over.
        naive: the same of the last known same weekday, for the shortest lead.
        floor: error that chance alone leaves, for the shortest lead.
        bias: summed errors with their sign over contacts, for the shortest lead.
        inside: share of days inside the 80 % band, over all leads.
    """

    name: str
    days: int
    errors: tuple[float | None, ...]
    naive: float | None
    floor: float | None
    bias: float | None
    inside: float | None


@dataclass(frozen=True, slots=True)
class MissRow:
    """One queue's service level of the day that closed, in words."""

    name: str
    day: str
    in_words: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of a planner: where and when, what the plan does with it, and the contacts it adds or takes in this plan."""

    number: int
    place: str
    days: str
    status: str
    reason: str
    contacts: float | None


def accuracy_rows(night: BookNight) -> list[AccuracyRow]:
    """One row for the enterprise and per queue, of the last thirteen weeks; none while no plan is old enough."""
    ledger = night.accuracy_ledger
    places = [("enterprise", WHOLE_ENTERPRISE, night.enterprise.name)]
    places += [("queue", queue.id, queue.name) for queue in night.enterprise.queues.values()]
    found = []
    for level, member, name in places:
        own = ledger[(ledger["level"] == level) & (ledger["member_id"] == member)]
        if own.empty:
            continue
        first = own[own["lead_days"] == own["lead_days"].min()]
        sums = first[_COLUMNS].sum()
        known = first[first["naive_absolute_error_contacts"].notna()]
        found.append(
            AccuracyRow(
                name=name,
                days=len(first),
                errors=tuple(_error(own[own["lead_days"] == lead]) for lead in LEADS),
                naive=_share(known["naive_absolute_error_contacts"].sum(), known["offered_contacts"].sum()),
                floor=_share(sums["poisson_floor_contacts"], sums["offered_contacts"]),
                bias=_share(sums["error_contacts"], sums["offered_contacts"]),
                inside=float(own["inside_80_band"].mean()),
            )
        )
    return found


def miss_list(night: BookNight) -> list[MissRow]:
    """The queues of the last day that is explained, the worst miss first."""
    rows = night.miss_analysis
    if rows.empty:
        return []
    last = rows[rows["business_date"] == rows["business_date"].max()].sort_values(["miss_fraction", "queue_id"])
    return [
        MissRow(night.queue_name(row["queue_id"]), day_short(row["business_date"]), str(row["in_words"]))
        for row in last.to_dict("records")
    ]


def planner_changes(night: BookNight) -> list[ChangeRow]:
    """Changes that this plan heeds, waits for or refuses, in the order of entry."""
    status = night.override_status
    contacts = night.override_effect.groupby("override_id")["changed_contacts"].sum()
    shown = status[status["status"].isin(["applied", "waiting", "refused"])].sort_values("override_id")
    return [
        ChangeRow(
            number=int(row["override_id"]),
            place=night.queue_name(row["member_id"]) if row["level"] == "queue" else f"{row['level']} {row['member_id']}",
            days=_days(row["first_date"], row["last_date"]),
            status=str(row["status"]),
            reason=str(row["status_reason"]),
            contacts=float(contacts[row["override_id"]]) if row["override_id"] in contacts.index else None,
        )
        for row in shown.to_dict("records")
    ]


def _days(first: object, last: object) -> str:
    if first is None or last is None or pd.isna(first) or pd.isna(last):  # type: ignore[call-overload]
        return ""
    return day_short(first) if first == last else f"{day_short(first)} to {day_short(last)}"  # type: ignore[arg-type]


def _error(rows: pd.DataFrame) -> float | None:
    return _share(rows["absolute_error_contacts"].sum(), rows["offered_contacts"].sum())


def _share(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole > 0 else None
