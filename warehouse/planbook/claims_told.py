"""Which claims bring the contacts of the days to come, and whom that takes, in sentences like those of claims_behind_plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import day_short, number, signed

_MOST = 12
_LEAST_CONTACTS = 0.5
_NOUNS = {"voice": "call", "chat": "chat", "email": "mail"}


def claims_told(night: BookNight) -> list[str]:
    """Claims known by the night, each with the day on which it brings a queue most contacts; the weightiest first.

    Claims that are yet to be reported are left out, and so is what brings less than half a contact.
    """
    rows = night.claims_positions
    known = rows[(rows["reported_date"] <= night.plan.plan_date) & (rows["contacts"] >= _LEAST_CONTACTS)]
    key = ["queue_id", "claim_class", "reported_date"]
    most = known.sort_values(["contacts", "business_date"], ascending=[False, True]).drop_duplicates(key).head(_MOST)
    return [f"{night.queue_name(row['queue_id'])}: {_words(row, night)}" for row in most.to_dict("records")]


def _words(row: Mapping[Any, Any], night: BookNight) -> str:
    queue = night.enterprise.queues.get(row["queue_id"])
    noun = _NOUNS.get("" if queue is None else str(queue.channel), "item")
    claims = "storm claims" if row["is_storm"] else "claims"
    contacts = f"{signed(row['contacts'])} {noun}{'' if round(row['contacts']) == 1 else 's'}"
    line = night.member_name("line_of_business", row["claim_class"])
    people = _people(row["peak_positions"], row["position_hours"])
    return f"{claims} of {day_short(row['reported_date'])} ({line}): {contacts}{people} on {day_short(row['business_date'])}"


def _people(positions: Any, hours: float) -> str:
    """More positions at the day's peak, or where work can wait the hours of work."""
    if pd.isna(positions):
        return f", +{number(hours, 1)} hours of work"
    if positions == 0:
        return ", no more positions"
    return f", {signed(positions)} position{'' if positions == 1 else 's'}"
