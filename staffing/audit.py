"""The simulation audit: what the plan predicts beside what an event simulation of the same positions does. Pure."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from enterprise.queues import Queue
from enterprise.settings import Enterprise
from staffing.day_simulation import ABANDONED, ANSWERED, DayOfWork, SimulatedContacts, simulate_day
from staffing.doors import BoolArray, FloatArray, IntArray
from staffing.handle_times import HandleTimes
from warehouse.tables.evidence import SIMULATION_AUDIT

logger = logging.getLogger(__name__)
ONE_POINT = 0.01
INTERVALS_PER_QUEUE = 4
MOST_QUEUES = 24
"""Simulated in a night; where there are more, night after night the next ones, so that each has its turn."""
_FIRST_CONTACTS, _MOST_CONTACTS = 100_000, 800_000
_BATCHES = 20
_WANTED_ERROR = 0.002
"""Standard error of the simulated service level that is simulated for: noise well below the point that is asked for."""
_DAY_CONTACTS, _DAY_RUNS = 600_000, (40, 1000)
TWO_SIDED_95 = 2.0  # of Student's t with about 20 degrees of freedom or more


@dataclass(frozen=True, eq=False)
class _Seen:
    """What a simulation saw of each period: level with its error, and the other measures."""

    level: FloatArray
    error: FloatArray
    abandoned: FloatArray
    wait: FloatArray
    contacts: IntArray


def audit_plan(
    positions: pd.DataFrame, handle_times: Mapping[str, HandleTimes], enterprise: Enterprise, plan_date: date
) -> pd.DataFrame:
    """Simulate a seeded sample of a night's live intervals, and one whole day of every staff group.

    An interval is simulated as the formulas see it, in a steady state; a day with its changing arrivals and positions and with
    what each interval leaves to the next. Both twice: with the model's own exponential handle times (chats moved so that they
    stay evenly spread, as the chain assumes), and with the distribution that history shows (a chat stays where it began).

    Args:
        positions: rows of STAFFING_INTERVAL of the night; those of work that can wait are left alone.
        handle_times: by queue; a queue without is simulated under the model's assumptions only.
        enterprise: goals, chat settings and staff groups.
        plan_date: the night; it seeds the sample and the simulation, so the same plan gives the same audit.

    Returns:
        Rows of SIMULATION_AUDIT. A queue whose numbers cannot be simulated is left out with a warning in the log.
    """
    live = positions[(positions["staffing_model"] != "deferred") & (positions["mean_offered_contacts"] > 0)]
    days = audited_days(live, enterprise, plan_date)
    live = live[live["queue_id"].isin(queues_of_night(set(live["queue_id"].astype("str")), plan_date))]
    parts = [SIMULATION_AUDIT.arrow_schema.empty_table().to_pandas()]
    for queue_id, rows in live.groupby("queue_id", sort=True):
        queue = enterprise.queues[str(queue_id)]
        own = rows[rows["positions_required"] > 0].sort_values("interval_start_utc").reset_index(drop=True)
        generator = np.random.default_rng([plan_date.toordinal(), zlib.crc32(queue.id.encode())])
        try:
            for kind, handle in _kinds(handle_times.get(queue.id)):
                sample = _sample(own, plan_date, queue)
                seen = [_steady(generator, queue, row, handle) for _, row in own.iloc[sample].iterrows()]
                parts.append(_rows(own.iloc[sample], seen, "interval", kind, handle))
                day = own[own["business_date"] == days.get(queue.id)].reset_index(drop=True)
                if len(day):
                    parts.append(_rows(day, [_whole_day(generator, queue, day, handle)], "day", kind, handle))
        except (ValueError, ArithmeticError, LookupError) as error:  # what numbers that no simulation can take raise
            logger.warning("%s is not audited (%s: %s)", queue.id, type(error).__name__, error)
    audit: pd.DataFrame = pd.concat(parts, ignore_index=True).sort_values(SIMULATION_AUDIT.key_names)
    return audit[SIMULATION_AUDIT.column_names]


def queues_of_night(queues: Collection[str], plan_date: date) -> list[str]:
    """Which queues are simulated in a night.

    Example:
        >>> many = [f"line_{number:03d}" for number in range(60)]
        >>> nights = [queues_of_night(many, date(2026, 11, day)) for day in (11, 12, 13)]
        >>> len(nights[0]), len({queue for night in nights for queue in night})
        (24, 60)
    """
    ordered = sorted(queues)
    if len(ordered) <= MOST_QUEUES:
        return ordered
    first = plan_date.toordinal() * MOST_QUEUES
    return [ordered[(first + place) % len(ordered)] for place in range(MOST_QUEUES)]


def _kinds(observed: HandleTimes | None) -> list[tuple[str, HandleTimes | None]]:
    return [("exponential", None)] if observed is None else [("exponential", None), ("observed", observed)]


def _sample(rows: pd.DataFrame, plan_date: date, queue: Queue) -> IntArray:
    """Places of the intervals that are audited: the same ones for both kinds of handle times."""
    chosen = np.random.default_rng([zlib.crc32(queue.id.encode()), plan_date.toordinal()])
    return np.sort(chosen.choice(len(rows), size=min(INTERVALS_PER_QUEUE, len(rows)), replace=False))


def audited_days(live: pd.DataFrame, enterprise: Enterprise, plan_date: date) -> dict[str, date]:
    """Queue -> the day on which its group is simulated whole; a queue in no group has a day of its own."""
    groups = {name: list(group.queues) for name, group in sorted(enterprise.staff_groups.items())}
    grouped = {queue for queues in groups.values() for queue in queues}
    groups |= {queue: [queue] for queue in sorted(set(live["queue_id"].astype("str")) - grouped)}
    chosen: dict[str, date] = {}
    for name, queues in groups.items():
        open_queues = live[live["queue_id"].isin(queues)].groupby("business_date")["queue_id"].nunique()
        if len(open_queues):
            open_days = list(open_queues.index[open_queues == open_queues.max()])  # of days on which most of them are open
            place = np.random.default_rng([plan_date.toordinal(), zlib.crc32(name.encode())]).integers(len(open_days))
            chosen |= {queue: open_days[place] for queue in queues}
    return chosen


def _steady(generator: np.random.Generator, queue: Queue, row: pd.Series, handle: HandleTimes | None) -> _Seen:
    """One interval for ever: long enough that chance is small beside a point."""
    contacts = _FIRST_CONTACTS
    while True:
        seconds = row["open_seconds"] / row["mean_offered_contacts"] * contacts
        day = _day_of_work(queue, row.to_frame().T, np.array([0.0]), np.array([seconds]), np.array([float(contacts)]))
        found = simulate_day(generator, day, None if handle is None else handle.factors, evenly=handle is None)
        kept = slice(len(found.period) // 20, None)  # the queue began empty
        batch = np.arange(len(found.period[kept])) * _BATCHES // len(found.period[kept])
        seen = _measured(queue, found, kept, batch, np.zeros_like(batch), _BATCHES, 1)
        wanted = min(int(contacts * (seen.error[0] / _WANTED_ERROR) ** 2), _MOST_CONTACTS)
        if wanted <= 1.2 * contacts:
            return seen
        contacts = wanted


def _whole_day(generator: np.random.Generator, queue: Queue, rows: pd.DataFrame, handle: HandleTimes | None) -> _Seen:
    """A day many times over, each from an empty queue."""
    begins, ends = open_spans(rows, rows["interval_start_utc"].iloc[0])
    offered = rows["mean_offered_contacts"].to_numpy(dtype=np.float64)
    day = _day_of_work(queue, rows, begins, ends, offered)
    runs = int(np.clip(_DAY_CONTACTS / max(offered.sum(), 1.0), *_DAY_RUNS))
    factors = None if handle is None else handle.factors
    found = [simulate_day(generator, day, factors, evenly=handle is None) for _ in range(runs)]
    whole = SimulatedContacts(
        *(np.concatenate([getattr(one, name) for one in found]) for name in ("period", "wait_seconds", "outcome"))
    )
    run = np.repeat(np.arange(runs), [len(one.period) for one in found])
    return _measured(queue, whole, slice(None), run, whole.period, runs, len(rows))


def open_spans(rows: pd.DataFrame, zero: pd.Timestamp) -> tuple[FloatArray, FloatArray]:
    """Seconds after `zero` at which a queue's open part of each interval begins and ends."""
    begins = (rows["interval_start_utc"] - zero).dt.total_seconds().to_numpy(dtype=np.float64)
    length = float(np.diff(begins).min()) if len(begins) > 1 else float(rows["open_seconds"].iloc[0])
    opens = rows["open_seconds"].to_numpy(dtype=np.float64)
    after_pause = np.r_[True, np.diff(begins) > length]  # a queue that opens within an interval is open at its end
    opened: FloatArray = np.asarray(begins + np.where(after_pause, np.maximum(length - opens, 0.0), 0.0), dtype=np.float64)
    closed: FloatArray = np.asarray(opened + opens, dtype=np.float64)
    return opened, closed


