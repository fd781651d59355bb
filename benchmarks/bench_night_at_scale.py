"""What a night of a large enterprise costs, step by step: CPU seconds, time and memory of each task, each in its own process.

Run: .venv/bin/python benchmarks/bench_night_at_scale.py [--queues 50 100 250 500] [--days 60] [--folder FOLDER] [--steps ...]

`leadline demo-large` draws the enterprise: 1,200 contacts a day for every queue, 600,000 for 500. The last two days are source
files (switch's log, chat records, cases); the days before them are put into the lake as typed contacts, drawn in the same way,
for they would only cost the first load. The night then runs the jobs that its tasks run, in their order, without Airflow: each
in a process of its own with its imports, as a worker does. Times by the clock are worth something on a quiet machine only.

What queues cost and what contacts cost can be told apart by --contacts-per-queue.

"2 workers" is how long the tasks take on two workers in the order of the DAG if each lasts as long as here. --mapped runs the
mapped tasks alone, in a folder whose night has been run before: all of them one after another, then two at a time. The night in
Airflow: this with --folder FOLDER and --steps alone, then bench_night_in_airflow.py FOLDER/500.
"""

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
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from demo.scale import CASES, CHAT, VOICE, Contacts, Scale
from demo.scale_files import agent_names, make_large_demo
from demo.text import choose, join
from enterprise.blocks import shard_count
from enterprise.settings import Enterprise, load_enterprise
from warehouse.embedded import EmbeddedPostgres
from warehouse.lake import Lake
from warehouse.tables import core

LAST = date(2026, 11, 12)
CONTACTS_PER_QUEUE = 1_200
RAW_DAYS = 2
SOURCES = ("acd", "chat", "crm")
MOST_SECONDS, MOST_MEMORY_GB = 900.0, 4.0
Job = Callable[[date, Enterprise, Lake], object]


def open_folder(folder: Path) -> tuple[Enterprise, Lake]:
    """Settings and lake of the enterprise in a folder."""
    enterprise = load_enterprise(folder / "enterprise.toml", {}, folder)
    return enterprise, Lake(enterprise.storage.lake_url)


def core_rows(scale: Scale, contacts: Contacts, day: date) -> tuple[pa.Table, pa.Table]:
    """A day's calls and chats, and its cases, as the lake holds them."""
    channel = np.array(scale.channels)[contacts.queue]
    live = contacts.of(channel != CASES)
    count = len(live.number)
    of_live = channel[channel != CASES]
    answered = pa.array(live.answered)

    def if_answered(values: pa.Array) -> pa.Array:
        return pa.compute.if_else(answered, values, pa.scalar(None, values.type))

    source = np.where(of_live == VOICE, 0, 1)
    ended = live.arrived + live.waited + live.lasted
    columns: dict[str, object] = {
        "contact_id": join(choose(["acd:sw1-", "chat:chat-"], source), live.number),
        "segment": np.ones(count, np.int64),
        "business_date": pa.array([day] * count, pa.date32()),
        "channel": choose([VOICE, CHAT], source),
        "direction": pa.repeat("inbound", count),
        "queue_id": choose(scale.ids, live.queue),
        "customer_id": join(live.customer),
        "agent_id": if_answered(agent_names(scale, live)),
        "arrived_at": _instant(live.arrived),
        "answered_at": if_answered(_instant(live.arrived + live.waited)),
        "ended_at": _instant(ended),
        "wait_seconds": live.waited.astype(np.float64),
        "talk_seconds": live.lasted.astype(np.float64),
        "hold_seconds": np.zeros(count),
        "wrap_seconds": np.zeros(count),
        "handle_seconds": live.lasted.astype(np.float64),
        "outcome": choose(["abandoned", "answered"], live.answered.astype(np.int64)),
        "arrived_by": pa.repeat("customer", count),
        "source_system": choose(["acd", "chat"], source),
        "landing_file": pa.repeat("0000000000000000-drawn", count),
        "landing_row": np.arange(1, count + 1),
    }
    cases = contacts.of(channel == CASES)
    number = len(cases.number)
    resolved = _instant(cases.arrived + 6 * 3600 + cases.waited * 60)
    of_cases: dict[str, object] = {
        "case_id": join("crm:case-", cases.number),
        "business_date": pa.array([day] * number, pa.date32()),
        "queue_id": choose(scale.ids, cases.queue),
        "customer_id": join(cases.customer),
        "opened_at": _instant(cases.arrived),
        "resolved_at": resolved,
        "closed_at": resolved,
        "reopened_count": np.zeros(number, np.int64),
        "escalated": np.zeros(number, bool),
        "source_system": pa.repeat("crm", number),
        "landing_file": pa.repeat("0000000000000000-drawn", number),
        "landing_row": np.arange(1, number + 1),
    }
    return _rows(core.CONTACTS.arrow_schema, columns, count), _rows(core.CASES.arrow_schema, of_cases, number)


