"""Amazon Connect contact records typed into contacts (pure SQL over JSON lines).

Source: Amazon Connect Administrator Guide, "Data model for contact records". Fields that are not named here are ignored, as the
guide asks of readers.
"""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from etl.shapes import Shape, shape_of_records

LONGEST_SECONDS = 7 * 86_400.0
"""A duration beyond a week is a mistake: the service ends chats after seven days."""

_FIELDS = {
    "contact_id": "$.ContactId",
    "previous_id": "$.PreviousContactId",
    "record_channel": "$.Channel",
    "method": "$.InitiationMethod",
    "queue_name": "$.Queue.Name",
    "enqueued": "$.Queue.EnqueueTimestamp",
    "dequeued": "$.Queue.DequeueTimestamp",
    "queued_text": "$.Queue.Duration",
    "agent_id": "$.Agent.Username",
    "connected": "$.Agent.ConnectedToAgentTimestamp",
    "talk_text": "$.Agent.AgentInteractionDuration",
    "hold_text": "$.Agent.CustomerHoldDuration",
    "wrap_text": "$.Agent.AfterContactWorkDuration",
    "wrap_ended": "$.Agent.AfterContactWorkEndTimestamp",
    "disconnected": "$.DisconnectTimestamp",
    "disconnect_reason": "$.DisconnectReason",
    "transferred": "$.TransferCompletedTimestamp",
    "customer_id": "$.Attributes.customer_id",
    "updated": "$.LastUpdateTimestamp",
}
_PATHS = ", ".join(f"'{path}'" for path in _FIELDS.values())
_NAMED = ", ".join(f"f[{place}] AS {name}" for place, name in enumerate(_FIELDS, start=1))
_INSTANTS = ("enqueued", "dequeued", "connected", "wrap_ended", "disconnected", "transferred", "updated")
_DURATIONS = ("queued", "talk", "hold", "wrap")
_TYPED = ", ".join(
    [f"TRY_CAST({name} AS TIMESTAMPTZ) AS {name}_at" for name in _INSTANTS]
    + [f"TRY_CAST({name}_text AS DOUBLE) AS {name}_given" for name in _DURATIONS]
)
_UNREADABLE_TIME = " OR ".join(f"({name} IS NOT NULL AND {name}_at IS NULL)" for name in _INSTANTS)
_IMPLAUSIBLE_TIME = " OR ".join(f"{name}_at NOT BETWEEN '1980-01-01' AND '2100-01-01'" for name in _INSTANTS)
_UNREADABLE_DURATION = " OR ".join(f"({name}_text IS NOT NULL AND {name}_given IS NULL)" for name in _DURATIONS)
_ABSURD_DURATION = " OR ".join(f"NOT (coalesce({name}_given, 0) BETWEEN 0 AND {LONGEST_SECONDS})" for name in _DURATIONS)

