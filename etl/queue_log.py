"""Asterisk `queue_log` events: how they are typed, and how calls and agents' states are made of them (pure).

Every event that was ever read is kept in staging; the calls of a day are made of the events of the day before, the day and
the day after, so that a call that spans two files or two days is one call, and a file that comes late re-opens only its days.
"""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from warehouse.tables.columns import AGENT_ID, BUSINESS_DATE, LANDING_FILE, LANDING_ROW, SOURCE_SYSTEM, instant, seconds, text
from warehouse.tables.declaration import Table

CALL_EVENTS = (
    "ENTERQUEUE", "CONNECT", "COMPLETEAGENT", "COMPLETECALLER", "ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY",
    "TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER", "AGENTDUMP", "SYSCOMPAT",
)  # fmt: skip
"""Events of a call in a queue. SYSCOMPAT: the channels of caller and agent could not be connected."""

AGENT_EVENTS = ("PAUSE", "UNPAUSE", "ADDMEMBER", "REMOVEMEMBER")

OTHER_EVENTS = (
    "RINGNOANSWER", "RINGCANCELED", "PAUSEALL", "UNPAUSEALL", "QUEUESTART", "CONFIGRELOAD", "RELOAD", "AGENTLOGIN",
    "AGENTCALLBACKLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGOFF", "DID", "INFO", "PENALTY", "RINGINUSE", "ADDQUEUE",
    "CALLSTATUS", "HOLD", "UNHOLD",
)  # fmt: skip
"""Known events that neither a call's course nor an agent's presence in a queue depends on."""

KNOWN_EVENTS = CALL_EVENTS + AGENT_EVENTS + OTHER_EVENTS

QUEUE_EVENTS = Table(
    "queue_events",
    layer="core",
    grain="one line of a queue_log",
    meaning="Typed events of the telephone switch, kept in staging only: calls and agents' states are made of them.",
    key=(SOURCE_SYSTEM, LANDING_FILE, LANDING_ROW),
    columns=(
        BUSINESS_DATE,
        instant("occurred_at", "When the event happened."),
        text("call_id", "Call; missing for events of no call.").optional(),
        text("queue_id", "Queue; missing for events of all queues.").optional(),
        AGENT_ID,
        text("event", "What happened.", allowed=KNOWN_EVENTS),
        text("details", "The event's own fields as they stand in the line."),
        seconds("held_seconds", "Waiting time that the switch states.").optional(),
        seconds("called_seconds", "Talk time that the switch states.").optional(),
    ),
    partitioned_by=BUSINESS_DATE,
)

LONGEST_SECONDS = 86_400.0
"""A wait or talk time beyond a day is a mistake of the switch."""

_WRAP_BEGINS_WITHIN_SECONDS = 5


PARSE_SQL = f"""
WITH split AS (SELECT file_index, landing_row, line, string_split(line, '|') AS p FROM lines),
named AS (
  SELECT file_index, landing_row, line, p, len(p) AS fields, TRY_CAST(p[1] AS DOUBLE) AS epoch,
    p[3] AS queue_name, p[5] AS event,
    CASE
      WHEN p[5] IN ('COMPLETEAGENT', 'COMPLETECALLER', 'CONNECT') THEN p[6]
      WHEN p[5] IN ('ABANDON', 'EXITWITHTIMEOUT', 'TRANSFER', 'BLINDTRANSFER', 'ATTENDEDTRANSFER') THEN p[8]
    END AS held_text,
    CASE
      WHEN p[5] IN ('COMPLETEAGENT', 'COMPLETECALLER') THEN p[7]
      WHEN p[5] IN ('TRANSFER', 'BLINDTRANSFER', 'ATTENDEDTRANSFER') THEN p[9]
    END AS called_text
  FROM split
),
typed AS (
  SELECT n.*, q.queue_id, e.of_call, e.event IS NOT NULL AS known,
    CASE WHEN epoch >= 1e12 AND epoch < 1e13 THEN epoch / 1000 ELSE epoch END AS since_1970,
    TRY_CAST(held_text AS DOUBLE) AS held_seconds, TRY_CAST(called_text AS DOUBLE) AS called_seconds
  FROM named n LEFT JOIN queue_names q ON n.queue_name = q.queue_name LEFT JOIN known_events e ON n.event = e.event
)
SELECT file_index, landing_row, line,
  CASE WHEN since_1970 BETWEEN 315532800 AND 4102444799 THEN make_timestamptz(round(since_1970 * 1e6)::BIGINT) END AS occurred_at,
  CASE WHEN p[2] NOT IN ('NONE', '') THEN p[2] END AS call_id,
  queue_id,
  CASE WHEN p[4] LIKE 'Agent/%' THEN substr(p[4], 7) WHEN p[4] NOT IN ('NONE', '') THEN p[4] END AS agent_id,
  event,
  array_to_string(p[6:], '|') AS details,
  held_seconds, called_seconds,
  CASE
    WHEN fields < 5 THEN 'not_a_queue_log_line'
    WHEN epoch IS NULL OR NOT isfinite(epoch) THEN 'not_a_time'
    WHEN since_1970 NOT BETWEEN 315532800 AND 4102444799 THEN 'implausible_time'
    WHEN NOT known THEN 'unknown_event'
    WHEN queue_id IS NULL AND (queue_name <> 'NONE' OR of_call) THEN 'unknown_queue'
    WHEN of_call AND p[2] IN ('NONE', '') THEN 'no_call_id'
    WHEN (held_text IS NOT NULL AND held_seconds IS NULL) OR (called_text IS NOT NULL AND called_seconds IS NULL)
      THEN 'not_a_duration'
    WHEN NOT (coalesce(held_seconds, 0) BETWEEN 0 AND {LONGEST_SECONDS})
      OR NOT (coalesce(called_seconds, 0) BETWEEN 0 AND {LONGEST_SECONDS}) THEN 'absurd_duration'
    ELSE ''
  END AS rule
FROM typed
"""
"""Types the lines of a view `lines` (file_index, landing_row, line) with the tables that `parse_tables` gives.

Result: file_index, landing_row, line, the columns of QUEUE_EVENTS but for business_date and where the row comes from, and
`rule`, "" for good lines. An epoch of 13 digits is milliseconds.
"""


