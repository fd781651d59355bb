from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.sources import WorkforceFiles
from etl.activity_events import ACTIVITY_EVENTS
from etl.sources import workforce
from warehouse.lake import conformed
from warehouse.tables.core import AGENT_STATES, AGENTS, SCHEDULES

SETTINGS = WorkforceFiles(
    kind="workforce", agents_url="w/agents.csv", schedules_url="w/schedules-*.csv", activities_url="w/activities-*.csv"
)


@pytest.fixture
def parsed(read_bytes, golden):
    names = ("agents.csv", "schedules-2026-10.csv", "activities-2026-11.csv")
    return read_bytes(workforce, SETTINGS, {name: golden(f"workforce/{name}") for name in names}, {"email_claims": None})


def put_aside(parsed, table):
    return {row["landing_row"]: row["rule"] for row in parsed.quarantine.to_pylist() if row["table_name"] == table.name}


def test_agents_keep_skills_contract_and_cost(parsed):
    rows = conformed(AGENTS, parsed.tables[AGENTS]).to_pylist()
    assert [row["agent_id"] for row in rows] == ["A0001", "A0005"]
    assert (rows[0]["skills"], rows[0]["hourly_cost"], rows[0]["site_id"]) == (
        "voice_claims:1.00;voice_service:0.85",
        31.5,
        "zwolle",
    )
    assert rows[0]["hired_on"] == date(2024, 8, 30)
    assert put_aside(parsed, AGENTS) == {3: "unreadable_skills", 4: "unreadable_number", 5: "ends_before_it_begins"}


def test_a_span_over_the_clock_change_lasts_an_hour(parsed):
    rows = conformed(SCHEDULES, parsed.tables[SCHEDULES]).to_pylist()
    assert (rows[0]["ends_at"] - rows[0]["starts_at"]).total_seconds() == 3600
    assert rows[1]["starts_at"] == datetime(2026, 10, 26, 11, tzinfo=UTC), "times without offset are local"
    assert put_aside(parsed, SCHEDULES) == {
        4: "ends_before_it_begins", 5: "span_too_long", 6: "missing_value", 7: "missing_value",
    }  # fmt: skip


def test_an_activity_may_last_still_and_work_on_a_queue_names_it(parsed):
    rows = conformed(AGENT_STATES, parsed.tables[AGENT_STATES]).to_pylist()
    assert [(row["queue_id"], row["ended_at"] is None) for row in rows] == [("email_claims", False), (None, True)]


def test_log_ins_and_starts_are_kept_as_events_until_those_of_all_nights_are_there(read_bytes, golden):
    content = {"activities-events.csv": golden("workforce/activity-events-2026-11.csv")}
    parsed = read_bytes(workforce, SETTINGS, content, {"email_claims": None})
    rows = sorted(conformed(ACTIVITY_EVENTS, parsed.tables[ACTIVITY_EVENTS]).to_pylist(), key=lambda row: row["landing_row"])
    assert [(row["agent_id"], row["activity"], f"{row['occurred_at']:%H:%M}", row["begins"]) for row in rows] == [
        ("A0169", "logged_in", "06:58", True), ("A0169", "email_claims", "07:00", True),
        ("A0169", "email_claims", "09:00", False), ("A0169", "training", "09:15", True),
        ("A0169", "logged_in", "15:30", False), ("A0170", "logged_in", "07:00", True),
        ("A0170", "logged_in", "11:30", True), ("A0170", "logged_in", "16:00", False), ("A0171", "logged_in", "05:00", False),
        ("A0171", "logged_in", "21:00", True),
    ]  # fmt: skip
    assert {(f"{row['file_first_at']:%d %H:%M}", f"{row['file_last_at']:%d %H:%M}") for row in rows} == {("12 05:00", "12 21:00")}
    assert [row["queue_id"] for row in rows] == [None, "email_claims", "email_claims", *[None] * 7]
    assert [row["row_text"] for row in rows if row["agent_id"] == "A0171"] == ["A0171,log_out,2026-11-12T06:00:00+01:00,", None]
    assert put_aside(parsed, ACTIVITY_EVENTS) == {
        12: "unknown_event", 13: "missing_value", 14: "unreadable_time", 15: "missing_value",
    }  # fmt: skip
    (count,) = parsed.counts
    assert (count.rows_in, count.rows_kept) == (14, 10)


def test_nobody_works_on_two_queues_at_once(read_bytes):
    content = (
        b"agent_id,activity_code,started_at,ended_at\n"
        b"A1,email_claims,2026-11-12T08:00:00Z,2026-11-12T10:00:00Z\n"
        b"A1,cases,2026-11-12T09:00:00Z,2026-11-12T11:00:00Z\n"
        b"A1,lunch,2026-11-12T09:00:00Z,2026-11-12T09:30:00Z\n"
        b"A2,cases,2026-11-12T09:00:00Z,2026-11-12T11:00:00Z\n"
        b"A1,cases,2026-11-12T10:00:00Z,2026-11-12T11:00:00Z\n"
    )
    parsed = read_bytes(workforce, SETTINGS, {"activities-1.csv": content}, {"email_claims": None, "cases": None})
    assert put_aside(parsed, AGENT_STATES) == {3: "overlaps_another_span"}
    assert parsed.tables[AGENT_STATES].num_rows == 4


def test_contracts_change_over_time(read_bytes):
    content = (
        b"agent_id,skills,contract_hours_per_week,valid_from\n"
        b"A1,voice_claims:0.8,36,\nA1,voice_claims:0.9,24,2026-12-01\nA2,,20,soon\n"
    )
    parsed = read_bytes(workforce, SETTINGS, {"agents.csv": content})
    rows = conformed(AGENTS, parsed.tables[AGENTS]).to_pylist()
    assert [(row["valid_from"], row["contract_hours_per_week"]) for row in rows] == [
        (date(1970, 1, 1), 36.0), (date(2026, 12, 1), 24.0),
    ]  # fmt: skip
    assert put_aside(parsed, AGENTS) == {4: "unreadable_date"}


ROWS = st.lists(
    st.sampled_from(
        [
            "A1,x,2026-03-29 02:30,2026-03-29 03:30",
            "A1,x,2026-10-25 02:30,",
            ",,,",
            "A1,x",
            "A1,x,1,2",
            "A1,é\x00,2,3",
            "A1,log_in,2026-10-25 02:30,",
            "A1,log_out,2026-10-25 02:30,",
            "A1,stop,2026-10-25 12:30,lunch",
        ]
    )
    | st.text(max_size=30),
    max_size=10,
).map("\n".join)


def test_every_row_is_accounted_for_whatever_the_text(read_bytes):
    @settings(max_examples=60, deadline=None)
    @given(ROWS, st.sampled_from(["utf-8", "utf-16", "latin-1"]), st.booleans())
    def check(body, encoding, events):
        header = "agent_id,event,occurred_at,activity_code\n" if events else "agent_id,activity,starts_at,ends_at\n"
        name = "activities-1.csv" if events else "schedules-1.csv"
        read_bytes(workforce, SETTINGS, {name: (header + body).encode(encoding, "replace")}).checked()

    check()