def _rows(schema: pa.Schema, columns: dict[str, object], count: int) -> pa.Table:
    arrays = [
        pa.array(columns[name]).cast(schema.field(name).type) if name in columns else pa.nulls(count, schema.field(name).type)
        for name in schema.names
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _instant(seconds: np.ndarray) -> pa.Array:
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us", tz="UTC"))


def draw(folder: Path, queues: int, days: int, per_queue: int) -> None:
    """Source files of the last days, those of the night under other names, and typed rows of the days before them."""
    scale = Scale(queues, queues * per_queue)
    make_large_demo(folder, scale, RAW_DAYS, LAST, lambda _: None)
    _, lake = open_folder(folder)
    for back in range(days - 1, RAW_DAYS - 1, -1):
        day = LAST - timedelta(days=back)
        contacts, cases = core_rows(scale, scale.day(day), day)
        lake.replace(core.CONTACTS, contacts, day)
        lake.replace(core.CASES, cases, day)
    for path in [path for path in (folder / "sources").rglob(f"*{LAST}*")]:  # of the night nothing is there yet
        path.rename(path.with_name(f".{path.name}"))


def _reveal(folder: Path) -> None:
    """The night's source files arrive."""
    for path in (folder / "sources").rglob(f".*{LAST}*"):
        path.rename(path.with_name(path.name[1:]))


def first_load() -> dict[str, Job]:
    """What is done before the night: source files of the day before it, history and workstreams of all days."""
    return {
        **{f"load {source}": _extract(source) for source in SOURCES},
        "load conform": _named("etl.job", "conform_night"),
        "load history": _named("etl.job", "build_history_night"),
        "load stitch": _named("etl.job", "stitch_night"),
    }


def _extract(source: str) -> Job:
    def job(day: date, enterprise: Enterprise, lake: Lake) -> object:
        from etl.job import extract_source

        return extract_source(source, day, enterprise, lake)

    return job


def _named(module: str, *names: str) -> Job:
    def job(day: date, enterprise: Enterprise, lake: Lake) -> object:
        import importlib

        return [getattr(importlib.import_module(module), name)(day, enterprise, lake) for name in names]

    return job


def _checks(*stages: str, beside: tuple[str, ...] = ()) -> Job:
    def job(day: date, enterprise: Enterprise, lake: Lake) -> object:
        from expectations.job import validate_beside, validate_night

        for stage in stages:
            validate_night(stage, day, enterprise, lake)
        for stage in beside:
            validate_beside(stage, day, enterprise, lake)
        return None

    return job


def _shard(module: str, name: str, shard: int) -> Job:
    def job(day: date, enterprise: Enterprise, lake: Lake) -> object:
        import importlib

        return getattr(importlib.import_module(module), name)(shard, day, enterprise, lake)

    return job


def _verify() -> None:
    from staffing.files.job import verify_night

    verify_night()


def steps_of(enterprise: Enterprise) -> dict[str, tuple[Job, tuple[str, ...]]]:
    """The night's tasks, each with its job and the tasks it waits for."""
    extracts = {f"extract_{source}": (_extract(source), ()) for source in SOURCES}
    shards = range(shard_count(enterprise))
    shares = [f"forecast_queues {shard}" for shard in shards]
    mapped = {
        name: (_shard("forecasting.job", "forecast_queues", shard), ("check_history",))
        for shard, name in zip(shards, shares, strict=True)
    }
    staffed = {
        f"staff_queues {shard}": (_shard("staffing.job", "staff_queues", shard), ("merge_forecast", "verify_staffing"))
        for shard in shards
    }
    steps: dict[str, tuple[Job, tuple[str, ...]]] = {
        **extracts,
        "take_overrides": (_named("warehouse.job", "take_overrides_night"), tuple(extracts)),
        "conform": (_named("etl.job", "conform_night"), tuple(extracts)),
        "build_history": (_named("etl.job", "build_history_night"), ("conform", "take_overrides")),
        "stitch_workstreams": (_named("etl.job", "stitch_night"), ("check_history",)),
        "check_history": (_checks("sources", "core", "history", "monitors"), ("build_history",)),
        **mapped,
        "merge_forecast": (_named("forecasting.job", "merge_forecast"), tuple(shares)),
        "measure_accuracy": (_named("forecasting.job", "measure_night"), ("merge_forecast",)),
        "explain_misses": (_named("staffing.job", "explain_night"), ("check_history",)),
        "verify_staffing": (lambda *_: _verify(), ()),
        **staffed,
        "merge_staffing": (_named("staffing.job", "merge_staffing"), tuple(staffed)),
        "plan_shifts": (_named("staffing.job", "shift_night", "capacity_night"), ("merge_staffing",)),
        "audit_plan": (_named("staffing.job", "audit_night"), ("merge_staffing",)),
        "check_plan": (
            _checks("forecast", "staffing", beside=("workstreams", "audit")),
            ("plan_shifts", "audit_plan", "measure_accuracy", "explain_misses", "stitch_workstreams"),
        ),
        "publish": (_named("warehouse.job", "publish_night"), ("check_plan",)),
        "write_planbook": (_named("warehouse.job", "write_planbook_night"), ("publish",)),
        "write_data_docs": (_named("expectations.job", "write_data_docs_night"), ("write_planbook",)),
    }
    return steps


def measured(folder: Path, step: str, *options: str) -> dict[str, float]:
    """Processor and wall seconds and peak memory of a step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder), *options]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=kept)  # noqa: S603 - our own interpreter and file
    if done.returncode:
        raise RuntimeError(f"{step} failed:\n{done.stderr[-3000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_step(folder: Path, step: str, queues: int, days: int, per_queue: int) -> None:
    """One step in this process; its cost is printed as JSON."""
    began = time.perf_counter()
    if step == "draw":
        draw(folder, queues, days, per_queue)
    elif step in first_load():
        enterprise, lake = open_folder(folder)
        first_load()[step](LAST - timedelta(days=1), enterprise, lake)
    else:
        enterprise, lake = open_folder(folder)
        steps_of(enterprise)[step][0](LAST, enterprise, lake)
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = {
        "cpu": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        "seconds": time.perf_counter() - began,
        "gigabytes": max(own.ru_maxrss, children.ru_maxrss) / 1024**2,
    }
    sys.stdout.write("\n" + json.dumps(cost) + "\n")


def compare_mapped(console: Console, folder: Path) -> None:
    """How long a step's mapped tasks take one after another, and two at a time."""
    enterprise, _ = open_folder(folder)
    table = Table("mapped tasks", "1 worker: s", "CPU s", "2 workers: s", "CPU s", "times faster", title=str(folder))
    whole = {1: 0.0, 2: 0.0}
    for step in ("forecast_queues", "staff_queues"):
        tasks = [name for name in steps_of(enterprise) if name.startswith(f"{step} ")]
        found = {}
        for workers in whole:
            began = time.perf_counter()
            with ThreadPoolExecutor(workers) as pool:
                costs = list(pool.map(partial(measured, folder), tasks))
            found[workers] = time.perf_counter() - began, sum(cost["cpu"] for cost in costs)
            whole[workers] += found[workers][0]
        cells = [f"{value:.0f}" for workers in whole for value in found[workers]]
        table.add_row(f"{len(tasks)} x {step}", *cells, f"{found[1][0] / found[2][0]:.2f}")
    table.add_row("both", f"{whole[1]:.0f}", "", f"{whole[2]:.0f}", "", f"{whole[1] / whole[2]:.2f}")
    console.print(table)


def on_workers(workers: int, seconds: dict[str, float], after: dict[str, tuple[str, ...]]) -> float:
    """When the last task ends if so many workers take the tasks as soon as what they wait for is done."""
    free, ended, left = [0.0] * workers, dict[str, float](), list(seconds)
    while left:
        ready = {
            name: max((ended[other] for other in after[name]), default=0.0) for name in left if set(after[name]) <= set(ended)
        }
        name = min(ready, key=lambda one: (ready[one], left.index(one)))
        worker = min(range(workers), key=lambda one: free[one])
        ended[name] = free[worker] = max(free[worker], ready[name]) + seconds[name]
        left.remove(name)
    return max(ended.values(), default=0.0)


def main() -> None:
    """Measure nights of several sizes and print a table of each, and one over all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queues", type=int, nargs="+", default=[50, 100, 250, 500])
    parser.add_argument("--contacts-per-queue", type=int, default=CONTACTS_PER_QUEUE, help="a day")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="kept; without it a temporary one, removed at the end")
    parser.add_argument("--steps", nargs="*", help="only these steps; none: prepare the folder")
    parser.add_argument("--mapped", action="store_true", help="only the mapped tasks, by one worker and by two; needs --folder")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        run_step(arguments.folder, arguments.step, arguments.queues[0], arguments.days, arguments.contacts_per_queue)
        return
    console = Console(width=110)
    if arguments.mapped:
        for queues in arguments.queues:
            compare_mapped(console, arguments.folder / str(queues))
        return
    over_all = Table("queues", "contacts a day", "CPU s", "clock s", "2 workers s", "1 worker s", "highest GB", "mapped CPU s")
    for queues in arguments.queues:
        with (
            tempfile.TemporaryDirectory()
            if arguments.folder is None
            else nullcontext(str(arguments.folder / str(queues))) as place
        ):
            folder = Path(place)
            try:
                over_all.add_row(
                    *_measure(console, folder, queues, arguments.days, arguments.contacts_per_queue, arguments.steps)
                )
            finally:
                EmbeddedPostgres.stop(folder / "state")
    console.print(over_all)
    console.print(f"Goals at 500 queues: {MOST_SECONDS:.0f} s on two cores, {MOST_MEMORY_GB:.0f} GB.")


def _measure(console: Console, folder: Path, queues: int, days: int, per_queue: int, only: list[str] | None) -> tuple[str, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "prepared").exists():
        of_size = ("--queues", str(queues), "--days", str(days), "--contacts-per-queue", str(per_queue))
        for name in ("draw", *first_load()):
            if (folder / f"prepared.{name}").exists():
                continue
            cost = measured(folder, name, *of_size)
            console.print(f"{queues} queues, {name}: {cost['cpu']:.0f} CPU s, {cost['gigabytes']:.2f} GB")
            (folder / f"prepared.{name}").touch()
        _reveal(folder)
        (folder / "prepared").touch()
    enterprise, _ = open_folder(folder)
    steps = steps_of(enterprise)
    table, costs = Table("step", "CPU s", "clock s", "GB", title=f"{queues} queues"), {}
    for name in steps:
        if only is not None and name.split()[0] not in only:
            continue
        costs[name] = measured(folder, name)
        table.add_row(name, *(f"{costs[name][key]:.{digits}f}" for key, digits in (("cpu", 1), ("seconds", 1), ("gigabytes", 2))))
        console.print(f"{name}: {costs[name]['cpu']:.1f} CPU s, {costs[name]['gigabytes']:.2f} GB")
    console.print(table)
    seconds = {name: cost["seconds"] for name, cost in costs.items()}
    after = {name: tuple(one for one in steps[name][1] if one in costs) for name in costs}
    mapped = sum(cost["cpu"] for name, cost in costs.items() if " " in name)
    return (
        str(queues),
        f"{queues * per_queue:,}",
        f"{sum(cost['cpu'] for cost in costs.values()):.0f}",
        f"{sum(seconds.values()):.0f}",
        f"{on_workers(2, seconds, after):.0f}",
        f"{on_workers(1, seconds, after):.0f}",
        f"{max((cost['gigabytes'] for cost in costs.values()), default=0.0):.2f}",
        f"{mapped:.0f}",
    )


if __name__ == "__main__":
    main()
