"""What Leadline is measured against: a four-week mean, Prophet as it comes, and AutoETS where statsforecast is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from accuracy.series import Group
from forecasting.calendar import FloatArray
from forecasting.candidates import prophet_engine
from forecasting.candidates.seasonal import seasonal_mean
from forecasting.panel import Panel

WEEKS = 4
LEVEL_PERCENT = 80
SHORTEST_FOR_ETS = 8
"""Days that are known: one more than the week that is its season."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a rival says of one night: horizon x queues; low and high bound 80 %, NaN where it gives no bounds."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray


Rival = Callable[[Panel, Group], Forecast]


def four_week_mean(panel: Panel, group: Group) -> Forecast:
    """Mean of the last four days of the same weekday."""
    mean = seasonal_mean(panel, WEEKS)
    nothing = np.full_like(mean, np.nan)
    return Forecast(mean, nothing, nothing)


def prophet_as_it_comes(panel: Panel, group: Group) -> Forecast:
    """Prophet with its defaults and the country's holidays, on the counts as they are."""
    prophet = prophet_engine.load()
    days = pd.DatetimeIndex(np.array(panel.dates, dtype="datetime64[us]"))
    shape = (panel.horizon, len(panel.queues))
    found = {name: np.full(shape, np.nan) for name in ("yhat", "yhat_lower", "yhat_upper")}
    for column in range(len(panel.queues)):
        rows = np.flatnonzero(panel.fit[:, column])
        if rows.size < 2:
            continue
        model = prophet(interval_width=LEVEL_PERCENT / 100, uncertainty_samples=100)
        model.add_country_holidays(group.country)
        # Prophet draws from NumPy's global generator and offers no other; the figures do not depend on it but for the bounds.
        np.random.seed(1)
        model.fit(pd.DataFrame({"ds": days[rows], "y": panel.offered[rows, column]}))
        predicted = model.predict(pd.DataFrame({"ds": days[panel.past :]}))
        for name, values in found.items():
            values[:, column] = np.where(panel.takes_contacts[panel.past :, column], predicted[name].to_numpy(), 0.0)
    return Forecast(found["yhat"], found["yhat_lower"], found["yhat_upper"])


def auto_ets(panel: Panel, group: Group) -> Forecast:
    """AutoETS with the week as season, on open days alone, gaps filled with the last day of the same weekday."""
    from statsforecast.models import AutoETS

    shape = (panel.horizon, len(panel.queues))
    mean, low, high = (np.full(shape, np.nan) for _ in range(3))
    for column, queue in enumerate(panel.queues):
        like = panel.weekday_like(queue)
        takes = panel.takes_contacts[:, column]
        known = np.flatnonzero(panel.fit[:, column])
        if known.size < SHORTEST_FOR_ETS:
            continue
        rows = np.flatnonzero(takes[: panel.past])
        rows = rows[rows >= known[0]]
        values = panel.offered[rows, column].copy()
        for position in np.flatnonzero(~np.isfinite(values)):
            same = [k for k in range(position) if like[rows[k]] == like[rows[position]]]
            values[position] = values[same[-1]] if same else np.nanmean(values)
        ahead = np.flatnonzero(takes[panel.past :])
        season = len(set(like[rows].tolist()))
        predicted = AutoETS(season_length=season).forecast(values, len(ahead), level=[LEVEL_PERCENT])
        for target, name in ((mean, "mean"), (low, f"lo-{LEVEL_PERCENT}"), (high, f"hi-{LEVEL_PERCENT}")):
            target[:, column] = 0.0
            target[ahead, column] = predicted[name]
    return Forecast(mean, low, high)


def rivals() -> dict[str, Rival]:
    """All rivals that can be asked here."""
    known: dict[str, Rival] = {"4-week mean": four_week_mean, "Prophet as it comes": prophet_as_it_comes}
    if importlib.util.find_spec("statsforecast") is not None:
        known["AutoETS"] = auto_ets
    return known
