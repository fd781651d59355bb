"""Rows of the rest of a day for every queue: last night's plan, what came so far, and how earlier days went on. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.errors import NoHistoryError
from enterprise.grid import IntervalGrid
from forecasting.calendar import FloatArray
from forecasting.intervals import quantile_frame
from forecasting.intraday import rest_of_day
from forecasting.profile import interval_noise
from warehouse.tables.forecast import OFFERED_QUANTILES

DAYS = 91
"""Earlier days looked at."""
PLAN_COLUMNS = ("queue_id", "interval_start_utc", "business_date", "lead_days", "mean_offered_contacts")
COLUMNS = (
    "queue_id",
    "interval_start_utc",
    "business_date",
    "mean_offered_contacts",
    *(column.name for column in OFFERED_QUANTILES),
    "night_mean_offered_contacts",
    "factor",
    "earlier_days",
)
_DIGITS = 6


def rest_of_day_rows(
    business_date: date, plans: pd.DataFrame, so_far: pd.DataFrame, past: pd.DataFrame, grid: IntervalGrid, slot_minutes: int
) -> pd.DataFrame:
    """Forecast what is left of a day anew.

    Args:
        business_date: the day.
        plans: forecasts of this and earlier days, with `PLAN_COLUMNS`; only those by the night right before a day are looked at.
        so_far: what came in the intervals that are over: queue_id, interval_start_utc, offered_contacts; an interval before the
            last one here that has no row had no contact.
        past: what came on earlier days: queue_id, interval_start_utc, business_date, offered_contacts.
        grid: the enterprise's grid.
        slot_minutes: length of an interval.

    Returns:
        `COLUMNS`, one row per queue and interval that is not over; `factor` is the rest over the night's forecast of it. A queue
        of which nothing is known yet keeps the night's mean with factor 1.

    Raises:
        NoHistoryError: if there is no forecast of the day by the night before it.
    """
    plans, past = (
        rows.assign(minute_of_day=grid.local_minute_of_day(rows["interval_start_utc"]).astype("int64"))
        for rows in (plans[plans["lead_days"] == 1], past)
    )
    plan, past_plans = plans[plans["business_date"] == business_date], plans[plans["business_date"] != business_date]
    if plan.empty:
        raise NoHistoryError(
            f"there is no forecast of {business_date} by the night before it to hold the day so far against; expected one in "
            f"forecast_interval. Run that night first (leadline run --date {business_date - timedelta(days=1)}), then ask again"
        )
    if so_far.empty:
        return pd.DataFrame(columns=COLUMNS)
    frames = []
    over = so_far["interval_start_utc"].max()
    for queue, rows in plan.sort_values("interval_start_utc", kind="stable").groupby("queue_id", sort=True):
        minutes = rows["minute_of_day"].to_numpy()
        expected = rows["mean_offered_contacts"].to_numpy(dtype=np.float64)
        done = int((rows["interval_start_utc"] <= over).sum())
        left = rows.iloc[done:]
        if left.empty:
            continue
        before, came = _earlier(
            past_plans[past_plans["queue_id"] == queue], past[past["queue_id"] == queue], minutes, rows["business_date"].iloc[0]
        )
        noise = interval_noise(came[:, done:], before[:, done:])
        if done and expected[:done].sum() > 0.0:
            own = so_far[so_far["queue_id"] == queue].groupby("interval_start_utc")["offered_contacts"].sum()
            known = own.reindex(rows["interval_start_utc"].iloc[:done], fill_value=0).to_numpy(dtype=np.float64)
            update = rest_of_day(expected, known, before, came, slot_minutes)
        else:
            update = rest_of_day(
                np.append(1.0, expected[done:]), np.ones(1), *_padded(before[:, done:], came[:, done:]), slot_minutes
            )
        frames.append(
            pd.DataFrame(
                {
                    "queue_id": queue,
                    "interval_start_utc": left["interval_start_utc"].to_numpy(),
                    "business_date": left["business_date"].to_numpy(),
                    "mean_offered_contacts": np.round(update.mean, _DIGITS),
                    **quantile_frame(OFFERED_QUANTILES, update.quantiles(noise)),
                    "night_mean_offered_contacts": expected[done:],
                    "factor": round(update.factor, _DIGITS),
                    "earlier_days": update.days,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)] if frames else pd.DataFrame(columns=COLUMNS)


def _earlier(plans: pd.DataFrame, past: pd.DataFrame, minutes: np.ndarray, today: object) -> tuple[FloatArray, FloatArray]:
    """Earlier days x today's intervals: what the night before each expected, and what came; oldest first."""
    tables = [
        rows[rows["business_date"] < today].pivot_table(
            index="business_date", columns="minute_of_day", values=values, aggfunc="sum", fill_value=0.0
        )
        for rows, values in ((plans, "mean_offered_contacts"), (past, "offered_contacts"))
    ]
    days = sorted(set(tables[0].index) & set(tables[1].index))[-DAYS:]
    if not days:
        return np.empty((0, len(minutes))), np.empty((0, len(minutes)))
    expected, came = (table.reindex(index=days, columns=minutes, fill_value=0.0).to_numpy(dtype=np.float64) for table in tables)
    return expected, came


def _padded(before: FloatArray, came: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Earlier days with an interval before them that went as expected."""
    ones = np.ones((len(before), 1))
    return np.hstack([ones, before]), np.hstack([ones, came])
