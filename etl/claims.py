"""Claims and their history: when the work of the claims queue was done."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.tables.core import CLAIMS


def assessed(claims: pa.Table, events: pa.Table, status: str) -> pa.Table:
    """The claims with `assessed_at` = their first event of that status.

    An event that arrives tonight may concern a claim of last month: give the claims touched tonight (by a row of their own or by
    an event) with all events known of them, and rewrite the partitions of the claims that changed. The result depends on the
    events alone, so that applying it again changes nothing.

    Args:
        claims: rows of CLAIMS, each claim once.
        events: rows of CLAIM_EVENTS: all that are known of these claims; events of other claims are left aside.
        status: status whose first event ends the work of the claims queue, compared without regard to case.

    Returns:
        The same rows in the same order, exactly the declared columns; `assessed_at` is missing where no such event is known.
    """
    claims = claims.select(CLAIMS.column_names)
    wanted = pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(events.column("status"))), status.strip().lower())
    first = events.filter(wanted).group_by("claim_id").aggregate([("changed_at", "min")])
    found = first.column("changed_at_min").take(pc.index_in(claims.column("claim_id"), first.column("claim_id")))
    field = CLAIMS.arrow_schema.field("assessed_at")
    return claims.set_column(claims.column_names.index("assessed_at"), field, found.cast(field.type))
