"""What the plan of work that can wait must agree with: the time that gaps have, and the days it is added up in."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, shown
from expectations.suites.plan import MEND, TOLERANCE
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.staffing import STAFFING_DAILY


def _gaps_hold_it(night: Night) -> pd.DataFrame:
    """One row per interval: no more is done in gaps than they have."""
    rows = night.frame(STAFFING_BLENDED)
    seen = rows["queue_id"] + " at " + rows["interval_start_utc"].astype("str") + ": " + shown(rows["gap_hours"], 3)
    holds = rows["gap_hours"] <= rows["useful_idle_hours"] + TOLERANCE
    return evidence(holds, rows["queue_id"], seen + " hours in gaps of " + shown(rows["useful_idle_hours"], 3))


def _blending_saves(night: Night) -> pd.DataFrame:
    """One row per queue: over the whole plan no more hours than by itself."""
    saved = night.frame(STAFFING_BLENDED).groupby("queue_id")["saved_staff_hours"].sum().reset_index()
    seen = saved["queue_id"] + ": " + shown(-saved["saved_staff_hours"], 1) + " hours more than staffed separately"
    return evidence(saved["saved_staff_hours"] >= -TOLERANCE, saved["queue_id"], seen)


def _days_rest_on_blending(night: Night) -> pd.DataFrame:
    """One row per queue and day: the blended hours are the separate ones less what is saved."""
    key = ["queue_id", "business_date"]
    saved = night.frame(STAFFING_BLENDED).groupby(key)["saved_staff_hours"].sum().rename("saved").reset_index()
    days = night.frame(STAFFING_DAILY).query("level == 'queue'").rename(columns={"member_id": "queue_id"})
    days = days.merge(saved, how="left", on=key)
    wanted = days["staff_hours"] - days["saved"].fillna(0.0)
    seen = days["queue_id"] + " on " + days["business_date"].astype("str") + ": blended_staff_hours of "
    close = (days["blended_staff_hours"] - wanted).abs() <= TOLERANCE * (1 + wanted.abs())
    return evidence(close, days["queue_id"], seen + shown(days["blended_staff_hours"], 2) + ", expected " + shown(wanted, 2))


def _prices_hold(night: Night) -> pd.DataFrame:
    """One row per priced day: work is due on it, and nothing is saved that was not there."""
    rows = night.frame(DEADLINE_PRICE)
    holds = (rows["due_items"] > 0) & (rows["fewer_peak_positions"] <= rows["peak_positions"] + TOLERANCE)
    holds &= rows["fewer_late_items"] <= rows["due_items"] + TOLERANCE
    when = rows["queue_id"] + " on " + rows["business_date"].astype("str") + ": " + shown(rows["due_items"], 1)
    peak = shown(rows["peak_positions"], 2) + " less " + shown(rows["fewer_peak_positions"], 2)
    return evidence(holds, rows["queue_id"], when + " items due, peak " + peak)


def _overdue_in_range(night: Night) -> pd.DataFrame:
    """One row per interval: more arrivals leave no less overdue."""
    rows = night.frame(BACKLOG_PROJECTION)
    mean, high = rows["overdue_items"].astype("float64"), rows["overdue_items_q95"].astype("float64")
    seen = rows["queue_id"] + " at " + rows["interval_start_utc"].astype("str") + ": " + shown(mean, 2) + " overdue, at 95 % "
    return evidence(mean.isna() | (high >= mean - TOLERANCE), rows["queue_id"], seen + shown(high, 2))


RULES: tuple[Rule, ...] = (
    Rule(
        "gaps_hold_the_work", "staffing", STAFFING_BLENDED, "stop",
        "what is done between calls and chats fits into their useful idle time", MEND, _gaps_hold_it,
    ),
    Rule(
        "blending_saves", "staffing", STAFFING_BLENDED, "stop",
        "a blended queue takes no more hours over the plan than by itself", MEND, _blending_saves,
    ),
    Rule(
        "staffing_days_rest_on_blending", "staffing", STAFFING_DAILY, "stop",
        "a queue's blended hours are its separate hours less what blending saves", MEND, _days_rest_on_blending,
    ),
    Rule(
        "deadline_prices_hold", "staffing", DEADLINE_PRICE, "stop",
        "a priced deadline has work due, and saves no more people than the peak has", MEND, _prices_hold,
    ),
    Rule(
        "overdue_range_in_order", "staffing", BACKLOG_PROJECTION, "stop",
        "with arrivals at their 95 % quantile no less is overdue than with those expected", MEND, _overdue_in_range,
    ),
)  # fmt: skip