def _day_of_work(queue: Queue, rows: pd.DataFrame, begins: FloatArray, ends: FloatArray, contacts: FloatArray) -> DayOfWork:
    chat = queue.channel == "chat"
    return DayOfWork(
        begins=begins,
        ends=ends,
        contacts=contacts,
        positions=rows["positions_required"].to_numpy(dtype=np.int64),
        handle_seconds=rows["mean_handle_seconds"].to_numpy(dtype=np.float64),
        patience_seconds=np.asarray(rows["mean_patience_seconds"].astype("float64").fillna(np.inf), dtype=np.float64),
        concurrency=queue.chat.concurrency if chat else 1,
        slowdown=queue.chat.slowdown_per_extra_chat if chat else 0.0,
    )


def _measured(
    queue: Queue, found: SimulatedContacts, kept: slice, batch: IntArray, period: IntArray, batches: int, periods: int
) -> _Seen:
    """Measures per period, with the error that independent batches show."""
    wait, outcome = found.wait_seconds[kept], found.outcome[kept]
    counted, good = level_counts(queue.service_goal.definition, wait <= queue.service_goal.seconds, outcome)
    place = batch * periods + period

    def summed(values: FloatArray) -> FloatArray:
        sums: FloatArray = np.bincount(place, weights=values, minlength=batches * periods).astype(np.float64)
        return sums.reshape(batches, periods)

    level, error = level_and_error(summed((good & counted).astype(np.float64)), summed(counted.astype(np.float64)))
    offered = summed(np.ones_like(wait)).sum(axis=0)
    some = np.maximum(offered, 1.0)
    abandoned = summed((outcome == ABANDONED).astype(np.float64)).sum(axis=0) / some
    return _Seen(level, error, abandoned, summed(wait).sum(axis=0) / some, offered.astype(np.int64))


