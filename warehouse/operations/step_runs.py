"""What Airflow saw of a night's steps, put together from the pieces it ran them in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from enterprise.night_steps import EXTRACT_PREFIX
from warehouse.tables.run import STEP_STATUSES

_EXTRACT = "extract"
_NO_STEPS = ("beside_ended",)
_WORST_FIRST = ("failed", "upstream_failed", "success", "removed", "skipped")


@dataclass(frozen=True, slots=True)
class DagRunSeen:
    """A run of a DAG that belongs to a night, as Airflow tells it.

    Attributes:
        dag_id: the DAG: `nightly_plan`, or a source's `extract_<source>`.
        run_id: the run.
        pieces: one record per ended task or piece of it: task_id, state, duration in seconds.
        airflow_address: address of Airflow's pages; empty where it has none.
        reasons: why tasks failed, in the words of their errors, by task_id; without those that said nothing for people.
    """

    dag_id: str
    run_id: str
    pieces: Iterable[Mapping[str, Any]]
    airflow_address: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepRun:
    """What the scheduler knows of a step.

    Attributes:
        step: a task of the night, or `extract_` with the name of the source.
        status: how it ended, as Airflow says it.
        task_runs: pieces it was run in.
        task_seconds: time they took, added up; None where that is not known.
        log_address: where its log is shown; empty where that is not known.
        reason: why it failed, in the words of its error; empty where that is not known.
    """

    step: str
    status: str
    task_runs: int = 1
    task_seconds: float | None = None
    log_address: str = ""
    reason: str = ""


def step_runs(runs: Iterable[DagRunSeen]) -> list[StepRun]:
    """The steps of a night, in the order of their names; of a source only its extraction.

    Example:
        >>> pieces = [
        ...     {"task_id": "forecast", "state": "success", "duration": 2.0},
        ...     {"task_id": "forecast", "state": "failed", "duration": 3.5},
        ... ]
        >>> step_runs([DagRunSeen("nightly_plan", "night 1", pieces, "https://airflow.example.org/")])
        [StepRun(step='forecast', status='failed', task_runs=2, task_seconds=5.5, \
log_address='https://airflow.example.org/dags/nightly_plan/runs/night%201/tasks/forecast', reason='')]
    """
    found = []
    for run in runs:
        by_task: dict[str, list[Mapping[str, Any]]] = {}
        for piece in run.pieces:
            by_task.setdefault(str(piece["task_id"]), []).append(piece)
        for task, pieces in sorted(by_task.items()):
            step = _step_of(run.dag_id, task)
            if step:
                seconds = [float(piece["duration"]) for piece in pieces if piece["duration"] is not None]
                status = _worst([str(piece["state"]) for piece in pieces])
                address = log_address(run.airflow_address, run.dag_id, run.run_id, task)
                time = sum(seconds) if seconds else None
                found.append(StepRun(step, status, len(pieces), time, address, run.reasons.get(task, "")))
    return found


def log_address(airflow_address: str, dag_id: str, run_id: str, task_id: str) -> str:
    """Address of a task's page with its log; empty where Airflow has no pages."""
    dag = dag_address(airflow_address, dag_id)
    return f"{dag}/runs/{quote(run_id, safe='')}/tasks/{task_id}" if dag else ""


def dag_address(airflow_address: str, dag_id: str) -> str:
    """Address of a DAG's page with its runs; empty where Airflow has no pages."""
    return f"{airflow_address.rstrip('/')}/dags/{dag_id}" if airflow_address else ""


def _step_of(dag_id: str, task: str) -> str:
    if dag_id.startswith(EXTRACT_PREFIX):
        return dag_id if task == _EXTRACT else ""
    return "" if task in _NO_STEPS else task


def _worst(states: list[str]) -> str:
    known = [state for state in states if state in STEP_STATUSES]
    return min(known, key=_WORST_FIRST.index) if known else "not_run"
