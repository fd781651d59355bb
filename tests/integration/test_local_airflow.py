"""The local Airflow for real: a whole night on a dead source, nights of a stand-in that fail rightly; nothing stays behind."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import typer

import cli.runtime.night
from cli.run import PLANNED_BUT, run
from cli.runtime.components import stop_components
from cli.runtime.folders import REPOSITORY, Folders
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID, Night, NightFailedError, Run, follow_night, require_plan
from enterprise.night_steps import NIGHT_STEPS
from tests.support.mail_server import HOST, Kept, mail_server, web_server
from tests.support.metric_listeners import statsd_listener
from tests.support.planted_person import ADDRESS, CUSTOMER, NAME, NUMBER, PLANTED, SUBJECT, mail_text, people_in
from tests.support.small_enterprise import CLAIMS_SHEET, INTERVAL_REPORT, WITHOUT_SOURCES, small_enterprise
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.lake import Lake
from warehouse.tables.run import QUARANTINE

pytestmark = [pytest.mark.integration, pytest.mark.slow]

NIGHT = date(2026, 11, 12)
OF_FEW_QUEUES = {step for step in NIGHT_STEPS if not step.endswith("_queues") and not step.startswith("merge_")} - {
    "summarise_night"
}
REPORT_AND_DEAD_CLAIMS = INTERVAL_REPORT + CLAIMS_SHEET.replace("exports/", "away/")
PLANNERS_START_LATE = """
[schedule]
plan_ready_by = "23:30"
"""
"""So that no run of the day that is today, which the clock starts, takes the places of the night's tasks."""
ALERTS = """
[alerts]
minimum_severity = "warn"
[alerts.mail]
host = "{host}"
port = {mails}
security = "none"
sender = "leadline@us.example"
recipients = ["planners@us.example"]
[alerts.webhook]
url = "http://{host}:{hooks}/"
"""
STAND_IN_ID = "stand_in"
STAND_IN = f'''
"""A stand-in for the night: one task, which does by the date what a source system may do."""
import sys
from datetime import timedelta
sys.path.insert(0, {str(REPOSITORY / "dags")!r})
from _common import DEFAULT_ARGS, business_date_of, run_seen
from airflow.sdk import CronPartitionTimetable, dag, task

@dag(
    dag_id="{STAND_IN_ID}",
    schedule=CronPartitionTimetable("0 0 * * *", timezone="Europe/Amsterdam", run_offset=-1, key_format="%Y-%m-%d"),
    catchup=False,
    max_active_runs=1,
    default_args={{**DEFAULT_ARGS, "retry_delay": timedelta(seconds=1)}},
)
def stand_in():
    @task
    def extract_acd(dag_run=None, ti=None):
        from enterprise.errors import NoHistoryError, SourceUnreachableError
        day = business_date_of(dag_run)
        if day.day == 2:
            raise NoHistoryError(f"there is nothing for {{day}}")
        if day.day == 3 and ti.try_number == 1:
            raise SourceUnreachableError("the switch is away")
        if day.day == 3:
            seen = run_seen(dag_run.dag_id, "night_2026-11-02", ti)
            if seen.reasons != {{"extract_acd": "there is nothing for 2026-11-02"}}:
                raise LookupError(f"why the night before failed is not known: {{seen}}")

    extract_acd()

stand_in()
'''


@pytest.fixture
def metrics() -> Iterator[tuple[str, list[str]]]:
    """Where metrics go, and what came."""
    with statsd_listener() as listener:
        yield listener


@pytest.fixture
def people() -> Iterator[tuple[Kept, Kept]]:
    """Who is told by mail, and by webhook."""
    with mail_server() as mails, web_server() as hooks:
        yield mails, hooks


