"""A small world of contacts, mails, cases and claims, written into core as a night would find it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from enterprise.settings import Enterprise, load_enterprise
from warehouse.lake import Lake, conformed
from warehouse.tables.core import CASE_EVENTS, CASES, CLAIM_EVENTS, CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.declaration import COUNT, FLAG, NUMBER, Table

CONFIG = Path(__file__).parents[2] / "config" / "enterprise.toml"
TABLES = {table.name: table for table in (CONTACTS, MESSAGES, CASES, CASE_EVENTS, CLAIMS, CLAIM_EVENTS)}
FIRST_DAY = date(2026, 11, 2)
_ALWAYS: Mapping[str, Mapping[str, Any]] = {
    "contacts": {
        "segment": 1, "channel": "voice", "direction": "inbound", "queue_id": "voice_claims", "outcome": "answered",
        "arrived_by": "customer",
    },
    "messages": {"direction": "inbound", "queue_id": "email_claims", "needs_reply": True, "automatic": False},
    "cases": {"queue_id": "cases_policy"},
    "claims": {"line_of_business": "motor"},
}  # fmt: skip
_TIME_OF = {
    "contacts": "arrived_at", "messages": "received_at", "cases": "opened_at", "case_events": "changed_at",
    "claims": "reported_at", "claim_events": "changed_at",
}  # fmt: skip


def at(day: float, minute: float = 0) -> datetime:
    """An instant: days after the first one, 08:00 UTC, and minutes."""
    return datetime.fromisoformat(f"{FIRST_DAY}T08:00:00+00:00") + timedelta(days=day, minutes=minute)


def row(table: str, **values: Any) -> dict[str, Any]:
    """A row of a core table, on the date of its time; what is not said has an ordinary value, or none where it may be missing."""
    declared = TABLES[table]
    filled: dict[str, Any] = {
        "source_system": "test",
        "landing_file": "file",
        "landing_row": 1,
        **_ALWAYS.get(table, {}),
        **values,
    }
    filled["business_date"] = filled[_TIME_OF[table]].date()
    for column in declared.all_columns:
        if column.name not in filled:
            plain = {COUNT: 0, NUMBER: 0.0, FLAG: False}.get(column.type, "")
            filled[column.name] = None if column.nullable else plain
    return {name: filled[name] for name in declared.column_names}


def call(
    contact_id: str, day: float, minute: float = 0, *, minutes: float | None = 5, wait: float = 1, **more: Any
) -> dict[str, Any]:
    """A call that waited `wait` minutes and was talked over for `minutes`; None for one that nobody took."""
    arrived = at(day, minute)
    answered = None if minutes is None else arrived + timedelta(minutes=wait)
    ended = arrived + timedelta(minutes=wait + (minutes or 0))
    given = {"agent_id": "A1", "handle_seconds": 60.0 * (minutes or 0), "outcome": "abandoned" if minutes is None else "answered"}
    return row("contacts", contact_id=contact_id, arrived_at=arrived, answered_at=answered, ended_at=ended, **{**given, **more})


def write_core(lake: Lake, rows: Mapping[str, Iterable[dict[str, Any]]]) -> None:
    """Make core hold these rows and no others; partitions that stay as they are are not written."""
    for name, table in TABLES.items():
        by_day: dict[date, list[dict[str, Any]]] = {day: [] for day in lake.partitions(table)}
        for one in rows.get(name, ()):
            by_day.setdefault(one["business_date"], []).append(one)
        for day, wanted in by_day.items():
            data = pa.Table.from_pylist(wanted, schema=table.arrow_schema)
            there = lake.read_arrow(table, first=day, last=day)
            if day not in lake.partitions(table) or not conformed(table, data).sort_by(_order(table)).equals(there):
                lake.replace(table, data, day)


def enterprise_at(folder: Path, **workstreams: Any) -> Enterprise:
    """The example enterprise with its lake in a folder and other rules for workstreams."""
    enterprise = load_enterprise(CONFIG, {}, folder)
    return enterprise.model_copy(update={"workstreams": enterprise.workstreams.model_copy(update=workstreams)})


def rows_of(lake: Lake, table: Table) -> list[dict[str, Any]]:
    """All rows of a table, in order of its key."""
    found: Sequence[dict[str, Any]] = lake.read_arrow(table).sort_by(_order(table)).to_pylist()
    return list(found)


def _order(table: Table) -> list[tuple[str, str]]:
    return [(name, "ascending") for name in table.key_names]
