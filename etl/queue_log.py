"""Asterisk `queue_log` events: what they are, and how their lines are typed (pure).

Every event that was ever read is kept in staging; calls and agents' states are made of them when core is made, see
`etl.queue_calls`.

Source of the format: docs.asterisk.org, Operation / Logging / Queue Logs; app_queue.c for the order of the fields.
"""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields

import pyarrow as pa

from warehouse.tables.columns import (
    AGENT_ID,
    BUSINESS_DATE,
    CUSTOMER_ID,
    LANDING_FILE,
    LANDING_ROW,
    SOURCE_SYSTEM,
    instant,
    seconds,
    text,
)
from warehouse.tables.declaration import COUNT, Column, Table


@dataclass(frozen=True, slots=True)
class EventForm:
    """What a line of an event says: the fields (from 0, the event's name is 4; -1 for none) that mean something to us.

    Args:
        of_call: 1 if it cannot be without a call id and a queue.
        waited: seconds that the call waited.
        talked: seconds of conversation.
        customer: caller id.
        reason: reason of a pause; the key that a caller pressed.
        shifts: 1 if waiting and talk time stand as much further on as the line has more than ten fields.
    """

    of_call: int = 0
    waited: int = -1
    talked: int = -1
    customer: int = -1
    reason: int = -1
    shifts: int = 0


EVENTS: Mapping[str, EventForm] = {
    "ENTERQUEUE": EventForm(1, customer=6),  # url, caller id, position
    "CONNECT": EventForm(1, waited=5),  # waiting time, bridged channel, ringing time
    "COMPLETEAGENT": EventForm(1, waited=5, talked=6),  # waiting time, talk time, position on entering
    "COMPLETECALLER": EventForm(1, waited=5, talked=6),
    "ABANDON": EventForm(1, waited=7),  # position, position on entering, waiting time
    "EXITWITHTIMEOUT": EventForm(1, waited=7),
    "EXITEMPTY": EventForm(1, waited=7),
    "EXITWITHKEY": EventForm(1, waited=8, reason=5),  # key, position, position on entering, waiting time
    "TRANSFER": EventForm(1, waited=7, talked=8),  # extension, context, waiting time, talk time, position on entering
    "BLINDTRANSFER": EventForm(1, waited=7, talked=8),
    "ATTENDEDTRANSFER": EventForm(1, waited=7, talked=8, shifts=1),  # BRIDGE and APP say where in one field, LINK in two
    "AGENTDUMP": EventForm(1),  # the agent let the caller go while the announcement was played
    "SYSCOMPAT": EventForm(1),  # the channels of caller and agent could not be connected
    "PAUSE": EventForm(reason=5),
    "UNPAUSE": EventForm(reason=5),
    "PAUSEALL": EventForm(reason=5),
    "UNPAUSEALL": EventForm(reason=5),
    "ADDMEMBER": EventForm(reason=5),  # PAUSED if the member begins with a pause
    "REMOVEMEMBER": EventForm(),
} | {
    event: EventForm()
    for event in (
        "RINGNOANSWER", "RINGCANCELED", "QUEUESTART", "CONFIGRELOAD", "RELOAD", "AGENTLOGIN", "AGENTCALLBACKLOGIN", "AGENTLOGOFF",
        "AGENTCALLBACKLOGOFF", "DID", "INFO", "PENALTY", "RINGINUSE", "ADDQUEUE", "CALLSTATUS", "HOLD", "UNHOLD",
    )
}  # fmt: skip
"""Every event of app_queue and chan_agent. Neither a call's course nor an agent's presence depends on the last ones."""

KNOWN_EVENTS = tuple(EVENTS)

QUEUE_EVENTS = Table(
    "queue_events",
    layer="core",
    grain="one line of a queue_log",
    meaning="Typed events of the telephone switch, kept in staging only: calls and agents' states are made of them. What is "
    "missing stands there as NO_TEXT and NO_SECONDS: such columns are written and read in half the time.",
    key=(SOURCE_SYSTEM, LANDING_FILE, LANDING_ROW),
    columns=(
        BUSINESS_DATE,
        instant("occurred_at", "When the event happened."),
        text("call_id", "Call; missing for events of no call.").optional(),
        text("queue_id", "Queue; missing for events of all queues.").optional(),
        AGENT_ID,
        text("event", "What happened.", allowed=KNOWN_EVENTS),
        CUSTOMER_ID,
        text("reason", "Reason of a pause, or the key that a caller pressed.").optional(),
        seconds("held_seconds", "Waiting time that the switch states.").optional(),
        seconds("called_seconds", "Talk time that the switch states.").optional(),
        Column("line_hash", COUNT, unit="hash", meaning="64 bits of the line's text: a line received again has them too."),
    ),
    partitioned_by=BUSINESS_DATE,
)

NO_TEXT, NO_SECONDS = "", -1.0

LONGEST_SECONDS = 7 * 86_400
"""A wait or talk time beyond a week is a mistake of the switch."""

AGENT_PREFIXES = ("Agent/", "PJSIP/", "SIP/")
"""How the channel is reached is no part of an agent's name: who moves from SIP to PJSIP stays the same agent."""

