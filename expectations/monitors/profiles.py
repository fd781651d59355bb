"""Summaries of single rows per queue and day, as SQL straight from Parquet (pure: texts only).

Views that the SQL reads (`Lake.view` makes an empty one where nothing lies): `contacts`, `messages`, `cases`, `claims`,
`case_events`, `claim_events`, `interval_reports`. LINKS_SQL and RETURNED_SQL hold days against each other and want the last
`watched.PROFILE_DAYS`; PROFILES_SQL and NUMBERS_SQL want some days and the `DAYS_BEFORE` them, and say the same of a day
whichever others are there: what they say may be kept as long as none of those days is written anew.
"""

from __future__ import annotations

from warehouse.tables.core import CASE_EVENTS, CASES, CLAIM_EVENTS, CLAIMS, CONTACTS, INTERVAL_REPORTS, MESSAGES
from warehouse.tables.declaration import Table

PROFILE_TABLES: tuple[Table, ...] = (CONTACTS, MESSAGES, CASES, CLAIMS, CASE_EVENTS, CLAIM_EVENTS, INTERVAL_REPORTS)
"""Tables of which the texts below want a view of the table's own name."""

DAYS_BEFORE = 2
"""Days before those summed up that PROFILES_SQL must see, too: a call of the eve may keep an agent from the first one."""

RETURNED_SQL = """
WITH callers AS (
  SELECT queue_id, business_date, arrived_at AS came_at, customer_id AS caller_id FROM contacts
  WHERE direction = 'inbound' AND segment = 1
  UNION ALL
  SELECT queue_id, business_date, received_at, customer_id FROM messages WHERE needs_reply
  UNION ALL
  SELECT queue_id, business_date, opened_at, customer_id FROM cases
  UNION ALL
  SELECT 'claims of ' || line_of_business, business_date, reported_at, customer_id FROM claims
),
-- By their hash, of 64 bits: names of every caller and second would take several times the memory.
seen AS (
  SELECT queue_id, business_date, hash(queue_id, caller_id, epoch_us(came_at) // 1000000 % 3600) AS caller_second
  FROM callers WHERE caller_id IS NOT NULL
),
again AS (
  SELECT caller_second, min(business_date) AS first_date FROM seen GROUP BY ALL HAVING min(business_date) < max(business_date)
)
SELECT s.queue_id, s.business_date, count(*) AS returned_rows
FROM seen s JOIN again a USING (caller_second) WHERE s.business_date > a.first_date
GROUP BY ALL ORDER BY 1, 2
"""
"""Rows per queue and date of a caller who came at the same second of the hour on a day before; only where there are any."""

