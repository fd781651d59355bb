"""Days and weeks of staffing per queue and every level above it."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from enterprise.settings import Enterprise
from staffing.shrinkage import full_time_equivalents

WORKING_DAYS_PER_WEEK = 5.0
_SUMS = ["mean_offered_contacts", "position_hours", "staff_hours", "cost"]


def staffing_by_day(forecast_daily: pd.DataFrame, intervals: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """Staff hours, full-time equivalents and peak per day of every member of every level.

    Args:
        forecast_daily: rows of FORECAST_DAILY of one plan: which members and days there are, and their contacts.
        intervals: rows of STAFFING_INTERVAL of the same plan.
        enterprise: which queue belongs where, and the hours of a full-time contract.

    Returns:
        Rows of STAFFING_DAILY. Sums of the queues are exact; the peak of a level is its own, not the sum of peaks. Full-time
        equivalents of a day are hours over a fifth of a full-time week.
    """
    hours = intervals["open_seconds"] / 3600.0
    by_interval = intervals[["queue_id", "business_date", "interval_start_utc", "scheduled_staff", "cost"]].assign(
        position_hours=intervals["positions_required"] * hours, staff_hours=intervals["scheduled_staff"] * hours
    )
    parts = []
    for level, member_of in _membership(enterprise).items():
        here = by_interval.assign(member_id=by_interval["queue_id"].map(member_of))
        sums = here.groupby(["member_id", "business_date"])[["position_hours", "staff_hours", "cost"]].sum()
        together = here.groupby(["member_id", "business_date", "interval_start_utc"])["scheduled_staff"].sum()
        peak = together.groupby(level=[0, 1]).max().rename("peak_scheduled_staff")
        days = forecast_daily[forecast_daily["level"] == level]
        days = days[["plan_date", "level", "member_id", "business_date", "lead_days", "mean_offered_contacts"]]
        parts.append(days.join(sums.join(peak), on=["member_id", "business_date"]))
    found = pd.concat(parts, ignore_index=True)
    filled = ["position_hours", "staff_hours", "cost", "peak_scheduled_staff"]
    found[filled] = found[filled].fillna(0.0)
    full_day = enterprise.planning.full_time_hours_per_week / WORKING_DAYS_PER_WEEK
    return found.assign(
        peak_scheduled_staff=found["peak_scheduled_staff"].astype("int64"),
        full_time_equivalents=full_time_equivalents(found["staff_hours"], full_day),
    )


def staffing_by_week(daily: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """Rows of STAFFING_WEEKLY from those of STAFFING_DAILY: weeks begin on Monday, only planned days count.

    A week that lies in the plan only in part has full-time equivalents for the days that do.
    """
    weeks = daily.assign(week_start_date=[day - timedelta(days=day.weekday()) for day in daily["business_date"]])
    grouped = weeks.groupby(["plan_date", "level", "member_id", "week_start_date"], as_index=False)
    totals = grouped.agg(
        planned_days=("business_date", "nunique"),
        peak_scheduled_staff=("peak_scheduled_staff", "max"),
        **{name: (name, "sum") for name in _SUMS},
    )
    full_time = enterprise.planning.full_time_hours_per_week * totals["planned_days"] / 7.0
    return totals.assign(full_time_equivalents=totals["staff_hours"] / full_time)


def _membership(enterprise: Enterprise) -> dict[str, dict[str, str]]:
    """Level -> queue -> member."""
    queues = enterprise.queues
    return {
        "queue": {queue_id: queue_id for queue_id in queues},
        "channel": {queue_id: queue.channel for queue_id, queue in queues.items()},
        "line_of_business": {queue_id: queue.line_of_business for queue_id, queue in queues.items()},
        "enterprise": dict.fromkeys(queues, "all"),
    }
