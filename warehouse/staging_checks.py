"""What the database checks on staged rows before a plan becomes visible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from warehouse.staging import staging_table
from warehouse.tables.declaration import COUNT, NUMBER, Table

_RELATIVE = 1e-9
_SHOWN = 3


def staging_problems(connection: psycopg.Connection, staged: Mapping[Table, pa.Table]) -> list[str]:
    """Everything that is wrong with the staged rows, in words; empty if they may be published.

    Compared with the lake: row counts and the total of every numeric column. Within the plan: every staffing interval has its
    forecast row, and every queue is one that the settings name.

    Args:
        connection: the session that staged the rows.
        staged: rows as the lake has them, per staged table.
    """
    problems: list[str] = []
    for table, rows in staged.items():
        problems += _differences(connection, table, rows)
    return problems + _without_forecast(connection) + _unknown_queues(connection)


def _differences(connection: psycopg.Connection, table: Table, rows: pa.Table) -> Iterable[str]:
    numeric = [column.name for column in table.all_columns if column.type in (COUNT, NUMBER)]
    asked = [sql.SQL("count(*)"), *(sql.SQL("coalesce(sum({}), 0)::double precision").format(sql.Identifier(n)) for n in numeric)]
    found = connection.execute(
        sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(asked), staging_table(table))
    ).fetchone() or (0,)
    if found[0] != rows.num_rows:
        yield f"{table.name}: {found[0]} rows arrived in the warehouse, the lake has {rows.num_rows}"
        return
    for name, total in zip(numeric, found[1:], strict=True):
        expected = float(pc.sum(rows.column(name)).as_py() or 0)
        if not math.isclose(expected, total, rel_tol=_RELATIVE, abs_tol=_RELATIVE):
            yield f"{table.name}.{name}: the warehouse adds up to {total!r}, the lake to {expected!r}"


def _without_forecast(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT s.queue_id, to_char(s.interval_start_utc AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), count(*) OVER () "
        "FROM pg_temp.staged_staffing_interval AS s LEFT JOIN pg_temp.staged_forecast_interval AS f "
        "USING (queue_id, interval_start_utc) WHERE f.queue_id IS NULL ORDER BY 1, 2 LIMIT %s",
        [_SHOWN],
    ).fetchall()
    if not rows:
        return []
    shown = ", ".join(f"{queue} at {start} UTC" for queue, start, _ in rows)
    return [
        f"staffing_interval: {rows[0][2]} intervals have no forecast, as {shown}; forecast every open interval of the horizon"
    ]


def _unknown_queues(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT DISTINCT queue_id FROM (SELECT queue_id FROM pg_temp.staged_staffing_interval "
        "UNION ALL SELECT queue_id FROM pg_temp.staged_forecast_interval) AS used "
        "WHERE NOT EXISTS (SELECT FROM pg_temp.staged_queue AS q WHERE q.queue_id = used.queue_id) ORDER BY 1"
    ).fetchall()
    if not rows:
        return []
    return [f"queues {', '.join(row[0] for row in rows)} are planned, but the settings do not describe them; add or remove them"]
