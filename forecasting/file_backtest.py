"""How good the forecasts of a file would have been: the whole forecast anew from many past dates, beside what came."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.holiday_calendar import HolidayCalendar
from forecasting.calendar import FloatArray
from forecasting.distribution import count_quantiles, fit_spread
from forecasting.file_drivers import read_drivers
from forecasting.file_forecast import FileForecast, forecast_history
from forecasting.file_history import FileHistory, read_history
from forecasting.scores import BAND_NAMES, band_of, bias, coverage_80, mean_pinball, wape
from warehouse.tables.columns import QUANTILES

CHAMPION = "champion"
TABLE_COLUMNS = ("model", "lead_band", "wape_percent", "bias_percent", "pinball", "coverage_80_percent", "days", "origins")
FEWEST_DAYS = 28
"""Days of history before the earliest origin."""
LONG_DAYS = 84
SHORTEST_AHEAD = 7


def backtest_history(
    rows: pd.DataFrame,
    driver_rows: pd.DataFrame | None,
    until: date,
    time_zone: str,
    holidays: HolidayCalendar | None,
    origins: int,
    step_days: int,
    horizon: int,
) -> pd.DataFrame:
    """Scores of the champion and of every candidate over rolling origins.

    Each origin reads the file anew as if it were the as-of date of a forecast: openings, drivers, champion and quantiles are
    those of that date. Days of which the file has no row are not scored; a row of 0 is.

    Args:
        rows: the history.
        driver_rows: the drivers, or None.
        until: nothing of this date or later is read.
        time_zone: as in `read_history`.
        holidays: the country's, or None.
        origins: as-of dates at most; the latest has its whole horizon inside the history, or a week where that is short.
        step_days: days between them.
        horizon: days of each forecast.

    Returns:
        Columns `TABLE_COLUMNS`; pinball is the mean over the published quantiles in contacts.

    Raises:
        ValueError: if the history is too short, or a row is wrong.
    """
    whole = read_history(rows, until, time_zone)
    first = min(queue.first for queue in whole.queues.values())
    end = max(queue.first + timedelta(days=len(queue.daily)) for queue in whole.queues.values())
    # Every lead is measured as often as the others, where there is history enough for that.
    ahead = horizon if (end - first).days >= LONG_DAYS + horizon else min(horizon, SHORTEST_AHEAD)
    dates = [end - timedelta(days=ahead + step_days * number) for number in range(origins)]
    dates = [day for day in dates if (day - first).days >= FEWEST_DAYS]
    if not dates:
        raise ValueError(
            f"the history reaches from {first} to {end - timedelta(days=1)}; expected at least {FEWEST_DAYS + 7} days for a "
            "backtest: give a longer history, or forecast without one"
        )
    scored: dict[str, list[tuple[FloatArray, FloatArray, FloatArray]]] = {}
    for origin in dates:
        known = read_history(rows, origin, time_zone)
        drivers = None if driver_rows is None else read_drivers(driver_rows, origin, time_zone).values
        for model, triple in _one_origin(forecast_history(known, drivers, holidays, horizon), whole).items():
            scored.setdefault(model, []).append(triple)
    lines = []
    for model in [CHAMPION, *sorted(name for name in scored if name != CHAMPION)]:
        actual, mean, quantiles = (np.concatenate(parts, axis=0) for parts in zip(*scored[model], strict=True))
        bands = np.broadcast_to(band_of(np.arange(1, horizon + 1)), actual.shape)
        for band, name in enumerate(BAND_NAMES):
            here = (bands == band) & np.isfinite(actual) & np.isfinite(mean)
            lines.append(
                {
                    "model": model,
                    "lead_band": name,
                    "wape_percent": 100.0 * wape(actual[here], mean[here]),
                    "bias_percent": 100.0 * bias(actual[here], mean[here]),
                    "pinball": mean_pinball(actual[here], quantiles[here]),
                    "coverage_80_percent": 100.0 * coverage_80(actual[here], quantiles[here]),
                    "days": int(here.sum()),
                    "origins": len(scored[model]),
                }
            )
    return pd.DataFrame(lines, columns=list(TABLE_COLUMNS)).query("days > 0").reset_index(drop=True)


def _one_origin(forecast: FileForecast, whole: FileHistory) -> dict[str, tuple[FloatArray, FloatArray, FloatArray]]:
    """Per model: what came, mean and quantiles, each with a row per queue."""
    horizon = len(forecast.dates)
    models = {CHAMPION, *(name for tonight in forecast.tonight.values() for name in tonight)}
    nothing = np.full((horizon, len(QUANTILES)), np.nan)
    parts: dict[str, list[tuple[FloatArray, FloatArray, FloatArray]]] = {model: [] for model in models}
    for name, one in forecast.forecasts.items():
        actual = _came(whole, name, forecast.dates[0], horizon)
        parts[CHAMPION].append((actual, one.mean, one.quantiles))
        for model in models - {CHAMPION}:
            mean = forecast.tonight.get(name, {}).get(model)
            if mean is None:
                parts[model].append((actual, np.full(horizon, np.nan), nothing))
                continue
            backtest, column = forecast.backtests[name]
            spread = fit_spread(backtest.actual[:, :, column], backtest.forecasts[model][:, :, column], backtest.lead_days)
            quantiles = count_quantiles(np.nan_to_num(mean), spread.at(one.lead_days))
            parts[model].append((actual, mean, np.where(np.isfinite(mean)[:, None], quantiles, np.nan)))
    return {
        model: (np.array([p[0] for p in of]), np.array([p[1] for p in of]), np.array([p[2] for p in of]))
        for model, of in parts.items()
    }


def _came(whole: FileHistory, name: str, first: date, horizon: int) -> FloatArray:
    """What came on the days of the horizon; NaN where the file has no row."""
    queue = whole.queues[name]
    start = (first - queue.first).days
    here = queue.daily[max(start, 0) : max(start + horizon, 0)]
    return np.concatenate([here, np.full(horizon - len(here), np.nan)])
