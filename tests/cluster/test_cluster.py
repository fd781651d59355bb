"""Nights on Celery workers that share nothing but PostgreSQL, Redis and an object store, which all have a bad time.

Through all of them every tenth request to the object store fails in one of five ways, in the first one worker's clock is forty
minutes ahead and its time zone another, and a DAG file with an error lies beside the good ones.
"""

import hashlib
import itertools
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.doctor import dag_files
from cli.runtime.airflow_api import AirflowApi
from cli.runtime.cluster import BUCKET, Cluster
from cli.runtime.components import Component, Program, airflow_programs, start_components, stop_components
from cli.runtime.folders import REPOSITORY, Folders
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID, FINISHED, Night, follow_night, require_plan, start_night
from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise, load_enterprise
from etl.job import build_history_night, conform_night, extract_source, stitch_night
from expectations.job import validate_night
from forecasting.job import forecast_night, measure_night
from staffing.job import audit_night, capacity_night, explain_night, shift_night, staff_night
from tests.support.faulty_store import HARMS, FaultyStore, faulty_store
from tests.support.mail_server import HOST, Kept, mail_server, web_server
from tests.support.small_enterprise import VOICE, WITHOUT_SOURCES
from warehouse.database import connected
from warehouse.embedded import WAREHOUSE_ROLE, EmbeddedPostgres
from warehouse.job import migrate_warehouse, take_overrides_night
from warehouse.lake import Lake
from warehouse.tables.forecast import FORECAST_INTERVAL
from warehouse.tables.staffing import STAFFING_INTERVAL

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed; see make system"),
]

FIRST, SECOND, THIRD, FOURTH = (date(2026, 11, day) for day in (11, 12, 13, 16))
BRANCH = VOICE.replace("voice]", "branch]").replace("Phone", "Branch")
REPORT = """
[sources.{name}]
kind = "interval_report"
url = "{place}/{name}*.csv"
interval_minutes = 30
queues = {{ {queue} = "{queue}" }}
columns = {{ queue = "q", interval_start = "at", offered = "n", answered = "a", handle = ["h"] }}
"""
QUEUES = {"acd": "voice", "branch": "branch"}
COMPARED = ("history", "forecast", "staffing")
"""Layers whose bytes depend on nothing but what happened: landing and run logs also say where from and when."""
AHEAD = timedelta(minutes=40)
BROKEN = "from airflow.sdk import dag\n\n@dag\ndef unfinished(:\n"


