"""Demand: each rule of the definition decides, and a customer's wish is counted once."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.example_contacts import contact, enterprise_with, history_of, lake_with

DAY = date(2026, 8, 4)
TEN = datetime(2026, 8, 4, 8, 0, tzinfo=UTC)
LATER = DAY + timedelta(days=1)


def offered(folder: Path, contacts: list[dict[str, Any]], demand: Mapping[str, Any], day: date = DAY, plan: date = LATER) -> int:
    demands = {"voice_service": demand, "voice_claims": demand}
    enterprise = enterprise_with(demands)
    lake = lake_with(folder, enterprise, contacts)
    daily = history_of(lake, enterprise, [day], plan)["daily_history"]
    return int(daily["offered_contacts"].sum())


@pytest.mark.parametrize(
    ("given", "demand", "counted"),
    [
        ({}, {}, 1),
        ({"outcome": "abandoned", "wait_seconds": 4.9}, {}, 1),
        ({"outcome": "abandoned", "wait_seconds": 4.9}, {"short_abandon_seconds": 5}, 0),
        ({"outcome": "abandoned", "wait_seconds": 5.0}, {"short_abandon_seconds": 5}, 1),
        ({"outcome": "answered", "wait_seconds": 1.0}, {"short_abandon_seconds": 5}, 1),
        ({"arrived_by": "transfer"}, {}, 1),
        ({"arrived_by": "transfer"}, {"count_transfers_in": False}, 0),
        ({"outcome": "timed_out"}, {}, 1),
        ({"outcome": "timed_out"}, {"count_timed_out": False}, 0),
        ({"arrived_by": "overflow"}, {}, 0),
        ({"arrived_by": "overflow"}, {"count_overflow_in": True}, 1),
        ({"direction": "outbound"}, {}, 0),
        ({"direction": "internal"}, {}, 0),
        ({"queue_id": "email_service", "channel": "email"}, {}, 0),
    ],
)
def test_the_definition_decides_what_counts(tmp_path: Path, given: dict[str, Any], demand: dict[str, Any], counted: int) -> None:
    assert offered(tmp_path, [contact("a", TEN, **given)], demand) == counted


def test_a_contact_that_overflows_counts_once_in_the_enterprise(tmp_path: Path) -> None:
    legs = [
        contact("a", TEN, outcome="timed_out", wait_seconds=60.0),
        contact("a", TEN + timedelta(seconds=60), segment=2, queue_id="voice_claims", arrived_by="overflow"),
    ]
    assert offered(tmp_path, legs, {}) == 1


PROMISE = {"outcome": "timed_out", "wait_seconds": 30.0}
LEFT_AT_ONCE = {"outcome": "abandoned", "wait_seconds": 3.0}
CALL_BACK = {"arrived_by": "callback", "previous_contact_id": "promise", "direction": "outbound"}


@pytest.mark.parametrize(
    ("contacts", "demand", "counted"),
    [
        ([("promise", -60, PROMISE), ("call", 0, CALL_BACK)], {}, 1),
        ([("promise", -60, PROMISE), ("call", 0, CALL_BACK)], {"count_callbacks": True}, 2),
        ([("promise", -60, PROMISE), ("call", 0, CALL_BACK), ("again", 60, CALL_BACK)], {}, 1),
        ([("call", 0, CALL_BACK)], {}, 1),
        ([("call", 0, CALL_BACK), ("again", 60, CALL_BACK)], {}, 1),
        ([("call", 0, {**CALL_BACK, "previous_contact_id": None})], {}, 1),
        ([("promise", -60, LEFT_AT_ONCE), ("call", 0, CALL_BACK)], {"short_abandon_seconds": 5}, 1),
        ([("promise", -60, PROMISE), ("call", 0, CALL_BACK)], {"count_timed_out": False}, 1),
    ],
)  # fmt: skip
def test_a_call_back_and_its_promise_are_one_demand(
    tmp_path: Path, contacts: list[tuple[str, int, dict[str, Any]]], demand: dict[str, Any], counted: int
) -> None:
    rows = [contact(name, TEN + timedelta(minutes=at), **given) for name, at, given in contacts]
    assert offered(tmp_path, rows, demand) == counted


@pytest.mark.parametrize(("days", "counted"), [(1, 0), (7, 0), (8, 1)])
def test_a_promise_is_looked_for_in_the_week_before(tmp_path: Path, days: int, counted: int) -> None:
    rows = [contact("promise", TEN - timedelta(days=days), **PROMISE), contact("call", TEN, **CALL_BACK)]
    assert offered(tmp_path, rows, {}) == counted


GAVE_UP = {"outcome": "abandoned", "wait_seconds": 30.0, "customer_id": "c"}


@pytest.mark.parametrize(
    ("contacts", "counted"),
    [
        ([(0, GAVE_UP), (10, {"customer_id": "c"})], 1),
        ([(0, GAVE_UP), (10, GAVE_UP), (20, {"customer_id": "c"})], 1),
        ([(0, GAVE_UP), (11, {"customer_id": "c"})], 2),
        ([(0, GAVE_UP), (10, {"customer_id": "d"})], 2),
        ([(0, GAVE_UP), (10, {"customer_id": "c", "queue_id": "voice_claims"})], 2),
        ([(0, {**GAVE_UP, "customer_id": None}), (10, {"customer_id": None})], 2),
        ([(0, {"customer_id": "c"}), (10, {"customer_id": "c"})], 2),
        ([(0, GAVE_UP), (10, {**GAVE_UP, "wait_seconds": 2.0})], 1),
    ],
)  # fmt: skip
def test_who_gives_up_and_comes_back_is_one_demand(
    tmp_path: Path, contacts: list[tuple[int, dict[str, Any]]], counted: int
) -> None:
    rows = [contact(f"c{place}", TEN + timedelta(minutes=at), **given) for place, (at, given) in enumerate(contacts)]
    demand = {"redial_within_seconds": 600, "short_abandon_seconds": 5}
    assert offered(tmp_path, rows, demand) == counted


def test_the_last_attempt_is_the_one_that_counts(tmp_path: Path) -> None:
    rows = [contact("a", TEN, **GAVE_UP), contact("b", TEN + timedelta(minutes=40), customer_id="c", handle_seconds=200.0)]
    enterprise = enterprise_with({"voice_service": {"redial_within_seconds": 3600}})
    made = history_of(lake_with(tmp_path, enterprise, rows), enterprise, [DAY], LATER)
    busy = made["interval_history"].query("offered_contacts > 0")
    assert busy["interval_start_utc"].tolist() == [TEN + timedelta(minutes=30)]
    assert busy[["answered_contacts", "abandoned_contacts", "handle_seconds", "wait_seconds"]].to_numpy().tolist() == [
        [1, 0, 200, 0]
    ]
    waits = made["wait_history"]
    assert waits[["waited_from_seconds", "offered_contacts", "abandoned_contacts", "wait_seconds"]].to_numpy().tolist() == [
        [0, 1, 0, 0]
    ]


def test_a_redial_after_midnight_is_found_once_the_next_day_is_known(tmp_path: Path) -> None:
    midnight = datetime(2026, 8, 4, 22, 0, tzinfo=UTC)
    rows = [
        contact("a", midnight - timedelta(minutes=3), **GAVE_UP),
        contact("b", midnight + timedelta(minutes=2), customer_id="c"),
    ]
    demand = {"redial_within_seconds": 600}
    assert offered(tmp_path, rows, demand, plan=DAY) == 1  # the night itself does not know yet
    assert offered(tmp_path, rows, demand, plan=LATER) == 0
    assert offered(tmp_path, rows, demand, day=LATER, plan=LATER) == 1
