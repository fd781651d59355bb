"""The warehouse under load: publishing beside a bare COPY, planners' queries beside many nights, readers beside a publisher.

    python benchmarks/bench_warehouse.py publish --rows 2000000
    python benchmarks/bench_warehouse.py queries --nights 100 --rows 400000
    python benchmarks/bench_warehouse.py readers --readers 50 --rows 400000

Everything runs on an embedded server of its own in a folder that is removed afterwards. What is compared runs in the same process
one after the other, so a busy machine slows both sides; ratios are what counts. Each figure is printed as it is taken.
"""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

import argparse
import io
import os
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import psycopg
import pyarrow as pa
import pyarrow.csv as pc
from psycopg import sql

sys.path.insert(0, str(Path(__file__).parents[1]))

from warehouse.bulk_copy import copy_rows
from warehouse.database import connected
from warehouse.embedded import WAREHOUSE_ROLE, EmbeddedPostgres
from warehouse.lake import Lake
from warehouse.months import ensure_month
from warehouse.publish import NIGHT_TABLES, Stamp, publish
from warehouse.schema import migrate
from warehouse.tables.builder import example_rows
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL
from warehouse.tables.run import DATA_QUALITY, QUEUE
from warehouse.tables.staffing import STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY

DAYS, INTERVALS = 28, 48
LAST_NIGHT = date(2026, 11, 12)
STAMP = Stamp("bench", "bench", datetime(2026, 11, 13, tzinfo=UTC))
BIG = (FORECAST_INTERVAL, STAFFING_INTERVAL)


@dataclass
class House:
    """A migrated warehouse and an empty lake."""

    url: str
    lake: Lake


