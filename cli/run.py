"""`leadline run`: one night through Airflow, from source systems to published plan, with everything it needs."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from types import FrameType
from typing import Annotated

import typer
from rich.markup import escape

from cli.demo_state import demo_folder
from cli.first_load import load_if_first, read_sources
from cli.night_display import NightDisplay
from cli.outcome import show_outcome
from cli.quality import show_flags
from cli.runtime.airflow_api import AirflowApi
from cli.runtime.in_process import run_in_process
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID, follow_night, require_plan, start_night
from cli.session import ConfigOption, Session, err, open_session, out, plain_errors
from enterprise.errors import NeedsPersonError
from enterprise.night_steps import ONLY_BY_HAND
from enterprise.settings import EMBEDDED
from warehouse.embedded import EmbeddedPostgres
from warehouse.local_state import locked

PLANNED_BUT = 3
"""Exit code of a night with a plan in which something failed."""
PlanDateOption = Annotated[
    datetime | None,
    typer.Option(
        "--plan-date",
        "--date",
        formats=["%Y-%m-%d"],
        help="The local day after which the plan is made; without it the last demo day, or yesterday.",
    ),
]


def run(
    plan_date: PlanDateOption = None,
    config: ConfigOption = None,
    in_process: Annotated[
        bool, typer.Option("--in-process", help="One process without scheduler: quicker to start, one task at a time.")
    ] = False,
    nights: Annotated[
        int,
        typer.Option(min=1, max=60, help="How many nights, the last that of the plan date: accuracy needs nights before."),
    ] = 1,
) -> None:
    """Run the nightly for one day and show tomorrow's staffing; ends with 3 if there is a plan, but something failed."""
    started = time.monotonic()
    with plain_errors():
        session = open_session(config)
        # Up for these nights alone: in the hour after midnight the clock would start tonight's beside them.
        airflow = LocalAirflow(session.folders, {**session.environment, ONLY_BY_HAND: "yes"})
        with _everything_stopped_afterwards(session, airflow):
            demo_day = _ensure_demo(session)
            day = _night_to_run(plan_date.date() if plan_date else None, demo_day, datetime.now(session.enterprise.zone))
            failed: list[str] = []
            days = [day - timedelta(days=back) for back in range(nights - 1, -1, -1)]
            load_if_first(session, days[0])
            _prepare_databases(session, airflow)
            night_started = time.monotonic()
            if in_process:
                for one in days:
                    failed += read_sources(session, one)
                    with out.status(f"The night of {one:%A %d %B %Y}, in one process ..."):
                        run_in_process(airflow, one)
            else:
                api = _start_airflow(airflow)
                night_started = time.monotonic()
                for one in days:
                    failed += _follow(session, api, airflow, one)
            now = time.monotonic()
            what = "The night" if nights == 1 else f"The {nights} nights"
            out.print(f"{what} took {now - night_started:.0f} s; all together {now - started:.0f} s.")
            show_outcome(session, day)
            unread = show_flags(session, day)
        for task in failed:
            err.print(f"[bold yellow]Planned, but[/] {escape(task)}", soft_wrap=True)
        if failed or unread:
            raise typer.Exit(PLANNED_BUT)


@contextmanager
def _everything_stopped_afterwards(session: Session, airflow: LocalAirflow) -> Iterator[None]:
    """Leave nothing running that was not running on purpose before, however the command ends."""
    folders = session.folders
    folders.state.mkdir(parents=True, exist_ok=True)
    with locked(folders.run_lock, busy=f"Another run is under way in {folders.state}; wait for its end, or end it."):
        kept = folders.kept.exists() and airflow.is_up
        if airflow.has_workers:
            raise NeedsPersonError("A cluster is up, with a lake of its own: run the night in its Airflow, or stop it: make down")
        if kept and any(component.config != str(session.config) for component in airflow.components()):
            raise NeedsPersonError(
                f"Airflow is up with the settings {airflow.components()[0].config}, not with {session.config}. "
                "Stop it first: make down"
            )
        if not kept:
            leftovers = airflow.stop()  # of a run that was killed
            if leftovers:
                EmbeddedPostgres.stop(folders.state)
        database_was_running = EmbeddedPostgres.running(folders.state) is not None
        previous = signal.signal(signal.SIGTERM, _as_exit)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, previous)
            if not folders.kept.exists():
                airflow.stop()
                if not database_was_running:
                    EmbeddedPostgres.stop(folders.state)


def _as_exit(number: int, frame: FrameType | None) -> None:
    """Let a polite request to end run the clean-up."""
    raise SystemExit(128 + number)


def _ensure_demo(session: Session) -> date | None:
    """Make the demo's source systems if the settings read them; returns the demo's last day, None without demo."""
    folder = demo_folder(session)
    if folder is None:
        return None
    from demo.job import make_demo

    with out.status("Looking for the demo's source systems ...") as status:
        made = make_demo(folder, session.folders.state / "demo-truth", progress=status.update)
    if made.made:
        out.print(f"Simulated {made.files} source files, {made.total_bytes / 1e6:.0f} MB, up to {made.last_day}.")
    return made.last_day


def _night_to_run(given: date | None, demo_day: date | None, now: datetime) -> date:
    """The night asked for; without one the demo's last, or yesterday's.

    Raises:
        NeedsPersonError: for a day that has not begun: its plan would be in force until then, made of days without a contact.
    """
    if given is not None and given > max(now.date(), demo_day or date.min):
        raise NeedsPersonError(
            f"--plan-date {given} has not begun: it is {now:%Y-%m-%d %H:%M} in {now.tzinfo}. Name a day that is over; "
            "a plan reaches as many days ahead as [planning] horizon_days says"
        )
    return given or demo_day or now.date() - timedelta(days=1)


def _prepare_databases(session: Session, airflow: LocalAirflow) -> None:
    from warehouse.job import migrate_warehouse

    with out.status("Preparing the databases ..."):
        if session.enterprise.storage.warehouse_url == EMBEDDED:
            EmbeddedPostgres.ensure_running(session.folders.state, database=session.enterprise.storage.warehouse_database)
        migrate_warehouse(session.enterprise)
        airflow.migrate()


def _start_airflow(airflow: LocalAirflow) -> AirflowApi:
    with out.status("Starting Airflow ...") as status:
        api = airflow.start(DAG_ID, lambda missing: status.update(f"Starting Airflow: waiting for {missing} ..."))
    components = airflow.components()
    out.print(f"Airflow is up on http://127.0.0.1:{components[0].api_port}.")
    return api


def _follow(session: Session, api: AirflowApi, airflow: LocalAirflow, day: date) -> list[str]:
    """Follow the night to its end; returns what failed in it although there is a plan."""
    night = start_night(api, day, session.enterprise.sources)
    with NightDisplay(out, f"Night of {day:%A %d %B %Y}") as display:
        for tasks in follow_night(api, night):
            display.show(tasks)
    return require_plan(api, night, airflow.folders)
