"""One thing that is not believed, in numbers and in words (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """One finding before it becomes a row of QUALITY_FINDINGS.

    Attributes:
        rule: name of the rule.
        subject_kind, subject_id: what it is about.
        place: which of the dates.
        severity: what it does.
        table_name: table whose rows are doubted.
        measure: what was measured, with its unit in the name.
        observed, expected, low, high: what was seen, expected, and would have been accepted; None where there is none.
        reason, next_step: in words.
        strength: how many times its threshold the evidence is, at least 1; infinite where a rule has no threshold.
    """

    rule: str
    subject_kind: str
    subject_id: str
    place: int
    severity: str
    table_name: str
    measure: str
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None
    reason: str
    next_step: str
    strength: float = math.inf


def percent(observed: float, expected: float) -> str:
    """How far off, as people say it.

    Example:
        >>> percent(70, 100), percent(131, 100), percent(600, 100), percent(0, 100)
        ('30 % too low', '31 % too high', '6.0 times as much', 'nothing at all')
    """
    if observed <= 0:
        return "nothing at all"
    ratio = observed / max(expected, 1e-9)
    if ratio >= 2:
        return f"{ratio:.1f} times as much"
    return f"{abs(ratio - 1) * 100:.0f} % too {'high' if ratio > 1 else 'low'}"


def clock(slot: int, slots: int) -> str:
    """The wall clock at the beginning of a slot of the day.

    Example:
        >>> clock(19, 48), clock(48, 48)
        ('09:30', '24:00')
    """
    minutes = slot * 24 * 60 // slots
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def sorted_hits(hits: Sequence[Hit]) -> list[Hit]:
    """One hit per rule, subject and day (the gravest first found), in an order that rests on nothing but themselves."""
    found: dict[tuple[str, str, str, int], Hit] = {}
    for hit in hits:
        key = (hit.rule, hit.subject_kind, hit.subject_id, hit.place)
        if key not in found or (found[key].severity == "warn" and hit.severity == "quarantine"):
            found[key] = hit
    return [found[key] for key in sorted(found)]
