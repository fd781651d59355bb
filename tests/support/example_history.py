"""The days before the example's night, and what was checked and put aside."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from enterprise.timing import opening_of
from tests.support.example_world import PER_DAY, PLAN_DATE, weekday_factor
from warehouse.lake import Lake
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS, QUARANTINE, SOURCE_CHANGES


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


def _history(enterprise: Enterprise, dates: list[date]) -> pd.DataFrame:
    rows = []
    for number, queue in enumerate(enterprise.queues.values()):
        opening = opening_of(enterprise, queue.id)
        for day in dates:
            open_seconds = opening.open_seconds(day)
            wobble = 1 + 0.06 * np.sin(day.toordinal() * 1.7 + number)
            offered = int(PER_DAY[queue.channel] * (0.6 + 0.1 * number) * weekday_factor(day) * wobble) if open_seconds else 0
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


def check_rows(plan_date: date) -> pd.DataFrame:
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


def finding_rows(plan_date: date) -> pd.DataFrame:
    noted = {
        "plan_date": plan_date, "rule": "wait", "subject_kind": "queue", "subject_id": "chat_sales", "business_date": plan_date,
        "stage": "monitors", "table_name": "daily_history", "severity": "warn", "action": "noted", "measure": "mean_wait_seconds",
        "observed_value": 95.0, "expected_value": 30.0, "expected_low": None, "expected_high": 60.0,
        "reason": "customers waited 95 s on average; about 30 s were to be expected", "next_step": "ask the chat team",
    }  # fmt: skip
    return pd.DataFrame([noted])[QUALITY_FINDINGS.column_names]
