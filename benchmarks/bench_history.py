"""What history costs: beside DuckDB's bare scan of the same files, as rows grow, and for one night after much history.

Run: .venv/bin/python benchmarks/bench_history.py [--millions 100] [--days 1000] [--folder FOLDER]

Makes contacts as the lake holds them (daily partitions of the example enterprise's phone queues) in a folder of its own, which is
removed afterwards; 100 million contacts take 4 GB. History is made by `build_history_night` in a process of its own, and so is
the bare query: count, handle and waiting time per queue and half hour, by arithmetic on microseconds, DuckDB's fastest way; once
more, beside it, with all eight columns that history needs. Bare query and history are measured twice and the better run counts.
These processes keep the bytecode of the libraries, as installed programs do, whatever the environment says: else compiling
pandas, numba and holidays anew takes seconds of each.
"""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from enterprise.settings import Enterprise, load_enterprise
from enterprise.timing import grid_of
from etl import job
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS

ROOT = Path(__file__).parents[1]
LAST = date(2026, 11, 11)
MOST_MEMORY_GB = 2.0
MOST_RATIO = 3.0
_UNIFORM = "(hash(i, {}) / 18446744073709551616.0)"

CONTACTS_SQL = f"""
WITH placed AS (
  SELECT i, $queues[1 + (hash(i, 1) % len($queues))::INT] AS queue_id,
    epoch_us($start) + (CASE WHEN hash(i, 2) % 100 < 3 THEN 24 * {_UNIFORM.format(3)}
      ELSE 8 + 6 * ({_UNIFORM.format(3)} + {_UNIFORM.format(4)}) END * 3600)::BIGINT * 1000000 AS arrived_us,
    hash(i, 5) % 100 < 55 AS at_once, {_UNIFORM.format(6)} AS wait_lot, hash(i, 7) % 100 AS end_lot, hash(i, 8) % 100 AS way_lot,
    round(-280 * ln(1e-9 + {_UNIFORM.format(9)})) AS talk, round(-40 * ln(1e-9 + {_UNIFORM.format(10)})) AS wrap
  FROM range($first, $first + $rows) t(i)
),
waited AS (
  SELECT *, round(CASE WHEN at_once THEN 2 + 4 * wait_lot ELSE -60 * ln(1e-9 + wait_lot) END) AS wait,
    at_once OR end_lot >= 18 AS answered FROM placed
)
SELECT 'acd:' || (1700000000 + i)::VARCHAR || '.' || lpad((i % 100000)::VARCHAR, 5, '0') AS contact_id, 1 AS segment,
  $day AS business_date, 'voice' AS channel, 'inbound' AS direction, queue_id, (hash(i, 11) % 2000000)::VARCHAR AS customer_id,
  CASE WHEN answered THEN 'agent' || (hash(i, 12) % 800)::VARCHAR END AS agent_id, NULL::VARCHAR AS site_id,
  make_timestamptz(arrived_us) AS arrived_at,
  CASE WHEN answered THEN make_timestamptz(arrived_us + wait::BIGINT * 1000000) END AS answered_at,
  make_timestamptz(arrived_us + (wait + CASE WHEN answered THEN talk + wrap ELSE 0 END)::BIGINT * 1000000) AS ended_at,
  wait AS wait_seconds, CASE WHEN answered THEN talk ELSE 0 END AS talk_seconds, 0.0 AS hold_seconds,
  CASE WHEN answered THEN wrap ELSE 0 END AS wrap_seconds, CASE WHEN answered THEN talk + wrap ELSE 0 END AS handle_seconds,
  CASE WHEN answered THEN 'answered' WHEN end_lot < 3 THEN 'timed_out' ELSE 'abandoned' END AS outcome,
  CASE WHEN way_lot < 4 THEN 'transfer' WHEN way_lot < 6 THEN 'overflow' ELSE 'customer' END AS arrived_by,
  NULL::VARCHAR AS previous_contact_id, NULL::VARCHAR AS case_id, NULL::VARCHAR AS claim_id, NULL::VARCHAR AS thread_id,
  NULL::TIMESTAMPTZ AS modified_at,
  'acd' AS source_system, '0123456789abcdef-queue_log-' || $day::VARCHAR AS landing_file, i - $first + 1 AS landing_row
FROM waited
"""

BARE_SQL = """
SELECT queue_id, epoch_us(arrived_at) // 1800000000 AS interval_number, count(*), sum(handle_seconds), sum(wait_seconds)
FROM contacts GROUP BY ALL
"""

SAME_COLUMNS_SQL = BARE_SQL.replace("\nFROM", ", max(answered_at), max(direction), max(outcome), max(arrived_by)\nFROM")
"""The bare query with all eight columns that history needs: beside it only, the goal stays against `BARE_SQL`."""


