"""One whole day of every group that has teams or blends, simulated beside what the plan promises of it. Pure."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from enterprise.errors import MODEL_FAILURES
from enterprise.queues import Queue
from enterprise.settings import Enterprise
from enterprise.shifts import StaffGroup
from staffing.audit import TWO_SIDED_95, audited_days, level_and_error, level_counts, open_spans
from staffing.blended_day import blended_day
from staffing.blended_simulation import BlendedDay, SimulatedBlend, simulate_blended_day
from staffing.day_simulation import ABANDONED, ANSWERED
from staffing.doors import BoolArray, FloatArray, IntArray
from staffing.handle_times import HandleTimes
from staffing.multi_skill import people_per_team
from staffing.team_simulation import TeamsDay, simulate_teams_day
from warehouse.tables.evidence import GROUP_AUDIT

logger = logging.getLogger(__name__)
_CONTACTS, _DAYS = 200_000, (40, 200)


@dataclass(frozen=True, eq=False)
class Planned:
    """The plan's rows of a night that the audit of groups reads.

    Attributes:
        positions: rows of STAFFING_INTERVAL.
        blended: rows of STAFFING_BLENDED.
        teams: rows of STAFF_GROUP_INTERVAL.
    """

    positions: pd.DataFrame
    blended: pd.DataFrame
    teams: pd.DataFrame


def audit_groups(
    planned: Planned, handle_times: Mapping[str, HandleTimes], enterprise: Enterprise, plan_date: date
) -> pd.DataFrame:
    """Simulate a day of each group with teams, and of each group that works items between calls and chats.

    With teams, contacts of shared queues go to an idle person of the team with the fewest skills. Between calls, items wait in
    one line per queue: once with people who put an item aside for the next call or chat, as the plan assumes, and once with
    people who finish it first. Handle times are those that history shows; a chat stays with whom it began.

    Args:
        planned: the night's plan.
        handle_times: by queue; exponential where there are none.
        enterprise: goals, groups and chat settings.
        plan_date: the night; it seeds the choice of the day and the simulation.

    Returns:
        Rows of GROUP_AUDIT. A group whose numbers cannot be simulated is left out with a warning in the log.
    """
    rows: list[dict[str, Any]] = []
    for name, group in sorted(enterprise.staff_groups.items()):
        generator = np.random.default_rng([plan_date.toordinal(), zlib.crc32(f"day of {name}".encode())])
        own = planned.positions[planned.positions["queue_id"].isin(group.queues)]
        day = audited_days(own, enterprise, plan_date).get(group.queues[0])
        own = own[own["business_date"] == day].sort_values(["queue_id", "interval_start_utc"])
        same = {"plan_date": plan_date, "staff_group": name, "business_date": day}
        try:
            if group.teams and len(own):
                teams = planned.teams[(planned.teams["staff_group"] == name) & (planned.teams["business_date"] == day)]
                rows += [same | row for row in _teams(generator, group, own, teams, handle_times, enterprise)]
            if group.blending and len(own):
                rows += [same | row for row in _blended(generator, group, own, planned.blended, handle_times, enterprise)]
        except MODEL_FAILURES as error:
            logger.warning("the day of %s is not audited (%s: %s)", name, type(error).__name__, error)
    nothing: pd.DataFrame = GROUP_AUDIT.arrow_schema.empty_table().to_pandas()
    if not rows:
        return nothing
    frame = pd.DataFrame(rows).sort_values(GROUP_AUDIT.key_names, ignore_index=True)
    optional = [column.name for column in GROUP_AUDIT.columns if column.name not in frame]
    return frame.assign(**dict.fromkeys(optional, np.nan))[GROUP_AUDIT.column_names]


def _runs(contacts: float) -> int:
    return int(np.clip(_CONTACTS / max(contacts, 1.0), *_DAYS))


def _factors(queues: list[Queue], handle_times: Mapping[str, HandleTimes]) -> list[FloatArray | None]:
    return [handle_times[queue.id].factors if queue.id in handle_times else None for queue in queues]


def _words(queues: list[Queue], handle_times: Mapping[str, HandleTimes]) -> str:
    real = all(queue.id in handle_times for queue in queues)
    return "handle times as history has them" if real else "handle times exponential where history has none"


def _reached(queue: Queue, wait: FloatArray, answered: BoolArray) -> tuple[float, float]:
    """Contacts of a day that reach the goal, and those that count for it."""
    outcome: IntArray = np.where(answered, ANSWERED, ABANDONED)
    counted, good = level_counts(queue.service_goal.definition, wait <= queue.service_goal.seconds, outcome)
    return float((good & counted).sum()), float(counted.sum())


def _levels(reached: list[list[float]], counted: list[list[float]]) -> list[dict[str, float]]:
    """Per queue, the simulated level with its interval; `reached` and `counted` by day and queue."""
    level, error = level_and_error(np.array(reached), np.array(counted))
    return [
        {
            "simulated_answered_fraction": float(np.clip(one, 0.0, 1.0)),
            "simulated_answered_fraction_low": float(np.clip(one - TWO_SIDED_95 * wide, 0.0, 1.0)),
            "simulated_answered_fraction_high": float(np.clip(one + TWO_SIDED_95 * wide, 0.0, 1.0)),
            "simulated_days": len(reached),
        }
        for one, wide in zip(level, error, strict=True)
    ]


def _hours(rows: pd.DataFrame, positions: str) -> float:
    return float((rows[positions] * rows["open_seconds"]).sum() / 3600.0)


def _about(queue: Queue, rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "queue_id": queue.id,
        "channel": str(queue.channel),
        "mean_offered_contacts": float(rows["mean_offered_contacts"].sum()),
        "position_hours": _hours(rows, "positions_required"),
        "goal_fraction": queue.service_goal.fraction,
    }


def _teams(
    generator: np.random.Generator,
    group: StaffGroup,
    rows: pd.DataFrame,
    teams: pd.DataFrame,
    handle_times: Mapping[str, HandleTimes],
    enterprise: Enterprise,
) -> list[dict[str, Any]]:
    shared = [name for name in group.queues if any(name in team.queues for team in group.teams.values())]
    rows = rows[rows["queue_id"].isin(shared) & (rows["mean_offered_contacts"] > 0)]
    queues = [enterprise.queues[name] for name in shared if name in set(rows["queue_id"])]
    starts = teams.sort_values("interval_start_utc").set_index("interval_start_utc")["positions"]
    if not len(starts) or not queues:
        return []

    def wide(column: str, otherwise: float) -> FloatArray:
        table = rows.pivot(index="interval_start_utc", columns="queue_id", values=column).reindex(index=starts.index)
        return np.asarray(table[[queue.id for queue in queues]].astype("float64").fillna(otherwise), dtype=np.float64)

    opened = rows.groupby("interval_start_utc")["open_seconds"].max().reindex(starts.index).fillna(0.0)
    begins, ends = open_spans(opened.reset_index(), starts.index[0])
    shares = np.array([team.share for team in group.teams.values()])
    skills = np.array([[queue.id in team.queues for queue in queues] for team in group.teams.values()])
    day = TeamsDay(
        begins,
        ends,
        wide("mean_offered_contacts", 0.0),
        wide("mean_handle_seconds", 1.0),
        wide("mean_patience_seconds", np.inf),
        np.array([people_per_team(int(people), shares) for people in starts]),
        np.array([queue.service_goal.seconds for queue in queues]),
        skills,
    )
    reached, counted = [], []
    for _ in range(_runs(day.contacts.sum())):
        place, wait, answered = simulate_teams_day(generator, day, _factors(queues, handle_times))
        found = [_reached(queue, wait[place == at], answered[place == at]) for at, queue in enumerate(queues)]
        reached.append([one for one, _ in found])
        counted.append([one for _, one in found])
    levels = _levels(reached, counted)
    together = float((starts * opened).sum() / 3600.0)
    words = f"calls by skill to {len(group.teams)} teams; {_words(queues, handle_times)}"
    return [
        _about(queue, rows[rows["queue_id"] == queue.id])
        | {"way_of_working": "teams", "position_hours": together, "planned_answered_fraction": queue.service_goal.fraction}
        | level
        | {"assumptions": words}
        for queue, level in zip(queues, levels, strict=True)
    ]


def _blended(
    generator: np.random.Generator,
    group: StaffGroup,
    rows: pd.DataFrame,
    blended: pd.DataFrame,
    handle_times: Mapping[str, HandleTimes],
    enterprise: Enterprise,
) -> list[dict[str, Any]]:
    here = set(rows.loc[rows["positions_required"] > 0, "queue_id"])
    live = [enterprise.queues[name] for name in group.queues if name in here and not enterprise.queues[name].is_deferred]
    names = () if group.blending is None else group.blending.queues
    waiting = [enterprise.queues[name] for name in names if name in set(blended["queue_id"])]
    if not live or not waiting:
        return []
    day, due = blended_day(group, live, waiting, rows, blended)
    runs = _runs(day.live.contacts.sum() + day.items.contacts.sum())
    found: list[dict[str, Any]] = []
    for way, words in (("put_aside", "items put aside for the next contact"), ("finished_first", "items finished first")):
        days = [
            simulate_blended_day(
                generator, day, _factors(live, handle_times), _factors(waiting, handle_times), put_aside=way == "put_aside"
            )
            for _ in range(runs)
        ]
        same = {"way_of_working": way, "assumptions": f"{words}; {_words(live, handle_times)}; chats stay where they began"}
        found += [same | row for row in _live_rows(days, live, rows)]
        found += [same | row for row in _waiting_rows(days, day, waiting, rows, due)]
    return found


def _live_rows(days: list[SimulatedBlend], live: list[Queue], rows: pd.DataFrame) -> list[dict[str, Any]]:
    pairs = [
        [_reached(queue, one.wait_seconds[one.queue == at], one.is_answered[one.queue == at]) for at, queue in enumerate(live)]
        for one in days
    ]
    levels = _levels([[of for of, _ in pair] for pair in pairs], [[of for _, of in pair] for pair in pairs])
    made = []
    for queue, level in zip(live, levels, strict=True):
        own = rows[rows["queue_id"] == queue.id]
        weights = own["mean_offered_contacts"].to_numpy(dtype=np.float64)
        planned = np.average(own["answered_fraction"].to_numpy(dtype=np.float64), weights=weights) if weights.sum() else 1.0
        made.append(_about(queue, own) | {"planned_answered_fraction": float(planned)} | level)
    return made


def _waiting_rows(
    days: list[SimulatedBlend], day: BlendedDay, waiting: list[Queue], rows: pd.DataFrame, due: list[pd.DataFrame]
) -> list[dict[str, Any]]:
    """Of each queue whose items wait: `due` are the blended plan's rows of the day, as `blended_day` gives them."""
    kept = [[_kept_in_time(one.item_done[one.item_queue == at], of) for at, of in enumerate(due)] for one in days]
    asked = [[float(of["due_items"].sum()) for of in due] for _ in days]
    made = []
    for at, (queue, of, level) in enumerate(zip(waiting, due, _levels(kept, asked), strict=True)):
        asked_for, late = float(of["due_items"].sum()), float(of["breached_items"].sum())
        done = [int(np.isfinite(one.item_done[one.item_queue == at]).sum()) for one in days]
        made.append(
            _about(queue, rows[rows["queue_id"] == queue.id])
            | {
                "position_hours": float((of["ring_fenced_positions"] * (of["ends"] - of["begins"])).sum() / 3600.0),
                "planned_answered_fraction": float(np.clip(1.0 - late / asked_for, 0.0, 1.0)) if asked_for > 0 else 1.0,
                "planned_gap_hours": float(of["gap_hours"].sum()),
                "simulated_gap_hours": float(np.mean([one.gap_seconds[at] for one in days])) / 3600.0,
                "planned_completed_items": float(of["completed_items"].sum()),
                "simulated_completed_items": float(np.mean(done)),
            }
            | level
        )
    return made


def _kept_in_time(done: FloatArray, due: pd.DataFrame) -> float:
    """Items of those due on the day that are completed by the end of the interval in which they are due, oldest first."""
    by_then = np.searchsorted(np.sort(done), due["ends"].to_numpy(dtype=np.float64), side="right")
    late = np.clip(due["needed_items"].to_numpy(dtype=np.float64) - by_then, 0.0, due["due_items"].to_numpy(dtype=np.float64))
    return float(due["due_items"].sum() - late.sum())
