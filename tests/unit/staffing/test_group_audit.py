"""A day of a group, simulated: items put aside cost callers nothing, teams go by skill, a missed goal is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.gate import require_valid
from staffing.blended_simulation import Arriving, BlendedDay, SimulatedBlend, simulate_blended_day
from staffing.blending import useful_idle_seconds
from staffing.day_simulation import ANSWERED, DayOfWork, simulate_day
from staffing.group_audit import Planned, audit_groups
from staffing.handle_times import HandleTimes
from staffing.multi_skill import team_rows
from staffing.nightly import NightStaffing, staff_all
from staffing.team_simulation import TeamsDay, simulate_teams_day
from tests.support.example_night import example_enterprise
from tests.unit.staffing.test_nightly import demand_of
from warehouse.tables.evidence import GROUP_AUDIT

NIGHT = date(2026, 10, 22)
HOUR = 3600.0


def arriving(queue: list[int], contacts: list[float], seconds: float, patience: float) -> Arriving:
    """The same contacts all day, from 0 to 10 hours."""
    count = len(queue)
    places, ends = np.array(queue), np.full(count, 10 * HOUR)
    return Arriving(places, np.zeros(count), ends, np.array(contacts), np.full(count, seconds), np.full(count, patience))


def day_of(items: float, *, used: float = 1.0, own: float = 0.0, setup: float = 60.0, opening: float = 0.0) -> BlendedDay:
    """Eight people on calls and five in chats, fewer in the afternoon."""
    return BlendedDay(
        live=arriving([0, 1], [800.0, 500.0], 240.0, 300.0),
        items=arriving([0], [items], 400.0, np.inf),
        opening_items=np.array([opening]),
        item_seconds=np.array([400.0]),
        edges=np.array([0.0, 5 * HOUR, 10 * HOUR]),
        positions=np.array([[8, 5], [7, 4], [7, 4]]),
        used_fraction=np.array([[used, used], [used, used], [0.0, 0.0]]),
        own_people=np.array([[own], [own], [0.0]]),
        is_open=np.array([[True], [True], [False]]),
        concurrency=np.array([1, 3]),
        slowdown=np.array([0.0, 0.25]),
        setup_seconds=setup,
    )


def simulated(day: BlendedDay, seed: int, *, put_aside: bool = True) -> SimulatedBlend:
    return simulate_blended_day(np.random.default_rng(seed), day, [None, None], [None], put_aside=put_aside)


@pytest.mark.parametrize("seed", range(5))
def test_customers_wait_to_the_second_as_without_items_where_these_are_put_aside(seed: int) -> None:
    same_people = np.array([[8, 5], [8, 5], [8, 5]])  # who leaves in the afternoon depends on who is busy then
    idle, busy = (simulated(replace(day_of(items), positions=same_people), seed) for items in (0.0, 300.0))
    assert np.isfinite(busy.item_done).sum() > 30
    assert busy.wait_seconds.tolist() == idle.wait_seconds.tolist()
    assert busy.is_answered.tolist() == idle.is_answered.tolist()


def test_customers_pay_for_items_that_are_finished_first() -> None:
    aside = np.mean([simulated(day_of(300.0), seed).wait_seconds.mean() for seed in range(10)])
    first = np.mean([simulated(day_of(300.0), seed, put_aside=False).wait_seconds.mean() for seed in range(10)])
    assert first > 1.5 * aside


def test_no_second_of_work_on_items_is_lost_or_made_up() -> None:
    even = [np.array([1.0])]  # every item takes 400 seconds
    for put_aside in (True, False):
        found = simulate_blended_day(np.random.default_rng(3), day_of(60.0, used=0.7), [None, None], even, put_aside=put_aside)
        assert np.isfinite(found.item_done).all()
        assert found.gap_seconds[0] == pytest.approx(400.0 * len(found.item_done))


def test_gaps_hold_at_least_what_the_plan_counts_on() -> None:
    calls = replace(
        day_of(3000.0), live=arriving([0, 1], [800.0, 0.0], 240.0, np.inf), positions=np.array([[8, 0], [8, 0], [8, 0]])
    )
    found = [simulated(calls, seed) for seed in range(10)]
    worked = np.mean([one.gap_seconds[0] for one in found])
    busy = 800 * 240 / (8 * 10 * HOUR)
    useful = float(useful_idle_seconds(8, busy, 800, 10 * HOUR, 0.0, 60.0))
    assert useful < worked < 8 * 10 * HOUR * (1 - busy)


def test_people_of_its_own_do_a_queues_work_without_any_gap() -> None:
    found = simulated(day_of(100.0, used=0.0, own=3.0), 1)
    assert found.gap_seconds.tolist() == [0.0]
    assert np.isfinite(found.item_done).mean() > 0.95
    one = simulated(day_of(0.0, used=0.0, own=1.0, opening=1000.0), 1)
    assert np.isfinite(one.item_done).sum() == pytest.approx(10 * HOUR / 400.0, rel=0.25)


def test_one_team_for_one_queue_is_the_day_of_that_queue() -> None:
    begins, ends = np.array([0.0, 2 * HOUR, 4 * HOUR]), np.array([2 * HOUR, 4 * HOUR, 6 * HOUR])
    contacts, people = np.array([300.0, 500.0, 200.0]), np.array([11, 17, 8])
    alone = DayOfWork(begins, ends, contacts, people, np.full(3, 240.0), np.full(3, 200.0))
    team = TeamsDay(
        begins, ends, contacts[:, None], np.full((3, 1), 240.0), np.full((3, 1), 200.0), people[:, None], np.array([20.0]),
        np.array([[True]]),
    )  # fmt: skip
    levels = []
    for seed in range(60):
        day = simulate_day(np.random.default_rng(seed), alone)
        _, wait, answered = simulate_teams_day(np.random.default_rng(seed), team, [None])
        levels.append(((day.outcome == ANSWERED) & (day.wait_seconds <= 20)).mean() - (answered & (wait <= 20)).mean())
    assert abs(np.mean(levels)) < 3 * np.std(levels) / np.sqrt(60) + 1e-3


def test_a_team_that_can_take_everything_helps_both_queues() -> None:
    begins, ends, one = np.array([0.0]), np.array([10 * HOUR]), np.full((1, 2), 240.0)
    day = TeamsDay(
        begins, ends, np.array([[600.0, 600.0]]), one, one, np.array([[4, 4, 2]]), np.array([20.0, 20.0]),
        np.array([[True, False], [False, True], [True, True]]),
    )  # fmt: skip
    apart = replace(day, people=np.array([[5, 5]]), skills=np.array([[True, False], [False, True]]))
    found = []
    for scene in (day, apart):
        queue, wait, answered = simulate_teams_day(np.random.default_rng(1), scene, [None, None])
        found.append([(answered & (wait <= 20))[queue == place].mean() for place in (0, 1)])
    assert min(found[0]) > max(found[1])


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    whole = example_enterprise(tmp_path_factory.mktemp("groups"))
    groups = {name: whole.staff_groups[name] for name in ("service_zwolle", "phones_rotterdam")}
    names = [name for group in groups.values() for name in group.queues]
    return whole.model_copy(
        update={
            "queues": {name: whole.queues[name] for name in names},
            "planning": whole.planning.model_copy(update={"horizon_days": 9}),
            "staff_groups": groups,
        }
    )


@pytest.fixture(scope="module")
def staffed(enterprise: Enterprise) -> NightStaffing:
    return staff_all(demand_of(enterprise, NIGHT), enterprise, NIGHT)


def test_a_night_is_audited_as_planned_and_a_plan_that_promises_too_much_is_seen(
    enterprise: Enterprise, staffed: NightStaffing
) -> None:
    teams = team_rows(staffed.intervals, enterprise, NIGHT)
    observed = {name: HandleTimes(np.array([0.5, 1.0, 1.5]), "short, usual and long ones") for name in enterprise.queues}
    audit = audit_groups(Planned(staffed.intervals, staffed.blended, teams), observed, enterprise, NIGHT)
    require_valid(GROUP_AUDIT, audit)
    assert set(audit.loc[audit["way_of_working"] == "teams", "queue_id"]) == {"voice_claims", "voice_service"}
    blended = audit[audit["staff_group"] == "service_zwolle"]
    assert set(blended["queue_id"]) == set(enterprise.staff_groups["service_zwolle"].queues)
    assumed = audit[audit["way_of_working"] != "finished_first"]
    assert (assumed["simulated_answered_fraction_high"] >= assumed["goal_fraction"] - 0.01).all()
    waiting = assumed[assumed["planned_completed_items"].notna()]
    assert (waiting["simulated_completed_items"] > 0.9 * waiting["planned_completed_items"]).all()

    few = teams.assign(positions=(teams["positions"] * 0.8).astype("int64"))
    many = staffed.blended.assign(ring_fenced_positions=0.0)
    wrong = audit_groups(Planned(staffed.intervals, many, few), observed, enterprise, NIGHT).set_index(
        ["way_of_working", "queue_id"]
    )
    right = audit.set_index(["way_of_working", "queue_id"])
    for queue_id in ("voice_claims", "voice_service"):
        row = wrong.loc[("teams", queue_id)]
        assert row["simulated_answered_fraction_high"] < row["goal_fraction"]
    name = "cases_policy"
    assert (
        wrong.loc[("put_aside", name), "simulated_completed_items"] < right.loc[("put_aside", name), "simulated_completed_items"]
    )
    again = audit_groups(Planned(staffed.intervals, staffed.blended, teams), observed, enterprise, NIGHT)
    pd.testing.assert_frame_equal(again, audit)


def test_a_night_without_such_groups_has_no_rows(enterprise: Enterprise, staffed: NightStaffing, tmp_path: Path) -> None:
    plain = {name: group.model_copy(update={"blending": None, "teams": {}}) for name, group in enterprise.staff_groups.items()}
    other = enterprise.model_copy(update={"staff_groups": plain})
    nothing = pd.DataFrame(columns=["staff_group", "business_date", "queue_id"])
    assert audit_groups(Planned(staffed.intervals, nothing, nothing), {}, other, NIGHT).empty
