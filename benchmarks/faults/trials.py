"""Planting faults into clean nights; what the monitors would see of each night is kept, so that it can be judged again."""

from __future__ import annotations

import ast
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from expectations.monitors.learnt import Learnt, handle_of
from expectations.monitors.observed import Observed
from expectations.monitors.profiles import FEEDS_SQL, PROFILES_SQL
from faults.day import Day, last_day, load_day, with_items
from faults.kinds import Kind, Target
from warehouse.lake import Lake

LARGE = 0.30
_MADE_BY = ("day.py", "kinds.py", "trials.py")


@dataclass(frozen=True, eq=False)
class Ground:
    """Where faults are planted: clean days, what was seen of them and what was learnt before them."""

    enterprise: Enterprise
    lake: Lake
    seen: Observed
    learnt: Learnt
    nights: Sequence[int]


@dataclass(frozen=True, eq=False)
class Trial:
    """A fault in a night.

    Attributes:
        kind, size, number: what was planted, and the how manieth of its like.
        place: the night.
        target: queue or feed that was hit; "" if there was nothing to plant it into.
        effects: by queue that it touched: contacts before, volume after over before, mean handle time after over before.
        last: what was seen of the night, by name.
    """

    kind: str
    size: float
    number: int
    place: int
    target: str
    effects: dict[str, list[float]]
    last: dict[str, Any]


def kept_trial(ground: Ground, kind: Kind, size: float, number: int, days: dict[int, Day], folder: Path) -> Trial:
    """One fault, planted now or read from `folder` if it was planted before by the same code."""
    path = folder / f"planted-{_made_by(ground)}" / f"{zlib.crc32(kind.name.encode()):08x}-{round(100 * size)}-{number}.npz"
    if not path.exists():
        trial = _planted(ground, kind, size, number, days)
        path.parent.mkdir(parents=True, exist_ok=True)
        words = json.dumps({"place": trial.place, "target": trial.target, "effects": trial.effects})
        np.savez(path.with_suffix(".part.npz"), words=np.array(words), **trial.last)
        path.with_suffix(".part.npz").rename(path)
        return trial
    with np.load(path) as kept:
        told = json.loads(str(kept["words"]))
        return Trial(kind.name, size, number, **told, last={name: kept[name] for name in kept.files if name != "words"})


@cache
def _made_by(ground: Ground) -> str:
    """What planted observations rest on: this code but for its comments and layout, the monitors' SQL, and the lake."""
    code = [ast.dump(ast.parse(Path(__file__).with_name(name).read_text())) for name in _MADE_BY]
    lake = f"{ground.seen.dates[0]} {ground.seen.dates[-1]} {np.nansum(ground.seen.daily['offered_contacts']):.0f}"
    return f"{zlib.crc32(''.join([*code, PROFILES_SQL, FEEDS_SQL, lake]).encode()):08x}"


def _planted(ground: Ground, kind: Kind, size: float, number: int, days: dict[int, Day]) -> Trial:
    rng = np.random.default_rng([zlib.crc32(kind.name.encode()), round(size * 100), number])
    place = int(rng.choice(ground.nights))
    day = _day(ground, place, days)
    target = _target(ground, day, kind, rng, days)
    if target is None:
        return Trial(kind.name, size, number, place, "", {}, {})
    name, hit = target
    items = kind.plant(day.items, hit, size, rng).reset_index(drop=True)
    week = pd.Timedelta(days=7)
    earlier = hit.other_day.assign(came_at=hit.other_day["came_at"] - week)
    faulty = with_items(day, items, earlier, ground.enterprise)
    return Trial(kind.name, size, number, place, name, _effects(day, faulty, len(faulty.dates) - 1), last_day(faulty))


def _day(ground: Ground, place: int, days: dict[int, Day]) -> Day:
    if place not in days:
        days[place] = load_day(place, ground.seen, ground.enterprise, ground.lake)
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
