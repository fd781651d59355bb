"""Planting faults into clean nights and asking the monitors what they see."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from expectations.monitors.hit import Hit, sorted_hits
from expectations.monitors.learnt import Learnt, handle_of
from expectations.monitors.observed import Observed
from expectations.monitors.rules import judge
from expectations.monitors.thresholds import CHOSEN, Thresholds
from faults.day import BEFORE, Day, load_day, with_items
from faults.kinds import Kind, Target
from warehouse.lake import Lake

SCALES = (0.85, 1.0, 1.2)
"""The thresholds are multiplied by these to show the curve."""
LARGE = 0.30


@dataclass(frozen=True, eq=False)
class Ground:
    """Where faults are planted: clean days, what was seen of them and what was learnt before them."""

    enterprise: Enterprise
    lake: Lake
    seen: Observed
    learnt: Learnt
    nights: Sequence[int]


def scaled(scale: float) -> Thresholds:
    """The chosen thresholds, all of them wider or narrower by the same factor."""
    return Thresholds(**{field.name: getattr(CHOSEN, field.name) * scale for field in dataclasses.fields(CHOSEN)})


def subjects(hits: Sequence[Hit], place: int, seen: Observed, enterprise: Enterprise) -> dict[str, list[str]]:
    """Rules that speak of each queue on a day: by its name, its source, or the claims it works on."""
    found: dict[str, set[str]] = {}
    for hit in hits:
        if hit.place != place:
            continue
        if hit.subject_kind == "queue":
            names = [hit.subject_id]
        elif hit.subject_kind == "source":
            names = [seen.queue_ids[row] for row in seen.sources.get(hit.subject_id, ())]
        else:
            names = [queue.id for queue in enterprise.queues.values() if hit.subject_id in queue.work_of_claims]
        for name in names:
            found.setdefault(name, set()).add(f"{hit.rule}:{hit.severity}")
    return {name: sorted(rules) for name, rules in sorted(found.items())}


def run_trial(ground: Ground, kind: Kind, size: float, number: int, days: dict[int, Day]) -> dict[str, Any] | None:
    """Plant one fault; None if there is nothing to plant it into.

    Args:
        ground: clean days.
        kind: kind of fault.
        size: how large.
        number: which trial; decides night and target together with kind and size.
        days: loaded days, filled as needed.
    """
    rng = np.random.default_rng([zlib.crc32(kind.name.encode()), round(size * 100), number])
    place = int(rng.choice(ground.nights))
    day = _day(ground, place, days)
    target = _target(ground, day, kind, rng, days)
    if target is None:
        return None
    name, hit = target
    items = kind.plant(day.items, hit, size, rng).reset_index(drop=True)
    faulty = with_items(day, items, ground.enterprise)
    last = len(faulty.dates) - 1
    caught = {
        f"{scale:g}": subjects(
            sorted_hits(list(judge(faulty, day.learnt, ground.enterprise, scaled(scale), last))), last, faulty, ground.enterprise
        )
        for scale in SCALES
    }
    return {
        "kind": kind.name, "size": size, "number": number, "night": str(day.date), "target": name,
        "queues": _effects(day, faulty, last), "caught": caught,
    }  # fmt: skip


def _day(ground: Ground, place: int, days: dict[int, Day]) -> Day:
    if place not in days:
        days[place] = load_day(place, ground.seen, ground.learnt, ground.enterprise, ground.lake)
    return days[place]


def _target(ground: Ground, day: Day, kind: Kind, rng: np.random.Generator, days: dict[int, Day]) -> tuple[str, Target] | None:
    items = day.items
    usable = {name for row, name in enumerate(ground.seen.queue_ids) if ground.learnt.usable[row, day.place]}
    fitting = items["channel"].isin(kind.channels) & items["queue_id"].isin(usable)
    column = "queue_id" if kind.scope == "queue" else "source"
    names = sorted(set(items.loc[fitting, column]))
    if kind.other == "queue":
        names = [name for name in names if items.loc[items[column] == name, "source"].map(_queues_of(items)).max() > 1]
    if not names:
        return None
    name = str(rng.choice(names))
    rows = (items[column] == name) & fitting
    source = items.loc[rows, "source"].iloc[0]
    others = sorted(set(items.loc[(items["source"] == source) & fitting, "queue_id"]) - {name})
    other = str(rng.choice(others)) if others else None
    again = items.iloc[:0]
    if kind.other == "day":
        if day.place - 7 not in ground.nights:
            return None
        before = _day(ground, day.place - 7, days)
        week = pd.Timedelta(days=7)
        again = before.items[before.items["source"] == source]
        again = again.assign(**{column: again[column] + week for column in ("came_at", "answered_at", "ended_at")})
    return name, Target(rows, other, again)


def _queues_of(items: pd.DataFrame) -> dict[str, int]:
    return {str(name): int(count) for name, count in items.groupby("source")["queue_id"].nunique().items()}


def _effects(day: Day, faulty: Observed, last: int) -> dict[str, list[float]]:
    """By queue that the fault touched: contacts before, volume after over before, mean handle time after over before."""
    before, after = (seen.daily["offered_contacts"][:, last] for seen in (day.seen, faulty))
    found = {}
    for row, name in enumerate(faulty.queue_ids):
        handle = [float(np.exp(handle_of(seen)[0][row, last])) for seen in (day.seen, faulty)]
        volume = after[row] / before[row] if before[row] > 0 else 1.0
        ratio = handle[1] / handle[0] if np.isfinite(handle[0]) and np.isfinite(handle[1]) and handle[0] > 0 else 1.0
        seconds = [seen.daily["handle_seconds"][row, last] for seen in (day.seen, faulty)]
        if np.nan_to_num(seconds[0]) > 0 and np.nan_to_num(seconds[1]) == 0:
            ratio = 0.0
        if abs(volume - 1) > 1e-9 or abs(ratio - 1) > 1e-9:
            found[name] = [float(before[row]), float(volume), float(ratio)]
    return found


def is_large(effect: Sequence[float]) -> bool:
    """Whether the queue-day's volume or handle time moved by 30 % or more."""
    return abs(effect[1] - 1) >= LARGE - 1e-9 or abs(effect[2] - 1) >= LARGE - 1e-9


def clean_hits(ground: Ground, scale: float) -> dict[date, list[Hit]]:
    """What the monitors say of the clean nights, by night."""
    first = min(ground.nights)
    hits = sorted_hits(list(judge(ground.seen, ground.learnt, ground.enterprise, scaled(scale), first)))
    found: dict[date, list[Hit]] = {ground.seen.dates[place]: [] for place in ground.nights}
    for hit in hits:
        if ground.seen.dates[hit.place] in found:
            found[ground.seen.dates[hit.place]].append(hit)
    return found


__all__ = ["BEFORE", "Ground", "clean_hits", "is_large", "run_trial", "scaled", "subjects"]