PROFILES_SQL = """
WITH items AS (
  SELECT queue_id, business_date, arrived_at AS came_at, customer_id, agent_id, answered_at, ended_at, handle_seconds,
    wait_seconds, outcome = 'answered' AS answered, channel = 'voice' AS one_at_a_time, contact_id || '/' || segment AS item_id,
    CASE WHEN segment = 1 THEN customer_id END AS caller_id
  FROM contacts WHERE direction = 'inbound'
  UNION ALL
  SELECT queue_id, business_date, received_at, customer_id, agent_id, NULL, NULL, NULL, NULL, false, false, message_id,
    customer_id
  FROM messages WHERE needs_reply
  UNION ALL
  SELECT queue_id, business_date, opened_at, customer_id, owner_id, NULL, NULL, NULL, NULL, false, false, case_id, customer_id
  FROM cases
  UNION ALL
  SELECT 'claims of ' || line_of_business, business_date, reported_at, customer_id, NULL, NULL, NULL, NULL, NULL, false, false,
    claim_id, customer_id
  FROM claims
),
twins AS (
  SELECT *, row_number() OVER (PARTITION BY queue_id, business_date, came_at, customer_id, agent_id, handle_seconds
      ORDER BY item_id) > 1 AND customer_id IS NOT NULL AS is_twin,
    row_number() OVER (PARTITION BY queue_id, business_date, epoch_us(came_at) // 1000000 ORDER BY item_id) > 1
      AS is_of_same_second,
    lag(came_at) OVER calls AS came_before_at, row_number() OVER calls AS call_number
  FROM items WHERE business_date >= $first
  WINDOW calls AS (PARTITION BY queue_id, business_date, caller_id ORDER BY came_at, item_id)
),
busy AS (
  SELECT item_id, max(ended_at) OVER (PARTITION BY agent_id ORDER BY answered_at, item_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS free_at
  FROM items
  WHERE one_at_a_time AND answered AND agent_id IS NOT NULL AND ended_at < answered_at + INTERVAL 12 HOUR
),
reported AS (
  SELECT queue_id, business_date, sum(offered_contacts)::BIGINT AS reported_contacts FROM interval_reports
  WHERE business_date >= $first GROUP BY ALL
),
summed AS (
  SELECT t.queue_id, t.business_date, count(*) AS item_rows,
    count(*) FILTER (t.customer_id IS NULL) AS customer_missing_rows,
    count(*) FILTER (t.answered) AS answered_rows,
    count(*) FILTER (t.answered AND t.agent_id IS NULL) AS agent_missing_rows,
    count(*) FILTER (t.is_twin) AS twin_rows,
    count(*) FILTER (t.answered_at < b.free_at - INTERVAL 5 SECOND) AS overlapping_rows,
    count(*) FILTER (t.answered AND t.handle_seconds <= 0) AS zero_handle_rows,
    count(*) FILTER (t.answered AND t.handle_seconds > 1.2 * epoch(t.ended_at - t.answered_at) + 30) AS overlong_handle_rows,
    count(*) FILTER (t.answered AND t.handle_seconds < 0.8 * epoch(t.ended_at - t.answered_at) - 30) AS short_handle_rows,
    count(*) FILTER (t.one_at_a_time AND t.answered AND t.wait_seconds >= 15) AS waited_rows,
    count(*) FILTER (t.one_at_a_time AND t.answered AND t.wait_seconds >= 15 AND (b.free_at IS NULL OR b.free_at < t.came_at))
      AS idle_waited_rows,
    count(*) FILTER (t.is_of_same_second) AS same_second_rows,
    count(*) FILTER (t.caller_id IS NOT NULL AND t.came_at < t.came_before_at + INTERVAL 60 SECOND) AS echo_rows,
    coalesce(max(t.call_number) FILTER (t.caller_id IS NOT NULL), 0) AS same_customer_rows,
    max(t.handle_seconds) FILTER (t.answered) AS longest_handle_seconds,
    CASE WHEN count(*) >= 20 THEN
      bit_xor(hash(epoch_us(t.came_at) // 1000000 % 86400, t.customer_id))::VARCHAR END AS content_mark
  FROM twins t LEFT JOIN busy b USING (item_id)
  GROUP BY ALL
)
SELECT coalesce(s.queue_id, r.queue_id) AS queue_id, coalesce(s.business_date, r.business_date) AS business_date,
  s.* EXCLUDE (queue_id, business_date), r.reported_contacts
FROM summed s FULL JOIN reported r ON s.queue_id = r.queue_id AND s.business_date = r.business_date
ORDER BY 1, 2
"""
"""One row per queue and date from `$first` on with any item: how many rows, what is missing in them, what cannot be so. A line
of claims stands there as `claims of <line>`: which queue works on it is for the settings to say.

Rows of the same second or of the same customer within a minute (echo) are what rows look like that were delivered twice, as are
those of RETURNED_SQL; many of one customer are test calls or a machine's."""

LINKS_SQL = """
WITH links AS (
  SELECT source_system, business_date, case_id IN (SELECT case_id FROM cases) AS is_known
  FROM case_events WHERE case_id IN (SELECT case_id FROM case_events e GROUP BY case_id
    HAVING min(changed_at) >= (SELECT min(opened_at) FROM cases))
  UNION ALL
  SELECT source_system, business_date, claim_id IN (SELECT claim_id FROM claims) AS is_known
  FROM claim_events WHERE claim_id IN (SELECT claim_id FROM claim_events e GROUP BY claim_id
    HAVING min(changed_at) >= (SELECT min(reported_at) FROM claims))
  UNION ALL
  SELECT m.source_system, m.business_date, m.received_at >= t.first_came_at AS is_known
  FROM messages m LEFT JOIN (SELECT thread_id, min(received_at) AS first_came_at FROM messages WHERE direction = 'inbound'
    GROUP BY thread_id) t USING (thread_id)
  WHERE m.direction = 'outbound' AND NOT m.automatic
)
SELECT source_system, business_date, count(*) AS link_rows, count(*) FILTER (is_known IS NOT TRUE) AS orphan_rows
FROM links GROUP BY ALL ORDER BY 1, 2
"""
"""One row per source and date: its events and replies, and how many of these belong to no known case, claim or mail."""

NUMBERS_SQL = r"""
WITH named AS (
  SELECT source_system, business_date, contact_id AS item_id FROM contacts WHERE segment = 1
  UNION ALL
  SELECT source_system, business_date, case_id FROM cases
  UNION ALL
  SELECT source_system, business_date, claim_id FROM claims
),
numbered AS (
  SELECT source_system, business_date, regexp_replace(item_id, '[0-9]{5,}', '', 'g') AS series,
    TRY_CAST(regexp_extract(item_id, '([0-9]{5,15})[^0-9]*$', 1) AS BIGINT) AS running_number
  FROM named WHERE business_date >= $first
),
spans AS (
  SELECT source_system, business_date, count(*) AS number_rows, max(running_number) - min(running_number) + 1 AS number_span
  FROM numbered WHERE running_number IS NOT NULL GROUP BY source_system, business_date, series HAVING count(*) >= 20
)
SELECT source_system, business_date, sum(number_rows)::BIGINT AS number_rows, sum(number_span)::BIGINT AS number_span
FROM spans WHERE number_span < 50 * number_rows GROUP BY ALL ORDER BY 1, 2
"""
"""One row per source and date from `$first` on: how many of its rows bear running numbers, and how many numbers these span."""
