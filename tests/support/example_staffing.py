"""The staffing of the example's night: positions, days, weeks, deferred and blended work, what was estimated for it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from tests.support.example_forecast import DAY
from tests.support.example_world import with_levels
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.evidence import CHASE_RATE, CHAT_CONCURRENCY, PATIENCE
from warehouse.tables.staffing import CERTAINTY_CURVE, SHRINKAGE_HOURS, STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY
from warehouse.tables.today import TODAY_TABLES

_SUMMED = ["mean_offered_contacts", "position_hours", "staff_hours", "cost", "blended_staff_hours", "blended_cost"]


def staffing_interval_rows(intervals: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    load = intervals["mean_offered_contacts"] * intervals["mean_handle_seconds"] / intervals["open_seconds"]
    positions = np.ceil(load + 0.9 * np.sqrt(load)).clip(lower=1).astype("int64")
    live = intervals["channel"].isin(["voice", "chat"])
    goals = {queue.id: queue.service_goal for queue in enterprise.queues.values()}
    return intervals.assign(
        staffing_model=np.where(intervals["channel"] == "voice", "erlang_a", np.where(live, "chat_chain", "deferred")),
        mean_patience_seconds=np.where(live, 180.0, np.nan),
        positions_required_fractional=positions - 0.3,
        positions_required=positions,
        positions_erlang_c=(positions + 1).where(live).astype("Int64"),
        positions_erlang_a=positions.where(live).astype("Int64"),
        positions_for_certainty=pd.array(positions + 1, dtype="Int64"),
        scheduled_staff=np.ceil(positions / 0.72).astype("int64"),
        service_level_definition=intervals["queue_id"].map(lambda q: goals[q].definition),
        goal_fraction=intervals["queue_id"].map(lambda q: goals[q].fraction),
        goal_seconds=intervals["queue_id"].map(lambda q: goals[q].seconds),
        answered_fraction=np.where(live, 0.83, 0.96),
        mean_wait_seconds=np.where(live, 14.0, np.nan),
        abandoned_fraction=np.where(live, 0.02, np.nan),
        occupancy_fraction=(load / positions).clip(upper=1.0),
        goal_probability=0.71,
        cost=np.ceil(positions / 0.72) * intervals["open_seconds"] / 3600 * 34,
        reason="Erlang A: the goal binds; one position fewer would give 0.78",
        chase_contacts=np.nan,
    )[STAFFING_INTERVAL.column_names]


def staffing_day_rows(staffing: pd.DataFrame, blended: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    key = ["queue_id", "interval_start_utc"]
    saved = staffing[key].merge(blended[[*key, "saved_staff_hours", "saved_cost"]], how="left", on=key).fillna(0.0)
    rows = staffing.assign(
        position_hours=staffing["positions_required"] * staffing["open_seconds"] / 3600,
        staff_hours=staffing["scheduled_staff"] * staffing["open_seconds"] / 3600,
    )
    rows["blended_staff_hours"] = rows["staff_hours"] - saved["saved_staff_hours"].to_numpy()
    rows["blended_cost"] = rows["cost"] - saved["saved_cost"].to_numpy()
    levels = with_levels(rows, enterprise)
    peak = levels.groupby([*DAY, "interval_start_utc"])["scheduled_staff"].sum().groupby(DAY).max()
    sums = levels.groupby(DAY)[_SUMMED].sum()
    full_time = enterprise.planning.full_time_hours_per_week / 5
    days = sums.assign(peak_scheduled_staff=peak, full_time_equivalents=sums["staff_hours"] / full_time).reset_index()
    days = days.assign(data_until_date=days["plan_date"], data_warning=None)
    return days[STAFFING_DAILY.column_names]


def staffing_week_rows(days: pd.DataFrame) -> pd.DataFrame:
    weeks = days.assign(
        week_start_date=days["business_date"].map(lambda day: day - timedelta(days=day.weekday())), planned_days=1
    )
    weeks["full_time_equivalents"] /= 5
    how = dict.fromkeys([*_SUMMED, "full_time_equivalents", "planned_days"], "sum") | {"peak_scheduled_staff": "max"}
    return weeks.groupby(["plan_date", "level", "member_id", "week_start_date"], as_index=False).agg(how)[
        STAFFING_WEEKLY.column_names
    ]


def blended_rows(staffing: pd.DataFrame) -> pd.DataFrame:
    """Mail with one person fewer, whose work is done in gaps."""
    rows = staffing[staffing["channel"] == "email"]
    hours, fewer = rows["open_seconds"] / 3600, rows["positions_required"] - 1
    staff = np.ceil(fewer / 0.72).astype("int64")
    saved = (rows["scheduled_staff"] - staff) * hours
    return rows.assign(
        staff_group="service_zwolle",
        useful_idle_hours=1.5 * hours,
        gap_hours=hours,
        separate_positions=rows["positions_required"],
        ring_fenced_positions=fewer,
        separate_staff=rows["scheduled_staff"],
        ring_fenced_staff=staff,
        saved_staff_hours=saved,
        saved_cost=34 * saved,
        opening_items=20.0,
        completed_items=10.0,
        due_items=10.0,
        breached_items=0.0,
    )[STAFFING_BLENDED.column_names]


def deadline_rows(staffing: pd.DataFrame) -> pd.DataFrame:
    """An hour more on the first day saves half a person at the peak."""
    first = staffing[staffing["channel"].isin(["email", "cases"])].groupby(["plan_date", "queue_id"], as_index=False)
    return (
        first[["business_date", "positions_required"]]
        .min()
        .assign(
            due_items=40.0,
            later_open_seconds=3600.0,
            peak_positions=lambda rows: rows["positions_required"] - 0.5,
            fewer_peak_positions=0.4,
            saved_staff_hours=2.0,
            saved_cost=60.0,
            fewer_late_items=0.0,
        )[DEADLINE_PRICE.column_names]
    )


def backlog_rows(intervals: pd.DataFrame) -> pd.DataFrame:
    rows = intervals[intervals["channel"].isin(["email", "cases", "claims"])].sort_values(["queue_id", "interval_start_utc"])
    arrived = rows["mean_offered_contacts"]
    return rows.assign(
        opening_items=100.0,
        arrived_items=arrived,
        completed_items=arrived,
        closing_items=100.0,
        due_items=arrived,
        breached_items=0.2 * arrived,
        breached_items_q95=0.4 * arrived,
        oldest_age_open_seconds=7200.0,
        overdue_items=0.1 * arrived,
        overdue_items_q95=0.3 * arrived,
    )[BACKLOG_PROJECTION.column_names]


def certainty_rows(staffing: pd.DataFrame) -> pd.DataFrame:
    """A tenth more for each of three steps of certainty."""
    rows = []
    for queue_id, own in staffing.groupby("queue_id"):
        for step, probability in enumerate((0.5, 0.6, 0.8)):
            hours = float((own["scheduled_staff"] * own["open_seconds"]).sum() / 3600 * (1 + step / 10))
            rows.append((own["plan_date"].iloc[0], queue_id, probability, 0.7 * hours, hours, 30 * hours, 9 + step))
    return pd.DataFrame(rows, columns=CERTAINTY_CURVE.column_names)


def loss_frames(staffing: pd.DataFrame, enterprise: Enterprise) -> dict[Table, pd.DataFrame]:
    """Hours lost by kind, and what overdue mail raises."""
    plan_date, rows = staffing["plan_date"].iloc[0], []
    hours = (staffing["scheduled_staff"] * staffing["open_seconds"] / 3600).groupby(staffing["queue_id"]).sum()
    for queue_id, scheduled in hours.items():
        queue, left = enterprise.queues[str(queue_id)], float(scheduled)
        for kind, share in queue.shrinkage.items():
            rows.append((plan_date, queue_id, kind, share, left * share, left * share * queue.hourly_cost, False))
            left *= 1 - share
    chase = {
        "plan_date": plan_date, "queue_id": "email_claims", "contacted_queue_id": "voice_claims", "stated_rate": 0.2,
        "overdue_contacts": 12, "overdue_item_days": 100.0, "other_contacts": 30, "other_item_days": 600.0, "used_rate": 0.1,
        "used_rate_low": 0.04, "used_rate_high": 0.16, "source": "12 contacts on 100 overdue item-days, 30 on 600 others",
    }  # fmt: skip
    return {SHRINKAGE_HOURS: pd.DataFrame(rows, columns=SHRINKAGE_HOURS.column_names), CHASE_RATE: pd.DataFrame([chase])}


def estimate_frames(staffing: pd.DataFrame) -> dict[Table, pd.DataFrame]:
    """Patience of every live queue as a whole, and what its agents hold of every chat queue."""
    live = staffing[staffing["staffing_model"] != "deferred"].groupby("queue_id", as_index=False).head(1)
    patience = live.assign(
        period="all", offered_contacts=900, abandoned_contacts=45, wait_seconds=9000.0, mean_patience_seconds=200.0,
        mean_patience_seconds_low=150.0, mean_patience_seconds_high=280.0, queue_weight_contacts=20.0, checked_contacts=200,
        observed_abandoned_fraction=0.06, predicted_abandoned_fraction=0.05,
    )  # fmt: skip
    chats = live[live["channel"] == "chat"].assign(
        chats=800, concurrency=3, concurrency_low=2, concurrency_high=3, mean_concurrency=1.6, slowdown_per_extra_chat=0.2,
        slowdown_per_extra_chat_low=0.1, slowdown_per_extra_chat_high=0.3, used_concurrency=3, used_slowdown_per_extra_chat=0.25,
        source="concurrency: the settings; slowdown: the settings",
    )  # fmt: skip
    return {PATIENCE: patience[PATIENCE.column_names], CHAT_CONCURRENCY: chats[CHAT_CONCURRENCY.column_names]}


def today_frames(forecast: pd.DataFrame, staffing: pd.DataFrame) -> dict[Table, pd.DataFrame]:
    """One live queue's rest of the plan's own day, a tenth above the plan of the night before."""
    key, day = ["queue_id", "interval_start_utc"], forecast["business_date"].min()
    rows = forecast[(forecast["queue_id"] == "voice_claims") & (forecast["business_date"] == day)]
    rows = rows.merge(staffing[[*key, "positions_required", "scheduled_staff", "answered_fraction"]], on=key)
    back = timedelta(days=1)
    start = rows["interval_start_utc"] - back
    rows = rows.assign(
        interval_start_utc=start,
        business_date=day - back,
        plan_date=rows["plan_date"].map(lambda one: one - back),
        made_at=start.min(),
        factor=1.1,
        night_mean_offered_contacts=rows["mean_offered_contacts"] / 1.1,
        earlier_days=60,
        night_positions_required=rows["positions_required"],
        night_scheduled_staff=rows["scheduled_staff"],
    )
    return {table: rows[table.column_names].reset_index(drop=True) for table in TODAY_TABLES}
