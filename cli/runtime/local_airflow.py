"""Airflow on this machine, from nothing to ready."""

import importlib.metadata
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.runtime.airflow_api import AirflowApi, AirflowUnreachableError
from cli.runtime.airflow_settings import USER, airflow_environment, password
from cli.runtime.cluster import Cluster, is_worker
from cli.runtime.components import (
    Component,
    airflow_command,
    airflow_programs,
    running_components,
    start_components,
    stop_components,
)
from cli.runtime.folders import Folders
from enterprise.errors import NeedsPersonError
from warehouse.embedded import METADATA_ROLE, WAREHOUSE_ROLE, EmbeddedPostgres
from warehouse.embedded_cluster import free_port

READY_SECONDS = 300
NEEDED = ("metadatabase", "scheduler", "dag_processor")


@dataclass(frozen=True)
class LocalAirflow:
    """The Airflow that belongs to one folder of local state.

    Attributes:
        folders: where its things are.
        inherited: environment of the command that was called.
        cluster: the workers that run the tasks; None where the scheduler runs them itself.
    """

    folders: Folders
    inherited: Mapping[str, str]
    cluster: Cluster | None = None

    def components(self) -> list[Component]:
        """Its components that run."""
        return running_components(self.folders)

    @property
    def is_up(self) -> bool:
        """Whether every component runs."""
        needed = {program.name for program in airflow_programs()} | (self.cluster.names if self.cluster else set())
        return needed <= {component.name for component in self.components()}

    @property
    def has_workers(self) -> bool:
        """Whether workers of a cluster run, whoever started them."""
        return any(is_worker(component.name) for component in self.components())

    def environment(self, api_port: int) -> dict[str, str]:
        """Environment of Airflow's processes; starts the embedded PostgreSQL if it does not run."""
        address = EmbeddedPostgres.ensure_running(self.folders.state)
        parallel_tasks = max(2, os.cpu_count() or 2)
        metadata_url = address.url(METADATA_ROLE, driver="psycopg2")
        if self.cluster is None:
            return airflow_environment(self.folders, metadata_url, api_port, parallel_tasks, self.inherited)
        inherited = {**self.inherited, **self.cluster.environment(address.url(WAREHOUSE_ROLE))}
        broker_url = self.cluster.broker_url(self.folders)
        return airflow_environment(self.folders, metadata_url, api_port, 16, inherited, broker_url)

    def migrate(self) -> None:
        """Bring the metadata database to this Airflow's version; nothing happens if it is there already.

        Raises:
            NeedsPersonError: if Airflow could not do it.
        """
        done = self.folders.airflow / "migrated"
        environment = self.environment(api_port=0)
        state = self._metadata_state()
        if done.exists() and done.read_text() == state:
            return
        self.folders.logs.mkdir(parents=True, exist_ok=True)
        log = self.folders.logs / "migrate.log"
        with log.open("w") as handle:
            code = subprocess.call(airflow_command("db", "migrate"), env=environment, stdout=handle, stderr=subprocess.STDOUT)
            pools = airflow_command("pools", "import", str(self._pools))
            code = code or subprocess.call(pools, env=environment, stdout=handle, stderr=subprocess.STDOUT)
        if code != 0:
            raise NeedsPersonError(f"Airflow could not prepare its metadata database; see {log}:\n{tail(log)}")
        done.write_text(state)

    def start(self, dag_id: str, progress: Callable[[str], None]) -> AirflowApi:
        """Start the components unless they all run, and wait until the DAG can be run.

        Args:
            dag_id: the DAG that must be known.
            progress: told what is being waited for.

        Raises:
            NeedsPersonError: if a component ends or the DAG files have errors; with the end of the log that says why.
            AirflowUnreachableError: if it takes too long.
        """
        components = self.components()
        if not self.is_up:
            stop_components(self.folders)  # a part of a runtime is worse than none
            api_port = free_port()
            environment = self.environment(api_port)
            if self.cluster:
                start_components(self.folders, environment, api_port, self.cluster.services(self.folders))
                self.cluster.wait_for_services()
                start_components(self.folders, environment, api_port, self.cluster.workers(self.folders))
            components = start_components(self.folders, environment, api_port)
        api = AirflowApi(components[0].api_port, USER, password(self.folders))
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            missing = self._missing(api, dag_id)
            if missing is None:
                return api
            progress(missing)
            time.sleep(0.5)
        raise AirflowUnreachableError(
            f"Airflow was not ready after {READY_SECONDS} seconds; still missing: {missing}. Its logs are in {self.folders.logs}"
        )

    def stop(self) -> int:
        """Stop the components; returns how many processes there were."""
        return stop_components(self.folders)

    def _missing(self, api: AirflowApi, dag_id: str) -> str | None:
        """What is still being waited for, or None."""
        running = {component.name for component in self.components()}
        for name in ("api-server", "scheduler", "dag-processor"):
            if name not in running:
                log = self.folders.logs / f"{name}.log"
                raise NeedsPersonError(f"Airflow's {name} ended; the end of its log {log}:\n{tail(log)}")
        try:
            health = api.health()
        except AirflowUnreachableError:
            return "API server"
        for part in NEEDED:
            if health.get(part) != "healthy":
                return part.replace("_", " ")
        if not api.dag_is_known(dag_id):
            errors = api.import_errors()
            if errors:
                raise NeedsPersonError("A DAG file cannot be read:\n" + "\n".join(errors))
            return f"DAG {dag_id}"
        return None

    def _metadata_state(self) -> str:
        """Names this Airflow version on this very data folder, and its pools: a new one of either needs a migration."""
        made = (self.folders.state / "postgres" / "cluster" / "PG_VERSION").stat().st_mtime_ns
        return f"{importlib.metadata.version('apache-airflow')} {made} {self._pools.read_text()}"

    @property
    def _pools(self) -> Path:
        """The pools that the DAGs' tasks are in."""
        return self.folders.dags / "pools.json"


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"
