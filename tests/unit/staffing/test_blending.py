"""Deferred work between calls and chats: what gaps are worth, and what is left for people of its own."""

from __future__ import annotations

from collections import deque
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.errors import SettingsError
from enterprise.hours import OpeningHours
from enterprise.settings import Enterprise, load_enterprise
from staffing.blending import positions_beside, useful_idle_seconds
from staffing.group_shifts import _grid, _required
from staffing.nightly import NightStaffing, staff_all
from tests.support.example_night import ROOT, example_enterprise
from tests.unit.staffing.test_nightly import demand_of

NIGHT = date(2026, 10, 22)
GROUP = ("voice_billing", "chat_service", "email_service", "cases_policy")


def world(folder: Path, *, blended: bool) -> Enterprise:
    whole = example_enterprise(folder)
    group = whole.staff_groups["service_zwolle"]
    groups = {"service_zwolle": group if blended else group.model_copy(update={"blending": None})}
    return whole.model_copy(
        update={
            "queues": {name: whole.queues[name] for name in GROUP},
            "planning": whole.planning.model_copy(update={"horizon_days": 9}),
            "staff_groups": groups,
        }
    )


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    return world(tmp_path_factory.mktemp("blended"), blended=True)


@pytest.fixture(scope="module")
def blended(enterprise: Enterprise) -> NightStaffing:
    return staff_all(demand_of(enterprise, NIGHT), enterprise, NIGHT)


def gaps_of(people: int, arrivals: np.ndarray, handle: np.ndarray) -> np.ndarray:
    """Idle spells of a queue first in, first out; whoever has been idle longest takes the call."""
    idle: deque[float] = deque([0.0] * people)
    busy: list[float] = []
    spells = []
    for at, length in zip(arrivals, handle, strict=True):
        ended = sorted(end for end in busy if end <= at)
        busy = [end for end in busy if end > at]
        idle.extend(ended)
        if idle:
            spells.append(at - idle.popleft())
            busy.append(at + length)
        else:
            first = min(busy)
            busy.remove(first)
            busy.append(first + length)
    return np.array(spells)


@pytest.mark.parametrize(("people", "per_hour", "setup"), [(6, 60, 45.0), (20, 240, 45.0), (4, 30, 90.0)])
def test_simulated_gaps_hold_at_least_the_useful_time(people: int, per_hour: int, setup: float) -> None:
    generator = np.random.default_rng(people)
    contacts, mean_handle = 20_000, 240.0
    arrivals = np.cumsum(generator.exponential(3600 / per_hour, contacts))
    handle = generator.exponential(mean_handle, contacts)
    spells, seconds = gaps_of(people, arrivals, handle), float(arrivals[-1])
    busy = float(handle.sum()) / (people * seconds)
    useful = float(useful_idle_seconds(people, busy, contacts, seconds, 0.0, setup))
    found = float(np.maximum(spells - setup, 0).sum())
    assert spells.sum() == pytest.approx(people * seconds * (1 - busy), rel=0.01)
    assert 0 < useful <= found * 1.01
    assert useful > 0.4 * found, "a bound that is worth nothing"


def test_nobody_busy_beyond_the_reserve_has_gaps_to_give() -> None:
    found = useful_idle_seconds([10, 10, 10, 0], [0.9, 0.95, 0.5, 0.0], [10, 10, 0, 0], 1800, 0.1, 60)
    assert found[[0, 1, 3]].tolist() == pytest.approx([0, 0, 0])
    assert found[2] == pytest.approx(10 * 1800 * 0.4)  # no contact, so no gap is cut short
    assert useful_idle_seconds(10, 0.8, 100, 1800, 0.0, 60) == 0  # 36 seconds in a gap, 60 to get into it


def test_the_group_needs_fewer_hours_and_everything_is_still_in_time(blended: NightStaffing) -> None:
    rows = blended.blended
    assert set(rows["queue_id"]) == {"email_service", "cases_policy"}
    assert (rows.groupby("queue_id")["saved_staff_hours"].sum() > 0).all()
    assert rows["gap_hours"].sum() > 0
    assert (rows["gap_hours"] <= rows["useful_idle_hours"] + 1e-9).all()
    assert rows["answered_fraction"].min() > 1 - 1e-6


def test_the_queue_named_first_has_the_idle_time_first(blended: NightStaffing) -> None:
    rows = blended.blended.set_index(["queue_id", "interval_start_utc"])
    first, second = rows.loc["email_service"], rows.loc["cases_policy"]
    left = (first["useful_idle_hours"] - first["gap_hours"]).reindex(second.index)
    assert second["useful_idle_hours"].to_numpy() == pytest.approx(left.to_numpy(), abs=1e-9)


