"""One clean day's single rows, and what the monitors would see of the day if other rows had come (the arithmetic of history)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from expectations.monitors.learnt import Learnt
from expectations.monitors.observed import FEED, PROFILE, Observed
from expectations.monitors.profiles import PROFILES_SQL
from warehouse.lake import Lake
from warehouse.tables.core import CASE_EVENTS, CASES, CLAIM_EVENTS, CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.declaration import Table

BEFORE = 60
"""Days before the judged one that the rules look back on."""


@dataclass(frozen=True, eq=False)
class Day:
    """A night's rows.

    Attributes:
        place: which of the dates.
        items: contacts, mails that need a reply, cases and claims, one row each.
        links: item that each event or reply of the day belongs to, and its source.
        learnt, seen: what was learnt and seen of the days around, cut to the `BEFORE` days before and the day itself.
        profiles: the summaries of the day's rows by queue.
    """

    place: int
    date: date
    items: pd.DataFrame
    links: pd.DataFrame
    learnt: Learnt
    seen: Observed
    profiles: dict[str, dict[str, Any]]


def load_day(place: int, seen: Observed, learnt: Learnt, enterprise: Enterprise, lake: Lake) -> Day:
    """The rows of a date as the lake holds them."""
    day = seen.dates[place]
    items = _items(day, seen, enterprise, lake)
    return Day(place, day, items, _links(day, lake), _cut(learnt, place, seen), _cut(seen, place, seen), _profiles(items))


def with_items(day: Day, items: pd.DataFrame, enterprise: Enterprise) -> Observed:
    """What the monitors see if `items` had come instead of the day's own: every figure moved by what the rows moved."""
    seen, last = _copied(day.seen), len(day.seen.dates) - 1
    queues = list(seen.queue_ids)
    for name, after, before in _sums(items, day.items, queues):
        values = seen.daily[name]
        values[:, last] = np.where(
            after == before, values[:, last], np.maximum(np.nan_to_num(values[:, last]) + after - before, 0)
        )
    touched = sorted(set(_changed(items, day.items)))
    new, old = _profiles(items), day.profiles
    for queue_id in touched:
        row = queues.index(queue_id)
        for name in PROFILE:
            if name == "reported_contacts":
                continue
            values = seen.profile[name]
            shift = new.get(queue_id, {}).get(name, 0.0) - old.get(queue_id, {}).get(name, 0.0)
            values[row, last] = max(np.nan_to_num(values[row, last]) + np.nan_to_num(shift), 0.0)
        seen.content_mark[row, last] = str(new.get(queue_id, {}).get("content_mark") or "")
        seen.slots[row, -1] = _slots(items, queue_id, seen.slots.shape[2], enterprise)
    _feeds(seen, day, items, last)
    _claims(seen, items, last, {line for queue in enterprise.queues.values() for line in queue.work_of_claims})
    return seen


def _items(day: date, seen: Observed, enterprise: Enterprise, lake: Lake) -> pd.DataFrame:
    contacts = _read(lake, CONTACTS, day)
    contacts = contacts[contacts["direction"] == "inbound"]
    parts = [
        pd.DataFrame(
            {
                "queue_id": contacts["queue_id"], "source": contacts["source_system"], "channel": contacts["channel"],
                "item_id": contacts["contact_id"], "segment": contacts["segment"], "customer_id": contacts["customer_id"],
                "agent_id": contacts["agent_id"], "came_at": contacts["arrived_at"], "answered_at": contacts["answered_at"],
                "ended_at": contacts["ended_at"], "handle_seconds": contacts["handle_seconds"],
                "talk_seconds": contacts["talk_seconds"],
                "wait_seconds": contacts["wait_seconds"], "outcome": contacts["outcome"],
            }
        )
    ]  # fmt: skip
    mails = _read(lake, MESSAGES, day)
    mails = mails[mails["needs_reply"]]
    cases, claims = _read(lake, CASES, day), _read(lake, CLAIMS, day)
    works = {line: queue.id for queue in enterprise.queues.values() for line in queue.work_of_claims}
    for frame, key, came, channel in (
        (mails, "message_id", "received_at", "email"),
        (cases, "case_id", "opened_at", "cases"),
        (claims.assign(queue_id=claims["line_of_business"].map(works)), "claim_id", "reported_at", "claims"),
    ):
        part = pd.DataFrame(
            {
                "queue_id": frame["queue_id"], "source": frame["source_system"], "channel": channel, "item_id": frame[key],
                "segment": 1, "customer_id": frame["customer_id"], "came_at": frame[came], "outcome": "waiting",
            }
        )  # fmt: skip
        if channel == "claims":
            part = part.assign(line=frame["line_of_business"], peril=frame["peril"])
        parts.append(part)
    items = pd.concat([part for part in parts if len(part)], ignore_index=True)
    items["came_at"] = items["came_at"].dt.as_unit("us")
    return items[items["queue_id"].isin(seen.queue_ids)].reset_index(drop=True)


