"""The cheapest plan against trying every plan, and the least-bad plan where none keeps the due times."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from staffing.deferred import NO_DUE, deferred_work, minimal_peak
from staffing.deferred_plan import cheapest_plan
from staffing.trajectory import trajectory


def test_the_plan_is_the_cheapest_of_all_plans() -> None:
    generator = np.random.default_rng(21)
    compared = 0
    for trial in range(25):
        is_open = generator.random(6) < 0.8
        work = deferred_work(
            is_open=is_open,
            arrivals=generator.integers(0, 9, 6),
            mean_handle_seconds=1200,
            period_hours=1,
            goal_open_periods=int(generator.integers(1, 4)),
            lag_periods=trial % 2,
            backlog_items=[4, 3],
            backlog_due=generator.permutation([int(generator.integers(2, 6)), int(generator.integers(NO_DUE, 6))]),
        )
        block = np.repeat(np.arange(3), 2)
        weight = np.bincount(block, weights=is_open, minlength=3)
        costs = [
            float(weight @ staff)
            for staff in itertools.product(range(7), repeat=3)
            if trajectory(work, np.array(staff, float)[block]).breached_items.sum() < 1e-9
        ]
        plan = cheapest_plan(work, block=block, maximum_staff=6)
        assert plan.is_attainable == bool(costs)
        if costs:
            compared += 1
            assert plan.staff_periods == pytest.approx(min(costs))
            assert plan.projection.breached_items.sum() < 1e-6
            assert plan.shortfall == ""
        else:
            assert "not done in time" in plan.shortfall
    assert compared > 8


def test_free_real_staff_cost_no_more_than_the_work_itself() -> None:
    generator = np.random.default_rng(2)
    work = deferred_work(
        is_open=np.tile([0, 1, 1, 1, 1, 0], 20),
        arrivals=generator.integers(0, 30, 120),
        mean_handle_seconds=700,
        period_hours=0.5,
        goal_open_periods=6,
    )
    plan = cheapest_plan(work, whole_people=False)
    assert plan.staff_hours == pytest.approx(work.due_hours, rel=1e-6)
    assert plan.projection.breached_items.sum() < 1e-5
    level = minimal_peak(work).staff
    assert cheapest_plan(work, whole_people=False, maximum_staff=level * 1.0001).is_attainable
    assert not cheapest_plan(work, whole_people=False, maximum_staff=level * 0.999).is_attainable


def test_limits_too_tight_give_the_least_late_plan_with_the_shortfall_named() -> None:
    work = deferred_work(is_open=[1, 1, 1], arrivals=[30, 0, 0], mean_handle_seconds=600, period_hours=1, goal_open_periods=1)
    plan = cheapest_plan(work, maximum_staff=2)
    assert not plan.is_attainable
    assert plan.staff.tolist() == [2.0, 2.0, 1.0]
    assert "6 of 30 items" in plan.shortfall
    assert "end of period 1" in plan.shortfall


def test_work_due_while_closed_is_planned_for_as_soon_as_possible() -> None:
    work = deferred_work(
        is_open=[0, 1, 1],
        arrivals=[0, 0, 0],
        mean_handle_seconds=600,
        period_hours=1,
        goal_open_periods=1,
        backlog_items=[12],
        backlog_due=[0],
    )
    plan = cheapest_plan(work)
    assert not plan.is_attainable
    assert plan.staff.tolist() == [0.0, 2.0, 0.0]
    assert plan.projection.backlog[1] == pytest.approx(0.0)


def test_minimum_staff_and_costs_are_heeded() -> None:
    work = deferred_work(
        is_open=[1, 1, 1, 1], arrivals=[12, 0, 0, 0], mean_handle_seconds=600, period_hours=1, goal_open_periods=3
    )
    plan = cheapest_plan(work, period_cost=[5, 1, 4, 4], minimum_staff=[0, 0, 1, 0])
    assert plan.staff.tolist() == [0.0, 1.0, 1.0, 0.0]
    assert plan.cost == pytest.approx(5.0)


def test_a_minimum_above_the_maximum_is_refused_with_its_period() -> None:
    work = deferred_work(is_open=[1, 1], arrivals=[1, 1], mean_handle_seconds=600, period_hours=1, goal_open_periods=1)
    with pytest.raises(ValueError, match=r"period 1 \(block 1\) needs at least 3 and allows at most 2"):
        cheapest_plan(work, minimum_staff=[0, 3], maximum_staff=2)
    with pytest.raises(ValueError, match="expected one number from 0 up"):
        cheapest_plan(work, block=[0])


def test_a_closed_horizon_needs_nobody() -> None:
    work = deferred_work(is_open=[0, 0], arrivals=[3, 4], mean_handle_seconds=600, period_hours=1, goal_open_periods=1)
    plan = cheapest_plan(work, minimum_staff=2)
    assert plan.staff.tolist() == [0.0, 0.0]
    assert plan.is_attainable


def test_due_work_in_a_horizon_that_never_opens_is_named_and_does_not_crash() -> None:
    work = deferred_work(
        is_open=[0],
        arrivals=[0],
        mean_handle_seconds=600,
        period_hours=1,
        goal_open_periods=1,
        backlog_items=[3],
        backlog_due=[0],
    )
    plan = cheapest_plan(work)
    assert not plan.is_attainable
    assert "3 of 3 items due in the horizon are not done in time" in plan.shortfall