def test_idle_time_counts_only_while_the_queue_is_open(blended: NightStaffing, enterprise: Enterprise, tmp_path: Path) -> None:
    chats = blended.intervals[blended.intervals["queue_id"] == "chat_service"]
    saturday = {day for day in chats["business_date"] if day.weekday() == 5}
    assert saturday, "chats have idle time on Saturday, when the office is closed"
    assert not saturday & set(blended.blended["business_date"])
    late = OpeningHours.model_validate({key: ["08:15-18:00"] for key in ("monday", "tuesday", "wednesday", "thursday", "friday")})
    moved = {
        name: queue.model_copy(update={"opening_hours": "late"}) if queue.is_deferred else queue
        for name, queue in enterprise.queues.items()
    }
    other = enterprise.model_copy(update={"opening_hours": enterprise.opening_hours | {"late": late}, "queues": moved})
    part = staff_all(demand_of(other, NIGHT), other, NIGHT).blended
    before, after = (
        rows[rows["queue_id"] == "email_service"].set_index("interval_start_utc") for rows in (blended.blended, part)
    )
    first = before.groupby("business_date").head(1).index
    halved = after.loc[first, "useful_idle_hours"] / before.loc[first, "useful_idle_hours"]
    assert halved.dropna().to_numpy() == pytest.approx(0.5)
    rest = before.index.difference(first)
    assert after.loc[rest, "useful_idle_hours"].to_numpy() == pytest.approx(before.loc[rest, "useful_idle_hours"].to_numpy())


def test_the_saving_is_what_separate_staffing_takes_beyond_ring_fenced_people(
    blended: NightStaffing, enterprise: Enterprise
) -> None:
    rows = blended.blended.merge(blended.intervals[["queue_id", "interval_start_utc", "open_seconds", "scheduled_staff"]])
    assert len(rows) == len(blended.blended)
    assert (rows["separate_staff"] == rows["scheduled_staff"]).all()
    hours = (rows["separate_staff"] - rows["ring_fenced_staff"]) * rows["open_seconds"] / 3600
    assert rows["saved_staff_hours"].to_numpy() == pytest.approx(hours.to_numpy())
    cost = rows["queue_id"].map({name: queue.hourly_cost for name, queue in enterprise.queues.items()})
    assert rows["saved_cost"].to_numpy() == pytest.approx((hours * cost).to_numpy())
    for queue_id, own in rows.groupby("queue_id"):
        queue = enterprise.queues[str(queue_id)]
        paid = own["ring_fenced_positions"] * queue.occupancy_cap + own["gap_hours"] * 3600 / own["open_seconds"]
        done = (
            own["completed_items"]
            * blended.intervals.loc[blended.intervals["queue_id"] == queue_id, "mean_handle_seconds"].iloc[0]
        )
        assert (done <= paid * own["open_seconds"] + 1e-6).all(), "no item is done by nobody"
        balance = own["opening_items"].iloc[0] - own["completed_items"].cumsum()
        assert (own["opening_items"].to_numpy()[1:] >= balance.to_numpy()[:-1] - 1e-6).all()


def test_live_queues_keep_their_people_and_days_show_both_plans(
    blended: NightStaffing, enterprise: Enterprise, tmp_path: Path
) -> None:
    alone = world(tmp_path, blended=False)
    separate = staff_all(demand_of(alone, NIGHT), alone, NIGHT)
    pd.testing.assert_frame_equal(separate.intervals, blended.intervals)
    assert separate.blended.empty
    assert (separate.daily["blended_staff_hours"] == separate.daily["staff_hours"]).all()
    whole = blended.daily[blended.daily["level"] == "enterprise"]
    saved = blended.blended[["saved_staff_hours", "saved_cost"]].sum()
    assert (whole["staff_hours"] - whole["blended_staff_hours"]).sum() == pytest.approx(saved["saved_staff_hours"])
    assert (whole["cost"] - whole["blended_cost"]).sum() == pytest.approx(saved["saved_cost"])
    weeks = blended.weekly[blended.weekly["level"] == "enterprise"]
    assert weeks["blended_cost"].sum() == pytest.approx(whole["blended_cost"].sum())


def test_shifts_need_only_those_beside_the_gaps(blended: NightStaffing, enterprise: Enterprise) -> None:
    group, grid = enterprise.staff_groups["service_zwolle"], _grid(enterprise, NIGHT)
    separate = _required(group, blended.intervals, None, enterprise, grid)
    beside = _required(group, positions_beside(blended.intervals, blended.blended), None, enterprise, grid)
    assert (beside <= separate).all()
    assert beside.sum() < separate.sum()


@pytest.mark.parametrize(
    ("blending", "words"),
    [
        ('queues = ["email_claims"]', "'email_claims' is none of the group's queues"),
        ('queues = ["voice_billing"]', "'voice_billing' is voice, which cannot wait"),
        ('queues = ["email_service", "email_service"]', "stands there twice"),
        ('queues = ["email_service"], reserve_fraction = 1.0', "reserve_fraction"),
        ('queues = ["email_service"], setup_seconds = -1', "setup_seconds"),
        ("queues = []", "queues"),
    ],
)
def test_blending_that_cannot_be_is_refused_by_name(blending: str, words: str, tmp_path: Path) -> None:
    text = (ROOT / "config" / "enterprise.toml").read_text()
    line = next(line for line in text.splitlines() if line.startswith("blending ="))
    place = tmp_path / "enterprise.toml"
    place.write_text(text.replace(line, f"blending = {{ {blending} }}"))
    with pytest.raises(SettingsError, match=words):
        load_enterprise(place, {}, tmp_path)


def test_a_group_without_calls_has_no_gaps(tmp_path: Path) -> None:
    text = (ROOT / "config" / "enterprise.toml").read_text()
    place = tmp_path / "enterprise.toml"
    place.write_text(text.replace("hourly_cost = 39.0", 'hourly_cost = 39.0\nblending = { queues = ["email_claims"] }'))
    with pytest.raises(SettingsError, match="no voice or chat queue"):
        load_enterprise(place, {}, tmp_path)
