"""What is said about days that are over: the accuracy ledger and its like. Late data change it, and nothing is taken back.

The lake holds what is true now. The warehouse keeps every statement with the time it was made (`stated_at`): a row that says
something else than the last one of its key is added beside it, so that what was known when can always be told.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import psycopg
from psycopg import sql

from warehouse.lake import Lake
from warehouse.publisher_lock import publisher_lock
from warehouse.staging import drop_staging, stage, staging_table
from warehouse.tables.ddl import STATED_AT
from warehouse.tables.declaration import Table
from warehouse.tables.registry import PUBLISHED_TABLES

STATED_TABLES = tuple(table for table in PUBLISHED_TABLES if table.restated)
_DAYS_BACK = timedelta(days=35)
_DAYS_AHEAD = timedelta(days=120)


def publish_statements(connection: psycopg.Connection, plan_date: date, lake: Lake, at: datetime) -> dict[str, int]:
    """State what the lake says about the days around a night, where the warehouse's last statement is another.

    Args:
        connection: in autocommit mode, of a login that may write.
        plan_date: the night; days of the five weeks before it, and later ones that are over, are looked at.
        lake: where the tables are.
        at: time of publishing, tz-aware.

    Returns:
        Rows stated anew, by table; none where nothing changed.
    """
    stated = {}
    with publisher_lock(connection):
        for table in STATED_TABLES:
            rows = lake.read_arrow(table, first=plan_date - _DAYS_BACK, last=plan_date + _DAYS_AHEAD)
            try:
                stage(connection, table, rows)
                stated[table.name] = _state(connection, table, at)
            finally:
                drop_staging(connection, [table])
    return stated


def _state(connection: psycopg.Connection, table: Table, at: datetime) -> int:
    names = [sql.Identifier(name) for name in table.column_names]
    key = sql.SQL(", ").join(map(sql.Identifier, table.key_names))
    said = sql.SQL(", ").join(sql.SQL("said.{}").format(name) for name in names)
    last = sql.SQL(", ").join(sql.SQL("last.{}").format(name) for name in names)
    same = sql.SQL(" AND ").join(sql.SQL("last.{0} = said.{0}").format(sql.Identifier(name)) for name in table.key_names)
    return connection.execute(
        sql.SQL(
            "INSERT INTO public.{table} ({names}, {stated_at}) SELECT {said}, %s FROM {staged} AS said "
            "LEFT JOIN (SELECT DISTINCT ON ({key}) {names} FROM public.{table} "
            "WHERE business_date IN (SELECT DISTINCT business_date FROM {staged}) ORDER BY {key}, {stated_at} DESC) AS last "
            "ON {same} WHERE ROW({said}) IS DISTINCT FROM ROW({last})"
        ).format(
            table=sql.Identifier(table.name),
            names=sql.SQL(", ").join(names),
            stated_at=sql.Identifier(STATED_AT.name),
            said=said,
            staged=staging_table(table),
            key=key,
            same=same,
            last=last,
        ),
        [at],
    ).rowcount
