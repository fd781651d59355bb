"""A night that hangs together, without the models: forecast, staffing, history and checks of the example enterprise."""

from __future__ import annotations

from datetime import date

import pandas as pd

from enterprise.settings import Enterprise
from tests.support.example_forecast import (
    change_rows,
    claims_frames,
    claims_lead_rows,
    driver_lead_rows,
    expected_days,
    expected_intervals,
    forecast_interval_rows,
    forecast_week_rows,
    leaderboard_rows,
    override_frames,
)
from tests.support.example_history import check_rows, finding_rows
from tests.support.example_history import write_history as write_history
from tests.support.example_shifts import audit_rows, capacity_rows, group_audit_rows, shift_frames
from tests.support.example_staffing import (
    backlog_rows,
    blended_rows,
    certainty_rows,
    deadline_rows,
    estimate_frames,
    loss_frames,
    staffing_day_rows,
    staffing_interval_rows,
    staffing_week_rows,
    today_frames,
)
from tests.support.example_world import PLAN_DATE
from tests.support.example_world import ROOT as ROOT
from tests.support.example_world import STAMP as STAMP
from tests.support.example_world import example_enterprise as example_enterprise
from warehouse.lake import Lake
from warehouse.tables.capacity import CAPACITY_PLAN
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.evidence import GROUP_AUDIT, SIMULATION_AUDIT
from warehouse.tables.forecast import (
    CLAIMS_LEAD,
    DRIVER_LEAD,
    FORECAST_CHANGE,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    FORECAST_WEEKLY,
    MODEL_LEADERBOARD,
)
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS
from warehouse.tables.staffing import CERTAINTY_CURVE, STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY


def write_night(lake: Lake, enterprise: Enterprise, plan_date: date = PLAN_DATE, horizon: int = 28, factor: float = 1.0) -> None:
    """Write every partition that a night leaves in the lake; `factor` scales all contacts."""
    frames = night_frames(enterprise, plan_date, horizon, factor)
    for table, frame in frames.items():
        lake.replace(table, frame, plan_date)


def night_frames(enterprise: Enterprise, plan_date: date, horizon: int = 28, factor: float = 1.0) -> dict[Table, pd.DataFrame]:
    """The frames of a night, by table."""
    intervals = expected_intervals(enterprise, plan_date, horizon, factor)
    forecast, staffing = forecast_interval_rows(intervals), staffing_interval_rows(intervals, enterprise)
    days = expected_days(enterprise, intervals, plan_date, horizon)
    blended = blended_rows(staffing)
    staffing_daily = staffing_day_rows(staffing, blended, enterprise)
    return {
        FORECAST_INTERVAL: forecast,
        FORECAST_DAILY: days,
        **today_frames(forecast, staffing),
        FORECAST_CHANGE: change_rows(days),
        FORECAST_WEEKLY: forecast_week_rows(enterprise, plan_date),
        STAFFING_INTERVAL: staffing,
        STAFFING_DAILY: staffing_daily,
        STAFFING_WEEKLY: staffing_week_rows(staffing_daily),
        BACKLOG_PROJECTION: backlog_rows(intervals),
        CERTAINTY_CURVE: certainty_rows(staffing),
        STAFFING_BLENDED: blended,
        DEADLINE_PRICE: deadline_rows(staffing),
        **shift_frames(staffing),
        **loss_frames(staffing, enterprise),
        CAPACITY_PLAN: capacity_rows(enterprise, plan_date),
        SIMULATION_AUDIT: audit_rows(staffing),
        GROUP_AUDIT: group_audit_rows(staffing),
        **estimate_frames(staffing),
        CLAIMS_LEAD: claims_lead_rows(plan_date),
        **claims_frames(days, plan_date),
        DRIVER_LEAD: driver_lead_rows(plan_date),
        MODEL_LEADERBOARD: leaderboard_rows(enterprise, plan_date),
        **override_frames(forecast, days, plan_date),
        DATA_QUALITY: check_rows(plan_date),
        QUALITY_FINDINGS: finding_rows(plan_date),
    }
