"""The two examples on real data, from file to plan book; what only real data can show is asserted."""

import os
from datetime import date
from pathlib import Path

import pytest

from enterprise.settings import Enterprise, load_enterprise
from etl.job import build_history_night, conform_night, extract_source
from expectations.job import validate_night
from forecasting.job import forecast_night
from staffing.job import staff_night
from warehouse.embedded import EmbeddedPostgres
from warehouse.job import migrate_warehouse, publish_night, write_planbook_night
from warehouse.lake import Lake
from warehouse.tables.forecast import CLAIMS_LEAD, FORECAST_DAILY
from warehouse.tables.staffing import STAFFING_INTERVAL

pytestmark = [pytest.mark.integration, pytest.mark.needs_data, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("LEADLINE_SHARED", ROOT.parent / "shared")) / "data"


def whole_night(name: str, variable: str, folder: str, night: date, tmp_path: Path) -> tuple[Enterprise, Lake, str]:
    data = SHARED / folder
    if not data.is_dir():
        pytest.skip(f"no data at {data}: set LEADLINE_SHARED to the folder of shared data")
    enterprise = load_enterprise(ROOT / "config" / "examples" / name, {variable: str(data)}, tmp_path)
    lake = Lake(enterprise.storage.lake_url)
    for source in enterprise.sources:
        extract_source(source, night, enterprise, lake)
    for step in (conform_night, build_history_night, forecast_night, staff_night):
        step(night, enterprise, lake)
    for stage in ("core", "history", "forecast", "staffing"):
        validate_night(stage, night, enterprise, lake)
    try:
        migrate_warehouse(enterprise)
        assert publish_night(night, enterprise, lake).status == "current"
        book = Path(write_planbook_night(night, enterprise, lake)).read_text(encoding="utf-8")
    finally:
        EmbeddedPostgres.stop(Path(enterprise.storage.state_folder))
    return enterprise, lake, book


def test_the_real_insurers_plan_uses_no_claims_lead_because_there_is_none(tmp_path: Path) -> None:
    """The three sources have nothing to do with each other: a lead found here would be chance."""
    night = date(2003, 10, 24)
    enterprise, lake, book = whole_night("real_insurer.toml", "LEADLINE_REAL_INSURER", "real_insurer", night, tmp_path)
    leads = lake.read(CLAIMS_LEAD, first=night, last=night)
    assert set(leads["queue_id"]) == {"service", "cases"}
    assert not leads["used"].any()
    daily = lake.read(FORECAST_DAILY, first=night, last=night)
    queue = daily[(daily["level"] == "queue") & (daily["member_id"] == "service")]
    calls = queue.set_index("business_date")["mean_offered_contacts"]
    assert calls[date(2003, 10, 25)] == 0  # Saturday: closed, not quiet
    assert 30_000 < calls[date(2003, 10, 27)] < 40_000  # Mondays of the eight weeks before had 31,000 to 38,000 calls
    assert enterprise.name.split()[0] in book


def test_the_banks_sunday_to_thursday_week_is_planned_from_a_month_of_calls(tmp_path: Path) -> None:
    night = date(1999, 1, 31)
    _, lake, book = whole_night("anonymous_bank.toml", "LEADLINE_ANONYMOUS_BANK", "anonymous_bank_january", night, tmp_path)
    daily = lake.read(FORECAST_DAILY, first=night, last=night)
    calls = daily[(daily["level"] == "queue") & (daily["member_id"] == "regular")].set_index("business_date")
    monday, saturday = calls.loc[date(1999, 2, 1)], calls.loc[date(1999, 2, 6)]
    assert monday["mean_offered_contacts"] > 4 * saturday["mean_offered_contacts"]  # Saturday opens in the evening only
    assert monday["fallback_reason"]  # a month of history is short, and the plan says so
    plan = lake.read(STAFFING_INTERVAL, first=night, last=night)
    regular = plan[plan["queue_id"] == "regular"]
    assert set(regular["staffing_model"]) == {"erlang_a"}  # abandonments are in the log: patience is known
    assert 200 < regular["mean_patience_seconds"].iloc[0] < 1500
    assert "Regular activity" in book
