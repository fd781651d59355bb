"""What the monitors say of planted faults and of clean nights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from enterprise.settings import Enterprise
from expectations.monitors.hit import Hit, sorted_hits
from expectations.monitors.observed import Observed
from expectations.monitors.rules import judge
from expectations.monitors.thresholds import CHOSEN, Thresholds
from faults.day import cut, with_last_day
from faults.trials import Ground, Trial

SCALES = (0.85, 1.0, 1.2)
"""The thresholds are multiplied by these to show the curve."""
Found = Mapping[tuple[str, str], float]
"""Strength of the evidence by rule and severity."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A trial and what was said of each queue."""

    trial: Trial
    night: date
    found: Mapping[str, Found]


def scaled(scale: float) -> Thresholds:
    """The chosen thresholds, all of them wider or narrower by the same factor."""
    return Thresholds(**{field.name: getattr(CHOSEN, field.name) * scale for field in dataclasses.fields(CHOSEN)})


def judged(ground: Ground, trials: Sequence[Trial], limits: Thresholds) -> list[Judged]:
    """Put every rule to each planted night, with what was learnt of the days before it."""
    found = []
    around: dict[int, tuple[Observed, Any]] = {}
    for trial in trials:
        night = ground.seen.dates[trial.place]
        if not trial.target:
            found.append(Judged(trial, night, {}))
            continue
        if trial.place not in around:
            around[trial.place] = (cut(ground.seen, trial.place, ground.seen), cut(ground.learnt, trial.place, ground.seen))
        seen, learnt = around[trial.place]
        last = len(seen.dates) - 1
        hits = sorted_hits(list(judge(with_last_day(seen, trial.last), learnt, ground.enterprise, limits, last)))
        found.append(Judged(trial, night, by_queue([hit for hit in hits if hit.place == last], seen, ground.enterprise)))
    return found


def by_queue(hits: Sequence[Hit], seen: Observed, enterprise: Enterprise) -> Mapping[str, Found]:
    """What speaks of each queue: by its name, its source, or the claims it works on."""
    found: dict[str, dict[tuple[str, str], float]] = {}
    for hit in hits:
        if hit.subject_kind == "queue":
            names = [hit.subject_id]
        elif hit.subject_kind == "source":
            names = [seen.queue_ids[row] for row in seen.sources.get(hit.subject_id, ())]
        else:
            names = [queue.id for queue in enterprise.queues.values() if hit.subject_id in queue.work_of_claims]
        for name in names:
            mine, key = found.setdefault(name, {}), (hit.rule, hit.severity)
            mine[key] = max(hit.strength, mine.get(key, 0.0))
    return found


def clean_hits(ground: Ground, limits: Thresholds) -> dict[date, list[Hit]]:
    """What the monitors say of the clean nights, by night."""
    first = min(ground.nights)
    hits = sorted_hits(list(judge(ground.seen, ground.learnt, ground.enterprise, limits, first)))
    found: dict[date, list[Hit]] = {ground.seen.dates[place]: [] for place in ground.nights}
    for hit in hits:
        if ground.seen.dates[hit.place] in found:
            found[ground.seen.dates[hit.place]].append(hit)
    return found
