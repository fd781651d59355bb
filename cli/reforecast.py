"""`leadline reforecast`: the rest of a day anew, from what came so far."""

from datetime import datetime
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cli.session import ConfigOption, open_session, out, plain_errors, say
from enterprise.errors import NeedsPersonError


def reforecast(
    at: Annotated[str, typer.Option(help="Moment up to which the day is known, as 2026-11-12T12:00; local without an offset.")],
    publish: Annotated[bool, typer.Option(help="Make the result visible in the warehouse.")] = True,
    config: ConfigOption = None,
) -> None:
    """Forecast what is left of a day, say which people it needs beside the night's plan, and publish both."""
    from forecasting.job import reforecast_day
    from staffing.job import staff_day
    from warehouse.job import open_lake, publish_day

    with plain_errors():
        enterprise = open_session(config).enterprise
        try:
            moment = datetime.fromisoformat(at)
        except ValueError as error:
            raise NeedsPersonError(f"--at is {at!r}; expected a moment as 2026-11-12T12:00") from error
        moment = moment if moment.tzinfo else moment.replace(tzinfo=enterprise.zone)
        lake = open_lake(enterprise)
        rows = reforecast_day(moment, enterprise, lake)
        people = staff_day(moment, enterprise, lake)
        table = Table("queue", "left, plan", "left, now", "factor", "people at most, plan", "now", box=SIMPLE_HEAD)
        for queue_id, own in rows.groupby("queue_id"):
            staff = people[people["queue_id"] == queue_id]
            night, now = (
                f"{staff[name].max():.0f}" if len(staff) else "" for name in ("night_scheduled_staff", "scheduled_staff")
            )
            left = [f"{own[name].sum():,.0f}" for name in ("night_mean_offered_contacts", "mean_offered_contacts")]
            table.add_row(str(queue_id), *left, f"{own['factor'].iloc[0]:.2f}", night, now)
        out.print(table)
        if publish:
            say(f"Published {publish_day(moment, enterprise, lake):,} rows as of {moment:%Y-%m-%d %H:%M %Z}.")
