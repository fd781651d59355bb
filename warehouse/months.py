"""The months of the published tables: a partition per table and month of `plan_date`, made when the month's first plan comes.

A partition is made beside its table and then attached, which readers do not notice: `CREATE TABLE ... PARTITION OF` would lock
them out, and wait for the slowest of them. The one who publishes owns no table, so the database does it for him in the function
`leadline_month` (`warehouse/migrations`), which can do nothing else.

Months, not nights: a query that asks for the plan in force does not know the night while it is planned, so it looks at every
partition there is. A hundred nights would cost it 60 ms, a year of months 7 (`docs/decisions/0011`).
"""

from __future__ import annotations

from datetime import date

import psycopg
from psycopg import sql

from warehouse.tables.declaration import Table

SCHEMA = "partitions"


def ensure_month(connection: psycopg.Connection, plan_date: date) -> int:
    """Make the partitions of the plan's month unless they are there; the connection's login is of role `leadline_writer`.

    Returns:
        Partitions made.
    """
    row = connection.execute("SELECT public.leadline_month(%s)", [plan_date]).fetchone()
    return 0 if row is None else int(row[0])


def partition_name(table: str, plan_date: date) -> str:
    """Name of the partition that holds the rows of a night's plan.

    Example:
        >>> partition_name("staffing_daily", date(2026, 11, 12))
        'staffing_daily_2026_11'
    """
    return f"{table}_{plan_date:%Y_%m}"


def partition(table: Table, plan_date: date) -> sql.Identifier:
    """The same with its schema, as SQL says it."""
    return sql.Identifier(SCHEMA, partition_name(table.name, plan_date))
