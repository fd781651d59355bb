"""What the plan of a night does with every change that was known by then. Pure: the same entries always give the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import pandas as pd

from enterprise.settings import Enterprise
from warehouse.overrides.entry import Entry, in_words, overlap, problem
from warehouse.tables.overrides import OVERRIDE_STATUS, WITHDRAWAL


@dataclass(frozen=True, slots=True)
class Judged:
    """A change, what the plan does with it (a status of the declared table `override_status`), and why."""

    entry: Entry
    status: str
    reason: str


def judged(entries: Sequence[Entry], enterprise: Enterprise, plan_date: date) -> list[Judged]:
    """Judge every change that the plan of a night may know of.

    A change that overlaps an earlier one which stood when it was entered is refused for good: withdrawing the earlier one later
    does not bring it to life.

    Args:
        entries: all that were ever entered, withdrawals too.
        enterprise: the settings.
        plan_date: the night; what was entered after its local day is not looked at, unless it names this night or an earlier one.

    Returns:
        One per change (none for withdrawals), in the order of entry.
    """
    zone = enterprise.zone
    known = sorted((e for e in entries if e.night(zone) <= plan_date), key=lambda e: e.override_id)
    withdrawn: dict[int, Entry] = {}
    for entry in known:
        if entry.kind == WITHDRAWAL and entry.withdraws is not None:
            withdrawn.setdefault(entry.withdraws, entry)
    found: list[Judged] = []
    good: list[Entry] = []
    for entry in known:
        if entry.kind == WITHDRAWAL:
            continue
        wrong = problem(entry, enterprise) or _overlapped(entry, good, withdrawn, enterprise)
        if wrong:
            found.append(Judged(entry, "refused", wrong))
            continue
        good.append(entry)
        found.append(Judged(entry, *_fate(entry, withdrawn.get(entry.override_id), enterprise, plan_date)))
    return found


def standing(entries: Sequence[Entry], enterprise: Enterprise, night: date) -> list[Entry]:
    """Changes that stand on a night: what a new one may not overlap."""
    return [one.entry for one in judged(entries, enterprise, night) if one.status in ("applied", "waiting")]


def _overlapped(entry: Entry, good: Sequence[Entry], withdrawn: dict[int, Entry], enterprise: Enterprise) -> str | None:
    night = entry.night(enterprise.zone)
    stood = [
        other
        for other in good
        if (other.override_id not in withdrawn or withdrawn[other.override_id].override_id > entry.override_id)
        and (other.valid_until_date is None or other.valid_until_date >= night)
    ]
    other = overlap(entry, stood, enterprise)
    return None if other is None else overlap_in_words(other)


def overlap_in_words(other: Entry) -> str:
    """Why a change that meets another is refused."""
    number = f"entry {other.override_id}" if other.override_id else "an earlier row"
    return (
        f"overlaps {number}: {in_words(other)}, {other.level} {other.member_id}, {other.first_date} to {other.last_date}. "
        "Two changes of the same measure at the same time have no one meaning: withdraw that one first, or choose other days"
    )


def _fate(entry: Entry, withdrawal: Entry | None, enterprise: Enterprise, plan_date: date) -> tuple[str, str]:
    first, last = entry.first_date or date.max, entry.last_date or date.min
    if withdrawal is not None and withdrawal.night(enterprise.zone) < last:
        return "withdrawn", f"taken back by {withdrawal.entered_by}: {withdrawal.reason}"
    if last <= plan_date:
        return "done", f"its last day {last} is over"
    if entry.valid_until_date is not None and entry.valid_until_date < plan_date:
        return "expired", f"it was valid until {entry.valid_until_date}; enter it again if it still holds"
    horizon = plan_date + timedelta(days=enterprise.planning.horizon_days)
    if first > horizon:
        return "waiting", f"its first day {first} lies beyond this plan, which ends on {horizon}"
    return "applied", in_words(entry)


_FIELDS = [field.name for field in fields(Entry)]


def status_rows(found: Sequence[Judged], plan_date: date) -> pd.DataFrame:
    """Rows of OVERRIDE_STATUS of a night."""
    rows = [
        {name: getattr(one.entry, name) for name in _FIELDS}
        | {"plan_date": plan_date, "status": one.status, "status_reason": one.reason}
        for one in found
    ]
    frame = pd.DataFrame(rows, columns=OVERRIDE_STATUS.column_names)
    return frame.assign(
        entered_at=pd.to_datetime(frame["entered_at"], utc=True).astype("datetime64[us, UTC]"),
        level=frame["level"].fillna(""),
        member_id=frame["member_id"].fillna(""),
    )


def entries_of(rows: pd.DataFrame) -> list[Entry]:
    """The changes of rows of OVERRIDE_STATUS or PLANNER_OVERRIDE."""
    named = [name for name in _FIELDS if name in rows.columns]
    said: list[dict[str, Any]] = [
        {str(name): value for name, value in row.items()}
        for row in rows[named].astype(object).where(rows[named].notna(), None).to_dict("records")
    ]
    return [Entry(**row) for row in said]
