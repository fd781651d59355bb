"""What is old goes by the settings, and nothing that accuracy, audit or the plan in force need."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from enterprise.errors import NeedsPersonError
from enterprise.retention import Retention
from tests.support.example_night import PLAN_DATE, STAMP, example_enterprise, write_night
from tests.support.migrated import migrated_url
from warehouse.database import connected
from warehouse.lake import Lake
from warehouse.plans import plan_named, promote
from warehouse.publish import publish
from warehouse.retention import PLANS_PER_INTERVAL, Removal, due, remove
from warehouse.schema import disagreements
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL
from warehouse.tables.run import LANDING_FILES, QUARANTINE

pytestmark = pytest.mark.integration
OLD, OLDER = date(2026, 3, 10), date(2026, 2, 10)
TODAY = date(2026, 11, 30)
HALF_A_YEAR = Retention(plan_interval_days=200)
Old = tuple[str, Lake]


@pytest.fixture(scope="module")
def old(server: Path, night_lake: Lake, queues: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Old:
    """A warehouse and a lake with the plan in force and two nights of the spring."""
    folder = tmp_path_factory.mktemp("old")
    shutil.copytree(night_lake.root, folder / "lake")
    lake = Lake(str(folder / "lake"))
    enterprise = example_enterprise(server, "retention")
    url = migrated_url(server, "retention")
    with connected(url) as connection:
        publish(connection, PLAN_DATE, lake, queues, STAMP)
        for night in (OLD, OLDER):
            write_night(lake, enterprise, night, horizon=2)
            publish(connection, night, lake, queues, STAMP)
    return url, lake


def _due(old: Old, retention: Retention = HALF_A_YEAR, today: date = TODAY) -> list[Removal]:
    with connected(old[0]) as connection:
        return due(connection, old[1], retention, today)


def _count(old: Old, what: str) -> int:
    with connected(old[0]) as connection:
        row = connection.execute(f"SELECT count(*) FROM {what}").fetchone()
    assert row is not None
    return int(row[0])


def test_without_settings_nothing_goes(old: Old) -> None:
    assert _due(old, Retention()) == []


def test_only_plans_per_interval_go(old: Old) -> None:
    assert FORECAST_INTERVAL in PLANS_PER_INTERVAL
    assert FORECAST_DAILY not in PLANS_PER_INTERVAL
    names = {removal.name for removal in _due(old)}
    assert {"forecast_interval_2026_02", "staffing_interval_2026_02"} <= names
    assert "forecast/forecast_interval/plan_date=2026-02-10" in names
    assert not any("2026_11" in name or "2026-11" in name or "daily" in name or "plan_version" in name for name in names)


def test_the_plan_in_force_and_the_one_before_it_stay_however_old_they_are(old: Old) -> None:
    names = {removal.name for removal in _due(old, today=date(2030, 1, 1))}
    assert "forecast_interval_2026_02" in names
    assert not any("2026_11" in name or "2026_03" in name or "2026-03" in name for name in names)


def test_what_is_removed_is_gone_and_what_is_needed_is_there(old: Old) -> None:
    url, lake = old
    everything = _count(old, "forecast_interval")
    daily, versions, current = (_count(old, name) for name in ("forecast_daily", "plan_version", "current_staffing_plan"))
    with connected(url) as connection:
        connection.execute("ALTER TABLE forecast_interval DETACH PARTITION partitions.forecast_interval_2026_02")
        found = due(connection, lake, HALF_A_YEAR, TODAY)
        assert found[0].reason == "left by a retention that was broken off"
        for removal in found:
            remove(connection, lake, HALF_A_YEAR, removal)
    assert _due(old) == [], "a second time there is nothing to do"
    assert 0 < _count(old, "forecast_interval") < everything
    assert (_count(old, "forecast_daily"), _count(old, "plan_version")) == (daily, versions), "accuracy and audit"
    assert _count(old, "current_staffing_plan") == current
    assert lake.partitions(FORECAST_DAILY) == [OLDER, OLD, PLAN_DATE]
    assert lake.partitions(FORECAST_INTERVAL) == [OLD, PLAN_DATE]
    assert disagreements(url) == []
    with connected(url) as connection, pytest.raises(NeedsPersonError, match="retention let them go"):
        promote(connection, plan_named(connection, "2026-02-10"), "Ada", "to look", STAMP.made_at)


def test_landed_files_are_moved_byte_for_byte_and_those_in_quarantine_stay(old: Old, tmp_path: Path) -> None:
    url, lake = old
    night = date(2025, 5, 1)
    names = ["aaaa-calls.csv", "bbbb-calls.csv"]
    for name in names:
        lake.write_bytes(f"{lake.root}/landing/acd/{name}", name.encode() * 1000)
    landed = {"source_system": "acd", "landing_file": names, "business_date": night, "source_name": names, "size_bytes": 14_000}
    counts = dict.fromkeys(("rows_in", "rows_kept", "rows_quarantined", "rows_duplicate"), 0)
    lake.replace(LANDING_FILES, pd.DataFrame(landed | counts), night)
    rejected = lake.read(QUARANTINE, first=PLAN_DATE, last=PLAN_DATE).head(1)
    lake.replace(QUARANTINE, rejected.assign(source_system="acd", landing_file=names[1], business_date=night), night)
    retention = Retention(landing_days=400, landing_archive_url=str(tmp_path / "archive"))
    found = _due(old, retention)
    assert [removal.name for removal in found] == ["landing/acd/aaaa-calls.csv"]
    with connected(url) as connection:
        remove(connection, lake, retention, found[0])
    assert (tmp_path / "archive" / "acd" / names[0]).read_bytes() == names[0].encode() * 1000
    assert not Path(lake.root, "landing", "acd", names[0]).exists()
    assert Path(lake.root, "landing", "acd", names[1]).exists()
    assert _due(old, retention) == []


def test_settings_that_would_lose_something_are_refused() -> None:
    with pytest.raises(ValueError, match="moved there, never destroyed"):
        Retention(landing_days=500)
    with pytest.raises(ValueError, match="greater than or equal to 200"):
        Retention(plan_interval_days=30)
