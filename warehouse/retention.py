"""What is old enough to go, and letting it go.

What goes, when the settings say so:

* **plans per interval**: rows of tables whose grain is a plan and an interval. In the warehouse whole months are detached
  (readers do not wait) and dropped; in the lake the night's partition is removed.
* **parts of plans** that several tasks made after two weeks; comparisons of models and summaries of days, kept for later nights,
  after four months: in any case.
* **landed files**: moved to the archive, byte for byte; a file that quarantined rows came from stays, to be read again perhaps.

What never goes, whatever the settings say:

* the list of plans, who put which in force and why, checks and findings: audit;
* plans per day and week with their drivers, planners' changes, the accuracy ledger and its like: accuracy;
* what happened (core, history), because every plan is made from it;
* the month of the plan in force and of the plan before it; landed bytes themselves, which are moved only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg
import pyarrow.compute as pc
from psycopg import sql

from enterprise.retention import Retention
from warehouse.lake import Lake
from warehouse.months import SCHEMA
from warehouse.parts import old_parts
from warehouse.reach import filesystem_at
from warehouse.tables.columns import INTERVAL_START_UTC, PLAN_DATE
from warehouse.tables.ddl import is_partitioned
from warehouse.tables.declaration import Table
from warehouse.tables.registry import ALL_TABLES
from warehouse.tables.run import LANDING_FILES, QUARANTINE

PLANS_PER_INTERVAL = tuple(
    t for t in ALL_TABLES if {PLAN_DATE, INTERVAL_START_UTC} <= set(t.key) and t.partitioned_by is PLAN_DATE
)


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing that may go.

    Attributes:
        kind: "warehouse", "lake" or "landing".
        name: which: a partition, a partition's path below the lake, or a landed file.
        size_bytes: what it takes now.
        reason: why it may go, in words.
    """

    kind: str
    name: str
    size_bytes: int
    reason: str


def due(connection: psycopg.Connection, lake: Lake, retention: Retention, today: date) -> list[Removal]:
    """Everything that may go on a day by the settings; nothing is changed."""
    found = [Removal("warehouse", name, size, "left by a retention that was broken off") for name, size in _detached(connection)]
    reason = "parts of plans that were put together long since, or kept for nights that are over"
    found += [Removal("lake", path, size, reason) for path, size in old_parts(lake, today)]
    if retention.plan_interval_days is not None:
        before = today - timedelta(days=retention.plan_interval_days)
        reason = f"plans of nights before {before}: only their rows per interval go"
        found += [Removal("warehouse", name, size, reason) for name, size in _old_months(connection, before)]
        found += [Removal("lake", path, size, reason) for path, size in _old_nights(connection, lake, before)]
    if retention.landing_days is not None:
        before = today - timedelta(days=retention.landing_days)
        reason = f"taken in before {before}: moved to the archive"
        found += [Removal("landing", path, size, reason) for path, size in _old_files(lake, before)]
    return found


def remove(connection: psycopg.Connection, lake: Lake, retention: Retention, removal: Removal) -> None:
    """Let one thing go. Broken off at any point, it is done by the next run.

    Args:
        connection: in autocommit mode, of the schema's owner, who holds the publisher's lock.
        lake: the lake.
        retention: the settings.
        removal: as `due` gave it.
    """
    if removal.kind == "warehouse":
        _drop_partition(connection, removal.name)
    elif removal.kind == "lake":
        lake.filesystem.rm(f"{lake.root}/{removal.name}", recursive=True)
    else:
        _move(lake, removal.name, str(retention.landing_archive_url))


def _old_months(connection: psycopg.Connection, before: date) -> list[tuple[str, int]]:
    """Partitions of whole months before a date, except those of the plan in force and of the plan before it."""
    first_kept = _first_night_kept(connection, before).replace(day=1)
    rows = connection.execute(
        "SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class AS c JOIN pg_inherits AS i ON i.inhrelid = c.oid "
        "JOIN pg_class AS p ON p.oid = i.inhparent WHERE c.relnamespace = to_regnamespace(%s) AND p.relname = ANY(%s) "
        "AND to_date(right(c.relname, 7), 'YYYY_MM') < %s ORDER BY right(c.relname, 7), 1",
        [SCHEMA, [table.name for table in PLANS_PER_INTERVAL if table.published and is_partitioned(table)], first_kept],
    ).fetchall()
    return [(name, size) for name, size in rows]