PARSE_SQL = f"""
WITH split AS (SELECT file_index, landing_row, line, string_split(line, '|') AS p FROM lines),
named AS (
  SELECT s.*, len(p) AS fields, TRY_CAST(p[1] AS DOUBLE) AS epoch, p[3] AS queue_name, q.queue_id,
    e.event, e.of_call = 1 AS of_call,
    e.shifts * greatest(len(p) - 10, 0) AS shift, e.waited, e.talked, e.customer, e.reason
  FROM split s LEFT JOIN queue_names q ON p[3] = q.queue_name LEFT JOIN known_events e ON p[5] = e.event
),
typed AS (
  SELECT *,
    CASE WHEN epoch >= 1e12 AND epoch < 1e13 THEN epoch / 1000 ELSE epoch END AS since_1970,
    CASE WHEN waited >= 0 THEN p[waited + shift + 1] END AS held_text,
    CASE WHEN talked >= 0 THEN p[talked + shift + 1] END AS called_text,
    TRY_CAST(held_text AS DOUBLE) AS held_seconds, TRY_CAST(called_text AS DOUBLE) AS called_seconds
  FROM named
)
SELECT file_index, landing_row, line, line AS whole_line,
  CASE WHEN since_1970 BETWEEN 315532800 AND 4102444799 THEN make_timestamptz(round(since_1970 * 1e6)::BIGINT) END AS occurred_at,
  CASE WHEN p[2] NOT IN ('NONE', '') THEN p[2] END AS call_id,
  queue_id,
  CASE WHEN p[4] NOT IN ('NONE', '') THEN regexp_replace(p[4], '^({"|".join(AGENT_PREFIXES)})(.)', '\\2') END AS agent_id,
  event,
  CASE WHEN customer >= 0 THEN nullif(p[customer + 1], '') END AS customer_id,
  CASE WHEN reason >= 0 THEN nullif(p[reason + 1], '') END AS reason,
  held_seconds, called_seconds,
  CASE
    WHEN fields < 5 THEN 'not_a_queue_log_line'
    WHEN epoch IS NULL OR NOT isfinite(epoch) THEN 'not_a_time'
    WHEN since_1970 NOT BETWEEN 315532800 AND 4102444799 THEN 'implausible_time'
    WHEN event IS NULL THEN 'unknown_event'
    WHEN queue_id IS NULL AND (queue_name <> 'NONE' OR of_call) THEN 'unknown_queue'
    WHEN of_call AND p[2] IN ('NONE', '') THEN 'no_call_id'
    WHEN (held_text IS NOT NULL AND held_seconds IS NULL) OR (called_text IS NOT NULL AND called_seconds IS NULL)
      THEN 'not_a_duration'
    WHEN NOT (coalesce(held_seconds, 0) BETWEEN 0 AND {LONGEST_SECONDS})
      OR NOT (coalesce(called_seconds, 0) BETWEEN 0 AND {LONGEST_SECONDS}) THEN 'absurd_duration'
    ELSE ''
  END AS rule,
  CASE rule WHEN 'unknown_queue' THEN queue_name WHEN 'unknown_event' THEN p[5] END AS subject
FROM typed
"""
"""Types the lines of a view `lines` (file_index, landing_row, line) with the tables that `parse_tables` gives.

Result: file_index, landing_row, line, the columns of QUEUE_EVENTS but for business_date, hash and where the row comes from, the
whole line, `rule`, "" for good lines, and `subject`, which the rule is about. An epoch of 13 digits is milliseconds.
"""


def parse_tables(queues: Mapping[str, str]) -> Mapping[str, pa.Table]:
    """The small tables that `PARSE_SQL` looks names up in.

    Args:
        queues: name of the queue in the switch -> queue id.
    """
    forms = zip(*(astuple(form) for form in EVENTS.values()), strict=True)
    columns = {field.name: list(values) for field, values in zip(fields(EventForm), forms, strict=True)}
    return {
        "queue_names": pa.table(
            {"queue_name": pa.array(list(queues), pa.string()), "queue_id": pa.array(list(queues.values()), pa.string())}
        ),
        "known_events": pa.table({"event": list(EVENTS), **columns}),
    }


REASONS: Mapping[str, str] = {
    "not_a_queue_log_line": "the line has fewer than the five fields epoch|call|queue|agent|event; it was probably cut off",
    "not_a_time": "the first field is no number of seconds since 1970; look at the switch's logger",
    "implausible_time": "the time lies outside 1980 to 2100; look at the switch's clock",
    "unknown_event": "the event '{subject}' is not one that app_queue writes; if it is new, tell the maintainers of Leadline",
    "unknown_queue": "the queue is not named in the source's settings: '{subject}'; add it under queues, or leave the line here",
    "no_call_id": "an event of a call without a call id cannot be placed; look at the dial plan",
    "not_a_duration": "a waiting or talk time is no number of seconds; the line was probably cut off",
    "absurd_duration": "a waiting or talk time is negative or longer than a week; look at the switch's clock",
}
