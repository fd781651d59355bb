"""`leadline demo-data`: the simulated source systems."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.session import err, out
from demo.job import FIRST_DAY, LAST_DAY, SEED, make_demo

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


def demo_data(
    folder: Annotated[Path, typer.Option(help="Where the source systems' files go.")] = Path(".leadline/demo"),
    truth: Annotated[Path, typer.Option(help="Where the truth goes that tests compare with.")] = Path(".leadline/demo-truth"),
    first_day: Day = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day),  # noqa: DTZ001 - a day, no instant
    last_day: Day = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day),  # noqa: DTZ001
    seed: Annotated[int, typer.Option(help="The same seed, days and version give the same bytes.")] = SEED,
) -> None:
    """Simulate the source systems of a mid-size insurer and write what they would write."""
    with out.status("Simulating ...") as status:
        try:
            made = make_demo(folder, truth, first_day.date(), last_day.date(), seed, progress=status.update)
        except ValueError as error:
            err.print(str(error), markup=False)
            raise typer.Exit(1) from error
    verb = "Made" if made.made else "Already there:"
    out.print(f"{verb} {made.files} files, {made.total_bytes / 1e6:.0f} MB, {made.first_day} to {made.last_day}, in {folder}")
