"""Publishing a night's plan: the only place that writes the warehouse.

One transaction does it all: it copies the night's lake partitions into their tables under a new version, has the database check
them there, and says which plan is in force. Nobody else sees that version before the commit, so whatever dies before it leaves
nothing behind; readers see the old plan or the new one and never wait (`docs/decisions/0017`).

**Which plan is current.** Exactly one per database: the last version of the newest plan date. Publishing a night again with other
numbers makes a new version of that night, which replaces the former one. An older night that is planned afterwards (a backfill)
is published, but stays `superseded` from the start: it never displaces a newer plan. The plan that was made for a night is always
that night's highest version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

import psycopg
import pyarrow as pa
from psycopg import sql

from enterprise.errors import ChecksFailedError, NeedsPersonError, RetryLaterError, WarehouseUnreachableError
from warehouse.bulk_copy import copy_rows
from warehouse.lake import Lake
from warehouse.months import ensure_month, partition
from warehouse.plan_checks import Totals, plan_problems, totals
from warehouse.publisher_lock import publisher_lock
from warehouse.schema import is_newest, newest_revision
from warehouse.staging import add_or_update, drop_staging, stage
from warehouse.tables.core import DRIVER_VALUES
from warehouse.tables.ddl import VERSION, is_versioned
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL
from warehouse.tables.history import BACKLOG_OPENING, CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.registry import PUBLISHED_TABLES
from warehouse.tables.run import DATA_QUALITY, PLAN_VERSION, QUEUE, STAGES_BESIDE_THE_PLAN
from warehouse.tables.staffing import STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY

NIGHT_TABLES = tuple(table for table in PUBLISHED_TABLES if is_versioned(table) and table is not PLAN_VERSION)
NEEDED = (FORECAST_INTERVAL, FORECAST_DAILY, STAFFING_INTERVAL, STAFFING_DAILY, STAFFING_WEEKLY, DATA_QUALITY)
_SOURCES = (INTERVAL_HISTORY, DAILY_HISTORY, CLAIMS_DAILY)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who and what made a plan.

    Attributes:
        code_version: version of Leadline.
        settings_hash: hash of the settings that can change numbers.
        made_at: time of publishing, tz-aware.
    """

    code_version: str
    settings_hash: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing left in the warehouse.

    Attributes:
        plan_date: night of the plan.
        version: version of that night's plan, from 1.
        status: "current", or "superseded" for a night older than the plan in force.
        changed: False if the very same rows had been published as this version before.
        rows: rows per table.
    """

    plan_date: date
    version: int
    status: str
    changed: bool
    rows: dict[str, int] = field(default_factory=dict)


def publish(
    connection: psycopg.Connection,
    plan_date: date,
    lake: Lake,
    queues: pa.Table,
    stamp: Stamp,
    on_step: Callable[[str], None] = lambda step: None,
) -> Published:
    """Publish the lake's partitions of `plan_date` as a version of that night's plan.

    Args:
        connection: in autocommit mode, of a login that may write (role `leadline_writer`).
        plan_date: night of the plan.
        lake: where the night's tables are.
        queues: rows of the declared table `queue`.
        stamp: recorded with the version.
        on_step: told the name of each step when it is done: locked, copied, checked, visible (before the commit).

    Returns:
        The version that holds these rows: a new one, or the night's latest if it holds the very same rows.

    Raises:
        ChecksFailedError: if a check of severity `stop` failed in the night, or the rows that arrived differ from the lake's.
        NeedsPersonError: if a table of the night is missing, or the schema is not this version's.
        RetryLaterError: if the lake changed meanwhile.
        WarehouseUnreachableError: if another publisher holds the lock for a minute, or the database breaks off.
    """
    with _worded(plan_date), publisher_lock(connection):
        on_step("locked")
        if not is_newest(connection):
            raise NeedsPersonError(
                f"the warehouse's schema is not at revision {newest_revision()} that this Leadline needs; run: leadline migrate"
            )
        _require_night(lake, plan_date)
        content = content_hash(lake, plan_date, queues)
        same = _latest(connection, plan_date)
        if same is not None and same[2] == content:
            return Published(plan_date, same[0], same[1], changed=False)
        checks = lake.read_arrow(DATA_QUALITY, first=plan_date, last=plan_date)
        _require_passed(checks, plan_date)
        ensure_month(connection, plan_date)
        row = _version_row(lake, plan_date, stamp, content, checks)
        try:
            stage(connection, QUEUE, queues)
            with connection.transaction():
                version = _add_version(connection, row)
                copied = {table: _copy(connection, table, lake, plan_date, version) for table in NIGHT_TABLES}
                on_step("copied")
                _refuse(plan_problems(connection, plan_date, version, copied), plan_date)
                if content_hash(lake, plan_date, queues) != content:
                    raise RetryLaterError(
                        f"the night of {plan_date} was planned again while it was published; nothing was published: try again"
                    )
                on_step("checked")
                add_or_update(connection, QUEUE)
                status = _put_in_force(connection, plan_date, version)
                on_step("visible")
            return Published(plan_date, version, status, changed=True, rows={table.name: it.rows for table, it in copied.items()})
        finally:
            drop_staging(connection, [QUEUE])


def content_hash(lake: Lake, plan_date: date, queues: pa.Table) -> str:
    """Hash of everything a night publishes: the same rows always have the same hash."""
    parts = [f"{table.name} {lake.content_hash(table, plan_date)}" for table in NIGHT_TABLES]
    parts.append(f"{QUEUE.name} {hashlib.sha256(json.dumps(queues.to_pylist(), sort_keys=True).encode()).hexdigest()}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def source_partitions(lake: Lake, plan_date: date) -> dict[str, dict[str, str]]:
    """First 16 digits of the content hash of every lake partition the plan rests on, by table and date."""
    dated = {table: lake.partitions(table, last=plan_date) for table in _SOURCES}
    dated[DRIVER_VALUES] = lake.partitions(DRIVER_VALUES)  # what is announced lies ahead of the night
    nightly = {table: lake.partitions(table, plan_date, plan_date) for table in (BACKLOG_OPENING, *NIGHT_TABLES)}
    return {
        table.name: {day.isoformat(): content[:16] for day, content in lake.content_hashes(table, days).items()}
        for table, days in (dated | nightly).items()
    }


def _require_night(lake: Lake, plan_date: date) -> None:
    missing = [table.name for table in NEEDED if not lake.partitions(table, plan_date, plan_date)]
    if missing:
        raise NeedsPersonError(
            f"the night of {plan_date} has no {', '.join(missing)} in the lake {lake.url}; nothing was published and the last "
            f"plan stays current. Run the night's earlier steps first: leadline run --date {plan_date}"
        )


def _require_passed(checks: pa.Table, plan_date: date) -> None:
    stopping = [
        f"{row['table_name']}: {row['rule']}: expected {row['expected']}, saw {row['observed']}"
        for row in checks.to_pylist()
        if row["result"] == "failed" and row["severity"] == "stop" and row["stage"] not in STAGES_BESIDE_THE_PLAN
    ]
    _refuse(stopping, plan_date)


def _refuse(problems: list[str], plan_date: date) -> None:
    if problems:
        raise ChecksFailedError(
            f"the plan of {plan_date} was not published and the last plan stays current:\n  "
            + "\n  ".join(problems)
            + f"\nMend what is named (leadline doctor helps), then run: leadline run --date {plan_date}"
        )


def _version_row(lake: Lake, plan_date: date, stamp: Stamp, content: str, checks: pa.Table) -> dict[str, object]:
    results = checks.column("result").to_pylist()
    return {
        "plan_date": plan_date,
        "status": "draft",
        "code_version": stamp.code_version,
        "settings_hash": stamp.settings_hash,
        "source_partitions": json.dumps(source_partitions(lake, plan_date), sort_keys=True),
        "content_hash": content,
        "checks_passed": results.count("passed"),
        "checks_failed": results.count("failed"),
        "made_at": stamp.made_at,
    }


def _latest(connection: psycopg.Connection, plan_date: date) -> tuple[int, str, str] | None:
    row = connection.execute(
        "SELECT version, status, content_hash FROM plan_version WHERE plan_date = %s ORDER BY version DESC LIMIT 1", [plan_date]
    ).fetchone()
    return None if row is None else (row[0], row[1], row[2])


def _add_version(connection: psycopg.Connection, row: dict[str, object]) -> int:
    """Enter the night's next version, a draft that only this transaction sees."""
    made = connection.execute(
        sql.SQL(
            "INSERT INTO plan_version ({}, {}) SELECT {}, coalesce(max(version), 0) + 1 FROM plan_version WHERE plan_date = %s "
            "RETURNING version"
        ).format(
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.Identifier(VERSION.name),
            sql.SQL(", ").join([sql.Placeholder()] * len(row)),
        ),
        [*row.values(), row["plan_date"]],
    ).fetchone()
    if made is None:  # INSERT ... RETURNING of one row gives one row
        raise RetryLaterError(f"the warehouse gave no version for the plan of {row['plan_date']}; run it again")
    return int(made[0])


