"""`leadline docs`: the generated pages."""

from pathlib import Path
from typing import Annotated

import typer

from cli.runtime.folders import REPOSITORY
from cli.session import say


def docs(
    folder: Annotated[Path, typer.Option(help="Where the pages go.")] = REPOSITORY / "docs",
) -> None:
    """Write the data dictionary, docs/tables.md, from the tables' declarations."""
    from warehouse.job import write_dictionary

    say(f"Wrote {write_dictionary(folder / 'tables.md')}")
