"""Every reference case of deferred work: exact optima and backlog trajectories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from staffing.deferred import NO_DUE, DeferredWork, deferred_work, due_periods, minimal_peak
from staffing.deferred_plan import cheapest_plan
from staffing.shrinkage import ceiling
from staffing.trajectory import trajectory

CASES = json.loads((Path(__file__).parent / "deferred_cases.json").read_text())["cases"]


def work_of(inputs: dict[str, Any]) -> DeferredWork:
    backlog = inputs["opening_backlog"]
    return deferred_work(
        is_open=inputs["open"],
        arrivals=inputs["arrivals"],
        mean_handle_seconds=inputs["aht_s"],
        period_hours=inputs["period_h"],
        goal_open_periods=inputs["sla_open_periods"],
        lag_periods=inputs["lag"],
        backlog_items=[items for items, _ in backlog],
        backlog_due=[NO_DUE if due is None else due for _, due in backlog],
        productive_fraction=1 - inputs["shrinkage"],
    )


@pytest.mark.parametrize("case", [case for case in CASES if case["kind"] == "min_staff"], ids=lambda case: case["id"])
def test_the_least_staff_is_the_published_optimum(case: dict[str, Any]) -> None:
    inputs, expected = case["inputs"], case["outputs"]
    work, peak = work_of(inputs), minimal_peak(work_of(inputs))
    due = [None if period == NO_DUE else int(period) for period in due_periods(inputs["open"], inputs["sla_open_periods"])]
    assert due == expected["due"]
    assert work.items_per_person == pytest.approx(expected["capacity_per_agent_period"], rel=1e-6)
    assert work.due_items == pytest.approx(expected["total_due_items"], rel=1e-6)
    assert peak.staff == pytest.approx(expected["min_peak_staff"], rel=1e-6)
    assert int(ceiling(peak.staff)) == expected["min_peak_staff_integer"]
    assert peak.critical_window == (tuple(expected["critical_window"]) if expected["critical_window"] else None)
    plan = cheapest_plan(work, block=inputs["block"])
    assert plan.is_attainable
    assert plan.is_optimal
    assert plan.staff_periods == expected["min_total_staff_periods_integer_by_block"]
    free = cheapest_plan(work, whole_people=False)
    assert free.staff_hours == pytest.approx(expected["min_total_staff_hours_real_unbounded"], rel=1e-6)


@pytest.mark.parametrize("case", [case for case in CASES if case["kind"] == "fluid_backlog"], ids=lambda case: case["id"])
def test_the_backlog_runs_as_published(case: dict[str, Any]) -> None:
    expected = case["outputs"]
    work = work_of(case["inputs"])
    found = trajectory(work, case["inputs"]["staff"])
    for values, name in (
        (found.completed, "completed"),
        (found.backlog, "backlog_end"),
        (found.utilisation, "utilisation"),
        (found.on_time, "on_time_by_cohort"),
    ):
        np.testing.assert_allclose(values, np.array(expected[name], dtype=float), rtol=1e-6, atol=1e-9, err_msg=name)
    assert found.within_goal_fraction == pytest.approx(expected["pct_within_sla"], rel=1e-6)
    assert work.due_items == pytest.approx(expected["items_with_due"], rel=1e-6)
    assert found.backlog[-1] == pytest.approx(expected["backlog_final"], rel=1e-6, abs=1e-9)


def test_all_kinds_of_case_are_covered() -> None:
    assert {case["kind"] for case in CASES} == {"min_staff", "fluid_backlog"}
