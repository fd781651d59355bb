"""The night's forecast: read history, forecast every queue and level, check, write; and the forecast of a planner's own file."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from enterprise.errors import NeedsPersonError
from enterprise.planner_file import kind_of, read_table, write_table
from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from expectations.gate import require_valid
from forecasting.accuracy import FORECAST_COLUMNS, NAIVE_WEEKS, ledger_rows
from forecasting.file_backtest import backtest_history
from forecasting.file_drivers import FileDrivers, read_drivers
from forecasting.file_forecast import forecast_history
from forecasting.file_history import FileHistory, read_history
from forecasting.file_place import FileResult as FileResult
from forecasting.file_place import Place as Place
from forecasting.file_place import checked_horizon
from forecasting.file_rows import forecast_rows, kernel_rows
from forecasting.intraday_rows import DAYS, PLAN_COLUMNS, rest_of_day_rows
from forecasting.nightly import HISTORY_DAYS, History, forecast_all
from forecasting.overrides import models_own, with_overrides
from forecasting.plan_changes import change_rows
from forecasting.planned_hours import changed_hours
from forecasting.profile import LONG_WEEKS
from forecasting.today import so_far_until
from forecasting.weekly_rows import weekly_rows
from warehouse.lake import Lake, Written
from warehouse.marks import keep_marks, ledger_due
from warehouse.night_before import of_night_before
from warehouse.overrides.changes import as_models_see_it, changes_of
from warehouse.overrides.opening import with_planners_hours
from warehouse.tables.core import DRIVER_VALUES
from warehouse.tables.forecast import (
    ACCURACY_LEDGER,
    CLAIMS_LEAD,
    DRIVER_LEAD,
    FORECAST_CHANGE,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    FORECAST_WEEKLY,
    MODEL_LEADERBOARD,
)
from warehouse.tables.held import without_held_queue_days
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.overrides import MODEL_FORECAST_DAILY, MODEL_FORECAST_INTERVAL, OVERRIDE_EFFECT, OVERRIDE_STATUS
from warehouse.tables.run import QUALITY_FINDINGS
from warehouse.tables.today import FORECAST_TODAY

RESTATED = timedelta(days=35)
"""How far back days are measured again, for data that came late."""
_DAILY_COLUMNS = ("queue_id", "business_date", "offered_contacts", "answered_contacts", "handle_seconds", "source_complete")
_INTERVAL_COLUMNS = ("queue_id", "interval_start_utc", "business_date", "offered_contacts")


def forecast_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Forecast all channels for the days after the plan date and put the forecast tables in the lake.

    Queue-days and days of claims that the night's checks hold teach nothing; the rows they would have shaped say so.

    Args:
        plan_date: the night: nothing after this local day is read.
        enterprise: the settings.
        lake: where history is read and the forecast is written.

    Returns:
        What was written: the forecast tables with the planners' changes of the night in them, what each change did, and the
        model's own numbers of the days they touch. Doing it again gives the same bytes.

    Raises:
        NoHistoryError: if no queue has any history by then.
        InvalidTableError: if a table does not match its declaration; nothing of it is written.
    """
    first = plan_date - timedelta(days=HISTORY_DAYS)
    former = of_night_before(lake, FORECAST_DAILY, plan_date)
    history = History(
        daily=lake.read(DAILY_HISTORY, first=first, last=plan_date),
        intervals=lake.read(
            INTERVAL_HISTORY, first=plan_date - timedelta(weeks=LONG_WEEKS), last=plan_date, columns=_INTERVAL_COLUMNS
        ),
        claims=lake.read(CLAIMS_DAILY, first=first, last=plan_date),
        findings=lake.read(QUALITY_FINDINGS, first=plan_date, last=plan_date),
        former=models_own(of_night_before(lake, MODEL_FORECAST_DAILY, plan_date), former),
        drivers=lake.read(DRIVER_VALUES, first=first),
    )
    status = lake.read(OVERRIDE_STATUS, first=plan_date, last=plan_date)
    forecast = forecast_all(history, as_models_see_it(enterprise, status, plan_date), plan_date)
    result = with_overrides(
        forecast,
        changes_of(status, enterprise, plan_date),
        changed_hours(enterprise, with_planners_hours(enterprise, status), plan_date),
        enterprise.places,
        grid_of(enterprise),
    )
    good = without_held_queue_days(history.daily, history.findings)
    tables = {
        FORECAST_INTERVAL: result.planned.intervals,
        FORECAST_DAILY: result.planned.daily,
        FORECAST_WEEKLY: weekly_rows(good, forecast.daily, result.planned.daily, enterprise, plan_date),
        FORECAST_CHANGE: change_rows(result.planned.daily, former, forecast.champions, enterprise.places, plan_date),
        CLAIMS_LEAD: forecast.claims_lead,
        DRIVER_LEAD: forecast.driver_lead,
        MODEL_LEADERBOARD: forecast.leaderboard,
        MODEL_FORECAST_INTERVAL: result.model_intervals,
        MODEL_FORECAST_DAILY: result.model_daily,
        OVERRIDE_EFFECT: result.effects,
    }
    checked = {table: require_valid(table, frame) for table, frame in tables.items()}
    return [lake.replace(table, rows, plan_date) for table, rows in checked.items()]


