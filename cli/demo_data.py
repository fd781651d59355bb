"""`leadline demo-data`: the simulated source systems."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.session import err, out, say

Day = typer.Option(formats=["%Y-%m-%d"], help="Without it the demo's own.")


def demo_data(
    folder: Annotated[Path, typer.Option(help="Where the source systems' files go.")] = Path(".leadline/demo"),
    truth: Annotated[Path, typer.Option(help="Where the truth goes that tests compare with.")] = Path(".leadline/demo-truth"),
    first_day: Annotated[datetime | None, Day] = None,
    last_day: Annotated[datetime | None, Day] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed, days and version give the same bytes.")] = None,
) -> None:
    """Simulate the source systems of a mid-size insurer and write what they would write."""
    from demo.job import FIRST_DAY, LAST_DAY, SEED, make_demo

    first = first_day.date() if first_day else FIRST_DAY
    last = last_day.date() if last_day else LAST_DAY
    with out.status("Simulating ...") as status:
        try:
            made = make_demo(folder, truth, first, last, SEED if seed is None else seed, progress=status.update)
        except ValueError as error:
            err.print(str(error), markup=False)
            raise typer.Exit(1) from error
    verb = "Made" if made.made else "Already there:"
    say(f"{verb} {made.files} files, {made.total_bytes / 1e6:.0f} MB, {made.first_day} to {made.last_day}, in {folder}")
