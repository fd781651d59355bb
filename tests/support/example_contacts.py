"""A lake with a few contacts, and what history makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from enterprise.settings import Enterprise, load_enterprise
from enterprise.timing import grid_of
from etl.sources.deferred_work import DeferredWork
from etl.sources.history_rows import HistoryRows
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS

ROOT = Path(__file__).parents[2]
DEFAULTS: Mapping[str, Any] = {
    "segment": 1, "channel": "voice", "direction": "inbound", "queue_id": "voice_service", "customer_id": None, "agent_id": None,
    "site_id": None, "talk_seconds": 0.0, "hold_seconds": 0.0, "wrap_seconds": 0.0, "handle_seconds": 0.0, "wait_seconds": 0.0,
    "outcome": "answered", "arrived_by": "customer", "previous_contact_id": None, "case_id": None, "claim_id": None,
    "thread_id": None, "modified_at": None, "source_system": "acd", "landing_file": "f", "landing_row": 1,
}  # fmt: skip


def enterprise_with(demands: Mapping[str, Mapping[str, Any]] | None = None) -> Enterprise:
    """The example enterprise with other demand definitions."""
    enterprise = _example()
    queues = dict(enterprise.queues)
    for queue_id, demand in (demands or {}).items():
        definition = queues[queue_id].demand.__class__(**demand)
        queues[queue_id] = queues[queue_id].model_copy(update={"demand": definition})
    return enterprise.model_copy(update={"queues": queues})


@cache
def _example() -> Enterprise:
    return load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)


def contact(contact_id: str, arrived_at: datetime, **given: Any) -> dict[str, Any]:
    """One contact; answered after its wait unless it gave up or left."""
    row = {**DEFAULTS, "contact_id": contact_id, "arrived_at": arrived_at, **given}
    answered = row["outcome"] == "answered"
    row["answered_at"] = arrived_at + timedelta(seconds=row["wait_seconds"]) if answered else None
    row["ended_at"] = None
    return row


def lake_with(folder: Path, enterprise: Enterprise, contacts: Sequence[Mapping[str, Any]]) -> Lake:
    """A lake that holds these contacts."""
    lake = Lake(str(folder / "lake"))
    frame = pd.DataFrame(contacts)
    for name in ("arrived_at", "answered_at", "ended_at", "modified_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    frame["business_date"] = grid_of(enterprise).business_date(frame["arrived_at"])
    lake.replace_partitions(CONTACTS, frame[CONTACTS.column_names])
    return lake


def history_of(lake: Lake, enterprise: Enterprise, dates: Sequence[date], plan_date: date) -> dict[str, pd.DataFrame]:
    """History of the dates, made in one go, by table."""
    rows = HistoryRows(lake, enterprise, dates, plan_date, DeferredWork(lake, enterprise, plan_date))
    parts: dict[str, list[pd.DataFrame]] = {}
    for _, table, data in rows.made():
        parts.setdefault(table.name, []).append(data.to_pandas())
        lake.replace_partitions(table, data)
    rows.close()
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
