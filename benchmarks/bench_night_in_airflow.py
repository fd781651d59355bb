"""A whole night through Airflow: its seconds, Airflow's share of them, and the memory of all its processes together.

Run: .venv/bin/python benchmarks/bench_night_in_airflow.py FOLDER [--date 2026-11-12] [--report]

FOLDER holds `enterprise.toml` and the lake of the days before: bench_night_at_scale.py --queues 500 --folder FOLDERS --steps
makes FOLDERS/500. The night is `leadline run`; it is looked at every second from outside: memory by PSS, which counts what
processes share once, and processor seconds. When it is over, Airflow's own records and the tasks' logs say what each task
instance was at. --report tells of a night that was run before, without memory.

**Airflow's share** is taken on the chain of tasks that the night's length is made of: back from the last task to the task it
waited for that ended last, and so on to the first. On that chain a second is the job's own (between "pre execute" and "post
execute" of the task's log, which leaves out the start of the process and the reading of the DAG file), Airflow's (all else of a
task instance, and the time from one task's end to the next one's start), or was spent waiting for a worker: between two tasks of
the chain, while as many other tasks ran as may run at once.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from warehouse.embedded import METADATA_ROLE, EmbeddedPostgres

PLAN = "nightly_plan"
LOOK_SECONDS = 1.0
GOAL_SECONDS, GOAL_GIGABYTES, GOAL_SHARE = 900.0, 4.0, 0.15
Connection = psycopg.Connection[tuple[object, ...]]
Task = tuple[str, str]
_WORKER = "airflow worker -- "


@dataclass
class Watched:
    """What was seen of the night's processes from outside.

    Attributes:
        seconds: from the command's start to its end.
        most: highest sum of memory, in bytes, and what it was made of by kind of process.
        memory: highest memory of each kind of process, in bytes.
        processor: processor seconds of each process, by kind, process id and start.
    """

    seconds: float = 0.0
    most: tuple[int, dict[str, int]] = (0, {})
    memory: dict[str, int] = field(default_factory=dict)
    processor: dict[tuple[str, int, float], float] = field(default_factory=dict)

    def look(self, command: int, state: Path) -> None:
        """Add what is to be seen just now."""
        now: dict[str, int] = {}
        for process in _processes(command, state):
            try:
                kind, times = _kind(process), process.cpu_times()
                share = _proportional_bytes(process.pid)
                self.processor[kind, process.pid, process.create_time()] = times.user + times.system
            except (psutil.Error, OSError):
                continue  # gone meanwhile
            now[kind] = now.get(kind, 0) + share
        for kind, size in now.items():
            self.memory[kind] = max(size, self.memory.get(kind, 0))
        if sum(now.values()) > self.most[0]:
            self.most = sum(now.values()), now

    def processor_seconds(self) -> dict[str, float]:
        """Processor seconds by kind of process."""
        found: dict[str, float] = {}
        for (kind, _, _), seconds in self.processor.items():
            found[kind] = found.get(kind, 0.0) + seconds
        return found


def _processes(command: int, state: Path) -> list[psutil.Process]:
    """The command, what it started, and the embedded PostgreSQL."""
    roots = [command]
    lock = state / "postgres" / "cluster" / "postmaster.pid"
    if lock.exists():
        roots.append(int(lock.read_text().split("\n", 1)[0] or command))
    found: dict[int, psutil.Process] = {}
    for root in roots:
        try:
            process = psutil.Process(root)
            found |= {one.pid: one for one in (process, *process.children(recursive=True))}
        except psutil.Error:
            continue
    return list(found.values())


def _kind(process: psutil.Process) -> str:
    """What a process is for: a task by the id of its instance, else the part of the runtime."""
    words = " ".join(process.cmdline())
    if words.startswith(_WORKER):
        rest = words.removeprefix(_WORKER).strip()
        return "executor" if rest.startswith("LocalExecutor") else rest
    if words.startswith("postgres") or "/postgres" in words:
        return "postgres"
    for part in ("api_server", "api-server", "scheduler", "dag-processor"):
        if part in words:
            return part.replace("_", "-")
    return "command"


def _proportional_bytes(pid: int) -> int:
    text = Path("/proc", str(pid), "smaps_rollup").read_text()
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def run_night(folder: Path, day: str) -> Watched:
    """Run the night of a day to its end, and look at it."""
    words = [str(Path(sys.executable).with_name("leadline")), "run", "--config", "enterprise.toml", "--date", day]
    watched, began = Watched(), time.monotonic()
    with (folder / "night.log").open("w") as log:
        command = subprocess.Popen(words, cwd=folder, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - our own command
        while command.poll() is None:
            watched.look(command.pid, folder / "state")
            time.sleep(LOOK_SECONDS)
    watched.seconds = time.monotonic() - began
    if command.returncode:
        sys.stderr.write((folder / "night.log").read_text()[-3000:])
        raise SystemExit(f"the night ended with {command.returncode}; see {folder / 'night.log'}")
    return watched


@dataclass(frozen=True)
class Piece:
    """A task instance, in seconds since 1970.

    Attributes:
        name: task, with its number if it is one of several.
        task: the DAG's and the task's name.
        instance: id of the instance: its process is called so.
        start: when Airflow says it ran.
        began: when its job's code was called.
        ended: when that returned.
        end: when Airflow says it was over.
    """

    name: str
    task: Task
    instance: str
    start: float
    began: float
    ended: float
    end: float

    @property
    def overhead(self) -> float:
        """Seconds of the instance that are not its job's."""
        return self.end - self.start - (self.ended - self.began)


