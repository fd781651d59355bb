"""The local Airflow for real, with a stand-in for the tasks: it starts, runs, fails rightly and leaves nothing behind."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil
import pytest

from cli.runtime.components import stop_components
from cli.runtime.folders import REPOSITORY, Folders
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID, NightFailedError, follow_night, require_plan, start_night
from warehouse.embedded import EmbeddedPostgres

pytestmark = [pytest.mark.integration, pytest.mark.slow]

STAND_IN = f'''
"""A stand-in for the night: one task, which does by the date what a source system may do."""
import sys
from datetime import timedelta
sys.path.insert(0, {str(REPOSITORY / "dags")!r})
from _common import DEFAULT_ARGS, business_date_of
from airflow.sdk import CronPartitionTimetable, dag, task

@dag(
    dag_id="nightly_plan",
    schedule=CronPartitionTimetable("0 0 * * *", timezone="Europe/Amsterdam", run_offset=-1, key_format="%Y-%m-%d"),
    catchup=False,
    max_active_runs=1,
    default_args={{**DEFAULT_ARGS, "retry_delay": timedelta(seconds=1)}},
)
def nightly_plan():
    @task
    def extract_acd(dag_run=None, ti=None):
        from enterprise.errors import NoHistoryError, SourceUnreachableError
        day = business_date_of(dag_run)
        if day.day == 2:
            raise NoHistoryError(f"there is nothing for {{day}}")
        if day.day == 3 and ti.try_number == 1:
            raise SourceUnreachableError("the switch is away")

    extract_acd()

nightly_plan()
'''


@pytest.fixture
def airflow(tmp_path: Path) -> Iterator[LocalAirflow]:
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "nightly_plan.py").write_text(STAND_IN)
    folders = Folders(tmp_path, tmp_path / "state", dags)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE")}
    yield LocalAirflow(folders, environment)
    stop_components(folders)
    EmbeddedPostgres.stop(folders.state)


def test_nights_end_as_their_errors_say_ports_are_private_and_nothing_stays_behind(airflow: LocalAirflow) -> None:
    airflow.migrate()
    api = airflow.start(DAG_ID, lambda _: None)

    def night(day: date) -> tuple[str, int]:
        run_id = start_night(api, day)
        last = list(follow_night(api, run_id))[-1]
        return run_id, last[0].try_number

    good, tries = night(date(2026, 11, 1))
    require_plan(api, good, airflow.folders)
    assert tries == 1

    bad, tries = night(date(2026, 11, 2))
    with pytest.raises(NightFailedError, match="NoHistoryError: there is nothing for 2026-11-02"):
        require_plan(api, bad, airflow.folders)
    assert tries == 1, "an error that needs a person was tried again"

    later, tries = night(date(2026, 11, 3))
    require_plan(api, later, airflow.folders)
    assert tries == 2, "an error that may pass was not tried again"

    sessions = {component.pid for component in airflow.components()}
    assert len(sessions) == 3
    members = [process for process in psutil.process_iter() if os.getsid(process.pid) in sessions]
    listening = {
        place.laddr.ip
        for process in members
        for place in process.net_connections(kind="inet")
        if place.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}

    assert airflow.stop() >= 3
    assert [process for process in members if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert airflow.components() == []
