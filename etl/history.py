"""Core -> history: what happened per queue and interval or day, as SQL straight from Parquet (pure: texts and small tables).

Views that the SQL reads: `interval_reports`, `messages`, `cases`, `claims`, `agent_states` (core, up to the plan's date), `flow`
(what contacts tell: see `etl.contact_flow`), `days` (one row per date to be made: see `day_table`), `grid` (its intervals: see
`GRID_SQL`), `queues`, `work_queues` (which queue works on which claims).
"""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa

from enterprise.grid import IntervalGrid
from enterprise.queues import Queue
from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from etl.case_spells import CASE_SPELLS_SQL

_STEP_US = "getvariable('step_us')"
# In microseconds since 1970: DuckDB sends arithmetic on instants with a zone through a calendar, a microsecond for every row.
_INTERVAL = f"make_timestamptz(epoch_us(d.day_start) + (epoch_us({{at}}) - epoch_us(d.day_start)) // {_STEP_US} * {_STEP_US})"

ITEMS_SQL = f"""
SELECT queue_id, arrived_at, CASE WHEN done_at IS NOT NULL THEN greatest(done_at, arrived_at) END AS done_at FROM (
  SELECT queue_id, received_at AS arrived_at, handled_at AS done_at FROM messages WHERE needs_reply
  UNION ALL
  SELECT queue_id, arrived_at, done_at FROM ({CASE_SPELLS_SQL})
  UNION ALL
  SELECT w.queue_id, c.reported_at, coalesce(c.assessed_at, c.closed_at)
  FROM claims c JOIN work_queues w USING (line_of_business))
"""
"""Deferred work: when it arrived and when it was done. A case that is opened again arrives again."""

INTERVALS_SQL = f"""
WITH parts AS (
  FROM flow
  UNION ALL BY NAME
  SELECT i.queue_id, {_INTERVAL.format(at="i.interval_start_utc")} AS interval_start_utc, d.business_date,
    i.offered_contacts AS offered, i.answered_contacts AS answered, i.abandoned_contacts AS abandoned,
    i.answered_within_contacts AS answered_within, (1e6 * i.handle_seconds)::BIGINT AS handle_us,
    (1e6 * i.wait_seconds)::BIGINT AS wait_us
  FROM interval_reports i JOIN days d USING (business_date)
  UNION ALL BY NAME
  SELECT i.queue_id, {_INTERVAL.format(at="i.arrived_at")} AS interval_start_utc, d.business_date, count(*) AS offered
  FROM items i ASOF JOIN days d ON i.arrived_at >= d.day_start WHERE i.arrived_at < d.day_end GROUP BY ALL
  UNION ALL BY NAME
  SELECT i.queue_id, {_INTERVAL.format(at="i.done_at")} AS interval_start_utc, d.business_date, 0 AS offered,
    count(*) AS completed
  FROM (SELECT * FROM items WHERE done_at IS NOT NULL) i ASOF JOIN days d ON i.done_at >= d.day_start
  WHERE i.done_at < d.day_end GROUP BY ALL
  UNION ALL BY NAME
  SELECT m.queue_id, {_INTERVAL.format(at="m.received_at")} AS interval_start_utc, d.business_date, 0 AS offered,
    sum((1e6 * m.handle_seconds)::BIGINT)::BIGINT AS handle_us, handle_us AS worked_us
  FROM messages m JOIN days d USING (business_date)
  WHERE m.direction = 'outbound' AND m.handle_seconds IS NOT NULL GROUP BY ALL
  UNION ALL BY NAME
  SELECT queue_id, interval_start_utc, business_date, 0 AS offered, sum(present_us)::BIGINT AS staffed_us
  FROM staffed GROUP BY ALL
  UNION ALL BY NAME
  SELECT queue_id, interval_start_utc, business_date, 0 AS offered, 1 AS opened FROM grid WHERE open_seconds > 0
),
summed AS (
  SELECT queue_id, interval_start_utc, any_value(business_date) AS business_date, sum(offered)::BIGINT AS offered,
    sum(answered)::BIGINT AS answered, sum(abandoned)::BIGINT AS abandoned, sum(answered_within)::BIGINT AS answered_within,
    sum(completed)::BIGINT AS completed, sum(handle_us) / 1e6 AS handle, sum(worked_us) / 1e6 AS worked,
    sum(wait_us) / 1e6 AS wait, sum(staffed_us) / 1e6 AS staffed, count(opened) > 0 AS is_open
  FROM parts GROUP BY queue_id, interval_start_utc
),
staffed_days AS (SELECT DISTINCT queue_id, business_date, true AS staff_known FROM staffed),
known AS (
  SELECT s.*, q.deferred, coalesce(s.business_date >= q.reported_from, false) AS reported, d.staff_known
  FROM summed s JOIN queues q USING (queue_id) LEFT JOIN staffed_days d USING (queue_id, business_date)
)
SELECT queue_id, interval_start_utc, business_date, offered AS offered_contacts,
  CASE WHEN deferred THEN NULL WHEN reported THEN answered ELSE coalesce(answered, 0) END AS answered_contacts,
  CASE WHEN deferred THEN NULL WHEN reported THEN abandoned ELSE coalesce(abandoned, 0) END AS abandoned_contacts,
  CASE WHEN deferred THEN NULL WHEN reported THEN answered_within ELSE coalesce(answered_within, 0)
    END AS answered_within_contacts,
  CASE WHEN deferred THEN coalesce(completed, 0) END AS completed_items,
  CASE WHEN deferred OR reported THEN handle ELSE coalesce(handle, 0) END AS handle_seconds,
  CASE WHEN deferred OR reported THEN worked ELSE coalesce(worked, 0) END AS worked_handle_seconds,
  CASE WHEN deferred OR reported THEN wait ELSE coalesce(wait, 0) END AS wait_seconds,
  CASE WHEN staff_known THEN greatest(coalesce(staffed, 0), 0) END AS staffed_seconds
FROM known
WHERE is_open OR offered > 0 OR completed > 0 OR handle > 0 OR worked > 0 OR staffed > 0
"""
"""Rows of INTERVAL_HISTORY; what contacts tell comes from a table `flow` (`etl.contact_flow`)."""