def pieces_of(connection: Connection, logs: Path, day: str) -> list[Piece]:
    """The task instances of the day's last runs, in the order of their start."""
    rows = connection.execute(
        "WITH last AS (SELECT DISTINCT ON (dag_id) dag_id, run_id FROM dag_run WHERE partition_key = %s "
        "ORDER BY dag_id, id DESC) "
        "SELECT ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.try_number, ti.id::text, ti.start_date, ti.end_date "
        "FROM task_instance ti JOIN last USING (dag_id, run_id) WHERE ti.start_date IS NOT NULL ORDER BY ti.start_date",
        [day],
    ).fetchall()
    found = []
    for dag, run, task, number, attempt, instance, start, end in rows:
        parts = [f"dag_id={dag}", f"run_id={run}", f"task_id={task}", *([f"map_index={number}"] if int(str(number)) >= 0 else [])]
        began, ended = _job_in(logs.joinpath(*parts, f"attempt={attempt}.log"))
        first, last = _second(start), _second(end)
        name = (str(task) if dag == PLAN else f"{dag} {task}") + (f" {number}" if int(str(number)) >= 0 else "")
        found.append(Piece(name, (str(dag), str(task)), str(instance), first, began or last, ended or last, last))
    return found


def _second(moment: object) -> float:
    if not isinstance(moment, datetime):
        raise SystemExit(f"a task instance has no end: got {moment!r}; wait until the night is over")
    return moment.timestamp()


def _job_in(log: Path) -> tuple[float | None, float | None]:
    """When a task's own code was called and when it returned; None where the log does not say it: a task without code."""
    began = ended = None
    for line in log.read_text().splitlines() if log.exists() else []:
        event = json.loads(line)
        if event.get("event") == "::endgroup::" and began is None:
            began = datetime.fromisoformat(event["timestamp"]).timestamp()
        if event.get("event") == "::group::Post Execute":
            ended = datetime.fromisoformat(event["timestamp"]).timestamp()
    return began, ended


def upstream_of(connection: Connection, pieces: list[Piece]) -> dict[Task, set[Task]]:
    """What each task waits for, as Airflow keeps the DAGs; the plan's first tasks wait for every source's report."""
    upstream: dict[Task, set[Task]] = {piece.task: set() for piece in pieces}
    kept = connection.execute(
        "SELECT DISTINCT ON (dag_id) dag_id, data FROM serialized_dag ORDER BY dag_id, created_at DESC"
    ).fetchall()
    for dag, data in kept:
        for task in json.loads(json.dumps(data))["dag"]["tasks"]:
            of_task = task.get("__var", task)
            for below in of_task.get("downstream_task_ids", ()):
                if (str(dag), below) in upstream:
                    upstream[str(dag), below].add((str(dag), str(of_task["task_id"])))
    reports = {piece.task for piece in pieces if piece.task[1] == "report"}
    return {task: above or (reports if task[0] == PLAN else set()) for task, above in upstream.items()}


@dataclass(frozen=True)
class Link:
    """A task on the chain that the night's length is made of, with the seconds between it and the one before.

    Attributes:
        piece: the task.
        gap: seconds from the end of the task it waited for to its own start, less `waited`.
        waited: seconds thereof in which as many others ran as may.
    """

    piece: Piece
    gap: float
    waited: float