def enterprise_in(folder: Path) -> Enterprise:
    """The example enterprise with its lake in a folder."""
    enterprise = load_enterprise(ROOT / "config" / "enterprise.toml", {}, folder)
    storage = enterprise.storage.model_copy(update={"lake_url": str(folder / "lake")})
    return enterprise.model_copy(update={"storage": storage})


def make_contacts(folder: Path, rows: int, days: int) -> None:
    """Contacts of so many days up to `LAST`, and of the day after: the night that is measured on its own."""
    enterprise = enterprise_in(folder)
    lake, grid = Lake(enterprise.storage.lake_url), grid_of(enterprise)
    queues = [queue.id for queue in enterprise.queues.values() if queue.channel == "voice"]
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    per_day = rows // days
    for place in range(days + 1):
        day = LAST - timedelta(days=days - 1 - place)
        given = {
            "first": place * per_day, "rows": per_day, "queues": queues, "day": day,
            "start": grid.day_bounds(day)[0].to_pydatetime(),
        }  # fmt: skip
        path = lake.replace(CONTACTS, connection.sql(CONTACTS_SQL, params=given).to_arrow_table(), day)
        if path.rows != per_day:
            raise RuntimeError(f"{day}: {path.rows} rows made, expected {per_day}")


def bare(folder: Path, sql: str = BARE_SQL) -> None:
    """The bare query over all contacts of history."""
    lake = Lake(str(folder / "lake"))
    connection = lake.connect()
    lake.view(connection, CONTACTS, last=LAST)
    connection.sql(sql).to_arrow_table()


def same_columns(folder: Path) -> None:
    """The bare query, reading all columns that history needs."""
    bare(folder, SAME_COLUMNS_SQL)


def history(folder: Path) -> None:
    """All history, from contacts to files."""
    enterprise = enterprise_in(folder)
    job.build_history_night(LAST, enterprise, Lake(enterprise.storage.lake_url))


def again(folder: Path) -> None:
    """All history once more, as if none had been made."""
    (folder / "lake" / "state" / "history.json").unlink(missing_ok=True)
    history(folder)


def night(folder: Path) -> None:
    """History of one more night."""
    enterprise = enterprise_in(folder)
    job.build_history_night(LAST + timedelta(days=1), enterprise, Lake(enterprise.storage.lake_url))


STEPS: dict[str, Callable[[Path], None]] = {
    "bare": bare, "same_columns": same_columns, "again": again, "history": history, "night": night,
}  # fmt: skip


def measured(step: str, folder: Path) -> dict[str, float]:
    """Wall and processor seconds and peak memory of a step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    kept["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # as the command line and the deployments have it
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=kept)  # noqa: S603 - our own interpreter and file
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def run_step(step: str, folder: Path) -> str:
    """Do a step here and say what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    STEPS[step](folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak_gb": peak})


def main() -> None:
    """Measure and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--millions", type=float, nargs="+", default=[1.0, 10.0])
    arguments.add_argument("--days", type=int, default=1000)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--step", choices=sorted(STEPS))
    given = arguments.parse_args()
    console = Console()
    if given.step:
        console.print(run_step(given.step, given.folder), soft_wrap=True)
        return
    table = Table(
        "million contacts", "bare query: s (CPU s)", "bare, all eight columns: s (CPU s)",
        "history: s (CPU s)", "ratio: wall (CPU)", "peak memory",
        "next night: s (CPU s)",
        title=f"Contacts to history, {given.days} days",
    )  # fmt: skip
    with ExitStack() as lakes:  # removed together at the end: for minutes afterwards, an ext4 disk is slower to make files
        for millions in given.millions:
            folder = Path(lakes.enter_context(tempfile.TemporaryDirectory(prefix="leadline-history-", dir=given.folder)))
            make_contacts(folder, round(millions * 1e6), given.days)
            os.sync()  # else the disk takes up what was just made while the steps are measured
            plain = min((measured("bare", folder) for _ in range(2)), key=lambda one: one["wall"])
            same = measured("same_columns", folder)
            whole = min((measured("again", folder) for _ in range(2)), key=lambda one: one["wall"])
            next_night = measured("night", folder)
            table.add_row(
                f"{millions:g}",
                *(f"{one['wall']:.1f} ({one['cpu']:.1f})" for one in (plain, same, whole)),
                f"{whole['wall'] / plain['wall']:.2f} ({whole['cpu'] / plain['cpu']:.2f})",
                f"{whole['peak_gb']:.2f} GB",
                f"{next_night['wall']:.2f} ({next_night['cpu']:.2f})",
            )
            console.print(table)
    console.print(f"Goals: at most {MOST_RATIO:g} times the bare query, below {MOST_MEMORY_GB:g} GB.")


if __name__ == "__main__":
    main()
