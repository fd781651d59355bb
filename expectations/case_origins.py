"""Cases by where they came from, held against the contacts of that channel: both systems saw the same customers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from expectations.findings import as_findings
from warehouse.lake import Lake
from warehouse.tables.core import CASES, CONTACTS, MESSAGES
from warehouse.tables.run import DATA_QUALITY

STAGE = "sources"
RULE = "case_origins_agree"
DAYS = 56
"""Days looked at: each is judged by the middle of the others."""
FEWEST_DAYS = 15
FEWEST_EXPECTED = 20.0
"""Cases of a channel and day to be expected, below which a day says too little."""
MOST_TIMES = 1.5
_DEVIATIONS = 4.0
_WORK_WEEK = 5
_WORDS = {"voice": "calls", "chat": "chats", "email": "mails"}
_EXPECTED = (
    f"the cases that came by phone, chat or mail are in proportion to the contacts of that channel, at most {MOST_TIMES:g} times "
    "as many or as few as on other working days"
)
_DAYS_SQL = """
WITH opened AS (
  SELECT source_system, business_date,
    CASE WHEN regexp_matches(origin, '(?i)phone|voice|call|tele') THEN 'voice'
      WHEN regexp_matches(origin, '(?i)mail') THEN 'email'
      WHEN regexp_matches(origin, '(?i)chat|messag|sms') THEN 'chat' END AS channel
  FROM cases
),
came AS (
  SELECT channel, business_date, count(*) AS contacts FROM contacts
  WHERE segment = 1 AND direction = 'inbound' AND channel IN ('voice', 'chat') GROUP BY ALL
  UNION ALL
  SELECT 'email', business_date, count(*) FROM messages WHERE direction = 'inbound' AND NOT automatic GROUP BY ALL
),
kept AS (SELECT DISTINCT source_system, channel FROM opened WHERE channel IS NOT NULL),
counted AS (SELECT source_system, channel, business_date, count(*) AS cases FROM opened WHERE channel IS NOT NULL GROUP BY ALL)
SELECT k.source_system, k.channel, c.business_date, c.contacts, coalesce(n.cases, 0) AS cases
FROM kept k JOIN came c USING (channel) LEFT JOIN counted n USING (source_system, channel, business_date)
WHERE isodow(c.business_date) <= $work_week
ORDER BY ALL
"""


def origin_days(night: date, lake: Lake) -> pd.DataFrame:
    """Per source of cases, channel and working day up to the night: contacts of the channel, and cases that came by it.

    Empty where no case says where it came from, as in a lake that was filled before cases had an origin.
    """
    connection = lake.connect()
    try:
        for table in (CASES, CONTACTS, MESSAGES):
            lake.view(connection, table, first=night - timedelta(days=DAYS - 1), last=night)
        known = {str(name) for name, *_ in connection.execute("DESCRIBE cases").fetchall()}
        if "origin" not in known:
            return pd.DataFrame(columns=["source_system", "channel", "business_date", "contacts", "cases"])
        found: pd.DataFrame = connection.sql(_DAYS_SQL, params={"work_week": _WORK_WEEK}).to_arrow_table().to_pandas()
        return found
    finally:
        connection.close()


def judge_origins(days: pd.DataFrame, night: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days on which cases and contacts of a channel do not go together as on the other days.

    Args:
        days: as `origin_days` gives them.
        night: the night.

    Returns:
        One row of DATA_QUALITY; and rows of QUALITY_FINDINGS but for `action`, one per source of cases and day.
    """
    judged = [_judged(rows) for _, rows in days.groupby(["source_system", "channel"]) if len(rows) >= FEWEST_DAYS]
    odd = pd.concat(judged, ignore_index=True) if judged else days.assign(expected=0.0)
    odd = odd[odd["is_odd"]].sort_values(["source_system", "business_date", "channel"]) if judged else odd.iloc[:0]
    found = [_finding(row, night) for row in odd.to_dict("records")]
    findings = pd.DataFrame(found, columns=list(found[0]) if found else ["rule", "subject_kind", "subject_id", "business_date"])
    first: dict[str, object] = found[0] if found else {}
    outcome: dict[str, object] = {
        "plan_date": night,
        "stage": STAGE,
        "table_name": CASES.name,
        "rule": RULE,
        "severity": "warn",
        "result": "failed" if found else "passed",
        "rows_checked": int(days["cases"].sum()),
        "rows_failed": int(odd["cases"].sum()),
        "rows_quarantined": 0,
        "queues_affected": None,
        "observed": first.get("reason"),
        "expected": _EXPECTED,
        "next_step": first.get("next_step"),
    }
    one_a_day = findings.drop_duplicates(["rule", "subject_kind", "subject_id", "business_date"])
    return pd.DataFrame([outcome])[DATA_QUALITY.column_names], as_findings(one_a_day)


def _finding(row: Mapping[Hashable, Any], night: date) -> dict[str, object]:
    source, channel, day, expected = row["source_system"], row["channel"], row["business_date"], row["expected"]
    items = _WORDS[channel]
    return {
        "plan_date": night,
        "rule": RULE,
        "subject_kind": "source",
        "subject_id": source,
        "business_date": day,
        "stage": STAGE,
        "table_name": CASES.name,
        "severity": "warn",
        "measure": f"cases_by_{channel}",
        "observed_value": float(row["cases"]),
        "expected_value": expected,
        "expected_low": expected / MOST_TIMES,
        "expected_high": expected * MOST_TIMES,
        "reason": f"{row['cases']} cases of {source} came by {channel} on {day}, when {row['contacts']} {items} were recorded; "
        f"with so many, about {expected:.0f} cases are usual",
        "next_step": f"compare both with their systems' own reports: {items} or cases of that day are missing, came twice, or "
        "are told of another day; what is delivered late mends it",
    }


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """The days of one source and channel with what was to be expected of them, and whether they are too far from it."""
    contacts, cases = (rows[name].to_numpy(dtype=np.float64) for name in ("contacts", "cases"))
    usual = float(np.median(cases / np.maximum(contacts, 1.0)))
    expected = usual * contacts
    off = 2.0 * (np.sqrt(cases) - np.sqrt(expected))  # of a Poisson count: about normal, with deviation 1
    spread = max(1.4826 * float(np.median(np.abs(off))), 1.0)
    ratio = (cases + 0.5) / (expected + 0.5)
    far = (np.abs(off) > _DEVIATIONS * spread) & ((ratio > MOST_TIMES) | (ratio < 1.0 / MOST_TIMES))
    return rows.assign(expected=expected, is_odd=far & (np.maximum(expected, cases) >= FEWEST_EXPECTED))
