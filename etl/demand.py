"""What counts as demand: one definition per queue, applied to history and actuals alike (pure).

Every rule stands in the queue's `demand` settings and in the SQL below, and nowhere else:

| contact | counts in its queue | setting (default) |
|---|---|---|
| comes from the customer and is answered | always | |
| gives up sooner than the threshold | no | `short_abandon_seconds` (0: counts) |
| gives up later | yes | |
| leaves unanswered, by time-out or overflow | in the queue it came to | `count_timed_out` (true) |
| was sent on unanswered by another queue (`overflow`) | not again | `count_overflow_in` (false) |
| was handed over after an answer (`transfer`) | yes: a second queue's work | `count_transfers_in` (true) |
| is a call-back of ours (`callback`) | only where its promise does not | `count_callbacks` (false) |
| gives up and comes back soon | the last attempt only | `redial_within_seconds` (0: every attempt) |
| is outbound or internal | never | |

A call-back names the contact in which it was promised as `previous_contact_id`. That contact is the demand, at the time the
customer had it; the call-back counts in its stead if it names none, if none of the last `CALLBACK_LOOK_BACK_DAYS` days is found
under that name, or if that one does not count (the customer left the queue at once for the promise of a call). Of several
attempts to call back the first one counts.

Deferred work is counted item by item (`etl.history.ITEMS_SQL`): a mail that needs a reply when it is received, a claim when it is
reported, a case when it is opened and again whenever it is opened again after it was done.

Interval reports are taken as they come: what counts is decided in the system that made them.
"""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from enterprise.queues import Queue

CALLBACK_LOOK_BACK_DAYS = 7
"""How many days before a call-back its promise is looked for."""

RULES_SCHEMA = pa.schema(
    [
        ("queue_id", pa.string()),
        ("live", pa.bool_()),
        ("short_abandon_seconds", pa.float64()),
        ("count_transfers_in", pa.bool_()),
        ("count_timed_out", pa.bool_()),
        ("count_overflow_in", pa.bool_()),
        ("count_callbacks", pa.bool_()),
        ("redial_within_seconds", pa.float64()),
        ("answer_within_seconds", pa.float64()),
    ]
)

COUNTS_SQL = """
    r.live AND (c.direction = 'inbound' OR c.arrived_by = 'callback')
    AND NOT (c.outcome = 'abandoned' AND c.wait_seconds < r.short_abandon_seconds)
    AND (r.count_timed_out OR c.outcome <> 'timed_out')
    AND (r.count_transfers_in OR c.arrived_by <> 'transfer')
    AND (r.count_overflow_in OR c.arrived_by <> 'overflow')
    AND (r.count_callbacks OR c.arrived_by <> 'callback')
"""
"""Whether a contact segment `c` counts by the rules `r` of its queue, as far as the segment itself tells."""

COUNTED_FROM_SQL = f"""
SELECT queue_id, direction, outcome, arrived_by, min(CASE WHEN counts THEN CASE WHEN wait_seconds < 0 THEN wait_seconds
  ELSE short_abandon_seconds END ELSE 'inf'::DOUBLE END) AS counted_from_seconds
FROM (
  SELECT c.*, r.queue_id, r.short_abandon_seconds, {COUNTS_SQL} AS counts
  FROM (SELECT unnest($directions) AS direction) d, (SELECT unnest($outcomes) AS outcome) o,
    (SELECT unnest($arrivals) AS arrived_by) a, (SELECT unnest(['-inf'::DOUBLE, 'inf'::DOUBLE]) AS wait_seconds) w,
    LATERAL (SELECT direction, outcome, arrived_by, wait_seconds) c, rules r
) GROUP BY ALL
"""
"""From which wait on `COUNTS_SQL` holds, by queue, direction, outcome and way of arrival: -inf for always, inf for never.

So that contacts can be counted without asking the rule of each of them. A wait plays a part only as `short_abandon_seconds`.
"""

KEPT_CALLBACKS_SQL = f"""
WITH calls AS (
  SELECT *, lag(business_date) OVER (
    PARTITION BY previous_contact_id ORDER BY arrived_at, contact_id, segment) AS tried_before
  FROM contacts_before WHERE arrived_by = 'callback'
),
promises AS (
  SELECT c.contact_id, c.business_date, c.arrived_at FROM contacts_before c JOIN rules r USING (queue_id)
  WHERE c.contact_id IN (SELECT previous_contact_id FROM calls) AND (c.arrived_by = 'callback' OR ({COUNTS_SQL}))
)
SELECT c.* EXCLUDE (tried_before), 1 AS sign FROM calls c JOIN contact_days d USING (business_date) JOIN rules r USING (queue_id)
WHERE d.due AND r.live AND NOT r.count_callbacks
  AND NOT (c.outcome = 'abandoned' AND c.wait_seconds < r.short_abandon_seconds)
  AND (r.count_timed_out OR c.outcome <> 'timed_out')
  AND (c.previous_contact_id IS NULL
    OR coalesce(c.business_date - c.tried_before, {CALLBACK_LOOK_BACK_DAYS + 1}) > {CALLBACK_LOOK_BACK_DAYS})
  AND NOT EXISTS (
    SELECT 1 FROM promises p WHERE p.contact_id = c.previous_contact_id AND p.arrived_at <= c.arrived_at
      AND p.business_date >= c.business_date - {CALLBACK_LOOK_BACK_DAYS})
"""
"""Call-backs that count although `COUNTS_SQL` leaves call-backs out, from a view `contacts_before` that looks back."""

REDIALLED_SQL = f"""
SELECT c.* EXCLUDE (again_us, redial_us), -1 AS sign
FROM (
  SELECT c.*, (1e6 * r.redial_within_seconds)::BIGINT AS redial_us,
    lead(epoch_us(c.arrived_at)) OVER (
      PARTITION BY c.queue_id, c.customer_id ORDER BY c.arrived_at, c.contact_id, c.segment) AS again_us
  FROM contacts_after c JOIN rules r USING (queue_id)
  WHERE r.redial_within_seconds > 0 AND c.customer_id IS NOT NULL AND c.arrived_by = 'customer' AND {COUNTS_SQL}
) c JOIN contact_days d USING (business_date)
WHERE d.due AND c.outcome = 'abandoned' AND again_us < d.as_of_us
  AND again_us <= epoch_us(c.arrived_at) + (1e6 * c.wait_seconds)::BIGINT + redial_us
"""
"""Attempts that `COUNTS_SQL` counts and a later one replaces, from a view `contacts_after` that looks ahead up to the cut-off."""


def demand_rules(queues: Iterable[Queue]) -> pa.Table:
    """The demand definition of each queue as one row, with the threshold of its service goal.

    Contacts of queues whose work can wait are worked on, but are not these queues' demand.

    Example:
        >>> demand_rules([]).num_rows
        0
    """
    rows = [
        {
            "queue_id": queue.id,
            "live": not queue.is_deferred,
            **queue.demand.model_dump(),
            "answer_within_seconds": queue.service_goal.seconds,
        }
        for queue in queues
    ]
    return pa.Table.from_pylist(rows, schema=RULES_SCHEMA)
