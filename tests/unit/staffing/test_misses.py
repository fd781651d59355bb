"""Misses of the service level: parts that add up to the miss, each for its own cause."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from enterprise.timing import grid_of
from expectations.gate import require_valid
from staffing.attribution import coalitions, shapley_parts
from staffing.job import explain_night
from staffing.looking_back import actual_level
from staffing.misses import CAUSES, DaySeen, miss_row, miss_rows, split_miss
from staffing.presence import adherence_rows, scheduled_seconds
from tests.support.example_night import PLAN_DATE, example_enterprise, night_frames
from warehouse.lake import Lake
from warehouse.tables.core import SCHEDULES
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.looking_back import ADHERENCE_DAILY, MISS_ANALYSIS
from warehouse.tables.staffing import STAFFING_INTERVAL

ENTERPRISE = example_enterprise(Path("unused"))
VOICE, CHAT = ENTERPRISE.queues["voice_claims"], ENTERPRISE.queues["chat_service"]
DAY = date(2026, 11, 13)
finite = st.floats(-1.0, 1.0, allow_nan=False)


def seen(**more: object) -> DaySeen:
    contacts = np.array([40.0, 60.0, 50.0])
    known: dict[str, object] = {
        "planned_contacts": contacts,
        "actual_contacts": contacts,
        "open_seconds": np.full(3, 1800.0),
        "planned_handle_seconds": np.full(3, 420.0),
        "handle_ratio": 1.0,
        "planned_positions": np.array([12.0, 17.0, 15.0]),
        "scheduled_positions": None,
        "present_positions": None,
        "patience_seconds": np.full(3, 180.0),
        "planned_level": 0.85,
        "actual_level": 0.85,
    }
    return DaySeen(**(known | more))  # type: ignore[arg-type]


@given(hnp.arrays(np.float64, 16, elements=finite))
@settings(deadline=None)
def test_parts_are_the_mean_over_all_orders_and_add_up(values: np.ndarray) -> None:
    place = {tuple(row): k for k, row in enumerate(coalitions(4).tolist())}
    slow = np.zeros(4)
    for order in itertools.permutations(range(4)):
        put_in = [False] * 4
        for cause in order:
            before = values[place[tuple(put_in)]]
            put_in[cause] = True
            slow[cause] += (values[place[tuple(put_in)]] - before) / 24.0
    parts = shapley_parts(values, 4)
    np.testing.assert_allclose(parts, slow, atol=1e-12)
    assert parts.sum() == pytest.approx(values[-1] - values[0], abs=1e-12)


@given(
    st.lists(st.floats(0.0, 200.0), min_size=3, max_size=3),
    st.floats(0.5, 2.0),
    st.lists(st.floats(0.0, 40.0), min_size=3, max_size=3),
    st.lists(st.floats(0.0, 40.0), min_size=3, max_size=3),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.sampled_from([VOICE, CHAT]),
)
@settings(max_examples=60, deadline=None)  # the first call compiles
def test_the_parts_of_any_miss_add_up_to_it(
    came: list[float], ratio: float, scheduled: list[float], present: list[float], planned: float, actual: float, queue: object
) -> None:
    day = seen(
        actual_contacts=np.array(came), handle_ratio=ratio, scheduled_positions=np.array(scheduled),
        present_positions=np.array(present), planned_level=planned, actual_level=actual,
    )  # fmt: skip
    row = miss_row(queue, DAY, DAY - timedelta(days=1), day)  # type: ignore[arg-type]
    parts = [row[f"{name}_part_fraction"] for name in (*CAUSES, "model")]
    assert abs(sum(parts) - row["miss_fraction"]) < 1e-9  # type: ignore[arg-type,operator]
    require_valid(MISS_ANALYSIS, miss_rows([row]))


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"actual_contacts": np.array([60.0, 90.0, 75.0])}, "volume"),
        ({"handle_ratio": 1.3}, "handle_time"),
        ({"scheduled_positions": np.array([9.0, 13.0, 11.0])}, "staffing"),
        (
            {
                "scheduled_positions": np.array([12.0, 17.0, 15.0]),
                "present_positions": np.array([10.5, 14.0, 12.0]),
            },
            "adherence",
        ),
        ({}, "model"),
    ],
)
def test_a_single_cause_takes_the_whole_of_what_it_does(change: dict[str, object], cause: str) -> None:
    parts = split_miss(VOICE, seen(**change, actual_level=0.5))
    assert parts[cause] < -0.02
    others = {name for name in parts if name not in (cause, "model")}
    assert all(abs(parts[name]) < 1e-9 for name in others)


def test_a_day_as_planned_has_no_miss_and_no_parts() -> None:
    assert set(split_miss(VOICE, seen()).values()) == {0.0}


def test_more_people_than_planned_never_count_against_staffing() -> None:
    for more in (0.5, 1.0, 3.0):
        day = seen(scheduled_positions=np.array([12.0, 17.0, 15.0]) + more)
        assert split_miss(VOICE, day)["staffing"] > 0.0


WAITS = pd.DataFrame({"waited_from_seconds": [0.0, 5.0, 10.0, 20.0, 40.0], "abandoned_contacts": [2, 3, 4, 8, 1]})


@pytest.mark.parametrize(
    ("definition", "expected"),
    [("of_offered", 0.7), ("of_answered", 70 / 80), ("wait_within", (70 + 9) / 100), ("excluding_short_abandons", 70 / 91)],
)
def test_the_actual_level_counts_what_its_definition_counts(definition: str, expected: float) -> None:
    goal = VOICE.service_goal.model_copy(update={"definition": definition})
    queue = VOICE.model_copy(update={"service_goal": goal})
    row = {"offered_contacts": 100, "answered_contacts": 80, "answered_within_contacts": 70}
    assert actual_level(queue, row, WAITS) == pytest.approx(expected)
    assert actual_level(queue, row | {"answered_within_contacts": None}, WAITS) is None
    assert actual_level(queue, row | {"offered_contacts": 0}, WAITS) is None


def at(clock: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-11-13T{clock}Z")


def test_adherence_is_the_time_in_which_plan_and_work_agree() -> None:
    schedules = pd.DataFrame(
        [
            ("ann", "voice_claims", at("08:00"), at("12:00")),
            ("ann", "lunch", at("12:00"), at("13:00")),
            ("ann", "voice_claims", at("13:00"), at("16:00")),
            ("ill", "voice_claims", at("08:00"), at("16:00")),
        ],
        columns=["agent_id", "activity", "starts_at", "ends_at"],
    )
    states = pd.DataFrame(
        [
            ("ann", "member:voice_claims", at("08:30"), at("16:30")),
            ("ann", "pause:voice_claims", at("12:00"), at("13:00")),
            ("bob", "email_claims", at("09:00"), None),
        ],
        columns=["agent_id", "activity", "started_at", "ended_at"],
    ).astype({"ended_at": "datetime64[us, UTC]"})
    begin, end = grid_of(ENTERPRISE).day_bounds(DAY)
    rows = adherence_rows(schedules, states, list(ENTERPRISE.queues), begin, end)
    require_valid(ADHERENCE_DAILY, rows.assign(business_date=DAY)[ADHERENCE_DAILY.column_names])
    found = rows.set_index("agent_id")
    assert found.loc["ann", ["scheduled_seconds", "worked_seconds", "in_adherence_seconds"]].tolist() == [25200, 25200, 23400]
    assert found.loc["ann", "conformance_fraction"] == 1.0
    assert found.loc["ill", ["worked_seconds", "adherence_fraction"]].tolist() == [0.0, 0.0]
    assert found.loc["bob", "worked_seconds"] == 14 * 3600.0  # to local midnight
    assert pd.isna(found.loc["bob", "conformance_fraction"])


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 300)), max_size=8))
def test_scheduled_time_per_interval_is_that_of_every_span(spans: list[tuple[int, int]]) -> None:
    begin = at("00:00")
    rows = [("voice_claims", begin + pd.Timedelta(minutes=a), begin + pd.Timedelta(minutes=a + n)) for a, n in spans]
    schedules = pd.DataFrame(rows, columns=["activity", "starts_at", "ends_at"]).astype(
        dict.fromkeys(("starts_at", "ends_at"), "datetime64[us, UTC]")
    )
    starts = pd.Series(pd.date_range(begin, periods=48, freq="30min"))
    found = scheduled_seconds(schedules, "voice_claims", starts, starts + pd.Timedelta(minutes=30))
    slow = [sum(max(0, min(a + n, 30 * k + 30) - max(a, 30 * k)) * 60.0 for a, n in spans) for k in range(48)]
    np.testing.assert_allclose(found, slow, atol=1e-3)


@pytest.fixture(scope="module")
def frames() -> dict[date, pd.DataFrame]:
    nights = [PLAN_DATE + timedelta(days=k) for k in (0, 1)]
    return {night: night_frames(ENTERPRISE, night, 3)[STAFFING_INTERVAL] for night in nights}


def _world(folder: Path, frames: dict[date, pd.DataFrame]) -> Lake:
    """The day after the plan date, on which as much came as planned, and 70 % were answered in time."""
    lake = Lake(str(folder))
    plan = frames[PLAN_DATE]
    mine = plan[plan["business_date"] == DAY]
    offered = mine["mean_offered_contacts"].round().astype("int64")
    nothing = {"completed_items": None, "worked_handle_seconds": None, "wait_seconds": 0.0, "abandoned_contacts": 0}
    measures = {
        "offered_contacts": offered,
        "answered_contacts": offered,
        "answered_within_contacts": (0.7 * offered).astype("int64"),
        "handle_seconds": offered * mine["mean_handle_seconds"],
        "staffed_seconds": mine["positions_required"] * mine["open_seconds"],
    }
    intervals = mine[["queue_id", "interval_start_utc", "business_date"]].assign(**measures, **nothing)
    lake.replace(INTERVAL_HISTORY, intervals[INTERVAL_HISTORY.column_names], DAY)
    names = [name for name in measures if name != "handle_seconds"]
    daily = intervals.groupby("queue_id", as_index=False)[[*names, "handle_seconds"]].sum()
    daily = daily.assign(
        business_date=DAY, channel=daily["queue_id"].map(lambda q: ENTERPRISE.queues[q].channel), **nothing, open_seconds=1.0,
        backlog_items=None, backlog_oldest_age_seconds=None, source_complete=daily["queue_id"] != "voice_sales",
    )  # fmt: skip
    lake.replace(DAILY_HISTORY, daily[DAILY_HISTORY.column_names], DAY)
    shift = {"agent_id": "ann", "starts_at": datetime(2026, 11, 13, 8, tzinfo=UTC), "activity": "voice_claims",
             "business_date": DAY, "ends_at": datetime(2026, 11, 13, 16, tzinfo=UTC), "source_system": "wfm",
             "landing_file": "f", "landing_row": 1}  # fmt: skip
    lake.replace(SCHEDULES, pd.DataFrame([shift])[SCHEDULES.column_names], DAY)
    return lake


def test_a_night_explains_the_day_that_closed_in_any_order_of_nights(tmp_path: Path, frames: dict[date, pd.DataFrame]) -> None:
    hashes = []
    for place, order in enumerate(([PLAN_DATE, DAY], [DAY, PLAN_DATE], [PLAN_DATE, DAY, DAY])):
        lake = _world(tmp_path / str(place), frames)
        for night in order:
            lake.replace(STAFFING_INTERVAL, frames[night], night)
            explain_night(night, ENTERPRISE, lake)
        hashes.append([lake.content_hash(table, DAY) for table in (MISS_ANALYSIS, ADHERENCE_DAILY)])
    assert hashes[0] == hashes[1] == hashes[2]
    rows = lake.read(MISS_ANALYSIS, first=DAY, last=DAY).set_index("queue_id")
    live = {queue.id for queue in ENTERPRISE.queues.values() if not queue.is_deferred}
    assert set(rows.index) <= live - {"voice_sales"}, "a queue whose feed is not whole has no miss"
    claims = rows.loc["voice_claims"]
    assert claims["plan_date"] == PLAN_DATE
    assert claims["actual_answered_fraction"] == pytest.approx(0.7, abs=0.02)  # whole contacts of each interval
    assert claims["staffing_part_fraction"] < -0.3, "one person was scheduled"
    assert claims["adherence_part_fraction"] > 0.3, "but all that the plan asked for were there"
    assert "adherence +" in claims["in_words"]
    assert rows.loc["voice_service", "scheduled_position_hours"] != rows.loc["voice_service", "scheduled_position_hours"]
    assert lake.read(ADHERENCE_DAILY, first=DAY, last=DAY)["agent_id"].tolist() == ["ann"]


def test_without_a_plan_or_history_a_night_explains_nothing(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    explain_night(DAY, ENTERPRISE, lake)
    assert lake.read(MISS_ANALYSIS).empty