STAFFED_SQL = """
WITH spans AS (
  SELECT queue_id, CASE WHEN activity LIKE 'pause%' THEN -1 ELSE 1 END AS sign, started_at, ended_at,
    unnest([business_date, (business_date + 1)::DATE]) AS business_date
  FROM agent_states
  WHERE queue_id IS NOT NULL AND (activity LIKE 'member:%' OR activity LIKE 'pause:%' OR activity = queue_id)
)
SELECT s.queue_id, g.interval_start_utc, g.business_date,
  s.sign * (epoch_us(least(coalesce(s.ended_at, g.day_end), g.interval_end_utc, g.as_of))
    - epoch_us(greatest(s.started_at, g.interval_start_utc))) AS present_us
FROM spans s JOIN grid g ON g.queue_id = s.queue_id AND g.business_date = s.business_date
WHERE s.started_at < least(g.interval_end_utc, g.as_of) AND coalesce(s.ended_at, g.day_end) > g.interval_start_utc
  AND (s.ended_at IS NOT NULL OR s.started_at >= g.day_start)
"""
"""Time that agents were there per queue and interval, breaks as negative; a state without an end lasts to the end of its day."""

OPENING_SQL = f"""
SELECT last_day AS plan_date, i.queue_id, {_INTERVAL.format(at="i.arrived_at")} AS arrived_interval_start_utc,
  count(*) AS open_items, min(i.arrived_at) AS oldest_arrived_at
FROM (SELECT *, max(business_date) OVER () AS last_day, max(day_end) OVER () AS cut_off FROM all_days) d
JOIN items i ON i.arrived_at >= d.day_start AND i.arrived_at < d.day_end
WHERE i.done_at IS NULL OR i.done_at >= d.cut_off
GROUP BY ALL
"""
"""Open work at the cut-off by interval of arrival, from a view `all_days` of every date since the first arrival."""


