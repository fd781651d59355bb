"""History of contacts beside a slow second implementation, contact by contact and in plain Python."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.queues import DemandDefinition
from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from tests.support.example_contacts import contact, enterprise_with, history_of, lake_with

FIRST = date(2026, 10, 24)  # clocks go back on the 25th
LAST = FIRST + timedelta(days=3)
DAYS = [FIRST + timedelta(days=step) for step in range(4)]
START = datetime(2026, 10, 23, 22, 0, tzinfo=UTC)
QUEUES = ("voice_service", "voice_claims")

demands = st.fixed_dictionaries(
    {
        "short_abandon_seconds": st.sampled_from([0, 5]),
        "count_transfers_in": st.booleans(),
        "count_timed_out": st.booleans(),
        "count_overflow_in": st.booleans(),
        "count_callbacks": st.booleans(),
        "redial_within_seconds": st.sampled_from([0, 600, 7200]),
    }
)
visits = st.fixed_dictionaries(
    {
        "at": st.integers(0, 4 * 24 * 12 + 11).map(lambda step: step * 300),
        "queue_id": st.sampled_from([*QUEUES, "email_service"]),
        "wait_seconds": st.sampled_from([0.0, 3.0, 5.0, 30.0, 400.0, 5000.0, 100_000.0]),
        "handle_seconds": st.sampled_from([0.0, 90.5, 1800.0, 4000.25, 90_000.0]),
        "outcome": st.sampled_from(["answered", "answered", "abandoned", "abandoned", "timed_out", "other"]),
        "arrived_by": st.sampled_from(["customer", "customer", "customer", "transfer", "overflow", "callback"]),
        "direction": st.sampled_from(["inbound", "inbound", "inbound", "outbound"]),
        "customer_id": st.sampled_from([None, "c", "d"]),
        "promise": st.integers(0, 4),
    }
)


def rows_of(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for place, visit in enumerate(drawn):
        given_values = {key: value for key, value in visit.items() if key not in ("at", "promise")}
        if visit["outcome"] != "answered":
            given_values["handle_seconds"] = 0.0
        promise = f"p{visit['promise']}" if visit["arrived_by"] == "callback" and visit["promise"] else None
        rows.append(contact(f"p{place}", START + timedelta(seconds=visit["at"]), previous_contact_id=promise, **given_values))
    return rows


def bounds(enterprise: Enterprise, row: dict[str, Any]) -> tuple[date, datetime]:
    grid = grid_of(enterprise)
    day = grid.business_date(pd.Series([row["arrived_at"]])).iloc[0]
    return day, grid.cut_off(min(day + timedelta(days=1), LAST)).to_pydatetime()


def itself_counts(row: dict[str, Any], demand: DemandDefinition) -> bool:
    if row["arrived_by"] != "callback" and row["direction"] != "inbound":
        return False
    if row["outcome"] == "abandoned" and row["wait_seconds"] < demand.short_abandon_seconds:
        return False
    if row["outcome"] == "timed_out" and not demand.count_timed_out:
        return False
    way = {"transfer": demand.count_transfers_in, "overflow": demand.count_overflow_in, "callback": demand.count_callbacks}
    return way.get(row["arrived_by"], True)


def demand_of(rows: list[dict[str, Any]], enterprise: Enterprise) -> list[dict[str, Any]]:
    """The contacts that count, straight from the words of the definition."""
    live = sorted((r for r in rows if r["queue_id"] in QUEUES), key=lambda r: (r["arrived_at"], r["contact_id"]))
    rule = {queue_id: enterprise.queues[queue_id].demand for queue_id in QUEUES}
    plain = {r["contact_id"]: itself_counts(r, rule[r["queue_id"]]) for r in live}
    tried: set[str] = set()
    counted = []
    for row in sorted(rows, key=lambda r: (r["arrived_at"], r["contact_id"])):
        promise = row["previous_contact_id"]
        first_attempt = promise is None or promise not in tried
        if row["arrived_by"] == "callback" and promise is not None:
            tried.add(promise)
        if row["queue_id"] not in QUEUES:
            continue
        own = rule[row["queue_id"]]
        if row["arrived_by"] == "callback" and not own.count_callbacks:
            stands_in = itself_counts(row, own.model_copy(update={"count_callbacks": True}))
            earlier = [r for r in rows if r["contact_id"] == promise and r["arrived_at"] <= row["arrived_at"]]
            kept = any((r["arrived_by"] == "callback" and r["queue_id"] in rule) or plain.get(r["contact_id"]) for r in earlier)
            kept = kept or any(r["arrived_by"] == "callback" for r in earlier)
            if stands_in and first_attempt and not kept:
                counted.append(row)
            continue
        if not plain[row["contact_id"]]:
            continue
        again = next(
            (
                r["arrived_at"]
                for r in live
                if (r["arrived_at"], r["contact_id"]) > (row["arrived_at"], row["contact_id"])
                and r["queue_id"] == row["queue_id"]
                and r["customer_id"] == row["customer_id"]
                and r["arrived_by"] == "customer"
                and plain[r["contact_id"]]
            ),
            None,
        )
        left = row["arrived_at"] + timedelta(seconds=row["wait_seconds"] + own.redial_within_seconds)
        replaced = (
            own.redial_within_seconds > 0
            and row["customer_id"] is not None
            and row["arrived_by"] == "customer"
            and row["outcome"] == "abandoned"
            and again is not None
            and again <= left
            and again < bounds(enterprise, row)[1]
        )
        if not replaced:
            counted.append(row)
    return counted


@settings(max_examples=8, deadline=None)
@given(st.lists(visits, min_size=1, max_size=14), demands, demands)
def test_history_counts_what_the_definition_says(
    drawn: list[dict[str, Any]], service: dict[str, Any], claims: dict[str, Any]
) -> None:
    enterprise = enterprise_with({"voice_service": service, "voice_claims": claims})
    rows = rows_of(drawn)
    with TemporaryDirectory() as folder:
        made = history_of(lake_with(Path(folder), enterprise, rows), enterprise, DAYS, LAST)
    intervals = made["interval_history"]
    live = intervals[intervals["queue_id"].isin(QUEUES)]
    expected: Counter[tuple[str, pd.Timestamp]] = Counter()
    answered = abandoned = 0
    handled = waited = 0.0
    for row in demand_of(rows, enterprise):
        _, as_of = bounds(enterprise, row)
        start = grid_of(enterprise).interval_start(pd.Series([pd.Timestamp(row["arrived_at"])])).iloc[0]
        expected[row["queue_id"], start] += 1
        known = (as_of - row["arrived_at"]).total_seconds()
        waited += min(row["wait_seconds"], known)
        abandoned += row["outcome"] == "abandoned" and row["wait_seconds"] < known
        if row["answered_at"] is not None and row["answered_at"] < as_of:
            answered += 1
            handled += min(row["handle_seconds"], (as_of - row["answered_at"]).total_seconds())
    found = live[live["offered_contacts"] > 0].set_index(["queue_id", "interval_start_utc"])["offered_contacts"]
    assert found.to_dict() == dict(expected)
    assert live["answered_contacts"].sum() == answered
    assert live["abandoned_contacts"].sum() == abandoned
    assert abs(live["handle_seconds"].sum() - handled) < 1e-6
    assert abs(live["wait_seconds"].sum() - waited) < 1e-6
    waits = made["wait_history"]
    assert waits["offered_contacts"].sum() == sum(expected.values())
    assert waits["abandoned_contacts"].sum() == abandoned
    assert abs(waits["wait_seconds"].sum() - waited) < 1e-6


@settings(max_examples=8, deadline=None)
@given(st.lists(visits, min_size=1, max_size=14))
def test_work_is_booked_where_it_was_done_and_nothing_of_it_is_lost(drawn: list[dict[str, Any]]) -> None:
    enterprise = enterprise_with()
    rows = rows_of(drawn)
    with TemporaryDirectory() as folder:
        made = history_of(lake_with(Path(folder), enterprise, rows), enterprise, DAYS, LAST)
    expected: Counter[tuple[str, pd.Timestamp]] = Counter()
    edges = grid_of(enterprise).intervals_between(FIRST, LAST + timedelta(days=1))
    for row in rows:
        _, as_of = bounds(enterprise, row)
        if row["answered_at"] is None:
            continue
        end = min(row["answered_at"] + timedelta(seconds=row["handle_seconds"]), as_of)
        for start, behind in pairwise(edges):
            seconds = (min(end, behind) - max(row["answered_at"], start)).total_seconds()
            if seconds > 0:
                expected[row["queue_id"], start] += seconds
    intervals = made["interval_history"]
    worked = intervals[intervals["worked_handle_seconds"].fillna(0) > 0].set_index(["queue_id", "interval_start_utc"])
    found = worked["worked_handle_seconds"].to_dict()
    assert found.keys() == expected.keys()
    assert all(abs(found[key] - expected[key]) < 1e-6 for key in expected)
    assert abs(made["daily_history"]["worked_handle_seconds"].sum() - sum(expected.values())) < 1e-6
