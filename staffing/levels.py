"""Days and weeks of staffing per queue and every level above it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pandas as pd

from enterprise.hierarchy import LEVELS_ABOVE
from enterprise.settings import Enterprise
from staffing.shrinkage import full_time_equivalents, lost_hours
from warehouse.tables.staffing import SHRINKAGE_HOURS

WORKING_DAYS_PER_WEEK = 5.0
DAYS_PER_WEEK = 7
_MEMBER = ["plan_date", "level", "member_id"]
_FROM_FORECAST = [*_MEMBER, "business_date", "lead_days", "mean_offered_contacts", "data_until_date", "data_warning"]
_HOURS = ["position_hours", "staff_hours", "cost", "blended_staff_hours", "blended_cost"]
_SUMS = ["mean_offered_contacts", *_HOURS]


def staffing_by_day(
    forecast_daily: pd.DataFrame,
    intervals: pd.DataFrame,
    enterprise: Enterprise,
    warnings: Mapping[str, str] | None = None,
    blended: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Staff hours, full-time equivalents and peak per day of every member of every level.

    Args:
        forecast_daily: rows of FORECAST_DAILY of one plan: which members and days there are, and their contacts.
        intervals: rows of STAFFING_INTERVAL of the same plan.
        enterprise: which queue belongs where, and the hours of a full-time contract.
        warnings: queue -> why it has no people of tonight's making; its rows say so, those of the levels above name the queue.
        blended: rows of STAFFING_BLENDED; nothing is blended if not given.

    Returns:
        Rows of STAFFING_DAILY. Sums of the queues are exact; the peak of a level is its own, not the sum of peaks. Full-time
        equivalents of a day are hours over a fifth of a full-time week.
    """
    hours = intervals["open_seconds"] / 3600.0
    by_interval = intervals[["queue_id", "business_date", "interval_start_utc", "scheduled_staff", "cost"]].assign(
        position_hours=intervals["positions_required"] * hours, staff_hours=intervals["scheduled_staff"] * hours
    )
    saved = _saved(by_interval, blended)
    by_interval = by_interval.assign(
        blended_staff_hours=by_interval["staff_hours"] - saved["saved_staff_hours"],
        blended_cost=by_interval["cost"] - saved["saved_cost"],
    )
    parts = []
    for level, member_of in _membership(enterprise).items():
        here = by_interval.assign(member_id=by_interval["queue_id"].map(member_of))
        sums = here.groupby(["member_id", "business_date"])[_HOURS].sum()
        together = here.groupby(["member_id", "business_date", "interval_start_utc"])["scheduled_staff"].sum()
        peak = together.groupby(level=[0, 1]).max().rename("peak_scheduled_staff")
        days = forecast_daily[forecast_daily["level"] == level]
        days = days[_FROM_FORECAST]
        told = _warnings_of(level, member_of, warnings or {})
        days = days.assign(data_warning=_joined(days["data_warning"], days["member_id"].map(told)))
        parts.append(days.join(sums.join(peak), on=["member_id", "business_date"]))
    found = pd.concat(parts, ignore_index=True)
    filled = [*_HOURS, "peak_scheduled_staff"]
    found[filled] = found[filled].fillna(0.0)
    full_day = enterprise.planning.full_time_hours_per_week / WORKING_DAYS_PER_WEEK
    return found.assign(
        peak_scheduled_staff=found["peak_scheduled_staff"].astype("int64"),
        full_time_equivalents=full_time_equivalents(found["staff_hours"], full_day),
    )


def _saved(by_interval: pd.DataFrame, blended: pd.DataFrame | None) -> pd.DataFrame:
    """Per row the hours and the money that blending saves."""
    key, saved = ["queue_id", "interval_start_utc"], ["saved_staff_hours", "saved_cost"]
    if blended is None or blended.empty:
        return pd.DataFrame(0.0, index=by_interval.index, columns=saved)
    return by_interval[key].merge(blended[[*key, *saved]], how="left", on=key, validate="one_to_one")[saved].fillna(0.0)


