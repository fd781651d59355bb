"""A stage's checks as the night runs them, with Great Expectations (slow to import: kept in this one file)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.errors import ChecksFailedError
from enterprise.settings import Enterprise
from expectations.job import night_findings, validate_beside, validate_night
from expectations.rule import Night
from expectations.suites.registry import STAGES, rules_of, tables_of, tables_seen_by
from expectations.suites.run import check_stage
from tests.support.example_day import DAY
from warehouse.lake import Lake
from warehouse.tables.builder import example_rows
from warehouse.tables.core import CONTACTS
from warehouse.tables.declaration import Table
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.run import DATA_QUALITY
from warehouse.tables.staffing import STAFFING_INTERVAL
from warehouse.tables.workstreams import WORKSTREAM_LINKS, WORKSTREAMS

Frames = dict[Table, pd.DataFrame]
NOON = pd.Timestamp("2026-11-12T11:00Z")


@pytest.fixture
def lake(tmp_path: Path, clean: Frames) -> Lake:
    """A lake that holds the history of a clean day."""
    made = Lake(str(tmp_path / "lake"))
    for table in tables_seen_by("history"):
        made.replace(table, clean[table], DAY)
    return made


def outcome(lake: Lake, rule: str) -> dict[str, object]:
    """The row of data_quality about a rule."""
    rows = lake.read(DATA_QUALITY, first=DAY, last=DAY)
    return rows.loc[rows["rule"] == rule].iloc[0].to_dict()


def plant(lake: Lake, clean: Frames, table: Table, **values: object) -> None:
    """Put values into the first voice row of a table of the lake."""
    frame = clean[table].copy()
    first = frame.index[frame["queue_id"] == "voice_claims"][0]
    for name, value in values.items():
        frame.loc[first, name] = value
    lake.replace(table, frame, DAY)


# ---- suites derived from the declarations ----------------------------------------------------------------------------


def found(enterprise: Enterprise, frame: pd.DataFrame, table: Table = STAFFING_INTERVAL) -> pd.DataFrame:
    """Outcome by rule of the suite that follows from the table's declaration."""
    return check_stage("staffing", Night(enterprise, DAY, {table: frame}), [table], []).outcomes.set_index("rule")


def test_every_declared_promise_has_a_check_and_a_clean_plan_passes_them_all(enterprise: Enterprise, clean: Frames) -> None:
    outcomes = found(enterprise, clean[STAFFING_INTERVAL])
    assert set(outcomes["result"]) == {"passed"}
    assert (outcomes["rows_failed"] == 0).all()
    for column in STAFFING_INTERVAL.all_columns:
        assert (f"{column.name}_present" in outcomes.index) == (not column.nullable)
        assert (f"{column.name}_in_bounds" in outcomes.index) == (column.minimum is not None or column.maximum is not None)
        assert (f"{column.name}_known" in outcomes.index) == bool(column.allowed)
    assert {"columns_as_declared", "key_unique"} <= set(outcomes.index)
    assert outcomes.index.is_unique


def test_every_kind_of_broken_promise_is_found_with_the_values_that_break_it(enterprise: Enterprise, clean: Frames) -> None:
    plan = clean[STAFFING_INTERVAL].copy()
    plan.loc[0, "answered_fraction"] = 1.5
    plan.loc[1, "staffing_model"] = "guess"
    plan.loc[2, "cost"] = np.nan
    plan = pd.concat([plan, plan.iloc[[5]]], ignore_index=True)
    outcomes = found(enterprise, plan)
    failed = outcomes.loc[outcomes["result"] == "failed"]
    assert set(failed.index) == {"answered_fraction_in_bounds", "staffing_model_known", "cost_present", "key_unique"}
    assert set(failed["severity"]) == {"stop"}
    assert failed.loc["answered_fraction_in_bounds", "observed"] == f"1 of {len(plan)} rows; first: 1.5"
    assert failed.loc["staffing_model_known", "observed"].endswith("first: guess")
    assert failed.loc["staffing_model_known", "expected"] == "staffing_model is one of erlang_a, erlang_c, chat_chain, deferred"
    assert "2026-11-12/" in failed.loc["key_unique", "observed"]
    assert "{" not in failed.loc["key_unique", "observed"]
    assert failed["next_step"].notna().all()


