"""Real calls: a bank's by five minutes and a county's emergency calls by half hour, as history tells of them (no single rows)."""

from __future__ import annotations

import dataclasses
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.settings import Enterprise, load_enterprise
from expectations.monitors.hit import Hit
from expectations.monitors.learnt import Learnt, learn
from expectations.monitors.observed import DAILY, Observed, observe
from expectations.monitors.rules import judge
from expectations.monitors.thresholds import CHOSEN
from expectations.monitors.watched import Watched

Floats = npt.NDArray[np.float64]

_SETTINGS = """
name = "Real calls"
time_zone = "{zone}"
country = "US"
[storage]
lake_url = "lake"
planbook_folder = "planbook"
[sites]
main = "Main"
[lines_of_business]
service = "Service"
[opening_hours.open]
{hours}
{queues}
[sources.acd]
kind = "asterisk_queue_log"
url = "exports/queue_log*"
queues = {{ {names} }}
"""
_QUEUE = """
[queues.{name}]
name = "{name}"
channel = "voice"
line_of_business = "service"
site = "main"
opening_hours = "open"
service_goal = {{ definition = "of_offered", fraction = 0.8, seconds = 20 }}
mean_handle_seconds_prior = 300
mean_patience_seconds_prior = 120
"""
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WARM_UP_DAYS = 56


@dataclass(frozen=True)
class RealResult:
    """What came of one data set: clean nights, those with an alarm and what it was, planted large faults and those caught."""

    nights: int
    alarms: list[str]
    planted: dict[str, tuple[int, int]]


def real_results(shared: Path, trials: int) -> dict[str, RealResult | str]:
    """Results by data set; a sentence where a data set is not there."""
    found: dict[str, RealResult | str] = {}
    for name, make in (("bank_calls", _bank), ("montgomery_911", _county)):
        folder = shared / "data" / name
        found[name] = _result(*make(folder), trials) if folder.exists() else f"skipped: {name} is not in the shared data"
    found["anonymous_bank_january"] = "one month: shorter than the 35 open days that a queue's count needs before it is judged"
    return found


def _bank(folder: Path) -> tuple[Enterprise, pd.DataFrame]:
    calls = pd.read_csv(folder / "bank_calls_5min.csv", parse_dates=["timestamp"])
    frame = pd.DataFrame({"local": calls["timestamp"], "queue_id": "bank", "offered_contacts": calls["calls"]})
    hours = "\n".join(f'{day} = ["07:00-21:30"]' for day in _WEEK[:5])
    return _enterprise("America/New_York", hours, ["bank"]), frame


def _county(folder: Path) -> tuple[Enterprise, pd.DataFrame]:
    calls = pd.read_csv(folder / "interval_30min_by_category.csv", parse_dates=["timestamp"])
    frame = calls.melt("timestamp", var_name="queue_id", value_name="offered_contacts").rename(columns={"timestamp": "local"})
    frame["queue_id"] = frame["queue_id"].str.lower()
    hours = "\n".join(f'{day} = ["00:00-24:00"]' for day in _WEEK) + "\nopen_on_holidays = true"
    return _enterprise("America/New_York", hours, ["ems", "fire", "traffic"]), frame


def _enterprise(zone: str, hours: str, names: list[str]) -> Enterprise:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "enterprise.toml")
        queues = "".join(_QUEUE.format(name=name) for name in names)
        mapped = ", ".join(f'{name} = "{name}"' for name in names)
        path.write_text(_SETTINGS.format(zone=zone, hours=hours, queues=queues, names=mapped))
        return load_enterprise(path, {}, Path(folder))


def _result(enterprise: Enterprise, calls: pd.DataFrame, trials: int) -> RealResult:
    seen = _observed(enterprise, calls)
    learnt = learn(seen, enterprise, CHOSEN)
    nights = list(range(_WARM_UP_DAYS, len(seen.dates)))
    alarms: dict[int, list[Hit]] = {}
    for hit in judge(seen, learnt, enterprise, CHOSEN, _WARM_UP_DAYS):
        alarms.setdefault(hit.place, []).append(hit)
    words = [
        f"{seen.dates[place]} {', '.join(sorted({f'{hit.rule} {hit.subject_id}' for hit in hits}))}"
        for place, hits in sorted(alarms.items())
    ]
    return RealResult(len(nights), words, _planted(enterprise, seen, learnt, [n for n in nights if n not in alarms], trials))


