"""How a night went stands in the warehouse, step by step, apart from the plan: told again, it replaces itself."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pytest

from enterprise.settings import Enterprise
from tests.support.example_ledger import write_ledger
from tests.support.example_night import PLAN_DATE, STAMP
from warehouse.database import connected
from warehouse.lake import Lake
from warehouse.operations.job import summarise_night
from warehouse.operations.run_summary import run_summary
from warehouse.operations.step_runs import DagRunSeen, step_runs
from warehouse.publish import content_hash, publish
from warehouse.tables.forecast import ACCURACY_LEDGER
from warehouse.tables.run import LANDING_FILES, QUALITY_FINDINGS, SOURCE_READS


def piece(task: str, state: str = "success", seconds: float | None = 2.0) -> dict[str, object]:
    return {"task_id": task, "map_index": -1, "state": state, "operator": "task", "duration": seconds}


NIGHT = DagRunSeen(
    "nightly_plan",
    "night_2026-11-12",
    [*map(piece, ("conform", "check_history", "check_plan", "forecast", "forecast", "staff", "measure_accuracy", "publish"))],
    "https://airflow.example.org",
)
EXTRACTION = DagRunSeen("extract_acd", "night_2026-11-12", [piece("extract", "failed", 7.5), piece("report")])


@pytest.fixture
def whole_lake(own_lake: Lake) -> Lake:
    """The example night with what its sources brought and how its day was forecast."""
    account = {
        "source_system": ["acd", "acd", "mail"], "landing_file": ["a", "b", "c"], "business_date": PLAN_DATE,
        "source_name": "file", "size_bytes": 10, "rows_in": [100, 20, 7], "rows_kept": [90, 20, 4],
        "rows_quarantined": [7, 0, 3], "rows_duplicate": [3, 0, 0],
    }  # fmt: skip
    own_lake.replace(LANDING_FILES, pd.DataFrame(account), PLAN_DATE)
    reads = {"business_date": PLAN_DATE, "source_system": ["acd", "mail"], "was_read": [False, True],
             "last_read_date": PLAN_DATE, "reason": ["no route", None]}  # fmt: skip
    own_lake.replace(SOURCE_READS, pd.DataFrame(reads), PLAN_DATE)
    return own_lake


def test_a_night_is_told_step_by_step(url: str, enterprise: Enterprise, whole_lake: Lake, queues: pa.Table) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, whole_lake, queues, STAMP)
        content = content_hash(whole_lake, PLAN_DATE, queues)
        summarise_night(PLAN_DATE, enterprise, whole_lake, [EXTRACTION, NIGHT])
        summarise_night(PLAN_DATE, enterprise, whole_lake, [EXTRACTION, NIGHT])
        assert content_hash(whole_lake, PLAN_DATE, queues) == content
        assert not publish(connection, PLAN_DATE, whole_lake, queues, STAMP).changed, "a summary is no part of the plan"
        cursor = connection.execute("SELECT * FROM night_steps WHERE business_date = %s", [PLAN_DATE])
        names = [column.name for column in cursor.description or ()]
        steps = {row[1]: dict(zip(names, row, strict=True)) for row in cursor}
        night = connection.execute(
            "SELECT version, plan_status, steps, failed_steps, task_seconds, rows_in, rows_quarantined, queues_forecast, "
            "queues_staffed FROM night_summary"
        ).fetchone()
    assert set(steps) == {"extract_acd", "extract_mail", *(str(one["task_id"]) for one in NIGHT.pieces)}
    assert (steps["extract_acd"]["status"], steps["extract_acd"]["task_seconds"]) == ("failed", 7.5)
    assert [steps["extract_acd"][f"rows_{part}"] for part in ("in", "kept", "quarantined", "duplicate")] == [120, 110, 7, 3]
    assert (steps["extract_mail"]["status"], steps["extract_mail"]["task_seconds"]) == ("success", None)
    assert (steps["forecast"]["task_runs"], steps["forecast"]["task_seconds"]) == (2, 4.0)
    assert steps["forecast"]["rows_written"] > 1000
    assert steps["forecast"]["log_address"].endswith("/dags/nightly_plan/runs/night_2026-11-12/tasks/forecast")
    assert steps["publish"]["version"] == 1
    assert steps["publish"]["rows_written"] is None
    live = len(enterprise.queues)
    assert night is not None
    assert night[:4] == (1, "current", 9, "extract_acd")
    assert night[4:7] == (7.5 + 16.0, 127, 10)
    assert night[7] == live
    assert 0 < night[8] <= live


def test_flags_are_counted_with_the_check_that_raised_them(whole_lake: Lake) -> None:
    finding = dict.fromkeys(QUALITY_FINDINGS.column_names) | {
        "plan_date": PLAN_DATE, "subject_kind": "queue", "subject_id": "voice_claims", "business_date": PLAN_DATE,
        "table_name": "daily_history", "severity": "quarantine", "reason": "r", "next_step": "n",
    }  # fmt: skip
    found = (("monitors", "volume_doubled", "held"), ("history", "a_rule", "held"), ("monitors", "looked_at", "released"),
             ("staffing", "plan_rule", "kept_back"))  # fmt: skip
    rows = pd.DataFrame([finding | {"stage": stage, "rule": rule, "action": action} for stage, rule, action in found])
    whole_lake.replace(QUALITY_FINDINGS, rows, PLAN_DATE)
    told = run_summary(PLAN_DATE, step_runs([NIGHT]), whole_lake, None, STAMP.made_at).set_index("step")
    assert told.loc[["check_history", "check_plan"], "flags"].to_list() == [2, 1]
    assert told.at["check_history", "flagged_rules"] == "a_rule, volume_doubled"
    assert told["flags"].drop(["check_history", "check_plan"]).isna().all()


def test_yesterdays_accuracy_is_that_of_the_shortest_lead(enterprise: Enterprise, whole_lake: Lake) -> None:
    night = PLAN_DATE + timedelta(days=1)
    write_ledger(whole_lake, enterprise, night)
    ledger = whole_lake.read(ACCURACY_LEDGER, first=night, last=night)
    queues = ledger[(ledger["level"] == "queue") & (ledger["lead_days"] == ledger["lead_days"].min())]
    expected = queues["absolute_error_contacts"].sum() / queues["offered_contacts"].sum()
    rows = run_summary(night, step_runs([NIGHT]), whole_lake, None, STAMP.made_at).set_index("step")
    assert rows.at["measure_accuracy", "yesterday_error_fraction"] == pytest.approx(expected)
    assert expected > 0


def test_a_night_without_a_plan_and_without_lake_is_told_all_the_same(url: str, enterprise: Enterprise, own_lake: Lake) -> None:
    night: date = PLAN_DATE + timedelta(days=1)
    failed = DagRunSeen("nightly_plan", "x", [piece("conform", "failed"), piece("publish", "upstream_failed", None)])
    assert {one.tags["step"] for one in summarise_night(night, enterprise, own_lake, [failed])} == {"conform", "publish"}
    rows = run_summary(night, step_runs([failed]), own_lake, None, STAMP.made_at).set_index("step")
    assert rows["status"].to_dict() == {"conform": "failed", "publish": "upstream_failed"}
    assert rows["version"].isna().all()