@pytest.fixture
def airflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metrics: tuple[str, list[str]], people: tuple[Kept, Kept]
) -> Iterator[LocalAirflow]:
    """An Airflow that knows the real night of a small enterprise, and the stand-in."""
    dags = tmp_path / "dags"
    shutil.copytree(REPOSITORY / "dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    (dags / "stand_in.py").write_text(STAND_IN)
    (tmp_path / "away").mkdir()
    # An export whose header is missing: a person has to act, and nothing is tried again. Its first row names somebody.
    (tmp_path / "away" / "claims.csv").write_text(f"{CUSTOMER},{NAME},{ADDRESS}\n{NUMBER},{SUBJECT},{NAME}\n")
    alerts = ALERTS.format(host=HOST, mails=people[0].port, hooks=people[1].port)
    small_enterprise(tmp_path, WITHOUT_SOURCES + REPORT_AND_DEAD_CLAIMS + PLANNERS_START_LATE + alerts)
    monkeypatch.chdir(tmp_path)
    folders = Folders(tmp_path, tmp_path / ".leadline", dags)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE")}
    environment |= {"LEADLINE_METRICS_URL": metrics[0], "LEADLINE_LINEAGE_URL": f"file://{tmp_path / 'lineage.ndjson'}"}
    yield LocalAirflow(folders, environment | {"LEADLINE_CONFIG": str(tmp_path / "enterprise.toml")})
    stop_components(folders)
    EmbeddedPostgres.stop(folders.state)


def export_report(folder: Path) -> None:
    """Eight weeks of a phone queue's intervals."""
    lines = ["q,at,n,a,h"]
    for back in range(56):
        day = NIGHT - timedelta(days=back)
        if day.weekday() < 5:
            lines += [
                f"support,{day} {hour:02d}:{minute:02d},{12 + hour % 3},11,3300" for hour in range(8, 18) for minute in (0, 30)
            ]
    lines += [f"{NAME},{NIGHT} 09:00,1,1,1", f"support,{ADDRESS},1,1,1", f"support,{NIGHT} 09:00,{NUMBER},{SUBJECT},{CUSTOMER}"]
    (folder / "exports" / "acd.csv").write_text("\n".join(lines))


def a_night_on_a_dead_source_is_planned_but_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`leadline run` through the Airflow that is up: calls are planned and published, and it ends with 3 and names the source."""
    export_report(folder)
    config = folder / "enterprise.toml"
    with pytest.raises(typer.Exit) as ended:
        run(datetime(NIGHT.year, NIGHT.month, NIGHT.day), config)  # noqa: DTZ001 - a date as the option gives it
    said = capsys.readouterr()
    assert ended.value.exit_code == PLANNED_BUT, said
    assert "Planned, but Task extract_claims failed at the first try" in said.err
    assert "is its header there?" in said.err
    enterprise = small_enterprise(folder, config.read_text())
    with connected(warehouse_url(enterprise.storage)) as connection:
        # By its date: in the hours after midnight the scheduler makes the real night's plan beside it, which is in force then.
        query = "SELECT DISTINCT queue_id FROM staffing_interval WHERE plan_date = %s AND scheduled_staff > 0"
        assert connection.execute(query, [NIGHT]).fetchall() == [("voice",)]
        query = "SELECT DISTINCT subject_id FROM quality_findings WHERE plan_date = %s AND rule = 'source_read'"
        assert connection.execute(query, [NIGHT]).fetchall() == [("claims",)]
    assert "source claims could not be read" in (folder / "planbook" / f"plan-book-{NIGHT}.html").read_text(encoding="utf-8")


def the_night_is_told_step_by_step(folder: Path, lines: list[str]) -> None:
    """In the warehouse, with what Airflow saw of each step, and in the metrics."""
    enterprise = small_enterprise(folder, (folder / "enterprise.toml").read_text())
    query = "SELECT step, status, task_seconds, rows_in, rows_kept, log_address FROM night_steps WHERE business_date = %s"
    with connected(warehouse_url(enterprise.storage)) as connection:
        steps = {row[0]: row[1:] for row in connection.execute(query, [NIGHT])}
        (night,) = connection.execute(
            "SELECT version, failed_steps, queues_staffed FROM night_summary WHERE business_date = %s", [NIGHT]
        ).fetchall()
    assert night == (1, "extract_claims", 1)
    assert set(steps) == {*OF_FEW_QUEUES, "verify_staffing", "extract_acd", "extract_claims"}
    assert all(seconds > 0 for _, seconds, *_ in steps.values()), "Airflow said how long each took"
    assert steps["extract_claims"][0] == "failed"
    assert steps["extract_acd"][2:4] == (0, 0), "all of its rows came with the first load, the night before"
    assert steps["publish"][4].startswith("http://127.0.0.1:")
    assert "/dags/nightly_plan/runs/" in steps["publish"][4]
    assert "airflow.leadline.rows_kept,step=extract_acd:0.0|g" in lines
    assert "airflow.leadline.queues,step=staff:1.0|g" in lines
    assert "airflow.leadline.failed,step=extract_claims:1.0|g" in lines
    assert any(line.startswith("airflow.ti") for line in lines), "Airflow's own metrics take the same way"


def the_lineage_is_one_chain(folder: Path) -> None:
    """Every task told its start and its end; what they read and filled chains from the source's file to the published table."""
    events = [json.loads(line) for line in (folder / "lineage.ndjson").read_text().splitlines()]
    told = {(event["job"]["name"], event["eventType"]) for event in events}
    for task in ("extract_acd.extract", *(f"nightly_plan.{step}" for step in OF_FEW_QUEUES)):
        assert {(task, "START"), (task, "COMPLETE")} <= told, task
    assert ("extract_claims.extract", "FAIL") in told
    comes_from: dict[str, set[str]] = {}
    for event in events:
        for filled in event.get("outputs") or ():
            comes_from.setdefault(filled["name"], set()).update(read["name"] for read in event.get("inputs") or ())
    seen: set[str] = set()
    due = {"leadline.public.staffing_interval"}
    while due:
        seen |= due
        due = {name for one in due for name in comes_from.get(one, ())} - seen
    assert any(name.endswith("exports/acd*.csv") for name in seen), seen
    assert any(name.endswith("lake/core/interval_reports") for name in seen)


def nobody_is_named(folder: Path, lines: list[str], people: tuple[Kept, Kept]) -> None:
    """Neither in mails and webhooks, nor in metrics and lineage, the errors of tasks among them, nor in the tasks' logs."""
    aside = Lake(str(folder / "lake")).read(QUARANTINE)["row_text"].fillna("").str.cat(sep="\n")
    assert {NAME, ADDRESS, SUBJECT} <= set(people_in(aside)), "whoever is not there is not named either"
    mails, hooks = people
    logs = "\n".join(path.read_text() for path in (folder / ".leadline" / "airflow" / "logs" / "tasks").rglob("*.log"))
    texts = {
        "mails": "\n".join(map(mail_text, mails.messages)),
        "webhooks": "\n".join(hooks.messages),
        "metrics": "\n".join(lines),
        "lineage": (folder / "lineage.ndjson").read_text(),
        "logs": logs,
    }
    assert "extract_claims" in texts["mails"]
    assert "extract_claims" in texts["webhooks"]
    assert "is its header there?" in texts["lineage"], "the error of a task goes out with its event"
    own = ("leadline@us.example", "planners@us.example")
    named = {place: [word for word in people_in(text, own=own) if word in PLANTED] for place, text in texts.items()}
    assert not any(named.values()), named


def test_nights_end_as_their_errors_say_ports_are_private_and_nothing_stays_behind(
    airflow: LocalAirflow,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    metrics: tuple[str, list[str]],
    people: tuple[Kept, Kept],
) -> None:
    airflow.migrate()
    airflow.start(DAG_ID, lambda _: None)
    api = airflow.start(STAND_IN_ID, lambda _: None)
    airflow.folders.kept.touch()  # as `make up` leaves it: a run uses what is up, and leaves it up
    a_night_on_a_dead_source_is_planned_but_says_so(tmp_path, capsys)
    the_night_is_told_step_by_step(tmp_path, metrics[1])
    the_lineage_is_one_chain(tmp_path)
    nobody_is_named(tmp_path, metrics[1], people)
    monkeypatch.setattr(cli.runtime.night, "DAG_ID", STAND_IN_ID)

    def night(day: date) -> tuple[Night, int]:
        api.trigger(STAND_IN_ID, f"night_{day}", day.isoformat())
        one = Night(day, (), frozenset())
        assert one.plan(api) == Run(STAND_IN_ID, f"night_{day}")
        last = list(follow_night(api, one))[-1]
        return one, last[0].try_number

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
    listening = set()
    for process in members:
        with suppress(psutil.NoSuchProcess):  # a task that has ended meanwhile
            places = process.net_connections(kind="inet")
            listening |= {place.laddr.ip for place in places if place.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}

    assert airflow.stop() >= 3
    assert [process for process in members if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert airflow.components() == []
