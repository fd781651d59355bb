"""`leadline tell-broken-file`: called by Airflow's plugin, not by people."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.runtime.airflow_settings import BASE_URL_VARIABLE
from cli.session import ConfigOption, open_session, plain_errors


def tell_broken_file(
    file: Annotated[Path, typer.Argument(help="The DAG file that Airflow cannot read.")], config: ConfigOption = None
) -> None:
    """Tell people that Airflow cannot read a DAG file; the error comes on standard input."""
    from expectations.telling.job import tell_of_broken_file
    from warehouse.job import named_lake

    with plain_errors():
        session = open_session(config)
        address = session.environment.get(BASE_URL_VARIABLE, "")
        tell_of_broken_file(str(file), sys.stdin.read(), session.enterprise, named_lake(session.enterprise), address)