def test_a_column_too_many_is_found(enterprise: Enterprise, clean: Frames) -> None:
    outcomes = found(enterprise, clean[STAFFING_INTERVAL].assign(surprise=1))
    assert outcomes.loc["columns_as_declared", "result"] == "failed"
    assert outcomes.loc["columns_as_declared", "rows_failed"] == 1


# ---- the job ---------------------------------------------------------------------------------------------------------


def test_a_clean_stage_goes_ahead_and_says_so_rule_by_rule(enterprise: Enterprise, lake: Lake) -> None:
    written = validate_night("history", DAY, enterprise, lake)
    rows = lake.read(DATA_QUALITY, first=DAY, last=DAY)
    assert written.rows == len(rows)
    assert set(rows["result"]) == {"passed"}
    assert set(rows["stage"]) == {"history"}
    assert {rule.name for rule in rules_of("history")} <= set(rows["rule"])
    assert rows["observed"].isna().all()
    assert rows["next_step"].isna().all()


def test_a_stop_keeps_the_plan_back_and_is_on_record_all_the_same(enterprise: Enterprise, lake: Lake, clean: Frames) -> None:
    plant(lake, clean, INTERVAL_HISTORY, answered_contacts=9)
    with pytest.raises(ChecksFailedError) as caught:
        validate_night("history", DAY, enterprise, lake)
    said = str(caught.value)
    assert (
        "interval_history.contacts_accounted_for: saw 1 of 67; first: Thu 2026-11-12 08:00: 10 answered or abandoned of 4" in said
    )
    assert "expected answered and abandoned together are at most what was offered" in said
    assert "the last good plan stays current" in said
    row = outcome(lake, "contacts_accounted_for")
    assert (row["result"], row["severity"], row["rows_failed"], row["queues_affected"]) == ("failed", "stop", 1, "voice_claims")

    plant(lake, clean, INTERVAL_HISTORY)  # mended and run again
    validate_night("history", DAY, enterprise, lake)
    assert outcome(lake, "contacts_accounted_for")["result"] == "passed"


def test_warnings_and_quarantine_let_the_night_go_ahead_and_stages_stand_side_by_side_in_the_same_bytes_every_time(
    enterprise: Enterprise, lake: Lake, clean: Frames
) -> None:
    plant(lake, clean, DAILY_HISTORY, source_complete=False)
    validate_night("history", DAY, enterprise, lake)
    history = lake.read(DATA_QUALITY, first=DAY, last=DAY)
    plant(lake, clean, CONTACTS, handle_seconds=1e6)
    validate_night("core", DAY, enterprise, lake)
    both = lake.read(DATA_QUALITY, first=DAY, last=DAY)
    pd.testing.assert_frame_equal(both.loc[both["stage"] == "history"].reset_index(drop=True), history)
    assert set(both["stage"]) == {"core", "history"}

    row = outcome(lake, "feed_complete")
    assert (row["result"], row["severity"], row["queues_affected"]) == ("failed", "quarantine", "voice_claims")
    assert "have the source deliver the day again" in str(row["next_step"])
    row = outcome(lake, "durations_plausible")
    assert (row["result"], row["severity"]) == ("failed", "warn")
    assert "first: contact voice_claims-0 waited 0 minutes and was handled for 16667 minutes" in str(row["observed"])

    before = lake.content_hash(DATA_QUALITY, DAY)
    validate_night("history", DAY, enterprise, lake)
    assert lake.content_hash(DATA_QUALITY, DAY) == before


