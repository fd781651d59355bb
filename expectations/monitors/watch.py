"""Every monitor over a night: what of the history up to it is not to be believed, and why (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from enterprise.settings import Enterprise
from expectations.findings import as_findings
from expectations.monitors.hit import Hit, sorted_hits
from expectations.monitors.learnt import learn
from expectations.monitors.observed import Observed, observe
from expectations.monitors.rules import RULES, judge
from expectations.monitors.thresholds import CHOSEN, Thresholds
from expectations.monitors.watched import Watched
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS

STAGE = "monitors"
_WARN_DAYS = 1
"""Findings that hold nothing are told of the night itself; those that hold a day on every night, as nothing is remembered."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What the monitors found on a night.

    Attributes:
        findings: rows of QUALITY_FINDINGS but for `action`. Those of severity `quarantine` are of all days up to the night, each
            judged by the days before it; the others are of the night itself.
        outcomes: rows of DATA_QUALITY, one per rule: of the night itself.
    """

    findings: pd.DataFrame
    outcomes: pd.DataFrame


def watch(watched: Watched, enterprise: Enterprise, business_date: date, limits: Thresholds = CHOSEN) -> Seen:
    """Judge every queue-day, feed and line of claims up to the night by the days before it.

    Args:
        watched: the frames of the night.
        enterprise: settings.
        business_date: the night.
        limits: from where on a day is not believed.
    """
    seen = observe(watched, enterprise, business_date)
    hits = sorted_hits(list(judge(seen, learn(seen, enterprise, limits), enterprise, limits, 0)))
    night = len(seen.dates) - 1
    kept = [hit for hit in hits if hit.severity == "quarantine" or hit.place > night - _WARN_DAYS]
    return Seen(_findings(kept, seen, business_date), _outcomes([hit for hit in kept if hit.place == night], seen, business_date))


def _findings(hits: list[Hit], seen: Observed, business_date: date) -> pd.DataFrame:
    rows = [
        {
            "plan_date": business_date,
            "rule": hit.rule,
            "subject_kind": hit.subject_kind,
            "subject_id": hit.subject_id,
            "business_date": seen.dates[hit.place],
            "stage": STAGE,
            "table_name": hit.table_name,
            "severity": hit.severity,
            "measure": hit.measure,
            "observed_value": hit.observed,
            "expected_value": hit.expected,
            "expected_low": hit.low,
            "expected_high": hit.high,
            "reason": hit.reason,
            "next_step": hit.next_step,
        }
        for hit in hits
    ]
    columns = [column for column in QUALITY_FINDINGS.column_names if column != "action"]
    return as_findings(pd.DataFrame(rows, columns=columns))


def _outcomes(hits: list[Hit], seen: Observed, business_date: date) -> pd.DataFrame:
    rows = []
    for rule in RULES:
        mine = [hit for hit in hits if hit.rule == rule.name]
        subjects = sorted({hit.subject_id for hit in mine if hit.subject_kind == "queue"})
        rows.append(
            {
                "plan_date": business_date,
                "stage": STAGE,
                "table_name": rule.table_name,
                "rule": rule.name,
                "severity": rule.severity,
                "result": "failed" if mine else "passed",
                "rows_checked": len(seen.sources) if rule.of_feeds else len(seen.queue_ids),
                "rows_failed": len(mine),
                "rows_quarantined": 0,
                "queues_affected": ", ".join(subjects) or None,
                "observed": mine[0].reason if mine else None,
                "expected": rule.expected,
                "next_step": mine[0].next_step if mine else None,
            }
        )
    found = pd.DataFrame(rows, columns=DATA_QUALITY.column_names)
    words = ["stage", "table_name", "rule", "severity", "result", "queues_affected", "observed", "expected", "next_step"]
    return found.astype(dict.fromkeys(words, "str"))