def _observed(enterprise: Enterprise, calls: pd.DataFrame) -> Observed:
    local = calls["local"].dt.floor("30min").dt.tz_localize(enterprise.time_zone, ambiguous=True, nonexistent="shift_forward")
    intervals = calls.assign(interval_start_utc=local.dt.tz_convert("UTC"), business_date=calls["local"].dt.date)
    days = intervals.groupby(["queue_id", "business_date"], as_index=False)["offered_contacts"].sum()
    daily = days.assign(source_complete=True, **{name: np.nan for name in DAILY if name != "offered_contacts"})
    claims = pd.DataFrame(
        {"line_of_business": [], "peril": [], "business_date": [], "reported_claims": [], "source_complete": []}
    )
    profiles = pd.DataFrame({"queue_id": [], "business_date": [], "content_mark": []})
    feeds = pd.DataFrame({"source_system": [], "business_date": []})
    last: date = max(days["business_date"]) - timedelta(days=1)
    return observe(Watched(daily, intervals, claims, profiles, feeds), enterprise, last)


def _planted(
    enterprise: Enterprise, seen: Observed, learnt: Learnt, nights: list[int], trials: int
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for name, plant in _PLANTS.items():
        caught = planted = 0
        for number in range(trials * 4):
            rng = np.random.default_rng([zlib.crc32(name.encode()), number])
            place, row = int(rng.choice(nights)), int(rng.integers(len(seen.queue_ids)))
            offset = len(seen.dates) - seen.slots.shape[1]
            before = seen.slots[row, place - offset]
            if not learnt.usable[row, place] or before.sum() == 0:
                continue
            after = plant(before, seen.slots[row, place - offset - 7], rng)
            if abs(after.sum() / before.sum() - 1) < 0.3 and name not in ("moved by an hour", "day of a week ago"):
                continue
            slots, daily = seen.slots.copy(), {key: value.copy() for key, value in seen.daily.items()}
            slots[row, place - offset] = after
            daily["offered_contacts"][row, place] = after.sum()
            faulty = dataclasses.replace(seen, slots=slots, daily=daily)
            hits = judge(faulty, learnt, enterprise, CHOSEN, place)
            planted += 1
            caught += any(hit.place == place and hit.subject_id == seen.queue_ids[row] for hit in hits)
        found[name] = (caught, planted)
    return found


def _thin(share: float) -> Callable[[Floats, Floats, np.random.Generator], Floats]:
    return lambda before, other, rng: rng.binomial(before.astype(np.int64), 1 - share).astype(np.float64)


def _more(share: float) -> Callable[[Floats, Floats, np.random.Generator], Floats]:
    return lambda before, other, rng: before + rng.binomial(before.astype(np.int64), share)


def _end(share: float) -> Callable[[Floats, Floats, np.random.Generator], Floats]:
    return lambda before, other, rng: np.where(before.cumsum() > (1 - share) * before.sum(), 0.0, before)


def _stretch(share: float) -> Callable[[Floats, Floats, np.random.Generator], Floats]:
    def plant(before: Floats, other: Floats, rng: np.random.Generator) -> Floats:
        begin, part = rng.uniform(0, 1 - share), before.cumsum() / before.sum()
        return np.where((part > begin) & (part <= begin + share), 0.0, before)

    return plant


_PLANTS: dict[str, Callable[[Floats, Floats, np.random.Generator], Floats]] = {
    "35 % lost at random": _thin(0.35),
    "50 % lost at random": _thin(0.5),
    "90 % lost": _thin(0.9),
    "last 40 % lost": _end(0.4),
    "stretch of 40 % lost": _stretch(0.4),
    "35 % more": _more(0.35),
    "50 % more": _more(0.5),
    "twice as many": _more(1.0),
    "moved by an hour": lambda before, other, rng: np.roll(before, 2),
    "day of a week ago": lambda before, other, rng: other,
}