def level_and_error(reached: FloatArray, counted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of what is counted that reached its goal, and its standard error, from independent batches (rows)."""
    batches = len(counted)
    whole: FloatArray = np.asarray(counted.sum(axis=0), dtype=np.float64)
    level: FloatArray = np.divide(reached.sum(axis=0), whole, out=np.ones_like(whole), where=whole > 0)
    spread = np.sqrt(((reached - level * counted) ** 2).sum(axis=0) * batches / (batches - 1))
    error: FloatArray = np.divide(spread, whole, out=np.zeros_like(whole), where=whole > 0)
    return level, error


def level_counts(definition: str, within: BoolArray, outcome: IntArray) -> tuple[BoolArray, BoolArray]:
    """Which contacts a service level counts, and which of all contacts reach it (`staffing.goals.Goal`)."""
    answered = outcome == ANSWERED
    everybody = np.ones_like(answered)
    if definition == "of_answered":
        return answered, within & answered
    if definition == "excluding_short_abandons":
        return answered | ~within, within & answered
    return everybody, within if definition == "wait_within" else within & answered


def _rows(rows: pd.DataFrame, seen: list[_Seen], scope: str, kind: str, handle: HandleTimes | None) -> pd.DataFrame:
    level, error, abandoned, wait, contacts = (
        np.concatenate([getattr(one, name) for one in seen]) for name in ("level", "error", "abandoned", "wait", "contacts")
    )
    predicted = rows["answered_fraction"].to_numpy(dtype=np.float64)
    same = ["plan_date", "queue_id", "interval_start_utc", "business_date", "channel", "mean_offered_contacts"]
    return rows[same].assign(
        scope=scope,
        handle_times=kind,
        positions=rows["positions_required"],
        predicted_answered_fraction=predicted,
        simulated_answered_fraction=level,
        simulated_answered_fraction_low=np.clip(level - TWO_SIDED_95 * error, 0.0, 1.0),
        simulated_answered_fraction_high=np.clip(level + TWO_SIDED_95 * error, 0.0, 1.0),
        predicted_abandoned_fraction=rows["abandoned_fraction"],
        simulated_abandoned_fraction=abandoned,
        predicted_mean_wait_seconds=rows["mean_wait_seconds"],
        simulated_mean_wait_seconds=wait,
        simulated_contacts=contacts,
        within_one_point=np.abs(level - predicted) <= ONE_POINT,
        assumptions="handle times as the model has them: exponential" if handle is None else handle.words,
    )
