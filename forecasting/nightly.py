"""The whole forecast of one night, from history frames to the rows of the forecast tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.errors import NoHistoryError
from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from forecasting.backtest import Backtest, origin_dates, run_backtest
from forecasting.calendar import FloatArray, calendars, date_range
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.prophet_log import PROPHET_LOG
from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_MEAN_8, SEASONAL_NAIVE
from forecasting.claims_forecast import forecast_claims
from forecasting.claims_series import claims_series
from forecasting.cleaning import Mark, clean, known_actuals
from forecasting.daily_rows import level_rows, queue_rows
from forecasting.features import make_design
from forecasting.handle_time import learn_handle_time
from forecasting.hierarchy import error_correlation
from forecasting.intervals import future_intervals, interval_rows
from forecasting.leaderboard import leaderboard, missing_queue_rows
from forecasting.panel import Panel, make_panel
from forecasting.profile import learn_profiles
from forecasting.queue_forecast import QueueForecast, candidate_forecasts, champion_backtest, forecast_queue
from forecasting.rolling_leads import LeadSource
from warehouse.tables.forecast import CLAIMS_LEAD, FORECAST_INTERVAL

CANDIDATES: tuple[Candidate, ...] = (SEASONAL_NAIVE, SEASONAL_MEAN_4, SEASONAL_MEAN_8, DYNAMIC_REGRESSION, PROPHET_LOG)
HISTORY_DAYS = 1_100
"""History looked at: three years."""
_MARKS_SHOWN = 3


@dataclass(frozen=True, eq=False)
class History:
    """What the forecast starts from; rows after the plan date are not looked at.

    Attributes:
        daily: rows of daily_history.
        intervals: rows of interval_history: queue_id, interval_start_utc, business_date, offered_contacts.
        claims: rows of claims_daily.
    """

    daily: pd.DataFrame
    intervals: pd.DataFrame
    claims: pd.DataFrame


@dataclass(frozen=True, eq=False)
class NightForecast:
    """Rows of the four forecast tables."""

    intervals: pd.DataFrame
    daily: pd.DataFrame
    claims_lead: pd.DataFrame
    leaderboard: pd.DataFrame


def forecast_all(
    history: History, enterprise: Enterprise, plan_date: date, candidates: Sequence[Candidate] = CANDIDATES
) -> NightForecast:
    """Forecast every queue and every level for the days after the plan date.

    Args:
        history: what had happened by the plan date.
        enterprise: the settings.
        plan_date: last date known.
        candidates: competing models.

    Returns:
        The same rows for the same history, whatever happens after the plan date. A queue without any history is not forecast: it
        has a row in the leaderboard that says so, and the levels above it name it.

    Raises:
        NoHistoryError: if no queue has any history.
    """
    panel = _panel(history.daily, enterprise, plan_date)
    missing = [queue for queue in enterprise.queues if queue not in panel.queues]
    source, gaps = _lead_source(history.claims, enterprise, panel)
    lead = source.estimate(panel)
    announced = lead.contacts(panel.queues, panel.dates).add(_storms(source.claims, enterprise, panel), fill_value=0.0)
    cleaned, marks = clean(panel.with_claims(announced), enterprise.events)
    actual = known_actuals(panel, marks)
    from_claims = source.for_backtest(panel, origin_dates(panel)) if any(lead.used.values()) else None
    backtest = run_backtest(panel, actual, candidates, from_claims=from_claims, events=enterprise.events)
    tonight = candidate_forecasts(cleaned, candidates)
    forecasts = [
        forecast_queue(
            cleaned,
            column,
            tonight,
            backtest,
            candidates,
            _same_channel(enterprise, panel, queue),
            learn_handle_time(
                history.daily[history.daily["queue_id"] == queue],
                panel.calendars[queue],
                enterprise.queues[queue].mean_handle_seconds_prior,
                plan_date,
            ),
            enterprise.events,
        )
        for column, queue in enumerate(panel.queues)
    ]
    places = {queue.id: (str(queue.channel), queue.line_of_business) for queue in enterprise.queues.values()}
    dates = panel.future_dates
    daily = [queue_rows(forecast, dates, plan_date) for forecast in forecasts]
    daily += level_rows(forecasts, places, _correlation(backtest, forecasts), dates, plan_date, missing)
    notes = _notes(marks)
    for queue in panel.queues:
        if gaps and (queue in source.queues or enterprise.queues[queue].work_of_claims):
            notes[queue] = f"{notes[queue]}; {gaps}" if queue in notes else gaps
    board = leaderboard(plan_date, backtest, [forecast.choice for forecast in forecasts], candidates, notes)
    return NightForecast(
        intervals=_intervals(history.intervals, enterprise, cleaned, forecasts, plan_date),
        daily=pd.concat(daily, ignore_index=True),
        claims_lead=lead.kernels.assign(plan_date=plan_date)[CLAIMS_LEAD.column_names].reset_index(drop=True),
        leaderboard=pd.concat([board, missing_queue_rows(plan_date, missing)], ignore_index=True) if missing else board,
    )


def _panel(daily: pd.DataFrame, enterprise: Enterprise, plan_date: date) -> Panel:
    """Series of all queues that have any history by the plan date."""
    complete = daily["source_complete"].to_numpy(dtype=bool)
    known = daily[complete & np.array([day <= plan_date for day in daily["business_date"]], dtype=bool)]
    takes = known[known["queue_id"].isin(list(enterprise.queues))]
    queues = [queue for queue in enterprise.queues if (takes["queue_id"] == queue).any()]
    if not queues:
        raise NoHistoryError(
            f"daily_history has no complete day of any of the {len(enterprise.queues)} queues up to {plan_date}; at least one is "
            "needed to forecast from. Check that the sources delivered (leadline doctor) and build the history of earlier "
            "nights first, then forecast this night again"
        )
    first = max(min(takes["business_date"]), plan_date - timedelta(days=HISTORY_DAYS))
    horizon = enterprise.planning.horizon_days
    by_queue = calendars(enterprise, queues, first, plan_date + timedelta(days=horizon))
    designs = {queue: make_design(calendar) for queue, calendar in by_queue.items()}
    panel = make_panel(daily, by_queue, designs, plan_date, horizon)
    with_days = [column for column in range(len(queues)) if panel.fit[:, column].any()]
    if not with_days:
        raise NoHistoryError(
            f"every day of history up to {plan_date} falls outside the queues' opening hours; check the opening hours and the "
            "time zone in the settings, then forecast this night again"
        )
    return panel if len(with_days) == len(queues) else panel.only([queues[column] for column in with_days])


def _lead_source(claims: pd.DataFrame, enterprise: Enterprise, panel: Panel) -> tuple[LeadSource, str]:
    """Claims per date and line of business on all dates of the panel's history, and in words on which their feed is missing."""
    past = list(panel.dates[: panel.past])
    series, gaps = claims_series(claims, past)
    queues = tuple(queue for queue in enterprise.claims_lead.queues if queue in panel.queues)
    return LeadSource(series, queues, enterprise.claims_lead.maximum_lag_days, enterprise.planning.seed), gaps


