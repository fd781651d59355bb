"""A level that has shifted for good is found, told and followed; what only looks like it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.backtest import run_backtest
from forecasting.candidates.registry import CANDIDATES
from forecasting.cleaning import UNUSUAL, ZERO_FEED, clean
from forecasting.handle_time import HandleTime
from forecasting.level_shift import LevelShift, find_shift
from forecasting.queue_forecast import candidate_forecasts, forecast_queue
from tests.unit.forecasting.conftest import LAST

HANDLE_TIME = HandleTime(np.full(7, 300.0), 0.1, 0.0)
CHEAP = [candidate for candidate in CANDIDATES if candidate.every == 1]


def _shifted(panel, ratio: float, days: int, back_after: int | None = None):
    """The panel with its last open days at another level; for so many of them only, if it goes back."""
    offered = panel.offered.copy()
    rows = np.flatnonzero(np.isfinite(offered[:, 0]))[-days:][:back_after]
    offered[rows, 0] = np.round(offered[rows, 0] * ratio)
    return replace(panel, offered=offered), panel.dates[rows[0]]


@pytest.mark.parametrize("ratio", [0.6, 0.8, 1.2, 1.4, 2.0])
@pytest.mark.parametrize("days", [6, 11, 22, 60])
def test_every_model_is_at_the_new_level_soon_after_a_shift(ratio: float, days: int, make_test_panel) -> None:
    panel, first = _shifted(make_test_panel(levels=(1000.0,), days=280), ratio, days)
    cleaned, marks = clean(panel)
    shift = cleaned.shifts["queue_0"]
    assert abs((shift.first_date - first).days) <= 4
    assert shift.is_lasting
    assert shift.ratio == pytest.approx(ratio, rel=0.08)
    assert not marks
    usual = make_test_panel(levels=(1000.0,), days=280)
    for candidate in CHEAP:
        followed = candidate.forecast(cleaned)[:14].sum() / candidate.forecast(usual)[:14].sum()
        assert followed == pytest.approx(ratio, rel=0.1), candidate.name


def test_without_a_shift_history_stays_as_it_came(make_test_panel) -> None:
    for seed in range(25):
        panel = make_test_panel(levels=(400.0, 40.0, 4.0), days=220, seed=seed)
        cleaned, _ = clean(panel)
        assert not cleaned.shifts
        np.testing.assert_array_equal(cleaned.offered, panel.offered)


def test_a_wandering_level_is_no_shift(make_test_panel) -> None:
    def wandering(calendar, level):
        rng = np.random.default_rng(5)
        walk = np.exp(np.cumsum(rng.normal(0.0, 0.04, len(calendar))))
        return rng.poisson(level * walk) * calendar.takes_contacts * 1.0

    assert not clean(make_test_panel(levels=(300.0,) * 5, days=400, offered=wandering))[0].shifts


def test_storms_that_come_and_go_teach_that_the_next_one_goes_too(make_test_panel) -> None:
    def stormy(calendar, level):
        storm = (np.arange(len(calendar)) % 40 >= 34) * calendar.takes_contacts
        return np.random.default_rng(4).poisson(level * (1.0 + 0.8 * storm)) * calendar.takes_contacts * 1.0

    panel = make_test_panel(days=280, deferred=True, offered=stormy)  # the last day ends a storm of six days
    assert not clean(panel)[0].shifts


def test_a_surge_that_has_gone_back_is_no_shift(make_test_panel) -> None:
    for back_after in (3, 6, 10):
        panel, _ = _shifted(make_test_panel(days=250), 1.5, back_after + 8, back_after)
        shift = clean(panel)[0].shifts.get("queue_0")
        assert shift is None or shift.ratio < 1.0, "the end of a surge may be a shift back, its beginning is none"


def test_one_wild_day_is_an_outlier_and_no_shift(make_test_panel) -> None:
    panel, day = _shifted(make_test_panel(days=250), 3.2, 1)
    cleaned, marks = clean(panel)
    assert not cleaned.shifts
    assert [(mark.business_date, mark.reason) for mark in marks] == [(day, UNUSUAL)]


def test_a_feed_that_failed_for_days_is_no_new_level(make_test_panel) -> None:
    panel, _ = _shifted(make_test_panel(days=250), 0.0, 8)
    cleaned, marks = clean(panel)
    assert not cleaned.shifts
    assert {mark.reason for mark in marks} == {ZERO_FEED}


def test_a_fortnight_of_holidays_is_no_shift(make_test_panel) -> None:
    def quiet_turn_of_year(calendar, level):
        days = calendar.frame["business_date"]
        quiet = np.array([(day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 4) for day in days])
        return np.random.default_rng(2).poisson(np.where(quiet, 0.5, 1.0) * level) * 1.0

    whole = make_test_panel(days=540, deferred=True, offered=quiet_turn_of_year)
    for day in range(26, 34):
        at = date(2025, 12, 1) + timedelta(days=day)
        assert not clean(whole.until(at, 28))[0].shifts, at


def test_a_surge_that_a_driver_explains_is_no_shift(make_test_panel) -> None:
    panel = make_test_panel(days=250, deferred=True)
    brought = pd.DataFrame({"queue_0": 0.0}, index=list(panel.dates))
    brought.loc[panel.dates[panel.past - 8] : panel.as_of, "queue_0"] = 120.0
    led = panel.with_claims(brought)
    led = replace(led, offered=led.offered + led.from_claims[: led.past])
    assert not clean(led)[0].shifts
    assert clean(replace(led, from_claims=panel.from_claims))[0].shifts


def test_three_days_are_a_possible_shift_and_no_outliers(make_test_panel) -> None:
    panel, first = _shifted(make_test_panel(days=250), 1.6, 3)
    cleaned, marks = clean(panel)
    shift = cleaned.shifts["queue_0"]
    assert (shift.first_date, shift.is_lasting) == (first, False)
    assert cleaned.fit[panel.dates.index(first) : panel.past, 0].sum() == 3
    assert not marks
    assert "may have shifted" in cleaned.shifts["queue_0"].in_words()
    one = _forecast(cleaned, panel)
    usual = _forecast(clean(make_test_panel(days=250))[0], panel)
    takes = usual.mean > 0.0
    low, high = one.quantiles[takes, 1], one.quantiles[takes, 5]
    assert ((low < usual.mean[takes]) & (1.6 * usual.mean[takes] < high)).mean() > 0.9


def test_a_band_is_the_wider_the_younger_a_shift(make_test_panel) -> None:
    added = [LevelShift(LAST, 1.4, days).extra_variation for days in (3, 5, 10, 40)]
    assert added == sorted(added, reverse=True)
    panel, _ = _shifted(make_test_panel(days=250), 1.4, 6)
    young = _forecast(clean(panel)[0], panel)
    old, _ = _shifted(make_test_panel(days=250), 1.4, 60)
    assert young.spread.extra_variation[0] > _forecast(clean(old)[0], old).spread.extra_variation[0]


def test_nothing_after_the_origin_changes_a_shift(make_test_panel) -> None:
    panel, _ = _shifted(make_test_panel(days=250), 1.4, 30)
    origin = panel.dates[panel.past - 20]
    later = panel.offered.copy()
    later[panel.past - 19 :] *= 5.0
    before, after = (clean(p.until(origin, 28))[0] for p in (panel, replace(panel, offered=later)))
    assert before.shifts == after.shifts != {}
    np.testing.assert_array_equal(before.offered, after.offered)


def test_a_history_brought_to_a_later_level_is_not_taken_for_what_was_known_then(make_test_panel) -> None:
    panel, _ = _shifted(make_test_panel(days=250), 1.4, 30)
    with pytest.raises(ValueError, match="later level"):
        clean(panel)[0].until(panel.dates[200], 28)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    weeks=st.integers(1, 30),
    ratio=st.sampled_from([0.5, 1.0, 1.5]),
    age=st.integers(3, 60),
    level=st.sampled_from([5.0, 80.0, 5000.0]),
)
def test_shifts_move_with_the_weeks(seed: int, weeks: int, ratio: float, age: int, level: float) -> None:
    own = np.random.default_rng(seed).poisson(np.where(np.arange(200) < 200 - age, 1.0, ratio) * level).astype(float)
    rows, expected = np.arange(200), np.full(200, level)
    dates = tuple(LAST + timedelta(days=int(row)) for row in rows)
    moved = tuple(day + timedelta(weeks=weeks) for day in dates)
    found, later = (find_shift(own, expected, 0.002, rows, days) for days in (dates, moved))
    if found is None:
        assert later is None
    else:
        assert later == replace(found, first_date=found.first_date + timedelta(weeks=weeks))
        assert 1.0 < max(found.ratio, 1.0 / found.ratio) < 13.0


def _forecast(cleaned, panel):
    backtest = run_backtest(panel, panel.offered, CHEAP)
    return forecast_queue(cleaned, 0, candidate_forecasts(cleaned, CHEAP), backtest, CHEAP, [0], HANDLE_TIME, ())
