"""The forecast of a whole night, on three queues of the example enterprise with history made up here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from enterprise.errors import NoHistoryError
from enterprise.grid import IntervalGrid
from enterprise.settings import Enterprise, load_enterprise
from enterprise.timing import opening_of
from expectations.gate import require_valid
from forecasting import block_forecast, night_backtest
from forecasting.backtest import Backtest, run_backtest
from forecasting.calendar import calendars, date_range
from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_MEAN_8, SEASONAL_NAIVE
from forecasting.drivers import NAMES
from forecasting.handle_time import HandleTime, learn_handle_time
from forecasting.intervals import future_intervals
from forecasting.job import forecast_night
from forecasting.nightly import History, NightForecast, forecast_all
from warehouse.lake import Lake
from warehouse.tables.columns import QUANTILES
from warehouse.tables.forecast import CLAIMS_LEAD, FORECAST_DAILY, FORECAST_INTERVAL, MODEL_LEADERBOARD
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY

ROOT = Path(__file__).parents[3]
PLAN_DATE = date(2026, 10, 22)  # the horizon holds the clock change of 25 October
QUEUES = {"voice_claims": 300.0, "chat_service": 150.0, "email_claims": 60.0}
CHEAP = (SEASONAL_NAIVE, SEASONAL_MEAN_4, SEASONAL_MEAN_8, DYNAMIC_REGRESSION)


@pytest.fixture(scope="module")
def enterprise() -> Enterprise:
    whole = load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)
    return whole.model_copy(update={"queues": {name: whole.queues[name] for name in QUEUES}})


def make_history(enterprise: Enterprise, days: int, last: date = PLAN_DATE, seed: int = 4) -> History:
    rng = np.random.default_rng(seed)
    first = last - timedelta(days=days - 1)
    grid = IntervalGrid(enterprise.time_zone, enterprise.interval_minutes)
    by_queue = calendars(enterprise, list(QUEUES), first, last)
    daily, intervals = [], []
    for queue, level in QUEUES.items():
        calendar = by_queue[queue]
        mean = level * np.array([1.2, 1.0, 1.0, 0.95, 0.9, 0.4, 0.3])[calendar.weekday_like] * calendar.takes_contacts
        offered = rng.poisson(mean * rng.gamma(150.0, 1.0 / 150.0, len(mean)))
        frame = calendar.frame
        daily.append(
            pd.DataFrame(
                {
                    "queue_id": queue,
                    "business_date": frame["business_date"],
                    "channel": enterprise.queues[queue].channel,
                    "offered_contacts": offered,
                    "answered_contacts": offered,
                    "handle_seconds": offered * 500.0 * rng.lognormal(0.0, 0.05, len(offered)),
                    "open_seconds": frame["open_seconds"].astype(float),
                    "source_complete": True,
                }
            )
        )
        taking = future_intervals(
            opening_of(enterprise, queue), grid, date_range(first, last), deferred=enterprise.queues[queue].is_deferred
        )
        weight = np.exp(-(((taking["minute_of_day"] - 640) / 150.0) ** 2)) + 0.2
        share = weight / weight.groupby(taking["business_date"]).transform("sum")
        total = taking["business_date"].map(dict(zip(frame["business_date"], offered, strict=True))).astype(float)
        intervals.append(
            taking[["interval_start_utc", "business_date"]].assign(queue_id=queue, offered_contacts=rng.poisson(total * share))
        )
    claims = pd.DataFrame(
        {
            "line_of_business": "motor",
            "region": "north",
            "peril": "glass",
            "business_date": date_range(first, last),
            "reported_claims": rng.poisson(40, days),
            "catastrophe_claims": 0,
            "source_complete": True,
        }
    )
    return History(_full(DAILY_HISTORY, pd.concat(daily)), _full(INTERVAL_HISTORY, pd.concat(intervals)), claims)


def _full(table, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.reset_index(drop=True).reindex(columns=table.column_names)


@pytest.fixture(scope="module")
def history(enterprise: Enterprise) -> History:
    return make_history(enterprise, 150)


@pytest.fixture(scope="module")
def forecast(history: History, enterprise: Enterprise) -> NightForecast:
    return forecast_all(history, enterprise, PLAN_DATE, CHEAP)


def _quantiles(frame: pd.DataFrame, stem: str) -> np.ndarray:
    return frame[[f"{stem}_q{round(100 * q):02d}" for q in QUANTILES]].to_numpy(dtype=float)


def test_every_table_is_valid(forecast: NightForecast) -> None:
    for table, frame in (
        (FORECAST_INTERVAL, forecast.intervals),
        (FORECAST_DAILY, forecast.daily),
        (CLAIMS_LEAD, forecast.claims_lead),
        (MODEL_LEADERBOARD, forecast.leaderboard),
    ):
        assert require_valid(table, frame).num_rows > 0


def test_levels_add_up_exactly(forecast: NightForecast, enterprise: Enterprise) -> None:
    daily = forecast.daily
    queues = daily[daily["level"] == "queue"]
    for level in ("channel", "line_of_business", "site"):
        member = queues["member_id"].map({name: getattr(queue, level) for name, queue in enterprise.queues.items()})
        summed = queues.groupby([member, "business_date"])["mean_offered_contacts"].sum()
        found = daily[daily["level"] == level].set_index(["member_id", "business_date"])["mean_offered_contacts"]
        np.testing.assert_allclose(found.sort_index(), summed.sort_index(), rtol=0, atol=1e-9)
    total = daily[daily["level"] == "enterprise"].set_index("business_date")["mean_offered_contacts"]
    np.testing.assert_allclose(total, queues.groupby("business_date")["mean_offered_contacts"].sum(), rtol=0, atol=1e-9)


def test_intervals_add_up_to_their_day(forecast: NightForecast) -> None:
    queues = forecast.daily[forecast.daily["level"] == "queue"].set_index(["member_id", "business_date"])
    summed = forecast.intervals.groupby(["queue_id", "business_date"])["mean_offered_contacts"].sum()
    expected = queues["mean_offered_contacts"]
    expected = expected[expected > 0]
    np.testing.assert_allclose(summed.reindex(expected.index), expected, rtol=0, atol=1e-8)


def test_drivers_add_up_to_the_mean(forecast: NightForecast) -> None:
    drivers = [c.name for c in FORECAST_DAILY.columns if c.name.endswith("_contacts") and "offered" not in c.name]
    assert set(drivers) == set(NAMES)
    np.testing.assert_allclose(forecast.daily[drivers].sum(axis=1), forecast.daily["mean_offered_contacts"], rtol=0, atol=1e-8)


def test_quantiles_never_fall_and_are_never_negative(forecast: NightForecast) -> None:
    for frame in (forecast.daily, forecast.intervals):
        for stem in ("offered_contacts", "mean_handle_seconds"):
            values = _quantiles(frame, stem)
            assert (np.diff(values, axis=1) >= 0).all()
            assert (values >= 0).all()


def test_the_forecast_finds_the_level_and_the_handle_time(forecast: NightForecast) -> None:
    daily = forecast.daily[forecast.daily["level"] == "queue"]
    tuesday = [day.weekday() == 1 for day in daily["business_date"]]
    means = daily[tuesday].groupby("member_id")["mean_offered_contacts"].mean()
    for queue, level in QUEUES.items():
        assert means[queue] == pytest.approx(level, rel=0.1)
    assert daily["mean_handle_seconds"].to_numpy() == pytest.approx(500.0, rel=0.06)


def test_live_queues_have_no_interval_while_closed_and_mail_comes_at_all_hours(forecast: NightForecast) -> None:
    counts = forecast.intervals.groupby(["queue_id", "business_date"]).size()
    sunday = date(2026, 10, 25)
    assert ("voice_claims", sunday) not in counts.index
    assert counts["email_claims", sunday] == 50  # clocks go back: an hour more
    assert counts["email_claims", date(2026, 10, 26)] == 48
    assert counts["voice_claims", date(2026, 10, 26)] == 24


def test_nothing_after_the_plan_date_changes_the_forecast(
    forecast: NightForecast, history: History, enterprise: Enterprise
) -> None:
    longer = make_history(enterprise, 20, last=PLAN_DATE + timedelta(days=20), seed=99)
    later = History(
        pd.concat([history.daily, longer.daily.assign(offered_contacts=longer.daily["offered_contacts"] * 9)]),
        pd.concat([history.intervals, longer.intervals]),
        pd.concat([history.claims, longer.claims.assign(reported_claims=5_000)]),
    )
    again = forecast_all(later, enterprise, PLAN_DATE, CHEAP)
    pd.testing.assert_frame_equal(again.daily, forecast.daily)
    pd.testing.assert_frame_equal(again.intervals, forecast.intervals)
    pd.testing.assert_frame_equal(again.leaderboard, forecast.leaderboard)
    pd.testing.assert_frame_equal(again.claims_lead, forecast.claims_lead)


def test_a_young_queue_borrows_from_its_channel_and_says_so(history: History, enterprise: Enterprise) -> None:
    young = (history.daily["queue_id"] == "chat_service") & (history.daily["business_date"] <= PLAN_DATE - timedelta(days=12))
    forecast = forecast_all(History(history.daily[~young], history.intervals, history.claims), enterprise, PLAN_DATE, CHEAP)
    chat = forecast.daily[forecast.daily["member_id"] == "chat_service"]
    assert set(chat["champion_model"]) == {"group_profile"}
    assert chat["fallback_reason"].str.contains("short history").all()
    assert chat["mean_offered_contacts"].max() > 100.0


def test_a_queue_without_history_is_not_invented_and_the_planner_is_told(history: History, enterprise: Enterprise) -> None:
    silent = history.daily[history.daily["queue_id"] != "chat_service"]
    forecast = forecast_all(History(silent, history.intervals, history.claims), enterprise, PLAN_DATE, CHEAP)
    assert "chat_service" not in set(forecast.daily["member_id"])
    row = forecast.leaderboard[forecast.leaderboard["queue_id"] == "chat_service"]
    assert row["reason"].str.contains("no history").all()
    total = forecast.daily[forecast.daily["level"] == "enterprise"]
    assert total["fallback_reason"].str.contains("without chat_service").all()


def test_a_day_without_the_feed_of_claims_is_named_beside_the_champions_that_look_at_claims(
    history: History, enterprise: Enterprise, forecast: NightForecast
) -> None:
    gap = PLAN_DATE - timedelta(days=9)
    silent = history.claims.copy()
    missing = silent["business_date"] == gap
    assert missing.any()
    silent.loc[missing, "reported_claims"] = 0
    silent.loc[missing, "source_complete"] = False
    board = forecast_all(replace(history, claims=silent), enterprise, PLAN_DATE, CHEAP).leaderboard
    said = board["reason"].str.contains(f"claims of {gap} taken at their usual level", regex=False)
    of_claims = set(QUEUES) & set(enterprise.claims_lead.queues)
    assert of_claims == set(board.loc[said, "queue_id"])
    assert (said == (board["is_champion"] & board["queue_id"].isin(of_claims))).all()
    assert not forecast.leaderboard["reason"].str.contains("claims of", regex=False).any()


def test_no_history_at_all_says_what_to_do(history: History, enterprise: Enterprise) -> None:
    with pytest.raises(NoHistoryError, match="Check that the sources delivered"):
        forecast_all(History(history.daily.iloc[:0], history.intervals, history.claims), enterprise, PLAN_DATE, CHEAP)


def test_the_job_writes_the_same_bytes_twice(tmp_path: Path, enterprise: Enterprise) -> None:
    lake = Lake(str(tmp_path / "lake"))
    history = make_history(enterprise, 110)
    lake.replace_partitions(DAILY_HISTORY, history.daily)
    lake.replace_partitions(INTERVAL_HISTORY, history.intervals)
    lake.replace_partitions(CLAIMS_DAILY, history.claims)
    first = forecast_night(PLAN_DATE, enterprise, lake)
    assert [written.table for written in first] == [
        "forecast_interval",
        "forecast_daily",
        "forecast_weekly",
        "forecast_change",
        "claims_lead",
        "claims_contacts",
        "driver_lead",
        "model_leaderboard",
        "model_forecast_interval",
        "model_forecast_daily",
        "override_effect",
    ]
    assert forecast_night(PLAN_DATE, enterprise, lake) == first
    board = lake.read(MODEL_LEADERBOARD, first=PLAN_DATE, last=PLAN_DATE)
    assert board.loc[board["model"] == "prophet_log", "backtest_days"].sum() > 0


HELD = {"rule": "volume_usual", "subject_kind": "queue", "action": "held", "reason": "twice as many as usual"}


def _held(queue: str, days: list[date]) -> pd.DataFrame:
    return pd.DataFrame([{**HELD, "subject_id": queue, "business_date": day} for day in days])


def test_a_held_queue_day_changes_nothing_of_its_queue_but_the_flag(
    history: History, enterprise: Enterprise, forecast: NightForecast
) -> None:
    day = PLAN_DATE
    wrong = history.daily.copy()
    mine = (wrong["queue_id"] == "voice_claims") & (wrong["business_date"] == day)
    wrong.loc[mine, "offered_contacts"] = wrong.loc[mine, "offered_contacts"] * 3
    wrong.loc[mine, "handle_seconds"] = wrong.loc[mine, "handle_seconds"] * 3000
    held = forecast_all(replace(history, daily=wrong, findings=_held("voice_claims", [day])), enterprise, PLAN_DATE, CHEAP)
    untouched = forecast_all(replace(history, findings=_held("voice_claims", [day])), enterprise, PLAN_DATE, CHEAP)
    pd.testing.assert_frame_equal(held.daily, untouched.daily)
    rows = held.daily[(held.daily["level"] == "queue") & (held.daily["member_id"] == "voice_claims")]
    assert set(rows["data_warning"]) == {f"{day} left out: twice as many as usual"}
    assert set(rows["data_until_date"]) == {day - timedelta(days=1)}
    others = held.daily[(held.daily["level"] == "queue") & (held.daily["member_id"] != "voice_claims")]
    assert others["data_warning"].isna().all()
    whole = held.daily[held.daily["level"] == "enterprise"]
    assert whole["data_warning"].str.contains("voice_claims").all()
    before = forecast.daily.loc[rows.index, "mean_offered_contacts"]
    assert (rows["mean_offered_contacts"] / before - 1).abs().max() < 0.1


def test_a_queue_that_no_model_can_take_has_its_former_forecast_and_the_others_their_own(
    history: History, enterprise: Enterprise, forecast: NightForecast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fragile(daily: pd.DataFrame, *others: object) -> HandleTime:
        if len(daily) and daily["queue_id"].iloc[0] == "chat_service":
            raise ZeroDivisionError("no such handle time")
        return learn_handle_time(daily, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(block_forecast, "learn_handle_time", fragile)
    backtests: list[object] = []

    def counted(*given: Any, **more: Any) -> Backtest:
        backtests.append(given)
        return run_backtest(*given, **more)

    monkeypatch.setattr(night_backtest, "run_backtest", counted)
    made = forecast.daily.assign(plan_date=PLAN_DATE - timedelta(days=1), lead_days=forecast.daily["lead_days"] + 1)
    carried = forecast_all(replace(history, former=made), enterprise, PLAN_DATE, CHEAP)
    for table, frame in ((FORECAST_INTERVAL, carried.intervals), (FORECAST_DAILY, carried.daily)):
        assert require_valid(table, frame).num_rows == len(forecast.intervals if table is FORECAST_INTERVAL else forecast.daily)
    keys = ["level", "member_id", "business_date"]
    queues = carried.daily[carried.daily["level"] == "queue"].merge(forecast.daily, on=keys, suffixes=("", "_alone"))
    np.testing.assert_allclose(queues["mean_offered_contacts"], queues["mean_offered_contacts_alone"], rtol=0.05, atol=1.0)
    mine = queues[queues["member_id"] == "chat_service"]
    assert set(mine["champion_model"]) == {"last_good_plan"}
    assert mine["data_warning"].str.contains("no model can take its data .*no such handle time").all()
    np.testing.assert_array_equal(mine["mean_offered_contacts"], mine["mean_offered_contacts_alone"])
    assert "no such handle time" in " ".join(carried.leaderboard["reason"])
    assert len(backtests) == 1, "one broken queue does not cost the night twice"


def test_a_queue_that_never_had_a_forecast_and_has_none_tonight_is_named_as_missing(
    history: History, enterprise: Enterprise
) -> None:
    days = sorted(set(history.daily["business_date"]))
    alone = forecast_all(replace(history, findings=_held("chat_service", days)), enterprise, PLAN_DATE, CHEAP)
    assert "chat_service" not in set(alone.daily["member_id"])
    whole = alone.daily[alone.daily["level"] == "enterprise"]
    assert whole["fallback_reason"].str.contains("without chat_service").all()
