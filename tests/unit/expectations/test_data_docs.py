"""The page of a night's checks: complete, offline, safe, and the same bytes every time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise
from expectations.data_docs import data_docs
from expectations.job import write_data_docs_night
from tests.support.example_day import DAY
from warehouse.lake import Lake
from warehouse.tables.builder import example_rows
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS


def checks(**fixed: Any) -> pd.DataFrame:
    given = {
        "plan_date": DAY, "stage": ["history", "core"], "table_name": ["daily_history", "contacts"],
        "rule": ["feed_complete", "times"],
        "severity": ["quarantine", "warn"], "result": ["failed", "passed"], "rows_checked": 12_345, "rows_failed": [1, 0],
        "queues_affected": ["voice_claims", None], "observed": ["<script>alert(1)</script>", None],
        "expected": "every feed whole", "next_step": ["ask the source", None],
    }  # fmt: skip
    return example_rows(DATA_QUALITY, 2, **(given | fixed))


def findings(**fixed: Any) -> pd.DataFrame:
    given = {
        "plan_date": DAY, "rule": "volume_low", "subject_kind": "queue", "subject_id": ["voice_claims", "chat_service"],
        "business_date": [DAY, DAY - timedelta(days=40)], "stage": "monitors", "table_name": "daily_history",
        "severity": "quarantine", "action": ["held", "released"], "measure": "offered_contacts", "observed_value": 12.0,
        "expected_value": 100.0, "expected_low": 80.0, "expected_high": 120.5, "reason": "12 contacts came", "next_step": "ask",
    }  # fmt: skip
    return example_rows(QUALITY_FINDINGS, 2, **(given | fixed))


def test_every_check_and_finding_is_on_the_page_in_the_order_of_the_night() -> None:
    page = data_docs(DAY, "Harbour <Mutual>", checks(), findings())
    assert "Checks of Thursday 12 November 2026" in page
    assert "2 checks of 2 tables: 1 held, 1 failed (1 of severity quarantine). None of them keeps the plan back." in page
    assert page.index('id="core"') < page.index('id="history"')
    assert "12,345" in page
    assert "offered_contacts 12, usual 80 to 120.5" in page
    assert page.index("1 of the last four weeks") < page.index("left the day out") < page.index("1 of the days before")
    assert "What happened per day." in page, "the meaning of the table"
    assert data_docs(DAY, "Harbour <Mutual>", checks().iloc[::-1], findings().iloc[::-1]) == page


def test_the_page_needs_no_network_and_runs_no_foreign_script() -> None:
    page = data_docs(DAY, "Harbour <Mutual>", checks(), findings())
    for forbidden in ("http:", "https:", "//", "<script", "<link", "@import", "url("):
        assert forbidden not in page, forbidden
    assert "&lt;script&gt;alert(1)" in page
    assert "Harbour &lt;Mutual&gt;" in page


def test_a_stop_and_a_clean_night_are_told_apart_at_first_sight() -> None:
    stopped = data_docs(DAY, "Harbour", checks(severity=["stop", "warn"]), findings().iloc[:0])
    assert "A failure of severity stop keeps what rests on its table back." in stopped
    assert "Where, and what the plan did about it" not in stopped
    clean = data_docs(DAY, "Harbour", checks(result="passed"), findings().iloc[:0])
    assert "2 held, none failed." in clean
    assert "Nothing: every check held." in clean


def test_the_job_writes_the_page_of_what_is_in_the_lake(enterprise: Enterprise, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    mine = enterprise.model_copy(
        update={"storage": enterprise.storage.model_copy(update={"data_docs_folder": str(tmp_path / "docs")})}
    )
    with pytest.raises(NeedsPersonError, match="holds no checks of 2026-11-12; run the night first"):
        write_data_docs_night(DAY, mine, lake)
    lake.replace(DATA_QUALITY, checks(), DAY)
    assert "feed_complete" in Path(write_data_docs_night(DAY, mine, lake)).read_text(encoding="utf-8")


def test_without_a_setting_the_pages_lie_beside_the_plan_books(enterprise: Enterprise) -> None:
    storage = enterprise.storage.model_copy(update={"planbook_folder": "/some/place/planbook", "data_docs_folder": None})
    assert storage.data_docs == "/some/place/data-docs"
    remote = storage.model_copy(update={"planbook_folder": "s3://bucket/books/"})
    assert remote.data_docs == "s3://bucket/data-docs"