def export(source: str, night: date) -> bytes:
    """Five weeks of a phone queue's intervals, up to a night; no day is like another."""
    lines, queue = ["q,at,n,a,h"], QUEUES[source]
    for back in range(35):
        day = night - timedelta(days=back)
        for hour, minute in itertools.product(range(8, 18), (0, 30) if day.weekday() < 5 else ()):
            offered = 12 + hour % 3 + day.toordinal() * (2 * hour + minute // 30) % 37 // 5
            lines.append(f"{queue},{day} {hour:02d}:{minute:02d},{offered},11,3300")
    return "\n".join(lines).encode()


def settings(place: str, alerts: str = "") -> str:
    base = WITHOUT_SOURCES + BRANCH
    return base + "".join(REPORT.format(name=name, queue=queue, place=place) for name, queue in QUEUES.items()) + alerts


def people(mails: Kept, hooks: Kept) -> str:
    """Whom to tell."""
    return (
        f'[alerts.mail]\nhost = "{HOST}"\nport = {mails.port}\nsecurity = "none"\nsender = "leadline@us.example"\n'
        f'recipients = ["planners@us.example"]\n[alerts.webhook]\nurl = "http://{HOST}:{hooks.port}/hook"\n'
    )


def checks_of(*stages: str) -> Callable[[date, Enterprise, Lake], None]:
    def check(night: date, enterprise: Enterprise, lake: Lake) -> None:
        for stage in stages:
            validate_night(stage, night, enterprise, lake)

    return check


STEPS: tuple[Callable[[date, Enterprise, Lake], object], ...] = (
    conform_night,
    take_overrides_night,
    build_history_night,
    stitch_night,
    checks_of("sources", "core", "history", "monitors"),
    explain_night,
    forecast_night,
    measure_night,
    staff_night,
    shift_night,
    capacity_night,
    audit_night,
)
"""The night's steps that write to the lake, in the order of its DAG."""


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
    migrate_warehouse(enterprise)
    try:
        for night in (FIRST, SECOND, THIRD):
            for source in QUEUES:
                (folder / "exports" / f"{source}-{night}.csv").write_bytes(export(source, night))
                extract_source(source, night, enterprise, lake)
            for step in STEPS:
                step(night, enterprise, lake)
    finally:
        EmbeddedPostgres.stop(Path(enterprise.storage.state_folder))
    return fingerprint(lake)


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


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    work = tmp_path_factory.mktemp("cluster")
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


def followed(running: Running, night: date) -> Night:
    """Start a night and follow it to its end."""
    started = start_night(running.api, night, running.enterprise.sources)
    for _ in follow_night(running.api, started):
        pass
    assert require_plan(running.api, started, running.airflow.folders) == []
    return started


def made_by(lake: dict[str, str], nights: list[date]) -> dict[str, str]:
    """What nights made of their own: plans, not the history that later nights add to."""
    own = {path: digest for path, digest in lake.items() if not path.startswith("history/")}
    return {path: digest for path, digest in own.items() if any(f"={night}" in path for night in nights)}


def test_a_night_on_two_workers_gives_the_bytes_of_one_machine_and_leaves_nothing_in_a_common_folder(
    running: Running, on_one_machine: dict[str, str]
) -> None:
    running.deliver(FIRST)
    followed(running, FIRST)
    made = fingerprint(running.lake)
    plans = {path: digest for path, digest in made.items() if not path.startswith("history/")}
    assert plans
    assert plans == {path: digest for path, digest in on_one_machine.items() if path in plans}
    assert running.cluster.store().exists(f"{BUCKET}/planbook/latest.html")
    kept = {path.name for path in running.airflow.folders.work.iterdir()}
    assert kept == {"enterprise.toml", ".leadline", "dags"}
    assert not (running.airflow.folders.state / "lake").exists()


def test_every_tenth_request_to_the_object_store_failed_and_no_task_was_tried_again_for_it(running: Running) -> None:
    assert set(running.store.harm) == set(HARMS)
    assert min(running.store.harm.values()) >= 3
    (plan,) = running.api.runs(DAG_ID, FIRST.isoformat())
    assert {task["try_number"] for task in running.tasks(DAG_ID, plan).values() if task["state"] == "success"} == {1}


def test_a_worker_whose_clock_is_ahead_had_its_part_in_the_night(running: Running) -> None:
    if "LD_PRELOAD" not in wrong_clock():
        pytest.skip("libfaketime is not installed (make system): only the time zone of one worker was another")
    (plan,) = running.api.runs(DAG_ID, FIRST.isoformat())
    starts = [task["start_date"] for task in running.tasks(DAG_ID, plan).values() if task["start_date"]]
    now = datetime.now(UTC)
    assert sum(datetime.fromisoformat(start) > now for start in starts) >= 3


def test_a_dag_file_with_an_error_is_told_to_people_and_by_the_doctor_and_the_others_go_on(running: Running) -> None:
    wait_until(lambda: any("unfinished.py" in text for text in running.told), "people are told of the broken file")
    (text,) = [text for text in running.told if "unfinished.py" in text]
    for words in (
        "Airflow cannot read the DAG file unfinished.py",
        "SyntaxError",
        "The other DAG files go on",
        "leadline doctor",
    ):
        assert words in text
    with pytest.raises(NeedsPersonError, match=r"unfinished\.py.*SyntaxError.*the other files go on: mend them"):
        dag_files(running.airflow.folders)


def test_what_is_killed_and_restarted_in_the_midst_of_a_night_changes_nothing(
    running: Running, on_one_machine: dict[str, str]
) -> None:
    """A worker and the scheduler killed, Redis and PostgreSQL (of Airflow and of the warehouse) restarted, in one night.

    All clocks are right by now: a task that fails where one is ahead is tried again when the scheduler's has come to that time.
    """
    workers = Cluster.workers(running.cluster, running.airflow.folders)
    running.kill(workers[-1].name)
    running.start(workers, workers[-1].name)
    running.deliver(SECOND)
    started = start_night(running.api, SECOND, running.enterprise.sources)
    done: list[str] = []
    for tasks in follow_night(running.api, started):
        ended = {task.task_id for task in tasks if task.state == "success"}
        busy = {task.task_id for task in tasks if task.state == "running"}
        if "scheduler" not in done and "conform" in ended:
            running.kill("scheduler")
            time.sleep(5)  # what is due now has nobody
            running.start(airflow_programs(), "scheduler")
            done.append("scheduler")
        elif "worker" not in done and "forecast" in busy:
            worker = worker_of(running, started.plan(running.api), "forecast")
            running.kill(worker)
            running.start(workers, worker)
            done.append("worker")
        elif "redis" not in done and "forecast" in ended:
            restart_redis(running)
            done.append("redis")
        elif "postgres" not in done and busy & {"plan_shifts", "check_plan", "audit_plan", "publish"}:
            EmbeddedPostgres.stop(running.airflow.folders.state)
            time.sleep(10)  # long enough for whoever cannot do without it to end
            EmbeddedPostgres.ensure_running(running.airflow.folders.state)
            running.supervise()
            done.append("postgres")
    assert done == ["scheduler", "worker", "redis", "postgres"]
    assert require_plan(running.api, started, running.airflow.folders) == []
    plan = started.plan(running.api)
    assert plan is not None
    assert running.tasks(DAG_ID, plan.run_id)["forecast"]["try_number"] >= 2, "the task of the killed worker was not tried again"
    made = fingerprint(running.lake)
    assert made_by(made, [FIRST, SECOND]) == made_by(on_one_machine, [FIRST, SECOND])
    nothing_is_lost_or_doubled(running, [(FIRST, 1), (SECOND, 1)])


def nothing_is_lost_or_doubled(running: Running, plans: list[tuple[date, int]]) -> None:
    """The warehouse holds these plans, the last one in force, each whole and once."""
    query = "SELECT plan_date, version, status FROM plan_version ORDER BY made_at"
    stored = running.warehouse(query)
    assert [(night, version) for night, version, _ in stored] == plans
    assert [status for *_, status in stored].count("current") == 1
    assert stored[-1][2] == "current"
    for night, version in plans:
        for table in (FORECAST_INTERVAL, STAFFING_INTERVAL):
            count = f"SELECT count(*) FROM {table.name} WHERE plan_date = '{night}' AND version = {version}"
            assert running.warehouse(count) == [(running.lake.read_arrow(table, first=night, last=night).num_rows,)]


def test_a_source_a_day_late_is_planned_without_and_said_and_the_next_version_has_it(
    running: Running, on_one_machine: dict[str, str]
) -> None:
    before = len(running.told)
    running.deliver(THIRD, "acd")
    running.trigger("extract_acd", THIRD)
    assert running.api.runs(DAG_ID, THIRD.isoformat()) == [], "the night waits for the branch"
    cutoff = running.tasks("plan_cutoff", running.trigger("plan_cutoff", THIRD))
    assert (cutoff["give_up_acd"]["state"], cutoff["give_up_branch"]["state"]) == ("skipped", "success")
    first = ended_run(running, THIRD, earlier=[])
    flags = "SELECT DISTINCT queue_id FROM current_staffing_plan WHERE data_warning IS NOT NULL"
    assert running.warehouse(flags) == [("branch",)]
    (text,) = running.told[before:]
    for words in ("published, but part of it rests on earlier data", "branch", "next step"):
        assert words in text

    running.deliver(THIRD, "branch")
    running.trigger("extract_branch", THIRD)
    running.trigger("extract_acd", THIRD)  # the night is made again when each source has reported again
    ended_run(running, THIRD, earlier=[first])
    assert running.warehouse(flags) == []
    assert fingerprint(running.lake) == on_one_machine
    nothing_is_lost_or_doubled(running, [(FIRST, 1), (SECOND, 1), (THIRD, 1), (THIRD, 2)])


def ended_run(running: Running, night: date, earlier: list[str]) -> str:
    """The run that makes a night's plan, other than earlier ones, when it has ended well."""

    def later() -> list[str]:
        return [run for run in running.api.runs(DAG_ID, night.isoformat()) if run not in earlier]

    wait_until(lambda: bool(later()), f"the plan of {night} has begun")
    (run_id,) = later()
    wait_until(lambda: running.api.run_state(DAG_ID, run_id) in FINISHED, f"the plan of {night} is made", 900)
    assert running.api.run_state(DAG_ID, run_id) == "success"
    return run_id


def test_credentials_that_have_expired_are_said_and_not_tried_again_and_renewed_they_do(running: Running) -> None:
    running.deliver(FOURTH)
    plans, before = running.warehouse("SELECT count(*) FROM plan_version"), len(running.told)
    running.store.refusal = "ExpiredToken"
    try:
        tasks = running.tasks("extract_acd", running.trigger("extract_acd", FOURTH))
        assert (tasks["extract"]["state"], tasks["extract"]["try_number"]) == ("failed", 1)
        running.trigger("plan_deadline", FOURTH)
        (text,) = [text for text in running.told[before:] if "unfinished.py" not in text]
    finally:
        running.store.refusal = ""
    for words in (f"no plan of {FOURTH}", "refuses this login", "The provided token has expired", "leadline doctor"):
        assert words in text
    assert running.warehouse("SELECT count(*) FROM plan_version") == plans
    tasks = running.tasks("extract_acd", running.trigger("extract_acd", FOURTH))
    assert tasks["extract"]["state"] == "success"


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
