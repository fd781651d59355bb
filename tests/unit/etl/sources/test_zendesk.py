from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from enterprise.case_sources import ZendeskTickets
from etl.cases import resolved
from etl.sources import zendesk
from warehouse.lake import conformed
from warehouse.tables.core import CASE_EVENTS, CASES, SURVEYS

SETTINGS = ZendeskTickets(
    kind="zendesk_tickets", url="z/tickets-*.jsonl", leave_out=["group:500"], customer_field="360001", topic_field="360002",
    queues={"tag:complaint": "cases_complaints", "group:700": "cases_policy"},
)  # fmt: skip
NAMES = ("tickets-2026-11-12.jsonl", "ticket-events-2026-11-12.jsonl", "satisfaction-ratings-2026-11-12.jsonl")


@pytest.fixture
def exports(golden):
    return {name: golden(f"zendesk/{name}") for name in NAMES}


def latest(parsed):
    rows = sorted(parsed.tables[CASES].to_pylist(), key=lambda row: row["modified_at"])
    return {row["case_id"]: row for row in rows}


def test_tickets_are_cases_by_the_first_mark_that_fits(read_bytes, exports):
    parsed = read_bytes(zendesk, SETTINGS, {NAMES[0]: exports[NAMES[0]]})
    cases = latest(parsed)
    assert {case: row["queue_id"] for case, row in cases.items()} == {"src:101": "cases_policy", "src:102": "cases_complaints"}
    row = cases["src:101"]
    assert (row["customer_id"], row["topic"], row["owner_id"], row["escalated"]) == ("10000123", "address_change", "7001", True)
    assert (row["resolved_at"], row["reopened_count"]) == (datetime(2026, 11, 11, 10, tzinfo=UTC), 1)
    assert (row["business_date"], row["modified_at"]) == (date(2026, 11, 10), datetime(2026, 11, 11, 10, tzinfo=UTC))
    assert cases["src:102"]["closed_at"] is None
    assert {case: row["origin"] for case, row in cases.items()} == {"src:101": "email", "src:102": "web"}
    rules = {row["landing_row"]: row["rule"] for row in parsed.quarantine.to_pylist()}
    assert rules == {
        4: "unknown_queue", 5: "left_out_by_settings", 7: "ends_before_it_begins", 8: "unreadable_time", 9: "no_object",
    }  # fmt: skip
    (count,) = parsed.counts
    # Ten lines, of which one holds a rating besides its ticket; the last repeats the second.
    assert (count.rows_in, count.rows_kept, count.rows_quarantined, count.rows_duplicate) == (11, 5, 5, 1)


def test_the_rating_in_a_ticket_is_a_survey_unless_ratings_are_exported(read_bytes, exports):
    parsed = read_bytes(zendesk, SETTINGS, exports)
    assert sorted(parsed.tables[SURVEYS]["survey_id"].to_pylist()) == ["src:444", "src:444", "src:445"]
    own = SETTINGS.model_copy(update={"ratings_url": "z/satisfaction-*.jsonl"})
    rows = conformed(SURVEYS, read_bytes(zendesk, own, exports).tables[SURVEYS]).to_pylist()
    assert [(row["survey_id"], row["case_id"], row["score"], row["scale_maximum"]) for row in rows] == [
        ("src:444", "src:101", 1.0, 1.0), ("src:445", "src:102", 0.0, 1.0),
    ]  # fmt: skip
    assert (rows[0]["answered_at"], rows[0]["topic"]) == (datetime(2026, 11, 11, 12, tzinfo=UTC), "Fast")


def test_events_and_audits_tell_every_change_and_no_word_of_what_was_written(read_bytes, exports):
    parsed = read_bytes(zendesk, SETTINGS, exports)
    events = [row for row in parsed.tables[CASE_EVENTS].to_pylist() if row["case_id"] == "src:101"]
    assert [(row["field_name"], row["old_value"], row["new_value"]) for row in events] == [
        ("comment", None, "public"), ("status", "new", "solved"), ("assignee_id", None, "7001"), ("status", "solved", "open"),
        ("status", "open", "solved"), ("comment", None, "internal"), ("tags", "policy", "policy escalated"),
        ("update", None, None),
    ]  # fmt: skip
    assert len({row["case_event_id"] for row in events}) == len(events)
    for table in parsed.tables.values():
        assert "Never read" not in str(table.to_pylist())


def test_the_history_of_a_ticket_tells_when_it_was_done(read_bytes, exports):
    parsed = read_bytes(zendesk, SETTINGS, exports)
    cases = parsed.tables[CASES].slice(1, 1)
    (row,) = resolved(cases, parsed.tables[CASE_EVENTS]).to_pylist()
    assert (row["resolved_at"], row["reopened_count"]) == (datetime(2026, 11, 11, 10, tzinfo=UTC), 1)


def test_a_deleted_ticket_is_no_open_work_unless_it_is_restored(read_bytes, exports):
    deleted = read_bytes(zendesk, SETTINGS, exports).tables[CASE_EVENTS].to_pylist()[0]
    assert (deleted["case_id"], deleted["new_value"]) == ("src:105", "deleted")
    line = {"id": 105, "created_at": "2026-11-09T08:00:00Z", "status": "open", "group_id": 700}
    for updated, wanted in (("2026-11-10T08:00:00Z", datetime(2026, 11, 12, 8, 30, tzinfo=UTC)), ("2026-11-12T09:00:00Z", None)):
        before = json.dumps({**line, "updated_at": updated}).encode()
        parsed = read_bytes(zendesk, SETTINGS, {"tickets-1.jsonl": before + b"\n", NAMES[0]: exports[NAMES[0]]})
        cases = parsed.tables[CASES].slice(0, 1)
        (row,) = resolved(cases, parsed.tables[CASE_EVENTS]).to_pylist()
        assert (row["resolved_at"], row["closed_at"]) == (wanted, wanted)


@pytest.mark.parametrize("mark", ["700", "group:", "colour:red"])
def test_a_mark_that_chooses_nothing_is_refused(mark):
    with pytest.raises(ValidationError, match="chooses no tickets"):
        ZendeskTickets(kind="zendesk_tickets", url="x", queues={mark: "cases_policy"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["deleted", "good"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type"]) | st.text(max_size=3), inner),
    max_leaves=5,
)  # fmt: skip
MEMBERS = [
    "id", "ticket_id", "status", "created_at", "updated_at", "generated_timestamp", "group_id", "tags", "via", "metric_set",
    "custom_fields", "satisfaction_rating", "events", "child_events", "score",
]  # fmt: skip
LINES = st.lists(
    st.dictionaries(st.sampled_from(MEMBERS), JSON).map(lambda row: json.dumps(row).encode())
    | st.sampled_from([b"[" * 900 + b"]" * 900, b'{"id":1,"ticket_id":2,"events":' + b"[" * 900 + b"]" * 900 + b"}"])
    | st.binary(max_size=20),
    max_size=6,
).map(b"\n".join)  # fmt: skip


def test_every_line_is_accounted_for_whatever_it_holds(read_bytes):
    @settings(max_examples=100, deadline=None)
    @given(LINES)
    def check(content):
        parsed = read_bytes(zendesk, SETTINGS, {"tickets-1.jsonl": content}).checked()
        lines = len([line for line in set(content.split(b"\n")) if line.strip()])
        assert parsed.counts[0].rows_in >= lines
        for table, rows in parsed.tables.items():
            conformed(table, rows)

    check()
