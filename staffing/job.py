"""Turn the night's forecast into positions and people for every open interval; and staff a file of a planner's own."""

from __future__ import annotations

import json
import logging
import os
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa

from enterprise.errors import NeedsPersonError, NoHistoryError
from enterprise.queues import Queue
from enterprise.settings import Enterprise
from enterprise.timing import clock_of, grid_of, opening_of
from expectations.gate import require_valid
from staffing.calculator import staff_intervals
from staffing.deferred_queue import DAYS_BEYOND, Backlog, staff_deferred
from staffing.known_answers import Answer, known_answers
from staffing.levels import staffing_by_day, staffing_by_week
from staffing.live import staff_live
from staffing.patience import mean_patience
from warehouse.lake import Lake, Written
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL
from warehouse.tables.held import without_held_queue_days
from warehouse.tables.history import BACKLOG_OPENING, DAILY_HISTORY
from warehouse.tables.run import QUALITY_FINDINGS
from warehouse.tables.staffing import BACKLOG_PROJECTION, STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY

logger = logging.getLogger(__name__)
_PATIENCE_DAYS = 56
_REFERENCE = Path(__file__).parent / "reference"


def staff_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Staff every queue that has a forecast, and write intervals, days, weeks and backlogs of the plan.

    Args:
        plan_date: the night.
        enterprise: the settings.
        lake: forecast and history are read from it, the plan is written to it.

    Raises:
        NoHistoryError: if the night has no forecast yet.
    """
    forecast = lake.read(FORECAST_INTERVAL, first=plan_date, last=plan_date)
    if forecast.empty:
        raise NoHistoryError(
            f"no forecast of {plan_date} to staff: run the forecast step of that night first, then this one again"
        )
    daily_forecast = lake.read(FORECAST_DAILY, first=plan_date, last=plan_date)
    backlog = lake.read(BACKLOG_OPENING, first=plan_date, last=plan_date)
    history = lake.read(
        DAILY_HISTORY,
        first=plan_date - timedelta(days=_PATIENCE_DAYS),
        last=plan_date,
        columns=["queue_id", "business_date", "wait_seconds", "abandoned_contacts", "source_complete"],
    )
    history = without_held_queue_days(history, lake.read(QUALITY_FINDINGS, first=plan_date, last=plan_date))
    intervals, projections = [], []
    for queue_id, rows in forecast.groupby("queue_id", sort=True):
        queue = enterprise.queues[str(queue_id)]
        if queue.is_deferred:
            plan, projection = _deferred(queue, rows, backlog[backlog["queue_id"] == queue_id], plan_date, enterprise)
            projections.append(projection)
        else:
            plan = _live(queue, rows, history[history["queue_id"] == queue_id], plan_date, enterprise)
        intervals.append(plan)
        logger.info("%s: %d intervals, at most %d people", queue_id, len(plan), plan["scheduled_staff"].max() if len(plan) else 0)
    plan = pd.concat(intervals, ignore_index=True)
    by_day = staffing_by_day(daily_forecast, plan, enterprise)
    tables = {
        STAFFING_INTERVAL: plan,
        STAFFING_DAILY: by_day,
        STAFFING_WEEKLY: staffing_by_week(by_day, enterprise),
        BACKLOG_PROJECTION: pd.concat(projections, ignore_index=True)
        if projections
        else BACKLOG_PROJECTION.arrow_schema.empty_table(),
    }
    return [lake.replace(table, require_valid(table, rows), plan_date) for table, rows in tables.items()]


def verify_staffing(cases: Path | None = None) -> list[Answer]:
    """Compute cases with known answers and compare every number.

    Args:
        cases: a file of cases as those in `staffing/reference`, or a folder of such; the built-in ones if not given.

    Raises:
        NeedsPersonError: if a file cannot be read or is no such file.
    """
    place = _REFERENCE if cases is None else cases
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    if not files:
        raise NeedsPersonError(f"{place} holds no file *.json; name a file of cases, or leave it out to verify the built-in ones")
    answers = []
    for file in files:
        try:
            answers += known_answers(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError) as error:  # a decoding error is a ValueError
            raise NeedsPersonError(f"{file} cannot be verified: {error}") from error
    return answers


def staff_file(intervals: Path, result: Path) -> pd.DataFrame:
    """Staff the intervals of a CSV or Parquet file and write them with the result beside them.

    Args:
        intervals: columns as in `staffing.calculator.staff_intervals`.
        result: file to write, CSV or Parquet by its ending; it appears whole or not at all.

    Returns:
        What was written.

    Raises:
        NeedsPersonError: if the file cannot be read or written, or naming the row and column that are wrong.
    """
    kinds = {path: path.suffix.lower() for path in (intervals, result)}
    for path, kind in kinds.items():
        if kind not in (".csv", ".parquet"):
            raise NeedsPersonError(f"{path}: expected a name that ends with .csv or .parquet")
    try:
        if kinds[intervals] == ".csv":
            with intervals.open(encoding="utf-8-sig") as lines:
                delimiter = max(",;\t|", key=lines.readline().count)
            table = pd.read_csv(intervals, dtype=str, keep_default_na=False, encoding="utf-8-sig", sep=delimiter)
        else:
            table = pd.read_parquet(intervals)
    except (OSError, ValueError, pa.ArrowException) as error:  # pandas' own parser errors are ValueErrors
        raise NeedsPersonError(f"{intervals} cannot be read: {error}; expected a table with one row per interval") from error
    try:
        staffed = staff_intervals(table)
    except ValueError as error:
        raise NeedsPersonError(f"{intervals}: {error}. Nothing was written") from error
    unfinished = result.with_name(f".{result.name}.{os.getpid()}.tmp")
    try:
        if kinds[result] == ".csv":
            staffed.to_csv(unfinished, index=False)
        else:
            staffed.to_parquet(unfinished, index=False)
        unfinished.replace(result)
    except OSError as error:
        raise NeedsPersonError(f"{result} cannot be written: {error}; name another file or mend the folder") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return staffed


def _open_seconds(queue: Queue, plan_date: date, days: int, enterprise: Enterprise) -> pd.DataFrame:
    dates = [plan_date + timedelta(days=ahead) for ahead in range(1, days + 1)]
    return opening_of(enterprise, queue.id).open_seconds_per_interval(grid_of(enterprise), dates)


def _live(queue: Queue, forecast: pd.DataFrame, history: pd.DataFrame, plan_date: date, enterprise: Enterprise) -> pd.DataFrame:
    opened = _open_seconds(queue, plan_date, enterprise.planning.horizon_days, enterprise)
    opened = opened[opened["open_seconds"] > 0]
    rows = forecast.merge(opened[["interval_start_utc", "open_seconds"]], on="interval_start_utc", validate="one_to_one")
    patience = mean_patience(history[history["source_complete"].astype(bool)], queue.mean_patience_seconds_prior)
    return staff_live(queue, rows, patience, enterprise.planning.goal_probability)


def _deferred(
    queue: Queue, forecast: pd.DataFrame, waiting: pd.DataFrame, plan_date: date, enterprise: Enterprise
) -> tuple[pd.DataFrame, pd.DataFrame]:
    waiting = waiting.sort_values("arrived_interval_start_utc")
    return staff_deferred(
        queue,
        clock_of(enterprise, queue.id),
        forecast,
        _open_seconds(queue, plan_date, enterprise.planning.horizon_days + DAYS_BEYOND, enterprise),
        Backlog(waiting["arrived_interval_start_utc"], waiting["open_items"].to_numpy(dtype="float64")),
        enterprise.planning.goal_probability,
    )
