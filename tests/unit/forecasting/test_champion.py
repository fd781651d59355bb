"""Who becomes champion, and why."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from forecasting.backtest import Backtest, origin_dates, run_backtest
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_NAIVE
from forecasting.champion import MEAN_OF_MODELS, choose_champion
from forecasting.leaderboard import leaderboard

ORIGINS = tuple(date(2026, 10, 1) - timedelta(days=9 * number) for number in range(8))
ONE = Candidate("one", lambda panel: np.empty(0))
TWO = Candidate("two", lambda panel: np.empty(0))
FIELD = (SEASONAL_MEAN_4, ONE, TWO)


def _backtest(errors: dict[str, float], seed: int = 3) -> Backtest:
    """Forecasts that miss by so much, each in its own direction."""
    rng = np.random.default_rng(seed)
    actual = np.full((len(ORIGINS), 28, 1), 100.0)
    forecasts = {name: actual + error * rng.choice([-1.0, 1.0], actual.shape) for name, error in errors.items()}
    return Backtest(("queue",), ORIGINS, forecasts, actual)


def test_the_mean_of_the_models_is_champion_where_none_is_clearly_better() -> None:
    choice = choose_champion(_backtest({"seasonal_mean_4_weeks": 10, "one": 5, "two": 5}), 0, FIELD, 300)
    assert (choice.champion, choice.members, choice.fallback_reason) == (MEAN_OF_MODELS, ("one", "two"), None)
    assert not any("squared" in reason for reason in choice.reasons.values())


def test_a_seasonal_mean_stays_where_nothing_beats_it_by_a_margin() -> None:
    backtest = _backtest({"seasonal_mean_4_weeks": 5, "one": 5, "two": 5})
    backtest.forecasts["one"] = backtest.forecasts["two"] = 100.0 + 0.999 * (backtest.forecasts["seasonal_mean_4_weeks"] - 100.0)
    choice = choose_champion(backtest, 0, FIELD, 300)
    assert choice.champion == "seasonal_mean_4_weeks"
    assert "stays unless it is beaten" in choice.reasons["seasonal_mean_4_weeks"]


def test_a_model_gone_wrong_is_thrown_out_of_the_mean() -> None:
    choice = choose_champion(_backtest({"seasonal_mean_4_weeks": 10, "one": 5, "two": 175}), 0, FIELD, 300)
    assert choice.members == ("one",)
    assert "thrown out" in choice.reasons["two"]


def test_where_a_seasonal_mean_makes_no_error_models_that_make_hardly_any_have_not_gone_wrong() -> None:
    choice = choose_champion(_backtest({"seasonal_mean_4_weeks": 0, "one": 1e-9, "two": 175}), 0, FIELD, 300)
    assert choice.champion == "seasonal_mean_4_weeks"
    assert "stays unless it is beaten" in choice.reasons["seasonal_mean_4_weeks"]
    assert choice.fallback_reason is None
    assert "thrown out" in choice.reasons["two"]


def test_a_single_model_is_champion_only_if_clearly_better_than_the_mean() -> None:
    backtest = _backtest({"seasonal_mean_4_weeks": 10, "one": 2, "two": 2})
    backtest.forecasts["two"] = np.full_like(backtest.actual, 102.5)
    backtest.forecasts["one"] = np.full_like(backtest.actual, 102.2)
    choice = choose_champion(backtest, 0, FIELD, 300)
    assert choice.champion == "one"
    assert "clearly better" in choice.reasons["one"]


def test_a_seasonal_mean_as_good_as_the_models_joins_their_mean() -> None:
    choice = choose_champion(_backtest({"seasonal_mean_4_weeks": 5, "one": 5, "two": 5}), 0, FIELD, 300)
    assert (choice.champion, choice.members) == (MEAN_OF_MODELS, ("one", "two", "seasonal_mean_4_weeks"))
    assert "member of the mean" in choice.reasons["seasonal_mean_4_weeks"]


def test_a_costly_model_is_judged_by_its_own_origins_beside_the_seasonal_mean() -> None:
    backtest = _backtest({"seasonal_mean_4_weeks": 10, "one": 5, "two": 5})
    hard = np.arange(len(ORIGINS)) == 2
    for forecast in backtest.forecasts.values():  # one origin in which everything is three times as far off
        forecast[hard] = 100.0 + 3.0 * (forecast[hard] - 100.0)
    backtest.forecasts["two"][~hard] = np.nan
    field = (SEASONAL_MEAN_4, ONE, Candidate("two", lambda panel: np.empty(0), every=3))
    assert choose_champion(backtest, 0, field, 300).members == ("one", "two")


def test_a_single_week_is_no_champion_by_luck() -> None:
    field = (SEASONAL_NAIVE, SEASONAL_MEAN_4, ONE)
    backtest = _backtest({"seasonal_naive": 9, "seasonal_mean_4_weeks": 10, "one": 40})
    assert choose_champion(backtest, 0, field, 300).champion == "seasonal_mean_4_weeks"
    better = _backtest({"seasonal_naive": 5, "seasonal_mean_4_weeks": 10, "one": 40})
    assert choose_champion(better, 0, field, 300).champion == "seasonal_naive"


def test_a_short_history_is_tested_at_origins_close_to_each_other(make_test_panel) -> None:
    short, long = origin_dates(make_test_panel(days=80)), origin_dates(make_test_panel(days=400))
    assert {(a - b).days for a, b in pairwise(short)} == {4}
    assert {(a - b).days for a, b in pairwise(long)} == {9}
    assert len(short) >= 9


def test_low_counts_are_not_given_to_the_model_that_says_too_little() -> None:
    rng = np.random.default_rng(11)
    actual = rng.poisson(0.6, (len(ORIGINS), 28, 1)).astype(float)
    forecasts = {"seasonal_mean_4_weeks": np.full(actual.shape, 1.2), "one": np.full(actual.shape, 0.6), "two": actual * 0.0}
    choice = choose_champion(Backtest(("queue",), ORIGINS, forecasts, actual), 0, FIELD, 300)
    assert choice.members == ("one",)  # nothing at all would have the lower absolute error
    told = [reason for reason in choice.reasons.values() if "%" in reason]
    assert told
    assert all("root mean squared errors over the mean day" in reason for reason in told), (
        "a percent sign would be read as a WAPE"
    )


def test_a_short_history_has_its_groups_profile_and_says_so() -> None:
    choice = choose_champion(_backtest({"seasonal_mean_4_weeks": 10, "one": 5, "two": 5}), 0, FIELD, 25)
    assert choice.champion == "group_profile"
    assert choice.fallback_reason is not None
    assert "25 days" in choice.fallback_reason


def test_a_costly_candidate_takes_part_in_few_origins_and_is_compared_on_these(make_test_panel) -> None:
    panel = make_test_panel(days=200)
    calls: list[date] = []

    def costly(panel):
        calls.append(panel.as_of)
        return SEASONAL_NAIVE.forecast(panel)

    candidates = (SEASONAL_MEAN_4, Candidate("costly", costly, every=5))
    backtest = run_backtest(panel, panel.offered, candidates)
    assert calls == origin_dates(panel)[4::5]
    board = leaderboard(
        panel.as_of, backtest, [choose_champion(backtest, 0, candidates, 140)], candidates, {"queue_0": "a remark"}
    )
    days = board.groupby("model")["backtest_days"].sum()
    assert days["costly"] == days["seasonal_mean_4_weeks"] > 0
    assert board.groupby("lead_band")["is_champion"].sum().tolist() == [1, 1, 1]
    assert board.loc[board["is_champion"], "reason"].str.contains("a remark").all()


def test_the_backtest_measures_only_days_that_have_come(make_test_panel) -> None:
    panel = make_test_panel(days=120)
    backtest = run_backtest(panel, panel.offered, [SEASONAL_MEAN_4])
    assert np.isnan(backtest.actual[0, 9:]).all()
    assert np.isfinite(backtest.actual[-1]).any(axis=1).sum() == pytest.approx(20, abs=2)


@pytest.mark.parametrize(("is_recent", "word"), [(True, "short history: 45 days"), (False, "no recent history: of 45 days")])
def test_a_history_too_young_to_compare_models_on_is_not_called_old(is_recent: bool, word: str) -> None:
    backtest = _backtest({"seasonal_mean_4_weeks": 10, "one": 5, "two": 5})
    for forecast in backtest.forecasts.values():
        forecast[:] = np.nan
    if not is_recent:
        backtest.actual[:] = np.nan
    assert str(choose_champion(backtest, 0, FIELD, 45).fallback_reason).startswith(word)
