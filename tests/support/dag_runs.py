"""Runs of the DAG files in this process, without scheduler: every task in its order, by what the DAG files themselves say.

Started as a program, so that Airflow's settings are those of a folder of its own:
`python -m tests.support.dag_runs nightly_plan=2026-11-12 ...`.
"""

from __future__ import annotations

import inspect
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from warehouse.embedded import EmbeddedPostgres

REPOSITORY = Path(__file__).resolve().parents[2]
FAILED, SKIPPED, SUCCESS = "failed", "skipped", "success"
Watch = Callable[[str, str, str], AbstractContextManager[None]]
"""Told DAG, partition key and task before a task is run; left when it has ended."""

logger = logging.getLogger(__name__)


def environment(folder: Path, config: Path) -> dict[str, str]:
    """What such a program needs: an Airflow home of its own, and the settings file."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "LEADLINE"))}
    return kept | {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "LEADLINE_CONFIG": str(config),
        "LEADLINE_ROOT": str(folder),
    }


def run_words(folder: Path, words: Sequence[str], stop: bool = True) -> list[dict[str, Any]]:
    """Run such a program in a folder with the settings file `enterprise.toml`; what it said of each run.

    Args:
        folder: where sources, lake and warehouse are.
        words: the runs, each `dag_id=partition_key`.
        stop: whether its PostgreSQL is stopped afterwards.

    Raises:
        AssertionError: if a run had a task that failed; with the end of what the program said.
    """
    command = [sys.executable, "-m", "tests.support.dag_runs", *words]
    env = environment(folder, folder / "enterprise.toml") | {"PYTHONPATH": str(REPOSITORY)}
    try:
        done = subprocess.run(command, env=env, cwd=folder, check=False, capture_output=True, text=True)
    finally:
        if stop:
            EmbeddedPostgres.stop(folder / ".leadline")
    runs: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"run"')]
    bad = [run for run in runs if {FAILED, "upstream_failed"} & set(run["states"].values())]
    assert not bad, f"{bad}\n{done.stderr[-3000:]}"
    assert (done.returncode, len(runs)) == (0, len(words)), done.stderr[-3000:]
    return runs


def run_dag(dag: Any, key: str, watch: Watch = lambda *_: nullcontext(), only: Collection[str] | None = None) -> dict[str, str]:
    """Run every task of a DAG about a partition key; how each ended, by its id.

    Args:
        dag: the DAG as its file makes it.
        key: partition key of the run.
        watch: what goes round each task.
        only: ids of the tasks to be run, as if those before them had ended well; all if not given.
    """
    states: dict[str, str] = {}
    run = SimpleNamespace(dag_id=dag.dag_id, run_id=f"test_{key}", partition_key=key, conf={}, start_date=datetime.now(UTC))
    for task in dag.topological_sort():
        if only is not None and task.task_id not in only:
            continue
        before = [states.get(name, SUCCESS) for name in task.upstream_task_ids]
        patient = task.is_teardown or task.trigger_rule.value.startswith("all_done")
        if not patient and any(state != SUCCESS for state in before):
            states[task.task_id] = "upstream_failed"
            continue
        with watch(dag.dag_id, key, task.task_id):
            states[task.task_id] = _ended(task, run, states)
    return states


def _ended(task: Any, run: Any, states: Mapping[str, str]) -> str:
    """Run one task, a mapped one for each of its shares; how it ended."""
    from airflow.sdk.exceptions import AirflowSkipException

    ti = SimpleNamespace(
        task_id=task.task_id,
        get_task_states=lambda dag_id, run_ids: {run_id: dict(states) for run_id in run_ids},
        get_task_breadcrumbs=lambda dag_id, run_id: [],
        get_dr_count=lambda dag_id, states: 0,
    )
    try:
        for call in _calls(task, {"dag_run": run, "ti": ti, "triggering_asset_events": {}}):
            call()
    except AirflowSkipException:
        return SKIPPED
    except Exception:  # as Airflow, to which a task that raised anything else has failed
        logger.exception("task %s of %s failed", task.task_id, run.run_id)
        return FAILED
    return SUCCESS


def _calls(task: Any, context: Mapping[str, Any]) -> Iterator[Callable[[], object]]:
    function = getattr(task, "python_callable", None)
    if function is None:
        return  # nothing to run
    shares: Sequence[Mapping[str, Any]] = [{}]
    if task.is_mapped:
        ((name, values),) = task.op_kwargs_expand_input.value.items()
        shares = [{name: value} for value in values]
    wanted = inspect.signature(function).parameters
    said = dict(getattr(task, "op_kwargs", None) or {}) | {name: context[name] for name in wanted if name in context}
    for share in shares:
        yield lambda share=share: function(*(getattr(task, "op_args", None) or ()), **{**said, **share})


def dags() -> dict[str, Any]:
    """Every DAG of the DAG files, by its id."""
    from airflow.dag_processing.dagbag import BundleDagBag

    folder = REPOSITORY / "dags"
    bag = BundleDagBag(folder, bundle_path=folder, bundle_name="test")
    if bag.import_errors:
        raise RuntimeError(f"the DAG files have errors: {bag.import_errors}")
    return dict(bag.dags)


def main(words: Sequence[str]) -> None:
    """Run what is named, one after another; print how long each took of the processor and how its tasks ended."""
    known = dags()
    for word in words:
        dag_id, _, key = word.partition("=")
        seconds: dict[str, float] = {}

        @contextmanager
        def timed(dag_id: str, key: str, task_id: str, seconds: dict[str, float] = seconds) -> Iterator[None]:
            started = time.process_time()
            yield
            seconds[task_id] = round(time.process_time() - started, 2)

        states = run_dag(known[dag_id], key, timed)
        print(json.dumps({"run": word, "states": states, "cpu_seconds": seconds}), flush=True)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main(sys.argv[1:])
