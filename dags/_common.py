"""What every DAG of Leadline shares: the settings, the date a run is about, and which errors are worth another try."""

import os
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, CronPartitionTimetable, ExceptionRetryPolicy, PartitionedAtRuntime, RetryAction, RetryRule, task
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowSkipException

from enterprise.errors import LeadlineError, NeedsPersonError, RetryLaterError
from enterprise.night_steps import ONLY_BY_HAND
from enterprise.settings import Enterprise, load_enterprise

if TYPE_CHECKING:
    from warehouse.lake import Lake
    from warehouse.operations.job import DagRunSeen

KEY_FORMAT = "%Y-%m-%d"
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"
SOURCES, DATABASE, MEMORY = "sources", "database", "memory"
"""Pools, see pools.json: what is short when many tasks run at once."""
FIRST_OF_ALL = 100
"""Weight of a task that waits behind no other for a place in its pool: people are told although many write just then."""
SHARE = "share {{ task.op_kwargs['shard'] }} of the queues"
REPOSITORY = Path(__file__).resolve().parent.parent

RETRY_LATER_OR_ASK = ExceptionRetryPolicy(
    rules=[
        # A place that refuses us in the midst of a task is no place that is away: PermissionError is an OSError, too.
        RetryRule(
            exception=[NeedsPersonError, PermissionError], action=RetryAction.FAIL, reason="A person has to act; see the message."
        ),
        RetryRule(exception=[RetryLaterError, OSError], action=RetryAction.RETRY, reason="It may work later."),
        RetryRule(
            exception=[ValueError, TypeError, LookupError, AttributeError, ImportError, NotImplementedError],
            action=RetryAction.FAIL,
            reason="A mistake in program or settings: the same again would end the same.",
        ),
    ]
)

Clock = CronPartitionTimetable | PartitionedAtRuntime
WHY = "why_it_failed"
"""Under this name a task that failed keeps what its error said."""


def keep_why(context: Any) -> None:
    """Keep what a task's error says beside the task, for the message to people.

    Only words that name no rows: those of our own errors, and what the system says of files and network.
    """
    error = context.get("exception")
    if isinstance(error, LeadlineError):
        context["ti"].xcom_push(key=WHY, value=str(error))
    elif isinstance(error, OSError) and error.strerror:
        context["ti"].xcom_push(key=WHY, value=error.strerror)


DEFAULT_ARGS: dict[str, Any] = {
    "owner": "planning",
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": RETRY_LATER_OR_ASK,
    "execution_timeout": timedelta(hours=1),
    "on_failure_callback": keep_why,
}
A_NIGHT_AT_MOST = timedelta(hours=20)
"""A run that hangs fails before the next night wants its place, as one runs at a time."""
A_MOMENT_AT_MOST = timedelta(hours=1)
"""What was to be known of a day within the hour is of no use later."""


def the_enterprise() -> Enterprise:
    """The settings that LEADLINE_CONFIG names; relative paths in them start at LEADLINE_ROOT."""
    path = Path(os.environ.get("LEADLINE_CONFIG") or REPOSITORY / "config" / "enterprise.toml")
    return load_enterprise(path, os.environ, Path(os.environ.get("LEADLINE_ROOT") or REPOSITORY))


def source_asset(source_name: str) -> Asset:
    """What a source's extraction reports per day, and the night waits for."""
    return Asset(f"source_{source_name}")


def cron(at: time) -> str:
    """A local time of every day, as Airflow wants it said."""
    return f"{at.minute} {at.hour} * * *"


def after_each_day(cron_line: str, enterprise: Enterprise) -> Clock:
    """Runs at a local time of every day, each about the local day before: its partition key.

    An offset counts runs, not days: a line that is not about every day would be about the run before it (see `on_its_day`).
    """
    return _by_clock(cron_line, enterprise, KEY_FORMAT, run_offset=-1)


def on_its_day(cron_line: str, enterprise: Enterprise) -> Clock:
    """Runs at these local times, each about its own local day: its partition key."""
    return _by_clock(cron_line, enterprise, KEY_FORMAT)


def during_the_day(enterprise: Enterprise) -> Clock:
    """Runs every interval while the day is worked on, each about its own moment; by hand alone where all have closed by then."""
    return _by_clock(enterprise.intraday_cron, enterprise, MOMENT_FORMAT)


def _by_clock(cron_line: str | None, enterprise: Enterprise, key_format: str, run_offset: int | None = None) -> Clock:
    """Runs at these local times; by hand alone without any, and in an Airflow that is up for one night only (`leadline run`)."""
    if cron_line is None or os.environ.get(ONLY_BY_HAND):
        return PartitionedAtRuntime()
    return CronPartitionTimetable(cron_line, timezone=enterprise.time_zone, run_offset=run_offset, key_format=key_format)


