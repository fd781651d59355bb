from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.case_spells import CASE_SPELLS_SQL
from etl.cases import resolved
from warehouse.tables.core import CASE_EVENTS, CASES

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours):
    return DAY + timedelta(hours=hours)


def rows_of(table, rows):
    filled = [{"source_system": "src", "landing_file": "f", "landing_row": 1, "business_date": DAY.date(), **row} for row in rows]
    return pa.Table.from_pylist(filled, schema=table.arrow_schema)


def case(closed=None, modified=100):
    return rows_of(
        CASES,
        [
            {"case_id": "c", "queue_id": "q", "opened_at": at(0), "closed_at": closed, "resolved_at": closed, "reopened_count": 0,
             "escalated": False, "modified_at": at(modified)}
        ],
    )  # fmt: skip


def history(*statuses, name="Status"):
    """Changes (hour, status) one after the other, from New on."""
    before = ["New", *(status for _, status in statuses)]
    fixed = {"case_id": "c", "field_name": name}
    return rows_of(
        CASE_EVENTS,
        [
            {"case_event_id": f"e{place:03d}", **fixed, "old_value": before[place], "new_value": status, "changed_at": at(hour)}
            for place, (hour, status) in enumerate(statuses)
        ],
    )  # fmt: skip


@cache
def memory():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    return connection


def spells(cases, events):
    connection = memory()
    connection.register("cases", cases)
    connection.register("case_events", events)
    found = connection.sql(f"SELECT arrived_at, done_at FROM ({CASE_SPELLS_SQL}) ORDER BY arrived_at").to_arrow_table()
    columns = [[None if one is None else (one - DAY) / timedelta(hours=1) for one in column.to_pylist()] for column in found]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize(
    ("statuses", "closed", "wanted"),
    [
        ((), None, [(0, None)]),
        ((), 9, [(0, 9)]),
        (((1, "Working"), (2, "Resolved"), (3, "Closed")), 3, [(0, 2)]),
        (((2, "Resolved"), (5, "Working")), None, [(0, 2), (5, None)]),
        (((2, "Resolved"), (5, "Working"), (7, "Closed")), 7, [(0, 2), (5, 7)]),
        (((2, "Resolved"), (5, "Working"), (6, "Solved"), (8, "Open")), None, [(0, 2), (5, 6), (8, None)]),
    ],
)
def test_a_case_is_work_from_its_opening_and_again_from_every_re_opening(statuses, closed, wanted):
    events = history(*statuses)
    cases = resolved(case(None if closed is None else at(closed)), events)
    assert spells(cases, events) == wanted


def test_a_history_that_begins_with_a_re_opening_ends_the_spell_before_it_there():
    events = history((2, "Closed"), (5, "Working")).slice(1)
    assert spells(resolved(case(), events), events) == [(0, 5), (5, None)]


def test_a_deleted_case_ends_when_it_was_deleted_also_after_a_re_opening():
    events = pa.concat_tables([history((2, "Resolved"), (5, "Working")), history((9, "true"), name="IsDeleted")])
    gone = resolved(case(modified=9), events)
    assert spells(gone, events) == [(0, 2), (5, 9)]
    assert spells(resolved(case(modified=10), events), events) == [(0, 2), (5, None)], "changed afterwards: restored"


STATUSES = st.lists(st.sampled_from(["New", "Working", "Resolved", "Closed", "Escalated"]), max_size=8)


@settings(max_examples=40, deadline=None)
@given(STATUSES, st.integers(0, 9))
def test_what_happens_later_never_changes_whether_a_case_was_open(statuses, cut_off):
    """As known at a cut-off, by the history up to it alone, or by all of it: the case is open by both or by neither."""

    def is_open(known):
        status = [status for _, status in known][-1:] or ["New"]
        closed = at(known[-1][0]) if status[0] == "Closed" else None
        events = history(*known)
        found = spells(resolved(case(closed), events), events)
        return any(arrived <= cut_off and (done is None or done > cut_off) for arrived, done in found)

    changes = [(place + 1, status) for place, status in enumerate(statuses)]
    assert is_open(changes) == is_open([change for change in changes if change[0] <= cut_off])
