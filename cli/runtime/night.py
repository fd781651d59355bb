"""One night through Airflow: started, followed task by task, and explained if it fails."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cli.runtime.airflow_api import AirflowApi, AirflowUnreachableError
from cli.runtime.folders import Folders
from enterprise.errors import NeedsPersonError

DAG_ID = "nightly_plan"
FINISHED = {"success", "failed"}
LOOK_SECONDS = 0.5
KEPT_BACK = "The last good plan stays current. When this is mended, run the same command again."
NO_HARM = "The plan went ahead without it. When this is mended, run the same command again."
UNREACHABLE_SECONDS = 60
"""The API server may be too busy to answer now and then; a run is not lost because of that."""


@dataclass(frozen=True)
class TaskState:
    """What a task does at this moment.

    Attributes:
        task_id: its name in the DAG.
        state: Airflow's word: "scheduled", "queued", "running", "success", "failed", "up_for_retry", "upstream_failed" ...
        try_number: 1 for the first try, 0 before it.
        seconds: how long its last try took, as far as it has ended.
    """

    task_id: str
    state: str
    try_number: int
    seconds: float | None


class NightFailedError(NeedsPersonError):
    """The night did not get to its end."""


def start_night(api: AirflowApi, plan_date: date) -> str:
    """Start the night, or find it if it was started before and has not ended.

    Every start gets an id of its own, so that earlier runs of the same night stay readable.

    Returns:
        The id of the run to follow.
    """
    name = f"night_{plan_date.isoformat()}"
    for run_id in api.unfinished_runs(DAG_ID):
        if run_id == name or run_id.startswith(f"{name}_"):
            return run_id
    run_id, count = name, 1
    while api.run_state(DAG_ID, run_id) is not None:
        count += 1
        run_id = f"{name}_{count}"
    api.trigger(DAG_ID, run_id, plan_date.isoformat())
    return run_id


def follow_night(api: AirflowApi, run_id: str) -> Iterator[list[TaskState]]:
    """Give the state of all tasks whenever one of them changed, until the run has ended.

    Raises:
        AirflowUnreachableError: if the API server is away for long.
    """
    seen: list[TaskState] = []
    answered = time.monotonic()
    while True:
        try:
            state = api.run_state(DAG_ID, run_id)
            tasks = [_task_state(entry) for entry in api.task_instances(DAG_ID, run_id)]
        except AirflowUnreachableError:
            if time.monotonic() - answered > UNREACHABLE_SECONDS:
                raise
            time.sleep(LOOK_SECONDS)
            continue
        answered = time.monotonic()
        if tasks != seen:
            seen = tasks
            yield tasks
        if state in FINISHED:
            return
        time.sleep(LOOK_SECONDS)


def require_plan(api: AirflowApi, run_id: str, folders: Folders) -> list[str]:
    """Let a run pass that ended with a plan.

    Returns:
        What failed in it all the same, task by task: a source that could not be read, say. Nothing if all is well.

    Raises:
        NightFailedError: naming the task that failed, its error, the log and the next step.
    """
    tasks = [_task_state(entry) for entry in api.task_instances(DAG_ID, run_id)]
    failed = [task for task in tasks if task.state == "failed"]
    if api.run_state(DAG_ID, run_id) == "success":
        return [_explained(task, run_id, folders, NO_HARM) for task in failed]
    if not failed:
        raise NightFailedError(f"Run {run_id} ended without success, but no task failed. Look at it in Airflow: make up")
    raise NightFailedError("\n\n".join(_explained(task, run_id, folders, KEPT_BACK) for task in failed))


def _task_state(entry: dict[str, Any]) -> TaskState:
    return TaskState(entry["task_id"], entry["state"] or "waiting", entry["try_number"], entry["duration"])


def _explained(task: TaskState, run_id: str, folders: Folders, consequence: str) -> str:
    place = Path(f"dag_id={DAG_ID}", f"run_id={run_id}", f"task_id={task.task_id}", f"attempt={task.try_number}.log")
    log = folders.logs / "tasks" / place
    tries = "at the first try" if task.try_number <= 1 else f"after {task.try_number} tries"
    return "\n".join(
        [
            f"Task {task.task_id} failed {tries}:",
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
