"""Weeks far ahead: level, damped trend and season are found, nothing is invented on short history, levels add up."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Enterprise, load_enterprise
from expectations.gate import require_valid
from forecasting.calendar import QueueCalendar, calendars
from forecasting.long_term import WeekSeries, forecast_weeks, past_errors, spread_of_weeks
from forecasting.week_series import first_week, week_series
from forecasting.weekly_rows import WEEKS, weekly_rows
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_WEEKLY

ROOT = Path(__file__).parents[3]
NIGHT = date(2026, 11, 12)
QUEUES = ("voice_service", "chat_service", "email_claims")


def weeks(past: int, growth: float = 0.0, season: float = 0.0, level: float = 5000.0, seed: int = 1) -> WeekSeries:
    """Weeks of a queue that is always open, whose trend and season are known."""
    of_year = (np.arange(past + WEEKS) + 3) / 52.18 % 1.0
    mean = level * np.exp(growth * (np.arange(past) - past) / 52.18 + season * np.cos(2 * np.pi * of_year[:past]))
    drawn = np.random.default_rng(seed).poisson(mean * np.random.default_rng(seed + 1).gamma(800, 1 / 800, past))
    return WeekSeries(drawn.astype(float), np.ones(past), np.ones(WEEKS), of_year)


def test_a_yearly_season_of_three_years_is_found() -> None:
    series = weeks(160, season=0.15)
    truth = 5000 * np.exp(0.15 * np.cos(2 * np.pi * series.week_of_year[160:]))
    assert np.abs(forecast_weeks(series).mean / truth - 1).mean() < 0.03


def test_a_trend_goes_on_but_less_and_less() -> None:
    made = forecast_weeks(weeks(160, growth=0.10)).mean
    assert made[25] > 1.02 * made[0]
    assert made[-1] - made[-27] < made[26] - made[0]
    assert made[-1] < 5000 * np.exp(0.10 * WEEKS / 52.18), "damped: below the trend drawn on"


def test_half_a_year_shows_neither_season_nor_much_trend() -> None:
    made = forecast_weeks(weeks(26, season=0.2))
    assert not made.has_season
    assert not made.has_trend
    assert made.mean.max() / made.mean.min() < 1.1


@pytest.mark.parametrize("past", [0, 1, 3])
def test_hardly_any_history_gives_its_level(past: int) -> None:
    made = forecast_weeks(weeks(past))
    assert np.isfinite(made.mean).all()
    assert np.ptp(made.mean) == 0.0
    assert made.mean[0] == pytest.approx(5000.0 if past else 0.0, rel=0.1)


def test_a_week_of_which_little_is_known_is_not_a_quiet_week() -> None:
    whole = weeks(120)
    share = whole.known_share.copy()
    share[[50, 118, 119]] = (0.5, 0.0, 0.9)
    torn = WeekSeries(whole.contacts * share, share, whole.open_share, whole.week_of_year)
    assert forecast_weeks(torn).mean[0] == pytest.approx(forecast_weeks(whole).mean[0], rel=0.03)


def test_zeros_and_wild_weeks_break_nothing() -> None:
    zero = WeekSeries(np.zeros(120), np.ones(120), np.ones(WEEKS), np.arange(120 + WEEKS) / 52 % 1)
    assert (forecast_weeks(zero).mean == 0.0).all()
    series = weeks(120)
    series.contacts[[30, 117]] *= 30.0
    assert forecast_weeks(series).mean[0] == pytest.approx(5000.0, rel=0.1)


def test_the_band_holds_as_often_as_it_says_and_widens_with_the_lead() -> None:
    held = []
    for seed in range(30):
        series = weeks(156 + WEEKS, growth=0.05, season=0.1, seed=10 * seed)
        then = series.until(156, WEEKS)
        made = forecast_weeks(then)
        spread = spread_of_weeks(past_errors(then, WEEKS), made.mean, made)
        assert (np.diff(spread) >= 0).all()
        sigma = np.sqrt(spread**2 + 1 / made.mean)
        held.append(np.abs(np.log(series.contacts[156:] / made.mean)) <= 1.2816 * sigma)
    assert 0.7 < np.mean(held) < 1.0


def test_on_half_a_year_the_band_of_a_queue_that_strays_is_as_wide_as_its_own_weeks_say() -> None:
    rng = np.random.default_rng(4)
    held = []
    for strays in (0.02, 0.15):
        for _ in range(40):
            came = 5000.0 * np.exp(rng.normal(0.0, strays, 26 + 13))
            series = WeekSeries(came, np.ones(39), np.ones(13), np.arange(52) / 52)
            then = series.until(26, 13)
            made = forecast_weeks(then)
            spread = spread_of_weeks(past_errors(then, 13), made.mean, made)
            held.append(np.mean(np.abs(np.log(came[26:] / made.mean)) <= 1.2816 * spread))
    calm, straying = np.array(held).reshape(2, 40).mean(axis=1)
    assert calm > 0.9
    assert 0.72 < straying < 0.9  # less than half if only what is usual were asked


def test_nothing_after_an_origin_is_looked_at() -> None:
    series = weeks(150, season=0.1)
    later = WeekSeries(
        np.where(np.arange(150) < 120, series.contacts, 9e9), series.known_share, series.open_share, series.week_of_year
    )
    np.testing.assert_array_equal(forecast_weeks(series.until(120, 78)).mean, forecast_weeks(later.until(120, 78)).mean)


@pytest.fixture(scope="module")
def enterprise() -> Enterprise:
    whole = load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)
    return whole.model_copy(update={"queues": {name: whole.queues[name] for name in QUEUES}})


@pytest.fixture(scope="module")
def daily(enterprise: Enterprise) -> pd.DataFrame:
    first = NIGHT - timedelta(days=700)
    by_queue = calendars(enterprise, list(QUEUES), first, NIGHT)
    rng = np.random.default_rng(2)
    frames = []
    for queue, calendar in by_queue.items():
        level = 300.0 * np.array([1.2, 1.0, 1.0, 0.9, 0.9, 0.4, 0.2])[calendar.weekday_like] * calendar.takes_contacts
        days = calendar.frame["business_date"]
        frames.append(pd.DataFrame({"queue_id": queue, "business_date": days, "offered_contacts": rng.poisson(level)}))
    return pd.concat(frames, ignore_index=True).assign(source_complete=True)


def no_plan() -> pd.DataFrame:
    return pd.DataFrame(columns=FORECAST_DAILY.column_names)


def test_levels_add_up_and_rows_are_valid(daily: pd.DataFrame, enterprise: Enterprise) -> None:
    rows = weekly_rows(daily, no_plan(), no_plan(), enterprise, NIGHT)
    require_valid(FORECAST_WEEKLY, rows)
    assert rows.groupby(["level", "member_id"]).size().eq(WEEKS).all()
    assert rows["week_start_date"].min() == first_week(NIGHT) == date(2026, 11, 16)
    by_level = rows.groupby(["level", "week_start_date"])["mean_offered_contacts"].sum().unstack("level")
    for level in ("channel", "line_of_business", "enterprise"):
        np.testing.assert_allclose(by_level[level], by_level["queue"], rtol=0, atol=1e-5)
    assert (rows["low_offered_contacts"] <= rows["mean_offered_contacts"]).all()
    queues = rows[rows["level"] == "queue"].groupby("week_start_date")[["mean_offered_contacts", "high_offered_contacts"]].sum()
    whole = rows[rows["level"] == "enterprise"].set_index("week_start_date")
    assert (whole["high_offered_contacts"] <= queues["high_offered_contacts"] + 1e-6).all(), "not all stray the same way at once"


def test_weeks_inside_the_plan_are_its_days_and_the_next_ones_follow_on(daily: pd.DataFrame, enterprise: Enterprise) -> None:
    days = [NIGHT + timedelta(days=k) for k in range(1, 29)]
    rows = {"level": "queue", "member_id": "voice_service", "business_date": days, "mean_offered_contacts": 500.0}
    plan = pd.DataFrame(rows)
    without, given = (weekly_rows(daily, planned, planned, enterprise, NIGHT) for planned in (no_plan(), plan))
    before, after = (frame[frame["member_id"] == "voice_service"].reset_index(drop=True) for frame in (without, given))
    assert after["mean_offered_contacts"].tolist()[:3] == [3500.0] * 3
    assert after["basis"].tolist()[:4] == ["days of the plan"] * 3 + ["long term"]
    ratio = after["mean_offered_contacts"] / before["mean_offered_contacts"]
    assert ratio[3] > ratio[10] > ratio[77]
    assert ratio[77] == pytest.approx(1.0, abs=0.01)
    changed = weekly_rows(daily, plan, plan.assign(mean_offered_contacts=900.0), enterprise, NIGHT)
    changed = changed[changed["member_id"] == "voice_service"].reset_index(drop=True)
    assert changed["mean_offered_contacts"].tolist()[:3] == [6300.0] * 3
    assert changed["mean_offered_contacts"].tolist()[3:] == after["mean_offered_contacts"].tolist()[3:], (
        "a planner's day is no level"
    )


def test_short_history_says_so_and_a_queue_without_any_is_named(daily: pd.DataFrame, enterprise: Enterprise) -> None:
    late = daily[(daily["queue_id"] == "voice_service") & (daily["business_date"] > NIGHT - timedelta(days=120))]
    rows = weekly_rows(late, no_plan(), no_plan(), enterprise, NIGHT)
    notes = rows.groupby(["level", "member_id"])["note"].first()
    assert "no yearly season can be seen" in notes["queue", "voice_service"]
    assert "without chat_service, email_claims: no history" in notes["enterprise", "all"]


def test_closed_days_make_a_smaller_week(enterprise: Enterprise) -> None:
    calendar: QueueCalendar = calendars(enterprise, ["voice_service"], NIGHT - timedelta(days=100), date(2027, 1, 10))[
        "voice_service"
    ]
    known = np.where(calendar.takes_contacts[:101], 100.0, np.nan)
    series = week_series(known, calendar, 7)
    assert series.open_share[0] == pytest.approx(1.0)
    assert series.open_share[5] < 0.9, "the week of Christmas"
