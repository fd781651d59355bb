"""The night's forecast: read history, forecast every queue and level, check, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from enterprise.blocks import blocks_of_shard, queue_blocks
from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from expectations.gate import require_valid
from forecasting.accuracy import FORECAST_COLUMNS, NAIVE_WEEKS, ledger_rows
from forecasting.block_rows import PART_OF, BlockForecast
from forecasting.candidates.registry import CANDIDATES
from forecasting.intraday_rows import DAYS, PLAN_COLUMNS, rest_of_day_rows
from forecasting.night_backtest import week_backtest
from forecasting.night_history import HISTORY_DAYS, History
from forecasting.nightly import NightForecast, forecast_all, merged, one_block
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
from warehouse.parts import keep, keep_part, kept, read_parts
from warehouse.tables.claims import CLAIMS_CONTACTS
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

_STEP, _BACKTEST = "forecast", "backtest"
RESTATED = timedelta(days=35)
"""How far back days are measured again, for data that came late."""
_DAILY_COLUMNS = ("queue_id", "business_date", "offered_contacts", "answered_contacts", "handle_seconds", "source_complete")
_INTERVAL_COLUMNS = ("queue_id", "interval_start_utc", "business_date", "offered_contacts")


def forecast_night(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Forecast all channels for the days after the plan date and put the forecast tables in the lake.

    Queue-days and days of claims that the night's checks hold teach nothing; the rows they would have shaped say so. In an
    enterprise of many queues `forecast_queues` and `merge_forecast` do the same in several tasks, with the same bytes.

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
    seen = _as_models_see_it(plan_date, enterprise, lake)
    history = _history(plan_date, enterprise, lake)
    return _write(forecast_all(history, seen, plan_date, kept=_Kept(lake)), plan_date, enterprise, lake)


def forecast_queues(shard: int, plan_date: date, enterprise: Enterprise, lake: Lake) -> None:
    """Forecast one task's share of the queues, and leave its parts of the forecast tables for `merge_forecast`.

    Args:
        shard: which share, see `enterprise.blocks`.
        plan_date: the night.
        enterprise: the settings.
        lake: where history is read and the parts are written.
    """
    seen, blocks = _as_models_see_it(plan_date, enterprise, lake), queue_blocks(enterprise)
    numbers = blocks_of_shard(enterprise, shard)
    history = _history(plan_date, enterprise, lake, [queue for number in numbers for queue in blocks[number]]).without_held()
    for number in numbers:
        block = one_block(history, seen, blocks[number], plan_date, kept=_Kept(lake))
        parts = {table: getattr(block, attribute) for attribute, table in PART_OF.items()}
        keep_part(lake, _STEP, plan_date, number, parts)


def merge_forecast(plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Put together what `forecast_queues` left, add the levels and the planners' changes, and write the forecast tables.

    Raises:
        NeedsPersonError: if a part is missing.
        NoHistoryError: if no queue could be forecast.
    """
    numbers = range(len(queue_blocks(enterprise)))
    parts = {attribute: read_parts(lake, _STEP, plan_date, numbers, table) for attribute, table in PART_OF.items()}
    forecast = merged([BlockForecast(**parts)], enterprise, plan_date)
    return _write(forecast, plan_date, enterprise, lake)


def backtest_week(shard: int, plan_date: date, enterprise: Enterprise, lake: Lake) -> int:
    """Compare the models for one task's share of the queues, as a night will want it, and keep it for that night.

    Args:
        shard: which share, see `enterprise.blocks`.
        plan_date: the night; nothing after the end of the last `schedule.backtest_weekday` before it is looked at.
        enterprise: the settings.
        lake: where history is read and the comparison is kept.

    Returns:
        How many queues were compared; those of too short a history are compared by each night itself.
    """
    day = enterprise.schedule.last_backtest(plan_date)
    seen, blocks = _as_models_see_it(day, enterprise, lake), queue_blocks(enterprise)
    compared, numbers = 0, blocks_of_shard(enterprise, shard)
    history = _history(day, enterprise, lake, [queue for number in numbers for queue in blocks[number]]).without_held()
    for number in numbers:
        block = seen.model_copy(update={"queues": {queue: seen.queues[queue] for queue in blocks[number]}})
        backtest = week_backtest(history.of(blocks[number]), block, day, CANDIDATES, _Kept(lake))
        compared += 0 if backtest is None else len(backtest.queues)
    return compared


@dataclass(frozen=True)
class _Kept:
    """Backtests in the lake."""

    lake: Lake

    def find(self, day: date, key: str) -> pd.DataFrame | None:
        return kept(self.lake, _BACKTEST, day, key)

    def keep(self, day: date, key: str, rows: pd.DataFrame) -> None:
        keep(self.lake, _BACKTEST, day, key, rows)


def _history(plan_date: date, enterprise: Enterprise, lake: Lake, queues: Sequence[str] | None = None) -> History:
    """What a night knows of all or of some queues."""
    first = plan_date - timedelta(days=HISTORY_DAYS + 7)  # what the week's backtest looks at begins a little earlier
    weeks = plan_date - timedelta(weeks=LONG_WEEKS)
    former = of_night_before(lake, FORECAST_DAILY, plan_date)
    return History(
        daily=lake.read(DAILY_HISTORY, first=first, last=plan_date, queues=queues),
        intervals=lake.read(INTERVAL_HISTORY, first=weeks, last=plan_date, columns=_INTERVAL_COLUMNS, queues=queues),
        claims=lake.read(CLAIMS_DAILY, first=first, last=plan_date),
        findings=lake.read(QUALITY_FINDINGS, first=plan_date, last=plan_date),
        former=models_own(of_night_before(lake, MODEL_FORECAST_DAILY, plan_date), former),
        drivers=lake.read(DRIVER_VALUES, first=first),
    )


def _as_models_see_it(plan_date: date, enterprise: Enterprise, lake: Lake) -> Enterprise:
    return as_models_see_it(enterprise, lake.read(OVERRIDE_STATUS, first=plan_date, last=plan_date), plan_date)


def _write(forecast: NightForecast, plan_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Lay the planners' changes over a night's forecast and write everything, once all of it is valid."""
    status = lake.read(OVERRIDE_STATUS, first=plan_date, last=plan_date)
    result = with_overrides(
        forecast,
        changes_of(status, enterprise, plan_date),
        changed_hours(enterprise, with_planners_hours(enterprise, status), plan_date),
        enterprise.places,
        grid_of(enterprise),
    )
    daily = lake.read(DAILY_HISTORY, first=plan_date - timedelta(days=HISTORY_DAYS), last=plan_date)
    good = without_held_queue_days(daily, lake.read(QUALITY_FINDINGS, first=plan_date, last=plan_date))
    former = of_night_before(lake, FORECAST_DAILY, plan_date)
    tables = {
        FORECAST_INTERVAL: result.planned.intervals,
        FORECAST_DAILY: result.planned.daily,
        FORECAST_WEEKLY: weekly_rows(good, forecast.daily, result.planned.daily, enterprise, plan_date),
        FORECAST_CHANGE: change_rows(result.planned.daily, former, forecast.champions, enterprise.places, plan_date),
        CLAIMS_LEAD: forecast.claims_lead,
        CLAIMS_CONTACTS: forecast.claims_contacts,
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