def _links(day: date, lake: Lake) -> pd.DataFrame:
    replies = _read(lake, MESSAGES, day)
    first = replies[replies["needs_reply"]].drop_duplicates("thread_id").set_index("thread_id")["message_id"]
    replies = replies[replies["direction"] == "outbound"]
    events, steps = _read(lake, CASE_EVENTS, day), _read(lake, CLAIM_EVENTS, day)
    return pd.concat(
        [
            pd.DataFrame({"source": replies["source_system"], "item_id": replies["thread_id"].map(first)}),
            pd.DataFrame({"source": events["source_system"], "item_id": events["case_id"]}),
            pd.DataFrame({"source": steps["source_system"], "item_id": steps["claim_id"]}),
        ],
        ignore_index=True,
    )


def _read(lake: Lake, table: Table, day: date) -> pd.DataFrame:
    path = Path(lake.folder(table), f"business_date={day}", "part-0.parquet")
    return pd.read_parquet(path) if path.exists() else table.arrow_schema.empty_table().to_pandas()


def _cut(whole: Any, place: int, seen: Observed) -> Any:
    """The arrays of `whole` over the dates that count for `place`; those over the last dates only by the same rule."""
    dates, recent = len(seen.dates), seen.slots.shape[1]
    first = place - BEFORE

    def cut(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            axes = [axis for axis in range(value.ndim) if value.shape[axis] in (dates, recent) and axis > 0]
            if not axes:
                return value
            offset = dates - value.shape[axes[0]]
            index = [slice(None)] * value.ndim
            index[axes[0]] = slice(first - offset, place + 1 - offset)
            return value[tuple(index)]
        if isinstance(value, tuple) and value and isinstance(value[0], np.ndarray):
            return tuple(cut(part) for part in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(
                value, **{field.name: cut(getattr(value, field.name)) for field in dataclasses.fields(value)}
            )
        if isinstance(value, Mapping) and value and not isinstance(next(iter(value.values())), list):
            return {name: cut(part) for name, part in value.items()}
        if isinstance(value, list) and len(value) == dates and isinstance(value[0], date):
            return value[first : place + 1]
        return value

    return cut(whole)


def _copied(seen: Observed) -> Observed:
    copies: dict[str, Any] = {}
    for name in ("daily", "profile", "feeds"):
        copies[name] = {key: value.copy() for key, value in getattr(seen, name).items()}
    for name in ("content_mark", "slots", "claims", "peril_claims", "complete"):
        copies[name] = getattr(seen, name).copy()
    return dataclasses.replace(seen, **copies)


def _sums(items: pd.DataFrame, before: pd.DataFrame, queues: list[str]) -> list[tuple[str, Any, Any]]:
    def summed(frame: pd.DataFrame) -> dict[str, Any]:
        live = frame["channel"].isin(["voice", "chat"])
        answered = live & (frame["outcome"] == "answered")
        parts = {
            "offered_contacts": pd.Series(1.0, index=frame.index),
            "answered_contacts": answered.astype("float64"),
            "abandoned_contacts": (live & (frame["outcome"] == "abandoned")).astype("float64"),
            "handle_seconds": frame["handle_seconds"].where(answered, 0.0).fillna(0.0).astype("float64"),
            "wait_seconds": frame["wait_seconds"].where(live, 0.0).fillna(0.0).astype("float64"),
        }
        return {
            name: value.groupby(frame["queue_id"]).sum().reindex(queues).fillna(0.0).to_numpy() for name, value in parts.items()
        }

    after, old = summed(items), summed(before)
    return [(name, after[name], old[name]) for name in after]


def _changed(items: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    names = set(items["queue_id"]) | set(before["queue_id"])
    new, old = dict(list(items.groupby("queue_id"))), dict(list(before.groupby("queue_id")))
    empty = before.iloc[:0]
    return [
        name
        for name in names
        if not new.get(name, empty).reset_index(drop=True).equals(old.get(name, empty).reset_index(drop=True))
    ]


def _profiles(items: pd.DataFrame) -> dict[str, dict[str, Any]]:
    live = items["channel"].isin(["voice", "chat"])
    contacts = items[live].rename(columns={"item_id": "contact_id", "came_at": "arrived_at"})
    contacts = contacts.assign(direction="inbound", business_date=date(2000, 1, 1))
    mails, cases = items[items["channel"] == "email"], items[items["channel"] == "cases"]
    day = date(2000, 1, 1)
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("contacts", contacts)
    connection.register(
        "messages",
        mails.rename(columns={"item_id": "message_id", "came_at": "received_at"}).assign(needs_reply=True, business_date=day),
    )
    connection.register(
        "cases", cases.rename(columns={"item_id": "case_id", "came_at": "opened_at"}).assign(owner_id="", business_date=day)
    )
    connection.execute("CREATE TABLE interval_reports (queue_id VARCHAR, business_date DATE, offered_contacts BIGINT)")
    found = connection.execute(PROFILES_SQL).df()
    connection.close()
    return {str(row["queue_id"]): row for row in found.to_dict("records")}


def _slots(items: pd.DataFrame, queue_id: str, count: int, enterprise: Enterprise) -> Any:
    local = items.loc[items["queue_id"] == queue_id, "came_at"].dt.tz_convert(enterprise.time_zone)
    slot = (local.dt.hour * 60 + local.dt.minute) * count // (24 * 60)
    return np.bincount(slot.to_numpy(dtype=np.int64), minlength=count).astype(np.float64)


def _feeds(seen: Observed, day: Day, items: pd.DataFrame, last: int) -> None:
    here = set(items["item_id"])
    gone = set(day.items["item_id"]) - here
    for row, source in enumerate(seen.sources):
        links = day.links.loc[day.links["source"] == source, "item_id"]
        seen.feeds["orphan_rows"][row, last] += links.isin(gone).sum()
        if np.isfinite(seen.feeds["number_rows"][row, last]):
            rows, span = _numbered(items[(items["source"] == source) & (items["segment"] == 1)])
            seen.feeds["number_rows"][row, last], seen.feeds["number_span"][row, last] = (
                (rows, span) if rows else (np.nan, np.nan)
            )
    if len(FEED) != len(seen.feeds):
        raise ValueError("the columns of the feeds changed: mend the experiment")


def _numbered(items: pd.DataFrame) -> tuple[float, float]:
    """The arithmetic of FEEDS_SQL."""
    series = items["item_id"].str.replace(r"[0-9]{5,}", "", regex=True)
    number = pd.to_numeric(items["item_id"].str.extract(r"([0-9]{5,15})[^0-9]*$")[0], errors="coerce")
    groups = number.dropna().groupby(series).agg(["count", "min", "max"])
    groups = groups[groups["count"] >= 20]
    span = groups["max"] - groups["min"] + 1
    dense = span < 50 * groups["count"]
    return float(groups["count"][dense].sum()), float(span[dense].sum())


def _claims(seen: Observed, items: pd.DataFrame, last: int, worked: set[str]) -> None:
    claims = items[items["channel"] == "claims"]
    perils = seen.peril_claims.shape[1]
    for row, line in enumerate(seen.lines):
        if line not in worked:
            continue  # its claims are nobody's queue, and no fault touches them
        mine = claims[claims["line"] == line] if "line" in claims else claims
        before = seen.claims[row, last]
        seen.claims[row, last] = len(mine) if np.isfinite(before) else before
        usual = seen.peril_claims[row, :, last]
        if before and np.isfinite(before) and perils:
            seen.peril_claims[row, :, last] = usual * len(mine) / before
