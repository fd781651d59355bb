"""The claims system's database: claims/claims.db (SQLite) as it stands at the end of the last day.

Tables ``claims`` (claim_id, customer_id, policy_id, line_of_business, region, peril, catastrophe_code, loss_date, reported_at,
closed_at, updated_at) and ``claim_status_history`` (id, claim_id, status, changed_at, changed_by). Times are UTC text,
``YYYY-MM-DD HH:MM:SS``; loss_date is a local date. Claims reported in the warm-up before the first day are in it too.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.claims import CLASSES, REGIONS
from demo.clock import IntArray
from demo.names import agent_ids, claim_ids, policy_ids
from demo.queues import queues_of
from demo.text import Text, choose, join, stamp
from demo.world import World

STATUSES = ("registered", "assessed", "settled", "closed", "reopened")
_TIME = "YYYY-mm-dd HH:MM:SS"
_SCHEMA = """
CREATE TABLE claims (
    claim_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, policy_id TEXT NOT NULL, line_of_business TEXT NOT NULL,
    region TEXT NOT NULL, peril TEXT NOT NULL, catastrophe_code TEXT, loss_date TEXT NOT NULL, reported_at TEXT NOT NULL,
    closed_at TEXT, updated_at TEXT NOT NULL
);
CREATE TABLE claim_status_history (
    id INTEGER PRIMARY KEY, claim_id TEXT NOT NULL REFERENCES claims (claim_id), status TEXT NOT NULL,
    changed_at TEXT NOT NULL, changed_by TEXT NOT NULL
);
CREATE INDEX claims_updated_at ON claims (updated_at);
CREATE INDEX claim_status_history_changed_at ON claim_status_history (changed_at);
"""


def _nullable(values: Text, present: np.ndarray) -> list[str | None]:
    column: list[str | None] = pc.if_else(pa.array(present), values, pa.scalar(None, pa.large_string())).to_pylist()
    return column


def assessments(world: World) -> tuple[IntArray, IntArray]:
    """First assessment (UTC epoch seconds, -1 if not yet) and assessor of every claim."""
    count = len(world.claims.reported)
    finished, agent = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    for queue in queues_of("claims"):
        items, claim = world.items[queue], world.arrivals[queue].claim
        finished[claim[items.origin]] = items.finished
        agent[claim[items.origin]] = items.agent
    return finished, agent


def write_claims_database(world: World, folder: Path) -> int:
    """Write the database and return the number of claims in it."""
    clock, claims, lives = world.clock, world.claims, world.lives
    (folder / "claims").mkdir(parents=True)
    known = claims.reported < clock.end
    count = int(known.sum())
    assessed, assessor = assessments(world)
    steps = [claims.reported, assessed, lives.settled, lives.closed, lives.reopened, lives.closed_again]
    status_of_step = np.array([0, 1, 2, 3, 4, 3], np.int64)
    moments = np.stack([step[:count] for step in steps])
    happened = (moments >= 0) & (moments < clock.end)
    updated = np.where(happened, moments, 0).max(axis=0)
    reopened, again = happened[4], happened[5]
    closed = np.where(again, moments[5], np.where(reopened | ~happened[3], -1, moments[3]))
    ids = claim_ids(np.arange(count, dtype=np.int64))
    kind = claims.claim_class[:count]
    codes = [storm.code for storm in claims.storms]
    first_day = int(clock.midnight_local[0])
    columns: list[list[str | None]] = [
        ids.to_pylist(),
        join(claims.customer[:count]).to_pylist(),
        policy_ids(claims.customer[:count], claims.is_property()[:count]).to_pylist(),
        choose([line for line, _ in CLASSES], kind).to_pylist(),
        choose(REGIONS, claims.region[:count]).to_pylist(),
        choose([peril for _, peril in CLASSES], kind).to_pylist(),
        _nullable(choose(codes, np.maximum(claims.storm[:count], 0)), claims.storm[:count] >= 0),
        stamp(first_day + claims.loss_day[:count] * 86_400, "YYYY-mm-dd").to_pylist(),
        stamp(claims.reported[:count], _TIME).to_pylist(),
        _nullable(stamp(np.maximum(closed, 0), _TIME), closed >= 0),
        stamp(updated, _TIME).to_pylist(),
    ]
    step, claim = np.nonzero(happened)
    moment = moments[step, claim]
    order = np.lexsort((step, claim, moment))
    step, claim, moment = step[order], claim[order], moment[order]
    actor = np.where(step == 0, 0, assessor[claim])
    changes = [
        range(1, len(claim) + 1),
        ids.take(pa.array(claim)).to_pylist(),
        choose(STATUSES, status_of_step[step]).to_pylist(),
        stamp(moment, _TIME).to_pylist(),
        pc.if_else(pa.array(actor > 0), agent_ids(actor), "intake").to_pylist(),
    ]
    connection = sqlite3.connect(folder / "claims" / "claims.db")
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(_SCHEMA)
        with connection:
            connection.executemany(f"INSERT INTO claims VALUES ({','.join('?' * 11)})", zip(*columns, strict=True))  # noqa: S608
            connection.executemany("INSERT INTO claim_status_history VALUES (?,?,?,?,?)", zip(*changes, strict=True))
    finally:
        connection.close()
    return count
