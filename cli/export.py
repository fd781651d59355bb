"""`leadline export`: the star schema as Parquet, for engines beyond the warehouse."""

from typing import Annotated

import typer

from cli.session import ConfigOption, open_session, plain_errors, say


def export(
    to: Annotated[str, typer.Option(help="Folder or any fsspec URL, e.g. s3://bucket/marts.")],
    config: ConfigOption = None,
) -> None:
    """Write the star schema (schema mart) as Parquet files, facts by month; a former export there is replaced."""
    from warehouse.job import export_star_schema

    with plain_errors():
        exported = export_star_schema(open_session(config).enterprise, to)
        for one in exported:
            say(f"{one.table}: {one.rows} rows in {one.files} file{'s' if one.files != 1 else ''}")