@contextmanager
def house(folder: Path | None) -> Iterator[House]:
    """One that is thrown away, below a folder with room for it."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-warehouse-") as place:
        state = Path(place, "state")
        url = EmbeddedPostgres.ensure_running(state).url(WAREHOUSE_ROLE)
        try:
            migrate(url)
            yield House(url, Lake(str(Path(place, "lake"))))
        finally:
            EmbeddedPostgres.stop(state)


def night(plan_date: date, rows: int) -> dict[Table, pa.Table]:
    """A night's tables: `rows` rows in each table of intervals, and the days and weeks that belong to them."""
    queues = [f"queue_{number:04d}" for number in range(max(1, rows // (DAYS * INTERVALS)))]
    first = pd.Timestamp(plan_date, tz="UTC") + pd.Timedelta(hours=23)
    starts = pd.date_range(first, periods=DAYS * INTERVALS, freq="30min").as_unit("us")
    generator = np.random.default_rng(plan_date.toordinal())
    keys = {
        "queue_id": np.repeat(queues, len(starts)),
        "interval_start_utc": np.tile(np.asarray(starts.tz_convert("UTC").tz_localize(None)), len(queues)),
        "business_date": np.tile(np.repeat([plan_date + timedelta(days=day + 1) for day in range(DAYS)], INTERVALS), len(queues)),
        "lead_days": np.tile(np.repeat(np.arange(1, DAYS + 1), INTERVALS), len(queues)),
    }
    tables = {table: _rows(table, plan_date, keys, generator) for table in BIG}
    members = {
        "level": np.repeat("queue", DAYS * len(queues)),
        "member_id": np.repeat(queues, DAYS),
        "business_date": np.tile([plan_date + timedelta(days=day + 1) for day in range(DAYS)], len(queues)),
        "lead_days": np.tile(np.arange(1, DAYS + 1), len(queues)),
    }
    tables |= {table: _rows(table, plan_date, members, generator) for table in (FORECAST_DAILY, STAFFING_DAILY)}
    monday = plan_date - timedelta(days=plan_date.weekday()) + timedelta(days=7)
    weeks = {
        "level": np.repeat("enterprise", 4),
        "member_id": np.repeat("all", 4),
        "week_start_date": np.array([monday + timedelta(days=7 * week) for week in range(4)]),
    }
    tables[STAFFING_WEEKLY] = _rows(STAFFING_WEEKLY, plan_date, weeks, generator)
    checks = example_rows(DATA_QUALITY, 20, plan_date=plan_date, result="passed", severity="warn")
    tables[DATA_QUALITY] = pa.Table.from_pandas(checks, schema=DATA_QUALITY.arrow_schema, preserve_index=False)
    return tables


def _rows(table: Table, plan_date: date, keys: dict[str, np.ndarray], generator: np.random.Generator) -> pa.Table:
    """Keys as given, everything else as a plan has it: numbers of a few digits, repeated texts."""
    count = len(keys["queue_id" if "queue_id" in keys else "member_id"])
    arrays = []
    for column in table.all_columns:
        if column.name == "plan_date":
            values = pa.array(np.repeat(np.datetime64(plan_date), count), pa.date32())
        elif column.name in keys:
            values = pa.array(keys[column.name]).cast(column.type)
        elif column.allowed:
            values = pa.array(np.repeat(column.allowed[0], count), column.type)
        elif column.type == pa.string():
            values = pa.array(np.repeat("80 % of offered contacts within 20 seconds: 14 positions, waiting binds", count))
        elif column.type == pa.int64():
            values = pa.array(generator.integers(1, 60, count))
        elif column.type == pa.float64():
            top = 1.0 if column.maximum == 1 else 300.0
            values = pa.array(np.round(generator.random(count) * top, 6))
        elif column.type == pa.date32():
            values = pa.array(np.repeat(np.datetime64(plan_date), count), pa.date32())
        else:
            values = pa.array(np.repeat(True, count))
        arrays.append(values.cast(column.type))
    return pa.Table.from_arrays(arrays, schema=table.arrow_schema)


def queue_rows(rows: int) -> pa.Table:
    """The queues of `night`."""
    ids = [f"queue_{number:04d}" for number in range(max(1, rows // (DAYS * INTERVALS)))]
    frame = example_rows(QUEUE, len(ids), queue_id=ids, channel="voice", time_zone="Europe/Amsterdam")
    return pa.Table.from_pandas(frame, schema=QUEUE.arrow_schema, preserve_index=False)


@dataclass(frozen=True)
class Taken:
    """What something took: seconds by the clock, processor seconds of the server's session and of this process, WAL written."""

    clock: float
    server: float
    client: float
    wal_bytes: int

    def __str__(self) -> str:
        """All of it in one line."""
        return (
            f"{self.clock:.1f} s by the clock, CPU {self.server:.1f} s in the server and {self.client:.1f} s here, "
            f"{self.wal_bytes / 1e6:.0f} MB of WAL"
        )


def timed(connection: psycopg.Connection, act: Callable[[], object]) -> Taken:
    """Do something in a session of a server on this machine, and say what it took."""
    session = psutil.Process(connection.info.backend_pid)
    place = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
    server, client, begun = session.cpu_times(), resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    act()
    clock, after, used = time.perf_counter() - begun, session.cpu_times(), resource.getrusage(resource.RUSAGE_SELF)
    wal = connection.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)::bigint", place).fetchone()
    return Taken(
        clock,
        after.user + after.system - server.user - server.system,
        used.ru_utime + used.ru_stime - client.ru_utime - client.ru_stime,
        wal[0] if wal else 0,
    )


def say(words: str) -> None:
    """One line, at once."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def bench_publish(rows: int, rounds: int, folder: Path | None) -> None:
    """A night with `rows` rows in all beside COPY of the same rows, already written as CSV."""
    with house(folder) as there:
        tables = night(LAST_NIGHT, rows // len(BIG))
        for table, content in tables.items():
            there.lake.replace(table, content, LAST_NIGHT)
        queues = queue_rows(rows // len(BIG))
        total = sum(content.num_rows for content in tables.values())
        texts = {table: as_csv(content) for table, content in tables.items()}
        del tables
        say(f"{total} rows, {sum(map(len, texts.values())) / 1e6:.0f} MB as CSV")
        for number in range(rounds):
            with connected(there.url) as connection:
                _publish_beside_copy(connection, there.lake, queues, texts, Stamp(f"bench {number}", "bench", STAMP.made_at))


def _publish_beside_copy(
    connection: psycopg.Connection, lake: Lake, queues: pa.Table, texts: dict[Table, bytes], stamp: Stamp
) -> None:
    bare = {name: timed(connection, lambda kind=kind: _bare(connection, texts, kind)) for name, kind in KINDS.items()}
    for name, taken in bare.items():
        say(f"bare COPY of CSV into {name}: {taken}")
    for table in texts:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(f"bare_{table.name}")))
    steps: list[str] = []
    begun = time.perf_counter()

    def done(step: str) -> None:
        steps.append(f"{step} at {time.perf_counter() - begun:.1f}")

    whole = timed(connection, lambda: publish(connection, LAST_NIGHT, lake, queues, stamp, done))
    say(f"publish: {whole}; {', '.join(steps)}")
    for name, taken in bare.items():
        clock, cpu = whole.clock / taken.clock, whole.server / taken.server
        say(f"publish / bare COPY into {name}: {clock:.2f} by the clock, {cpu:.2f} in the server's CPU")
    again = timed(connection, lambda: publish(connection, LAST_NIGHT, lake, queues, stamp))
    say(f"publish again, nothing changes: {again}")
    # The next round publishes the same night once more: as if its content were another.
    connection.execute("UPDATE plan_version SET content_hash = 'other'")


KINDS = {
    "tables without keys": "",
    "tables with keys, checks and indexes": "INCLUDING CONSTRAINTS INCLUDING INDEXES",
}


def _bare(connection: psycopg.Connection, texts: dict[Table, bytes], kind: str) -> None:
    """COPY into tables beside ours, in one transaction."""
    with connection.transaction():
        for table, text in texts.items():
            connection.execute(
                f"DROP TABLE IF EXISTS bare_{table.name}; CREATE TABLE bare_{table.name} (LIKE {table.name} {kind})"
            )
            connection.execute(f"ALTER TABLE bare_{table.name} ALTER version SET DEFAULT 1")
            names = ", ".join(table.column_names)
            with connection.cursor().copy(f"COPY bare_{table.name} ({names}) FROM STDIN (FORMAT csv)") as copy:
                copy.write(text)


def as_csv(rows: pa.Table) -> bytes:
    """Rows as CSV in which a missing value is empty and text always quoted, so that empty text is not missing."""
    sink = io.BytesIO()
    pc.write_csv(rows, sink, pc.WriteOptions(include_header=False, quoting_style="needed"))
    return sink.getvalue()


QUERIES = {
    "a planner's day, one queue": (
        20,
        "SELECT * FROM current_staffing_plan WHERE queue_id = 'queue_0007' AND business_date = %(day)s "
        "ORDER BY interval_start_utc",
    ),
    "a planner's day, hours to fill of a queue": (
        20,
        "SELECT * FROM hours_to_fill WHERE queue_id = 'queue_0007' AND business_date = %(day)s ORDER BY hour_start_utc",
    ),
    "the enterprise's week": (200, "SELECT * FROM staffing_week WHERE level = 'enterprise' ORDER BY week_start_date"),
    "the enterprise's week from intervals (mart)": (
        200,
        "SELECT business_date, sum(staff_hours), sum(cost) FROM mart.fact_staffing "
        "WHERE business_date BETWEEN %(day)s AND %(day)s + 6 GROUP BY 1 ORDER BY 1",
    ),
}


def bench_queries(nights: int, rows: int, folder: Path | None) -> None:
    """Medians of the planners' queries with many nights in the tables, and how PostgreSQL answers them; also on the way there."""
    with house(folder) as there, connected(there.url) as connection:
        for held in sorted({number for number in (10, 30) if number < nights} | {nights}):
            fill(connection, held, rows)
            connection.execute("VACUUM (ANALYZE)")
            sizes = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
            say(f"== {held} nights of {rows} rows of intervals: {sizes[0] if sizes else '?'}")
            measure(connection)


def fill(connection: psycopg.Connection, nights: int, rows: int) -> None:
    """Plans of so many nights up to the last, half of the rows in each table of intervals; nights that are there stay.

    The first night's rows are copied in, the others are made from them in the database: the same queues, dates moved on.
    """
    begun = time.perf_counter()
    there = connection.execute("SELECT count(*) FROM plan_version").fetchone()
    former = there[0] if there else 0
    if not former:
        copy_rows(connection, sql.Identifier("queue"), queue_rows(rows // len(BIG)))
        template = night(LAST_NIGHT, rows // len(BIG))
        for table, content in template.items():
            first = f"first_{table.name}"
            connection.execute(f"CREATE TEMPORARY TABLE {first} (LIKE {table.name}); ALTER TABLE {first} DROP version")
            copy_rows(connection, sql.Identifier(first), content)
    tables = (*BIG, FORECAST_DAILY, STAFFING_DAILY, STAFFING_WEEKLY, DATA_QUALITY)
    for back in range(former, nights):
        plan_date = LAST_NIGHT - timedelta(days=back)
        ensure_month(connection, plan_date)
        with connection.transaction():
            connection.execute(
                "INSERT INTO plan_version VALUES (%s, 1, %s, 'bench', 'bench', '{}', 'bench', 0, 0, now())",
                [plan_date, "superseded" if back else "current"],
            )
            for table in tables:
                names = ", ".join(table.column_names)
                moved = ", ".join(_moved(column.name, back) for column in table.all_columns)
                connection.execute(f"INSERT INTO {table.name} ({names}, version) SELECT {moved}, 1 FROM first_{table.name}")
        if back % 10 == 9:
            say(f"{back + 1} nights after {time.perf_counter() - begun:.0f} s")


def _moved(name: str, back: int) -> str:
    if name in ("plan_date", "business_date"):
        return f"{name} - {back}"
    if name == "week_start_date":
        return f"{name} - {back - back % 7}"
    return f"{name} - interval '{back} days'" if name == "interval_start_utc" else name


def measure(connection: psycopg.Connection) -> None:
    """Each query 21 times after a first one that warms up."""
    day = {"day": LAST_NIGHT + timedelta(days=5)}
    for name, (goal, query) in QUERIES.items():
        for _ in range(3):
            rows = len(connection.execute(query, day).fetchall())
        taken = [_milliseconds(lambda query=query: connection.execute(query, day).fetchall()) for _ in range(21)]
        say(f"{name}: {rows} rows, median {statistics.median(taken):.1f} ms (goal {goal}), quickest {min(taken):.1f} ms")
        plan = connection.execute("EXPLAIN (ANALYZE, BUFFERS, SUMMARY) " + query, day).fetchall()
        lines = [line[0] for line in plan]
        kept = [line for line in lines if "never executed" not in line and ("Scan" in line or line.startswith(("Plann", "Exec")))]
        say("\n".join("    " + line for line in kept[:14]))


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begun)


def bench_readers(readers: int, rows: int, folder: Path | None) -> None:
    """Readers' waits while nobody publishes and while somebody does."""
    with house(folder) as there, connected(there.url) as connection:
        fill(connection, 3, rows)
        connection.execute("VACUUM (ANALYZE)")
        plan_date = LAST_NIGHT + timedelta(days=1)
        for table, content in night(plan_date, rows // len(BIG)).items():
            there.lake.replace(table, content, plan_date)
        calm = _read_while(there.url, readers, lambda: time.sleep(20))
        busy = _read_while(
            there.url, readers, lambda: publish(connection, plan_date, there.lake, queue_rows(rows // len(BIG)), STAMP)
        )
        say(f"{readers} readers, nobody publishes: {calm[0]} queries, median {calm[1]:.1f} ms, {calm[2]} errors")
        say(f"{readers} readers, somebody publishes: {busy[0]} queries, median {busy[1]:.1f} ms, {busy[2]} errors")
        say(f"slower by {busy[1] / calm[1]:.2f}; versions seen: {busy[3]}")


def _read_while(url: str, readers: int, act: Callable[[], object]) -> tuple[int, float, int, set[str]]:
    """Query from many sessions until `act` ends: queries, median milliseconds, errors, plan dates seen together in one answer."""
    over = threading.Event()
    taken: list[float] = []
    errors: list[str] = []
    seen: set[str] = set()

    def read(number: int) -> None:
        with connected(url) as reader:
            while not over.is_set():
                begun = time.perf_counter()
                try:
                    rows = reader.execute(
                        "SELECT DISTINCT plan_date, version FROM current_staffing_plan WHERE queue_id = %s",
                        [f"queue_{number:04d}"],
                    ).fetchall()
                except psycopg.Error as error:
                    errors.append(str(error))
                    return
                taken.append(1000 * (time.perf_counter() - begun))
                seen.add(" and ".join(f"{day}.{version}" for day, version in rows))
                time.sleep(0.2)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    act()
    over.set()
    for thread in threads:
        thread.join()
    return len(taken), statistics.median(taken), len(errors), seen


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", nargs="?", choices=("publish", "queries", "readers"), default="publish")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of intervals in a night, over both tables")
    parser.add_argument("--rounds", type=int, default=1, help="times that publishing is measured")
    parser.add_argument("--nights", type=int, default=10)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--folder", type=Path, help="where the server's data go")
    asked = parser.parse_args()
    say(f"load of the machine: {os.getloadavg()[0]:.1f}; night tables: {len(NIGHT_TABLES)}")
    if asked.what == "publish":
        bench_publish(asked.rows, asked.rounds, asked.folder)
    elif asked.what == "queries":
        bench_queries(asked.nights, asked.rows, asked.folder)
    else:
        bench_readers(asked.readers, asked.rows, asked.folder)


if __name__ == "__main__":
    main()
