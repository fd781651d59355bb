"""The DAG files as Airflow's own DAG processor reads them: what is in them, by several settings, as plain values.

Read in a process of its own, so that Airflow's settings are those of a folder of its own and what is loaded is seen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enterprise.night_steps import ONLY_BY_HAND
from tests.support.more_queues import with_more_queues

REPOSITORY = Path(__file__).resolve().parents[2]
DAGS = REPOSITORY / "dags"
HEAVY = {"pandas", "numpy", "scipy", "duckdb", "pyarrow", "prophet", "numba", "great_expectations", "psycopg", "highspy"}
CLOCK_CHANGES = ((2026, 3, 27, 12), (2026, 10, 23, 12))


def read_bag(scratch: Path) -> dict[str, Any]:
    """What the example enterprise's DAG files hold, and what changes with other settings.

    Args:
        scratch: a folder for settings files and for an Airflow of its own.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "LEADLINE"))}
    settings = {
        "AIRFLOW_HOME": str(scratch / "airflow"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{scratch / 'airflow.db'}",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": '{"type": "console"}',  # so that tasks name their places
        "PYTHONPATH": str(REPOSITORY),
    }
    good = (REPOSITORY / "config" / "enterprise.toml").read_text()
    texts = {
        "patient": good.replace("[schedule]", "[schedule]\ncatch_up_since = 2026-11-12", 1),
        "large": with_more_queues(good, 250),
        "late": good.replace('plan_ready_by = "06:30"', 'plan_ready_by = "23:30"', 1),
        "broken": good.replace("interval_minutes", "interval_minuets", 1),
    }
    for name, text in texts.items():
        (scratch / f"{name}.toml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.dag_bag", str(scratch)],
        env={**kept, **settings},
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    read: dict[str, Any] = json.loads((scratch / "bag.json").read_text())
    return read


def _bag() -> Any:
    from airflow.dag_processing.dagbag import BundleDagBag

    return BundleDagBag(DAGS, bundle_path=DAGS, bundle_name="test")


def _by(settings: Path) -> Any:
    os.environ["LEADLINE_CONFIG"] = str(settings)
    return _bag()


def _alone() -> Any:
    """The files as an Airflow reads them that is up for one night only."""
    os.environ[ONLY_BY_HAND] = "yes"
    try:
        return _bag()
    finally:
        del os.environ[ONLY_BY_HAND]


def _place(place: Any) -> str:
    return str(place.url) if hasattr(place, "url") else f"{place.cluster}/{place.database}.{place.name}"


def _shares(task: Any) -> int:
    return len(task.op_kwargs_expand_input.value["shard"]) if task.is_mapped else 0


def _task(task: Any) -> dict[str, Any]:
    from airflow.sdk import Asset

    return {
        "after": sorted(task.upstream_task_ids),
        "before": sorted(task.downstream_task_ids),
        "retries": task.retries,
        "owner": task.owner,
        "policy": task.retry_policy is not None,
        "rule": task.trigger_rule.value,
        "teardown": task.is_teardown,
        "pool": task.pool,
        "weight": task.priority_weight,
        "seconds_at_most": task.execution_timeout and task.execution_timeout.total_seconds(),
        "waits_between_tries": [task.retry_delay.total_seconds(), task.retry_exponential_backoff != 0],
        "waits_at_most": task.max_retry_delay and task.max_retry_delay.total_seconds(),
        "one_at_a_time": task.max_active_tis_per_dag == 1,
        "shares": _shares(task),
        "outlets": sorted(asset.name for asset in task.outlets if isinstance(asset, Asset)),
        "reads": sorted(_place(place) for place in task.inlets),
        "fills": sorted(_place(place) for place in task.outlets if not isinstance(place, Asset)),
    }


def _dag(dag: Any) -> dict[str, Any]:
    return {
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
        "doc": dag.doc_md,
        "tags": sorted(dag.tags),
        "max_active_runs": dag.max_active_runs,
        "seconds_at_most": dag.dagrun_timeout and dag.dagrun_timeout.total_seconds(),
        "catchup": dag.catchup,
        "timetable": type(dag.timetable).__name__,
        "waits_for": sorted(asset.name for asset in getattr(dag.timetable.asset_condition, "objects", [])),
        "schedule": getattr(dag.timetable, "expression", None),
    }


def _scheduled(dag: Any, first: tuple[int, int, int, int], count: int) -> list[list[str]]:
    """Local time and key of the runs that the scheduler starts one after the other."""
    import pendulum
    from airflow.timetables.base import TimeRestriction
    from airflow.timetables.trigger import CronPartitionTimetable

    written = dag.timetable
    timetable = CronPartitionTimetable(
        written.expression, timezone=written.timezone, run_offset=written.run_offset, key_format=written.key_format
    )
    restriction, run, runs = TimeRestriction(pendulum.datetime(*first, tz="UTC"), None, catchup=True), None, []
    for _ in range(count):
        run = timetable.next_dagrun_info_v2(last_dagrun_info=run, restriction=restriction)
        runs.append([run.run_after.in_timezone(written.timezone).strftime("%Y-%m-%d %H:%M"), run.partition_key])
    return runs


def _decisions() -> Mapping[str, str]:
    """What becomes of a task that raised an error, by class."""
    sys.path.insert(0, str(DAGS))
    import enterprise.errors
    from _common import RETRY_LATER_OR_ASK

    known = [*vars(enterprise.errors).values(), PermissionError, ConnectionResetError, KeyError]
    kinds = [kind for kind in known if isinstance(kind, type) and issubclass(kind, Exception)]
    return {kind.__name__: RETRY_LATER_OR_ASK.evaluate(kind("said"), 1, 3).action.value for kind in kinds}


def main(scratch: Path) -> None:
    """Read the DAG files by every settings file and write down what is in them."""
    import airflow.dag_processing.dagbag  # noqa: F401 - Airflow's own loading is not the files'

    started = time.process_time()
    bag = _bag()
    seconds = time.process_time() - started
    heavy = sorted({name.split(".")[0] for name in sys.modules} & HEAVY)
    dags = {dag.dag_id: _dag(dag) for dag in bag.dags.values()}
    alone = {dag.dag_id: _dag(dag) for dag in _alone().dags.values()}
    by_cron = [dag for dag in bag.dags.values() if type(dag.timetable).__name__ == "CronPartitionTimetable"]
    large = [(f"{dag.dag_id}.{task.task_id}", task) for dag in _by(scratch / "large.toml").dags.values() for task in dag.tasks]
    patient, late, broken = (_by(scratch / f"{name}.toml") for name in ("patient", "late", "broken"))
    answer = {
        "errors": bag.import_errors,
        "dags": dags,
        "seconds": seconds,
        "heavy": heavy,
        "clock_changes": {dag.dag_id: [_scheduled(dag, first, 5) for first in CLOCK_CHANGES] for dag in by_cron},
        "caught_up": {dag.dag_id: [dag.catchup, str(dag.start_date)] for dag in patient.dags.values()},
        "shared_out": {name: [_shares(task), sorted(task.upstream_task_ids)] for name, task in large},
        "up_for_one_night": alone,
        "by_hand": [type(late.dags["intraday_reforecast"].timetable).__name__],
        "errors_with_broken_settings": broken.import_errors,
        "dags_with_broken_settings": sorted(broken.dags),
        "decisions": _decisions(),
    }
    (scratch / "bag.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
