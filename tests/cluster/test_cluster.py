"""Nights on Celery workers that share nothing but PostgreSQL, Redis and an object store, which all have a bad time.

Through all of them every tenth request to the object store fails in one of five ways, in the first one worker's clock is forty
minutes ahead and its time zone another, and a DAG file with an error lies beside the good ones.
"""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from cli.doctor import dag_files
from cli.runtime.cluster import BUCKET, Cluster
from cli.runtime.components import airflow_programs
from cli.runtime.night import DAG_ID, FINISHED, Night, follow_night, require_plan, start_night
from enterprise.errors import NeedsPersonError
from tests.support.branch_world import fingerprint, made_alone
from tests.support.faulty_store import HARMS
from tests.support.troubled_cluster import Running, restart_redis, troubled_cluster, wait_until, worker_of, wrong_clock
from warehouse.embedded import EmbeddedPostgres
from warehouse.tables.forecast import FORECAST_INTERVAL
from warehouse.tables.staffing import STAFFING_INTERVAL

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed; see make system"),
]

FIRST, SECOND, THIRD, FOURTH = (date(2026, 11, day) for day in (11, 12, 13, 16))


@pytest.fixture(scope="module")
def on_one_machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return made_alone(tmp_path_factory.mktemp("alone"), [FIRST, SECOND, THIRD])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with troubled_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


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
        beside = running.trigger("maintenance", FOURTH)
        (late, failed) = [text for text in running.told[before:] if "unfinished.py" not in text]
    finally:
        running.store.refusal = ""
    for words in (f"no plan of {FOURTH}", "refuses this login", "The provided token has expired", "leadline doctor"):
        assert words in late
    assert running.api.run_state("maintenance", beside) == "failed", "that people are told makes it no better"
    for words in (f"maintenance of {FOURTH} failed", "Steps that failed: let_go", "nothing old goes", "leadline retention"):
        assert words in failed
    assert running.warehouse("SELECT count(*) FROM plan_version") == plans
    tasks = running.tasks("extract_acd", running.trigger("extract_acd", FOURTH))
    assert tasks["extract"]["state"] == "success"
