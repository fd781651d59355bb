"""From the text of a queue_log to core Parquet, beside DuckDB's bare CSV read of the same file in the same process.

Run: .venv/bin/python benchmarks/bench_queue_log.py [--megabytes 200] [--gigabytes 1] [--folder DIR] [--log FILE]

The log is the demo's, two years of it, repeated with shifted times and call ids until it is as large as asked. Two bare reads
stand beside the pipeline: one that keeps the columns (CREATE TABLE AS SELECT * FROM read_csv) and one that only looks at them
(count(*) and max() of each). The pipeline runs in a fresh process, two threads, and lands, types, stages and conforms the whole
file: CONTACTS and AGENT_STATES checked and written; a run on a megabyte before it leaves bytecode, as every installation has.
Landing, typing and staging go on together. Times are wall-clock and processor seconds; memory is the highest resident size.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table as Shown

THREADS = 2
YEARS = 2 * 364 * 86_400  # a whole number of weeks, so that weekdays stay weekdays
COLUMNS = ("epoch", "call", "queue", "agent", "event", "data1", "data2", "data3", "data4", "data5")
LAST_NIGHT = date(2026, 11, 12)
REPOSITORY = Path(__file__).parents[1]
SETTINGS = """
name = "Bench"
time_zone = "Europe/Amsterdam"
country = "NL"
[storage]
lake_url = "{folder}/lake"
planbook_folder = "{folder}/planbook"
[sites]
main = "Main"
[lines_of_business]
service = "Service"
[opening_hours.phone]
monday = ["08:00-18:00"]
[queues.voice]
name = "Phone"
channel = "voice"
line_of_business = "service"
site = "main"
opening_hours = "phone"
service_goal = {{ definition = "of_offered", fraction = 0.8, seconds = 20 }}
mean_handle_seconds_prior = 300
mean_patience_seconds_prior = 120
[sources.acd]
kind = "asterisk_queue_log"
url = "{log}"
queues = {{ {queues} }}
"""


def demo_days(folder: Path) -> Iterator[bytes]:
    """The demo's log, day by day; the demo is made if it is not there."""
    if not any(folder.glob("acd/queue_log-*")):
        subprocess.run([sys.executable, "-m", "cli.main", "demo-data", "--folder", str(folder)], check=True, cwd=REPOSITORY)  # noqa: S603
    for path in sorted(folder.glob("acd/queue_log-*")):
        content = path.read_bytes()
        if path.suffix == ".gz":
            try:
                content = gzip.decompress(content)
            except EOFError:  # the demo's own dirt
                continue
        yield content if content.endswith(b"\n") else content + b"\n"


def make_log(path: Path, size: int, demo: Path) -> None:
    """The demo's log, repeated with shifted times and call ids until it has `size` bytes."""
    days = list(demo_days(demo))
    written = 0
    with path.open("wb") as stream:
        for repetition in itertools.count():
            for day in days:
                written += stream.write(later(day, repetition * YEARS) if repetition else day)
                if written >= size:
                    return


def later(text: bytes, seconds: int) -> bytes:
    """Lines of a log, and the call ids in them, so many seconds later."""

    def moved(found: re.Match[bytes]) -> bytes:
        return b"%d" % (int(found[0]) + seconds)

    return re.sub(rb"(?<=-)1\d{9}(?=\.)", moved, re.sub(rb"(?m)^1\d{9}(?=\|)", moved, text))