def parse_tables(queues: Mapping[str, str]) -> Mapping[str, pa.Table]:
    """The small tables that `PARSE_SQL` looks names up in.

    Args:
        queues: name of the queue in the switch -> queue id.
    """
    return {
        "queue_names": pa.table(
            {"queue_name": pa.array(list(queues), pa.string()), "queue_id": pa.array(list(queues.values()), pa.string())}
        ),
        "known_events": pa.table({"event": KNOWN_EVENTS, "of_call": [event in CALL_EVENTS for event in KNOWN_EVENTS]}),
    }


REASONS: Mapping[str, str] = {
    "not_a_queue_log_line": "the line has fewer than the five fields epoch|call|queue|agent|event; it was probably cut off",
    "not_a_time": "the first field is no number of seconds since 1970; look at the switch's logger",
    "implausible_time": "the time lies outside 1980 to 2100; look at the switch's clock",
    "unknown_event": "the event is not one that app_queue writes; if it is new, tell the maintainers of Leadline",
    "unknown_queue": "the queue is not named in the source's settings; add it under queues, or leave the line here",
    "no_call_id": "an event of a call without a call id cannot be placed; look at the dial plan",
    "not_a_duration": "a waiting or talk time is no number of seconds; the line was probably cut off",
    "absurd_duration": "a waiting or talk time is negative or longer than a day; look at the switch's clock",
}

