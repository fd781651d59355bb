"""One clean day's single rows, and what the monitors would see of the day if other rows had come (the arithmetic of history)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from enterprise.settings import Enterprise
from expectations.monitors.observed import FEED, PROFILE, Observed
from expectations.monitors.profiles import PROFILES_SQL
from warehouse.lake import Lake
from warehouse.tables.core import CASE_EVENTS, CASES, CLAIM_EVENTS, CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.declaration import Table

_BY_COLUMN = ("daily", "profile", "feeds")
_WHOLE = ("content_mark", "slots", "claims", "peril_claims")
BEFORE = 60
"""Days before the judged one that the rules look back on."""


@dataclass(frozen=True, eq=False)
class Day:
    """A night's rows.

    Attributes:
        place: which of the dates.
        items: contacts, mails that need a reply, cases and claims, one row each.
        links: item that each event or reply of the day belongs to, and its source.
        seen: what was seen of the `BEFORE` days before and the day itself.
        profiles: the summaries of the day's rows by queue.
    """

    place: int
    date: date
    items: pd.DataFrame
    links: pd.DataFrame
    seen: Observed
    profiles: dict[str, dict[str, Any]]


def load_day(place: int, seen: Observed, enterprise: Enterprise, lake: Lake) -> Day:
    """The rows of a date as the lake holds them."""
    day = seen.dates[place]
    items = _items(day, seen, enterprise, lake)
    return Day(place, day, items, _links(day, lake), cut(seen, place, seen), _profiles(items, items.iloc[:0]))


def with_items(day: Day, items: pd.DataFrame, earlier: pd.DataFrame, enterprise: Enterprise) -> Observed:
    """What the monitors see if `items` had come instead of the day's own: every figure moved by what the rows moved.

    Args:
        day: the day.
        items: the rows that came; claims that were booked on another queue are claims of that queue's line.
        earlier: rows of days before that `items` may repeat.
        enterprise: settings.
    """
    seen, last = copied(day.seen), len(day.seen.dates) - 1
    queues = list(seen.queue_ids)
    items = _with_lines(items, enterprise)
    for name, after, before in _sums(items, day.items, queues):
        values = seen.daily[name]
        values[:, last] = np.where(
            after == before, values[:, last], np.maximum(np.nan_to_num(values[:, last]) + after - before, 0)
        )
    touched = sorted(set(_changed(items, day.items)))
    new, old = _profiles(items, earlier), day.profiles
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
    _claims(seen, day.items, items, last)
    return seen


def last_day(seen: Observed) -> dict[str, Any]:
    """What was seen of the last day alone, by name."""
    found: dict[str, Any] = {f"{name}/{key}": value[:, -1] for name in _BY_COLUMN for key, value in getattr(seen, name).items()}
    return found | {name: getattr(seen, name)[:, -1] for name in _WHOLE if name != "peril_claims"} | {
        "peril_claims": seen.peril_claims[:, :, -1]
    }  # fmt: skip


def with_last_day(seen: Observed, last: Mapping[str, Any]) -> Observed:
    """The same days with another last one, as `last_day` tells of it."""
    other = copied(seen)
    for name in _BY_COLUMN:
        for key, value in getattr(other, name).items():
            value[:, -1] = last[f"{name}/{key}"]
    for name in _WHOLE:
        value = getattr(other, name)
        value[(slice(None),) * (2 if name == "peril_claims" else 1) + (-1,)] = last[name]
    return other


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
            part = part.assign(peril=frame["peril"])
        parts.append(part)
    items = pd.concat([part for part in parts if len(part)], ignore_index=True)
    items["came_at"] = items["came_at"].dt.as_unit("us")
    return _with_lines(items[items["queue_id"].isin(seen.queue_ids)].reset_index(drop=True), enterprise)


def _with_lines(items: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    lines = {queue.id: queue.work_of_claims[0] for queue in enterprise.queues.values() if queue.work_of_claims}
    return items.assign(line=items["queue_id"].map(lines))


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


def cut(whole: Any, place: int, seen: Observed) -> Any:
    """The arrays of `whole` over the dates that count for `place`; those over the last dates only by the same rule."""
    dates, recent = len(seen.dates), seen.slots.shape[1]
    first = place - BEFORE

    def part_of(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            axes = [axis for axis in range(value.ndim) if value.shape[axis] in (dates, recent) and axis > 0]
            if not axes:
                return value
            offset = dates - value.shape[axes[0]]
            index = [slice(None)] * value.ndim
            index[axes[0]] = slice(first - offset, place + 1 - offset)
            return value[tuple(index)]
        if isinstance(value, tuple) and value and isinstance(value[0], np.ndarray):
            return tuple(part_of(part) for part in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(
                value, **{field.name: part_of(getattr(value, field.name)) for field in dataclasses.fields(value)}
            )
        if isinstance(value, Mapping) and value and not isinstance(next(iter(value.values())), list):
            return {name: part_of(part) for name, part in value.items()}
        if isinstance(value, list) and len(value) == dates and isinstance(value[0], date):
            return value[first : place + 1]
        return value

    return part_of(whole)


def copied(seen: Observed) -> Observed:
    """The same with arrays of its own, to be changed."""
    copies: dict[str, Any] = {}
    for name in _BY_COLUMN:
        copies[name] = {key: value.copy() for key, value in getattr(seen, name).items()}
    for name in _WHOLE:
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


def _profiles(items: pd.DataFrame, earlier: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The monitors' own summary of the rows, by queue; `earlier` are rows of days before that may be repeated."""
    day = date(2000, 1, 2)
    before = earlier.assign(business_date=day - timedelta(days=1), item_id="before-" + earlier["item_id"].astype("str"))
    rows = (
        pd.concat([items.assign(business_date=day), before], ignore_index=True)
        if len(before)
        else items.assign(business_date=day)
    )
    live = rows["channel"].isin(["voice", "chat"])
    parts = {
        "contacts": rows[live].rename(columns={"item_id": "contact_id", "came_at": "arrived_at"}).assign(direction="inbound"),
        "messages": rows[rows["channel"] == "email"]
        .rename(columns={"item_id": "message_id", "came_at": "received_at"})
        .assign(needs_reply=True),
        "cases": rows[rows["channel"] == "cases"]
        .rename(columns={"item_id": "case_id", "came_at": "opened_at"})
        .assign(owner_id=""),
        "claims": rows[rows["channel"] == "claims"].rename(columns={"item_id": "claim_id", "came_at": "reported_at"}),
    }
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    for name, part in parts.items():
        used = part.drop(columns=[column for column in ("source", "peril") if column in part])
        used = used.rename(columns={"line": "line_of_business"}).assign(line_of_business=part["queue_id"])
        connection.register(name, pa.Table.from_pandas(used, preserve_index=False))
    connection.execute("CREATE TABLE interval_reports (queue_id VARCHAR, business_date DATE, offered_contacts BIGINT)")
    found = connection.sql(PROFILES_SQL).to_arrow_table().to_pylist()
    connection.close()
    return {
        str(row["queue_id"]).removeprefix("claims of "): {
            name: value if isinstance(value, str) else np.nan if value is None else float(value)
            for name, value in row.items()
            if name not in ("queue_id", "business_date")
        }
        for row in found
        if row["business_date"] == day
    }


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


def _claims(seen: Observed, before: pd.DataFrame, items: pd.DataFrame, last: int) -> None:
    old, new = (frame[frame["channel"] == "claims"] for frame in (before, items))
    for row, line in enumerate(seen.lines):
        for place, peril in enumerate(seen.perils):
            moved = sum(
                sign * int(((frame["line"] == line) & (frame["peril"] == peril)).sum()) for sign, frame in ((1, new), (-1, old))
            )
            seen.claims[row, last] += moved
            seen.peril_claims[row, place, last] += moved
