"""Forecast the queues of a planner's own file, and backtest them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from enterprise.errors import NeedsPersonError
from enterprise.planner_file import kind_to_write, read_table, require_other_file, write_table
from forecasting.file_backtest import backtest_history
from forecasting.file_drivers import FileDrivers, read_drivers
from forecasting.file_forecast import forecast_history
from forecasting.file_history import FileHistory, read_history
from forecasting.file_place import FileResult as FileResult
from forecasting.file_place import Place as Place
from forecasting.file_place import checked_horizon
from forecasting.file_rows import forecast_rows, kernel_rows


def forecast_file(
    history: Path, as_of: date, horizon_days: int, result: Path, drivers: Path | None = None, place: Place | None = None
) -> FileResult:
    """Forecast the queues of a CSV or Parquet file from what it holds before the as-of date.

    Args:
        history: columns as in `forecasting.file_history.read_history`.
        as_of: first date of the forecast; nothing of this date or later is read.
        horizon_days: days to forecast, 1 to 546.
        result: file to write, CSV or Parquet by its ending; it appears whole or not at all. The drivers' kernels go beside it:
            `forecast.csv` has them in `forecast_kernels.csv`.
        drivers: columns as in `forecasting.file_drivers.read_drivers`.
        place: country, subdivision and time zone.

    Raises:
        NeedsPersonError: if a file cannot be read or written, if one that is read would be written over, or naming the row and
            column that are wrong.
    """
    where = place or Place()
    require_other_file(result, history, drivers)
    kind = kind_to_write(result)
    kernels_file = result.with_name(f"{result.stem}_kernels{kind}") if drivers else None
    if kernels_file is not None:
        require_other_file(kernels_file, history, drivers)
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
    return FileResult(rows, kernels, kernels_file, (*known.notes, *(moved.notes if moved else ()), *forecast.notes))


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
        require_other_file(result, history, drivers)
        kind_to_write(result)
    if origins < 1 or step_days < 1:
        raise NeedsPersonError(f"{origins} origins every {step_days} days; expected at least 1 of each")
    until = as_of or date(2199, 12, 31)
    table = _table(history)
    driver_table = None
    if drivers is not None:
        driver_table = _table(drivers)
        try:
            read_drivers(driver_table, until, where.time_zone)  # what is wrong with it is said of it, not of the history
        except ValueError as error:
            raise NeedsPersonError(f"{drivers}: {error}. Nothing was written") from error
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
