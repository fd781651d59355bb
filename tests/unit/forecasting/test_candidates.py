"""Every candidate: constant history forecasts itself, closed days are closed, nothing later changes an earlier forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecasting.candidates.candidate import Candidate
from forecasting.candidates.pooled import POOLED_WEEKDAYS, pooled_forecast, pooled_weekdays
from forecasting.candidates.prophet_log import PROPHET_LOG
from forecasting.candidates.regression import DYNAMIC_REGRESSION, dynamic_regression
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_MEAN_8, SEASONAL_NAIVE, seasonal_mean
from forecasting.candidates.smoothing import SMOOTHING
from forecasting.cleaning import clean
from forecasting.fallback import NAME as GROUP_PROFILE
from forecasting.fallback import group_forecast
from tests.unit.forecasting.conftest import WEEKDAY


def _group_profile(panel):
    """What short histories get, as a candidate, so that it is held to the same."""
    everyone = range(len(panel.queues))
    return np.column_stack([group_forecast(panel, column, everyone)[0] for column in everyone])


SHORT_HISTORY = Candidate(GROUP_PROFILE, _group_profile)
CHEAP = (SEASONAL_NAIVE, SEASONAL_MEAN_4, SEASONAL_MEAN_8, POOLED_WEEKDAYS, DYNAMIC_REGRESSION, SMOOTHING)
EVERY = [pytest.param(candidate, id=candidate.name) for candidate in (*CHEAP, PROPHET_LOG, SHORT_HISTORY)]


@pytest.mark.parametrize("candidate", EVERY)
def test_a_constant_history_forecasts_itself(candidate: Candidate, make_test_panel) -> None:
    panel = make_test_panel(days=100, offered=lambda calendar, level: level * calendar.takes_contacts)
    forecast = candidate.forecast(panel)[:, 0]
    takes = panel.takes_contacts[panel.past :, 0]
    np.testing.assert_allclose(forecast[takes], 200.0, rtol=2e-3)
    assert (forecast[~takes] == 0.0).all()


@pytest.mark.parametrize("candidate", EVERY)
def test_nothing_after_the_origin_changes_a_forecast(candidate: Candidate, make_test_panel) -> None:
    panel = make_test_panel(days=120)
    origin = panel.dates[84]
    later = panel.offered.copy()
    later[85:] = np.where(np.isfinite(later[85:]), later[85:] * 7.0 + 1000.0, later[85:])
    disturbed = replace(panel, offered=later, from_claims=panel.from_claims + 50.0, fit=panel.fit & False)
    before = candidate.forecast(clean(panel.until(origin, 28))[0])
    after = candidate.forecast(clean(disturbed.until(origin, 28))[0])
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("candidate", EVERY)
def test_contacts_from_claims_are_added_back_as_they_are(candidate: Candidate, make_test_panel) -> None:
    panel = make_test_panel(days=100, offered=lambda calendar, level: level * calendar.takes_contacts)
    wave = pd.DataFrame({"queue_0": 0.0}, index=list(panel.dates))
    wave.loc[panel.dates[90] : panel.dates[94], "queue_0"] = 80.0
    wave.loc[panel.dates[panel.past] : panel.dates[panel.past], "queue_0"] = 60.0
    brought = panel.with_claims(wave)
    came = np.where(np.isfinite(panel.offered), panel.offered + brought.from_claims[: panel.past], np.nan)
    forecast = candidate.forecast(replace(brought, offered=came))[:, 0]
    takes = panel.takes_contacts[panel.past :, 0]
    expected = np.where(takes, 200.0, 0.0)
    expected[0] += 60.0 * takes[0]
    np.testing.assert_allclose(forecast[takes], expected[takes], rtol=3e-3)


def test_closed_days_do_not_enter_a_seasonal_mean(make_test_panel) -> None:
    panel = make_test_panel(days=60)
    monday = panel.weekday_like("queue_0")[: panel.past] == 0
    known = monday & np.isfinite(panel.offered[:, 0])
    expected = panel.offered[np.flatnonzero(known)[-4:], 0].mean()
    first_monday = np.flatnonzero(panel.weekday_like("queue_0")[panel.past :] == 0)[0]
    assert seasonal_mean(panel, 4)[first_monday, 0] == pytest.approx(expected)


def test_the_week_of_a_holiday_is_no_pattern_for_the_weeks_after_it(make_test_panel) -> None:
    easter = [date(2026, 4, 1) + timedelta(days=k) for k in range(7)]

    def half_at_easter(calendar, level):
        quiet = calendar.frame["business_date"].isin(easter).to_numpy()
        return level * WEEKDAY[calendar.weekday_like] * np.where(quiet, 0.5, 1.0)

    panel = make_test_panel(days=365, deferred=True, offered=half_at_easter).until(date(2026, 4, 7), 14)
    weekday = panel.weekday_like("queue_0")[panel.past :]
    np.testing.assert_allclose(SEASONAL_NAIVE.forecast(panel)[:, 0], 200.0 * WEEKDAY[weekday])
    assert seasonal_mean(panel, 1)[1, 0] < 0.9 * 200.0 * WEEKDAY[weekday[1]]  # else there were nothing to get wrong


def test_where_all_days_are_about_a_holiday_they_teach_all_the_same(make_test_panel) -> None:
    easter = make_test_panel(days=365, deferred=True).until(date(2026, 4, 7), 14)
    rows = np.arange(easter.past) >= easter.past - 7
    only = easter.with_fit(easter.fit & rows[:, None])
    np.testing.assert_array_equal(SEASONAL_NAIVE.forecast(only), seasonal_mean(only, 1))


def test_the_regression_learns_what_the_month_start_adds(make_test_panel) -> None:
    def busy_month_start(calendar, level):
        first = calendar.frame["business_day_of_month"].to_numpy() == 1
        return level * np.where(first, 1.5, 1.0) * calendar.takes_contacts

    panel = make_test_panel(days=300, offered=busy_month_start)
    frame = panel.calendars["queue_0"].frame
    first = ((frame["business_day_of_month"] == 1) & frame["is_open"]).to_numpy()[panel.past : len(panel.dates)]
    assert first.sum() == 1
    assert dynamic_regression(panel)[first, 0] == pytest.approx(300.0, rel=0.05)


@pytest.mark.parametrize("candidate", [DYNAMIC_REGRESSION, PROPHET_LOG, SHORT_HISTORY], ids=lambda candidate: candidate.name)
def test_a_level_that_falls_within_a_few_weeks_is_not_taken_for_the_month(candidate: Candidate, make_test_panel) -> None:
    def falling(calendar, level):
        return level * np.linspace(1.4, 0.8, 24)[np.minimum(np.arange(len(calendar)), 23)] * calendar.takes_contacts

    panel = make_test_panel(days=24, deferred=True, offered=falling)
    with_waves = 1.25 if candidate is not SHORT_HISTORY else 1.02
    assert candidate.forecast(panel)[:, 0].max() < 0.9 * with_waves * panel.offered[:, 0].mean()


def test_a_young_queue_that_has_nearly_ceased_is_not_forecast_from_its_first_days(make_test_panel) -> None:
    def ceased(calendar, level):
        days = np.arange(len(calendar))
        return np.where(days < 10, 53.0, (days % 16 == 15) * 1.0)

    panel = make_test_panel(days=40, deferred=True, offered=ceased)
    assert _group_profile(panel)[:, 0].mean() < 0.2  # 0.06 a day since; the regression alone says 2


def test_a_queue_without_a_single_day_gives_no_number(make_test_panel) -> None:
    panel = make_test_panel(levels=(200.0, 100.0), days=80)
    silent = panel.with_fit(panel.fit & np.array([True, False]))
    for candidate in CHEAP:
        assert np.isnan(candidate.forecast(silent)[:, 1]).all()


def test_a_weekend_of_almost_nothing_stays_almost_nothing(make_test_panel) -> None:
    panel = make_test_panel(
        days=200, deferred=True, offered=lambda calendar, level: np.where(calendar.weekday_like >= 5, 0.0, level)
    )
    forecast = dynamic_regression(panel)[:, 0]
    weekend = panel.weekday_like("queue_0")[panel.past :] >= 5
    assert forecast[weekend].max() < 2.0
    assert forecast[~weekend].min() > 190.0


def test_a_panel_refuses_an_origin_it_does_not_know(make_test_panel) -> None:
    panel = make_test_panel(days=60)
    with pytest.raises(ValueError, match="not among the known dates"):
        panel.until(panel.as_of + timedelta(days=1), 28)


def test_smoothing_follows_a_level_that_has_moved_for_good(make_test_panel) -> None:
    def raised(calendar, level):
        days = np.arange(len(calendar))
        return np.where(days < 150, level, 1.4 * level) * calendar.takes_contacts

    panel = make_test_panel(days=200, offered=raised)
    forecast = SMOOTHING.forecast(panel)[:, 0]
    takes = panel.takes_contacts[panel.past :, 0]
    assert forecast[takes][0] == pytest.approx(280.0, rel=0.03)


def test_smoothing_keeps_the_mean_of_low_counts(make_test_panel) -> None:
    rng = np.random.default_rng(3)
    panel = make_test_panel(levels=(0.6,) * 40, days=400, offered=lambda calendar, level: rng.poisson(level, len(calendar)) * 1.0)
    forecast = SMOOTHING.forecast(panel)
    assert forecast[panel.takes_contacts[panel.past :]].mean() == pytest.approx(0.6, rel=0.06)


def test_queues_fitted_together_get_the_fit_they_get_alone(make_test_panel) -> None:
    panel = make_test_panel(levels=(200.0, 20.0, 2.0), days=150)
    together = dynamic_regression(panel)
    for column, queue in enumerate(panel.queues):
        np.testing.assert_allclose(dynamic_regression(panel.only([queue]))[:, 0], together[:, column], rtol=1e-9)


def test_prophet_is_asked_only_about_queues_it_may_help(make_test_panel) -> None:
    panel = make_test_panel(levels=(200.0, 2.0), days=80)
    forecast = PROPHET_LOG.forecast(panel)
    assert np.isfinite(forecast[:, 0]).all()
    assert np.isnan(forecast[:, 1]).all()


def test_a_young_queue_learns_its_quiet_saturdays_from_its_group(make_test_panel) -> None:
    def week(calendar, level):
        return level * np.where(calendar.weekday_like == 5, 0.2, 1.0) * calendar.takes_contacts

    panel = make_test_panel(levels=(100.0, 40.0, 60.0), days=60, deferred=True, offered=week)
    fit = panel.fit.copy()
    fit[:-4, 1] = False  # Monday to Thursday: no Saturday was ever seen
    saturdays = panel.weekday_like("queue_1")[panel.past :] == 5
    alone = pooled_forecast(panel.with_fit(fit), [1]).mean[saturdays, 0]
    together = pooled_weekdays(panel.with_fit(fit))[saturdays, 1]
    np.testing.assert_allclose(alone, 40.0, rtol=0.01)
    assert (together < 14.0).all()  # 8 were it known that the group's pattern is no chance


def test_weekdays_that_differ_by_chance_alone_are_drawn_together(make_test_panel) -> None:
    rng = np.random.default_rng(8)
    panel = make_test_panel(days=28, deferred=True, offered=lambda calendar, level: rng.poisson(5.0, len(calendar)).astype(float))
    pooled, mean = pooled_weekdays(panel)[:7, 0], seasonal_mean(panel, 4)[:7, 0]
    assert pooled.std() < 0.5 * mean.std()
    assert pooled.mean() == pytest.approx(5.0, rel=0.15)


def test_pooled_weekdays_follow_a_level_that_has_moved(make_test_panel) -> None:
    def moved(calendar, level):
        return level * np.where(np.arange(len(calendar)) < 70, 1.0, 1.5) * calendar.takes_contacts

    panel = make_test_panel(days=100, offered=moved)
    takes = panel.takes_contacts[panel.past :, 0]
    np.testing.assert_allclose(pooled_weekdays(panel)[takes, 0], 300.0, rtol=0.05)
