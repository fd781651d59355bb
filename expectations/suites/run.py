"""Running a stage's suites through Great Expectations, and turning what it finds into rows of data_quality.

The rows of a table never go through pandas as a whole: what breaks a rule is counted where the rows lie, and Great Expectations
judges the counts: one batch and one suite per table, with one row per rule, of which none may have failed on any row. Rule,
expectation, severity and next step are in the suite's meta.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from expectations.findings import as_findings
from expectations.rule import Night, Rule, Severity
from expectations.suites.derived import Counted, counted_promises
from expectations.suites.judge import broken_rules
from warehouse.tables.declaration import Table
from warehouse.tables.run import DATA_QUALITY

_SHOWN = 3
_DERIVED_NEXT_STEP = "tell whoever looks after Leadline, with these values: the step that wrote this table is wrong"


@dataclass(frozen=True, eq=False)
class Checked:
    """What a stage's suites found.

    Attributes:
        outcomes: rows of DATA_QUALITY, one per table and rule, passed or failed.
        findings: rows of QUALITY_FINDINGS but for `action`, one per failed rule and queue (or table).
    """

    outcomes: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Asked:
    """One rule of a table with the evidence on it; `queues` is empty where the rule is about form."""

    rule: str
    severity: Severity
    expected: str
    next_step: str
    rows_checked: int
    observed: str
    broken: pd.DataFrame
    """Per queue: `queue_id` (may be missing), `rows_failed`, `seen`."""
    is_form: bool = False


def check_stage(stage: str, night: Night, tables: Iterable[Table], rules: Iterable[Rule]) -> Checked:
    """Check the tables of a stage by their declarations and by the rules.

    Args:
        stage: name of the stage, for the rows.
        night: the settings, the date and the tables of the stage.
        tables: tables to check by their declarations.
        rules: domain rules to check.

    Returns:
        What was found.
    """
    tables, rules = tuple(tables), tuple(rules)
    asked = {table: [_of_form(counted) for counted in counted_promises(night, table)] for table in tables}
    for rule in rules:
        asked.setdefault(rule.table, []).append(_of_domain(rule, night))
    rows: list[dict[str, object]] = []
    found: list[dict[str, object]] = []
    for table, questions in asked.items():
        broken = _broken(stage, table, questions)
        for question in questions:
            failed = question.rule in broken
            rows.append(_outcome(table, question, failed))
            found += _findings(table, question) if failed else []
    about: dict[str, Any] = {"plan_date": night.business_date, "stage": stage}
    findings = as_findings(pd.DataFrame(found).assign(**about, business_date=night.business_date))
    return Checked(pd.DataFrame(rows).assign(**about, rows_quarantined=0)[DATA_QUALITY.column_names], findings)


def _of_form(counted: Counted) -> _Asked:
    failed = counted.rows_failed
    broken = pd.DataFrame({"queue_id": [None], "rows_failed": [failed], "seen": [counted.first]}).iloc[: 1 if failed else 0]
    observed = f"{failed} of {counted.rows_checked} rows" + (f"; first: {counted.first}" if counted.first else "")
    promise = counted.promise
    return _Asked(
        promise.rule, "stop", promise.expected, _DERIVED_NEXT_STEP, counted.rows_checked, observed, broken, is_form=True
    )


def _of_domain(rule: Rule, night: Night) -> _Asked:
    seen = rule.evidence(night)
    if "rows_failed" not in seen:
        seen = seen.assign(rows_checked=1, rows_failed=(~seen["holds"]).astype("int64"))
    broken = seen.loc[~seen["holds"]]
    checked = int(seen["rows_checked"].sum())
    first = "; ".join(str(text) for text in broken["seen"].head(_SHOWN))
    observed = f"{int(broken['rows_failed'].sum())} of {checked}; first: {first}"
    return _Asked(rule.name, rule.severity, rule.expected, rule.next_step, checked, observed, broken)


def _broken(stage: str, table: Table, questions: Sequence[_Asked]) -> set[str]:
    """The rules of a table that are broken."""
    about: list[dict[str, object]] = [
        {
            "rule": asked.rule,
            "expected": asked.expected,
            "severity": asked.severity,
            "next_step": asked.next_step,
            "rows_checked": asked.rows_checked,
        }
        for asked in questions
    ]
    counts = {asked.rule: int(asked.broken["rows_failed"].sum()) for asked in questions}
    return broken_rules(f"{stage}.{table.name}", counts, about)


def _outcome(table: Table, asked: _Asked, failed: bool) -> dict[str, object]:
    queues = [] if asked.is_form else sorted({str(queue) for queue in asked.broken["queue_id"].dropna()})
    return {
        "table_name": table.name,
        "rule": asked.rule,
        "severity": asked.severity,
        "result": "failed" if failed else "passed",
        "rows_checked": asked.rows_checked,
        "rows_failed": int(asked.broken["rows_failed"].sum()),
        "queues_affected": ",".join(queues) or None,
        "observed": asked.observed if failed else None,
        "expected": asked.expected,
        "next_step": asked.next_step if failed else None,
    }


def _findings(table: Table, asked: _Asked) -> list[dict[str, object]]:
    """One finding per queue whose evidence does not hold, or about the table where no queue is named."""
    found: list[dict[str, object]] = []
    for queue_id, rows in asked.broken.groupby("queue_id", dropna=False, sort=True):
        named = not pd.isna(queue_id)
        first = "; ".join(str(text) for text in rows["seen"].head(_SHOWN))
        found.append(
            {
                "rule": asked.rule,
                "subject_kind": "queue" if named else "table",
                "subject_id": str(queue_id) if named else table.name,
                "table_name": table.name,
                "severity": asked.severity,
                "reason": f"saw {asked.observed}, expected {asked.expected}"
                if asked.is_form
                else f"saw {first}; expected {asked.expected}",
                "next_step": asked.next_step,
            }
        )
    return found
