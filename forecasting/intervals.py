"""From days to intervals: the day's mean times the profile, and quantiles that share the day's factor.

All intervals of a day move together with its factor: the extra variation of an interval is the day's (from the backtest), and
on top of it that of the interval itself when the day's total is known, (1 + day) (1 + interval) - 1. So interval quantiles do
not add up to the day's, and must not; means do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from enterprise.grid import IntervalGrid
from enterprise.opening import Opening
from forecasting.calendar import FloatArray, IntArray
from forecasting.distribution import count_quantiles
from forecasting.profile import Profile
from forecasting.queue_forecast import QueueForecast
from warehouse.tables.columns import QUANTILES
from warehouse.tables.forecast import FORECAST_INTERVAL, HANDLE_QUANTILES, OFFERED_QUANTILES

_DIGITS = 6


def future_intervals(opening: Opening, grid: IntervalGrid, dates: Sequence[date], *, deferred: bool) -> pd.DataFrame:
    """Intervals of the dates in which contacts can arrive.

    Args:
        opening: hours of the queue.
        grid: the enterprise's grid.
        dates: business dates.
        deferred: whether work arrives at all hours; live channels take contacts only while open.

    Returns:
        interval_start_utc, business_date, minute_of_day (local), arrival_seconds (> 0).
    """
    frame = opening.open_seconds_per_interval(grid, dates)
    if deferred:
        starts = frame["interval_start_utc"]
        frame["open_seconds"] = (grid.interval_end(starts) - starts).dt.total_seconds()
    frame = frame[frame["open_seconds"] > 0].rename(columns={"open_seconds": "arrival_seconds"})
    frame["minute_of_day"] = grid.local_minute_of_day(frame["interval_start_utc"]).astype("int64")
    return frame.reset_index(drop=True)


def spread_over_intervals(daily_mean: FloatArray, day: IntArray, weights: FloatArray) -> FloatArray:
    """Share each day's mean among its intervals so that they add up to it.

    Args:
        daily_mean: contacts per day.
        day: position of each interval's day, ascending.
        weights: weight of each interval, >= 0.

    Returns:
        Contacts per interval, rounded to a millionth, what rounding leaves going to the day's largest interval.

    Raises:
        ValueError: if a day with contacts has no interval that could take them.

    Example:
        >>> spread_over_intervals(np.array([10.0, 3.0]), np.array([0, 0, 1]), np.array([1.0, 2.0, 5.0]))
        array([3.333333, 6.666667, 3.      ])
    """
    total = np.bincount(day, weights=weights, minlength=len(daily_mean))
    homeless = (total <= 0.0) & (daily_mean > 0.0)
    if homeless.any():
        raise ValueError(f"day {int(homeless.argmax())} expects contacts but has no interval in which they could come")
    means = np.round(daily_mean[day] * weights / np.where(total > 0.0, total, 1.0)[day], _DIGITS)
    left = np.round(daily_mean - np.bincount(day, weights=means, minlength=len(daily_mean)), _DIGITS)
    order = np.lexsort((-means, day))
    largest = order[np.searchsorted(day[order], np.flatnonzero(total > 0.0))]
    means[largest] = np.round(means[largest] + left[day[largest]], _DIGITS)
    return np.asarray(means, dtype=np.float64)


def interval_rows(
    forecast: QueueForecast, profile: Profile, intervals: pd.DataFrame, dates: Sequence[date], plan_date: date
) -> pd.DataFrame:
    """Rows of forecast_interval of one queue."""
    first = dates[0].toordinal()
    day = np.array([business_date.toordinal() - first for business_date in intervals["business_date"]], dtype=np.int64)
    like = forecast.weekday_like[day]
    lead_days = forecast.lead_days[day]
    seconds = intervals["arrival_seconds"].to_numpy(dtype=np.float64)
    weights = profile.shares(like, intervals["minute_of_day"].to_numpy(), seconds, lead_days)
    means = spread_over_intervals(forecast.mean, day, weights)
    extra = (1.0 + forecast.spread.at(lead_days)) * (1.0 + profile.noise) - 1.0
    return pd.DataFrame(
        {
            "plan_date": plan_date,
            "queue_id": forecast.queue_id,
            "interval_start_utc": intervals["interval_start_utc"],
            "business_date": intervals["business_date"],
            "lead_days": lead_days,
            "mean_offered_contacts": means,
            **quantile_frame(OFFERED_QUANTILES, count_quantiles(means, extra)),
            "mean_handle_seconds": np.round(forecast.handle_time.mean(like), _DIGITS),
            **quantile_frame(HANDLE_QUANTILES, forecast.handle_time.quantiles(like)),
            "champion_model": forecast.choice.champion,
        },
        columns=FORECAST_INTERVAL.column_names,
    )


def quantile_frame(columns: Sequence[object], values: FloatArray) -> Mapping[str, FloatArray]:
    """Quantiles as columns of a frame, rounded to a millionth."""
    names = [column.name for column in columns]  # type: ignore[attr-defined]
    return {names[position]: np.round(values[..., position], _DIGITS) for position in range(len(QUANTILES))}
