"""Every rule on mails, cases, claims, people, surveys and workstreams: silent on good rows, and showing the planted one."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.rule import Night
from expectations.suites import core, workstreams
from tests.support.example_day import DAY
from warehouse.tables.builder import example_rows
from warehouse.tables.core import (
    AGENT_STATES,
    AGENTS,
    CASE_EVENTS,
    CASES,
    CLAIM_EVENTS,
    CLAIMS,
    DRIVER_VALUES,
    INTERVAL_REPORTS,
    MESSAGES,
    SCHEDULES,
    SURVEYS,
)
from warehouse.tables.declaration import Table
from warehouse.tables.workstreams import WORKSTREAM_LINKS, WORKSTREAMS

Frames = dict[Table, pd.DataFrame]
BY_NAME = {rule.name: rule for rule in (*core.RULES, *workstreams.RULES)}
NINE = pd.Timestamp("2026-11-12T08:00Z")
HOUR = pd.Timedelta(hours=1)
MIDNIGHT = pd.Timestamp("2026-11-12T23:30Z")
"""Half an hour past midnight on the wall clock: the next day, though the same in UTC."""
GOOD: dict[Table, dict[str, Any]] = {
    INTERVAL_REPORTS: {
        "interval_start_utc": [NINE, NINE + HOUR], "offered_contacts": 9, "answered_contacts": 8, "abandoned_contacts": 1,
        "answered_within_contacts": 7,
    },
    MESSAGES: {"received_at": NINE, "handled_at": NINE + HOUR},
    CASES: {"opened_at": NINE, "resolved_at": NINE + HOUR, "closed_at": NINE + 2 * HOUR},
    CASE_EVENTS: {"changed_at": NINE},
    DRIVER_VALUES: {"driver": "mailings", "source_system": "marketing", "known_at": [NINE, NINE + HOUR]},
    CLAIMS: {"loss_date": DAY, "reported_at": NINE, "assessed_at": NINE + HOUR, "closed_at": NINE + 2 * HOUR},
    CLAIM_EVENTS: {"changed_at": NINE},
    AGENTS: {
        "agent_id": ["A1", "A2"], "valid_from": date(2024, 1, 1), "skills": "voice_claims:1.00; chat_service:0.85",
        "hired_on": date(2024, 1, 1), "left_on": [None, date(2025, 1, 1)],
    },
    AGENT_STATES: {
        "agent_id": "A1", "activity": ["break", "break"], "started_at": [NINE, NINE + HOUR],
        "ended_at": [NINE + HOUR, NINE + 2 * HOUR],
    },
    SCHEDULES: {
        "agent_id": "A1", "activity": ["voice_claims", "break"], "starts_at": [NINE, NINE + HOUR],
        "ends_at": [NINE + HOUR, NINE + 2 * HOUR],
    },
    SURVEYS: {"score": [10.0, 1.0], "scale_maximum": 10.0, "answered_at": NINE},
    WORKSTREAM_LINKS: {
        "item_kind": "case", "item_id": ["1", "2"], "segment": 1, "rule": ["first", "case"], "workstream_id": "case:1",
        "happened_at": NINE, "linked_kind": [None, "case"], "linked_id": [None, "1"], "inferred": False,
    },
    WORKSTREAMS: {
        "workstream_id": ["case:1", "case:0"], "opened_at": NINE, "first_contact_at": NINE, "last_contact_at": NINE + HOUR,
        "resolved_at": NINE + 2 * HOUR, "in_contact_seconds": 3600.0, "waiting_on_us_seconds": 1800.0,
        "waiting_on_customer_seconds": 1800.0, "resolution_seconds": 7200.0,
    },
}  # fmt: skip
FAULTS: list[tuple[str, Table, dict[str, Any], str]] = [
    ("report_adds_up", INTERVAL_REPORTS, {"answered_within_contacts": 9}, "9 in time of 8"),
    (
        "interval_reports_on_their_day",
        INTERVAL_REPORTS,
        {"interval_start_utc": MIDNIGHT},
        "2026-11-13 00:30 filed under 2026-11-12",
    ),
    ("replies_follow_mails", MESSAGES, {"handled_at": NINE - HOUR}, "reply 2026-11-12 07:00"),
    ("messages_on_their_day", MESSAGES, {"received_at": MIDNIGHT}, "filed under 2026-11-12"),
    ("case_times_in_order", CASES, {"resolved_at": NINE - HOUR}, "done 2026-11-12 07:00"),
    ("case_times_in_order", CASES, {"closed_at": NINE - HOUR}, "opened 2026-11-12 08:00"),
    ("cases_on_their_day", CASES, {"opened_at": MIDNIGHT - 48 * HOUR}, "2026-11-11 00:30"),
    ("case_events_on_their_day", CASE_EVENTS, {"changed_at": MIDNIGHT}, "filed under"),
    ("claim_times_in_order", CLAIMS, {"loss_date": DAY + timedelta(days=1)}, "lost 2026-11-13"),
    ("claim_times_in_order", CLAIMS, {"assessed_at": NINE - HOUR}, "done 2026-11-12 07:00"),
    ("claims_on_their_day", CLAIMS, {"reported_at": MIDNIGHT}, "filed under"),
    ("claim_events_on_their_day", CLAIM_EVENTS, {"changed_at": MIDNIGHT}, "filed under"),
    ("skills_name_queues", AGENTS, {"skills": "voice_fax:1.00;voice_claims:1.00"}, "skill 'voice_fax' of 1 agents"),
    ("contracts_in_order", AGENTS, {"left_on": date(2023, 1, 1)}, "agent A1 hired 2024-01-01, left 2023-01-01"),
    ("states_end_after_they_start", AGENT_STATES, {"ended_at": NINE - HOUR}, "to 2026-11-12 07:00"),
    ("states_end_after_they_start", AGENT_STATES, {"ended_at": NINE + 25 * HOUR}, "to 2026-11-13 09:00"),
    ("states_do_not_overlap", AGENT_STATES, {"ended_at": NINE + 2 * HOUR}, "break until 2026-11-12 10:00"),
    ("agent_states_on_their_day", AGENT_STATES, {"started_at": NINE - 24 * HOUR}, "filed under"),
    ("planned_spans_in_order", SCHEDULES, {"ends_at": NINE}, "to 2026-11-12 08:00"),
    ("planned_spans_do_not_overlap", SCHEDULES, {"ends_at": NINE + 2 * HOUR}, "voice_claims until 2026-11-12 10:00"),
    ("schedules_on_their_day", SCHEDULES, {"starts_at": NINE - 24 * HOUR}, "filed under"),
    ("scores_within_scale", SURVEYS, {"score": 11.0}, "11.0 of 10.0"),
    ("driver_values_declared", DRIVER_VALUES, {"driver": "visits"}, "1 values of 'visits' from marketing"),
    ("surveys_on_their_day", SURVEYS, {"answered_at": MIDNIGHT}, "filed under"),
    ("link_says_what_it_is", WORKSTREAM_LINKS, {"inferred": True}, "case 1 by first to nothing"),
    ("link_says_what_it_is", WORKSTREAM_LINKS, {"rule": "thread"}, "case 1 by thread to nothing"),
    ("workstream_links_on_their_day", WORKSTREAM_LINKS, {"happened_at": MIDNIGHT}, "filed under"),
    ("begun_workstreams_are_there", WORKSTREAMS, {"workstream_id": "case:9"}, "no workstream case:1"),
    ("workstream_times_in_order", WORKSTREAMS, {"first_contact_at": NINE - HOUR}, "first contact 2026-11-12 07:00"),
    ("workstream_times_in_order", WORKSTREAMS, {"resolved_at": NINE - HOUR}, "resolved 2026-11-12 07:00"),
    ("spans_make_the_resolution", WORKSTREAMS, {"waiting_on_us_seconds": 900.0}, "7200.0 seconds, its spans 6300.0"),
    ("workstreams_on_their_day", WORKSTREAMS, {"opened_at": MIDNIGHT}, "filed under"),
]


@pytest.fixture(scope="module")
def good() -> Frames:
    """Two good rows of every table."""
    dated = {table: {} if table is AGENTS else {"business_date": DAY} for table in GOOD}
    return {table: example_rows(table, 2, **dated[table], **values) for table, values in GOOD.items()}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_good_rows_are_looked_at_and_nothing_is_said_of_them(name: str, enterprise: Enterprise, good: Frames) -> None:
    seen = BY_NAME[name].evidence(Night(enterprise, DAY, good))
    assert seen["rows_checked"].sum() > 0
    assert seen["holds"].all(), seen.to_dict("records")


@pytest.mark.parametrize(("name", "table", "fault", "words"), FAULTS, ids=[f"{f[0]}-{n}" for n, f in enumerate(FAULTS)])
def test_the_planted_row_is_found_and_shown(
    name: str, table: Table, fault: dict[str, Any], words: str, enterprise: Enterprise, good: Frames
) -> None:
    frame = good[table].copy()
    for column, value in fault.items():
        frame.loc[0, column] = value
    seen = BY_NAME[name].evidence(Night(enterprise, DAY, good | {table: frame}))
    assert seen["rows_failed"].sum() == 1, seen.to_dict("records")
    assert any(words in text for text in seen["seen"]), seen["seen"].to_list()


def test_every_rule_has_a_planted_fault() -> None:
    assert {fault[0] for fault in FAULTS} == set(BY_NAME)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_tables_without_rows_break_no_rule(name: str, enterprise: Enterprise, empty: Frames) -> None:
    assert BY_NAME[name].evidence(Night(enterprise, DAY, empty))["holds"].all()
