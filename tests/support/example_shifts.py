"""People of the example's night: shifts, capacity, and the audits of the plan."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from tests.support.example_forecast import forecast_week_rows
from warehouse.tables.capacity import CAPACITY_PLAN, SCENARIOS
from warehouse.tables.declaration import Table
from warehouse.tables.evidence import GROUP_AUDIT, SIMULATION_AUDIT
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE, SHIFT_SCHEDULE, STAFF_GROUP_INTERVAL


def shift_frames(staffing: pd.DataFrame) -> dict[Table, pd.DataFrame]:
    """One group whose people all work eight hours from the first open interval, two fewer than are needed at the peak."""
    need = staffing[staffing["queue_id"] == staffing["queue_id"].iloc[0]].sort_values("interval_start_utc")
    plan_date, people = need["plan_date"].iloc[0], int(need["positions_required"].max()) - 2
    place = need.groupby("business_date").cumcount()
    shift = {"plan_date": plan_date, "staff_group": "phones_rotterdam", "contract": "five_days"}
    starts = need[place == 0]
    cover = need[["plan_date", "interval_start_utc", "business_date"]].assign(
        staff_group="phones_rotterdam",
        required_people=need["positions_required"],
        working_people=np.where(place < 16, people, 0),
    )
    missing = cover["required_people"] - cover["working_people"]
    cover = cover.assign(missing_people=missing.clip(lower=0), surplus_people=(-missing).clip(lower=0))
    cover = cover.assign(hours_to_fill=cover["missing_people"] / 2, surplus_hours=cover["surplus_people"] / 2)
    shifts = people * len(starts)
    return {
        SHIFT_PEOPLE: pd.DataFrame(
            [
                {
                    **shift, "staff_group_name": "Phones Rotterdam", "contract_name": "Five days of 8 hours", "people": people,
                    "shifts": shifts, "paid_hours": 8.0 * shifts, "cost": 264.0 * shifts, "highest_saving_fraction": 0.004,
                    "note": None,
                }
            ]
        ),
        SHIFT_SCHEDULE: starts[["interval_start_utc", "business_date"]].assign(
            **shift,
            starting_people=people,
            shift_end_utc=starts["interval_start_utc"] + pd.Timedelta(hours=8),
            people_taking_break=0,
        )[SHIFT_SCHEDULE.column_names],
        SHIFT_COVER: cover[SHIFT_COVER.column_names],
        STAFF_GROUP_INTERVAL: need.assign(
            staff_group="phones_rotterdam",
            siloed_positions=need["positions_required"] + 2,
            pooled_positions=need["positions_required"],
            positions=need["positions_required"] + 1,
            saved_positions=1.0,
            sharing_fraction=0.5,
            simulated_goal_margin=0.01,
        )[STAFF_GROUP_INTERVAL.column_names],
    }  # fmt: skip


def capacity_rows(enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    """Phones Rotterdam: 20 people needed, 18 there, two to begin in the ninth week."""
    weekly = forecast_week_rows(enterprise, plan_date)
    own = weekly[(weekly["level"] == "queue") & weekly["member_id"].isin(["voice_claims", "voice_service"])]
    weeks = own.groupby(["week_start_date", "lead_weeks"], as_index=False)["mean_offered_contacts"].sum()
    begun = weeks["lead_weeks"] >= 9
    rows = weeks.rename(columns={"mean_offered_contacts": "offered_contacts"}).assign(
        plan_date=plan_date, staff_group="phones_rotterdam", staff_group_name="Phones Rotterdam",
        available_full_time_equivalents=18.0, is_too_late=weeks["lead_weeks"] < 20,
        close_gap_by_date=[day - timedelta(weeks=20) for day in weeks["week_start_date"]],
        hires_to_start=2 * (weeks["lead_weeks"] == 9).astype("int64"),
        begin_recruiting_date=[plan_date + timedelta(days=4) if lead == 9 else None for lead in weeks["lead_weeks"]],
        hired_full_time_equivalents=2.0 * begun, paid_full_time_equivalents=18.0 + 2.0 * begun, cost=22_000.0, missing_cost=0.0,
        note="18 people of the workforce source",
    )  # fmt: skip
    needed = {"low": 19.0, "base": 20.0, "high": 22.0}
    rows = pd.concat(
        [rows.assign(scenario=one, required_full_time_equivalents=needed[one]) for one in SCENARIOS], ignore_index=True
    )
    missing = rows["required_full_time_equivalents"] - rows["available_full_time_equivalents"]
    still = (missing - rows["hired_full_time_equivalents"]).clip(lower=0.0)
    rows = rows.assign(missing_full_time_equivalents=missing, still_missing_full_time_equivalents=still)
    return rows[CAPACITY_PLAN.column_names]


def audit_rows(staffing: pd.DataFrame) -> pd.DataFrame:
    """Two intervals of each live queue: the first as predicted, the second two points lower with real handle times."""
    live = staffing[staffing["staffing_model"] != "deferred"].groupby("queue_id").head(2)
    level = live["answered_fraction"]
    own = live.rename(columns={"positions_required": "positions"}).assign(
        scope="interval", handle_times="exponential", predicted_answered_fraction=level, simulated_answered_fraction=level,
        predicted_abandoned_fraction=live["abandoned_fraction"], simulated_abandoned_fraction=0.02,
        predicted_mean_wait_seconds=live["mean_wait_seconds"], simulated_mean_wait_seconds=12.0, simulated_contacts=100_000,
        within_one_point=True, assumptions="handle times as the model has them: exponential",
    )  # fmt: skip
    real = own.assign(
        scope="day", handle_times="observed", simulated_answered_fraction=(level - 0.02).clip(lower=0), within_one_point=False
    )
    both = pd.concat([own, real], ignore_index=True)
    for end in ("low", "high"):
        both[f"simulated_answered_fraction_{end}"] = both["simulated_answered_fraction"]
    return both[SIMULATION_AUDIT.column_names]


def group_audit_rows(staffing: pd.DataFrame) -> pd.DataFrame:
    """A day of two groups: calls go to teams, and mail is worked between chats."""
    chat, mail = ("service_zwolle", "chat_service"), ("service_zwolle", "email_service")
    ways = (
        ("phones_rotterdam", "voice_claims", "teams", 0.8, 0.84, None),
        (*chat, "put_aside", 0.9, 0.9, None),
        (*chat, "finished_first", 0.9, 0.7, None),
        (*mail, "put_aside", 1.0, 0.99, 6.0),
        (*mail, "finished_first", 1.0, 1.0, 6.0),
    )
    rows = []
    for group, queue_id, way, planned, simulated, gaps in ways:
        own = staffing[staffing["queue_id"] == queue_id].head(1)
        rows.append(
            own.assign(
                staff_group=group, way_of_working=way, position_hours=30.0, goal_fraction=0.8, planned_answered_fraction=planned,
                simulated_answered_fraction=simulated, simulated_answered_fraction_low=simulated - 0.01,
                simulated_answered_fraction_high=simulated + 0.01 if simulated < 1 else 1.0, planned_gap_hours=gaps,
                simulated_gap_hours=None if gaps is None else gaps + 1, planned_completed_items=gaps,
                simulated_completed_items=gaps, simulated_days=100, assumptions="handle times as history has them",
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)[GROUP_AUDIT.column_names]
