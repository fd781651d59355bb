"""One example night for all tests of the plan book."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.example_night import PLAN_DATE, example_enterprise, write_history, write_night
from warehouse.lake import Lake
from warehouse.planbook.night import BookNight
from warehouse.published import PlanVersion

PLAN = PlanVersion(
    plan_date=PLAN_DATE,
    version=3,
    status="current",
    code_version="0.1.0",
    settings_hash="0123456789abcdef",
    content_hash="f" * 64,
    checks_passed=4,
    checks_failed=1,
    made_at=datetime(2026, 11, 13, 1, 30, tzinfo=UTC),
)


@pytest.fixture(scope="session")
def book_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder: Path = tmp_path_factory.mktemp("book")
    enterprise = example_enterprise(folder)
    lake = Lake(enterprise.storage.lake_url)
    write_night(lake, enterprise)
    write_history(lake, enterprise)
    return lake


@pytest.fixture(scope="session")
def night(book_lake: Lake) -> BookNight:
    return BookNight.read(book_lake, example_enterprise(Path(book_lake.root).parent.parent), PLAN)
