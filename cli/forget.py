"""`leadline forget`: one customer taken out of lake, warehouse and pages."""

import getpass
from typing import Annotated

import typer

from cli.session import ConfigOption, open_session, plain_errors, say


def forget(
    customer_id: Annotated[str, typer.Argument(help="The customer's id as the source names it; - to be asked for it.")],
    reason: Annotated[str, typer.Option(help="Why; kept.")],
    by: Annotated[str, typer.Option(help="Who asks for it; kept.")] = "",
    config: ConfigOption = None,
) -> None:
    """Take one customer's id out of everything Leadline keeps, for good; counts and plans stay what they were."""
    from warehouse.job import open_lake
    from warehouse.operations.job import forget_customer

    with plain_errors():
        enterprise = open_session(config).enterprise
        named = typer.prompt("Customer id", hide_input=True) if customer_id == "-" else customer_id
        gone = forget_customer(named, by or getpass.getuser(), reason, enterprise, open_lake(enterprise))
        for place, count in sorted(gone.files.items()):
            say(f"{place}: {count} file(s)")
        for table, count in sorted(gone.rows.items()):
            say(f"warehouse, {table}: {count} row(s)")
        say("The customer is forgotten here." if gone.files or gone.rows else "Nothing held that id; it stays out from now on.")
        say("Delete it in source systems and backups, too: what sources send again is landed as sent, until this is run again.")
