"""The forecast of the example's night: intervals, days, weeks, changes, leads, overrides and the leaderboard."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from enterprise.grid import IntervalGrid
from enterprise.settings import Enterprise
from enterprise.timing import opening_of
from tests.support.example_world import PER_DAY, wave_of, weekday_factor, with_levels, with_quantiles
from warehouse.tables.claims import CLAIMS_CONTACTS, CLAIMS_POSITIONS
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import (
    CLAIMS_LEAD,
    DRIVER_LEAD,
    FORECAST_CHANGE,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    FORECAST_WEEKLY,
    MODEL_LEADERBOARD,
)
from warehouse.tables.overrides import MODEL_FORECAST_DAILY, MODEL_FORECAST_INTERVAL, OVERRIDE_EFFECT, OVERRIDE_STATUS

DAY = ["plan_date", "level", "member_id", "business_date", "lead_days"]


def expected_intervals(enterprise: Enterprise, plan_date: date, horizon: int, factor: float) -> pd.DataFrame:
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
        level = base * frame["business_date"].map(weekday_factor)
        wave = lead.map(lambda k, queue=queue: wave_of(queue.id, int(k)))
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


def forecast_interval_rows(intervals: pd.DataFrame) -> pd.DataFrame:
    return with_quantiles(intervals).assign(champion_model="mean_of_best")[FORECAST_INTERVAL.column_names]


def expected_days(enterprise: Enterprise, intervals: pd.DataFrame, plan_date: date, horizon: int) -> pd.DataFrame:
    sums = with_levels(intervals, enterprise).groupby(DAY, as_index=False)[["mean_offered_contacts", "wave", "base"]].sum()
    days = with_quantiles(sums.assign(mean_handle_seconds=360.0))
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


def change_rows(days: pd.DataFrame) -> pd.DataFrame:
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


def forecast_week_rows(enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    monday = plan_date + timedelta(days=7 - plan_date.weekday())
    weeks = pd.DataFrame({"week_start_date": [monday + timedelta(weeks=k) for k in range(78)], "lead_weeks": range(1, 79)})
    queues = pd.DataFrame({"queue_id": list(enterprise.queues), "channel": [str(q.channel) for q in enterprise.queues.values()]})
    rows = with_levels(weeks.merge(queues, how="cross").assign(plan_date=plan_date), enterprise)
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


def claims_lead_rows(plan_date: date) -> pd.DataFrame:
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


def driver_lead_rows(plan_date: date) -> pd.DataFrame:
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


def claims_frames(days: pd.DataFrame, plan_date: date) -> dict[Table, pd.DataFrame]:
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


def leaderboard_rows(enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
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


def override_frames(intervals: pd.DataFrame, days: pd.DataFrame, plan_date: date) -> dict[Table, pd.DataFrame]:
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