def chain_of(pieces: list[Piece], upstream: dict[Task, set[Task]], at_once: int) -> list[Link]:
    """The tasks that the night's length is made of, the first one first."""
    piece, chain = max(pieces, key=lambda one: one.end), []
    while True:
        above = [one for one in pieces if one.task in upstream[piece.task] and one.end <= piece.start + 0.5]
        before = max(above, key=lambda one: one.end, default=None)
        if before is None:
            return [Link(piece, 0.0, 0.0), *reversed(chain)]
        waited = _full(before.end, piece.start, [one for one in pieces if one is not piece], at_once)
        chain.append(Link(piece, max(piece.start - before.end, 0.0) - waited, waited))
        piece = before


def _full(begin: float, end: float, others: list[Piece], at_once: int) -> float:
    """Seconds of a span in which at least so many others ran."""
    moments = sorted({begin, end, *(m for one in others for m in (one.start, one.end) if begin < m < end)})
    spans = itertools.pairwise(moments)
    return sum(b - a for a, b in spans if sum(one.start <= a and one.end >= b for one in others) >= at_once)


def report(console: Console, folder: Path, day: str, watched: Watched | None, at_once: int) -> None:
    """Print what the night was made of."""
    address = EmbeddedPostgres.ensure_running(folder / "state")
    try:
        with psycopg.connect(address.url(METADATA_ROLE).replace("+psycopg", "")) as connection:
            pieces = pieces_of(connection, folder / "state" / "airflow" / "logs" / "tasks", day)
            upstream = upstream_of(connection, pieces)
    finally:
        EmbeddedPostgres.stop(folder / "state")
    chain = {link.piece.instance: link for link in chain_of(pieces, upstream, at_once)}
    cpu = watched.processor_seconds() if watched else {}
    memory = watched.memory if watched else {}
    table = Table(
        "task", "began at s", "job s", "Airflow s", "on the chain: gap, waited s", "CPU s", "GB", title=f"Night of {day}"
    )
    first = min(piece.start for piece in pieces)
    for piece in pieces:
        link = chain.get(piece.instance)
        table.add_row(
            piece.name,
            f"{piece.start - first:.1f}",
            f"{piece.ended - piece.began:.1f}",
            f"{piece.overhead:.1f}",
            f"{link.gap:.1f}, {link.waited:.1f}" if link else "",
            f"{cpu[piece.instance]:.1f}" if piece.instance in cpu else "",
            f"{memory[piece.instance] / 1e9:.2f}" if piece.instance in memory else "",
        )
    console.print(table)
    links = list(chain.values())
    job = sum(link.piece.ended - link.piece.began for link in links)
    airflow = sum(link.gap + link.piece.overhead for link in links)
    waited = sum(link.waited for link in links)
    whole = job + airflow + waited
    all_tasks = sum(piece.overhead for piece in pieces)
    console.print(f"From the first task's start to the last one's end: {whole:.0f} s (goal {GOAL_SECONDS:.0f}).")
    console.print(f"Of these the jobs {job:.0f}, waiting for a worker {waited:.0f}, Airflow {airflow:.0f} s.")
    console.print(f"Airflow's share: {airflow / whole:.1%} (goal {GOAL_SHARE:.0%}); of all task instances {all_tasks:.0f} s.")
    if watched:
        _report_watched(console, watched, {piece.instance for piece in pieces})


def _report_watched(console: Console, watched: Watched, tasks: set[str]) -> None:
    cpu = watched.processor_seconds()
    of_tasks = sum(seconds for kind, seconds in cpu.items() if kind in tasks)
    table = Table("process", "CPU s", "most GB")
    table.add_row("all tasks", f"{of_tasks:.0f}", f"{max(watched.memory.get(kind, 0) for kind in tasks) / 1e9:.2f} (one)")
    for kind in sorted(set(cpu) - tasks):
        table.add_row(kind, f"{cpu[kind]:.0f}", f"{watched.memory.get(kind, 0) / 1e9:.2f}")
    console.print(table)
    most, parts = watched.most
    named = ", ".join(f"{'a task' if kind in tasks else kind} {size / 1e9:.2f}" for kind, size in sorted(parts.items()))
    console.print(f"Command, Airflow's start and its end included: {watched.seconds:.0f} s, {sum(cpu.values()):.0f} CPU s.")
    console.print(f"Most memory of all processes together: {most / 1e9:.2f} GB (goal {GOAL_GIGABYTES:.0f}): {named}.")


def main() -> None:
    """Run a night and tell of it, or only tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--date", default="2026-11-12")
    parser.add_argument("--report", action="store_true", help="tell of a night that was run before")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    watched = None if arguments.report else run_night(folder, arguments.date)
    report(Console(width=120), folder, arguments.date, watched, max(2, os.cpu_count() or 2))


if __name__ == "__main__":
    main()
