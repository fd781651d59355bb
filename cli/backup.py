"""`leadline backup` and `leadline restore`: a copy of lake and warehouse, and an installation made of it."""

from pathlib import Path
from typing import Annotated

import typer

from cli.services import embedded_server
from cli.session import ConfigOption, open_session, plain_errors, say

FolderArgument = Annotated[Path, typer.Argument(help="Folder of the backup.", file_okay=False)]


def backup(folder: FolderArgument, config: ConfigOption = None) -> None:
    """Copy lake and warehouse into an empty folder; best when no night runs."""
    from warehouse.job import open_lake
    from warehouse.operations.job import back_up_all

    with plain_errors():
        session = open_session(config)
        with embedded_server(session.folders):
            made = back_up_all(session.enterprise, open_lake(session.enterprise), folder)
        say(f"{len(made.files)} files of the lake and the warehouse are in {folder}; plan in force: {_plan(made.plan_in_force)}.")
        say("Secrets are not in it: keep .leadline/secrets and the settings file where secrets may be kept.")


def restore(folder: FolderArgument, config: ConfigOption = None) -> None:
    """Make an empty lake and an empty warehouse of a backup; every file and the plan in force are checked."""
    from warehouse.job import open_lake
    from warehouse.operations.job import restore_all

    with plain_errors():
        session = open_session(config)
        with embedded_server(session.folders):
            made = restore_all(session.enterprise, open_lake(session.enterprise), folder)
        say(f"Restored {len(made.files)} files and the warehouse of {made.made_at}; plan in force: {_plan(made.plan_in_force)}.")


def _plan(in_force: list[str]) -> str:
    return f"{in_force[0]}.{in_force[1]}" if in_force else "none"
