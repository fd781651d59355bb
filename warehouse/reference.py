"""What the warehouse holds beside the plans: the calendar, and history as it is known now.

History has no versions: late data re-state a day, and what was planned for it stays as it was planned. Only days whose rows are
others than those the warehouse holds are copied, each whole, in one transaction per month.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import psycopg
from psycopg import sql

from enterprise.settings import Enterprise
from warehouse.calendar_rows import date_rows, interval_rows
from warehouse.lake import Lake
from warehouse.publisher_lock import publisher_lock
from warehouse.staging import add_or_update, drop_staging, stage, staging_table
from warehouse.tables.calendar import CALENDAR_DATE, CALENDAR_INTERVAL
from warehouse.tables.declaration import Table
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY

PUBLISHED_HISTORY = (DAILY_HISTORY, INTERVAL_HISTORY)
_DAYS_BACK = 3 * 366
_DAYS_BACK_AGAIN = 62
_DAYS_AHEAD = 400


def publish_calendar(connection: psycopg.Connection, plan_date: date, enterprise: Enterprise) -> int:
    """Bring the calendar up to date: three years back when there is none, later two months back, and always 400 days ahead.

    Returns:
        Days and intervals added or changed.
    """
    row = connection.execute("SELECT count(*) FROM public.calendar_date").fetchone()
    first = plan_date - timedelta(days=_DAYS_BACK_AGAIN if row is not None and row[0] else _DAYS_BACK)
    last = plan_date + timedelta(days=_DAYS_AHEAD)
    news = {
        CALENDAR_DATE: date_rows(enterprise, first, last),
        CALENDAR_INTERVAL: interval_rows(enterprise, first, last),
    }
    with publisher_lock(connection):
        try:
            for table, rows in news.items():
                stage(connection, table, rows)
            with connection.transaction():
                return sum(add_or_update(connection, table) for table in news)
        finally:
            drop_staging(connection, news)


def publish_history(connection: psycopg.Connection, plan_date: date, lake: Lake, at: datetime) -> list[date]:
    """Bring history up to date with the lake: days up to the plan's whose rows differ are replaced.

    Returns:
        The days that were added or re-stated, in order.
    """
    changed: set[date] = set()
    with publisher_lock(connection):
        for table in PUBLISHED_HISTORY:
            there: dict[date, str] = dict(
                connection.execute(
                    "SELECT business_date, content_hash FROM public.history_days WHERE table_name = %s", [table.name]
                ).fetchall()
            )
            hashes = lake.content_hashes(table, lake.partitions(table, last=plan_date))
            due = sorted(day for day, content in hashes.items() if there.get(day) != content)
            for days in _by_month(due):
                _restate(connection, table, lake, {day: hashes[day] for day in days}, plan_date, at)
            changed |= set(due)
    return sorted(changed)


def _restate(
    connection: psycopg.Connection, table: Table, lake: Lake, hashes: dict[date, str], plan_date: date, at: datetime
) -> None:
    days = list(hashes)
    rows = lake.read_arrow(table, first=days[0], last=days[-1])
    try:
        stage(connection, table, rows)
        with connection.transaction():
            connection.execute(
                sql.SQL("DELETE FROM public.{} WHERE business_date = ANY(%s)").format(sql.Identifier(table.name)), [days]
            )
            names = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
            connection.execute(
                sql.SQL("INSERT INTO public.{} ({}) SELECT {} FROM {} WHERE business_date = ANY(%s)").format(
                    sql.Identifier(table.name), names, names, staging_table(table)
                ),
                [days],
            )
            connection.cursor().executemany(
                "INSERT INTO public.history_days AS known (table_name, business_date, content_hash, restated, known_by_date, "
                "published_at) VALUES (%s, %s, %s, 0, %s, %s) ON CONFLICT (table_name, business_date) DO UPDATE SET "
                "content_hash = excluded.content_hash, restated = known.restated + 1, known_by_date = excluded.known_by_date, "
                "published_at = excluded.published_at",
                [(table.name, day, content, plan_date, at) for day, content in hashes.items()],
            )
    finally:
        drop_staging(connection, [table])


def _by_month(days: Iterable[date]) -> list[list[date]]:
    months: dict[date, list[date]] = {}
    for day in days:
        months.setdefault(day.replace(day=1), []).append(day)
    return list(months.values())