def _storms(claims: pd.DataFrame, enterprise: Enterprise, panel: Panel) -> pd.DataFrame:
    """Work that storms bring to the queues that work on claims: taken out of their past, what still runs put into their future.

    The claims themselves are that queue's demand, so that no lag has to be estimated; a running storm decays as earlier ones did.
    """
    columns = {}
    for queue_id in panel.queues:
        lines = [line for line in enterprise.queues[queue_id].work_of_claims if line in claims.columns]
        if lines:
            outlook = forecast_claims(claims[lines].sum(axis=1).to_numpy(dtype=np.float64), len(panel.future_dates))
            columns[queue_id] = np.concatenate([outlook.surges, outlook.running])
    return pd.DataFrame(columns, index=list(panel.dates), dtype="float64")


def _same_channel(enterprise: Enterprise, panel: Panel, queue: str) -> list[int]:
    channel = enterprise.queues[queue].channel
    return [column for column, other in enumerate(panel.queues) if enterprise.queues[other].channel == channel]


def _correlation(backtest: Backtest, forecasts: Sequence[QueueForecast]) -> FloatArray:
    """Correlation of the champions' errors over all origins and leads."""
    errors = []
    for column, forecast in enumerate(forecasts):
        mean = champion_backtest(backtest, forecast.choice, column)
        mean = np.where(mean > 0.0, mean, np.nan)
        sigma = np.sqrt(mean + forecast.spread.at(backtest.lead_days) * mean**2)
        errors.append(((backtest.actual[:, :, column] - mean) / sigma).reshape(-1))
    return error_correlation(np.column_stack(errors))


def _intervals(
    history: pd.DataFrame, enterprise: Enterprise, panel: Panel, forecasts: Sequence[QueueForecast], plan_date: date
) -> pd.DataFrame:
    grid = grid_of(enterprise)
    minutes = grid.local_minute_of_day(history["interval_start_utc"]).to_numpy(dtype=np.int64)
    past = panel.dates[: panel.past]
    left_out = {(queue, past[row]) for column, queue in enumerate(panel.queues) for row in np.flatnonzero(~panel.fit[:, column])}
    profiles = learn_profiles(
        history.assign(minute_of_day=minutes),
        panel.calendars,
        {queue: str(enterprise.queues[queue].channel) for queue in panel.queues},
        left_out,
        plan_date,
        enterprise.interval_minutes,
    )
    dates = date_range(plan_date + timedelta(days=1), plan_date + timedelta(days=enterprise.planning.horizon_days))
    frames = []
    made: dict[tuple[str, bool], pd.DataFrame] = {}
    for forecast in forecasts:
        queue = enterprise.queues[forecast.queue_id]
        key = (queue.opening_hours, queue.is_deferred)
        if key not in made:
            made[key] = future_intervals(opening_of(enterprise, queue.id), grid, dates, deferred=queue.is_deferred)
        frames.append(interval_rows(forecast, profiles[queue.id], made[key], dates, plan_date))
    return pd.concat(frames, ignore_index=True)[FORECAST_INTERVAL.column_names]


def _notes(marks: Sequence[Mark]) -> dict[str, str]:
    """Queue -> which days were left out of fitting, in words."""
    notes: dict[str, str] = {}
    for queue in sorted({mark.queue_id for mark in marks}):
        mine = [mark for mark in marks if mark.queue_id == queue]
        shown = ", ".join(f"{mark.business_date} ({mark.reason})" for mark in mine[-_MARKS_SHOWN:])
        more = f" and {len(mine) - _MARKS_SHOWN} more" if len(mine) > _MARKS_SHOWN else ""
        notes[queue] = f"left out of fitting: {shown}{more}"
    return notes
