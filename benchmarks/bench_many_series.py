"""How long 500 daily series of two years take: backtest at six origins, champions, distributions, levels that add up.

Run: .venv/bin/python benchmarks/bench_many_series.py [--series 500] [--prophet-sample 10]

The series are drawn (seeded): office weeks and day-and-night ones, 2 to 3,000 contacts a day, holidays, month and year seasons,
drifting levels, chance. Times are CPU seconds of the process and its children, since the machine may be shared. Prophet as it
comes makes the same forecasts (six origins and tonight) for a sample of the series; its time for all is extrapolated linearly.
Both are scored on the 28 days that follow, which neither sees.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import warnings
from collections import Counter
from datetime import date, timedelta
from datetime import time as clock
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from accuracy.rivals import prophet_as_it_comes
from accuracy.series import Group

from enterprise.hierarchy import QueuePlace
from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import AROUND_THE_CLOCK, Opening
from forecasting.backtest import origin_dates, run_backtest
from forecasting.calendar import FloatArray, QueueCalendar, queue_calendar
from forecasting.candidates.registry import CANDIDATES
from forecasting.cleaning import clean, known_actuals
from forecasting.daily_rows import level_rows, queue_days
from forecasting.features import make_design
from forecasting.handle_time import HandleTime
from forecasting.hierarchy import error_correlation
from forecasting.panel import Panel, make_panel
from forecasting.queue_forecast import QueueForecast, candidate_forecasts, champion_backtest, forecast_queue
from forecasting.scores import wape

DAYS, HORIZON, ORIGINS = 730, 28, 6
LAST = date(2026, 10, 15)
CHANNELS = ("voice", "chat", "email", "cases")
SITES = ("north", "middle", "south")
LINES = ("claims", "service", "sales", "billing", "roadside")
SEED = 20_261_112


def made_series(count: int) -> tuple[Panel, FloatArray]:
    """A panel of so many series up to the as-of date, and what came in the 28 days after it."""
    rng = np.random.default_rng(SEED)
    first, last = LAST - timedelta(days=DAYS - 1), LAST + timedelta(days=HORIZON)
    dutch = HolidayCalendar("NL")
    office = Opening({day: [(clock(8), clock(18))] for day in range(5)}, "Europe/Amsterdam", holidays=dutch)
    always = Opening(AROUND_THE_CLOCK, "Europe/Amsterdam", holidays=dutch, open_on_holidays=True)
    kinds = [queue_calendar(office, first, last, deferred=False), queue_calendar(always, first, last, deferred=True)]
    designs = [make_design(kind) for kind in kinds]
    calendars: dict[str, QueueCalendar] = {}
    by_queue, rows = {}, []
    after = np.full((HORIZON, count), np.nan)
    for number in range(count):
        kind = number % 2
        calendar, design = kinds[kind], designs[kind]
        level = np.exp(rng.uniform(np.log(2.0), np.log(3000.0)))
        effects = rng.normal(0.0, 0.12, design.matrix.shape[1])
        drift = np.cumsum(rng.normal(0.0, 0.008, len(calendar)))
        mean = level * np.exp(design.matrix @ effects + drift) * calendar.takes_contacts
        came = rng.poisson(mean * rng.gamma(1 / 0.004, 0.004, len(mean))).astype(np.float64)
        name = f"queue_{number:03d}"
        calendars[name], by_queue[name] = calendar, design
        after[:, number] = np.where(calendar.takes_contacts[DAYS:], came[DAYS:], np.nan)
        rows.append(
            pd.DataFrame(
                {
                    "queue_id": name,
                    "business_date": calendar.frame["business_date"].iloc[:DAYS],
                    "offered_contacts": came[:DAYS],
                    "source_complete": True,
                }
            )
        )
    return make_panel(pd.concat(rows, ignore_index=True), calendars, by_queue, LAST, HORIZON), after


def forecast_everything(panel: Panel) -> tuple[list[QueueForecast], list[pd.DataFrame], dict[str, float]]:
    """Every queue's forecast, the rows of the levels above, and CPU seconds by step."""
    steps: dict[str, float] = {}
    began = _cpu()

    def done(step: str) -> None:
        nonlocal began
        steps[step] = _cpu() - began
        began = _cpu()

    cleaned, marks = clean(panel)
    done("odd days")
    backtest = run_backtest(panel, known_actuals(panel, marks), CANDIDATES, origins=origin_dates(panel, ORIGINS))
    done("backtest")
    tonight = candidate_forecasts(cleaned, CANDIDATES)
    done("tonight")
    handle = HandleTime(np.full(7, 300.0), 0.1, 0.0)
    forecasts = [
        forecast_queue(cleaned, column, tonight, backtest, CANDIDATES, [], handle, ()) for column in range(len(panel.queues))
    ]
    quantiles = [forecast.quantiles for forecast in forecasts]
    done(f"champions and distributions of {len(quantiles)} queues")
    errors = []
    for column, forecast in enumerate(forecasts):
        mean = champion_backtest(backtest, forecast.choice, column)
        mean = np.where(mean > 0.0, mean, np.nan)
        sigma = np.sqrt(mean + forecast.spread.at(backtest.lead_days) * mean**2)
        errors.append(((backtest.actual[:, :, column] - mean) / sigma).reshape(-1))
    places = {queue: QueuePlace(CHANNELS[k % 4], LINES[k % 5], SITES[k % 3]) for k, queue in enumerate(panel.queues)}
    levels = level_rows(
        [queue_days(one) for one in forecasts], places, error_correlation(np.column_stack(errors)), panel.future_dates, LAST, []
    )
    done("levels")
    return forecasts, levels, steps


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=500)
    parser.add_argument("--prophet-sample", type=int, default=10)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", module="prophet|cmdstanpy")
    panel, after = made_series(arguments.series)
    clock_before = time.perf_counter()
    forecasts, levels, steps = forecast_everything(panel)
    seconds = time.perf_counter() - clock_before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    made = np.column_stack([forecast.mean for forecast in forecasts])
    total = np.sum([forecast.mean for forecast in forecasts], axis=0)
    enterprise = next(rows for rows in levels if rows["level"].iloc[0] == "enterprise")
    gap = float(np.abs(enterprise["mean_offered_contacts"].to_numpy() - total).max())
    table = Table("step", "CPU seconds", title=f"{arguments.series} series of {DAYS} days, {ORIGINS} origins")
    for step, value in steps.items():
        table.add_row(step, f"{value:.1f}")
    table.add_row("all", f"{sum(steps.values()):.1f} ({seconds:.0f} s by the clock)")
    console = Console()
    console.print(table)
    champions = Counter(forecast.choice.champion for forecast in forecasts)
    console.print(f"peak {peak:.2f} GB; champions {dict(champions)}; levels are off by {gap:.6f} contacts at most")
    sample = np.linspace(0, arguments.series - 1, arguments.prophet_sample).astype(int)
    queues = [panel.queues[column] for column in sample]
    part = panel.only(queues)
    began = _cpu()
    for origin in origin_dates(panel, ORIGINS):
        then = part.until(origin, HORIZON)
        prophet_as_it_comes(then, Group("", then, "NL", ()))
    tonight = prophet_as_it_comes(part, Group("", part, "NL", ()))
    prophet_seconds = (_cpu() - began) / len(sample) * arguments.series
    console.print(
        f"Prophet as it comes, the same forecasts: {prophet_seconds:.0f} CPU seconds for {arguments.series} series, extrapolated "
        f"from {len(sample)}: {prophet_seconds / sum(steps.values()):.0f} times as long. WAPE of the next 28 days on these: "
        f"Prophet {100 * wape(after[:, sample], tonight.mean):.2f} %, "
        f"Leadline {100 * wape(after[:, sample], made[:, sample]):.2f} %; "
        f"Leadline on all {100 * wape(after, made):.2f} %"
    )


if __name__ == "__main__":
    main()
