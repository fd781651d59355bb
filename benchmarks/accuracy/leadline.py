"""Leadline's own forecast of a night, made as the nightly run makes it: nested backtest, champion, spread."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from forecasting.backtest import run_backtest
from forecasting.calendar import FloatArray
from forecasting.candidates.registry import CANDIDATES
from forecasting.cleaning import clean, known_actuals
from forecasting.handle_time import HandleTime
from forecasting.panel import Panel
from forecasting.queue_forecast import QueueForecast, candidate_forecasts, forecast_queue

_ANY_HANDLE_TIME = HandleTime(np.full(7, 300.0), 0.1, 0.0)


@dataclass(frozen=True, eq=False)
class Issued:
    """One night's forecast of all queues.

    Attributes:
        mean: horizon x queues.
        quantiles: horizon x queues x quantiles.
        extra_variation: horizon x queues, squared coefficient of variation beyond Poisson.
        candidates: what each candidate said, horizon x queues.
        queues: the forecasts by queue, with champions and reasons.
    """

    mean: FloatArray
    quantiles: FloatArray
    extra_variation: FloatArray
    candidates: dict[str, FloatArray]
    queues: list[QueueForecast] = field(default_factory=list)


def issue(panel: Panel) -> Issued:
    """The forecast of the night that ends the panel's past."""
    cleaned, marks = clean(panel)
    backtest = run_backtest(panel, known_actuals(panel, marks), CANDIDATES)
    tonight = candidate_forecasts(cleaned, CANDIDATES)
    everyone = list(range(len(panel.queues)))
    mean = np.full((panel.horizon, len(panel.queues)), np.nan)
    quantiles = np.full((*mean.shape, 7), np.nan)
    extra = np.full_like(mean, np.nan)
    made = []
    for column in everyone:
        if not panel.fit[:, column].any():
            continue
        forecast = forecast_queue(cleaned, column, tonight, backtest, CANDIDATES, everyone, _ANY_HANDLE_TIME, ())
        mean[:, column], quantiles[:, column] = forecast.mean, forecast.quantiles
        extra[:, column] = forecast.spread.at(forecast.lead_days)
        made.append(forecast)
    return Issued(mean, quantiles, extra, tonight, made)
