"""`leadline retention`: let go what the settings say is old enough."""

from typing import Annotated

import typer

from cli.session import ConfigOption, open_session, plain_errors, say


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    config: ConfigOption = None,
) -> None:
    """Remove old plans per interval and move old landed files, as the settings say; what accuracy and audit need stays."""
    from warehouse.job import retention_night

    with plain_errors():
        gone = retention_night(open_session(config).enterprise, dry_run=dry_run)
        for one in gone:
            say(f"{'would go' if dry_run else 'gone'}: {one.kind} {one.name} ({one.size_bytes / 1e6:.1f} MB): {one.reason}")
        total = sum(one.size_bytes for one in gone)
        say(f"{len(gone)} things, {total / 1e6:.1f} MB." if gone else "Nothing is old enough to go, or [retention] says nothing.")
