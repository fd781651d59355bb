"""One night in a single process, by `airflow dags test`: no scheduler, no API server, quicker to start."""

import json
import subprocess
from datetime import date

from cli.runtime.components import airflow_command
from cli.runtime.local_airflow import LocalAirflow, tail
from cli.runtime.night import DAG_ID, NightFailedError


def run_in_process(airflow: LocalAirflow, plan_date: date) -> None:
    """Run the night to its end.

    Raises:
        NightFailedError: with the end of the log, if a task failed.
    """
    airflow.folders.logs.mkdir(parents=True, exist_ok=True)
    log = airflow.folders.logs / f"in_process_{plan_date.isoformat()}.log"
    # No run of the scheduler is touched: this one carries the date in its configuration, not as a partition key.
    words = airflow_command("dags", "test", DAG_ID, "--conf", json.dumps({"business_date": plan_date.isoformat()}))
    with log.open("w") as handle:
        code = subprocess.call(
            words,
            env=airflow.environment(api_port=0),
            cwd=airflow.folders.work,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
        )
    if code != 0:
        raise NightFailedError(
            f"The night of {plan_date} failed; the last good plan stays current. The end of its log {log}:\n{tail(log, 30)}"
        )
