"""The few calls to Airflow's REST interface that a run needs."""

import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from enterprise.errors import NeedsPersonError, RetryLaterError

HOST = "127.0.0.1"


class AirflowUnreachableError(RetryLaterError):
    """Airflow's API server does not answer."""


@dataclass
class AirflowApi:
    """A client of the API server on the loopback address.

    Attributes:
        port: port of the API server.
        user: name to log in with.
        password: its password.
    """

    port: int
    user: str
    password: str = field(repr=False)
    _token: str | None = field(default=None, repr=False)

    def health(self) -> dict[str, str]:
        """State per component, as Airflow sees it ("healthy", "unhealthy"); a component never seen is left out."""
        # The part that tasks talk to is built at its first request: better now than while the first task waits for it.
        self._request("GET", "/execution/health", None, {})
        said = self._send("GET", "/api/v2/monitor/health", log_in=False)
        return {name: part["status"] for name, part in said.items() if part.get("status")}

    def dag_is_known(self, dag_id: str) -> bool:
        """Whether the DAG has been read and stored."""
        return self._send("GET", f"/api/v2/dags/{quote(dag_id)}", missing_is_none=True) is not None

    def import_errors(self) -> list[str]:
        """What is wrong with DAG files that could not be read."""
        said = self._send("GET", "/api/v2/importErrors")
        return [f"{entry['filename']}:\n{entry['stack_trace']}" for entry in said["import_errors"]]

    def trigger(self, dag_id: str, run_id: str, partition_key: str) -> None:
        """Start a run for one partition."""
        body = {"dag_run_id": run_id, "logical_date": None, "partition_key": partition_key}
        self._send("POST", f"/api/v2/dags/{quote(dag_id)}/dagRuns", body)

    def run_state(self, dag_id: str, run_id: str) -> str | None:
        """State of a run, or None if there is no such run."""
        said = self._send("GET", _run_path(dag_id, run_id), missing_is_none=True)
        return None if said is None else str(said["state"])

    def runs(self, dag_id: str, partition_key: str) -> list[str]:
        """Ids of the DAG's runs about a partition, the newest first."""
        return self._runs(dag_id, partition_key, "")

    def unfinished_runs(self, dag_id: str, partition_key: str) -> list[str]:
        """Ids of those of them that wait or run."""
        return self._runs(dag_id, partition_key, "&state=queued&state=running")

    def _runs(self, dag_id: str, partition_key: str, states: str) -> list[str]:
        asked = f"partition_key_pattern={quote(partition_key)}&order_by=-id&limit=100{states}"
        said = self._send("GET", f"/api/v2/dags/{quote(dag_id)}/dagRuns?{asked}")
        return [str(run["dag_run_id"]) for run in said["dag_runs"] if run["partition_key"] == partition_key]

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The run's task instances as Airflow describes them."""
        said = self._send("GET", f"{_run_path(dag_id, run_id)}/taskInstances?limit=500")
        instances: list[dict[str, Any]] = said["task_instances"]
        return instances

    def _send(self, method: str, path: str, body: object = None, *, log_in: bool = True, missing_is_none: bool = False) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if log_in:
            headers["Authorization"] = f"Bearer {self._logged_in()}"
        status, text = self._request(method, path, body, headers)
        if status == http.HTTPStatus.NOT_FOUND and missing_is_none:
            return None
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise AirflowUnreachableError(f"Airflow's API server answered {status} to {method} {path}: {text[:500]}")
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise NeedsPersonError(f"Airflow's API server refused {method} {path} with {status}: {text[:500]}")
        return json.loads(text) if text else None

    def _logged_in(self) -> str:
        if self._token is None:
            said = self._send("POST", "/auth/token", {"username": self.user, "password": self.password}, log_in=False)
            self._token = str(said["access_token"])
        return self._token

    def _request(self, method: str, path: str, body: object, headers: dict[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise AirflowUnreachableError(
                f"Airflow's API server on {HOST}:{self.port} does not answer ({error}). Is it up? See: leadline status"
            ) from error
        finally:
            connection.close()


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"