CONTACTS_SQL = f"""
WITH ordered AS (
  SELECT *, count(*) FILTER (event = 'ENTERQUEUE') OVER (
      PARTITION BY source_system, call_id ORDER BY occurred_at, seq, landing_row ROWS UNBOUNDED PRECEDING) AS segment
  FROM events WHERE call_id IS NOT NULL AND event IN {CALL_EVENTS!r}
),
visits AS (
  SELECT source_system, call_id, segment,
    min(business_date) FILTER (event = 'ENTERQUEUE') AS business_date,
    min(occurred_at) FILTER (event = 'ENTERQUEUE') AS arrived_at,
    any_value(queue_id) FILTER (event = 'ENTERQUEUE') AS queue_id,
    any_value(split_part(details, '|', 2)) FILTER (event = 'ENTERQUEUE') AS customer_id,
    any_value(landing_file) FILTER (event = 'ENTERQUEUE') AS landing_file,
    any_value(landing_row) FILTER (event = 'ENTERQUEUE') AS landing_row,
    min(occurred_at) FILTER (event = 'CONNECT') AS answered_at,
    any_value(agent_id) FILTER (event = 'CONNECT') AS agent_id,
    min(occurred_at) FILTER (event NOT IN ('ENTERQUEUE', 'CONNECT')) AS left_at,
    min_by(event, occurred_at) FILTER (event NOT IN ('ENTERQUEUE', 'CONNECT')) AS left_by,
    max(held_seconds) AS held_seconds,
    max(called_seconds) AS called_seconds
  FROM ordered WHERE segment > 0 GROUP BY ALL
),
chained AS (
  SELECT *, coalesce(lag(answered_at IS NOT NULL AND left_by IN ('TRANSFER', 'BLINDTRANSFER', 'ATTENDEDTRANSFER')) OVER (
      PARTITION BY source_system, call_id ORDER BY segment), false) AS transferred_in
  FROM visits
),
wraps AS (
  SELECT source_system, agent_id, queue_id, occurred_at AS wrap_began, next_at AS wrap_ended FROM (
    SELECT *, lead(occurred_at) OVER w AS next_at
    FROM (SELECT *, split_part(details, '|', 1) AS note FROM events WHERE event IN ('PAUSE', 'UNPAUSE', 'REMOVEMEMBER'))
    WHERE agent_id IS NOT NULL AND note IN ('', $1)
    WINDOW w AS (PARTITION BY source_system, agent_id, queue_id ORDER BY occurred_at, seq, landing_row))
  WHERE event = 'PAUSE' AND split_part(details, '|', 1) = $1
),
timed AS (
  SELECT c.*,
    CASE WHEN epoch_us(w.wrap_began) <= epoch_us(c.left_at) + {_WRAP_BEGINS_WITHIN_SECONDS} * 1000000 AND w.wrap_ended IS NOT NULL
      THEN least((epoch_us(w.wrap_ended) - epoch_us(w.wrap_began)) / 1e6, {LONGEST_SECONDS}) ELSE 0 END AS wrap_seconds
  FROM (SELECT *, coalesce(left_at, TIMESTAMPTZ '2999-01-01 00:00:00+00') AS wrap_from FROM chained) c
  ASOF LEFT JOIN wraps w
    ON c.source_system = w.source_system AND c.agent_id = w.agent_id AND c.queue_id IS NOT DISTINCT FROM w.queue_id
    AND c.wrap_from <= w.wrap_began
)
SELECT source_system || ':' || call_id AS contact_id, segment, business_date, 'voice' AS channel, 'inbound' AS direction,
  queue_id, nullif(customer_id, '') AS customer_id, agent_id, NULL::VARCHAR AS site_id, arrived_at, answered_at,
  make_timestamptz(epoch_us(left_at) + (1e6 * wrap_seconds)::BIGINT) AS ended_at,
  coalesce(held_seconds, greatest(epoch(coalesce(answered_at, left_at) - arrived_at), 0), 0)::DOUBLE AS wait_seconds,
  talk_seconds, 0::DOUBLE AS hold_seconds, wrap_seconds::DOUBLE AS wrap_seconds, talk_seconds + wrap_seconds AS handle_seconds,
  CASE
    WHEN answered_at IS NOT NULL THEN 'answered'
    WHEN left_by = 'ABANDON' THEN 'abandoned'
    WHEN left_by = 'EXITWITHTIMEOUT' THEN 'timed_out'
    ELSE 'other'
  END AS outcome,
  CASE WHEN transferred_in THEN 'transfer' WHEN segment > 1 THEN 'overflow' ELSE 'customer' END AS arrived_by,
  CASE WHEN transferred_in THEN source_system || ':' || call_id END AS previous_contact_id,
  NULL::VARCHAR AS case_id, NULL::VARCHAR AS claim_id, NULL::VARCHAR AS thread_id,
  source_system, landing_file, landing_row
FROM (SELECT *, CASE WHEN answered_at IS NULL THEN 0
        ELSE coalesce(called_seconds, greatest(epoch(left_at - answered_at), 0), 0) END::DOUBLE AS talk_seconds FROM timed)
"""
"""Contacts from a view `events` (QUEUE_EVENTS of one source without duplicates, with the landing order `seq`);
parameter: the reason of pauses that are after-contact work.

A call answered and handed to another queue stays answered; the next segment names it as `previous_contact_id`, so that a
transfer can be counted once. A call that timed out of a queue is not a transfer: its next segment names nobody.
"""

STATES_SQL = """
WITH presence AS (
  SELECT *, 'member:' || queue_id AS activity, 'member' AS kind, event = 'ADDMEMBER' AS begins FROM events
  WHERE event IN ('ADDMEMBER', 'REMOVEMEMBER') AND agent_id IS NOT NULL AND queue_id IS NOT NULL
  UNION ALL
  SELECT *, concat_ws(':', 'pause', nullif(split_part(details, '|', 1), ''), queue_id) AS activity, 'pause' AS kind,
    event = 'PAUSE' AS begins
  FROM events
  WHERE event IN ('PAUSE', 'UNPAUSE', 'REMOVEMEMBER') AND agent_id IS NOT NULL AND split_part(details, '|', 1) <> $1
),
spans AS (
  SELECT *, lead(occurred_at) OVER (
    PARTITION BY source_system, agent_id, kind, queue_id ORDER BY occurred_at, seq, landing_row) AS next_at
  FROM presence
)
SELECT agent_id, occurred_at AS started_at, activity, business_date, next_at AS ended_at, queue_id,
  source_system, landing_file, landing_row
FROM spans WHERE begins
QUALIFY row_number() OVER (PARTITION BY agent_id, started_at, activity ORDER BY seq DESC, landing_row DESC) = 1
"""
"""Agents' states from the same view with the same parameter: presence in queues, and pauses that are not after-contact work.

A state lasts until the agent's next event of the same kind in that queue: a second log-in without a log-out between ends the
first state, an UNPAUSE without a reason ends any pause, and so does leaving the queue.
"""
