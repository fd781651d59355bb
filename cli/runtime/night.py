"""One night through Airflow: its sources read, its plan followed task by task, and explained if it fails.

Every source has a DAG of its own; the night's plan starts by itself when all of them have reported (see `dags/extract.py`).
"""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cli.runtime.airflow_api import AirflowApi, AirflowUnreachableError
from cli.runtime.folders import Folders
from enterprise.errors import NeedsPersonError

DAG_ID = "nightly_plan"
FINISHED = {"success", "failed"}
LOOK_SECONDS = 1.0
KEPT_BACK = "The last good plan stays current. When this is mended, run the same command again."
NO_HARM = "The plan went ahead without it. When this is mended, run the same command again."
UNREACHABLE_SECONDS = 60
"""The API server may be too busy to answer now and then; a run is not lost because of that."""
START_SECONDS = 120
"""So long may the scheduler take to start the plan when all sources have reported."""
TRIGGER_SECONDS = 20
"""After so long it is started by hand: of two sources that report in the same instant Airflow notes each for a night of its
own, and neither ever has all."""
_EXTRACT = "extract"
_REPORT = "report"


@dataclass(frozen=True)
class Run:
    """One run of a DAG."""

    dag_id: str
    run_id: str


@dataclass(frozen=True)
class Night:
    """A night under way.

    Attributes:
        plan_date: the local day it is about.
        extractions: the runs that read the sources for it.
        earlier: ids of runs of the plan that are older: not what is being waited for.
    """

    plan_date: date
    extractions: tuple[Run, ...]
    earlier: frozenset[str]

    def plan(self, api: AirflowApi) -> Run | None:
        """The run that makes the plan; None until the scheduler has started it."""
        runs = api.runs(DAG_ID, self.plan_date.isoformat())
        return next((Run(DAG_ID, run_id) for run_id in runs if run_id not in self.earlier), None)


@dataclass(frozen=True)
class TaskState:
    """What a task does at this moment.

    Attributes:
        run: the run it belongs to.
        task_id: its name in its DAG.
        state: Airflow's word: "scheduled", "queued", "running", "success", "failed", "up_for_retry", "upstream_failed" ...
        try_number: 1 for the first try, 0 before it.
        seconds: how long its last try took, as far as it has ended.
        share: which share of the queues it works on, where several tasks do that; -1 for a task that does all.
    """

    run: Run
    task_id: str
    state: str
    try_number: int
    seconds: float | None
    share: int = -1

    @property
    def name(self) -> str:
        """What people call it: the extraction of a source by its DAG, any other task of the night by itself."""
        if self.task_id == _EXTRACT:
            return self.run.dag_id
        return self.task_id if self.share < 0 else f"{self.task_id} {self.share}"


class NightFailedError(NeedsPersonError):
    """The night did not get to its end."""


def start_night(api: AirflowApi, plan_date: date, sources: Iterable[str]) -> Night:
    """Have the sources read for a night, or find what was started before and has not ended.

    Every start gets an id of its own, so that earlier runs of the same night stay readable.

    Args:
        api: Airflow.
        plan_date: the local day the night is about.
        sources: names of the sources.
    """
    key = plan_date.isoformat()
    under_way = set(api.unfinished_runs(DAG_ID, key))
    earlier = frozenset(set(api.runs(DAG_ID, key)) - under_way)
    extractions = () if under_way else tuple(_started(api, f"{_EXTRACT}_{name}", key) for name in sources)
    return Night(plan_date, extractions, earlier)


def _started(api: AirflowApi, dag_id: str, key: str) -> Run:
    unfinished = api.unfinished_runs(dag_id, key)
    if unfinished:
        return Run(dag_id, unfinished[0])
    run_id, count = f"night_{key}", 1
    while api.run_state(dag_id, run_id) is not None:
        count += 1
        run_id = f"night_{key}_{count}"
    api.trigger(dag_id, run_id, key)
    return Run(dag_id, run_id)


