"""`leadline up`, `down`, `status` and `psql`: the servers of this machine."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from cli.demo_state import demo_folder
from cli.runtime.airflow_settings import USER, password
from cli.runtime.components import running_components, stop_components
from cli.runtime.folders import Folders
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID
from cli.session import ConfigOption, Session, open_session, out, plain_errors, say, state_folders
from enterprise.errors import LeadlineError
from enterprise.night_steps import ONLY_BY_HAND
from warehouse.embedded import SERVICE_FILE, EmbeddedPostgres
from warehouse.embedded_cluster import program
from warehouse.local_state import locked


def up(config: ConfigOption = None) -> None:
    """Start PostgreSQL and Airflow and leave them running."""
    with plain_errors():
        session = open_session(config)
        # The demo's source systems end with its last day: a night by the clock would put a plan of days without data in force.
        by_hand = {} if demo_folder(session) is None else {ONLY_BY_HAND: "yes"}
        airflow, folders = LocalAirflow(session.folders, {**session.environment, **by_hand}), session.folders
        folders.state.mkdir(parents=True, exist_ok=True)
        busy = f"A night is run in {folders.state}, by an Airflow in which nothing starts by the clock; wait for its end"
        with locked(folders.run_lock, busy), out.status("Starting PostgreSQL and Airflow ..."):
            try:
                airflow.migrate()
                airflow.start(DAG_ID, lambda _: None)
                folders.kept.touch()
            except LeadlineError:
                airflow.stop()  # half an Airflow helps nobody
                raise
        show_status(session)
        if by_hand:
            say("The demo has no data of today: nothing starts by the clock.")
        say("Stop both with: make down")


def down(config: ConfigOption = None) -> None:
    """Stop Airflow and PostgreSQL."""
    with plain_errors():
        folders = state_folders(config)
        folders.kept.unlink(missing_ok=True)
        stopped = stop_components(folders)
        stopped_database = EmbeddedPostgres.stop(folders.state)
        say(f"Airflow: {'stopped' if stopped else 'was not running'}.")
        say(f"PostgreSQL: {'stopped' if stopped_database else 'was not running'}.")


def status(config: ConfigOption = None) -> None:
    """Say what is running and how to reach it."""
    with plain_errors():
        show_status(open_session(config))


def psql(
    words: Annotated[
        list[str] | None, typer.Argument(help="Handed to psql, e.g. -c 'select * from current_staffing_plan'.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Open psql on the embedded warehouse; the server is started for it if need be, and stopped again."""
    with plain_errors():
        session = open_session(config)
        with embedded_server(session.folders):
            database = session.enterprise.storage.warehouse_database
            EmbeddedPostgres.ensure_running(session.folders.state, database=database)
            environment = {**os.environ, "PGSERVICEFILE": str(session.folders.state / SERVICE_FILE)}
            code = subprocess.call([str(program("psql")), f"service={database}", *(words or [])], env=environment)
    raise typer.Exit(code)


@contextmanager
def embedded_server(folders: Folders) -> Iterator[None]:
    """Stop the embedded server at the end if it was started for this block only."""
    was_running = EmbeddedPostgres.running(folders.state) is not None
    try:
        yield
    finally:
        if not was_running:
            EmbeddedPostgres.stop(folders.state)


def show_status(session: Session) -> None:
    """Print what runs and how to reach it."""
    address = EmbeddedPostgres.running(session.folders.state)
    components = running_components(session.folders)
    if address is None:
        say("PostgreSQL: not running.")
    else:
        say(f"PostgreSQL: {address.host}:{address.port}; look inside with: {psql_line(session.folders, session)}")
    if not components:
        say("Airflow: not running.")
        return
    names = ", ".join(component.name for component in components)
    say(f"Airflow: http://127.0.0.1:{components[0].api_port} ({names}); settings {components[0].config}")
    secret_file = session.folders.state / "secrets" / "airflow-planner"
    password(session.folders)
    say(f"Log in as '{USER}' with the password in {secret_file}")


def psql_line(folders: Folders, session: Session) -> str:
    """A command that opens the warehouse without showing its password."""
    place = folders.state / SERVICE_FILE
    shown = place.relative_to(folders.work) if place.is_relative_to(folders.work) else place
    return f"PGSERVICEFILE={shown} psql service={session.enterprise.storage.warehouse_database} (or: leadline psql)"
