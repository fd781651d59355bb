"""The same parts as production runs them, on one machine: Celery's workers with Redis and an object store between them.

Every part is a process group of its own. Workers share PostgreSQL, Redis and the object store, and no folder: each works in its
own.
The object store is moto's, for trials: it forgets everything when it stops.
"""

import shutil
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import fsspec

from cli.runtime.airflow_settings import HOST
from cli.runtime.components import Program, airflow_command
from cli.runtime.folders import Folders
from enterprise.errors import NeedsPersonError, RetryLaterError
from warehouse.embedded_cluster import free_port
from warehouse.local_state import secret, write_private

BUCKET = "leadline"
_READY_SECONDS = 60
_WORKER = "worker-"
_REDIS = "redis-server"


@dataclass(frozen=True)
class Cluster:
    """Workers and what they share.

    Attributes:
        worker_count: how many workers.
        redis_port: port of Redis on the loopback address.
        store_port: port of the object store on the loopback address.
    """

    worker_count: int = 2
    redis_port: int = field(default_factory=free_port)
    store_port: int = field(default_factory=free_port)

    @property
    def names(self) -> set[str]:
        """Names of its components."""
        return {"redis", "object-store", *(f"{_WORKER}{number}" for number in self._numbers())}

    def broker_url(self, folders: Folders) -> str:
        """Where the scheduler puts tasks for the workers; holds a password."""
        return f"redis://:{secret(folders.state, 'redis')}@{HOST}:{self.redis_port}/0"

    def environment(self, warehouse_url: str) -> dict[str, str]:
        """What every part sees: lake and pages in the object store, the warehouse by its address."""
        return {
            **self._store_access(),
            "LEADLINE_LAKE_URL": f"s3://{BUCKET}/lake",
            "LEADLINE_PLANBOOK_FOLDER": f"s3://{BUCKET}/planbook",
            "LEADLINE_DATA_DOCS_FOLDER": f"s3://{BUCKET}/data-docs",
            "LEADLINE_WAREHOUSE_URL": warehouse_url,
        }

    def services(self, folders: Folders) -> list[Program]:
        """Redis and the object store.

        Raises:
            NeedsPersonError: if Redis is not installed.
        """
        program = shutil.which(_REDIS)
        if program is None:
            raise NeedsPersonError(f"{_REDIS} is not installed; on Debian: make system, or apt-get install {_REDIS}")
        folder = folders.state / "redis"
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "redis.conf"
        lines = [
            f"bind {HOST}",
            f"port {self.redis_port}",
            f"requirepass {secret(folders.state, 'redis')}",
            f'dir "{folder}"',
            "appendonly yes",  # a restart forgets no task
            "appendfsync always",
            'save ""',
        ]
        write_private(settings, "\n".join(lines) + "\n")
        store = [sys.executable, "-m", "moto.server", "--host", HOST, "--port", str(self.store_port)]
        return [Program("redis", [program, str(settings)]), Program("object-store", store)]

    def workers(self, folders: Folders) -> list[Program]:
        """One program a worker, each in a folder of its own."""
        programs = []
        for number in self._numbers():
            folder = folders.state / "workers" / str(number)
            folder.mkdir(parents=True, exist_ok=True)
            words = airflow_command("celery", "worker", "--celery-hostname", f"{_WORKER}{number}@%h", "--skip-serve-logs")
            programs.append(Program(f"{_WORKER}{number}", words, folder))
        return programs

    def wait_for_services(self) -> None:
        """Wait until Redis and the object store answer, and make the bucket.

        Raises:
            RetryLaterError: if they do not in time.
        """
        for name, port in {"redis": self.redis_port, "object-store": self.store_port}.items():
            _wait_for(name, port)
        self.store().mkdir(BUCKET)

    def store(self) -> fsspec.AbstractFileSystem:
        """The object store, for looking into it."""
        access = self._store_access()
        return fsspec.filesystem(
            "s3",
            key=access["AWS_ACCESS_KEY_ID"],
            secret=access["AWS_SECRET_ACCESS_KEY"],
            endpoint_url=access["AWS_ENDPOINT_URL"],
            skip_instance_cache=True,
        )

    def _store_access(self) -> Mapping[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://{HOST}:{self.store_port}",
            "AWS_ACCESS_KEY_ID": "trial",  # moto asks for some name and looks at none
            "AWS_SECRET_ACCESS_KEY": "trial",  # pragma: allowlist secret
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def _numbers(self) -> range:
        return range(1, self.worker_count + 1)


def is_worker(name: str) -> bool:
    """Whether a component of that name is a worker of a cluster."""
    return name.startswith(_WORKER)


def _wait_for(name: str, port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise RetryLaterError(f"{name} does not answer on {HOST}:{port} after {_READY_SECONDS} seconds; its log says why")
