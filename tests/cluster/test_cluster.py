"""Nights on Celery workers that share nothing but PostgreSQL, Redis and an object store, killed and cut off in their midst."""

import hashlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from cli.runtime.airflow_api import AirflowApi
from cli.runtime.cluster import BUCKET, Cluster
from cli.runtime.components import Component, start_components, stop_components
from cli.runtime.folders import Folders
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID, follow_night, require_plan, start_night
from enterprise.settings import Enterprise, load_enterprise
from etl.job import build_history_night, conform_night, extract_source, stitch_night
from expectations.job import validate_night
from forecasting.job import forecast_night
from staffing.job import shift_night, staff_night
from tests.support.small_enterprise import SETTINGS
from warehouse.embedded import WAREHOUSE_ROLE, EmbeddedPostgres
from warehouse.job import migrate_warehouse
from warehouse.lake import Lake

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed; see make system"),
]

FIRST, SECOND = date(2026, 11, 11), date(2026, 11, 12)
REPORT = """
[sources.acd]
kind = "interval_report"
url = "{place}/acd*.csv"
interval_minutes = 30
queues = {{ support = "voice" }}
columns = {{ queue = "q", interval_start = "at", offered = "n", answered = "a", handle = ["h"] }}
"""
COMPARED = ("history", "forecast", "staffing")
"""Layers whose bytes depend on nothing but what happened: landing and run logs also say where from and when."""


def export(night: date) -> bytes:
    """Eight weeks of a phone queue's intervals, up to a night."""
    lines = ["q,at,n,a,h"]
    for back in range(56):
        day = night - timedelta(days=back)
        if day.weekday() < 5:
            hours = [(hour, minute) for hour in range(8, 18) for minute in (0, 30)]
            lines += [f"support,{day} {hour:02d}:{minute:02d},{12 + hour % 3 + day.day % 2},11,3300" for hour, minute in hours]
    return "\n".join(lines).encode()


def settings(place: str) -> str:
    return SETTINGS[: SETTINGS.index("[sources.acd]")] + REPORT.format(place=place)


def fingerprint(lake: Lake) -> dict[str, str]:
    files = [path for layer in COMPARED for path in lake.filesystem.find(f"{lake.root}/{layer}") if path.endswith(".parquet")]
    return {
        path.removeprefix(f"{lake.root}/"): hashlib.sha256(lake.filesystem.cat_file(path)).hexdigest() for path in sorted(files)
    }


@pytest.fixture(scope="module")
def on_one_machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the two nights leave behind where one process makes them in a folder."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "exports").mkdir()
    (folder / "enterprise.toml").write_text(settings(str(folder / "exports")))
    enterprise = load_enterprise(folder / "enterprise.toml", {}, folder)
    lake = Lake(enterprise.storage.lake_url)
    for night in (FIRST, SECOND):
        (folder / "exports" / f"acd-{night}.csv").write_bytes(export(night))
        extract_source("acd", night, enterprise, lake)
        conform_night(night, enterprise, lake)
        build_history_night(night, enterprise, lake)
        stitch_night(night, enterprise, lake)
        for stage in ("sources", "core", "history", "monitors"):
            validate_night(stage, night, enterprise, lake)
        forecast_night(night, enterprise, lake)
        staff_night(night, enterprise, lake)
        shift_night(night, enterprise, lake)
    return fingerprint(lake)


@dataclass
class Running:
    """A cluster that is up."""

    airflow: LocalAirflow
    cluster: Cluster
    api: AirflowApi
    enterprise: Enterprise

    def deliver(self, night: date) -> None:
        self.cluster.store().pipe_file(f"{BUCKET}/exports/acd-{night}.csv", export(night))

    def component(self, name: str) -> Component:
        return next(component for component in self.airflow.components() if component.name == name)

    @property
    def lake(self) -> Lake:
        return Lake(self.enterprise.storage.lake_url)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    work = tmp_path_factory.mktemp("cluster")
    (work / "enterprise.toml").write_text(settings(f"s3://{BUCKET}/exports"))
    folders = Folders(work, work / ".leadline")
    cluster = Cluster(worker_count=2)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LEADLINE", "AWS"))}
    airflow = LocalAirflow(folders, inherited | {"LEADLINE_CONFIG": str(work / "enterprise.toml")}, cluster)
    with pytest.MonkeyPatch.context() as patch:
        try:
            airflow.migrate()
            address = EmbeddedPostgres.ensure_running(folders.state)
            environment = cluster.environment(address.url(WAREHOUSE_ROLE))
            for name, value in environment.items():
                patch.setenv(name, value)
            enterprise = load_enterprise(work / "enterprise.toml", environment, work)
            migrate_warehouse(enterprise)
            yield Running(airflow, cluster, airflow.start(DAG_ID, lambda _: None), enterprise)
        finally:
            stop_components(folders)
            EmbeddedPostgres.stop(folders.state)


