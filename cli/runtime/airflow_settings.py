"""Airflow's settings for this machine, as environment variables: they win over whatever an `airflow.cfg` says."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from cli.runtime.folders import Folders
from cli.runtime.observability import exporters, observed
from warehouse.local_state import secret, write_private

HOST = "127.0.0.1"
USER = "planner"
PASSWORD = "airflow-planner"  # noqa: S105 - the name of the secret, not the secret
BASE_URL_VARIABLE = "AIRFLOW__API__BASE_URL"
MARK = "LEADLINE_RUNTIME"
"""Every process of a runtime carries this variable, with the folder of its state: so that none is ever forgotten."""


def password(folders: Folders) -> str:
    """Password of the only user of the local Airflow."""
    return secret(folders.state, PASSWORD)


def airflow_environment(
    folders: Folders,
    metadata_url: str,
    api_port: int,
    parallel_tasks: int,
    inherited: Mapping[str, str],
    broker_url: str | None = None,
) -> dict[str, str]:
    """Environment for every Airflow process of this runtime.

    Args:
        folders: where things are.
        metadata_url: SQLAlchemy URL of Airflow's metadata, password included.
        api_port: port of the API server on the loopback address.
        parallel_tasks: tasks that may run at once.
        inherited: the caller's environment; Airflow settings in it are dropped, so that those of another installation do no
            harm.
        broker_url: where Celery's workers find their tasks, password included; None where the scheduler runs them itself.

    Returns:
        The whole environment of the processes.
    """
    kept = {name: value for name, value in inherited.items() if not name.startswith("AIRFLOW")}
    address = f"http://{HOST}:{api_port}"
    settings = {
        "core": {
            "dags_folder": str(folders.dags),
            "plugins_folder": str(folders.dags / "plugins"),
            "load_examples": "False",
            "executor": "CeleryExecutor" if broker_url else "LocalExecutor",
            "parallelism": str(parallel_tasks),
            "fernet_key": _fernet_key(folders.state),
            "simple_auth_manager_users": f"{USER}:admin",
            "simple_auth_manager_passwords_file": str(_password_file(folders)),
            "execution_api_server_url": f"{address}/execution/",
            "dags_are_paused_at_creation": "False",
            "hostname_callable": "socket.gethostname",  # asks no name server
        },
        "database": {"sql_alchemy_conn": metadata_url},
        "api": {
            "host": HOST,
            "port": str(api_port),
            "base_url": address,
            "workers": "1",
            "secret_key": secret(folders.state, "airflow-api"),
            "expose_config": "False",
        },
        # HMAC with SHA-512 wants 64 bytes (RFC 7518, 3.2); `airflow-jwt` of a folder made before is shorter.
        "api_auth": {"jwt_secret": secret(folders.state, "airflow-jwt-sha512", random_bytes=64)},
        "logging": {"base_log_folder": str(folders.logs / "tasks"), "colored_console_log": "False"},
        "dag_processor": {"refresh_interval": "30", "min_file_process_interval": "30", "parsing_processes": "1"},
        "scheduler": {
            "scheduler_idle_sleep_time": "0.2",
            "enable_health_check": "False",  # it would listen on every interface
            "job_heartbeat_sec": "2",
            # A task whose process was killed is tried again after a minute without a word, not after five.
            "task_instance_heartbeat_timeout": "60",
        },
        "workers": {
            "min_heartbeat_interval": "1",  # without this a task now and then stalls for five seconds
            # The first question has the API server make what answers; on a busy machine that takes longer than the five seconds
            # of Airflow's own, the task is killed for it, and its next try is half a minute away.
            "execution_api_timeout": "60",
        },
        "usage_data_collection": {"enabled": "False"},
        **observed(inherited),
    }
    if broker_url:
        settings |= {
            "celery": {
                "broker_url": broker_url,
                "result_backend": f"db+{metadata_url.replace('+psycopg2', '')}",
                "worker_concurrency": "1",
                "worker_prefetch_multiplier": "1",  # a task waits for a free worker, not behind another task
                "worker_enable_remote_control": "True",
            },
            # A task of a worker that was killed goes to another one after this long without a word.
            "celery_broker_transport_options": {"visibility_timeout": "7200"},
        }
    names = {f"AIRFLOW__{part.upper()}__{key.upper()}": value for part, keys in settings.items() for key, value in keys.items()}
    return {
        **kept,
        **names,
        **exporters(inherited),
        "AIRFLOW_HOME": str(folders.airflow),
        "LEADLINE_ROOT": str(folders.work),
        "GX_ANALYTICS_ENABLED": "false",
        "NO_PROXY": f"{kept.get('NO_PROXY', '')},{HOST}".strip(","),
        "no_proxy": f"{kept.get('no_proxy', '')},{HOST}".strip(","),
        "PYTHONUNBUFFERED": "1",
        MARK: str(folders.state),
    }


def _fernet_key(state: Path) -> str:
    """A key that Airflow accepts for encrypting connections: the 32 bytes of a generated secret."""
    raw = base64.urlsafe_b64decode(secret(state, "airflow-fernet") + "=")
    return base64.urlsafe_b64encode(raw).decode()


def _password_file(folders: Folders) -> Path:
    path = folders.state / "secrets" / "airflow-users.json"
    if not path.exists():
        write_private(path, json.dumps({USER: password(folders)}))
    return path
