"""Deferred work and claims of all dates up to a night, and what each date's history takes of them as one text (pure SQL).

Views that the SQL reads: `messages` and `claims`, `items` (deferred work: see `etl.history`), `days` (one row per date from the
first item to the plan's: see `etl.history.day_table`); for the digests also `backlog` and `reported`, rows of CLAIMS_DAILY.
"""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

_PLACE = "(epoch_us({at}) - epoch_us(d.day_start)) // getvariable('step_us')"

KNOWN_ITEMS_SQL = """
SELECT queue_id, arrived_at, CASE WHEN done_at < $cut_off THEN done_at END AS done_at
FROM found WHERE queue_id IN (SELECT unnest($queues)) AND arrived_at < $cut_off
"""
"""Items as known at the cut-off, from a view `found` of all."""

BACKLOG_SQL = """
WITH grouped AS (
  SELECT i.queue_id, a.business_date AS came_on, f.business_date AS done_on, count(*) AS items, min(i.arrived_at) AS oldest
  FROM items i ASOF JOIN days a ON i.arrived_at >= a.day_start ASOF LEFT JOIN days f ON i.done_at >= f.day_start GROUP BY ALL
)
SELECT g.queue_id, d.business_date, sum(g.items)::BIGINT AS backlog_items,
  epoch(d.day_end - min(g.oldest)) AS backlog_oldest_age_seconds
FROM grouped g JOIN days d ON d.business_date >= g.came_on AND (g.done_on IS NULL OR d.business_date < g.done_on)
GROUP BY g.queue_id, d.business_date, d.day_end
"""
"""Items waiting at the end of each date and the age of the oldest: those that came by then and were done on a later date."""

CLAIMS_SQL = """
SELECT c.line_of_business, coalesce(c.region, 'unknown') AS region, coalesce(c.peril, 'unknown') AS peril, c.business_date,
  count(*) AS reported_claims, count(c.catastrophe_code) AS catastrophe_claims
FROM claims c JOIN days d USING (business_date) WHERE c.reported_at < d.day_end GROUP BY ALL
"""

DIGESTS_SQL = f"""
WITH told AS (
  SELECT d.business_date, true AS came, 'came' AS what, i.queue_id, {_PLACE.format(at="i.arrived_at")} AS place, count(*) AS n,
    '' AS more
  FROM items i ASOF JOIN days d ON i.arrived_at >= d.day_start GROUP BY ALL
  UNION ALL
  SELECT d.business_date, false, 'done', i.queue_id, {_PLACE.format(at="i.done_at")}, count(*), ''
  FROM (SELECT * FROM items WHERE done_at IS NOT NULL) i ASOF JOIN days d ON i.done_at >= d.day_start GROUP BY ALL
  UNION ALL
  SELECT d.business_date, false, 'sent', m.queue_id, {_PLACE.format(at="m.received_at")}, sum((1e6 * m.handle_seconds)::BIGINT),
    ''
  FROM messages m JOIN days d USING (business_date)
  WHERE m.direction = 'outbound' AND m.handle_seconds IS NOT NULL GROUP BY ALL
  UNION ALL
  SELECT business_date, false, 'open', queue_id, backlog_items, 0, backlog_oldest_age_seconds::VARCHAR FROM backlog
  UNION ALL
  SELECT business_date, false, 'claims', line_of_business, reported_claims, catastrophe_claims,
    concat_ws('|', region, peril, source_complete) FROM reported
)
SELECT business_date, coalesce(bit_xor(word) FILTER (came), 0)::VARCHAR AS came, bit_xor(word)::VARCHAR AS whole
FROM (SELECT *, md5_number_lower(concat_ws('|', what, queue_id, place, n, more)) AS word FROM told) GROUP BY business_date
"""
"""Per date, one text of what came in deferred queues, by interval, and one of all that its history takes of items and claims."""
