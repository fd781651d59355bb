"""A cluster of two Celery workers on one machine that has a bad time: a store that fails, a wrong clock, a broken DAG file."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.runtime.airflow_api import AirflowApi
from cli.runtime.cluster import BUCKET, Cluster
from cli.runtime.components import Component, Program, airflow_programs, start_components, stop_components
from cli.runtime.folders import REPOSITORY, Folders
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID, FINISHED
from enterprise.settings import Enterprise, load_enterprise
from tests.support.branch_world import QUEUES, export, people, settings
from tests.support.faulty_store import FaultyStore, faulty_store
from tests.support.mail_server import HOST, Kept, mail_server, web_server
from warehouse.database import connected
from warehouse.embedded import WAREHOUSE_ROLE, EmbeddedPostgres
from warehouse.job import migrate_warehouse
from warehouse.lake import Lake

AHEAD = timedelta(minutes=40)
BROKEN = "from airflow.sdk import dag\n\n@dag\ndef unfinished(:\n"


@dataclass(frozen=True)
class TroubledCluster(Cluster):
    """Its parts reach the store through one that fails, and the last worker's clock is wrong."""

    store_url: str = ""

    def environment(self, warehouse_url: str) -> dict[str, str]:
        return super().environment(warehouse_url) | {"AWS_ENDPOINT_URL": self.store_url}

    def workers(self, folders: Folders) -> list[Program]:
        *right, last = super().workers(folders)
        return [*right, replace(last, environment=wrong_clock())]


def wrong_clock() -> dict[str, str]:
    """What makes a program's clock wrong; only its time zone where the library for more is not installed."""
    places = [path for folder in ("/usr/lib", "/usr/local/lib") for path in Path(folder).glob("**/faketime/libfaketimeMT.so.1")]
    said = {
        "FAKETIME": f"+{AHEAD.seconds}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "LD_PRELOAD": str(next(iter(places), "")),
        "PYTHONPATH": str(REPOSITORY / "tests" / "support" / "wrong_clock"),
    }
    return {"TZ": "Pacific/Auckland", **(said if places else {})}


@dataclass
class Running:
    """A cluster that is up."""

    airflow: LocalAirflow
    cluster: Cluster
    api: AirflowApi
    enterprise: Enterprise
    store: FaultyStore
    mails: Kept
    hooks: Kept
    keys: int = 0

    def deliver(self, night: date, *sources: str) -> None:
        for source in sources or QUEUES:
            self.cluster.store().pipe_file(f"{BUCKET}/exports/{source}-{night}.csv", export(source, night))

    def component(self, name: str) -> Component:
        return next(component for component in self.airflow.components() if component.name == name)

    def kill(self, name: str) -> None:
        os.killpg(self.component(name).pid, signal.SIGKILL)

    def start(self, programs: list[Program], name: str) -> None:
        """Start a component of that name anew."""
        (program,) = [one for one in programs if one.name == name]
        environment = self.airflow.environment(self.api.port)
        start_components(self.airflow.folders, environment, self.api.port, [program])

    def supervise(self) -> None:
        """Start anew what has ended of Airflow's own parts, as Compose and Kubernetes do: they end when their database goes."""
        there = {component.name for component in self.airflow.components()}
        for program in airflow_programs():
            if program.name not in there:
                self.start([program], program.name)

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        return {task["task_id"]: task for task in self.api.task_instances(dag_id, run_id)}

    def trigger(self, dag_id: str, night: date) -> str:
        """Start a run about a night, and wait for its end."""
        self.keys += 1
        run_id = f"by_hand_{self.keys}"
        self.api.trigger(dag_id, run_id, night.isoformat())
        wait_until(lambda: self.api.run_state(dag_id, run_id) in FINISHED, f"{dag_id} of {night} has ended")
        return run_id

    def warehouse(self, query: str) -> list[tuple[Any, ...]]:
        with connected(self.enterprise.storage.warehouse_url) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    @property
    def told(self) -> list[str]:
        """Texts that came by the webhook; each came by mail before."""
        assert len(self.mails.messages) >= len(self.hooks.messages)
        return [json.loads(message)["text"] for message in self.hooks.messages]

    @property
    def lake(self) -> Lake:
        return Lake(self.enterprise.storage.lake_url)


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 400) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {what}"
        time.sleep(0.5)


@contextmanager
def troubled_cluster(work: Path) -> Iterator[Running]:
    """Start everything in a folder; all of it ends with the block."""
    # Without the DAG of the day that runs: these nights are long past, and it would read the sources in their midst.
    shutil.copytree(REPOSITORY / "dags", work / "dags", ignore=shutil.ignore_patterns("__pycache__", "intraday_*"))
    folders = Folders(work, work / ".leadline", work / "dags")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LEADLINE", "AWS"))}
    inherited |= {"LEADLINE_CONFIG": str(work / "enterprise.toml"), "AWS_EC2_METADATA_DISABLED": "true"}
    with ExitStack() as stack:
        mails, hooks = stack.enter_context(mail_server()), stack.enter_context(web_server())
        plain = Cluster(worker_count=2)
        store = stack.enter_context(faulty_store(f"http://{HOST}:{plain.store_port}"))
        cluster = TroubledCluster(2, plain.redis_port, plain.store_port, store.url)
        (work / "enterprise.toml").write_text(settings(f"s3://{BUCKET}/exports", people(mails, hooks)))
        airflow = LocalAirflow(folders, inherited, cluster)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        stack.callback(EmbeddedPostgres.stop, folders.state)
        stack.callback(stop_components, folders)
        airflow.migrate()
        address = EmbeddedPostgres.ensure_running(folders.state)
        environment = plain.environment(address.url(WAREHOUSE_ROLE))
        for name, value in environment.items():
            patch.setenv(name, value)
        enterprise = load_enterprise(work / "enterprise.toml", environment, work)
        migrate_warehouse(enterprise)
        api = airflow.start(DAG_ID, lambda _: None)
        (folders.dags / "unfinished.py").write_text(BROKEN)
        yield Running(airflow, cluster, api, enterprise, store, mails, hooks)


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
    wait_until(lambda: not redis.alive, "Redis has ended", 60)
    running.start(running.cluster.services(running.airflow.folders), "redis")
