"""`leadline demo-large`: an enterprise of hundreds of queues, for measuring what a night costs."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.session import err, out, say


def demo_large(
    folder: Annotated[Path, typer.Option(help="Where settings and source files go.")] = Path(".leadline/large"),
    queues: Annotated[int, typer.Option(min=3, help="How many queues.")] = 500,
    contacts_per_day: Annotated[int, typer.Option(min=3, help="Contacts on a mean weekday, all queues together.")] = 600_000,
    days: Annotated[int, typer.Option(min=1, help="Days of source files; a day of 600,000 contacts has 130 MB.")] = 3,
    last_day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Without it 2026-11-12.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed and size give the same bytes.")] = 1,
) -> None:
    """Draw a large enterprise's source files, day by day, and write its settings."""
    from demo.job import LAST_DAY, make_large

    last = last_day.date() if last_day else LAST_DAY
    with out.status("Drawing ...") as status:
        try:
            made = make_large(folder, queues, contacts_per_day, days, last, seed, progress=status.update)
        except ValueError as error:
            err.print(str(error), markup=False)
            raise typer.Exit(1) from error
    say(f"Made {made.contacts} contacts, {made.total_bytes / 1e6:.0f} MB.")
    say(f"Its night: cd {folder} && leadline run --config enterprise.toml")
