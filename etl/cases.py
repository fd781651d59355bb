"""Cases and their history: when the work was done, how often it came back, and whether it went up the line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.tables.core import CASES

_DONE = r"^\s*(closed|resolved|solved|completed|done)\b"
"""Statuses of a case whose work is done, as CRM systems name them: `Closed`, `Resolved`, `Closed - no action` ..."""


def resolved(cases: pa.Table, events: pa.Table) -> pa.Table:
    """The cases with `resolved_at`, `reopened_count` and `escalated` as their history tells.

    - `resolved_at`: the first change to a resolved or closed status after the case was last opened again; where the history
      holds none, the date of closing. Missing while the case is open (also while it is open again).
    - `reopened_count`: changes from a resolved or closed status back to another one; at least what the case itself says.
    - `escalated`: the case says so, or its status or its escalation flag ever did.
    - A case that was deleted (a change to status `deleted`, or `IsDeleted`) and not changed afterwards is no work any more: it
      ended when it was deleted, where it had not ended before.

    A change that arrives tonight may concern an older case: give the cases touched tonight with all events known of them and
    rewrite the partitions of the cases that changed. Applying it again changes nothing.

    Args:
        cases: rows of CASES, each case once.
        events: rows of CASE_EVENTS: all that are known of these cases; events of other cases are left aside.

    Returns:
        The same rows in the same order, exactly the declared columns.
    """
    cases = cases.select(CASES.column_names)
    events = events.filter(pc.is_in(events.column("case_id"), cases.column("case_id")))
    field = pc.utf8_lower(events.column("field_name"))
    ended = pc.fill_null(pc.equal(pc.utf8_lower(events.column("new_value")), "deleted"), False)
    told = _from_statuses(events.filter(pc.and_(pc.equal(field, "status"), pc.invert(ended))))
    flagged = events.filter(
        pc.or_(
            pc.and_(
                pc.equal(field, "isescalated"), pc.fill_null(pc.is_in(pc.utf8_lower(events.column("new_value")), _TRUE), False)
            ),
            pc.and_(
                pc.equal(field, "status"),
                pc.fill_null(pc.starts_with(pc.utf8_lower(events.column("new_value")), "escalated"), False),
            ),
        )
    )
    frame = told.reindex(cases.column("case_id").to_pylist())
    closed = cases.column("closed_at")
    known = pa.array(frame["known"].fillna(False).to_numpy(dtype=bool))
    reopened_open = pa.array(frame["open_again"].fillna(False).to_numpy(dtype=bool))
    done = pa.array(frame["done_us"].astype("Int64"), type=pa.int64()).cast(closed.type)
    resolved_at = pc.if_else(known, pc.if_else(pc.is_valid(done), done, closed), closed)
    # A closing date that stands although the history ends open is older than the re-opening: the work is back.
    resolved_at = pc.if_else(reopened_open, pa.scalar(None, closed.type), resolved_at)
    deleted = _deleted_at(cases, events)
    resolved_at = pc.coalesce(resolved_at, deleted)
    reopened = pa.array(frame["reopened"].fillna(0).to_numpy(dtype=np.int64))
    return _with(
        cases,
        resolved_at=resolved_at,
        closed_at=pc.coalesce(closed, deleted),
        reopened_count=pc.max_element_wise(reopened, cases.column("reopened_count")),
        escalated=pc.or_(cases.column("escalated"), pc.is_in(cases.column("case_id"), flagged.column("case_id").unique())),
    )


_TRUE = pa.array(["true", "1", "yes"])


def _deleted_at(cases: pa.Table, events: pa.Table) -> pa.ChunkedArray:
    """When each case was last deleted; missing for those that stand, or were changed after it (restored)."""
    field, value = pc.utf8_lower(events.column("field_name")), pc.utf8_lower(events.column("new_value"))
    by_status = pc.and_(pc.equal(field, "status"), pc.equal(value, "deleted"))
    by_flag = pc.and_(pc.equal(field, "isdeleted"), pc.is_in(value, _TRUE))
    last = events.filter(pc.or_(by_status, by_flag)).group_by("case_id").aggregate([("changed_at", "max")])
    at = last.column("changed_at_max").take(pc.index_in(cases.column("case_id"), last.column("case_id")))
    opened = cases.column("opened_at")
    at = pc.if_else(pc.fill_null(pc.less(at, opened), False), opened, at)
    restored = pc.fill_null(pc.greater(cases.column("modified_at"), at), False)
    return pc.if_else(restored, pa.scalar(None, at.type), at)


def _from_statuses(changes: pa.Table) -> pd.DataFrame:
    """Per case: `reopened` times, `open_again` now, and `done_us`, the first done status since it was last opened again."""
    frame = pd.DataFrame(
        {
            "case": changes.column("case_id").to_pandas(),
            "event": changes.column("case_event_id").to_pandas(),
            "at": changes.column("changed_at").cast(pa.int64()).to_pandas(),
            "done": _is_done(changes.column("new_value")),
            "was_done": _is_done(changes.column("old_value")),
        }
    ).sort_values(["case", "at", "event"], kind="stable")
    again = frame["was_done"] & ~frame["done"]
    spell = again.groupby(frame["case"]).cumsum()
    last_spell = spell == spell.groupby(frame["case"]).transform("max")
    done_at = frame["at"].where(frame["done"] & last_spell)
    grouped = pd.DataFrame(
        {"case": frame["case"], "done_us": done_at.astype("Int64"), "again": again, "done": frame["done"]}
    ).groupby("case")
    told = grouped.agg(done_us=("done_us", "min"), reopened=("again", "sum"), ends_done=("done", "last"))
    told["open_again"] = (told["reopened"] > 0) & ~told["ends_done"].astype(bool)
    told["known"] = True
    return told


def _is_done(values: pa.ChunkedArray) -> np.ndarray:
    matched = pc.fill_null(pc.match_substring_regex(values, _DONE, ignore_case=True), False)
    return np.asarray(matched.to_numpy(), dtype=bool)


def _with(cases: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, values in columns.items():
        field = CASES.arrow_schema.field(name)
        cases = cases.set_column(cases.column_names.index(name), field, values.cast(field.type))
    return cases
