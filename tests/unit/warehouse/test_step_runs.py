"""What Airflow saw is put together step by step; steps name tables that are declared."""

from __future__ import annotations

import pytest

from enterprise.night_steps import LAYERS, NIGHT_STEPS
from warehouse.operations.step_runs import DagRunSeen, log_address, step_runs
from warehouse.tables.registry import ALL_TABLES, PUBLISHED_TABLES


def test_every_step_names_declared_tables_and_every_table_of_the_lake_is_filled_by_one() -> None:
    declared = {table.name: table for table in ALL_TABLES}
    named = {name for step in NIGHT_STEPS.values() for name in (*step.reads, *step.fills, *step.publishes)}
    assert named <= set(declared)
    published = {name for step in NIGHT_STEPS.values() for name in step.publishes}
    by_people_or_by_day = {"planner_override", "plan_decisions", "forecast_today", "staffing_today"}
    assert {table.name for table in PUBLISHED_TABLES} - published == by_people_or_by_day
    assert published <= {table.name for table in PUBLISHED_TABLES}
    in_lake = {name for step in NIGHT_STEPS.values() for name in (*step.reads, *step.fills)}
    assert {name: declared[name].layer for name in in_lake} == dict(LAYERS)
    filled = {name for step in NIGHT_STEPS.values() for name in step.fills}
    by_others = {  # by people, by publishing, or in the day that runs
        "quality_releases", "planner_override", "plan_version", "plan_decisions", "queue", "run_summary", "forecast_today",
        "staffing_today", "calendar_date", "calendar_interval", "history_days",
    }  # fmt: skip
    assert {name for name, table in declared.items() if table.filled} - filled == by_others


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["success", "skipped"], "success"),
        (["success", "failed", "upstream_failed"], "failed"),
        (["skipped"], "skipped"),
        (["None"], "not_run"),
    ],
)
def test_a_step_of_several_pieces_ended_as_its_worst(states: list[str], expected: str) -> None:
    pieces = [{"task_id": "forecast", "state": state, "duration": None} for state in states]
    (found,) = step_runs([DagRunSeen("nightly_plan", "run", pieces)])
    assert (found.status, found.task_runs, found.task_seconds) == (expected, len(states), None)


def test_of_a_source_only_the_extraction_is_a_step() -> None:
    pieces = [{"task_id": task, "state": "success", "duration": 1.0} for task in ("extract", "report")]
    assert [one.step for one in step_runs([DagRunSeen("extract_acd", "run", pieces)])] == ["extract_acd"]


def test_a_run_with_odd_letters_has_an_address_that_opens() -> None:
    address = log_address("http://127.0.0.1:8080/", "nightly_plan", "asset_triggered__2026-11-13T00:20:01+00:00", "publish")
    assert address == (
        "http://127.0.0.1:8080/dags/nightly_plan/runs/asset_triggered__2026-11-13T00%3A20%3A01%2B00%3A00/tasks/publish"
    )
    assert log_address("", "nightly_plan", "run", "publish") == ""