def shrinkage_by_kind(intervals: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """Rows of SHRINKAGE_HOURS without `plan_date`, from those of STAFFING_INTERVAL."""
    hours = (intervals["scheduled_staff"] * intervals["open_seconds"] / 3600.0).groupby(intervals["queue_id"]).sum()
    planned = {queue: group.planned_losses for group in enterprise.staff_groups.values() for queue in group.queues}
    rows = []
    for queue_id in sorted(str(one) for one in hours.index):
        queue = enterprise.queues[queue_id]
        for kind, lost in lost_hours(float(hours[queue_id]), queue.shrinkage).items():
            by_shifts = queue_id in planned and kind in planned[queue_id]
            rows.append((queue_id, kind, queue.shrinkage[kind], lost, lost * queue.hourly_cost, by_shifts))
    return pd.DataFrame(rows, columns=[name for name in SHRINKAGE_HOURS.column_names if name != "plan_date"])


def staffing_by_week(daily: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """Rows of STAFFING_WEEKLY from those of STAFFING_DAILY: weeks begin on Monday, only planned days count.

    A week that lies in the plan only in part has the full-time equivalents of a whole week like it: its hours are held against
    the share of a week's hours that its days have in the weeks that are planned whole.
    """
    weeks = daily.assign(
        week_start_date=[day - timedelta(days=day.weekday()) for day in daily["business_date"]],
        weekday=[day.weekday() for day in daily["business_date"]],
    )
    weeks["share"] = _week_share(weeks)
    grouped = weeks.groupby([*_MEMBER, "week_start_date"], as_index=False)
    totals = grouped.agg(
        planned_days=("business_date", "nunique"),
        peak_scheduled_staff=("peak_scheduled_staff", "max"),
        share=("share", "sum"),
        **{name: (name, "sum") for name in _SUMS},
    )
    full_time = enterprise.planning.full_time_hours_per_week * totals["share"]
    equivalents = (totals["staff_hours"] / full_time).where(totals["share"] > 0, 0.0)
    return totals.drop(columns="share").assign(full_time_equivalents=equivalents)


def _week_share(days: pd.DataFrame) -> pd.Series:
    """Share of a week's hours that falls on each row's weekday, as the member's whole weeks have it; a seventh where none is."""
    whole = days.groupby([*_MEMBER, "week_start_date"])["business_date"].transform("nunique") == DAYS_PER_WEEK
    on_weekday = days[whole].groupby([*_MEMBER, "weekday"])["staff_hours"].sum()
    in_week = on_weekday.groupby(level=_MEMBER).sum()
    share = (on_weekday / in_week.where(in_week > 0)).rename("share")
    found = days[[*_MEMBER, "weekday"]].join(share, on=[*_MEMBER, "weekday"])["share"]
    return found.fillna(1.0 / DAYS_PER_WEEK)


def _warnings_of(level: str, member_of: Mapping[str, str], warnings: Mapping[str, str]) -> dict[str, str]:
    """Member of a level -> what to say of the queues in it that have no people of tonight's making."""
    if level == "queue":
        return dict(warnings)
    queues: dict[str, list[str]] = {}
    for queue_id in sorted(warnings):
        queues.setdefault(member_of[queue_id], []).append(queue_id)
    return {member: f"see {', '.join(found)}: people of an earlier plan, or none" for member, found in queues.items()}


def _joined(first: pd.Series, second: pd.Series) -> pd.Series:
    """Two columns of words as one; missing where both are."""
    one, other = first.astype("str"), second.astype("str")
    return (one + "; " + other).fillna(one).fillna(other)


def _membership(enterprise: Enterprise) -> dict[str, dict[str, str]]:
    """Level -> queue -> member."""
    places = enterprise.places
    above = {level: {queue_id: place.member_of(level) for queue_id, place in places.items()} for level in LEVELS_ABOVE}
    return {"queue": {queue_id: queue_id for queue_id in places}, **above}
