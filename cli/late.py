"""`leadline late`: people are told if there is no plan, although Airflow itself may be what does not run."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from cli.session import ConfigOption, open_session, plain_errors, say


def late(
    plan_date: Annotated[
        datetime | None,
        typer.Option("--plan-date", "--date", formats=["%Y-%m-%d"], help="The night; without it that of yesterday."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Tell people, once, if the warehouse holds no plan of the night; ends with 1 then. For a clock outside Airflow (cron)."""
    from expectations.telling.job import tell_if_late
    from warehouse.job import named_lake

    with plain_errors():
        enterprise = open_session(config).enterprise
        night = plan_date.date() if plan_date else (datetime.now(enterprise.zone) - timedelta(days=1)).date()
        told = tell_if_late(night, enterprise, named_lake(enterprise))
    if told is None:
        say(f"The plan of {night} is there.")
        return
    say(told.message)
    raise typer.Exit(1)