def bare_reads(log: Path) -> dict[str, tuple[float, float]]:
    """Wall-clock and processor seconds of the two bare reads, each the better of two."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    read = (
        f"read_csv('{log}', delim='|', header=false, quote='', escape='', null_padding=true, ignore_errors=true, "
        f"columns={{{columns}}})"
    )
    looked = ", ".join(f"max({name})" for name in COLUMNS)
    found = {}
    for what, sql in {
        "bare CSV read into a table": f"CREATE OR REPLACE TEMP TABLE t AS SELECT * FROM {read}",  # noqa: S608 - ours
        "bare CSV read, columns only looked at": f"SELECT count(*), {looked} FROM {read}",  # noqa: S608 - ours
    }.items():
        runs = []
        for _ in range(2):
            connection = duckdb.connect(config={"threads": THREADS})
            runs.append(timed(lambda sql=sql, connection=connection: connection.execute(sql))[:2])
            connection.close()
        found[what] = min(runs)
    return found


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Wall-clock and processor seconds of a call, and its result."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - processor, result


def run_pipeline(folder: Path, log: Path, queues: list[str]) -> None:
    """Land, stage and conform the log in this process; print the figures as JSON."""
    from enterprise.settings import load_enterprise
    from etl import job
    from warehouse.lake import Lake

    os.environ["OMP_NUM_THREADS"] = str(THREADS)
    path = folder / "enterprise.toml"
    named = ", ".join(f'"{name}" = "voice"' for name in queues)
    path.write_text(SETTINGS.format(folder=folder, log=log, queues=named))
    enterprise = load_enterprise(path, {}, folder)
    lake = Lake(enterprise.storage.lake_url)
    figures: dict[str, object] = {}
    stages: dict[str, tuple[float, float]] = {}
    peaks: dict[str, float] = {}
    wall, processor, extracted = timed(lambda: job.extract_source("acd", LAST_NIGHT, enterprise, lake))
    stages["land, type and stage"] = (wall, processor)
    peaks["land, type and stage"] = peak_megabytes()
    wall, processor, written = timed(lambda: job.conform_night(LAST_NIGHT, enterprise, lake))
    stages["conform"] = (wall, processor)
    peaks["conform"] = peak_megabytes()
    figures |= {"stages": stages, "peaks": peaks, "rows": extracted.rows_in}  # type: ignore[attr-defined]
    figures["contacts"] = sum(one.rows for one in written if one.table == "contacts")  # type: ignore[attr-defined]
    figures["partitions"] = len(written)  # type: ignore[arg-type]
    sys.stdout.write(json.dumps(figures))


def peak_megabytes() -> float:
    """The highest resident size of this process so far (that of getrusage would count the process that started this one, too)."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return (int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def queue_names(log: Path) -> list[str]:
    """Queues that the log names in its first lines."""
    with log.open("rb") as stream:
        lines = stream.read(16 << 20).split(b"\n")
    return sorted({fields[2].decode() for line in lines if len(fields := line.split(b"|")) > 4 and fields[4] == b"ENTERQUEUE"})


def piped(folder: Path, log: Path, queues: str, bytecode: Path) -> dict[str, Any]:
    """The figures of the pipeline in a process of its own."""
    folder.mkdir()
    command = [sys.executable, __file__, "--pipeline", "--folder", str(folder), "--log", str(log), "--queues", queues]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPYCACHEPREFIX"] = str(bytecode)
    kept["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # as the command line and the deployments have it
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY, env=kept)  # noqa: S603 - ours
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def first_megabyte(log: Path, folder: Path) -> Path:
    """Whole lines of the log's beginning as a log of their own."""
    path = folder / "queue_log_first"
    with log.open("rb") as stream:
        path.write_bytes(stream.read(1 << 20).rpartition(b"\n")[0] + b"\n")
    return path


def main() -> None:
    """Make the log, run both sides, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--gigabytes", type=float, default=0)
    parser.add_argument("--folder", type=Path, help="where the log and the lake are made (default: a temporary folder)")
    parser.add_argument("--log", type=Path, help="a log that is there already")
    parser.add_argument("--demo", type=Path, default=REPOSITORY / ".leadline" / "demo")
    parser.add_argument("--pipeline", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--queues", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    # settings would take a relative path as from their own file
    given.folder, given.log = (path and path.resolve() for path in (given.folder, given.log))
    if given.pipeline:
        run_pipeline(given.folder, given.log, given.queues.split(","))
        return
    console = Console()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        log = given.log or folder / "queue_log"
        if given.log is None:
            make_log(log, int((given.gigabytes * 1024 or given.megabytes) * 2**20), given.demo)
        bare = bare_reads(log)
        size = log.stat().st_size
        queues = ",".join(queue_names(log))
        piped(folder / "first", first_megabyte(log, folder), queues, folder / "bytecode")
        figures = piped(folder / "whole", log, queues, folder / "bytecode")
        shown = Shown(title=f"{size / 2**20:,.0f} MB of queue_log, {figures['rows']:,} lines, {figures['contacts']:,} contacts")
        for heading in ("step", "seconds", "CPU seconds", "times into a table", "times looked at", "peak MB"):
            shown.add_column(heading, justify="left" if heading == "step" else "right")
        kept, looked = bare.values()
        total = [sum(stage[which] for stage in figures["stages"].values()) for which in range(2)]
        for what, (wall, processor) in bare.items():
            shown.add_row(what, f"{wall:.2f}", f"{processor:.2f}", f"{wall / kept[0]:.2f}", f"{wall / looked[0]:.2f}", "")
        for what, (wall, processor) in {**figures["stages"], "text to core": total}.items():
            peak = figures["peaks"].get(what, max(figures["peaks"].values()))
            row = (f"{wall:.2f}", f"{processor:.2f}", f"{wall / kept[0]:.2f}", f"{wall / looked[0]:.2f}", f"{peak:,.0f}")
            shown.add_row(what, *row)
        console.print(shown)


if __name__ == "__main__":
    main()
