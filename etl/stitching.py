"""How far workstreams were stitched, and what of core a night has to look at again (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from enterprise.settings import Enterprise
from warehouse.tables.core import CASE_EVENTS, CASES, CLAIM_EVENTS, CLAIMS, CONTACTS, MESSAGES

STITCHING_VERSION = "1"
"""Raised when workstreams are made differently of the same core: everything is then stitched again."""

ITEM_TABLES = {"contact": CONTACTS, "message": MESSAGES, "case": CASES, "claim": CLAIMS}
EVENT_TABLES = {"case_id": CASE_EVENTS, "claim_id": CLAIM_EVENTS}

Marks = Mapping[str, Mapping[date, str]]


@dataclass(frozen=True, slots=True)
class Stitching:
    """What a stitch was made of.

    Args:
        night: nothing after its cut-off was looked at.
        rules: hash of all settings that workstreams depend on, and of `STITCHING_VERSION`.
        marks: table name -> date -> mark of the core partition that was read.
    """

    night: date
    rules: str
    marks: Marks

    def changed_since(self, before: Stitching | None) -> tuple[set[date] | None, set[date]]:
        """Dates whose items, and dates whose events, have to be looked at.

        Args:
            before: the last stitch; None if there is none or it was cut off.

        Returns:
            Dates of items, None for all of them: the first time, when settings changed, and when the night lies before the last
            one stitched (what came later has to go). Dates of events.

        Example:
            >>> day = date(2026, 11, 12)
            >>> last = Stitching(day, "a", {"contacts": {day: "1"}})
            >>> Stitching(day, "a", {"contacts": {day: "2"}}).changed_since(last)
            ({datetime.date(2026, 11, 12)}, set())
            >>> Stitching(day, "b", {"contacts": {day: "1"}}).changed_since(last)
            (None, set())
        """
        if before is None or before.rules != self.rules or before.night > self.night:
            return None, set()
        return self._changed(before, [table.name for table in ITEM_TABLES.values()]), self._changed(
            before, [table.name for table in EVENT_TABLES.values()]
        )

    def _changed(self, before: Stitching, tables: list[str]) -> set[date]:
        changed: set[date] = set()
        for name in tables:
            now, then = self.marks.get(name, {}), before.marks.get(name, {})
            changed |= {day for day in now.keys() | then.keys() if now.get(day) != then.get(day)}
        return changed

    def to_state(self) -> dict[str, object]:
        """As plain values for JSON."""
        marks = {name: {day.isoformat(): mark for day, mark in days.items()} for name, days in self.marks.items()}
        return {"night": self.night.isoformat(), "rules": self.rules, "marks": marks}


def from_state(state: Mapping[str, Any]) -> Stitching | None:
    """Back from plain values; None where there are none: nothing was stitched, or a stitch was cut off."""
    if "night" not in state:
        return None
    marks = {name: {date.fromisoformat(day): mark for day, mark in days.items()} for name, days in state["marks"].items()}
    return Stitching(date.fromisoformat(state["night"]), state["rules"], marks)


def rules_hash(enterprise: Enterprise) -> str:
    """Hash of what workstreams depend on besides core."""
    lines = {queue.id: [queue.line_of_business, queue.work_of_claims] for queue in enterprise.queues.values()}
    said = [STITCHING_VERSION, enterprise.workstreams.model_dump_json(), enterprise.time_zone, str(sorted(lines.items()))]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
