"""Prophet on the log scale with the business calendar as regressors, level-corrected like the regression.

Prophet's own holidays, weekly season and intervals are not used: on calendar-driven series they are what makes it poor (the
intervals cover 53 to 60 % instead of 80). The library is imported when a first series is fitted, since that takes seconds.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray, IntArray
from forecasting.candidates import prophet_engine
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.level import level_correction
from forecasting.features import SEASON, WEEKDAY, Design
from forecasting.panel import Panel
from forecasting.trend import damped_days

_SEED = 20_000
_SMALLEST_COUNT = 0.5
_HISTORY_DAYS = 740
_CHANGEPOINTS = 12
_CHANGEPOINT_SCALE = 0.02
_DAYS_FOR_TREND = 180
_EFFECT_SCALE = 0.3
_WEEKDAY_SCALE = 2.0
_SEASON_SCALE = 0.1
_THREADS = 2
_MOST_QUEUES = 24
"""Only the largest queues are worth a fit that takes 50 times as long as the others'; the rest have no forecast of it."""
_FEWEST_CONTACTS = 30.0
"""A day: below, chance is most of the error and Prophet never lowered it."""
_RECENT_DAYS = 56
_LOWEST_VARIATION = 0.001
_LOWEST_MEAN = 1e-3


def prophet_log(panel: Panel) -> FloatArray:
    """Expected contacts per future day and queue; NaN for queues without a day to fit on."""
    columns = [column for column in _largest(panel) if panel.fit[:, column].sum() > 1]
    result = np.full((panel.horizon, len(panel.queues)), np.nan)
    if columns:
        prophet_engine.load()  # once, before the threads
        # The optimiser is a program of its own, so that threads do run side by side while it works.
        with ThreadPoolExecutor(_THREADS) as pool:
            for column, forecast in zip(columns, pool.map(lambda column: _one_queue(panel, column), columns), strict=True):
                result[:, column] = forecast
    return np.where(panel.takes_contacts[panel.past :], result, np.where(np.isnan(result), np.nan, 0.0))


def _largest(panel: Panel) -> list[int]:
    """Columns of the largest queues of the last weeks, in order."""
    fit = panel.fit[-_RECENT_DAYS:]
    recent = np.where(fit, panel.offered[-_RECENT_DAYS:], 0.0).sum(axis=0)
    enough = recent >= _FEWEST_CONTACTS * fit.sum(axis=0)
    return sorted(int(column) for column in np.argsort(-recent, kind="stable")[:_MOST_QUEUES] if enough[column])


def _one_queue(panel: Panel, column: int) -> FloatArray:
    queue = panel.queues[column]
    dates = len(panel.dates)
    rows = np.flatnonzero(panel.fit[:, column])
    rows = rows[rows > rows[-1] - _HISTORY_DAYS]
    own = panel.offered[rows, column] - panel.from_claims[rows, column]
    if own.sum() <= 0.0:
        return panel.from_claims[panel.past :, column]
    future = np.arange(panel.past, dates)
    both = np.concatenate([rows, future])
    log_mean = _fit_predict(panel, panel.designs[queue], rows, np.log(np.maximum(own, _SMALLEST_COUNT)), both)
    mean = np.maximum(np.exp(log_mean), _LOWEST_MEAN)
    # The log of a mean is not the mean of logs: bring the fitted days' total back to what came.
    mean *= max(float(own.sum()), 0.0) / float(mean[: len(rows)].sum())
    past = np.maximum(mean[: len(rows)], _LOWEST_MEAN)
    excess = float(((own - past) ** 2 - past).sum() / (past**2).sum())
    age = (panel.past - 1) - rows
    level = level_correction(own, past, age, float(np.clip(excess, _LOWEST_VARIATION, 1.0)), panel.horizon)
    return np.asarray(mean[len(rows) :] * np.exp(level) + panel.from_claims[panel.past :, column], dtype=np.float64)


def _fit_predict(panel: Panel, design: Design, rows: IntArray, log_counts: FloatArray, wanted: IntArray) -> FloatArray:
    """Fit Prophet on some rows of the panel and give its log means for others."""
    span = int(rows[-1] - rows[0]) + 1
    matrix = design.matrix[: len(panel.dates)]
    varies = np.ptp(matrix[rows], axis=0) > 0
    kept = [int(position) for position in np.flatnonzero(varies & (span >= design.fewest_days))]
    trending = span >= _DAYS_FOR_TREND
    model = prophet_engine.new_model(
        growth="linear" if trending else "flat",
        n_changepoints=_CHANGEPOINTS if trending else 0,
        changepoint_prior_scale=_CHANGEPOINT_SCALE,
    )
    scales = {WEEKDAY: _WEEKDAY_SCALE, SEASON: _SEASON_SCALE}
    for position in kept:
        scale = scales.get(design.groups[position], _EFFECT_SCALE)
        model.add_regressor(design.names[position], prior_scale=scale, standardize=False)
    days = pd.DatetimeIndex(np.array(panel.dates, dtype="datetime64[us]"))
    frame = pd.DataFrame(matrix[:, kept], columns=[design.names[position] for position in kept])
    frame["ds"] = days
    model.fit(frame.iloc[rows].assign(y=log_counts), seed=_SEED)
    # What `model.predict` says, without the frames it builds on the way, which take longer than the fit.
    ahead = wanted - (panel.past - 1)
    counted = days[wanted] - pd.to_timedelta(ahead - damped_days(ahead), unit="D")
    since_start = (counted - model.start) / model.t_scale
    trend = model.predict_trend(pd.DataFrame({"t": since_start, "floor": 0.0}))
    if not kept:
        return np.asarray(trend, dtype=np.float64)
    effects = prophet_engine.regressor_effects(model)
    coefficients = effects[[design.names[position] for position in kept]].to_numpy(dtype=np.float64)
    return np.asarray(trend + (matrix[wanted][:, kept] * coefficients).sum(axis=1), dtype=np.float64)


PROPHET_LOG = Candidate("prophet_log", prophet_log, every=5, minimum_days=56)
