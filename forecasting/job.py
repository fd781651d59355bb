"""The night's forecast: read history, forecast every queue and level, check, write."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from enterprise.settings import Enterprise
from expectations.gate import require_valid
from forecasting.nightly import HISTORY_DAYS, History, forecast_all
from forecasting.profile import LONG_WEEKS
from warehouse.lake import Lake, Written
from warehouse.tables.forecast import CLAIMS_LEAD, FORECAST_DAILY, FORECAST_INTERVAL, MODEL_LEADERBOARD
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.run import QUALITY_FINDINGS

_INTERVAL_COLUMNS = ("queue_id", "interval_start_utc", "business_date", "offered_contacts")


def forecast_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Forecast all channels for the days after the plan date and put the four forecast tables in the lake.

    Queue-days and days of claims that the night's checks hold teach nothing; the rows they would have shaped say so.

    Args:
        plan_date: the night: nothing after this local day is read.
        enterprise: the settings.
        lake: where history is read and the forecast is written.

    Returns:
        What was written: forecast_interval, forecast_daily, claims_lead, model_leaderboard. Doing it again gives the same bytes.

    Raises:
        NoHistoryError: if no queue has any history by then.
        InvalidTableError: if a table does not match its declaration; nothing of it is written.
    """
    first = plan_date - timedelta(days=HISTORY_DAYS)
    history = History(
        daily=lake.read(DAILY_HISTORY, first=first, last=plan_date),
        intervals=lake.read(
            INTERVAL_HISTORY, first=plan_date - timedelta(weeks=LONG_WEEKS), last=plan_date, columns=_INTERVAL_COLUMNS
        ),
        claims=lake.read(CLAIMS_DAILY, first=first, last=plan_date),
        findings=lake.read(QUALITY_FINDINGS, first=plan_date, last=plan_date),
        former=_former(plan_date, lake),
    )
    forecast = forecast_all(history, enterprise, plan_date)
    tables = {
        FORECAST_INTERVAL: forecast.intervals,
        FORECAST_DAILY: forecast.daily,
        CLAIMS_LEAD: forecast.claims_lead,
        MODEL_LEADERBOARD: forecast.leaderboard,
    }
    checked = {table: require_valid(table, frame) for table, frame in tables.items()}
    return [lake.replace(table, rows, plan_date) for table, rows in checked.items()]


def _former(plan_date: date, lake: Lake) -> pd.DataFrame:
    """The forecast of the last night before this one that made any."""
    before = lake.partitions(FORECAST_DAILY, last=plan_date - timedelta(days=1))[-1:]
    return (
        lake.read(FORECAST_DAILY, first=before[0], last=before[0])
        if before
        else FORECAST_DAILY.arrow_schema.empty_table().to_pandas()
    )
