"""Cases that say they came by phone, held against the calls of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from expectations.case_origins import DAYS, judge_origins, origin_days
from warehouse.lake import Lake
from warehouse.tables.builder import example_rows
from warehouse.tables.core import CASES, CONTACTS, MESSAGES
from warehouse.tables.run import QUALITY_FINDINGS

NIGHT = date(2026, 11, 12)
BAD = NIGHT - timedelta(days=3)


def days_of(calls_of_bad: float = 1.0, cases_of_bad: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """Eight weeks of calls and of cases by phone, one day of which was changed by these factors."""
    rng = np.random.default_rng(seed)
    dates = [NIGHT - timedelta(days=back) for back in range(DAYS) if (NIGHT - timedelta(days=back)).weekday() < 5]
    calls = rng.poisson(800 * np.exp(rng.normal(0, 0.15, len(dates))))
    cases = rng.poisson(0.06 * calls)
    bad = np.array([day == BAD for day in dates])
    return pd.DataFrame(
        {
            "source_system": "crm", "channel": "voice", "business_date": dates,
            "contacts": np.where(bad, calls_of_bad * calls, calls).astype("int64"),
            "cases": np.where(bad, cases_of_bad * cases, cases).astype("int64"),
        }
    )  # fmt: skip


def test_ordinary_days_are_hardly_ever_told_of() -> None:
    told = [len(judge_origins(days_of(seed=seed), NIGHT)[1]) for seed in range(100)]
    assert sum(told) <= 1, "4,000 ordinary days"


@pytest.mark.parametrize(("calls", "cases"), [(0.2, 1.0), (1.0, 2.5), (1.0, 0.2)])
def test_calls_or_cases_that_are_missing_or_came_twice_are_told_with_both_numbers(calls: float, cases: float) -> None:
    outcome, found = judge_origins(days_of(calls, cases), NIGHT)
    assert outcome["result"].to_list() == ["failed"]
    assert found["business_date"].to_list() == [BAD]
    (row,) = found.to_dict("records")
    assert (row["subject_kind"], row["subject_id"], row["severity"]) == ("source", "crm", "warn")
    assert "calls were recorded" in row["reason"]
    assert set(found.columns) == set(QUALITY_FINDINGS.column_names) - {"action"}


def test_few_days_say_nothing() -> None:
    outcome, found = judge_origins(days_of(0.2).tail(10), NIGHT)
    assert (outcome["result"].to_list(), len(found)) == (["passed"], 0)


def test_the_lake_is_asked_by_the_origins_own_words(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    at = datetime.combine(NIGHT, time(11), UTC)
    ids = [f"c{number}" for number in range(6)]
    origins = ["Phone", "voice", "Email", "Web", None, "native_messaging"]
    about: dict[str, Any] = {"business_date": NIGHT, "source_system": "crm"}
    lake.replace(CASES, example_rows(CASES, 6, case_id=ids, origin=origins, opened_at=at, **about), NIGHT)
    calls: dict[str, Any] = {"segment": 1, "direction": "inbound", "channel": ["voice", "voice", "voice", "chat"]}
    lake.replace(CONTACTS, example_rows(CONTACTS, 4, contact_id=ids[:4], arrived_at=at, **calls, **about), NIGHT)
    mails: dict[str, Any] = {"direction": "inbound", "automatic": [False, True]}
    lake.replace(MESSAGES, example_rows(MESSAGES, 2, message_id=ids[:2], received_at=at, **mails, **about), NIGHT)
    found = origin_days(NIGHT, lake).set_index("channel")
    assert found["cases"].to_dict() == {"chat": 1, "email": 1, "voice": 2}
    assert found["contacts"].to_dict() == {"chat": 1, "email": 1, "voice": 3}


def test_a_lake_of_before_cases_had_an_origin_is_not_judged(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    at = datetime.combine(NIGHT, time(11), UTC)
    lake.replace(CASES, example_rows(CASES, 3, case_id=list("abc"), opened_at=at, business_date=NIGHT), NIGHT)
    (file,) = lake.files(CASES)
    pd.read_parquet(file).drop(columns="origin").to_parquet(file)
    assert origin_days(NIGHT, lake).empty
