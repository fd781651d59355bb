"""What really happened, kept aside for tests: Parquet files that the pipeline never reads.

contacts_interval.parquet  per queue and half hour of arrival, before dirt: offered (every entry into the queue), offered_first
                           (without legs that were handed on from another queue), answered, abandoned, short_abandoned
                           (within 5 seconds), timed_out, transferred; for deferred work answered = completed sooner or later
                           before the end, and completed counts by the half hour of completion.
lag_kernels.parquet        expected contacts per claim by line of business, peril, target queue and lag in calendar days.
letter_kernels.parquet     expected contacts per letter of a mailing by target queue and lag in calendar days.
claim_contacts.parquet     every contact that a claim caused: claim, queue, planned lag, arrival.
storms.parquet             code, day, expected claims, drawn claims, share of each region.
day_factors.parquet        the hidden gamma factor of every queue and day.
agents_present.parquet     agents ready for each queue, mean over the half hour (before overtime of running contacts).
dirt.parquet               every piece of planted dirt.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from demo import switch
from demo.case_exports import CaseTable
from demo.claims import CLASSES
from demo.clock import BoolArray, FloatArray, IntArray
from demo.dirt import Dirt
from demo.lead import TARGETS, kernel
from demo.mailings import CONTACTS_PER_LETTER, letter_kernel
from demo.names import claim_ids
from demo.queues import QUEUES, queues_of
from demo.world import World

HALF_HOUR = 1800
SHORT_ABANDON_SECONDS = 5
_MEASURES = ("offered", "offered_first", "answered", "abandoned", "short_abandoned", "timed_out", "transferred", "completed")


def contact_counts(world: World, cases: CaseTable) -> pa.Table:
    """Counts per queue and half hour over the written days, rows with nothing left out."""
    clock = world.clock
    begin, until = int(clock.midnight[clock.first]), clock.end
    intervals = (until - begin) // HALF_HOUR
    counts = np.zeros((len(_MEASURES), len(QUEUES), intervals), np.int64)

    def add(measure: str, queue: IntArray, moment: IntArray, mask: BoolArray) -> None:
        inside = mask & (moment >= begin) & (moment < until)
        np.add.at(
            counts[_MEASURES.index(measure)], (queue[inside], (moment[inside] - begin) // HALF_HOUR), 1
        )  # fmt: skip

    legs = world.legs
    queue = np.array(queues_of("voice"))[legs.queue]
    ended = legs.ended < until
    waited = legs.ended - legs.entered
    add("offered", queue, legs.entered, legs.entered >= 0)
    add("offered_first", queue, legs.entered, legs.number == 1)
    add("answered", queue, legs.entered, (legs.connected >= 0) & (legs.connected < until))
    gone = (legs.outcome == switch.ABANDONED) & ended
    add("abandoned", queue, legs.entered, gone)
    add("short_abandoned", queue, legs.entered, gone & (waited <= SHORT_ABANDON_SECONDS))
    add("timed_out", queue, legs.entered, (legs.outcome == switch.TIMED_OUT) & ended)
    add("transferred", queue, legs.entered, (legs.outcome == switch.BLIND_TRANSFER) & ended)
    add("completed", queue, legs.ended, legs.connected >= 0)
    chats = world.chats
    queue = np.array(queues_of("chat"))[chats.queue]
    every = np.ones(len(queue), np.bool_)
    add("offered", queue, chats.entered, every)
    add("offered_first", queue, chats.entered, chats.previous < 0)
    add("answered", queue, chats.entered, chats.connected >= 0)
    add("abandoned", queue, chats.entered, chats.connected < 0)
    add("short_abandoned", queue, chats.entered, (chats.connected < 0) & (chats.ended - chats.entered <= SHORT_ABANDON_SECONDS))
    add("transferred", queue, chats.entered, chats.following >= 0)
    add("completed", queue, chats.ended, chats.connected >= 0)
    deferred = [
        (np.full(len(items.arrived), index, np.int64), items.arrived, items.finished)
        for index, items in world.items.items()
        if QUEUES[index].channel != "cases"
    ]
    deferred.append((cases.queue, cases.created, cases.closed))
    for queue, arrived, finished in deferred:
        every = np.ones(len(queue), np.bool_)
        add("offered", queue, arrived, every)
        add("offered_first", queue, arrived, every)
        add("answered", queue, arrived, (finished >= 0) & (finished < until))
        add("completed", queue, finished, finished >= 0)
    row, slot = np.nonzero(counts.sum(axis=0))
    columns = {"queue_id": pa.array([QUEUES[index].queue_id for index in row])}
    columns["interval_start_utc"] = _utc(begin + slot * HALF_HOUR)
    for position, measure in enumerate(_MEASURES):
        columns[measure] = pa.array(counts[position, row, slot])
    return pa.table(columns)


def _utc(seconds: IntArray) -> pa.Array:
    return pa.array(np.asarray(seconds, np.int64) * 1_000_000).cast(pa.timestamp("us", tz="UTC"))


def kernel_table() -> pa.Table:
    """The hidden kernel, one row per class, target queue and lag."""
    beta = kernel()
    which, target, lag = (grid.ravel() for grid in np.indices(beta.shape))
    return pa.table(
        {
            "line_of_business": [CLASSES[index][0] for index in which],
            "peril": [CLASSES[index][1] for index in which],
            "queue_id": [TARGETS[index] for index in target],
            "lag_day": lag,
            "contacts_per_claim": beta.ravel(),
        }
    )


def letter_table() -> pa.Table:
    """The hidden kernel of mailings, one row per target queue and lag."""
    beta = letter_kernel()
    target, lag = (grid.ravel() for grid in np.indices(beta.shape))
    queues = list(CONTACTS_PER_LETTER)
    return pa.table({"queue_id": [queues[index] for index in target], "lag_day": lag, "contacts_per_letter": beta.ravel()})


def presence(world: World) -> FloatArray:
    """Mean number of agents ready per queue and half hour of the written days."""
    clock, spans = world.clock, world.spans
    begin = int(clock.midnight[clock.first])
    intervals = (clock.end - begin) // HALF_HOUR
    ready = spans.take((spans.kind == 0) & ~spans.absent & (spans.actual_until > begin) & (spans.actual_begin < clock.end))
    out = np.zeros((len(QUEUES), intervals))
    since = np.clip(ready.actual_begin - begin, 0, intervals * HALF_HOUR)
    till = np.clip(ready.actual_until - begin, 0, intervals * HALF_HOUR)
    for step in range(int(((till - 1) // HALF_HOUR - since // HALF_HOUR).max(initial=0)) + 1):
        slot = since // HALF_HOUR + step
        seconds = np.minimum(till, (slot + 1) * HALF_HOUR) - np.maximum(since, slot * HALF_HOUR)
        used = seconds > 0
        np.add.at(out, (ready.queue[used], slot[used]), seconds[used] / HALF_HOUR)
    return out


def write_truth(world: World, cases: CaseTable, dirt: Dirt, folder: Path) -> None:
    """Write every truth table into `folder`, which exists."""
    clock, contacts = world.clock, world.claim_contacts
    days = slice(clock.first, clock.last + 1)
    tables = {"contacts_interval": contact_counts(world, cases), "lag_kernels": kernel_table(), "letter_kernels": letter_table()}
    seen = contacts.arrived < clock.end
    tables["claim_contacts"] = pa.table(
        {
            "claim_id": claim_ids(contacts.claim[seen]).cast(pa.string()),
            "queue_id": [QUEUES[index].queue_id for index in contacts.queue[seen]],
            "planned_lag_days": contacts.lag[seen],
            "arrived_at": _utc(contacts.arrived[seen]),
        }
    )
    storms = world.claims.storms
    drawn = np.bincount(world.claims.storm[world.claims.storm >= 0], minlength=len(storms))
    tables["storms"] = pa.table(
        {
            "catastrophe_code": [storm.code for storm in storms],
            "day": pa.array([clock.days[storm.day] for storm in storms], pa.date32()),
            "expected_claims": [storm.claims for storm in storms],
            "drawn_claims": drawn,
            **{
                f"share_{name}": [storm.weights[index] for storm in storms]
                for index, name in enumerate(("north", "east", "south", "west"))
            },
        }
    )
    written = list(clock.days[days])
    tables["day_factors"] = pa.table(
        {
            "queue_id": np.repeat([spec.queue_id for spec in QUEUES], len(written)),
            "business_date": pa.array(written * len(QUEUES), pa.date32()),
            "day_factor": world.demand.day_factor[:, days].ravel(),
        }
    )
    agents = presence(world)
    row, slot = np.nonzero(agents)
    tables["agents_present"] = pa.table(
        {
            "queue_id": [QUEUES[index].queue_id for index in row],
            "interval_start_utc": _utc(int(clock.midnight[clock.first]) + slot * HALF_HOUR),
            "agents_present": agents[row, slot],
        }
    )
    stains = dirt.stains
    tables["dirt"] = pa.table(
        {
            "kind": pa.array([stain.kind for stain in stains], pa.string()),
            "file": pa.array([stain.file for stain in stains], pa.string()),
            "day": pa.array([stain.day for stain in stains], pa.date32()),
            "rows": pa.array([stain.rows for stain in stains], pa.int64()),
            "note": pa.array([stain.note for stain in stains], pa.string()),
        }
    )
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
