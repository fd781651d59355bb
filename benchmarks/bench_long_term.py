"""Weekly forecasts up to 78 weeks ahead on the longest real series there are, by rolling origin, beside naive ones.

Run: LEADLINE_SHARED=<folder with data> python benchmarks/bench_long_term.py
Naive: the same week a year before (or, with less history, the mean of what there is), the mean of the last 52 weeks and of the
last 8. Every forecast sees only the weeks before its origin; holidays close weeks for none of these series but the bank.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from accuracy.series import BANK, data_folder
from rich.console import Console
from rich.table import Table

from enterprise.opening import AROUND_THE_CLOCK, Opening
from forecasting.calendar import FloatArray, queue_calendar
from forecasting.distribution import NORMAL_90
from forecasting.long_term import WeekSeries, forecast_weeks, past_errors, spread_of_weeks
from forecasting.week_series import week_series

HORIZON = 78
BANDS = ((1, 13), (14, 26), (27, 52), (53, 78))
ORIGIN_STEP = 4
FEWEST = 16
Naive = Callable[[FloatArray, int], FloatArray]


def daily_series(folder: Path) -> dict[str, tuple[pd.Series, Opening]]:
    """Contacts or claims per day by name, with opening hours."""
    always = Opening(AROUND_THE_CLOCK, "Europe/Paris")
    found: dict[str, tuple[pd.Series, Opening]] = {}
    for name, file in (("French fire claims", "frecomfire"), ("Danish fire claims", "danishuni")):
        path = folder / "insurance_claims" / f"{file}_daily_counts.csv"
        if path.exists():
            rows = pd.read_csv(path, parse_dates=["date"]).set_index("date")["claims"]
            found[name] = (rows.resample("D").sum(), always)
    path = folder / "bank_calls" / "bank_calls_5min.csv"
    if path.exists():
        rows = pd.read_csv(path, parse_dates=["timestamp"])
        found["bank calls"] = (rows.groupby(rows["timestamp"].dt.normalize())["calls"].sum(), BANK)
    path = folder / "montgomery_911" / "interval_30min_by_category.csv"
    if path.exists():
        rows = pd.read_csv(path, parse_dates=["timestamp"]).set_index("timestamp")
        for category in ("EMS", "Fire", "Traffic"):
            found[f"montgomery {category}"] = (rows[category].resample("D").sum().iloc[1:-1], always)
    return found


def weeks_of(daily: pd.Series, opening: Opening) -> WeekSeries:
    """The series as a queue of the nightly has it."""
    first, last = daily.index[0].date(), daily.index[-1].date()
    last -= timedelta(days=(last.weekday() + 1) % 7)
    calendar = queue_calendar(opening, first, last + timedelta(weeks=HORIZON), deferred=False)
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    known = daily.reindex(pd.DatetimeIndex(days)).to_numpy(dtype=np.float64)
    return week_series(known, calendar, HORIZON)


def naive(series: WeekSeries) -> dict[str, FloatArray]:
    """Forecasts of weeks by what is simplest, per usual full week times its open share."""
    level = np.where(series.known_share > 0.4, series.contacts / np.maximum(series.known_share, 1e-9), np.nan)
    ahead = np.arange(len(series.open_share))
    last_year = level[series.past - 52 + ahead % 52] if series.past >= 52 else np.full(len(ahead), np.nanmean(level))
    return {
        "same week last year": np.where(np.isfinite(last_year), last_year, np.nanmean(level)) * series.open_share,
        "last 52 weeks": np.nanmean(level[-52:]) * series.open_share,
        "last 8 weeks": np.nanmean(level[-8:]) * series.open_share,
    }


def main() -> None:
    """Print WAPE by band of leads and how often the 80 % band holds."""
    console, folder = Console(width=150), data_folder()
    names = ["leadline", "same week last year", "last 52 weeks", "last 8 weeks"]
    table = Table("series", "weeks", "leads", "origins", *[f"{name} WAPE %" for name in names], "80 % band holds")
    for name, (daily, opening) in daily_series(folder).items():
        whole = weeks_of(daily, opening)
        rows = []
        for origin in range(max(FEWEST, whole.past // 3 if whole.past > 300 else FEWEST), whole.past - 1, ORIGIN_STEP):
            then = whole.until(origin, HORIZON)
            made = forecast_weeks(then)
            sigma = np.sqrt(spread_of_weeks(past_errors(then, HORIZON), made.mean, made) ** 2 + 1 / np.maximum(made.mean, 1))
            ahead = min(HORIZON, whole.past - origin)
            share = whole.known_share[origin : origin + ahead]
            scale = np.where(share > 0.4, share / np.maximum(then.open_share[:ahead], 1e-9), np.nan)
            came = whole.contacts[origin : origin + ahead]
            forecasts = {"leadline": made.mean, **naive(then)}
            frame = pd.DataFrame({key: value[:ahead] * scale for key, value in forecasts.items()})
            low, high = (frame["leadline"] * np.exp(sign * NORMAL_90 * sigma[:ahead]) for sign in (-1, 1))
            rows.append(frame.assign(came=came, lead=np.arange(1, ahead + 1), origin=origin, held=(came >= low) & (came <= high)))
        all_rows = pd.concat(rows).dropna()
        for first, last in BANDS:
            band = all_rows[all_rows["lead"].between(first, last)]
            if band.empty:
                continue
            scores = [f"{100 * (band[key] - band['came']).abs().sum() / band['came'].sum():.1f}" for key in names]
            held = f"{100 * band['held'].mean():.0f} %"
            table.add_row(name, str(whole.past), f"{first}-{last}", str(band["origin"].nunique()), *scores, held)
    console.print(table)


if __name__ == "__main__":
    main()
