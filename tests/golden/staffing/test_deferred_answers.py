"""Deferred work against a slow second implementation in exact fractions, on hundreds of cases nobody wrote down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from staffing.known_answers import Answer, known_answers
from tests.support.deferred_cases import Inputs, least_staff, random_inputs, run_off

REFERENCE = Path(__file__).parents[3] / "staffing" / "reference" / "deferred_cases.json"
KINDS = {"min_staff": least_staff, "fluid_backlog": run_off}


def mismatches(kind: str, inputs: Inputs, **outputs: Any) -> list[Answer]:
    case = {"id": kind, "kind": kind, "inputs": inputs, "outputs": KINDS[kind](inputs) | outputs}
    return [answer for answer in known_answers({"cases": [case]}) if not answer.matches]


def small(**changes: Any) -> Inputs:
    return {
        "open": [1, 1, 0, 1],
        "arrivals": [10, 20, 40, 30],
        "aht_s": 600,
        "sla_open_periods": 1,
        "lag": 0,
        "opening_backlog": [],
        "period_h": 1.0,
        "shrinkage": 0,
        "block": [0, 1, 2, 3],
        "staff": [3, 3, 3, 3],
    } | changes


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_implementation_finds_the_published_numbers(kind: str) -> None:
    cases = [case for case in json.loads(REFERENCE.read_text())["cases"] if case["kind"] == kind]
    assert cases
    for case in cases:
        found = KINDS[kind](case["inputs"])
        assert {name: found[name] for name in case["outputs"] if not name.startswith("example_")} == {
            name: value for name, value in case["outputs"].items() if not name.startswith("example_")
        }, case["id"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cases", "most_periods"), [(220, 14), (12, 40)])
def test_both_implementations_agree_to_the_last_number(kind: str, cases: int, most_periods: int) -> None:
    for seed in range(cases):
        inputs = random_inputs(np.random.default_rng([seed, most_periods]), most_periods)
        assert mismatches(kind, inputs) == [], (seed, inputs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param(small(opening_backlog=[[60, 0], [5, 1]]), id="due at once"),
        pytest.param(small(open=[0, 0, 1, 1], opening_backlog=[[60, 1]]), id="nothing open before it is due"),
        pytest.param(small(open=[0, 0, 0, 0]), id="never open"),
        pytest.param(small(open=[0, 0, 0, 0], opening_backlog=[[3, 0]]), id="never open, and work is due"),
        pytest.param(small(lag=1), id="worked a period later, due in that period"),
        pytest.param(small(lag=3, arrivals=[1, 0, 0, 0]), id="worked when it is overdue"),
        pytest.param(small(opening_backlog=[[3e9, 3]], aht_s=3600), id="a huge backlog"),
        pytest.param(small(arrivals=[0, 0, 0, 0]), id="nothing at all"),
        pytest.param(small(opening_backlog=[[30, None], [30, 3], [30, 0]]), id="a backlog not in the order of its due times"),
        pytest.param(small(arrivals=[0.01, 0, 0, 0.02], aht_s=60), id="hardly anything"),
        pytest.param(small(arrivals=[0.1] * 4, aht_s=420, sla_open_periods=3), id="parts of items"),
        pytest.param(small(sla_open_periods=9), id="nothing due in the horizon"),
    ],
)
def test_edges(kind: str, inputs: Inputs) -> None:
    assert mismatches(kind, inputs) == []


def test_where_nothing_is_in_time_there_is_no_number() -> None:
    inputs = small(open=[0, 0, 1, 1], opening_backlog=[[60, 1]])
    names = ("min_peak_staff", "min_peak_staff_integer", "critical_window", "min_total_staff_periods_integer_by_block")
    assert [least_staff(inputs)[name] for name in names] == [None] * 4
    assert mismatches("min_staff", inputs, min_peak_staff=float("inf"), min_total_staff_hours_real_unbounded="infeasible") == []
    assert [one.output for one in mismatches("min_staff", inputs, min_peak_staff_integer=7)] == ["min_peak_staff_integer"]


def test_of_several_critical_windows_the_one_asked_for_is_looked_at() -> None:
    inputs = small(open=[1, 1, 1, 1], arrivals=[10, 0, 10, 0])
    assert least_staff(inputs)["critical_window"] == [0, 1]
    assert mismatches("min_staff", inputs, critical_window=[2, 3]) == []
    assert [one.output for one in mismatches("min_staff", inputs, critical_window=[0, 2])] == ["critical_window[1]"]


def test_a_limit_on_staff_may_leave_no_plan() -> None:
    inputs = small(open=[1, 1, 1, 1], arrivals=[10, 20, 0, 0])
    hours = least_staff(inputs)["min_total_staff_hours_real_unbounded"]
    assert mismatches("min_staff", inputs | {"max_staff": 4}, min_total_fte_hours=hours) == []
    assert mismatches("min_staff", inputs | {"max_staff": 1}, min_total_fte_hours=None) == []
    assert mismatches("min_staff", inputs | {"max_staff": 1}, min_total_fte_hours=hours) != []


def test_a_zero_of_a_large_list_may_be_rounded() -> None:
    case: dict[str, Any] = {"id": "x", "kind": "fluid_backlog", "inputs": small(opening_backlog=[[1e7, 3]], staff=[1e7] * 4)}
    case["outputs"] = {"backlog_end": run_off(case["inputs"])["backlog_end"]}
    assert all(answer.matches for answer in known_answers({"cases": [case]}))
    case["outputs"]["backlog_end"][0] += 1.0
    assert [answer.output for answer in known_answers({"cases": [case]}) if not answer.matches] == ["backlog_end[0]"]