def follow_night(api: AirflowApi, night: Night) -> Iterator[list[TaskState]]:
    """Give the state of all tasks whenever one of them changed, until the plan's run has ended.

    Raises:
        AirflowUnreachableError: if the API server is away for long, or the scheduler does not start the plan.
    """
    seen: list[TaskState] = []
    plan: Run | None = None
    by_hand = False
    over: dict[Run, tuple[str | None, list[TaskState]]] = {}
    answered = reported = time.monotonic()
    while True:
        try:
            plan = plan or night.plan(api)
            runs = [*night.extractions, *([plan] if plan else [])]
            # What is over is not asked for again: every question costs the API server as much as a task's heartbeat.
            looks = {run: over.get(run) or (api.run_state(run.dag_id, run.run_id), _tasks(api, run)) for run in runs}
        except AirflowUnreachableError:
            if time.monotonic() - answered > UNREACHABLE_SECONDS:
                raise
            time.sleep(LOOK_SECONDS)
            continue
        answered = time.monotonic()
        over |= {run: look for run, look in looks.items() if look[0] in FINISHED}
        tasks = [task for _, of_run in looks.values() for task in of_run]
        if tasks != seen:
            seen = tasks
            yield tasks
        if plan in over:
            return
        is_waiting = plan is None or (by_hand and looks.get(plan, ("queued",))[0] == "queued")
        if not is_waiting or not over.keys() >= set(night.extractions):
            reported = answered
        elif answered - reported > START_SECONDS:
            raise AirflowUnreachableError(
                f"all sources have been read for the night of {night.plan_date}, but the scheduler did not start {DAG_ID} within "
                f"{START_SECONDS} seconds. Is it paused or overloaded? See: leadline status, then run the same command again"
            )
        elif plan is None and answered - reported > TRIGGER_SECONDS:
            plan, by_hand = _started(api, DAG_ID, night.plan_date.isoformat()), True
        time.sleep(LOOK_SECONDS)


def require_plan(api: AirflowApi, night: Night, folders: Folders) -> list[str]:
    """Let a night pass that ended with a plan.

    Returns:
        What failed in it all the same, task by task: a source that could not be read, say. Nothing if all is well.

    Raises:
        NightFailedError: naming the task that failed, its error, the log and the next step.
    """
    plan = night.plan(api)
    planned = plan is not None and api.run_state(plan.dag_id, plan.run_id) == "success"
    runs = [*night.extractions, *([plan] if plan else [])]
    failed = [task for run in runs for task in _tasks(api, run) if task.state == "failed"]
    explained = [_explained(task, folders, NO_HARM if planned else KEPT_BACK) for task in failed]
    if planned:
        return explained
    if not failed:
        raise NightFailedError(
            f"The night of {night.plan_date} ended without a plan, but no task failed. Look at it in Airflow: make up"
        )
    raise NightFailedError("\n\n".join(explained))


def _tasks(api: AirflowApi, run: Run) -> list[TaskState]:
    """The run's tasks that people ask about."""
    entries = api.task_instances(run.dag_id, run.run_id)
    return [_task_state(run, entry) for entry in entries if entry["task_id"] != _REPORT]


def _task_state(run: Run, entry: dict[str, Any]) -> TaskState:
    state, share = entry["state"] or "waiting", entry.get("map_index", -1)
    return TaskState(run, entry["task_id"], state, entry["try_number"], entry["duration"], share)


def _explained(task: TaskState, folders: Folders, consequence: str) -> str:
    run = Path(f"dag_id={task.run.dag_id}", f"run_id={task.run.run_id}")
    place = (
        run
        / f"task_id={task.task_id}"
        / (f"map_index={task.share}" if task.share >= 0 else "")
        / f"attempt={task.try_number}.log"
    )
    log = folders.logs / "tasks" / place
    tries = "at the first try" if task.try_number <= 1 else f"after {task.try_number} tries"
    return "\n".join(
        [
            f"Task {task.name} failed {tries}:",
            *(f"  {line}" for line in error_in_log(log)),
            f"  Its log: {log}",
            f"  {consequence}",
        ]
    )


def error_in_log(log: Path) -> list[str]:
    """The error a task's log ends with, in the words of whoever raised it; else the log's last lines.

    A task's log is JSON, one event per line; the one that ended the task carries `error_detail`: the chain of exceptions, the
    outermost first.
    """
    if not log.exists():
        return ["It left no log: the process was killed, or there was no memory left for it."]
    events = [_event(line) for line in log.read_text(errors="replace").splitlines()]
    for event in reversed(events):
        for exception in (event.get("error_detail") or [])[:1]:
            where = exception["frames"][-1:] or [{"filename": "?", "lineno": 0}]
            message = f"{exception['exc_type']}: {exception['exc_value']}"
            return [*message.splitlines(), f"raised in {where[0]['filename']}, line {where[0]['lineno']}"]
    return [str(event.get("event", "")) for event in events[-10:]]


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {"event": line}
    return event if isinstance(event, dict) else {"event": line}