def the_plan_is_made(running: Running, night: date) -> None:
    running.deliver(night)
    started = start_night(running.api, night, running.enterprise.sources)
    for _ in follow_night(running.api, started):
        pass
    assert require_plan(running.api, started, running.airflow.folders) == []


def nights_until(compared: dict[str, str], night: date) -> dict[str, str]:
    """Without the plans of later nights."""
    return {path: digest for path, digest in compared.items() if path.startswith("history/") or f"={night}" in path}


def test_a_night_on_two_workers_gives_the_bytes_of_one_machine_and_leaves_nothing_in_a_common_folder(
    running: Running, on_one_machine: dict[str, str]
) -> None:
    the_plan_is_made(running, FIRST)
    made = fingerprint(running.lake)
    plans = {path: digest for path, digest in made.items() if not path.startswith("history/")}
    assert plans
    assert plans == {path: digest for path, digest in on_one_machine.items() if path in plans}
    assert running.cluster.store().exists(f"{BUCKET}/planbook/latest.html")
    kept = {path.name for path in running.airflow.folders.work.iterdir()}
    assert kept == {"enterprise.toml", ".leadline"}
    assert not (running.airflow.folders.state / "lake").exists()


def test_a_worker_killed_in_mid_task_and_a_broker_restarted_change_nothing(
    running: Running, on_one_machine: dict[str, str]
) -> None:
    running.deliver(SECOND)
    started = start_night(running.api, SECOND, running.enterprise.sources)
    killed = restarted = False
    for tasks in follow_night(running.api, started):
        busy = {task.task_id for task in tasks if task.state == "running"}
        if not killed and "forecast" in busy:
            worker = worker_of(running, started.plan(running.api), "forecast")
            os.killpg(running.component(worker).pid, signal.SIGKILL)
            killed = True
            (program,) = [one for one in running.cluster.workers(running.airflow.folders) if one.name == worker]
            environment = running.airflow.environment(running.api.port)
            start_components(running.airflow.folders, environment, running.api.port, [program])
        if not restarted and "staff" in {task.task_id for task in tasks if task.state == "success"}:
            restart_redis(running)
            restarted = True
    assert killed
    assert restarted
    assert require_plan(running.api, started, running.airflow.folders) == []
    forecast = [task for task in running.api.task_instances(DAG_ID, run_id_of(running, started)) if task["task_id"] == "forecast"]
    assert forecast[0]["try_number"] >= 2, "the task of the killed worker was not tried again"
    assert fingerprint(running.lake) == on_one_machine


def run_id_of(running: Running, night: object) -> str:
    plan = night.plan(running.api)  # type: ignore[attr-defined]
    assert plan is not None
    return str(plan.run_id)


def worker_of(running: Running, run: object, task_id: str) -> str:
    """Name of the worker that has a task."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for task in running.api.task_instances(DAG_ID, run.run_id):  # type: ignore[attr-defined]
            if task["task_id"] == task_id and task["pid"]:
                session = os.getsid(int(task["pid"]))
                return next(one.name for one in running.airflow.components() if one.pid == session)
        time.sleep(0.2)
    raise AssertionError(f"{task_id} has no worker")


def restart_redis(running: Running) -> None:
    redis = running.component("redis")
    os.killpg(redis.pid, signal.SIGTERM)
    while redis.alive:
        time.sleep(0.05)
    (program,) = [one for one in running.cluster.services(running.airflow.folders) if one.name == "redis"]
    start_components(running.airflow.folders, running.airflow.environment(running.api.port), running.api.port, [program])
