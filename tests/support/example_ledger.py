"""The example night, some days later: what its plan said of a day against what came, and why the level was another."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from enterprise.settings import Enterprise
from forecasting.accuracy import ledger_rows
from tests.support.example_night import PLAN_DATE
from warehouse.lake import Lake
from warehouse.tables.forecast import ACCURACY_LEDGER, FORECAST_DAILY
from warehouse.tables.history import DAILY_HISTORY
from warehouse.tables.looking_back import ADHERENCE_DAILY, MISS_ANALYSIS
from warehouse.tables.overrides import MODEL_FORECAST_DAILY


def write_ledger(lake: Lake, enterprise: Enterprise, day: date, more_contacts: int = 0) -> None:
    """Write the ledger of a day of the example plan, on which as many contacts came as on the plan date, or some more."""
    places = enterprise.places
    history = lake.read(DAILY_HISTORY)
    came = history[history["business_date"] == PLAN_DATE]
    came = came.assign(business_date=day, offered_contacts=came["offered_contacts"] + more_contacts)
    before = history[history["business_date"] == day - timedelta(days=7)]
    plan, own = lake.read(FORECAST_DAILY), lake.read(MODEL_FORECAST_DAILY)
    rows = ledger_rows(day, plan, own, pd.concat([came, before]), places)
    lake.replace(ACCURACY_LEDGER, rows, day)


def write_misses(lake: Lake, day: date) -> None:
    """Write one queue's miss and one agent's adherence of a day."""
    parts = {"volume": -0.05, "handle_time": -0.02, "staffing": 0.0, "adherence": -0.03, "model": 0.01}
    miss = {
        "business_date": day, "queue_id": "voice_claims", "plan_date": PLAN_DATE, "lead_days": (day - PLAN_DATE).days,
        "service_level_definition": "of_offered", "planned_answered_fraction": 0.83, "actual_answered_fraction": 0.74,
        "miss_fraction": -0.09, **{f"{name}_part_fraction": part for name, part in parts.items()}, "planned_contacts": 540.0,
        "actual_contacts": 580.0, "planned_handle_seconds": 420.0, "actual_handle_seconds": 431.0, "planned_position_hours": 80.0,
        "scheduled_position_hours": 81.0, "present_position_hours": 77.5,
        "in_words": "74 % within 20 s, 83 % planned: -9 points (volume -5, adherence -3, handle time -2, other +1)",
    }  # fmt: skip
    lake.replace(MISS_ANALYSIS, pd.DataFrame([miss])[MISS_ANALYSIS.column_names], day)
    kept = {
        "business_date": day, "agent_id": "ann", "scheduled_seconds": 25_200.0, "worked_seconds": 25_000.0,
        "in_adherence_seconds": 24_000.0, "adherence_fraction": 24_000 / 25_200, "conformance_fraction": 25_000 / 25_200,
    }  # fmt: skip
    lake.replace(ADHERENCE_DAILY, pd.DataFrame([kept])[ADHERENCE_DAILY.column_names], day)
