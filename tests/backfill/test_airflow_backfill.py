"""A backfill by Airflow's own means, over a clock change, in both directions; and the other DAGs, run by the scheduler."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from cli.runtime.airflow_api import AirflowApi
from cli.runtime.components import airflow_command, stop_components
from cli.runtime.folders import Folders
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID
from enterprise.settings import Enterprise, load_enterprise
from tests.support.backfill_world import AUTUMN, DAY, write_sources
from tests.support.dag_runs import run_words
from tests.support.lake_marks import by_night, without_former
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.job import migrate_warehouse
from warehouse.lake import Lake

pytestmark = [pytest.mark.backfill, pytest.mark.integration, pytest.mark.slow]

NIGHTS = [AUTUMN - DAY, AUTUMN, AUTUMN + DAY]
TODAY = AUTUMN + 2 * DAY
FIRST = AUTUMN - 56 * DAY
RUN_SECONDS = 3600


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    work = tmp_path_factory.mktemp("airflow")
    config = write_sources(work, TODAY, FIRST)
    folders = Folders(work, work / ".leadline")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE")}
    yield LocalAirflow(folders, kept | {"LEADLINE_CONFIG": str(config)})
    stop_components(folders)
    EmbeddedPostgres.stop(folders.state)


@pytest.fixture(scope="module")
def api(airflow: LocalAirflow) -> AirflowApi:
    airflow.migrate()
    enterprise = settings(airflow)
    EmbeddedPostgres.ensure_running(airflow.folders.state, database=enterprise.storage.warehouse_database)
    migrate_warehouse(enterprise)
    return airflow.start(DAG_ID, lambda _: None)


def settings(airflow: LocalAirflow) -> Enterprise:
    return load_enterprise(airflow.folders.work / "enterprise.toml", {}, airflow.folders.work)


def backfill(airflow: LocalAirflow, source: str, first: date, last: date, *more: str) -> None:
    """Ask for the extraction of a source for some nights, three at a time, whether they were run before or not."""
    end = str(last + DAY)  # the midnight at which a date begins: a run at a quarter past it is not within
    words = airflow_command(
        "backfill", "create", "--dag-id", f"extract_{source}", "--from-date", str(first), "--to-date", end,
        "--max-active-runs", "3", "--reprocess-behavior", "completed", *more,
    )  # fmt: skip
    env, work = airflow.environment(airflow.components()[0].api_port), airflow.folders.work
    done = subprocess.run(words, env=env, cwd=work, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def plans_made(api: AirflowApi, counts: dict[date, int]) -> None:
    """Wait until nights were planned so many times, and each time well."""
    given_up = time.monotonic() + RUN_SECONDS
    while True:
        runs = {night: [str(api.run_state(DAG_ID, run)) for run in api.runs(DAG_ID, str(night))] for night in counts}
        if all(len(runs[night]) >= count and set(runs[night]) <= {"success", "failed"} for night, count in counts.items()):
            break
        assert time.monotonic() < given_up, runs
        time.sleep(2)
    assert runs == {night: ["success"] * count for night, count in counts.items()}


def ended(api: AirflowApi, dag_id: str, key: str) -> dict[str, str]:
    """Trigger a run and give how its tasks ended, and the run under the DAG's name."""
    run_id = f"asked_{key}".replace(":", "_")
    api.trigger(dag_id, run_id, key)
    given_up = time.monotonic() + RUN_SECONDS
    while (state := api.run_state(dag_id, run_id)) not in {"success", "failed"}:
        assert time.monotonic() < given_up, f"{dag_id} of {key} does not end: {state}"
        time.sleep(1)
    return {dag_id: str(state)} | {task["task_id"]: task["state"] for task in api.task_instances(dag_id, run_id)}


def plans(airflow: LocalAirflow) -> list[tuple[date, int, str]]:
    """Day, version and status of every plan in the warehouse."""
    with connected(warehouse_url(settings(airflow).storage)) as connection:
        return connection.execute("SELECT plan_date, version, status FROM plan_version ORDER BY 1, 2").fetchall()


def test_a_backfill_in_both_directions_over_a_clock_change_gives_the_bytes_of_nights_in_order(
    airflow: LocalAirflow, api: AirflowApi, tmp_path: Path
) -> None:
    backfill(airflow, "acd", NIGHTS[0], NIGHTS[-1], "--run-backwards")
    backfill(airflow, "claims", NIGHTS[0], NIGHTS[-1])
    plans_made(api, dict.fromkeys(NIGHTS, 1))
    write_sources(tmp_path / "alone", TODAY, FIRST)
    run_words(tmp_path / "alone", [f"{dag}={night}" for night in NIGHTS for dag in ("extract_acd", "extract_claims", DAG_ID)])
    expected = by_night(Lake(str(tmp_path / "alone" / "lake")), NIGHTS)
    lake = Lake(settings(airflow).storage.lake_url)
    assert without_former(by_night(lake, NIGHTS)) == without_former(expected)
    for source in ("acd", "claims"):
        backfill(airflow, source, AUTUMN, AUTUMN)
    plans_made(api, dict.fromkeys(NIGHTS, 1) | {AUTUMN: 2})
    assert by_night(lake, [AUTUMN]) == {AUTUMN: expected[AUTUMN]}, "with the night before it there"
    made = plans(airflow)
    assert [day for day, _, status in made if status == "current"] == [made[-1][0]]
    assert {day for day, _, _ in made} >= set(NIGHTS)


def test_the_rest_of_a_day_is_forecast_by_the_scheduler_and_the_other_dags_do_what_they_say(
    airflow: LocalAirflow, api: AirflowApi
) -> None:
    states = ended(api, "intraday_reforecast", f"{TODAY}T03:00")
    assert set(states.values()) == {"success"}, states
    with connected(warehouse_url(settings(airflow).storage)) as connection:
        for table in ("forecast_today", "staffing_today"):
            rows = connection.execute(f"SELECT count(*), min(interval_start_utc) FROM {table}").fetchone()
            assert rows is not None
            assert rows[0] == 6, f"{table}: half hours from three to six"
    assert ended(api, "plan_cutoff", str(NIGHTS[-1])) == {
        "plan_cutoff": "success", "give_up_acd": "skipped", "give_up_claims": "skipped",
    }  # fmt: skip
    assert set(ended(api, "plan_deadline", str(NIGHTS[-1])).values()) == {"success"}
    assert set(ended(api, "weekly_backtest", str(NIGHTS[1])).values()) == {"success"}
    assert set(ended(api, "maintenance", str(NIGHTS[1])).values()) == {"success"}
