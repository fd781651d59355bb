"""The whole forecast of one night, from history frames to the rows of the forecast tables. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.errors import MODEL_FAILURES, NoHistoryError
from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from forecasting.announced import announced_drivers
from forecasting.backtest import Backtest, origin_dates, run_backtest
from forecasting.calendar import FloatArray, QueueCalendar, calendars, date_range
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.registry import CANDIDATES
from forecasting.carried import carried_forecast
from forecasting.claims_forecast import forecast_claims
from forecasting.cleaning import clean, known_actuals, left_out_in_words
from forecasting.daily_rows import level_rows, queue_rows
from forecasting.features import make_design
from forecasting.handle_time import learn_handle_time
from forecasting.held import warnings_in_words, without_held_claims
from forecasting.hierarchy import error_correlation
from forecasting.intervals import future_intervals, interval_rows
from forecasting.lead_rows import claims_lead_rows, driver_lead_rows
from forecasting.leaderboard import leaderboard, missing_queue_rows
from forecasting.night_leads import brought_by_drivers, night_leads
from forecasting.panel import Panel, make_panel
from forecasting.plan_changes import CHAMPION_COLUMNS, champion_rows
from forecasting.profile import learn_profiles
from forecasting.queue_forecast import (
    QueueForecast,
    candidate_forecasts,
    champion_backtest,
    each_queue,
    failure_in_words,
    forecast_queue,
)
from warehouse.tables.core import DRIVER_VALUES
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL
from warehouse.tables.held import without_held_queue_days
from warehouse.tables.run import QUALITY_FINDINGS

HISTORY_DAYS = 1_100
"""History looked at: three years."""


@dataclass(frozen=True, eq=False)
class History:
    """What the forecast starts from; rows after the plan date are not looked at.

    Attributes:
        daily: rows of daily_history.
        intervals: rows of interval_history: queue_id, interval_start_utc, business_date, offered_contacts.
        claims: rows of claims_daily.
        findings: rows of quality_findings of the night: held queue-days and days of claims are not learnt from.
        former: rows of forecast_daily of the last plan before, for queues that cannot be forecast tonight.
        drivers: rows of driver_values, of days ahead too; what became known after the plan date is not looked at.
    """

    daily: pd.DataFrame
    intervals: pd.DataFrame
    claims: pd.DataFrame
    findings: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=QUALITY_FINDINGS.column_names))
    former: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FORECAST_DAILY.column_names))
    drivers: pd.DataFrame = field(default_factory=lambda: DRIVER_VALUES.arrow_schema.empty_table().to_pandas())


@dataclass(frozen=True, eq=False)
class NightForecast:
    """Rows of the forecast tables; `champions` tells what other champions than the last plan's change (`CHAMPION_COLUMNS`)."""

    intervals: pd.DataFrame
    daily: pd.DataFrame
    claims_lead: pd.DataFrame
    driver_lead: pd.DataFrame
    leaderboard: pd.DataFrame
    champions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CHAMPION_COLUMNS)))


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
        The same rows for the same history, whatever happens after the plan date. A queue without any history that may be learnt
        from, or whose data no model can take, has what the former plan gave it, with a warning; without a former plan it is not
        forecast, has a row in the leaderboard that says so, and the levels above it name it.

    Raises:
        NoHistoryError: if no queue has any history.
    """
    good = replace(
        history,
        daily=without_held_queue_days(history.daily, history.findings),
        claims=without_held_claims(history.claims, history.findings),
    )
    try:
        return _forecast(good, enterprise, plan_date, candidates, {})
    except MODEL_FAILURES:
        broken = {queue: why for queue in enterprise.queues if (why := _failure(good, enterprise, queue, plan_date, candidates))}
        if not broken or len(broken) == len(enterprise.queues):
            raise
        return _forecast(good, enterprise, plan_date, candidates, broken)


def _failure(
    history: History, enterprise: Enterprise, queue: str, plan_date: date, candidates: Sequence[Candidate]
) -> str | None:
    """Why a queue cannot be forecast even alone; None if it can, or has no history."""
    alone = enterprise.model_copy(update={"queues": {queue: enterprise.queues[queue]}})
    try:
        _forecast(history, alone, plan_date, candidates, {})
    except NoHistoryError:
        return None
    except MODEL_FAILURES as error:
        return failure_in_words(error)
    return None


def _forecast(
    history: History, enterprise: Enterprise, plan_date: date, candidates: Sequence[Candidate], broken: Mapping[str, str]
) -> NightForecast:
    """`forecast_all` of good days, with the queues of `broken` left out for the reasons given."""
    panel = _panel(history.daily, enterprise, plan_date, broken)
    known_drivers = announced_drivers(history.drivers, enterprise.drivers, grid_of(enterprise))
    leads = night_leads(history.claims, known_drivers, enterprise, panel)
    lead = leads.estimate(panel)
    announced = lead.contacts(panel.queues, panel.dates).add(_storms(leads.claims, enterprise, panel), fill_value=0.0)
    cleaned, marks = clean(panel.with_claims(announced), enterprise.events)
    actual = known_actuals(panel, marks)
    from_claims = leads.for_backtest(panel, origin_dates(panel)) if any(lead.used.values()) else None
    backtest = run_backtest(panel, actual, candidates, from_claims=from_claims, events=enterprise.events)
    tonight = candidate_forecasts(cleaned, candidates)
    of_claims = {queue for queue in panel.queues if queue in leads.of_claims or enterprise.queues[queue].work_of_claims}
    led = {queue for queue in of_claims if lead.used.get(queue) or enterprise.queues[queue].work_of_claims}
    warnings = warnings_in_words(history.daily, history.claims, history.findings, led, plan_date)

    def of_queue(column: int, queue: str) -> QueueForecast:
        settings, calendar = enterprise.queues[queue], panel.calendars[queue]
        own = history.daily[history.daily["queue_id"] == queue]
        handle_time = learn_handle_time(own, calendar, settings.mean_handle_seconds_prior, plan_date)
        group = _same_channel(enterprise, panel, queue)
        of_drivers = brought_by_drivers(lead, enterprise.drivers, queue, panel.horizon)
        found = forecast_queue(cleaned, column, tonight, backtest, candidates, group, handle_time, enterprise.events, of_drivers)
        until = panel.dates[int(np.flatnonzero(panel.fit[:, column])[-1])]
        return replace(found, data_until=until, data_warning=warnings.get(queue))

    column_of = {queue: column for column, queue in enumerate(panel.queues)}
    made, failed = each_queue(panel.queues, of_queue)
    if failed:
        kept, broken = [queue for queue in panel.queues if queue not in failed], dict(broken) | failed
        panel, cleaned, backtest = panel.only(kept), cleaned.only(kept), backtest.only(kept)
    dates = panel.future_dates
    absent = [queue for queue in enterprise.queues if queue not in panel.queues]
    by_queue = calendars(enterprise, absent, panel.dates[0], dates[-1])
    carried = _carried(history.former, by_queue, dates, broken, warnings)
    forecasts = [*made, *carried]
    missing = [queue for queue in absent if queue not in {forecast.queue_id for forecast in carried}]
    places = enterprise.places
    daily = [queue_rows(forecast, dates, plan_date) for forecast in forecasts]
    daily += level_rows(forecasts, places, _correlation(backtest, made, len(carried)), dates, plan_date, missing)
    notes = left_out_in_words(marks)
    for queue in of_claims if leads.gaps else ():
        notes[queue] = f"{notes[queue]}; {leads.gaps}" if queue in notes else leads.gaps
    choices = {one.queue_id: one.choice for one in made}
    board = leaderboard(plan_date, backtest, list(choices.values()), candidates, notes)
    why = dict(broken) | {forecast.queue_id: str(forecast.data_warning) for forecast in carried}
    return NightForecast(
        intervals=_intervals(history.intervals, enterprise, cleaned, by_queue, forecasts, plan_date),
        daily=pd.concat(daily, ignore_index=True),
        claims_lead=claims_lead_rows(lead.kernels, enterprise.drivers, plan_date),
        driver_lead=driver_lead_rows(lead.kernels, enterprise.drivers, plan_date),
        leaderboard=pd.concat([board, missing_queue_rows(plan_date, absent, why)], ignore_index=True) if absent else board,
        champions=champion_rows(
            history.former, {one.queue_id: one.choice for one in made}, tonight, column_of, dates, candidates
        ),
    )


def _carried(
    former: pd.DataFrame,
    by_queue: Mapping[str, QueueCalendar],
    dates: Sequence[date],
    broken: Mapping[str, str],
    warnings: Mapping[str, str],
) -> list[QueueForecast]:
    """The last plan's forecast of the queues without one of tonight, where it reaches beyond tonight."""
    carried = []
    for queue, calendar in by_queue.items():
        rows = former[(former["level"] == "queue") & (former["member_id"] == queue)]
        if any(day >= dates[0] for day in rows["business_date"]):
            why = broken.get(queue) or warnings.get(queue) or "none of its days may be learnt from"
            carried.append(carried_forecast(queue, rows, calendar, dates, why))
    return carried


