"""The rest of a day as worked out at one moment, made visible beside the night's plan, which stays as it is."""

from __future__ import annotations

from datetime import date, datetime

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from warehouse.lake import Lake
from warehouse.publisher_lock import publisher_lock
from warehouse.staging import drop_staging, stage, staging_table
from warehouse.tables.today import TODAY_TABLES


def publish_moment(connection: psycopg.Connection, business_date: date, made_at: datetime, lake: Lake) -> int:
    """Put the rows of one moment in the place of those the warehouse has of it, in one transaction.

    Returns:
        Rows made visible.
    """
    written = 0
    with publisher_lock(connection):
        try:
            for table in TODAY_TABLES:
                rows = lake.read_arrow(table, first=business_date, last=business_date)
                moment = pa.scalar(made_at, rows.schema.field("made_at").type)
                stage(connection, table, rows.filter(pc.equal(rows.column("made_at"), moment)))
            with connection.transaction():
                for table in TODAY_TABLES:
                    names = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
                    place, staged = sql.Identifier(table.name), staging_table(table)
                    connection.execute(
                        sql.SQL("DELETE FROM public.{} WHERE business_date = %s AND made_at = %s").format(place),
                        [business_date, made_at],
                    )
                    copied = sql.SQL("INSERT INTO public.{} ({}) SELECT {} FROM {}").format(place, names, names, staged)
                    written += connection.execute(copied).rowcount
        finally:
            drop_staging(connection, TODAY_TABLES)
    return written
