"""Claims and cases that others name but their own source lacks: told with source, queues and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
import pytest

from expectations.named_items import judge_named, named_items
from warehouse.lake import Lake
from warehouse.tables.core import CASES, CLAIMS, CONTACTS, MESSAGES, SURVEYS
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, Table

NIGHT = date(2026, 11, 12)
BAD = NIGHT - timedelta(days=3)
PER_DAY = 40


def rows_of(table: Table, day: date, count: int, **values: Any) -> pd.DataFrame:
    """Rows of a day: what is not given is a plain value of its type, or missing where it may be."""
    plain = {COUNT: 1, NUMBER: 1.0, TEXT: "x", DATE: day, FLAG: False}
    at = datetime.combine(day, time(11), UTC)
    made = {column.name: None if column.nullable else plain.get(column.type, at) for column in table.all_columns}
    for column in table.all_columns:
        made[column.name] = column.allowed[0] if column.allowed and not column.nullable else made[column.name]
    return pd.DataFrame([made] * count).assign(**{"business_date": day, **values})[table.column_names]


def lake_of(folder: str, lost: float = 0.0, always_unknown: int = 0) -> Lake:
    """Four weeks in which mails name the claims of the day before, and calls and surveys the cases of 150 days before."""
    lake = Lake(folder)
    for back in range(29):
        day = NIGHT - timedelta(days=back)
        ids = [f"CL{day:%m%d}{number:03d}" for number in range(PER_DAY)]
        kept = ids[round(lost * PER_DAY) :] if day == BAD else ids
        lake.replace(CLAIMS, rows_of(CLAIMS, day, len(kept), claim_id=kept, source_system="claims"), day)
        before = [f"CL{day - timedelta(days=1):%m%d}{number:03d}" for number in range(PER_DAY)]
        before[:always_unknown] = [f"TYPO{day:%m%d}{number}" for number in range(always_unknown)]
        mails = [f"m{day}{number}" for number in range(PER_DAY)]
        lake.replace(MESSAGES, rows_of(MESSAGES, day, PER_DAY, message_id=mails, claim_id=before, queue_id="email_claims"), day)
    old = NIGHT - timedelta(days=150)
    cases = [f"crm:{number}" for number in range(PER_DAY)]
    kept = cases[round(lost * PER_DAY) :]
    lake.replace(CASES, rows_of(CASES, old, len(kept), case_id=kept, source_system="crm"), old)
    lake.replace(CASES, rows_of(CASES, NIGHT, 1, case_id="crm:new", source_system="crm"), NIGHT)
    calls = rows_of(CONTACTS, NIGHT, 20, contact_id=cases[:20], case_id=cases[:20], queue_id="voice_service")
    lake.replace(CONTACTS, calls, NIGHT)
    lake.replace(SURVEYS, rows_of(SURVEYS, NIGHT, 20, survey_id=cases[20:], case_id=cases[20:]), NIGHT)
    return lake


@pytest.mark.parametrize("always_unknown", [0, 3])
def test_sources_that_agree_as_ever_are_not_told_of(tmp_path: object, always_unknown: int) -> None:
    outcomes, found = judge_named(named_items(NIGHT, lake_of(str(tmp_path), always_unknown=always_unknown)), NIGHT)
    assert dict(zip(outcomes["rule"], outcomes["result"], strict=True)) == {
        "named_claims_known": "passed",
        "named_cases_known": "passed",
    }
    assert outcomes["rows_checked"].to_list() == [28 * PER_DAY, 40]
    assert found.empty


@pytest.mark.parametrize("always_unknown", [0, 2])
def test_a_loss_names_the_source_that_lost_the_queues_that_noticed_and_the_day(tmp_path: object, always_unknown: int) -> None:
    lake = lake_of(str(tmp_path), lost=0.4, always_unknown=always_unknown)
    outcomes, found = judge_named(named_items(NIGHT, lake), NIGHT)
    by_rule = outcomes.set_index("rule")
    assert by_rule.loc["named_claims_known", "queues_affected"] == "email_claims"
    claims = found[found["rule"] == "named_claims_known"].iloc[0]
    assert (claims["subject_kind"], claims["subject_id"]) == ("source", "claims")
    assert claims["business_date"] == BAD + timedelta(days=1)
    assert claims["observed_value"] == 16
    first = "CL1109000, CL1109001, CL1109002" if not always_unknown else "CL1109002, CL1109003, CL1109004"
    assert (
        f"16 of the {PER_DAY} claims that contacts and mails of email_claims name on 2026-11-10 are unknown" in claims["reason"]
    )
    assert f"unknown to source claims, first {first}" in claims["reason"]
    assert len(found[found["rule"] == "named_claims_known"]) == 1
    assert len(found) == 1, "cases are named on one day alone: what is usual is not known yet"


def test_cases_are_missed_as_claims_are(tmp_path: object) -> None:
    lake = lake_of(str(tmp_path), lost=0.4)
    for back in range(1, 8):
        day = NIGHT - timedelta(days=back)
        lake.replace(CASES, rows_of(CASES, day, 1, case_id=f"crm:of {day}", source_system="crm"), day)
        calls = rows_of(CONTACTS, day, 1, contact_id="1", case_id=f"crm:of {day}", queue_id="voice_service")
        lake.replace(CONTACTS, calls, day)
    _, found = judge_named(named_items(NIGHT, lake), NIGHT)
    cases = found[found["rule"] == "named_cases_known"].iloc[0]
    assert (cases["subject_id"], cases["business_date"], cases["severity"]) == ("crm", NIGHT, "warn")
    assert "16 of the 40 cases that contacts and mails of voice_service name on 2026-11-12" in cases["reason"]


def test_claims_that_no_source_keeps_are_nobodys_loss(tmp_path: object) -> None:
    lake = Lake(str(tmp_path))
    lake.replace(MESSAGES, rows_of(MESSAGES, NIGHT, 9, message_id=list("abcdefghi"), claim_id="CL1"), NIGHT)
    outcomes, found = judge_named(named_items(NIGHT, lake), NIGHT)
    assert set(outcomes["result"]) == {"passed"}
    assert found.empty


@pytest.mark.parametrize(("other_ids", "blamed"), [("MTR-{0}", ["claims"]), ("CL{0}", ["claims", "motor"])])
def test_of_two_sources_of_claims_the_one_whose_ids_are_missing_is_named_or_both_where_ids_do_not_tell(
    tmp_path: object, other_ids: str, blamed: list[str]
) -> None:
    lake = lake_of(str(tmp_path), lost=0.4)
    day = NIGHT - timedelta(days=40)
    ids = [other_ids.format(1_101_000 + number) for number in range(9)]
    lake.replace(CLAIMS, rows_of(CLAIMS, day, 9, claim_id=ids, source_system="motor"), day)
    _, found = judge_named(named_items(NIGHT, lake), NIGHT)
    claims = found[found["rule"] == "named_claims_known"]
    assert claims["subject_id"].to_list() == blamed
    assert all(("the ids do not tell which" in reason) == (len(blamed) > 1) for reason in claims["reason"])
