"""Rows that are compared with what the warehouse holds, in temporary tables that only this session sees."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
import pyarrow as pa
from psycopg import sql

from warehouse.bulk_copy import copy_rows
from warehouse.tables.ddl import STATED_AT
from warehouse.tables.declaration import Table


def stage(connection: psycopg.Connection, table: Table, rows: pa.Table) -> None:
    """COPY the rows into a temporary table like the published one, which is no table of plans."""
    staging = staging_table(table)
    connection.execute(sql.SQL("CREATE TEMPORARY TABLE {} (LIKE public.{})").format(staging, sql.Identifier(table.name)))
    if table.restated:
        connection.execute(sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(staging, sql.Identifier(STATED_AT.name)))
    copy_rows(connection, staging, rows.select(table.column_names))


def staging_table(table: Table) -> sql.Identifier:
    """Name of the table in which a publisher stages rows; it lives in the session's temporary schema."""
    return sql.Identifier("pg_temp", f"staged_{table.name}")


def drop_staging(connection: psycopg.Connection, tables: Iterable[Table]) -> None:
    """Remove the staging tables, unless the session is dead: the server drops a dead session's temporary tables itself."""
    if connection.closed or connection.broken:
        return
    for table in tables:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(staging_table(table)))


def add_or_update(connection: psycopg.Connection, table: Table) -> int:
    """Take the staged rows over into a table without versions: new keys are added, rows that say something else are changed.

    Returns:
        Rows added or changed.
    """
    names = [sql.Identifier(name) for name in table.column_names]
    key = [sql.Identifier(name) for name in table.key_names]
    others = [sql.Identifier(column.name) for column in table.columns]
    return connection.execute(
        sql.SQL(
            "INSERT INTO public.{table} AS known ({names}) SELECT {names} FROM {staged} ON CONFLICT ({key}) DO UPDATE SET {news} "
            "WHERE ({known}) IS DISTINCT FROM ({excluded})"
        ).format(
            table=sql.Identifier(table.name),
            names=sql.SQL(", ").join(names),
            staged=staging_table(table),
            key=sql.SQL(", ").join(key),
            news=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in others),
            known=sql.SQL(", ").join(sql.SQL("known.{}").format(name) for name in others),
            excluded=sql.SQL(", ").join(sql.SQL("excluded.{}").format(name) for name in others),
        )
    ).rowcount
