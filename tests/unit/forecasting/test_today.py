"""The rest of a day in the life of the night: what came so far, a silent feed, people beside the night's plan."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from enterprise.errors import NoHistoryError, RetryLaterError
from enterprise.settings import Enterprise, load_enterprise
from forecasting.job import reforecast_day
from forecasting.today import so_far_until
from staffing.job import staff_day
from tests.support.example_night import PLAN_DATE, night_frames
from warehouse.lake import Lake
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import FORECAST_INTERVAL
from warehouse.tables.history import INTERVAL_HISTORY
from warehouse.tables.staffing import STAFFING_INTERVAL
from warehouse.tables.today import FORECAST_TODAY, STAFFING_TODAY

ROOT = Path(__file__).parents[3]
ZONE = ZoneInfo("Europe/Amsterdam")
TODAY = PLAN_DATE + timedelta(days=1)
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZONE)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture(scope="module")
def enterprise() -> Enterprise:
    return load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)


@pytest.fixture(scope="module")
def nights(enterprise: Enterprise) -> dict[date, dict[Table, pd.DataFrame]]:
    dates = [PLAN_DATE - timedelta(days=back) for back in range(9, -1, -1)]
    return {night: night_frames(enterprise, night, horizon=1) for night in dates}


@pytest.fixture
def lake(tmp_path: Path, nights: dict[date, dict[Table, pd.DataFrame]]) -> Lake:
    """Nights whose days went as planned, and a day on which half as much again comes."""
    lake = Lake(str(tmp_path / "lake"))
    for back, (night, frames) in enumerate(nights.items()):
        forecast = frames[FORECAST_INTERVAL]
        lake.replace(FORECAST_INTERVAL, forecast, night)
        lake.replace(STAFFING_INTERVAL, frames[STAFFING_INTERVAL], night)
        day = night + timedelta(days=1)
        factor = 1.5 if day == TODAY else np.exp(np.random.default_rng(back).normal(0.0, 0.1))
        came = forecast[["queue_id", "interval_start_utc", "business_date"]].assign(
            offered_contacts=(factor * forecast["mean_offered_contacts"]).round().astype("int64")
        )
        lake.replace(INTERVAL_HISTORY, came.reindex(columns=INTERVAL_HISTORY.column_names), day)
    return lake


def test_a_busy_morning_raises_the_rest_of_the_day_and_its_people(lake: Lake, enterprise: Enterprise) -> None:
    rows = reforecast_day(NOON, enterprise, lake)
    assert (rows["interval_start_utc"] >= pd.Timestamp(NOON)).all()
    assert (rows["made_at"] == pd.Timestamp(NOON)).all()
    assert (rows["plan_date"] == PLAN_DATE).all()
    calls = rows[rows["queue_id"] == "voice_claims"]
    assert calls["factor"].iloc[0] > 1.15
    people = staff_day(NOON, enterprise, lake)
    mine = people[people["queue_id"] == "voice_claims"]
    assert (mine["positions_required"] >= mine["night_positions_required"]).all()
    assert mine["positions_required"].sum() > mine["night_positions_required"].sum()
    assert not set(people["queue_id"]) & {"email_claims", "cases_policy"}, "work that can wait is staffed by its due times"


def test_what_comes_after_the_moment_changes_nothing_and_moments_stand_beside_each_other(
    lake: Lake, enterprise: Enterprise
) -> None:
    before = reforecast_day(NOON, enterprise, lake)
    later = lake.read(INTERVAL_HISTORY, first=TODAY, last=TODAY)
    later.loc[later["interval_start_utc"] >= pd.Timestamp(NOON), "offered_contacts"] = 99_999
    lake.replace(INTERVAL_HISTORY, later, TODAY)
    pd.testing.assert_frame_equal(reforecast_day(NOON, enterprise, lake), before)
    reforecast_day(NOON - HALF_HOUR, enterprise, lake)
    assert lake.read(FORECAST_TODAY, first=TODAY, last=TODAY)["made_at"].nunique() == 2
    staff_day(NOON, enterprise, lake)
    assert lake.read(STAFFING_TODAY, first=TODAY, last=TODAY)["made_at"].nunique() == 1
    with pytest.raises(NoHistoryError, match="leadline reforecast"):
        staff_day(NOON + HALF_HOUR, enterprise, lake)


def test_a_day_without_plan_and_one_that_has_not_begun_are_refused(lake: Lake, enterprise: Enterprise) -> None:
    with pytest.raises(NoHistoryError, match="no forecast of"):
        reforecast_day(NOON + timedelta(days=3), enterprise, lake)


def plan() -> pd.DataFrame:
    starts = pd.date_range("2026-11-13T08:00Z", periods=8, freq="30min")
    return pd.DataFrame({"queue_id": "calls", "interval_start_utc": starts, "mean_offered_contacts": 30.0})


def test_a_feed_that_fell_silent_is_no_quiet_hour() -> None:
    came = plan().assign(offered_contacts=[30, 28, 0, 0, 0, 0, 0, 0])
    at = pd.Timestamp("2026-11-13T10:00Z")
    with pytest.raises(RetryLaterError, match="60 contacts were expected"):
        so_far_until(came, plan(), at, HALF_HOUR)
    quiet = so_far_until(came, plan(), pd.Timestamp("2026-11-13T09:30Z"), HALF_HOUR)
    assert quiet["interval_start_utc"].max() == pd.Timestamp("2026-11-13T09:00Z"), "one empty interval may be chance"
    with pytest.raises(NoHistoryError, match="no planned interval"):
        so_far_until(came, plan(), pd.Timestamp("2026-11-13T08:10Z"), HALF_HOUR)
