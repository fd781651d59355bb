"""What the book says of data that were not believed: findings in people's words, and queues whose plan rests on earlier days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import day_short, is_missing

RECENT_DAYS = 28
_ORDER = {"stop": 0, "quarantine": 1, "warn": 2}
_DID = {
    "kept_back": "kept the plan back",
    "held": "left the days out; the plan rests on the good ones before",
    "noted": "noted it, nothing else",
    "released": "used the days: a person found them right",
}
_FEW = 3
_MOST = 5


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one rule about the last four weeks that the plan treated alike."""

    rule: str
    severity: str
    action: str
    touches: str
    seen: str
    plan: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A queue whose plan does not rest on all its recent days."""

    queue_id: str
    name: str
    until: str
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """A queue or line of claims and its held days."""

    name: str
    days: tuple[date, ...]


def findings(night: BookNight) -> list[Found]:
    """What was found, what the plan did, and what to do, the most severe first."""
    found = []
    for (rule, severity, action), group in _recent(night).groupby(["rule", "severity", "action"], sort=True):
        latest = group.sort_values(["business_date", "subject_kind", "subject_id"]).iloc[-1]
        touches = [
            f"{_name(night, str(kind), str(subject))} ({_days(sorted(own['business_date']))})"
            for (kind, subject), own in group.groupby(["subject_kind", "subject_id"], sort=True)
        ]
        found.append(
            Found(
                str(rule).replace("_", " "),
                str(severity),
                str(action),
                "; ".join(touches),
                str(latest["reason"]),
                _DID[str(action)],
                str(latest["next_step"]),
            )
        )
    return sorted(found, key=lambda one: (_ORDER[one.severity], one.action, one.rule))


def held(night: BookNight) -> list[Held]:
    """Queues and lines of claims of which days of the last four weeks are held, by name."""
    rows = _recent(night)
    mine = rows[(rows["action"] == "held") & rows["subject_kind"].isin(["queue", "claims"])]
    return sorted(
        (
            Held(_name(night, str(kind), str(subject)), tuple(sorted(set(own["business_date"]))))
            for (kind, subject), own in mine.groupby(["subject_kind", "subject_id"], sort=True)
        ),
        key=lambda one: one.name,
    )


def held_in_words(night: BookNight) -> str:
    """Which days the plan does not rest on, in a sentence; empty if none."""
    found = held(night)
    count = sum(len(one.days) for one in found)
    if not count:
        return ""
    shown = [f"{one.name} ({_days(one.days)})" for one in found[:_MOST]]
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    said = f"{count} days of the last four weeks are held, and nothing is learnt from them"
    if count == 1:
        said = "1 day of the last four weeks is held, and nothing is learnt from it"
    return f"{said}: {'; '.join(shown)}{more}."


def warned(night: BookNight) -> dict[str, Warned]:
    """Queue -> why its plan rests on earlier days, in the settings' order."""
    rows = night.staffing_daily[(night.staffing_daily["level"] == "queue") & (night.staffing_daily["lead_days"] == 1)]
    told = {}
    for row in rows.to_dict("records"):
        if isinstance(row["data_warning"], str):
            until = "" if is_missing(row["data_until_date"]) else day_short(row["data_until_date"])
            told[row["member_id"]] = Warned(row["member_id"], night.queue_name(row["member_id"]), until, row["data_warning"])
    order = {queue: place for place, queue in enumerate(night.enterprise.queues)}
    return dict(sorted(told.items(), key=lambda item: order.get(item[0], len(order))))


def _recent(night: BookNight) -> pd.DataFrame:
    """Findings about the last four weeks."""
    rows = night.quality_findings
    first = night.plan.plan_date - timedelta(days=RECENT_DAYS)
    return rows[pd.Series([day > first for day in rows["business_date"]], index=rows.index, dtype=bool)]


def _name(night: BookNight, kind: str, subject: str) -> str:
    if kind == "queue":
        return night.queue_name(subject)
    if kind == "claims":
        return f"claims of {night.enterprise.lines_of_business.get(subject, subject)}"
    return f"{kind} {subject}"


def _days(days: Sequence[date]) -> str:
    return ", ".join(map(day_short, days)) if len(days) <= _FEW else f"{len(days)} days up to {day_short(days[-1])}"
