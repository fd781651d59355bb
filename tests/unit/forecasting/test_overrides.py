"""Planners' changes on top of a forecast, on the example night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from expectations.gate import require_valid
from forecasting.nightly import NightForecast
from forecasting.overrides import PlannedForecast, with_overrides
from forecasting.planned_hours import changed_hours
from tests.support.example_night import PLAN_DATE, example_enterprise, night_frames
from warehouse.overrides.changes import as_models_see_it, changes_of
from warehouse.overrides.entry import Entry
from warehouse.overrides.judgement import judged, status_rows
from warehouse.overrides.opening import with_planners_hours
from warehouse.tables.claims import CLAIMS_CONTACTS
from warehouse.tables.columns import QUANTILES
from warehouse.tables.forecast import (
    CLAIMS_LEAD,
    DRIVER_LEAD,
    DRIVERS,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    MODEL_LEADERBOARD,
    OFFERED_QUANTILES,
)
from warehouse.tables.overrides import OVERRIDE_EFFECT

AT = datetime(2026, 11, 12, 15, tzinfo=UTC)
DAY = date(2026, 11, 16)
_MEAN = "mean_offered_contacts"


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    whole = example_enterprise(tmp_path_factory.mktemp("overrides"))
    return whole.model_copy(update={"planning": whole.planning.model_copy(update={"horizon_days": 7})})


@pytest.fixture(scope="module")
def forecast(enterprise: Enterprise) -> NightForecast:
    frames = night_frames(enterprise, PLAN_DATE, horizon=7)
    return NightForecast(
        frames[FORECAST_INTERVAL],
        frames[FORECAST_DAILY],
        frames[CLAIMS_LEAD],
        frames[CLAIMS_CONTACTS],
        frames[DRIVER_LEAD],
        frames[MODEL_LEADERBOARD],
    )


def change(kind: str, queue: str = "voice_claims", *, number: int = 1, day: date = DAY, **more: object) -> Entry:
    said = {"level": "queue", "member_id": queue, "first_date": day, "last_date": day, "override_id": number} | more
    return Entry(kind=kind, reason="mailing", entered_by="anna", entered_at=AT, **said)  # type: ignore[arg-type]


def planned_with(forecast: NightForecast, enterprise: Enterprise, *entries: Entry) -> PlannedForecast:
    status = status_rows(judged(entries, enterprise, PLAN_DATE), PLAN_DATE)
    assert set(status["status"]) <= {"applied"}, status["status_reason"].tolist()
    places = enterprise.places
    hours = changed_hours(enterprise, with_planners_hours(enterprise, status), PLAN_DATE)
    found = with_overrides(forecast, changes_of(status, enterprise, PLAN_DATE), hours, places, grid_of(enterprise))
    require_valid(FORECAST_INTERVAL, found.planned.intervals)
    require_valid(FORECAST_DAILY, found.planned.daily)
    require_valid(OVERRIDE_EFFECT, found.effects)
    adds_up(found, places)
    return found


def adds_up(found: PlannedForecast, places: dict[str, tuple[str, str]]) -> None:
    daily = found.planned.daily
    drivers = daily[[column.name for column in DRIVERS]].sum(axis=1)
    np.testing.assert_allclose(drivers, daily[_MEAN], atol=1e-4)
    queues = daily[daily["level"] == "queue"]
    sums = found.planned.intervals.groupby(["queue_id", "business_date"])[_MEAN].sum()
    for row in queues.itertuples():
        assert sums.get((row.member_id, row.business_date), 0.0) == pytest.approx(row.mean_offered_contacts, abs=1e-4)
    lines = queues.groupby([queues["member_id"].map(lambda queue: places[queue][1]), "business_date"])[_MEAN].sum()
    for row in daily[daily["level"] == "line_of_business"].itertuples():
        assert lines[row.member_id, row.business_date] == pytest.approx(row.mean_offered_contacts, abs=1e-4)
    for frame in (daily, found.planned.intervals):
        values = frame[[column.name for column in OFFERED_QUANTILES]].to_numpy(dtype=float)
        assert (values >= 0).all()
        assert (np.diff(values, axis=1) >= -1e-6).all()


def of_queue(frame: pd.DataFrame, queue: str = "voice_claims", day: date = DAY) -> pd.Series:
    return frame[(frame["level"] == "queue") & (frame["member_id"] == queue) & (frame["business_date"] == day)].iloc[0]


def test_without_changes_every_number_stays(forecast: NightForecast, enterprise: Enterprise) -> None:
    found = planned_with(forecast, enterprise)
    assert found.planned is forecast
    assert found.model_daily.empty


def test_a_factor_scales_the_day_with_its_uncertainty_and_keeps_the_models_own(
    forecast: NightForecast, enterprise: Enterprise
) -> None:
    found = planned_with(forecast, enterprise, change("contacts_factor", value=1.5))
    before, after, kept = of_queue(forecast.daily), of_queue(found.planned.daily), of_queue(found.model_daily)
    assert after[_MEAN] == pytest.approx(1.5 * before[_MEAN], abs=1e-3)
    assert after["offered_contacts_q90"] == pytest.approx(1.5 * before["offered_contacts_q90"], rel=1e-6)
    assert after["override_contacts"] == pytest.approx(0.5 * before[_MEAN], abs=1e-3)
    assert kept[_MEAN] == before[_MEAN]
    assert set(found.model_daily["level"]) == {"queue", "channel", "line_of_business", "site", "enterprise"}
    assert found.effects["changed_contacts"].sum() == pytest.approx(after["override_contacts"], abs=1e-4)
    assert found.effects["in_words"].iloc[0] == "contacts times 1.5 (mailing; anna)"
    untouched = found.planned.daily["business_date"] != DAY
    pd.testing.assert_frame_equal(found.planned.daily[untouched], forecast.daily[untouched])


def test_contacts_added_to_a_line_are_shared_by_what_the_model_expects(forecast: NightForecast, enterprise: Enterprise) -> None:
    line = change("contacts_added", level="line_of_business", member_id="claims", value=100.0)
    found = planned_with(forecast, enterprise, line)
    effects = found.effects.set_index("queue_id")["changed_contacts"]
    before = forecast.daily.set_index(["level", "member_id", "business_date"])[_MEAN]
    assert effects.sum() == pytest.approx(100.0, abs=1e-3)
    for queue in effects.index:
        share = before["queue", queue, DAY] / before["line_of_business", "claims", DAY]
        assert effects[queue] == pytest.approx(100.0 * share, abs=1e-3)


def test_more_taken_away_than_there_is_leaves_nothing_and_no_less(forecast: NightForecast, enterprise: Enterprise) -> None:
    found = planned_with(forecast, enterprise, change("contacts_added", value=-1e6))
    after = of_queue(found.planned.daily)
    assert after[_MEAN] == 0.0
    assert after["offered_contacts_q95"] == 0.0


def test_a_total_of_some_hours_leaves_the_other_hours_alone(forecast: NightForecast, enterprise: Enterprise) -> None:
    found = planned_with(forecast, enterprise, change("contacts_total", value=60.0, start_time="10:00", end_time="12:00"))
    local = found.planned.intervals["interval_start_utc"].dt.tz_convert(enterprise.time_zone)
    mine = (found.planned.intervals["queue_id"] == "voice_claims") & (found.planned.intervals["business_date"] == DAY)
    inside = mine & (local.dt.hour >= 10) & (local.dt.hour < 12)
    assert found.planned.intervals.loc[inside, _MEAN].sum() == pytest.approx(60.0, abs=1e-4)
    both = found.planned.intervals[mine & ~inside].merge(forecast.intervals, on=["queue_id", "interval_start_utc"])
    np.testing.assert_array_equal(both[f"{_MEAN}_x"], both[f"{_MEAN}_y"])


def test_handle_time_of_a_day_changes_and_its_contacts_do_not(forecast: NightForecast, enterprise: Enterprise) -> None:
    found = planned_with(forecast, enterprise, change("handle_time_factor", value=1.25))
    before, after = of_queue(forecast.daily), of_queue(found.planned.daily)
    assert after["mean_handle_seconds"] == pytest.approx(1.25 * before["mean_handle_seconds"], abs=1e-4)
    assert after["mean_handle_seconds_q90"] == pytest.approx(1.25 * before["mean_handle_seconds_q90"], abs=1e-4)
    assert after[_MEAN] == pytest.approx(before[_MEAN], abs=1e-4)
    assert found.effects["changed_handle_seconds"].iloc[0] > 0


def test_a_closed_afternoon_has_no_contacts_and_no_hours(forecast: NightForecast, enterprise: Enterprise) -> None:
    closed = change("closed", start_time="13:00", end_time="24:00")
    found = planned_with(forecast, enterprise, closed)
    local = found.planned.intervals["interval_start_utc"].dt.tz_convert(enterprise.time_zone)
    mine = (found.planned.intervals["queue_id"] == "voice_claims") & (found.planned.intervals["business_date"] == DAY)
    assert found.planned.intervals.loc[mine & (local.dt.hour >= 13), _MEAN].sum() == 0
    assert found.planned.intervals.loc[mine & (local.dt.hour < 13), _MEAN].min() > 0
    status = status_rows(judged([closed], enterprise, PLAN_DATE), PLAN_DATE)
    hours = changed_hours(enterprise, with_planners_hours(enterprise, status), PLAN_DATE)
    assert list(hours) == ["voice_claims"], "only the queue that was closed has other hours"


def test_a_total_for_a_day_that_is_partly_closed_comes_in_what_is_open(forecast: NightForecast, enterprise: Enterprise) -> None:
    closed = change("closed", start_time="13:00", end_time="24:00")
    found = planned_with(forecast, enterprise, closed, change("contacts_total", number=2, value=80.0))
    assert of_queue(found.planned.daily)[_MEAN] == pytest.approx(80.0, abs=1e-4)
    shut = planned_with(forecast, enterprise, change("closed"), change("contacts_total", number=2, value=80.0))
    assert of_queue(shut.planned.daily)[_MEAN] == 0.0


def test_an_opened_sunday_has_the_contacts_that_were_said(forecast: NightForecast, enterprise: Enterprise) -> None:
    sunday = PLAN_DATE + timedelta(days=3)
    usual = forecast.daily[(forecast.daily["level"] == "queue") & (forecast.daily["member_id"] == "voice_claims")].head(1)
    nothing = dict.fromkeys([_MEAN, *(column.name for column in (*OFFERED_QUANTILES, *DRIVERS))], 0.0)
    daily = pd.concat([forecast.daily, usual.assign(business_date=sunday, lead_days=3, **nothing)], ignore_index=True)
    forecast = replace(forecast, daily=daily)
    opened = change("opened", day=sunday, value=40.0, start_time="10:00", end_time="14:00")
    found = planned_with(forecast, enterprise, opened)
    rows = found.planned.intervals
    mine = rows[(rows["queue_id"] == "voice_claims") & (rows["business_date"] == sunday)]
    assert len(mine) == 8
    assert mine[_MEAN].sum() == pytest.approx(40.0, abs=1e-4)
    assert (mine["offered_contacts_q95"] > mine[_MEAN]).all()


def test_the_models_see_events_but_no_coming_hours(enterprise: Enterprise) -> None:
    entries = [change("event", event_name="mailing"), change("closed", number=2)]
    status = status_rows(judged(entries, enterprise, PLAN_DATE), PLAN_DATE)
    seen = as_models_see_it(enterprise, status, PLAN_DATE)
    assert [event.name for event in seen.events] == [*(event.name for event in enterprise.events), "mailing"]
    assert seen.queues == enterprise.queues
    later = status_rows(judged(entries, enterprise, DAY), DAY)
    assert as_models_see_it(enterprise, later, DAY).queues["voice_claims"].opening_hours == "voice_claims_as_planned"


def test_quantile_columns_are_those_of_the_tables() -> None:
    assert len(OFFERED_QUANTILES) == len(QUANTILES)
