"""How well workstreams find the demo's truth: which contacts and mails a claim really caused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse.lake import Lake
from warehouse.tables.core import CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.workstreams import WORKSTREAM_LINKS

_TRUE_MATTERS = """
WITH caused AS (SELECT t.*, c.customer_id FROM truth t JOIN claims c USING (claim_id)),
calls AS (
  SELECT c.contact_id AS item_id, min(t.claim_id) AS claim FROM contacts c JOIN caused t
  ON c.segment = 1 AND c.queue_id = t.queue_id AND c.customer_id = t.customer_id AND c.arrived_at = t.arrived_at GROUP BY ALL
),
threads AS (
  SELECT m.thread_id, min(coalesce(t.claim_id, m.claim_id)) AS claim FROM messages m LEFT JOIN caused t
  ON m.queue_id = t.queue_id AND m.customer_id = t.customer_id AND m.received_at = t.arrived_at GROUP BY ALL
),
items AS (
  SELECT DISTINCT item_kind, item_id, segment, thread_id, previous_contact_id, workstream_id, happened_at FROM links
),
origins AS (SELECT contact_id AS item_id, any_value(previous_contact_id) AS origin FROM contacts GROUP BY ALL)
SELECT i.*, CASE item_kind WHEN 'message' THEN coalesce(threads.claim, i.thread_id)
    WHEN 'contact' THEN coalesce(calls.claim, o.origin, i.previous_contact_id, i.item_id) ELSE i.item_id END AS matter
FROM items i LEFT JOIN calls ON item_kind = 'contact' AND calls.item_id = i.item_id LEFT JOIN threads USING (thread_id)
LEFT JOIN origins o ON i.previous_contact_id = o.item_id
"""
"""Every item with what it is really about: the claim that caused it, else its own call or thread."""

_RIGHT = """
SELECT count(*)::BIGINT, coalesce(avg((a.matter = b.matter)::INTEGER), 0) FROM links l
JOIN matters a ON l.item_kind = a.item_kind AND l.item_id = a.item_id AND l.segment = a.segment
JOIN matters b ON l.linked_kind = b.item_kind AND l.linked_id = b.item_id AND l.linked_segment = b.segment
WHERE l.inferred = $1 AND l.topic = coalesce($2, l.topic)
"""

_FOUND = """
SELECT avg((workstream_id = before)::INTEGER) FROM (
  SELECT workstream_id, lag(workstream_id) OVER (PARTITION BY matter ORDER BY happened_at, item_kind, item_id, segment) AS before
  FROM matters)
WHERE before IS NOT NULL
"""


@dataclass(frozen=True)
class Agreement:
    """Workstreams against the truth.

    Args:
        inferred_links: how many links were inferred.
        explicit_right: share of stated links whose two items are about the same.
        inferred_right: share of inferred links whose two items are about the same.
        claims_right: the same for those on the claims lines, where the demo's customers really come back.
        found: share of items with an earlier one about the same that stand in one workstream with the last such one.
    """

    inferred_links: int
    explicit_right: float
    inferred_right: float
    claims_right: float
    found: float


def agreement(lake: Lake, truth_folder: Path) -> Agreement:
    """Compare the stitched workstreams of a lake with the demo's truth."""
    connection = lake.connect()
    for table in (CONTACTS, MESSAGES, CLAIMS):
        lake.view(connection, table)
    lake.view(connection, WORKSTREAM_LINKS, name="links")
    connection.read_parquet(str(truth_folder / "claim_contacts.parquet")).create_view("truth")
    connection.execute(f"CREATE TEMP TABLE matters AS {_TRUE_MATTERS}")
    (explicit,), (inferred,), (claims,) = (
        connection.execute(_RIGHT, [kind, topic]).fetchall() for kind, topic in ((False, None), (True, None), (True, "claims"))
    )
    found = connection.execute(_FOUND).fetchall()[0][0]
    connection.close()
    return Agreement(inferred[0], explicit[1], inferred[1], claims[1], found)