def _copy(connection: psycopg.Connection, table: Table, lake: Lake, plan_date: date, version: int) -> Totals:
    """Copy a table's rows into the month's partition itself: row-level security, where it is set, refuses COPY to the table."""
    rows = lake.read_arrow(table, first=plan_date, last=plan_date)
    versions = pa.repeat(pa.scalar(version, VERSION.type), rows.num_rows)
    copy_rows(connection, partition(table, plan_date), rows.append_column(VERSION.name, versions))
    return totals(table, rows)


def _put_in_force(connection: psycopg.Connection, plan_date: date, version: int) -> str:
    """Make the draft the plan in force and move the former one aside, unless that one is of a later night."""
    newer = connection.execute("SELECT 1 FROM plan_version WHERE status = 'current' AND plan_date > %s", [plan_date]).fetchone()
    status = "current" if newer is None else "superseded"
    if newer is None:
        connection.execute("UPDATE plan_version SET status = 'superseded' WHERE status = 'current'")
    connection.execute("UPDATE plan_version SET status = %s WHERE plan_date = %s AND version = %s", [status, plan_date, version])
    return status


@contextmanager
def _worded(plan_date: date) -> Iterator[None]:
    """Say what a database error means for the plan."""
    try:
        yield
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        raise ChecksFailedError(
            f"the warehouse refuses rows of the plan of {plan_date}: {' '.join(str(error).split())}; nothing was published and "
            "the last plan stays current. Mend the step that made the rows; warehouse/tables says what is allowed."
        ) from error
    except psycopg.errors.DiskFull as error:
        raise WarehouseUnreachableError(
            f"the disk of the warehouse is full: {' '.join(str(error).split())}. The plan of {plan_date} was not published and "
            "the last plan stays current. Make room (leadline doctor shows sizes, leadline retention --dry-run what may go), "
            f"then run: leadline run --date {plan_date}"
        ) from error
