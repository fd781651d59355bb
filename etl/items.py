"""Items of workstreams: contact segments, mails, cases and claims in one form, and how those that belong together are found."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

import pyarrow as pa

from enterprise.settings import Enterprise

ITEMS_SQL = """
SELECT 'contact' AS item_kind, contact_id AS item_id, segment, business_date, arrived_at AS happened_at, customer_id,
  CASE WHEN direction <> 'internal' THEN coalesce(q.topic, queue_id) END AS topic, case_id, claim_id, thread_id,
  previous_contact_id, arrived_by
FROM contacts LEFT JOIN queue_topics q USING (queue_id)
UNION ALL
SELECT 'message', message_id, 1, business_date, received_at, customer_id,
  CASE WHEN NOT automatic AND direction <> 'internal' THEN coalesce(q.topic, queue_id) END, NULL, claim_id, thread_id, NULL, NULL
FROM messages LEFT JOIN queue_topics q USING (queue_id)
UNION ALL
SELECT 'case', case_id, 1, business_date, opened_at, customer_id, coalesce(q.topic, queue_id), case_id, NULL, NULL, NULL, NULL
FROM cases LEFT JOIN queue_topics q USING (queue_id)
UNION ALL
SELECT 'claim', claim_id, 1, business_date, reported_at, customer_id, coalesce(c.topic, line_of_business), NULL, claim_id, NULL,
  NULL, NULL
FROM claims LEFT JOIN claim_topics c USING (line_of_business)
"""
"""Items (columns `CONTENT`) from views contacts, messages, cases, claims and the tables of `topic_tables`."""

RELATED_SQL = """
SELECT * FROM links WHERE
  (item_kind = 'contact' AND item_id IN (SELECT name FROM wanted WHERE kind = 'contact'))
  OR previous_contact_id IN (SELECT name FROM wanted WHERE kind = 'contact')
  OR case_id IN (SELECT name FROM wanted WHERE kind = 'case')
  OR claim_id IN (SELECT name FROM wanted WHERE kind = 'claim')
  OR thread_id IN (SELECT name FROM wanted WHERE kind = 'thread')
  OR (topic IS NOT NULL AND customer_id IN (SELECT name FROM wanted WHERE kind = 'customer'))
"""
"""Stored rows of a view `links` (WORKSTREAM_LINKS) of the items that share a contact, case, claim, thread or customer with those
whose names a table `wanted` holds: a link to or from these can lead nowhere else."""


def wanted_sql(content: str) -> str:
    """Names (kind, name) and the dates they stand on, by which items related to those of a relation are found."""
    return f"""
SELECT 'contact' AS kind, item_id AS name, business_date FROM {content} WHERE item_kind = 'contact'
UNION SELECT 'contact', previous_contact_id, business_date FROM {content} WHERE previous_contact_id IS NOT NULL
UNION SELECT 'case', case_id, business_date FROM {content} WHERE case_id IS NOT NULL
UNION SELECT 'claim', claim_id, business_date FROM {content} WHERE claim_id IS NOT NULL
UNION SELECT 'thread', thread_id, business_date FROM {content} WHERE thread_id IS NOT NULL
UNION SELECT 'customer', customer_id, business_date FROM {content} WHERE customer_id IS NOT NULL AND topic IS NOT NULL
"""


def topic_tables(enterprise: Enterprise) -> dict[str, pa.Table]:
    """What `ITEMS_SQL` looks topics up in: line of business per queue, and per kind of claim that of the queue at work on it."""
    queues = enterprise.queues.values()
    claims = {kind: queue.line_of_business for queue in queues for kind in queue.work_of_claims}
    return {
        "queue_topics": _table("queue_id", {queue.id: queue.line_of_business for queue in queues}),
        "claim_topics": _table("line_of_business", claims),
    }


def _table(key: str, topics: dict[str, str]) -> pa.Table:
    return pa.table({key: pa.array(list(topics), pa.string()), "topic": pa.array(list(topics.values()), pa.string())})
