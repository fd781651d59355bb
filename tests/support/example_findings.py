"""What checks may have found of a night: findings of a queue, and sources that were read or were not."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from enterprise.settings import Enterprise
from expectations.findings import as_findings, with_actions
from warehouse.lake import Lake
from warehouse.tables.run import QUALITY_FINDINGS, QUALITY_RELEASES

NIGHT = date(2026, 11, 12)
BEFORE = NIGHT - timedelta(days=1)
NO_RELEASES = QUALITY_RELEASES.arrow_schema.empty_table().to_pandas()


def reads(enterprise: Enterprise, **unread: date | None) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "business_date": NIGHT,
                "source_system": name,
                "was_read": name not in unread,
                "last_read_date": unread.get(name, NIGHT),
                "reason": "no answer" if name in unread else None,
            }
            for name in enterprise.sources
        ]
    )


def found(
    rule: str = "volume_doubled", queue: str = "voice_sales", day: date = NIGHT, severity: str = "quarantine"
) -> pd.DataFrame:
    row = {
        "plan_date": NIGHT, "rule": rule, "subject_kind": "queue", "subject_id": queue, "business_date": day, "stage": "monitors",
        "table_name": "daily_history", "severity": severity, "reason": "1,800 contacts; about 900 were to be expected",
        "next_step": "deliver the day again",
    }  # fmt: skip
    return as_findings(pd.DataFrame([row]))


def keep(lake: Lake, *rows: pd.DataFrame, night: date = NIGHT) -> None:
    findings = with_actions(pd.concat(rows, ignore_index=True), NO_RELEASES).assign(plan_date=night)
    lake.replace(QUALITY_FINDINGS, findings, night)
