"""A night that hangs together, without the models: forecast, staffing, history and checks of the example enterprise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from enterprise.grid import IntervalGrid
from enterprise.settings import Enterprise, load_enterprise
from enterprise.timing import opening_of
from warehouse.lake import Lake
from warehouse.publish import Stamp
from warehouse.tables.capacity import CAPACITY_PLAN, SCENARIOS
from warehouse.tables.claims import CLAIMS_CONTACTS, CLAIMS_POSITIONS
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.evidence import CHASE_RATE, CHAT_CONCURRENCY, GROUP_AUDIT, PATIENCE, SIMULATION_AUDIT
from warehouse.tables.forecast import (
    CLAIMS_LEAD,
    DRIVER_LEAD,
    FORECAST_CHANGE,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    FORECAST_WEEKLY,
    MODEL_LEADERBOARD,
)
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY
from warehouse.tables.overrides import MODEL_FORECAST_DAILY, MODEL_FORECAST_INTERVAL, OVERRIDE_EFFECT, OVERRIDE_STATUS
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS, QUARANTINE, SOURCE_CHANGES
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE, SHIFT_SCHEDULE, STAFF_GROUP_INTERVAL
from warehouse.tables.staffing import CERTAINTY_CURVE, SHRINKAGE_HOURS, STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY
from warehouse.tables.today import TODAY_TABLES

ROOT = Path(__file__).parents[2]
PLAN_DATE = date(2026, 11, 12)
STAMP = Stamp("0.1.0", "0123456789abcdef", datetime(2026, 11, 13, 1, 30, tzinfo=UTC))
PER_DAY = {"voice": 900.0, "chat": 260.0, "email": 420.0, "cases": 120.0, "claims": 180.0}
SPREAD = {"q05": -1.645, "q10": -1.282, "q25": -0.674, "q50": 0.0, "q75": 0.674, "q90": 1.282, "q95": 1.645}
_SUMMED = ["mean_offered_contacts", "position_hours", "staff_hours", "cost", "blended_staff_hours", "blended_cost"]
DEFINITION = {"voice": "of_offered", "chat": "of_offered"}


def example_enterprise(folder: Path, database: str = "leadline", url: str = "embedded") -> Enterprise:
    """The enterprise of config/enterprise.toml with its lake, plan book and server below `folder`."""
    enterprise = load_enterprise(ROOT / "config" / "enterprise.toml", {}, folder)
    storage = enterprise.storage.model_copy(update={"warehouse_database": database, "warehouse_url": url})
    return enterprise.model_copy(update={"storage": storage})


def write_night(lake: Lake, enterprise: Enterprise, plan_date: date = PLAN_DATE, horizon: int = 28, factor: float = 1.0) -> None:
    """Write every partition that a night leaves in the lake; `factor` scales all contacts."""
    frames = night_frames(enterprise, plan_date, horizon, factor)
    for table, frame in frames.items():
        lake.replace(table, frame, plan_date)


def write_history(lake: Lake, enterprise: Enterprise, plan_date: date = PLAN_DATE, days: int = 56) -> None:
    """Write daily history, claims and quarantine of the days up to the plan date."""
    dates = [plan_date - timedelta(days=k) for k in range(days)]
    lake.replace_partitions(DAILY_HISTORY, _history(enterprise, dates))
    claims = pd.DataFrame(
        {
            "line_of_business": "property",
            "region": "west",
            "peril": "storm",
            "business_date": dates,
            "reported_claims": [220 if k < 2 else 30 + k % 7 for k in range(days)],
            "catastrophe_claims": [180 if k < 2 else 0 for k in range(days)],
            "source_complete": True,
        }
    )
    lake.replace_partitions(CLAIMS_DAILY, claims)
    rejected = {
        "source_system": ["mail", "mail", "acd"],
        "landing_file": ["0123456789abcdef-claims.mbox", "0123456789abcdef-claims.mbox", "fedcba9876543210-queue_log"],
        "landing_row": [17, 23, 4021],
        "rule": ["date_header_readable", "date_header_readable", "event_known"],
        "business_date": [plan_date] * 3,
        "table_name": ["messages", "messages", "contacts"],
        "queue_id": ["email_claims", "email_claims", None],
        "reason": ["Date header 'yesterday' is no date; the mail is kept in landing"] * 2 + ["event 'ENTERQUE' is not known"],
        "row_text": [None, None, "1794500000|1794.1|claims-line|NONE|ENTERQUE||<script>alert(1)</script>"],
    }
    lake.replace(QUARANTINE, pd.DataFrame(rejected), plan_date)
    renamed = {
        "source_system": ["crm"], "landing_file": ["0011223344556677-cases.csv"], "form_name": ["cases"],
        "column_name": ["CreatedDate"], "change": ["renamed"], "business_date": [plan_date], "before": ["CreatedDate"],
        "after": ["Created_Date"], "mapped": [True], "next_step": ["name the column in the settings as it is called now"],
    }  # fmt: skip
    lake.replace(SOURCE_CHANGES, pd.DataFrame(renamed), plan_date)


def night_frames(enterprise: Enterprise, plan_date: date, horizon: int = 28, factor: float = 1.0) -> dict[Table, pd.DataFrame]:
    """The frames of a night, by table."""
    intervals = _intervals(enterprise, plan_date, horizon, factor)
    forecast, staffing = _forecast_interval(intervals), _staffing_interval(intervals, enterprise)
    days = _days(enterprise, intervals, plan_date, horizon)
    blended = _blended(staffing)
    staffing_daily = _staffing_daily(staffing, blended, enterprise)
    return {
        FORECAST_INTERVAL: forecast,
        FORECAST_DAILY: days,
        **_today(forecast, staffing),
        FORECAST_CHANGE: _forecast_change(days),
        FORECAST_WEEKLY: _forecast_weekly(enterprise, plan_date),
        STAFFING_INTERVAL: staffing,
        STAFFING_DAILY: staffing_daily,
        STAFFING_WEEKLY: _staffing_weekly(staffing_daily),
        BACKLOG_PROJECTION: _backlog(intervals),
        CERTAINTY_CURVE: _certainty(staffing),
        STAFFING_BLENDED: blended,
        DEADLINE_PRICE: _deadlines(staffing),
        **_shifts(staffing),
        **_losses(staffing, enterprise),
        CAPACITY_PLAN: _capacity(enterprise, plan_date),
        SIMULATION_AUDIT: _audit(staffing),
        GROUP_AUDIT: _group_audit(staffing),
        **_estimates(staffing),
        CLAIMS_LEAD: _claims_lead(plan_date),
        **_by_claims(days, plan_date),
        DRIVER_LEAD: _driver_lead(plan_date),
        MODEL_LEADERBOARD: _leaderboard(enterprise, plan_date),
        **_overrides(forecast, days, plan_date),
        DATA_QUALITY: _checks(plan_date),
        QUALITY_FINDINGS: _findings(plan_date),
    }


def _overrides(intervals: pd.DataFrame, days: pd.DataFrame, plan_date: date) -> dict[Table, pd.DataFrame]:
    """A planner who expects longer calls on the first day, and one whose queue nobody knows."""
    first = plan_date + timedelta(days=1)
    entered = {
        "plan_date": plan_date, "kind": "handle_time_factor", "level": "queue", "member_id": "voice_claims", "first_date": first,
        "last_date": first, "start_time": None, "end_time": None, "value": 1.05, "event_name": None, "reason": "new form",
        "valid_until_date": None, "first_plan_date": None, "entered_by": "anna", "override_id": 1, "status": "applied",
        "entered_at": datetime(2026, 11, 12, 9, tzinfo=UTC), "status_reason": "handle time times 1.05 (new form; anna)",
    }  # fmt: skip
    refused = {"override_id": 2, "member_id": "voice_claim", "status": "refused", "status_reason": "unknown queue 'voice_claim'"}
    effect = {
        "plan_date": plan_date, "queue_id": "voice_claims", "business_date": first, "override_id": 1, "changed_contacts": 0.0,
        "changed_handle_seconds": 20.0, "in_words": entered["status_reason"],
    }  # fmt: skip
    mine = (intervals["queue_id"] == "voice_claims") & (intervals["business_date"] == first)
    own = (days["level"] == "queue") & (days["member_id"] == "voice_claims") & (days["business_date"] == first)
    return {
        OVERRIDE_STATUS: pd.DataFrame([entered, entered | refused])[OVERRIDE_STATUS.column_names],
        OVERRIDE_EFFECT: pd.DataFrame([effect])[OVERRIDE_EFFECT.column_names],
        MODEL_FORECAST_INTERVAL: intervals[mine],
        MODEL_FORECAST_DAILY: days[own],
    }


def _losses(staffing: pd.DataFrame, enterprise: Enterprise) -> dict[Table, pd.DataFrame]:
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


def _certainty(staffing: pd.DataFrame) -> pd.DataFrame:
    """A tenth more for each of three steps of certainty."""
    rows = []
    for queue_id, own in staffing.groupby("queue_id"):
        for step, probability in enumerate((0.5, 0.6, 0.8)):
            hours = float((own["scheduled_staff"] * own["open_seconds"]).sum() / 3600 * (1 + step / 10))
            rows.append((own["plan_date"].iloc[0], queue_id, probability, 0.7 * hours, hours, 30 * hours, 9 + step))
    return pd.DataFrame(rows, columns=CERTAINTY_CURVE.column_names)


def _audit(staffing: pd.DataFrame) -> pd.DataFrame:
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


def _group_audit(staffing: pd.DataFrame) -> pd.DataFrame:
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


def _estimates(staffing: pd.DataFrame) -> dict[Table, pd.DataFrame]:
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


def _shifts(staffing: pd.DataFrame) -> dict[Table, pd.DataFrame]:
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


def _capacity(enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    """Phones Rotterdam: 20 people needed, 18 there, two to begin in the ninth week."""
    weekly = _forecast_weekly(enterprise, plan_date)
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


def _weekday_factor(day: date) -> float:
    return (1.25, 1.1, 1.0, 0.98, 0.95, 0.45, 0.3)[day.weekday()]


def _wave(queue_id: str, lead: int) -> float:
    return 90.0 * np.exp(-((lead - 2) ** 2) / 6) if queue_id in ("voice_claims", "email_claims") else 0.0


def _intervals(enterprise: Enterprise, plan_date: date, horizon: int, factor: float) -> pd.DataFrame:
    grid = IntervalGrid(enterprise.time_zone, enterprise.interval_minutes)
    dates = [plan_date + timedelta(days=k) for k in range(1, horizon + 1)]
    pieces = []
    for number, queue in enumerate(enterprise.queues.values()):
        frame = opening_of(enterprise, queue.id).open_seconds_per_interval(grid, dates)
        frame = frame[frame["open_seconds"] > 0].copy()
        if frame.empty:
            continue
        local = frame["interval_start_utc"].dt.tz_convert(enterprise.time_zone)
        hour = local.dt.hour + local.dt.minute / 60
        shape = 0.25 + np.exp(-((hour - 10.5) ** 2) / 8) + 0.7 * np.exp(-((hour - 15) ** 2) / 10)
        share = shape / shape.groupby(frame["business_date"]).transform("sum")
        lead = frame["business_date"].map(lambda day: (day - plan_date).days)
        base = PER_DAY[queue.channel] * (0.6 + 0.1 * number)
        level = base * frame["business_date"].map(_weekday_factor)
        wave = lead.map(lambda k, queue=queue: _wave(queue.id, int(k)))
        pieces.append(
            frame.assign(
                plan_date=plan_date,
                queue_id=queue.id,
                channel=queue.channel,
                lead_days=lead.astype("int64"),
                mean_offered_contacts=factor * share * (level + wave),
                wave=factor * share * wave,
                base=factor * share * base,
                mean_handle_seconds=float(queue.mean_handle_seconds_prior),
            )
        )
    return pd.concat(pieces, ignore_index=True)


def _with_quantiles(frame: pd.DataFrame) -> pd.DataFrame:
    mean, handle = frame["mean_offered_contacts"], frame["mean_handle_seconds"]
    deviation = np.sqrt(mean + (0.08 * mean) ** 2)
    columns: dict[str, Any] = {f"offered_contacts_{q}": np.maximum(mean + z * deviation, 0) for q, z in SPREAD.items()}
    columns |= {f"mean_handle_seconds_{q}": handle * (1 + 0.03 * z) for q, z in SPREAD.items()}
    return frame.assign(**columns)


def _forecast_interval(intervals: pd.DataFrame) -> pd.DataFrame:
    return _with_quantiles(intervals).assign(champion_model="mean_of_best")[FORECAST_INTERVAL.column_names]


def _levels(frame: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """The rows once per level of the enterprise, with level and member_id."""
    queues = enterprise.queues.values()
    above = {
        "line_of_business": {queue.id: queue.line_of_business for queue in queues},
        "site": {queue.id: queue.site for queue in queues},
    }
    return pd.concat(
        [
            frame.assign(level="queue", member_id=frame["queue_id"]),
            frame.assign(level="channel", member_id=frame["channel"]),
            *(frame.assign(level=level, member_id=frame["queue_id"].map(member_of)) for level, member_of in above.items()),
            frame.assign(level="enterprise", member_id="all"),
        ],
        ignore_index=True,
    )


_DAY = ["plan_date", "level", "member_id", "business_date", "lead_days"]


def _days(enterprise: Enterprise, intervals: pd.DataFrame, plan_date: date, horizon: int) -> pd.DataFrame:
    sums = _levels(intervals, enterprise).groupby(_DAY, as_index=False)[["mean_offered_contacts", "wave", "base"]].sum()
    days = _with_quantiles(sums.assign(mean_handle_seconds=360.0))
    return days.assign(
        base_contacts=days["base"],
        claims_lead_contacts=days["wave"],
        driver_lead_contacts=0.0,
        weekday_contacts=days["mean_offered_contacts"] - days["base"] - days["wave"],
        calendar_contacts=0.0,
        holiday_contacts=0.0,
        trend_contacts=0.0,
        event_contacts=0.0,
        override_contacts=0.0,
        champion_model="mean_of_best",
        fallback_reason=None,
        data_until_date=plan_date,
        data_warning=None,
    )[FORECAST_DAILY.column_names]


def _staffing_interval(intervals: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
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


def _deadlines(staffing: pd.DataFrame) -> pd.DataFrame:
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


def _blended(staffing: pd.DataFrame) -> pd.DataFrame:
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


def _staffing_daily(staffing: pd.DataFrame, blended: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    key = ["queue_id", "interval_start_utc"]
    saved = staffing[key].merge(blended[[*key, "saved_staff_hours", "saved_cost"]], how="left", on=key).fillna(0.0)
    rows = staffing.assign(
        position_hours=staffing["positions_required"] * staffing["open_seconds"] / 3600,
        staff_hours=staffing["scheduled_staff"] * staffing["open_seconds"] / 3600,
    )
    rows["blended_staff_hours"] = rows["staff_hours"] - saved["saved_staff_hours"].to_numpy()
    rows["blended_cost"] = rows["cost"] - saved["saved_cost"].to_numpy()
    levels = _levels(rows, enterprise)
    peak = levels.groupby([*_DAY, "interval_start_utc"])["scheduled_staff"].sum().groupby(_DAY).max()
    sums = levels.groupby(_DAY)[_SUMMED].sum()
    full_time = enterprise.planning.full_time_hours_per_week / 5
    days = sums.assign(peak_scheduled_staff=peak, full_time_equivalents=sums["staff_hours"] / full_time).reset_index()
    days = days.assign(data_until_date=days["plan_date"], data_warning=None)
    return days[STAFFING_DAILY.column_names]


def _staffing_weekly(days: pd.DataFrame) -> pd.DataFrame:
    weeks = days.assign(
        week_start_date=days["business_date"].map(lambda day: day - timedelta(days=day.weekday())), planned_days=1
    )
    weeks["full_time_equivalents"] /= 5
    how = dict.fromkeys([*_SUMMED, "full_time_equivalents", "planned_days"], "sum") | {"peak_scheduled_staff": "max"}
    return weeks.groupby(["plan_date", "level", "member_id", "week_start_date"], as_index=False).agg(how)[
        STAFFING_WEEKLY.column_names
    ]


def _backlog(intervals: pd.DataFrame) -> pd.DataFrame:
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


def _today(forecast: pd.DataFrame, staffing: pd.DataFrame) -> dict[Table, pd.DataFrame]:
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


def _forecast_change(days: pd.DataFrame) -> pd.DataFrame:
    """Against a plan of the night before with a tenth less contacts, half of it by claims; its last day lay beyond that plan."""
    rows = days[days["business_date"] < days["business_date"].max()]
    frames = []
    for reason, share, words in (("level", 0.05, "what came since moved the level"), ("claims", 0.05, "claims reported since")):
        frames.append(
            rows.assign(
                reason=reason,
                former_plan_date=rows["plan_date"].map(lambda day: day - timedelta(days=1)),
                former_mean_offered_contacts=0.9 * rows["mean_offered_contacts"],
                former_work_hours=0.09 * rows["mean_offered_contacts"],
                change_contacts=share * rows["mean_offered_contacts"],
                change_work_hours=0.1 * share * rows["mean_offered_contacts"],
                words=words,
            )
        )
    return pd.concat(frames, ignore_index=True)[FORECAST_CHANGE.column_names]


def _forecast_weekly(enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    monday = plan_date + timedelta(days=7 - plan_date.weekday())
    weeks = pd.DataFrame({"week_start_date": [monday + timedelta(weeks=k) for k in range(78)], "lead_weeks": range(1, 79)})
    queues = pd.DataFrame({"queue_id": list(enterprise.queues), "channel": [str(q.channel) for q in enterprise.queues.values()]})
    rows = _levels(weeks.merge(queues, how="cross").assign(plan_date=plan_date), enterprise)
    key = ["plan_date", "level", "member_id", "week_start_date", "lead_weeks"]
    sums = rows.groupby(key, as_index=False).size().rename(columns={"size": "queues"})
    mean = 700.0 * sums["queues"] * (1 + 0.1 * np.sin(sums["lead_weeks"] / 8.3))
    return sums.assign(
        mean_offered_contacts=mean,
        low_offered_contacts=0.9 * mean,
        high_offered_contacts=1.1 * mean,
        band_probability_fraction=0.8,
        basis=np.where(sums["lead_weeks"] <= 3, "days of the plan", "long term"),
        history_weeks=104,
        note=None,
    )[FORECAST_WEEKLY.column_names]


def _claims_lead(plan_date: date) -> pd.DataFrame:
    rows = []
    for queue_id, used in (("voice_claims", True), ("email_claims", True), ("voice_billing", False)):
        for lag in range(15):
            mean = 0.3 * np.exp(-((lag - 2) ** 2) / 6) if used else 0.0
            verdict = (
                "used: claims lower the error of the days 1 to 7 by 18 % (12 % to 24 %)"
                if used
                else "not used: claims do not lower the error out of sample"
            )
            rows.append(
                {
                    "plan_date": plan_date,
                    "queue_id": queue_id,
                    "claim_class": "property",
                    "lag_days": lag,
                    "contacts_per_claim": mean,
                    "contacts_per_claim_low": 0.8 * mean,
                    "contacts_per_claim_high": 1.2 * mean,
                    "peak_lag_days": 2 if used else 0,
                    "explained_fraction": 0.22 if used else 0.0,
                    "uplift_fraction": 0.18 if used else -0.01,
                    "shift_test_p_value": 0.004 if used else 0.6,
                    "contacts_to_come": 412.0 if used else 0.0,
                    "used": used,
                    "verdict": verdict,
                }
            )
    return pd.DataFrame(rows)[CLAIMS_LEAD.column_names]


def _by_claims(days: pd.DataFrame, plan_date: date) -> dict[Table, pd.DataFrame]:
    """Two days of storm, an ordinary one before, and what is yet to be reported bring the contacts that claims bring."""
    shares = {0: (0.6, True, 220.0), 1: (0.3, True, 220.0), 2: (0.08, False, 32.0), -1: (0.02, False, 31.5)}
    own = days[(days["level"] == "queue") & (days["claims_lead_contacts"] > 0)]
    rows = pd.concat(
        [
            own[["plan_date", "business_date", "lead_days"]].assign(
                queue_id=own["member_id"],
                claim_class="property",
                reported_date=plan_date - timedelta(days=back),
                reported_claims=claims,
                is_storm=storm,
                contacts=own["claims_lead_contacts"] * share,
            )
            for back, (share, storm, claims) in shares.items()
        ],
        ignore_index=True,
    )
    waits = rows["queue_id"] == "email_claims"
    positions = rows.assign(
        peak_positions=(rows["contacts"] / 12).round().astype("Int64").mask(waits),
        position_hours=rows["contacts"] * 360 / 3600,
    )
    return {
        CLAIMS_CONTACTS: rows[CLAIMS_CONTACTS.column_names],
        CLAIMS_POSITIONS: positions[CLAIMS_POSITIONS.column_names],
    }


def _leaderboard(enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    rows = [
        {
            "plan_date": plan_date,
            "queue_id": queue,
            "model": model,
            "lead_band": "1-7",
            "wape_fraction": error,
            "pinball_contacts": 8.0,
            "bias_fraction": 0.01,
            "coverage_80_fraction": 0.79,
            "backtest_days": 56,
            "is_champion": model == "mean_of_best",
            "reason": "lowest error",
        }
        for queue in enterprise.queues
        for model, error in (("seasonal_mean", 0.09), ("mean_of_best", 0.06))
    ]
    return pd.DataFrame(rows)[MODEL_LEADERBOARD.column_names]


def _checks(plan_date: date) -> pd.DataFrame:
    def check(stage: str, table: str, rule: str, result: str = "passed", **more: Any) -> dict[str, Any]:
        return {
            "plan_date": plan_date, "stage": stage, "table_name": table, "rule": rule, "severity": "stop" if not more else "warn",
            "result": result, "rows_checked": 1000, "rows_failed": 0 if result == "passed" else 3, "rows_quarantined": 0,
            "queues_affected": None, "observed": None, "expected": "every value inside its bounds", "next_step": None,
        } | more  # fmt: skip

    return pd.DataFrame(
        [
            check("core", "contacts", "key is unique"),
            check("core", "messages", "dates", severity="quarantine", rows_quarantined=2, queues_affected="email_claims"),
            check("history", "daily_history", "feed complete", "failed", severity="warn", queues_affected="chat_sales",
                  observed="1 of 730 days is missing", expected="every day", next_step="ask the chat team"),
            check("forecast", "forecast_interval", "quantiles in order"),
            check("staffing", "staffing_interval", "every open interval is planned"),
        ]
    )[DATA_QUALITY.column_names]  # fmt: skip


def _findings(plan_date: date) -> pd.DataFrame:
    noted = {
        "plan_date": plan_date, "rule": "wait", "subject_kind": "queue", "subject_id": "chat_sales", "business_date": plan_date,
        "stage": "monitors", "table_name": "daily_history", "severity": "warn", "action": "noted", "measure": "mean_wait_seconds",
        "observed_value": 95.0, "expected_value": 30.0, "expected_low": None, "expected_high": 60.0,
        "reason": "customers waited 95 s on average; about 30 s were to be expected", "next_step": "ask the chat team",
    }  # fmt: skip
    return pd.DataFrame([noted])[QUALITY_FINDINGS.column_names]


def _history(enterprise: Enterprise, dates: list[date]) -> pd.DataFrame:
    rows = []
    for number, queue in enumerate(enterprise.queues.values()):
        opening = opening_of(enterprise, queue.id)
        for day in dates:
            open_seconds = opening.open_seconds(day)
            wobble = 1 + 0.06 * np.sin(day.toordinal() * 1.7 + number)
            offered = int(PER_DAY[queue.channel] * (0.6 + 0.1 * number) * _weekday_factor(day) * wobble) if open_seconds else 0
            live = not queue.is_deferred
            rows.append(
                {
                    "queue_id": queue.id,
                    "business_date": day,
                    "channel": queue.channel,
                    "offered_contacts": offered,
                    "answered_contacts": offered if live else None,
                    "abandoned_contacts": 0 if live else None,
                    "answered_within_contacts": int(0.8 * offered) if live else None,
                    "completed_items": None if live else offered,
                    "handle_seconds": offered * queue.mean_handle_seconds_prior,
                    "worked_handle_seconds": offered * queue.mean_handle_seconds_prior,
                    "wait_seconds": 12.0 * offered if live else None,
                    "staffed_seconds": None,
                    "open_seconds": float(open_seconds),
                    "backlog_items": None if live else 90,
                    "backlog_oldest_age_seconds": None if live else 20_000.0,
                    "source_complete": not (queue.id == "chat_sales" and day == date(2026, 10, 3)),
                }
            )
    return pd.DataFrame(rows).astype(
        dict.fromkeys(
            ("answered_contacts", "abandoned_contacts", "answered_within_contacts", "completed_items", "backlog_items"), "Int64"
        )
    )[DAILY_HISTORY.column_names]


def _driver_lead(plan_date: date) -> pd.DataFrame:
    lags = np.arange(11)
    mean = 0.01 * np.exp(-((lags - 3) ** 2) / 4)
    return pd.DataFrame(
        {
            "plan_date": plan_date,
            "queue_id": "chat_service",
            "driver": "mailings",
            "lag_days": lags,
            "contacts_per_unit": mean,
            "contacts_per_unit_low": 0.8 * mean,
            "contacts_per_unit_high": 1.2 * mean,
            "peak_lag_days": 3,
            "explained_fraction": 0.1,
            "uplift_fraction": 0.06,
            "shift_test_p_value": 0.01,
            "contacts_to_come": 95.0,
            "used": True,
            "verdict": "used: mailings lower the error of the days 1 to 7 by 6 %",
        }
    )[DRIVER_LEAD.column_names]
