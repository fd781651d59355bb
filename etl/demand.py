"""What counts as demand: one definition per queue, applied to history and actuals alike (pure)."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from enterprise.queues import Queue

RULES_SCHEMA = pa.schema(
    [
        ("queue_id", pa.string()),
        ("short_abandon_seconds", pa.float64()),
        ("count_transfers_in", pa.bool_()),
        ("count_timed_out", pa.bool_()),
        ("answer_within_seconds", pa.float64()),
    ]
)

COUNTS_SQL = """
    NOT (c.outcome = 'abandoned' AND c.wait_seconds < r.short_abandon_seconds)
    AND (r.count_transfers_in OR c.arrived_by <> 'transfer')
    AND (r.count_timed_out OR c.outcome <> 'timed_out')
"""
"""Whether a contact segment `c` counts by the rules `r` of its queue.

Who gives up sooner than `short_abandon_seconds` never was demand; a contact handed over by another queue, and one that left
unanswered for another, count or not as the queue's settings say. With both left out every contact counts once in the enterprise.
"""


def demand_rules(queues: Iterable[Queue]) -> pa.Table:
    """The demand definition of each queue as one row, with the threshold of its service goal.

    Example:
        >>> demand_rules([]).num_rows
        0
    """
    rows = [
        {
            "queue_id": queue.id,
            "short_abandon_seconds": queue.demand.short_abandon_seconds,
            "count_transfers_in": queue.demand.count_transfers_in,
            "count_timed_out": queue.demand.count_timed_out,
            "answer_within_seconds": queue.service_goal.seconds,
        }
        for queue in queues
        if not queue.is_deferred
    ]
    return pa.Table.from_pylist(rows, schema=RULES_SCHEMA)
