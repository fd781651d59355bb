"""Rows of forecast_daily: every queue and every level above it, adding up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from enterprise.hierarchy import QueuePlace
from forecasting.calendar import FloatArray
from forecasting.drivers import NAMES
from forecasting.handle_time import lognormal_quantiles
from forecasting.hierarchy import members_of_levels, total_quantiles
from forecasting.intervals import quantile_frame
from forecasting.queue_forecast import QueueForecast
from warehouse.tables.forecast import FORECAST_DAILY, HANDLE_QUANTILES, OFFERED_QUANTILES

SUM_OF_QUEUES = "sum_of_queues"
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class QueueDays:
    """What the levels above a queue add up of it, per future day.

    Attributes:
        queue_id: the queue.
        mean: contacts.
        extra_variation: squared coefficient of variation beyond Poisson.
        handle_seconds: mean handle time.
        handle_spread: standard deviation of the log of a day's true mean handle time.
        parts: days x drivers, contacts.
        fallback_reason: why a simpler model was used; None when all was well.
        data_until: last day it rests on.
        data_warning: why recent days were left out; None when all is well.
    """

    queue_id: str
    mean: FloatArray
    extra_variation: FloatArray
    handle_seconds: FloatArray
    handle_spread: float
    parts: FloatArray
    fallback_reason: str | None
    data_until: date | None
    data_warning: str | None


def queue_days(forecast: QueueForecast) -> QueueDays:
    """What the levels above add up of a queue."""
    return QueueDays(
        forecast.queue_id,
        forecast.mean,
        forecast.spread.at(forecast.lead_days),
        forecast.handle_time.mean(forecast.weekday_like),
        forecast.handle_time.spread,
        forecast.explained.parts,
        forecast.choice.fallback_reason,
        forecast.data_until,
        forecast.data_warning,
    )


def queue_rows(forecast: QueueForecast, dates: Sequence[date], plan_date: date) -> pd.DataFrame:
    """Rows of one queue."""
    return _frame(
        plan_date,
        "queue",
        forecast.queue_id,
        dates,
        forecast.mean,
        forecast.quantiles,
        forecast.handle_time.mean(forecast.weekday_like),
        forecast.handle_time.quantiles(forecast.weekday_like),
        forecast.explained.parts,
        forecast.choice.champion,
        forecast.choice.fallback_reason,
        forecast.data_until,
        forecast.data_warning,
    )


def level_rows(
    queues: Sequence[QueueDays],
    places: Mapping[str, QueuePlace],
    correlation: FloatArray,
    dates: Sequence[date],
    plan_date: date,
    missing: Sequence[str],
) -> list[pd.DataFrame]:
    """Rows of every level above the queues.

    Args:
        queues: all queues, in the order of `correlation`.
        places: where queues belong; of all queues of the settings, those without history too.
        correlation: of the queues' errors.
        dates: future dates.
        plan_date: the night.
        missing: queues without any history; levels that lack one say so.
    """
    position = {queue.queue_id: index for index, queue in enumerate(queues)}
    frames = []
    for level, member, own in members_of_levels(places):
        chosen = [position[queue] for queue in own if queue in position]
        if not chosen:
            continue
        parts = [queues[index] for index in chosen]
        means = np.column_stack([part.mean for part in parts])
        extra = np.column_stack([part.extra_variation for part in parts])
        total = np.round(means.sum(axis=1), _DIGITS)
        handle, spread = _handle_time(parts, means)
        absent = [queue for queue in own if queue in missing]
        short = [part.queue_id for part in parts if part.fallback_reason]
        notes = [f"without {', '.join(absent)}: no history"] * bool(absent) + [f"fallback in {', '.join(short)}"] * bool(short)
        frames.append(
            _frame(
                plan_date,
                level,
                member,
                dates,
                total,
                total_quantiles(means, extra, correlation[np.ix_(chosen, chosen)]),
                handle,
                lognormal_quantiles(handle, spread),
                np.round(np.sum([part.parts for part in parts], axis=0), _DIGITS),
                SUM_OF_QUEUES,
                "; ".join(notes) or None,
                min((part.data_until for part in parts if part.data_until is not None), default=None),
                _warning(parts),
            )
        )
    return frames


def _warning(parts: Sequence[QueueDays]) -> str | None:
    """Which queues of a level do not rest on all their recent days."""
    warned = [part.queue_id for part in parts if part.data_warning]
    return f"see {', '.join(warned)}: recent days were left out or an earlier forecast stands in" if warned else None


def _handle_time(parts: Sequence[QueueDays], means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean handle time of a level, weighted by contacts, and the spread of its log if queues stray independently."""
    seconds = np.column_stack([part.handle_seconds for part in parts])
    contacts = np.where(means.sum(axis=1, keepdims=True) > 0.0, means, 1.0)
    work = contacts * seconds
    share = work / work.sum(axis=1, keepdims=True)
    spreads = np.array([part.handle_spread for part in parts])
    return work.sum(axis=1) / contacts.sum(axis=1), np.sqrt((share**2 * spreads**2).sum(axis=1))


def _frame(
    plan_date: date,
    level: str,
    member: str,
    dates: Sequence[date],
    mean: FloatArray,
    quantiles: FloatArray,
    handle: FloatArray,
    handle_quantiles: FloatArray,
    parts: FloatArray,
    champion: str,
    fallback_reason: str | None,
    data_until: date | None,
    data_warning: str | None,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "plan_date": plan_date,
            "level": level,
            "member_id": member,
            "business_date": list(dates),
            "lead_days": np.arange(1, len(dates) + 1),
            "mean_offered_contacts": mean,
            **quantile_frame(OFFERED_QUANTILES, quantiles),
            "mean_handle_seconds": np.round(handle, _DIGITS),
            **quantile_frame(HANDLE_QUANTILES, handle_quantiles),
            **{name: parts[:, index] for index, name in enumerate(NAMES)},
            "champion_model": champion,
            "fallback_reason": pd.Series([fallback_reason] * len(dates), dtype="str"),
            "data_until_date": data_until,
            "data_warning": pd.Series([data_warning] * len(dates), dtype="str"),
        },
        columns=FORECAST_DAILY.column_names,
    )