def measure_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Hold every forecast of the day that closed against what came, and state days anew whose numbers changed since.

    Days of the last five weeks are looked at again, for late data; and days after the night, if they are over and were measured,
    for they lacked this night's forecast: nights in any order end with the same ledger. What was forecast is never touched.

    Args:
        plan_date: the night.
        enterprise: the settings.
        lake: forecasts, history and findings are read from it, the ledger is written to it.

    Returns:
        The partitions of accuracy_ledger that were written: those whose forecasts or actuals are not what they were.
    """
    horizon = timedelta(days=enterprise.planning.horizon_days)
    measured = set(lake.partitions(ACCURACY_LEDGER, plan_date - RESTATED, plan_date + horizon)) | {plan_date}
    due = ledger_due(lake, sorted(measured), horizon)
    days = list(due)
    if not days:
        return []
    first, last = days[0] - horizon, days[-1]
    plans = lake.read(FORECAST_DAILY, first=first, last=last, columns=FORECAST_COLUMNS)
    own = lake.read(MODEL_FORECAST_DAILY, first=first, last=last, columns=FORECAST_COLUMNS)
    past = lake.read(DAILY_HISTORY, first=first - timedelta(weeks=NAIVE_WEEKS), last=last, columns=_DAILY_COLUMNS)
    written = []
    for day in days:
        known = past[past["business_date"] <= day]
        good = without_held_queue_days(known, lake.read(QUALITY_FINDINGS, first=day, last=day))
        rows = ledger_rows(day, plans[plans["plan_date"] < day], own[own["plan_date"] < day], good, enterprise.places)
        written.append(lake.replace(ACCURACY_LEDGER, require_valid(ACCURACY_LEDGER, rows), day))
    keep_marks(lake, due)
    return written


def reforecast_day(at: datetime, enterprise: Enterprise, lake: Lake) -> pd.DataFrame:
    """Forecast the rest of the day that holds a moment, from what came by then, and add it to the day's rows in the lake.

    Args:
        at: the moment, with a time zone; intervals that end by then are over, later rows are not looked at.
        enterprise: the settings.
        lake: where plan and history are read and the rows are written. The same moment again replaces its rows.

    Returns:
        The rows of FORECAST_TODAY of the moment.

    Raises:
        NoHistoryError: if there is no plan of the day, or none of its intervals is over.
        RetryLaterError: if the feed of the day fell silent.
    """
    made_at = pd.Timestamp(at).tz_convert("UTC")
    business_date: date = grid_of(enterprise).business_date(pd.Series([made_at]))[0]
    night = business_date - timedelta(days=1)
    plan = lake.read(FORECAST_INTERVAL, first=night, last=night, columns=PLAN_COLUMNS)
    today = lake.read(INTERVAL_HISTORY, first=business_date, last=business_date, columns=_INTERVAL_COLUMNS)
    of_day = plan[plan["business_date"] == business_date]
    interval = timedelta(minutes=enterprise.interval_minutes)
    so_far = so_far_until(today, of_day, made_at, interval) if len(of_day) else today.iloc[:0]
    rest = reforecast_rest_of_day(business_date, so_far, enterprise, lake)
    rows = rest.assign(made_at=made_at, plan_date=night)[FORECAST_TODAY.column_names]
    before = lake.read(FORECAST_TODAY, first=business_date, last=business_date)
    all_rows = pd.concat([before[before["made_at"] != made_at], rows], ignore_index=True)
    lake.replace(FORECAST_TODAY, require_valid(FORECAST_TODAY, all_rows), business_date)
    return rows


def reforecast_rest_of_day(business_date: date, so_far: pd.DataFrame, enterprise: Enterprise, lake: Lake) -> pd.DataFrame:
    """Forecast what is left of a day from what came so far, from last night's plan and how earlier days went on.

    Args:
        business_date: the day; the plan of the night before it is looked for.
        so_far: queue_id, interval_start_utc and offered_contacts of the day's intervals that are over.
        enterprise: the settings.
        lake: where plans and history are read; nothing is written.

    Returns:
        One row per queue and interval still to come, see `forecasting.intraday_rows.COLUMNS`.

    Raises:
        NoHistoryError: if there is no plan for the day.
    """
    first, night = business_date - timedelta(days=DAYS + 1), business_date - timedelta(days=1)
    plans = lake.read(FORECAST_INTERVAL, first=first, last=night, columns=PLAN_COLUMNS)
    past = lake.read(INTERVAL_HISTORY, first=first, last=night, columns=_INTERVAL_COLUMNS)
    return rest_of_day_rows(business_date, plans, so_far, past, grid_of(enterprise), enterprise.interval_minutes)


def forecast_file(
    history: Path, as_of: date, horizon_days: int, result: Path, drivers: Path | None = None, place: Place | None = None
) -> FileResult:
    """Forecast the queues of a CSV or Parquet file from what it holds before the as-of date.

    Args:
        history: columns as in `forecasting.file_history.read_history`.
        as_of: first date of the forecast; nothing of this date or later is read.
        horizon_days: days to forecast, 1 to 400.
        result: file to write, CSV or Parquet by its ending; it appears whole or not at all. The drivers' kernels go beside it:
            `forecast.csv` has them in `forecast_kernels.csv`.
        drivers: columns as in `forecasting.file_drivers.read_drivers`.
        place: country, subdivision and time zone.

    Raises:
        NeedsPersonError: if a file cannot be read or written, or naming the row and column that are wrong.
    """
    where = place or Place()
    kind = kind_of(result)
    kernels_file = result.with_name(f"{result.stem}_kernels{kind}") if drivers else None
    known, moved = _read_both(history, drivers, as_of, horizon_days, where)
    try:
        forecast = forecast_history(known, None if moved is None else moved.values, where.holidays(), horizon_days)
        rows = forecast_rows(known, forecast)
        kernels = kernel_rows(forecast.kernels)
    except ValueError as error:
        raise NeedsPersonError(f"{history}: {error}. Nothing was written") from error
    write_table(rows, result)
    if kernels_file is not None:
        write_table(kernels, kernels_file)
    return FileResult(rows, kernels, kernels_file, (*known.notes, *(moved.notes if moved else ())))


def backtest_file(
    history: Path,
    origins: int,
    step_days: int,
    horizon_days: int,
    as_of: date | None = None,
    result: Path | None = None,
    drivers: Path | None = None,
    place: Place | None = None,
) -> pd.DataFrame:
    """Forecast from many past dates of a file, each as it would have been made then, and compare with what came.

    Args:
        history: as in `forecast_file`.
        origins: how many as-of dates.
        step_days: days between them.
        horizon_days: days of each forecast.
        as_of: nothing of this date or later is read; without it the whole file is.
        result: file to write the table to.
        drivers: as in `forecast_file`.
        place: country, subdivision and time zone.

    Returns:
        One row per model and band of leads, over all queues: see `forecasting.file_backtest.TABLE_COLUMNS`.

    Raises:
        NeedsPersonError: as `forecast_file`; if the history is too short for one origin.
    """
    where = place or Place()
    if result is not None:
        kind_of(result)
    if origins < 1 or step_days < 1:
        raise NeedsPersonError(f"{origins} origins every {step_days} days; expected at least 1 of each")
    until = as_of or date(2199, 12, 31)
    table = _table(history)
    driver_table = _table(drivers) if drivers else None
    try:
        scores = backtest_history(
            table, driver_table, until, where.time_zone, where.holidays(), origins, step_days, checked_horizon(horizon_days)
        )
    except ValueError as error:
        raise NeedsPersonError(f"{history}: {error}. Nothing was written") from error
    if result is not None:
        write_table(scores, result)
    return scores


def _read_both(
    history: Path, drivers: Path | None, as_of: date, horizon_days: int, place: Place
) -> tuple[FileHistory, FileDrivers | None]:
    path = history
    try:
        checked_horizon(horizon_days)
        known = read_history(_table(history), as_of, place.time_zone)
        if drivers is None:
            return known, None
        path = drivers
        return known, read_drivers(_table(drivers), as_of, place.time_zone)
    except ValueError as error:
        raise NeedsPersonError(f"{path}: {error}. Nothing was written") from error


def _table(path: Path) -> pd.DataFrame:
    return read_table(path, "a table in CSV or Parquet with a header", bear_broken_lines=True)
