"""Reading back what is published: a plan's version and its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import psycopg
import pyarrow as pa
from psycopg import sql

from enterprise.errors import NeedsPersonError
from warehouse.tables.declaration import Table


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A row of the table `plan_version`, without its list of source partitions."""

    plan_date: date
    version: int
    status: str
    code_version: str
    settings_hash: str
    content_hash: str
    checks_passed: int
    checks_failed: int
    made_at: datetime


def plan_of(connection: psycopg.Connection, plan_date: date) -> PlanVersion:
    """The plan published for a night: its highest version.

    Raises:
        NeedsPersonError: if that night has none.
    """
    row = connection.execute(
        "SELECT plan_date, version, status, code_version, settings_hash, content_hash, checks_passed, checks_failed, made_at "
        "FROM plan_version WHERE plan_date = %s ORDER BY version DESC LIMIT 1",
        [plan_date],
    ).fetchone()
    if row is None:
        raise NeedsPersonError(
            f"the warehouse holds no plan of the night of {plan_date}; publish it first: leadline run --date {plan_date}"
        )
    return PlanVersion(*row)


def read_published(connection: psycopg.Connection, table: Table, plan: PlanVersion) -> pd.DataFrame:
    """The plan's rows of a published table, with the declared columns and types, in key order."""
    query = sql.SQL("SELECT {} FROM {} WHERE plan_date = %s AND version = %s ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, table.column_names)),
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.key_names)),
    )
    rows = connection.execute(query, [plan.plan_date, plan.version]).fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * len(table.column_names)
    arrays = [pa.array(values, type=column.type) for column, values in zip(table.all_columns, columns, strict=True)]
    frame: pd.DataFrame = pa.Table.from_arrays(arrays, schema=table.arrow_schema).to_pandas()
    return frame
