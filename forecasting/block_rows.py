"""Rows that a block of queues contributes to a night, from tonight's forecasts and the last plan's. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from forecasting.calendar import QueueCalendar, calendars, date_range
from forecasting.carried import carried_forecast
from forecasting.daily_rows import queue_rows
from forecasting.intervals import future_intervals, interval_rows
from forecasting.leaderboard import missing_queue_rows
from forecasting.night_history import History
from forecasting.panel import Panel
from forecasting.profile import learn_profiles
from forecasting.queue_forecast import QueueForecast
from warehouse.tables.claims import CLAIMS_CONTACTS
from warehouse.tables.forecast import CLAIMS_LEAD, DRIVER_LEAD, FORECAST_DAILY, FORECAST_INTERVAL, MODEL_LEADERBOARD
from warehouse.tables.parts import BACKTEST_ERROR, CHAMPION_CHANGE, FORECAST_SPREAD


@dataclass(frozen=True, eq=False)
class BlockForecast:
    """What a block contributes to a night.

    Attributes:
        intervals: rows of FORECAST_INTERVAL.
        daily: rows of FORECAST_DAILY of its queues.
        claims_lead: rows of CLAIMS_LEAD.
        claims_contacts: rows of CLAIMS_CONTACTS.
        driver_lead: rows of DRIVER_LEAD.
        leaderboard: rows of MODEL_LEADERBOARD.
        spreads: rows of FORECAST_SPREAD.
        errors: rows of BACKTEST_ERROR.
        champions: rows of CHAMPION_CHANGE.
    """

    intervals: pd.DataFrame
    daily: pd.DataFrame
    claims_lead: pd.DataFrame
    claims_contacts: pd.DataFrame
    driver_lead: pd.DataFrame
    leaderboard: pd.DataFrame
    spreads: pd.DataFrame
    errors: pd.DataFrame
    champions: pd.DataFrame


PART_OF = {
    "intervals": FORECAST_INTERVAL,
    "daily": FORECAST_DAILY,
    "claims_lead": CLAIMS_LEAD,
    "claims_contacts": CLAIMS_CONTACTS,
    "driver_lead": DRIVER_LEAD,
    "leaderboard": MODEL_LEADERBOARD,
    "spreads": FORECAST_SPREAD,
    "errors": BACKTEST_ERROR,
    "champions": CHAMPION_CHANGE,
}
"""Attribute of a block's forecast -> what its rows are rows of."""


def block_rows(
    history: History,
    enterprise: Enterprise,
    plan_date: date,
    made: Sequence[QueueForecast],
    broken: Mapping[str, str],
    warnings: Mapping[str, str],
    panel: Panel | None,
) -> BlockForecast:
    """The rows of the queues that have a forecast and of those that keep the last plan's, and why others have none.

    Args:
        history: of the block's queues.
        enterprise: the settings with the block's queues.
        plan_date: the night.
        made: tonight's forecasts.
        broken: queue -> why it could not be forecast.
        warnings: queue -> which of its days were left out.
        panel: cleaned history of the queues of `made`; None where there are none.
    """
    dates = date_range(plan_date + timedelta(days=1), plan_date + timedelta(days=enterprise.planning.horizon_days))
    there = {one.queue_id for one in made}
    absent = [queue for queue in enterprise.queues if queue not in there]
    days = history.daily["business_date"]
    first = panel.dates[0] if panel is not None else min(days, default=plan_date)
    by_queue = calendars(enterprise, absent, first, dates[-1])
    carried = _carried(history.former, by_queue, dates, broken, warnings)
    why = dict(broken) | {forecast.queue_id: str(forecast.data_warning) for forecast in carried}
    forecasts = [*made, *carried]

    def nothing(attribute: str) -> pd.DataFrame:
        frame: pd.DataFrame = PART_OF[attribute].arrow_schema.empty_table().to_pandas()
        return frame

    def together(attribute: str, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
        return pd.concat(frames, ignore_index=True) if frames else nothing(attribute)

    return BlockForecast(
        intervals=_intervals(history.intervals, enterprise, panel, by_queue, forecasts, plan_date)
        if forecasts
        else nothing("intervals"),
        daily=together("daily", [queue_rows(forecast, dates, plan_date) for forecast in forecasts]),
        claims_lead=nothing("claims_lead"),
        claims_contacts=nothing("claims_contacts"),
        driver_lead=nothing("driver_lead"),
        leaderboard=missing_queue_rows(plan_date, absent, why) if absent else nothing("leaderboard"),
        spreads=together("spreads", [_spread_rows(forecast, dates) for forecast in forecasts]),
        errors=nothing("errors"),
        champions=nothing("champions"),
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


def _spread_rows(forecast: QueueForecast, dates: Sequence[date]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "queue_id": forecast.queue_id,
            "business_date": list(dates),
            "extra_variation": forecast.spread.at(forecast.lead_days),
            "handle_seconds": forecast.handle_time.mean(forecast.weekday_like),
            "handle_spread": forecast.handle_time.spread,
        }
    )


def _intervals(
    history: pd.DataFrame,
    enterprise: Enterprise,
    panel: Panel | None,
    absent: Mapping[str, QueueCalendar],
    forecasts: Sequence[QueueForecast],
    plan_date: date,
) -> pd.DataFrame:
    grid = grid_of(enterprise)
    minutes = grid.local_minute_of_day(history["interval_start_utc"]).to_numpy(dtype=np.int64)
    left_out: set[tuple[str, date]] = {(queue, day) for queue in absent for day in set(history["business_date"])}
    if panel is not None:
        past = panel.dates[: panel.past]
        unfit = [(column, queue, np.flatnonzero(~panel.fit[:, column])) for column, queue in enumerate(panel.queues)]
        left_out |= {(queue, past[row]) for _, queue, rows in unfit for row in rows}
    profiles = learn_profiles(
        history.assign(minute_of_day=minutes),
        {**(panel.calendars if panel is not None else {}), **absent},
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
