from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.sources import WorkforceFiles
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


ROWS = st.lists(
    st.sampled_from(
        ["A1,x,2026-03-29 02:30,2026-03-29 03:30", "A1,x,2026-10-25 02:30,", ",,,", "A1,x", "A1,x,1,2", "A1,é\x00,2,3"]
    )
    | st.text(max_size=30),
    max_size=10,
).map("\n".join)


def test_every_row_is_accounted_for_whatever_the_text(read_bytes):
    @settings(max_examples=60, deadline=None)
    @given(ROWS, st.sampled_from(["utf-8", "utf-16", "latin-1"]))
    def check(body, encoding):
        content = ("agent_id,activity,starts_at,ends_at\n" + body).encode(encoding, "replace")
        read_bytes(workforce, SETTINGS, {"schedules-1.csv": content}).checked()

    check()