PARSE_SQL = f"""
WITH fields AS (
  SELECT file_index, landing_row, line, is_record,
    CASE WHEN is_record THEN json_extract_string(line, [{_PATHS}]) END AS f
  FROM (SELECT *, json_valid(line) AS is_record FROM lines)
),
named AS (
  SELECT file_index, landing_row, line, is_record, {_NAMED}, contains(array_to_string(f, ''), chr(0)) AS has_nul FROM fields
),
typed AS (
  SELECT n.*, q.queue_id, {_TYPED}
  FROM named n LEFT JOIN queue_names q ON n.queue_name = q.queue_name
),
timed AS (
  SELECT *,
    coalesce(wrap_ended_at, disconnected_at) AS over_at,
    coalesce(talk_given,
      CASE WHEN connected_at IS NOT NULL THEN greatest(epoch(disconnected_at - connected_at), 0) END, 0) AS talk,
    coalesce(hold_given, 0) AS hold, coalesce(wrap_given, 0) AS wrap,
    coalesce(queued_given, greatest(epoch(coalesce(connected_at, dequeued_at, disconnected_at) - enqueued_at), 0), 0) AS wait
  FROM typed
)
SELECT file_index, landing_row, line,
  contact_id AS source_contact_id, previous_id, method, lower(record_channel) AS channel,
  CASE WHEN method IN ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY') THEN 'outbound'
    WHEN method = 'MONITOR' THEN 'internal' ELSE 'inbound' END AS direction,
  queue_id, customer_id, agent_id, enqueued_at AS arrived_at, connected_at AS answered_at, over_at AS ended_at,
  wait AS wait_seconds, talk AS talk_seconds, hold AS hold_seconds, wrap AS wrap_seconds, talk + hold + wrap AS handle_seconds,
  CASE
    WHEN connected_at IS NOT NULL THEN 'answered'
    WHEN transferred_at IS NOT NULL OR disconnect_reason = 'CONTACT_FLOW_DISCONNECT' THEN 'timed_out'
    WHEN disconnected_at IS NOT NULL THEN 'abandoned'
    ELSE 'other'
  END AS outcome,
  updated_at AS modified_at,
  CASE
    WHEN NOT is_record THEN 'not_json'
    WHEN has_nul THEN 'wrong_encoding'
    WHEN coalesce(contact_id, '') = '' OR left(contact_id, 1) IN ('{{', '[') THEN 'no_contact_id'
    WHEN queue_name IS NULL THEN 'never_in_queue'
    WHEN queue_id IS NULL THEN 'unknown_queue'
    WHEN coalesce(record_channel, '') NOT IN ('VOICE', 'CHAT', 'TASK', 'EMAIL') THEN 'unknown_channel'
    WHEN enqueued IS NULL OR {_UNREADABLE_TIME} THEN 'not_a_time'
    WHEN {_IMPLAUSIBLE_TIME} THEN 'implausible_time'
    WHEN {_UNREADABLE_DURATION} THEN 'not_a_duration'
    WHEN {_ABSURD_DURATION} OR talk > {LONGEST_SECONDS} OR wait > {LONGEST_SECONDS} THEN 'absurd_duration'
    WHEN least(connected_at, dequeued_at, disconnected_at, over_at) < enqueued_at
      OR least(disconnected_at, over_at) < connected_at THEN 'end_before_start'
    ELSE ''
  END AS rule,
  CASE rule WHEN 'unknown_queue' THEN queue_name WHEN 'unknown_channel' THEN record_channel END AS subject
FROM timed
"""
"""Types the lines of a view `lines` (file_index, landing_row, line) with a table `queue_names` (queue_name, queue_id).

A contact that an agent took is answered. One that went on to another queue unanswered timed out here, and so did one that the
flow ended (who was promised a call back, or told that it is full or closed, did not give up); any other that was disconnected
abandoned. An agent's reply to a mail is our own, a supervisor who listens is nobody's contact.

The guide orders the copies of a record by LastUpdateTimestamp: the latest holds. One whose LastUpdateTimestamp cannot be read is
put aside, as it could take the place of a later one.
"""

REASONS: Mapping[str, str] = {
    "not_json": "the line is no JSON; it was probably cut off: let the record be delivered again",
    "wrong_encoding": "a field that is read holds a NUL character; look at the system that writes the records",
    "no_contact_id": "the record has no ContactId; look at the export",
    "never_in_queue": "the contact never entered a queue, so it is nobody's demand",
    "unknown_queue": "the queue is not named in the source's settings: '{subject}'; add it under queues, or leave it here",
    "unknown_channel": "the channel '{subject}' is not VOICE, CHAT, TASK or EMAIL; if it is new, tell Leadline's maintainers",
    "not_a_time": "a timestamp is missing or no ISO 8601 time; look at the export",
    "implausible_time": "a time lies outside 1980 to 2100; look at the export",
    "not_a_duration": "a duration is no number of seconds; look at the export",
    "absurd_duration": "a duration is negative or longer than a week; look at the export",
    "end_before_start": "the contact was answered or ended before it entered the queue; look at the source's clock",
}


def record_shape(landing_file: str, lines: Sequence[str]) -> Shape | None:
    """Which fields some records have; None for too few records.

    Example:
        >>> shape = record_shape("f", ['{"ContactId": "c", "Queue": {"Name": "q"}}'] * 50)
        >>> shape.columns, shape.used
        ((('ContactId', 'text'), ('Queue.Name', 'text')), ('ContactId', 'Queue.Name'))
    """
    records = []
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            records.append(record)
    fields = {path.removeprefix("$.") for path in _FIELDS.values()}
    shape = shape_of_records("contacts", landing_file, records)
    return None if shape is None else replace(shape, used=tuple(name for name in shape.kinds if name in fields))
