"""The summaries of single rows: what each of their counts counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from expectations.row_summaries import feed_days, queue_days
from warehouse.lake import Lake
from warehouse.tables.core import CASE_EVENTS, CASES, CLAIMS, CONTACTS, INTERVAL_REPORTS
from warehouse.tables.declaration import Table

DAY = date(2026, 11, 12)
NINE = datetime(2026, 11, 12, 8, tzinfo=UTC)


def call(number: int, after: float, wait: float = 5, handle: float = 100, **other: Any) -> dict[str, Any]:
    """A call that came `after` seconds after nine."""
    came = NINE + timedelta(seconds=after)
    answered = came + timedelta(seconds=wait)
    row = dict.fromkeys(CONTACTS.column_names) | {
        "contact_id": f"acd:{number:06d}", "segment": 1, "business_date": DAY, "channel": "voice", "direction": "inbound",
        "queue_id": "voice", "customer_id": f"c{number}", "agent_id": "anna", "arrived_at": came, "answered_at": answered,
        "ended_at": answered + timedelta(seconds=handle), "wait_seconds": wait, "talk_seconds": handle, "hold_seconds": 0.0,
        "wrap_seconds": 0.0, "handle_seconds": handle, "outcome": "answered", "arrived_by": "customer", "source_system": "acd",
        "landing_file": "f", "landing_row": 1,
    }  # fmt: skip
    return row | other


def lake_of(folder: Path, rows: dict[Table, list[dict[str, Any]]]) -> Lake:
    lake = Lake(str(folder))
    for table, given in rows.items():
        lake.replace(table, pd.DataFrame(given, columns=table.column_names), DAY)
    return lake


def fed(lake: Lake) -> list[dict[str, Any]]:
    return _records(feed_days(lake.connect(), lake, DAY, DAY))


def summed(lake: Lake, first: date = DAY) -> list[dict[str, Any]]:
    return _records(queue_days(lake.connect(), lake, first, DAY))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def profile(folder: Path, *calls: dict[str, Any]) -> dict[str, Any]:
    return summed(lake_of(folder, {CONTACTS: list(calls)}))[0]


def test_a_row_with_another_id_alone_is_no_twin_or_a_second_call_is_one(tmp_path: Path) -> None:
    first = call(1, 0)
    twin, later = first | {"contact_id": "copy:1"}, call(1, 600, contact_id="acd:2")
    assert profile(tmp_path, first, twin, later)["twin_rows"] == 1


def test_an_agent_in_two_calls_goes_unnoticed_or_one_call_after_the_other_does_not(tmp_path: Path) -> None:
    assert profile(tmp_path, call(1, 0), call(2, 40), call(3, 400))["overlapping_rows"] == 1


def test_a_customer_who_waited_for_a_busy_agent_counts_as_one_who_waited_for_an_idle_one(tmp_path: Path) -> None:
    found = profile(tmp_path, call(1, 0, handle=100), call(2, 60, wait=50), call(3, 900, wait=50))
    assert (found["waited_rows"], found["idle_waited_rows"]) == (2, 1)


def test_handle_times_of_another_unit_look_as_they_should(tmp_path: Path) -> None:
    rows = [
        call(1, 0, handle_seconds=100_000.0),
        call(2, 400, handle_seconds=1.7),
        call(3, 800),
        call(4, 1200, handle_seconds=0.0),
    ]
    found = profile(tmp_path, *rows)
    assert (found["overlong_handle_rows"], found["short_handle_rows"], found["zero_handle_rows"]) == (1, 2, 1)


def test_empty_columns_are_not_counted(tmp_path: Path) -> None:
    found = profile(tmp_path, call(1, 0, customer_id=None), call(2, 400, agent_id=None), call(3, 900))
    assert (found["item_rows"], found["customer_missing_rows"], found["agent_missing_rows"]) == (3, 1, 1)


def test_a_report_is_lost_where_no_single_rows_are(tmp_path: Path) -> None:
    row = dict.fromkeys(INTERVAL_REPORTS.column_names) | {
        "queue_id": "voice", "interval_start_utc": NINE, "reported_as": "acd:v", "business_date": DAY, "offered_contacts": 7,
        "source_system": "acd", "landing_file": "f", "landing_row": 1,
    }  # fmt: skip
    found = summed(lake_of(tmp_path, {INTERVAL_REPORTS: [row]}))
    assert [(one["queue_id"], one["reported_contacts"]) for one in found] == [("voice", 7)]


def test_events_of_a_case_that_is_not_there_are_taken_for_known_ones(tmp_path: Path) -> None:
    made = {"source_system": "crm", "landing_file": "f", "landing_row": 1, "business_date": DAY}
    case = dict.fromkeys(CASES.column_names) | made | {
        "case_id": "crm:1", "queue_id": "cases", "opened_at": NINE, "reopened_count": 0, "escalated": False,
    }  # fmt: skip
    event = {"field_name": "Status", "changed_at": NINE + timedelta(hours=1)}
    events = [
        dict.fromkeys(CASE_EVENTS.column_names) | made | event | {"case_event_id": f"e{number}", "case_id": f"crm:{number}"}
        for number in (1, 2)
    ]  # fmt: skip
    found = fed(lake_of(tmp_path, {CASES: [case], CASE_EVENTS: events}))
    assert [(one["source_system"], one["link_rows"], one["orphan_rows"]) for one in found] == [("crm", 2, 1)]


def test_gaps_in_running_numbers_are_not_seen(tmp_path: Path) -> None:
    calls = [call(number, 10 * number) for number in range(100, 150) if number % 5]
    found = fed(lake_of(tmp_path, {CONTACTS: calls}))
    assert found[0]["number_rows"] / found[0]["number_span"] == pytest.approx(40 / 49)


def test_a_row_told_again_without_a_name_in_the_same_second_leaves_no_trace(tmp_path: Path) -> None:
    nameless = call(2, 0, customer_id=None, agent_id=None)
    found = profile(tmp_path, call(1, 0), nameless, call(3, 1), call(4, 600))
    assert (found["same_second_rows"], found["twin_rows"]) == (1, 0)


def test_a_second_system_with_a_late_clock_goes_unnoticed_or_a_customer_who_calls_again_does_not(tmp_path: Path) -> None:
    found = profile(tmp_path, call(1, 0), call(2, 3, customer_id="c1"), call(3, 300, customer_id="c1"), call(4, 303))
    assert found["echo_rows"] == 1


def test_a_transfer_counts_as_a_customer_who_came_twice(tmp_path: Path) -> None:
    found = profile(tmp_path, call(1, 0), call(1, 20, segment=2))
    assert (found["echo_rows"], found["same_customer_rows"]) == (0, 1)


def test_rows_of_a_day_before_that_stand_there_again_are_not_seen_or_a_regular_caller_is_taken_for_one(tmp_path: Path) -> None:
    before, day = DAY - timedelta(days=7), timedelta(days=7)
    old = [call(number, 7 * number) for number in (1, 2, 3)]
    old = [
        row | {"business_date": before, **{name: row[name] - day for name in ("arrived_at", "answered_at", "ended_at")}}
        for row in old
    ]
    again, later = call(11, 7, customer_id="c1"), call(12, 500, customer_id="c2")
    lake = Lake(str(tmp_path))
    for date_of, rows in ((before, old), (DAY, [again, later])):
        lake.replace(CONTACTS, pd.DataFrame(rows, columns=CONTACTS.column_names), date_of)
    found = summed(lake, before)
    assert [(one["business_date"], one["returned_rows"]) for one in found] == [(before, 0), (DAY, 1)]


def test_test_calls_of_one_number_are_taken_for_many_customers(tmp_path: Path) -> None:
    calls = [call(number, 100 * number, customer_id="test" if number % 2 else f"c{number}") for number in range(9)]
    assert profile(tmp_path, *calls)["same_customer_rows"] == 4


def test_claims_that_came_twice_are_not_looked_at(tmp_path: Path) -> None:
    made = {"source_system": "claims", "landing_file": "f", "landing_row": 1, "business_date": DAY}
    rows = [
        dict.fromkeys(CLAIMS.column_names) | made | {
            "claim_id": f"CL{number}", "customer_id": "c", "line_of_business": "motor", "region": "west", "peril": "glass",
            "loss_date": DAY, "reported_at": NINE + timedelta(seconds=3 * number), "policy_id": "p",
        }
        for number in (0, 1)
    ]  # fmt: skip
    found = summed(lake_of(tmp_path, {CLAIMS: rows}))
    assert [(one["queue_id"], one["item_rows"], one["echo_rows"]) for one in found] == [("claims of motor", 2, 1)]


def test_an_agent_in_a_call_of_the_eve_is_free_where_days_are_summed_up_by_the_week(tmp_path: Path) -> None:
    eve, lake = DAY - timedelta(days=1), Lake(str(tmp_path))
    # The last second of a day of which a week of days ends, and the first of the next one.
    for day, rows in ((eve, [call(1, -32405, business_date=eve, handle=100)]), (DAY, [call(2, -32395, business_date=DAY)])):
        lake.replace(CONTACTS, pd.DataFrame(rows, columns=CONTACTS.column_names), day)
    found = summed(lake, DAY - timedelta(days=7))
    assert [(one["business_date"], one["overlapping_rows"]) for one in found] == [(eve, 0), (DAY, 1)]


def test_a_day_that_was_summed_up_is_not_read_again_or_one_that_was_written_anew_is_not(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, {CONTACTS: [call(1, 0), call(2, 600)]})
    first = summed(lake, DAY - timedelta(days=9))
    files = {file: file.stat().st_mtime_ns for file in tmp_path.glob("kept/row_profiles/*/*.parquet")}
    assert len(files) == 10
    pd.testing.assert_frame_equal(pd.DataFrame(summed(lake, DAY - timedelta(days=9))), pd.DataFrame(first))
    assert {file: file.stat().st_mtime_ns for file in tmp_path.glob("kept/row_profiles/*/*.parquet")} == files
    lake_of(tmp_path, {CONTACTS: [call(1, 0), call(2, 600), call(3, 1200)]})
    assert [one["item_rows"] for one in summed(lake, DAY - timedelta(days=9))] == [3]


def test_a_lake_without_single_rows_has_no_summaries_and_is_no_error(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    connection = lake.connect()
    assert {"item_rows", "returned_rows", "reported_contacts"} <= set(queue_days(connection, lake, DAY, DAY).columns)
    assert {"link_rows", "number_rows"} <= set(feed_days(connection, lake, DAY, DAY).columns)
    assert summed(lake) == fed(lake) == []