def business_date_of(dag_run: Any) -> date:
    """The local day a run is about: its partition key, or `business_date` in the configuration of a run by hand.

    Raises:
        NeedsPersonError: if the run carries neither; a date is never guessed from the clock.
    """
    said = dag_run.partition_key or (dag_run.conf or {}).get("business_date")
    try:
        return date.fromisoformat(str(said))
    except ValueError as error:
        raise NeedsPersonError(
            f"Run {dag_run.run_id} of {dag_run.dag_id} does not say which day it is about (got {said!r}). Start it with the "
            'day as partition key, or with the configuration {"business_date": "2026-11-12"}.'
        ) from error


def night(dag_run: Any) -> tuple[date, Enterprise, "Lake"]:
    """What every job asks for, in its order: the day, the enterprise and the lake."""
    from warehouse.job import open_lake

    enterprise = the_enterprise()
    return business_date_of(dag_run), enterprise, open_lake(enterprise)


def night_to_tell(dag_run: Any) -> tuple[date, Enterprise, "Lake"]:
    """As `night`, whether the lake can be reached or not: people are told of that, too."""
    from warehouse.job import named_lake

    enterprise = the_enterprise()
    return business_date_of(dag_run), enterprise, named_lake(enterprise)


def moment(dag_run: Any) -> tuple[datetime, Enterprise, "Lake"]:
    """What every job of the day that runs asks for: the local moment of the run's partition key, the enterprise and the lake.

    Raises:
        NeedsPersonError: if the run does not say which moment it is about; one is never guessed from the clock.
    """
    from warehouse.job import open_lake

    enterprise = the_enterprise()
    said = dag_run.partition_key or (dag_run.conf or {}).get("at")
    try:
        at = datetime.strptime(str(said), MOMENT_FORMAT).replace(tzinfo=enterprise.zone)
    except ValueError as error:
        raise NeedsPersonError(
            f"Run {dag_run.run_id} of {dag_run.dag_id} does not say which moment it is about (got {said!r}). Start it with a "
            'local moment as partition key, as 2026-11-12T12:00, or with the configuration {"at": "2026-11-12T12:00"}.'
        ) from error
    return at, enterprise, open_lake(enterprise)


def give_way(ti: Any, enterprise: Enterprise) -> None:
    """Skip a task of the day while a night is made, a backfill in daytime, say: core and history are as of one cut-off at a time.

    Raises:
        AirflowSkipException: naming the DAGs that are under way.
    """
    nights = ["nightly_plan", *(f"extract_{name}" for name in enterprise.sources)]
    busy = [name for name in nights if ti.get_dr_count(dag_id=name, states=["queued", "running"])]
    if busy:
        raise AirflowSkipException(f"{', '.join(busy)} is under way and has the lake for itself; the next interval looks again")


def airflow_address() -> str:
    """Address of Airflow's pages; empty where none is set."""
    return conf.get("api", "base_url", fallback="") or ""


def runs_of_night(dag_run: Any, ti: Any, triggering_asset_events: Any) -> list["DagRunSeen"]:
    """What Airflow saw of a night: the runs that read its sources, where events name them, and the plan's own."""
    events = [event for of_asset in triggering_asset_events.values() for event in of_asset]
    read = {(event.source_dag_id, event.source_run_id) for event in events}
    runs = [*sorted(run for run in read if all(run)), (dag_run.dag_id, dag_run.run_id)]
    return [run_seen(dag, run, ti) for dag, run in runs]


def run_seen(dag_id: str, run_id: str, ti: Any) -> "DagRunSeen":
    """What Airflow saw of a run."""
    from warehouse.operations.job import DagRunSeen

    pieces = list(ti.get_task_breadcrumbs(dag_id, run_id))
    failed = sorted({piece["task_id"] for piece in pieces if piece["state"] == "failed"})
    # A task of several shares gives the words of each that failed; the first are enough for people.
    said = {task: ti.xcom_pull(task_ids=[task], dag_id=dag_id, run_id=run_id, key=WHY) for task in failed}
    reasons = {task: next(filter(None, words), "") for task, words in said.items()}
    return DagRunSeen(dag_id, run_id, pieces, airflow_address(), reasons)


@task(task_id="tell_people")
def tell_beside_the_night(dag_run: Any = None, ti: Any = None) -> None:
    """Tell people where a task of this run failed. As a teardown it runs however the run ended, and leaves it as red as that."""
    from expectations.telling.job import tell_beside
    from warehouse.job import named_lake

    enterprise = the_enterprise()
    try:
        day = date.fromisoformat(str(dag_run.partition_key)[:10])
    except ValueError:  # a run by hand that names no day is told of under the day on which it began
        day = dag_run.start_date.astimezone(enterprise.zone).date()
    tell_beside(run_seen(dag_run.dag_id, dag_run.run_id, ti), day, enterprise, named_lake(enterprise))