def _first_night_kept(connection: psycopg.Connection, before: date) -> date:
    """The date itself, or the night of the plan in force or the one before it where those are older."""
    row = connection.execute(
        "SELECT min(plan_date) FROM (SELECT plan_date FROM public.plan_version WHERE (plan_date, version) <= "
        "(SELECT plan_date, version FROM public.plan_version WHERE status = 'current') AND status <> 'rejected' "
        "ORDER BY plan_date DESC, version DESC LIMIT 2) AS last_two"
    ).fetchone()
    return min(before, row[0]) if row is not None and row[0] is not None else before


def _old_nights(connection: psycopg.Connection, lake: Lake, before: date) -> Iterator[tuple[str, int]]:
    last = _first_night_kept(connection, before) - timedelta(days=1)
    for table in PLANS_PER_INTERVAL:
        for night in lake.partitions(table, last=last):
            path = _night_path(lake, table, night)
            yield path, int(lake.filesystem.du(f"{lake.root}/{path}"))


def _night_path(lake: Lake, table: Table, night: date) -> str:
    return f"{lake.folder(table)[len(lake.root) :].lstrip('/')}/{PLAN_DATE.name}={night.isoformat()}"


def _old_files(lake: Lake, before: date) -> Iterator[tuple[str, int]]:
    """Landed files of which no row is in quarantine and that are still there."""
    last = before - timedelta(days=1)
    files = lake.read_arrow(LANDING_FILES, last=last)
    kept = set(pc.unique(lake.read_arrow(QUARANTINE).column("landing_file")).to_pylist())
    for row in files.select(["source_system", "landing_file", "size_bytes"]).to_pylist():
        path = f"landing/{row['source_system']}/{row['landing_file']}"
        if row["landing_file"] not in kept and lake.filesystem.exists(f"{lake.root}/{path}"):
            yield path, int(row["size_bytes"])


def _detached(connection: psycopg.Connection) -> list[tuple[str, int]]:
    """Tables among the partitions that belong to none any more, or are being taken out."""
    rows = connection.execute(
        "SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class AS c LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid "
        "WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r' AND (i.inhrelid IS NULL OR i.inhdetachpending) "
        "ORDER BY 1",
        [SCHEMA],
    ).fetchall()
    return [(name, size) for name, size in rows]


def _drop_partition(connection: psycopg.Connection, name: str) -> None:
    parent = connection.execute(
        "SELECT p.relname, i.inhdetachpending FROM pg_inherits AS i JOIN pg_class AS p ON p.oid = i.inhparent "
        "WHERE i.inhrelid = to_regclass(%s)",
        [f"{SCHEMA}.{name}"],
    ).fetchone()
    partition = sql.Identifier(SCHEMA, name)
    if parent is not None:
        how = sql.SQL("FINALIZE" if parent[1] else "CONCURRENTLY")
        connection.execute(
            sql.SQL("ALTER TABLE public.{} DETACH PARTITION {} {}").format(sql.Identifier(parent[0]), partition, how)
        )
    connection.execute(sql.SQL("DROP TABLE {}").format(partition))


def _move(lake: Lake, path: str, archive: str) -> None:
    """Copy, compare sizes, and only then remove; a file that is in the archive already is written there again."""
    filesystem, root = filesystem_at(archive)
    source, target = f"{lake.root}/{path}", f"{root.rstrip('/')}/{path.removeprefix('landing/')}"
    filesystem.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
    with lake.filesystem.open(source, "rb") as reader, filesystem.open(target, "wb") as writer:
        while block := reader.read(8 << 20):
            writer.write(block)
    if filesystem.size(target) != lake.filesystem.size(source):
        raise OSError(f"{target} is not as long as {source}; the file stays in landing")
    lake.filesystem.rm_file(source)
