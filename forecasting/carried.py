"""A former plan's forecast of a queue, carried over to tonight: where tonight gives none, the last good one stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray, QueueCalendar
from forecasting.champion import Choice
from forecasting.distribution import NORMAL_90, Spread
from forecasting.drivers import NAMES, Explained
from forecasting.handle_time import HandleTime
from forecasting.queue_forecast import QueueForecast
from forecasting.scores import LEAD_BANDS, band_of

NAME = "last_good_plan"
_WEEK = timedelta(days=7)
_DIGITS = 6
_TREND = NAMES.index("trend_contacts")


def carried_forecast(
    queue_id: str, former: pd.DataFrame, calendar: QueueCalendar, dates: Sequence[date], why: str
) -> QueueForecast:
    """Tonight's forecast of a queue from its rows of an earlier plan.

    A date has what the former plan gave it; one beyond that plan's end has what the same weekday a week before it has.

    Args:
        queue_id: the queue.
        former: its rows of FORECAST_DAILY of one earlier plan.
        calendar: its calendar, whose last dates are `dates`.
        dates: consecutive dates to forecast, the first of which is tomorrow.
        why: why no forecast was made tonight, in words.

    Returns:
        A forecast with the former means, reasons and spread; what the calendar of a copied week changes counts as trend.

    Raises:
        ValueError: if the former plan ends before `dates` begin.
    """
    known = former.sort_values("business_date").set_index("business_date")
    rows = known.loc[[_source(day, dates[0], known.index) for day in dates]]
    takes = calendar.takes_contacts[-len(dates) :]
    like = calendar.weekday_like[-len(dates) :]
    mean = np.where(takes, rows["mean_offered_contacts"].to_numpy(dtype=np.float64), 0.0)
    parts = rows[list(NAMES)].astype("float64").fillna(0.0).to_numpy(copy=True)
    parts[:, _TREND] = np.round(parts[:, _TREND] + mean - parts.sum(axis=1), _DIGITS)
    lead_days = np.arange(1, len(dates) + 1)
    made = former["plan_date"].iloc[0]
    until = former["data_until_date"].iloc[0]
    return QueueForecast(
        queue_id=queue_id,
        choice=Choice(NAME, (), {}, f"forecast of {made} carried over: {why}"),
        explained=Explained(mean, parts),
        spread=_spread(known),
        handle_time=_handle_time(rows, like),
        weekday_like=like,
        lead_days=lead_days,
        data_until=None if pd.isna(until) else until,
        data_warning=f"forecast of {made} carried over: {why}",
    )


def _source(day: date, first: date, known: pd.Index) -> date:
    while day not in known:
        day -= _WEEK
        if day < first:
            raise ValueError(f"the former plan has no day like {day + _WEEK}; it ends before {first}")
    return day


def _spread(known: pd.DataFrame) -> Spread:
    """Variation beyond chance that the former quantiles show, by band of leads; never less for a longer lead."""
    mean = known["mean_offered_contacts"].to_numpy(dtype=np.float64)
    width = (known["offered_contacts_q90"] - known["offered_contacts_q10"]).to_numpy(dtype=np.float64)
    some = mean > 0.0
    extra = np.maximum((width[some] / (2.0 * NORMAL_90)) ** 2 - mean[some], 0.0) / mean[some] ** 2
    band = band_of(known["lead_days"].to_numpy(dtype=np.int64)[some])
    overall = float(extra.mean()) if extra.size else 0.0
    by_band = [float(extra[band == b].mean()) if (band == b).any() else overall for b in range(len(LEAD_BANDS))]
    return Spread(np.maximum.accumulate(np.array(by_band)), 0, False)


def _handle_time(rows: pd.DataFrame, like: np.ndarray) -> HandleTime:
    mean = rows["mean_handle_seconds"].to_numpy(dtype=np.float64)
    by_weekday: FloatArray = np.full(7, float(mean.mean()))
    for weekday in set(like.tolist()):
        by_weekday[weekday] = float(mean[like == weekday].mean())
    ratio = rows["mean_handle_seconds_q90"].to_numpy(dtype=np.float64) / rows["mean_handle_seconds_q10"].to_numpy(
        dtype=np.float64
    )
    return HandleTime(by_weekday, float(np.log(ratio).mean()) / (2.0 * NORMAL_90), 0.0)
