"""What changed between two nights: reasons that add up exactly, in contacts and in work."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Enterprise, load_enterprise
from expectations.gate import require_valid
from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_MEAN_8
from forecasting.champion import MEAN_OF_MODELS, Choice
from forecasting.plan_changes import champion_change, change_rows
from tests.support.example_night import night_frames
from warehouse.tables.forecast import FORECAST_CHANGE, FORECAST_DAILY
from warehouse.tables.parts import CHAMPION_CHANGE

ROOT = Path(__file__).parents[3]
NIGHT = date(2026, 11, 12)
NONE = pd.DataFrame(columns=CHAMPION_CHANGE.column_names)


@pytest.fixture(scope="module")
def enterprise() -> Enterprise:
    return load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)


@pytest.fixture(scope="module")
def places(enterprise: Enterprise) -> dict[str, tuple[str, str]]:
    return enterprise.places


def forecast(enterprise: Enterprise, night: date, factor: float = 1.0) -> pd.DataFrame:
    return night_frames(enterprise, night, horizon=7, factor=factor)[FORECAST_DAILY]


def test_reasons_add_up_to_the_difference_in_contacts_and_in_work(
    enterprise: Enterprise, places: dict[str, tuple[str, str]]
) -> None:
    then = forecast(enterprise, NIGHT - timedelta(days=1))
    now = forecast(enterprise, NIGHT, factor=1.1).assign(mean_handle_seconds=372.0)
    now["event_contacts"] += 3.0
    now["mean_offered_contacts"] += 3.0
    rows = change_rows(now, then, NONE, places, NIGHT)
    require_valid(FORECAST_CHANGE, rows)
    assert set(rows["business_date"]) == {NIGHT + timedelta(days=k) for k in range(1, 7)}, "days that both plans have"
    key = ["member_id", "business_date"]
    mine = rows[rows["level"] == "queue"].groupby(key)
    new, old = (frame[frame["level"] == "queue"].set_index(key) for frame in (now, then))
    contacts = (new["mean_offered_contacts"] - old["mean_offered_contacts"]).dropna()
    np.testing.assert_allclose(mine["change_contacts"].sum(), contacts.reindex(mine["change_contacts"].sum().index), atol=1e-9)
    work = new["mean_offered_contacts"] * 372.0 / 3600 - old["mean_offered_contacts"] * old["mean_handle_seconds"] / 3600
    np.testing.assert_allclose(mine["change_work_hours"].sum(), work.reindex(mine["change_contacts"].sum().index), atol=1e-9)
    assert (mine["former_mean_offered_contacts"].first() == old["mean_offered_contacts"].reindex(mine.size().index)).all()


def test_each_reason_gets_its_own_part_and_levels_are_sums(enterprise: Enterprise, places: dict[str, tuple[str, str]]) -> None:
    then = forecast(enterprise, NIGHT - timedelta(days=1))
    now = then.assign(plan_date=NIGHT, claims_lead_contacts=then["claims_lead_contacts"] + 12.0, driver_lead_contacts=4.0)
    now["mean_offered_contacts"] = then["mean_offered_contacts"] + 12.0 + 4.0 - 5.0
    now["override_contacts"] = -5.0
    rows = change_rows(now, then.assign(driver_lead_contacts=np.nan), NONE, places, NIGHT)
    voice = rows[(rows["member_id"] == "voice_claims") & (rows["business_date"] == NIGHT + timedelta(days=1))]
    found = voice.set_index("reason")["change_contacts"]
    assert found["claims"] == 12.0
    assert found["drivers"] == 4.0
    assert found["planners"] == -5.0
    assert found[["level", "calendar", "events", "champion"]].abs().max() == pytest.approx(0.0, abs=1e-9)
    by_claims = rows[rows["reason"] == "claims"]
    whole = by_claims[by_claims["level"] == "enterprise"].set_index("business_date")["change_contacts"]
    queues = by_claims[by_claims["level"] == "queue"].groupby("business_date").size()
    np.testing.assert_allclose(whole.sort_index(), 12.0 * queues.sort_index())


def test_another_champion_is_a_reason_of_its_own(enterprise: Enterprise, places: dict[str, tuple[str, str]]) -> None:
    tonight = {"seasonal_mean_4": np.full((2, 1), 90.0), "seasonal_mean_8": np.full((2, 1), 96.0)}
    tonight["dynamic_regression"] = np.full((2, 1), 104.0)
    candidates = (SEASONAL_MEAN_4, SEASONAL_MEAN_8, DYNAMIC_REGRESSION)
    choice = Choice("seasonal_mean_8", ("seasonal_mean_8",), {})
    same = champion_change("seasonal_mean_8", choice, tonight, 0, candidates)
    other = champion_change("seasonal_mean_4", choice, tonight, 0, candidates)
    mean = champion_change(MEAN_OF_MODELS, choice, tonight, 0, candidates)
    gone = champion_change("oracle", choice, tonight, 0, candidates)
    assert same is None
    assert gone is None
    assert other is not None
    assert mean is not None
    assert other.tolist() == [6.0, 6.0]
    assert mean.tolist() == [-8.0, -8.0]
    then = forecast(enterprise, NIGHT - timedelta(days=1))
    day = NIGHT + timedelta(days=1)
    told = {"queue_id": ["voice_claims"], "business_date": [day], "contacts": [6.0], "words": ["champion is b instead of a"]}
    rows = change_rows(forecast(enterprise, NIGHT), then, pd.DataFrame(told), places, NIGHT)
    mine = rows[(rows["member_id"] == "voice_claims") & (rows["business_date"] == day)].set_index("reason")
    assert mine.loc["champion", "change_contacts"] == 6.0
    assert mine.loc["champion", "words"] == "champion is b instead of a"
    assert mine["change_contacts"].sum() == pytest.approx(_mean(forecast(enterprise, NIGHT), day) - _mean(then, day))


def _mean(daily: pd.DataFrame, day: date) -> float:
    rows = daily[(daily["member_id"] == "voice_claims") & (daily["business_date"] == day)]
    return float(rows["mean_offered_contacts"].iloc[0])


def test_without_a_former_plan_there_is_nothing_to_tell(enterprise: Enterprise, places: dict[str, tuple[str, str]]) -> None:
    none = FORECAST_DAILY.arrow_schema.empty_table().to_pandas()
    assert change_rows(forecast(enterprise, NIGHT), none, NONE, places, NIGHT).empty
