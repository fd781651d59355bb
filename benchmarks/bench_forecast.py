"""Rolling-origin accuracy of the daily candidates on the calls of a large bank, beside a four-week mean and Prophet as it comes.

    .venv/bin/python benchmarks/bench_forecast.py [--first-origin 2003-05-30] [--step-days 7]

Reads bank_calls from the folder named by LEADLINE_SHARED, or ../shared beside the repository; skipped where it is not (data:
Weinberg, Brown, Stroud
2007, by way of the R package fpp3). Every origin sees only the days before it. Prints WAPE in percent for leads of 1-7, 8-14 and
15-28 days.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import Opening
from forecasting.backtest import Backtest, run_backtest
from forecasting.calendar import FloatArray, queue_calendar
from forecasting.candidates import prophet_engine
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.prophet_log import prophet_log
from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_MEAN_8, SEASONAL_NAIVE
from forecasting.champion import MEAN_OF_MODELS, mean_forecast
from forecasting.distribution import count_quantiles, fit_spread
from forecasting.features import make_design
from forecasting.panel import Panel, make_panel
from forecasting.scores import BAND_NAMES, band_of, bias, coverage_80, wape

HORIZON = 28
BANK = Opening(
    {day: [(time(7), time(21, 30))] for day in range(5)},
    "America/New_York",
    holidays=HolidayCalendar("US", not_observed=frozenset({"Columbus Day"})),
)


def bank_file() -> Path | None:
    """The bank's calls, if they are here."""
    shared = Path(os.environ.get("LEADLINE_SHARED", Path(__file__).parents[2] / "shared"))
    path = shared / "data" / "bank_calls" / "bank_calls_5min.csv"
    return path if path.exists() else None


def bank_panel(path: Path) -> Panel:
    """The bank's calls per day up to the last, without a horizon."""
    calls = pd.read_csv(path, parse_dates=["timestamp"])
    per_day = calls.groupby(calls["timestamp"].dt.date)["calls"].sum()
    daily = pd.DataFrame(
        {"queue_id": "bank", "business_date": per_day.index, "offered_contacts": per_day.to_numpy(), "source_complete": True}
    )
    calendar = queue_calendar(BANK, per_day.index[0], per_day.index[-1] + timedelta(days=HORIZON), deferred=False)
    return make_panel(daily, {"bank": calendar}, {"bank": make_design(calendar)}, per_day.index[-1], HORIZON)


def prophet_as_it_comes(panel: Panel) -> FloatArray:
    """Prophet with its defaults and the country's holidays, on the counts as they are."""
    prophet = prophet_engine.load()
    rows = np.flatnonzero(panel.fit[:, 0])
    days = pd.DatetimeIndex(np.array(panel.dates, dtype="datetime64[us]"))
    model = prophet(uncertainty_samples=0)
    model.add_country_holidays("US")
    model.fit(pd.DataFrame({"ds": days[rows], "y": panel.offered[rows, 0]}))
    forecast = model.predict(pd.DataFrame({"ds": days[panel.past :]}))["yhat"].to_numpy()
    return np.where(panel.takes_contacts[panel.past :, 0], forecast, 0.0)[:, None]


def rolling_coverage(backtest: Backtest, forecast: FloatArray) -> float:
    """Share of days in the 80 % band, the spread at each origin learnt from days known by then."""
    origins = np.array([origin.toordinal() for origin in backtest.origins])
    target = origins[:, None] + backtest.lead_days
    actual = backtest.actual[:, :, 0]
    quantiles = np.full((*actual.shape, 7), np.nan)
    for number, origin in enumerate(origins):
        spread = fit_spread(np.where(target <= origin, actual, np.nan), forecast, backtest.lead_days)
        if spread.days >= 20:
            quantiles[number] = count_quantiles(np.nan_to_num(forecast[number]), spread.at(backtest.lead_days[number]))
    return coverage_80(actual, quantiles)


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first-origin", type=date.fromisoformat, default=date(2003, 5, 30))
    parser.add_argument("--step-days", type=int, default=7)
    arguments = parser.parse_args()
    path = bank_file()
    if path is None:
        Console().print("skipped: the real data is not here; set LEADLINE_SHARED to the folder that holds data/bank_calls")
        return
    panel = bank_panel(path)
    last = panel.as_of - timedelta(days=HORIZON)
    count = (last - arguments.first_origin).days // arguments.step_days + 1
    origins = [arguments.first_origin + timedelta(days=arguments.step_days * number) for number in range(count)][::-1]
    candidates = (
        SEASONAL_NAIVE,
        SEASONAL_MEAN_4,
        SEASONAL_MEAN_8,
        Candidate("prophet_as_it_comes", prophet_as_it_comes),
        DYNAMIC_REGRESSION,
        Candidate("prophet_log", prophet_log),
    )
    backtest = run_backtest(panel, panel.offered, candidates, origins=origins)
    forecasts = {name: values[:, :, 0] for name, values in backtest.forecasts.items()}
    forecasts[MEAN_OF_MODELS] = mean_forecast(forecasts, ["dynamic_regression", "prophet_log"])
    table = Table(title=f"bank_calls daily, {len(origins)} origins from {origins[-1]} to {origins[0]}: WAPE % (bias %)")
    for heading in ("model", *BAND_NAMES, "in 80 % band"):
        table.add_column(heading)
    actual, band = backtest.actual[:, :, 0], band_of(backtest.lead_days)
    for name, forecast in forecasts.items():
        pairs = [(actual[band == b], forecast[band == b]) for b in range(len(BAND_NAMES))]
        cells = [f"{100 * wape(*pair):.2f} ({100 * bias(*pair):+.1f})" for pair in pairs]
        table.add_row(name, *cells, f"{100 * rolling_coverage(backtest, forecast):.0f} %")
    Console().print(table)


if __name__ == "__main__":
    main()
