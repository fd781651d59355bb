"""The week's comparison of models: what it may know, when it is made anew, and that a night is the same with or without it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Enterprise, load_enterprise
from forecasting import night_backtest
from forecasting.backtest import ORIGINS, Backtest, run_backtest
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_NAIVE
from forecasting.night_backtest import backtest_of, backtest_rows, week_backtest
from forecasting.nightly import History, forecast_all
from tests.unit.forecasting.test_nightly import PLAN_DATE, QUEUES, make_history

ROOT = Path(__file__).parents[3]
FEW = (SEASONAL_NAIVE, SEASONAL_MEAN_4)
WEEK_DAY = date(2026, 10, 17)  # the Saturday before the night of Thursday 22 October


@dataclass
class Shelf:
    """Backtests kept in memory, and how often one was looked for in vain."""

    kept: dict[tuple[date, str], pd.DataFrame] = field(default_factory=dict)
    missed: int = 0

    def find(self, day: date, key: str) -> pd.DataFrame | None:
        self.missed += (day, key) not in self.kept
        return self.kept.get((day, key))

    def keep(self, day: date, key: str, rows: pd.DataFrame) -> None:
        self.kept[day, key] = rows


@pytest.fixture(scope="module")
def enterprise() -> Enterprise:
    whole = load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)
    return whole.model_copy(update={"queues": {name: whole.queues[name] for name in QUEUES}})


@pytest.fixture(scope="module")
def history(enterprise: Enterprise) -> History:
    return make_history(enterprise, 42 + 9 * ORIGINS + 14)


def changed_on(history: History, day: date) -> History:
    daily = history.daily.assign(
        offered_contacts=history.daily["offered_contacts"].where(history.daily["business_date"] != day, 7_777)
    )
    return replace(history, daily=daily)


def test_rows_of_a_backtest_give_back_the_very_numbers() -> None:
    rng = np.random.default_rng(1)
    made = Backtest(("b", "a"), (WEEK_DAY, PLAN_DATE), {"one": rng.random((2, 3, 2))}, rng.random((2, 3, 2)))
    made.actual[0, 1, 1] = np.nan
    again = backtest_of(backtest_rows(made), made.queues)
    assert (again.queues, again.origins) == (made.queues, made.origins)
    np.testing.assert_array_equal(again.actual, made.actual)
    np.testing.assert_array_equal(again.forecasts["one"], made.forecasts["one"])


def test_a_night_is_the_same_whether_the_week_was_compared_before_or_not(history: History, enterprise: Enterprise) -> None:
    shelf = Shelf()
    assert week_backtest(history, enterprise, WEEK_DAY, FEW, shelf) is not None
    assert [day for day, _ in shelf.kept] == [WEEK_DAY]
    missed = shelf.missed
    found = forecast_all(history, enterprise, PLAN_DATE, FEW, shelf)
    assert (shelf.missed, len(shelf.kept)) == (missed, 1), "the night found what the week had kept"
    alone = forecast_all(history, enterprise, PLAN_DATE, FEW)
    for name in ("intervals", "daily", "leaderboard"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(alone, name))


def test_nothing_after_the_weeks_day_is_looked_at_and_late_data_before_it_are(history: History, enterprise: Enterprise) -> None:
    shelf = Shelf()
    week_backtest(history, enterprise, WEEK_DAY, FEW, shelf)
    (rows,) = shelf.kept.values()
    week_backtest(changed_on(history, WEEK_DAY + timedelta(days=1)), enterprise, WEEK_DAY, FEW, shelf)
    assert len(shelf.kept) == 1
    week_backtest(changed_on(history, WEEK_DAY - timedelta(days=30)), enterprise, WEEK_DAY, FEW, shelf)
    (_, other) = shelf.kept.values()
    assert not other.equals(rows)
    assert max(rows["origin_date"]) < WEEK_DAY


def test_the_comparison_is_made_anew_where_settings_change_what_models_see(history: History, enterprise: Enterprise) -> None:
    shelf = Shelf()
    week_backtest(history, enterprise, WEEK_DAY, FEW, shelf)
    paid = enterprise.model_copy(update={"planning": enterprise.planning.model_copy(update={"pay_days": (1,)})})
    week_backtest(history, paid, WEEK_DAY, FEW, shelf)
    assert len(shelf.kept) == 2
    dearer = {name: queue.model_copy(update={"hourly_cost": 99.0}) for name, queue in enterprise.queues.items()}
    week_backtest(history, enterprise.model_copy(update={"queues": dearer}), WEEK_DAY, FEW, shelf)
    assert len(shelf.kept) == 2, "what people cost is nothing to the models"


def test_a_short_history_is_compared_by_each_night_itself(enterprise: Enterprise, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[date] = []

    def noted(panel, *given, **more) -> Backtest:
        made.append(panel.as_of)
        return run_backtest(panel, *given, **more)

    monkeypatch.setattr(night_backtest, "run_backtest", noted)
    shelf = Shelf()
    forecast_all(make_history(enterprise, 90), enterprise, PLAN_DATE, FEW, shelf)
    assert made == [PLAN_DATE]
    assert shelf.kept == {}
