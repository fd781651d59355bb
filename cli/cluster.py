"""`leadline cluster`: the parts of production on this machine, with Celery's workers, Redis and an object store."""

from typing import Annotated

import typer

from cli.runtime.cluster import BUCKET, Cluster
from cli.runtime.local_airflow import LocalAirflow
from cli.runtime.night import DAG_ID
from cli.services import show_status
from cli.session import ConfigOption, open_session, out, plain_errors, say
from enterprise.errors import LeadlineError, NeedsPersonError
from enterprise.settings import load_enterprise


def cluster(
    workers: Annotated[int, typer.Option(min=1, max=16, help="How many workers run the tasks.")] = 2,
    config: ConfigOption = None,
) -> None:
    """Start PostgreSQL, Redis, an object store, Airflow and workers, each in its own process group, and leave them running."""
    from warehouse.job import migrate_warehouse

    with plain_errors():
        session = open_session(config)
        airflow = LocalAirflow(session.folders, session.environment, Cluster(workers))
        if airflow.components():
            raise NeedsPersonError("Airflow is up already. Stop it first: make down")
        with out.status("Starting PostgreSQL, Redis, the object store, Airflow and its workers ..."):
            try:
                airflow.migrate()
                airflow.start(DAG_ID, lambda _: None)
                enterprise = load_enterprise(session.config, airflow.environment(api_port=0), session.folders.work)
                migrate_warehouse(enterprise)
                session.folders.kept.touch()
            except LeadlineError:
                airflow.stop()  # half a cluster helps nobody
                raise
        show_status(session)
        say(f"Lake and pages are in s3://{BUCKET} of the object store, which forgets them when it stops.")
        say("Stop all: make down")
