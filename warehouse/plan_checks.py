"""What the database checks on a plan's rows before the plan becomes visible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from warehouse.tables.declaration import COUNT, NUMBER, Table

_RELATIVE = 1e-9
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Totals:
    """What the lake has of a table: its rows, and what each numeric column adds up to."""

    rows: int
    sums: Mapping[str, float]


def totals(table: Table, rows: pa.Table) -> Totals:
    """Count and add up the lake's rows."""
    numeric = [column.name for column in table.all_columns if column.type in (COUNT, NUMBER)]
    return Totals(rows.num_rows, {name: float(pc.sum(rows.column(name)).as_py() or 0) for name in numeric})


def plan_problems(connection: psycopg.Connection, plan_date: date, version: int, lake: Mapping[Table, Totals]) -> list[str]:
    """Everything that is wrong with a plan's rows in the database, in words; empty if they may become visible.

    Compared with the lake: row counts and the total of every numeric column. Within the plan: every staffing interval has its
    forecast row, and every queue is one that the settings name.

    Args:
        connection: the session that copied the rows, in the same transaction, with the queues staged.
        plan_date: night of the plan.
        version: its version.
        lake: what the lake has, per table.
    """
    problems: list[str] = []
    for table, expected in lake.items():
        problems += _differences(connection, table, plan_date, version, expected)
    return problems + _without_forecast(connection, plan_date, version) + _unknown_queues(connection, plan_date, version)


def _differences(connection: psycopg.Connection, table: Table, plan_date: date, version: int, expected: Totals) -> Iterable[str]:
    asked: list[sql.Composable] = [sql.SQL("count(*)")]
    asked += [sql.SQL("coalesce(sum({}), 0)::double precision").format(sql.Identifier(name)) for name in expected.sums]
    found = connection.execute(
        sql.SQL("SELECT {} FROM public.{} WHERE plan_date = %s AND version = %s").format(
            sql.SQL(", ").join(asked), sql.Identifier(table.name)
        ),
        [plan_date, version],
    ).fetchone() or (0,)
    if found[0] != expected.rows:
        yield f"{table.name}: {found[0]} rows arrived in the warehouse, the lake has {expected.rows}"
        return
    for (name, wanted), total in zip(expected.sums.items(), found[1:], strict=True):
        if not math.isclose(wanted, total, rel_tol=_RELATIVE, abs_tol=_RELATIVE):
            yield f"{table.name}.{name}: the warehouse adds up to {total!r}, the lake to {wanted!r}"


def _without_forecast(connection: psycopg.Connection, plan_date: date, version: int) -> list[str]:
    # The database knows nothing yet of how many rows the plan has, and takes them for few. Both keys are in the same order.
    connection.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = off")
    rows = connection.execute(
        "SELECT s.queue_id, to_char(s.interval_start_utc AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), count(*) OVER () "
        "FROM public.staffing_interval AS s WHERE s.plan_date = %(night)s AND s.version = %(version)s AND NOT EXISTS ("
        "SELECT FROM public.forecast_interval AS f WHERE f.plan_date = %(night)s AND f.version = %(version)s "
        "AND f.queue_id = s.queue_id AND f.interval_start_utc = s.interval_start_utc) ORDER BY 1, 2 LIMIT %(shown)s",
        {"night": plan_date, "version": version, "shown": _SHOWN},
    ).fetchall()
    connection.execute("RESET enable_nestloop; RESET enable_hashjoin")
    if not rows:
        return []
    shown = ", ".join(f"{queue} at {start} UTC" for queue, start, _ in rows)
    return [
        f"staffing_interval: {rows[0][2]} intervals have no forecast, as {shown}; forecast every open interval of the horizon"
    ]


def _unknown_queues(connection: psycopg.Connection, plan_date: date, version: int) -> list[str]:
    """Of the forecast: what is staffed is forecast."""
    rows = connection.execute(
        "SELECT queue_id FROM public.forecast_interval WHERE plan_date = %s AND version = %s "
        "EXCEPT SELECT queue_id FROM pg_temp.staged_queue ORDER BY 1",
        [plan_date, version],
    ).fetchall()
    if not rows:
        return []
    return [f"queues {', '.join(row[0] for row in rows)} are planned, but the settings do not describe them; add or remove them"]
