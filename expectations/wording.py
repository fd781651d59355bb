"""Findings in people's words: one group per rule, with its queues and days. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from enterprise.settings import Enterprise

RECENT_DAYS = 28
"""Findings about days before these still hold them, but are no news to anybody."""
_MOST_SUBJECTS = 12
_ORDER = {"stop": 0, "quarantine": 1, "warn": 2}
_ACTIONS = {
    "kept_back": "kept back: the last good plan stays in force",
    "held": "these days are left out, the plan rests on the good ones before and says so",
    "noted": "unchanged: this is only noted",
    "released": "unchanged: a person looked at it and found it right",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A queue, feed, line of claims or table with its days."""

    kind: str
    name: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one rule that the plan treats alike.

    Attributes:
        rule: name of the rule.
        severity: what a failure does.
        action: what the plan did.
        table_name: table checked.
        subjects: whom it touches.
        reason: what was seen and expected, of the latest finding.
        next_step: what to do.
    """

    rule: str
    severity: str
    action: str
    table_name: str
    subjects: Sequence[Subject]
    reason: str
    next_step: str

    @property
    def action_in_words(self) -> str:
        """What the plan did."""
        return _ACTIONS[self.action]


def recent(findings: pd.DataFrame, night: date) -> pd.DataFrame:
    """Findings about the last four weeks."""
    first = night - timedelta(days=RECENT_DAYS)
    return findings[pd.Series([day > first for day in findings["business_date"]], index=findings.index, dtype=bool)]


def news(findings: pd.DataFrame, former: pd.DataFrame, night: date) -> pd.DataFrame:
    """Recent findings that an earlier night did not have; those that keep the plan back, always.

    Args:
        findings: rows of QUALITY_FINDINGS of the night.
        former: those of the last night before it that was checked.
        night: the night.
    """
    keys = ["rule", "subject_kind", "subject_id", "business_date", "action"]
    told = set(former[keys].itertuples(index=False, name=None))
    fresh = [row not in told or row[-1] == "kept_back" for row in findings[keys].itertuples(index=False, name=None)]
    return recent(findings[pd.Series(fresh, index=findings.index, dtype=bool)], night)


def by_rule(findings: pd.DataFrame) -> list[Group]:
    """Findings grouped by rule, the most severe first.

    Args:
        findings: rows of QUALITY_FINDINGS of one night.
    """
    groups = []
    for (rule, severity, action), rows in findings.groupby(["rule", "severity", "action"], sort=True):
        latest = rows.sort_values(["business_date", "subject_kind", "subject_id"]).iloc[-1]
        subjects = [
            Subject(str(kind), str(name), tuple(sorted(own["business_date"])))
            for (kind, name), own in rows.groupby(["subject_kind", "subject_id"], sort=True)
        ]
        groups.append(
            Group(
                str(rule),
                str(severity),
                str(action),
                str(latest["table_name"]),
                subjects,
                str(latest["reason"]),
                str(latest["next_step"]),
            )
        )
    return sorted(groups, key=lambda group: (_ORDER[group.severity], group.action, group.rule))


@dataclass(frozen=True, slots=True)
class Line:
    """One group of findings as people read it; the attributes of `Group` in words."""

    severity: str
    rule: str
    touches: str
    reason: str
    action: str
    plan: str
    next_step: str


def lines(findings: pd.DataFrame, enterprise: Enterprise) -> list[Line]:
    """Findings as people read them, the most severe first."""
    return [
        Line(
            group.severity,
            group.rule,
            named(group, enterprise),
            group.reason,
            group.action,
            group.action_in_words,
            group.next_step,
        )
        for group in by_rule(findings)
    ]


def named(group: Group, enterprise: Enterprise) -> str:
    """Whom a group touches and when, the first of them by name."""
    shown = [subject_in_words(subject, enterprise) for subject in group.subjects]
    more = len(shown) - _MOST_SUBJECTS
    return "; ".join(shown[:_MOST_SUBJECTS]) + (f"; and {more} more" if more > 0 else "")


def subject_in_words(subject: Subject, enterprise: Enterprise) -> str:
    """Whom a finding touches and when, by the names that people use."""
    return f"{_name(subject, enterprise)} ({days_in_words(subject.days)})"


def days_in_words(days: Sequence[date]) -> str:
    """Days in order, from first to last where there are many.

    Example:
        >>> days_in_words([date(2026, 11, 12)])
        '2026-11-12'
        >>> days_in_words([date(2026, 11, day) for day in (2, 9, 10, 12)])
        '4 days from 2026-11-02 to 2026-11-12'
    """
    few = 3
    return ", ".join(map(str, days)) if len(days) <= few else f"{len(days)} days from {days[0]} to {days[-1]}"


def _name(subject: Subject, enterprise: Enterprise) -> str:
    if subject.kind == "queue" and subject.name in enterprise.queues:
        return enterprise.queues[subject.name].name
    if subject.kind == "claims":
        return f"claims of {enterprise.lines_of_business.get(subject.name, subject.name)}"
    return f"{subject.kind} {subject.name}"