def day_table(grid: IntervalGrid, dates: Sequence[date], plan_date: date) -> pa.Table:
    """One row per date: its bounds, and until when its contacts are followed.

    A day's contacts are followed until the end of the next day, so that a call over midnight is whole; on the plan's own night
    only to its cut-off, because nobody knows more then.
    """
    rows = []
    for day in sorted(dates):
        start, end = grid.day_bounds(day)
        as_of = end if day >= plan_date else grid.cut_off(day + timedelta(days=1))
        rows.append({"business_date": day, "day_start": start, "day_end": end, "as_of": as_of})
    instant = pa.timestamp("us", tz="UTC")
    fields = [("business_date", pa.date32()), ("day_start", instant), ("day_end", instant), ("as_of", instant)]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def opened_table(enterprise: Enterprise, days: pd.DataFrame) -> pd.DataFrame:
    """Every interval of the dates for all `opening_hours`, with its open time, its number by the wall clock and its day's bounds.

    Args:
        enterprise: settings.
        days: `day_table` as a frame.
    """
    grid = grid_of(enterprise)
    parts: dict[str, pd.DataFrame] = {}
    shared = pd.DataFrame()  # what an interval is does not depend on who is open in it
    for queue in enterprise.queues.values():
        if queue.opening_hours not in parts:
            opened = opening_of(enterprise, queue.id).open_seconds_per_interval(grid, days["business_date"])
            if shared.empty:
                shared = opened[["interval_start_utc", "business_date"]].merge(days, on="business_date")
                shared["interval_end_utc"] = grid.interval_end(shared["interval_start_utc"])
                minute = grid.local_minute_of_day(shared["interval_start_utc"])
                shared["slot"] = minute.astype("int64") // enterprise.interval_minutes
            parts[queue.opening_hours] = shared.assign(open_seconds=opened["open_seconds"], opening_hours=queue.opening_hours)
    return pd.concat(parts.values(), ignore_index=True)


GRID_SQL = "SELECT q.queue_id, o.* EXCLUDE (opening_hours) FROM opened o JOIN queues q USING (opening_hours)"
"""Rows of `grid` from tables `opened` (`opened_table`) and `queues`: many queues share few opening hours."""


def contact_days(grid: IntervalGrid, dates: Sequence[date], plan_date: date) -> pa.Table:
    """The dates and the days before them, for `etl.contact_flow`: their bounds and the end of following in microseconds.

    `due` is false for days that are there only because work on their contacts may have gone on over midnight.
    """
    known = day_table(grid, sorted({day - back * timedelta(days=1) for day in dates for back in (0, 1)}), plan_date)
    due = set(dates)
    return pa.table(
        {
            "business_date": known.column("business_date"),
            "start_us": known.column("day_start").cast(pa.int64()),
            "end_us": known.column("day_end").cast(pa.int64()),
            "as_of_us": known.column("as_of").cast(pa.int64()),
            "due": [day in due for day in known.column("business_date").to_pylist()],
        }
    )


def queue_table(enterprise: Enterprise, reported_from: Mapping[str, date]) -> pa.Table:
    """Queues with whether their work can wait, their opening hours and since when interval reports tell of them."""
    queues = list(enterprise.queues.values())
    return pa.table(
        {
            "queue_id": [queue.id for queue in queues],
            "channel": [queue.channel for queue in queues],
            "deferred": [queue.is_deferred for queue in queues],
            "opening_hours": [queue.opening_hours for queue in queues],
            "reported_from": pa.array([reported_from.get(queue.id) for queue in queues], pa.date32()),
        }
    )


def work_queues(queues: Sequence[Queue]) -> pa.Table:
    """Which queue works on the claims of which line of business."""
    pairs = [(line, queue.id) for queue in queues for line in queue.work_of_claims]
    return pa.table(
        {
            "line_of_business": pa.array([line for line, _ in pairs], pa.string()),
            "queue_id": pa.array([queue for _, queue in pairs], pa.string()),
        }
    )