@pytest.mark.parametrize(("stage", "missing"), [("core", ""), ("forecast", "something_planned")])
def test_a_night_that_wrote_nothing_is_judged_without_an_exception(
    stage: str, missing: str, enterprise: Enterprise, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path / "empty"))
    if missing:  # a forecast for at least one queue is demanded
        with pytest.raises(ChecksFailedError, match=missing):
            validate_night(stage, DAY, enterprise, lake)
    else:
        validate_night(stage, DAY, enterprise, lake)
    assert lake.partitions(DATA_QUALITY) == [DAY]


def test_a_stage_nobody_knows_is_a_mistake_of_the_caller(enterprise: Enterprise, lake: Lake) -> None:
    with pytest.raises(ValueError, match=r"stage 'landing': expected one of .*core, workstreams, history, forecast, staffing"):
        validate_night("landing", DAY, enterprise, lake)


def test_words_of_every_rule_are_fit_for_people() -> None:
    rules = [rule for stage in STAGES for rule in rules_of(stage)]
    assert len({rule.name for rule in rules}) == len(rules) == sum(len(rules_of(stage)) for stage in STAGES)
    for rule in rules:
        assert rule.expected, rule.name
        assert len(rule.next_step.split()) >= 5, rule.name
        assert replace(rule).severity in ("stop", "quarantine", "warn")
        assert rule.table in tables_of(rule.stage)


# ---- stages beside the plan ------------------------------------------------------------------------------------------


def put_workstreams(lake: Lake, *, whole: bool) -> None:
    """Write the link of one case, and the workstream that it begins or none."""
    link = {"item_kind": "case", "item_id": "1", "segment": 1, "rule": "first", "workstream_id": "case:1", "happened_at": NOON}
    none = {"linked_kind": None, "linked_id": None, "inferred": False}
    lake.replace(WORKSTREAM_LINKS, example_rows(WORKSTREAM_LINKS, 1, business_date=DAY, **link, **none), DAY)
    times = dict.fromkeys(("opened_at", "first_contact_at", "last_contact_at", "resolved_at"), NOON)
    spans = dict.fromkeys(
        ("in_contact_seconds", "waiting_on_us_seconds", "waiting_on_customer_seconds", "resolution_seconds"), 0.0
    )
    made = example_rows(WORKSTREAMS, 1, business_date=DAY, workstream_id="case:1", **times, **spans)
    lake.replace(WORKSTREAMS, made if whole else made.iloc[:0], DAY)


def test_wrong_workstreams_are_on_record_and_told_of_and_keep_nothing_back(enterprise: Enterprise, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    put_workstreams(lake, whole=True)
    validate_beside("workstreams", DAY, enterprise, lake)
    assert set(lake.read(DATA_QUALITY)["result"]) == {"passed"}

    put_workstreams(lake, whole=False)
    validate_beside("workstreams", DAY, enterprise, lake)
    assert outcome(lake, "begun_workstreams_are_there")["result"] == "failed"
    _, (line,) = night_findings(DAY, enterprise, lake)
    assert (line.rule, line.severity, line.action) == ("begun_workstreams_are_there", "stop", "noted")


def test_workstreams_that_cannot_be_read_are_a_finding_and_no_failure_of_the_plans_check(
    enterprise: Enterprise, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    put_workstreams(lake, whole=True)
    (file,) = lake.files(WORKSTREAM_LINKS)
    Path(file).write_bytes(b"not a Parquet file")
    validate_beside("workstreams", DAY, enterprise, lake)
    row = outcome(lake, "workstreams_could_be_checked")
    assert (row["result"], row["severity"]) == ("failed", "stop")
    assert "parquet" in str(row["observed"]).lower()
    _, (line,) = night_findings(DAY, enterprise, lake)
    assert (line.action, str(row["observed"]) in line.reason) == ("noted", True)


def test_workstreams_of_a_night_whose_stitching_failed_are_not_judged(enterprise: Enterprise, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    validate_beside("workstreams", DAY, enterprise, lake)
    assert lake.read(DATA_QUALITY).empty
