"""`leadline override`: planners' changes of the forecast: enter, list, take back, and load a file of them."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.services import embedded_server
from cli.session import ConfigOption, Session, err, open_session, out, plain_errors, say

app = typer.Typer(
    help="Planners' changes: volume, handle time, closures and events on top of the forecast.", no_args_is_help=True
)

ROWS_REFUSED = 2
"""Exit code of a file of which some rows were refused."""
_ISO = ["%Y-%m-%d"]
_By = Annotated[str, typer.Option(help="Who enters it; kept beside the change.", default_factory=getpass.getuser)]
_Reason = Annotated[str, typer.Option(help="Why; kept beside the change and shown in the plan.")]
_FirstNight = Annotated[
    datetime | None,
    typer.Option(
        formats=_ISO, help="First night whose plan heeds it, as yesterday's to change the plan in force; without it tonight's."
    ),
]


@app.command()
def add(
    kind: Annotated[
        str,
        typer.Option(
            help="contacts_factor, contacts_total, contacts_added, handle_time_factor, handle_seconds, closed, opened or event."
        ),
    ],
    first: Annotated[datetime, typer.Option("--from", formats=_ISO, help="First day that is changed.")],
    reason: _Reason,
    by: _By,
    queue: Annotated[str, typer.Option(help="Queue that is changed.")] = "",
    level: Annotated[str, typer.Option(help="Instead of a queue: channel, line_of_business, site or enterprise.")] = "",
    member: Annotated[str, typer.Option(help="Which channel or line of business.")] = "",
    last: Annotated[datetime | None, typer.Option("--until", formats=_ISO, help="Last day; without it the first.")] = None,
    start: Annotated[str | None, typer.Option(help="Local time from which each day is changed, as 13:00.")] = None,
    end: Annotated[str | None, typer.Option(help="Local time until which each day is changed, as 17:00.")] = None,
    value: Annotated[float | None, typer.Option(help="A factor, contacts a day, or seconds, as the kind says.")] = None,
    event: Annotated[str | None, typer.Option(help="Name of a special event.")] = None,
    valid_until: Annotated[datetime | None, typer.Option(formats=_ISO, help="Last night whose plan heeds it.")] = None,
    first_night: _FirstNight = None,
    config: ConfigOption = None,
) -> None:
    """Enter one change."""
    from enterprise.hierarchy import WHOLE_ENTERPRISE
    from warehouse.job import enter_override, override_entry

    with plain_errors():
        if bool(queue) == bool(level):
            raise typer.BadParameter("give either --queue, or --level and --member")
    with _warehouse(config) as session:
        entry = override_entry(
            kind=kind,
            level="queue" if queue else level,
            member_id=queue or member or WHOLE_ENTERPRISE,
            first_date=first.date(),
            last_date=(last or first).date(),
            start_time=start,
            end_time=end,
            value=value,
            event_name=event,
            reason=reason,
            entered_by=by,
            entered_at=datetime.now(UTC),
            valid_until_date=_day(valid_until),
            first_plan_date=_day(first_night),
        )
        number = enter_override(entry, session.enterprise)
        night = entry.night(session.enterprise.zone)
        say(f"Change {number} is entered. The plan of the night of {night} and later ones heed it: leadline run --date {night}")


@app.command("list")
def list_changes(
    night: Annotated[datetime | None, typer.Option(formats=_ISO, help="As the plan of that night sees them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show those that are over, withdrawn or refused, too.")] = False,
    config: ConfigOption = None,
) -> None:
    """List the changes, with who, why, and what the plan does with them."""
    from warehouse.job import list_overrides

    with _warehouse(config) as session:
        found = list_overrides(session.enterprise, _day(night))
    shown = [one for one in found if everything or one.status in ("applied", "waiting", "refused")]
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for name in ("no.", "status", "what", "where", "days", "what the plan does"):
        table.add_column(name)
    for one in shown:
        entry = one.entry
        days = f"{entry.first_date}" if entry.first_date == entry.last_date else f"{entry.first_date} to {entry.last_date}"
        cells = (str(entry.override_id), one.status, entry.kind, f"{entry.level} {entry.member_id}", days, one.reason)
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)
    if len(shown) < len(found):
        say(f"{len(found) - len(shown)} more that are over or withdrawn: leadline override list --all")


@app.command()
def withdraw(
    number: Annotated[int, typer.Argument(help="Number of the change, as `leadline override list` shows it.")],
    reason: _Reason,
    by: _By,
    first_night: _FirstNight = None,
    config: ConfigOption = None,
) -> None:
    """Take a change back: later plans leave it out."""
    from warehouse.job import withdraw_override

    with _warehouse(config) as session:
        entry = withdraw_override(number, session.enterprise, by, reason, _day(first_night))
        say(f"Change {number} ({escape(entry.kind)} of {escape(str(entry.member_id))}) is taken back; it stays on record.")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV file with one change per row.", dir_okay=False)],
    by: _By,
    all_or_nothing: Annotated[bool, typer.Option("--all-or-nothing", help="Enter no row unless all are right.")] = False,
    first_night: _FirstNight = None,
    config: ConfigOption = None,
) -> None:
    """Enter the changes of a CSV file; refused rows are named with their reason, and end the command with 2."""
    from warehouse.job import load_overrides

    with _warehouse(config) as session:
        looked, entered = load_overrides(
            file, session.enterprise, by, all_or_nothing=all_or_nothing, first_plan_date=_day(first_night)
        )
    for row in looked.refused:
        err.print(f"[bold red]Row {row.row} refused:[/] {escape(row.reason)}", soft_wrap=True)
    numbers = f", numbers {entered[0]} to {entered[-1]}" if entered else ""
    say(f"{len(entered)} of {len(looked.good) + len(looked.refused)} change(s) entered{numbers}.")
    if looked.refused:
        raise typer.Exit(ROWS_REFUSED)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


@contextmanager
def _warehouse(config: Path | None) -> Iterator[Session]:
    """The session, for commands that ask the warehouse; the embedded server only for as long."""
    with plain_errors():
        session = open_session(config)
        with embedded_server(session.folders):
            yield session