def _panel(daily: pd.DataFrame, enterprise: Enterprise, plan_date: date, broken: Collection[str]) -> Panel:
    """Series of all queues, but for broken ones, that have any history by the plan date."""
    complete = daily["source_complete"].to_numpy(dtype=bool)
    known = daily[complete & np.array([day <= plan_date for day in daily["business_date"]], dtype=bool)]
    takes = known[known["queue_id"].isin(list(enterprise.queues))]
    queues = [queue for queue in enterprise.queues if queue not in broken and (takes["queue_id"] == queue).any()]
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


def _correlation(backtest: Backtest, forecasts: Sequence[QueueForecast], carried: int) -> FloatArray:
    """Correlation of the champions' errors over all origins and leads; of so many more queues, carried over, nothing is known."""
    errors = []
    for column, forecast in enumerate(forecasts):
        mean = champion_backtest(backtest, forecast.choice, column)
        mean = np.where(mean > 0.0, mean, np.nan)
        sigma = np.sqrt(mean + forecast.spread.at(backtest.lead_days) * mean**2)
        errors.append(((backtest.actual[:, :, column] - mean) / sigma).reshape(-1))
    unknown = [np.full(backtest.actual[:, :, 0].size, np.nan)] * carried
    return error_correlation(np.column_stack([*errors, *unknown]))


def _intervals(
    history: pd.DataFrame,
    enterprise: Enterprise,
    panel: Panel,
    absent: Mapping[str, QueueCalendar],
    forecasts: Sequence[QueueForecast],
    plan_date: date,
) -> pd.DataFrame:
    grid = grid_of(enterprise)
    minutes = grid.local_minute_of_day(history["interval_start_utc"]).to_numpy(dtype=np.int64)
    past = panel.dates[: panel.past]
    left_out = {(queue, past[row]) for column, queue in enumerate(panel.queues) for row in np.flatnonzero(~panel.fit[:, column])}
    left_out |= {(queue, day) for queue in absent for day in past}
    profiles = learn_profiles(
        history.assign(minute_of_day=minutes),
        {**panel.calendars, **absent},
        {queue: str(queue_settings.channel) for queue, queue_settings in enterprise.queues.items()},
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
