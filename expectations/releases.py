"""Held days that a person found right: recorded with who and why, and taken back again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from enterprise.errors import NeedsPersonError
from warehouse.tables.run import QUALITY_RELEASES

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class HeldDay:
    """What a release is about.

    Attributes:
        rule: the rule that holds it.
        kind: "queue", "source" or "claims".
        subject: which queue, source or line of business.
        day: the day whose data break the rule.
    """

    rule: str
    kind: str
    subject: str
    day: date

    def __str__(self) -> str:
        """As people say it."""
        return f"{self.rule} of {self.kind} {self.subject} on {self.day}"


def released(releases: pd.DataFrame, findings: pd.DataFrame, held: HeldDay, by: str, why: str, now: datetime) -> pd.DataFrame:
    """The releases of a day with one more.

    Args:
        releases: rows of QUALITY_RELEASES of that day.
        findings: rows of QUALITY_FINDINGS of the last night that was checked.
        held: what is released.
        by: who says that it is right.
        why: why it is.
        now: tz-aware.

    Raises:
        NeedsPersonError: if nobody is named, no reason is given, or no finding holds that day.
    """
    if not by.strip() or not why.strip():
        raise NeedsPersonError("say who releases the day and why it is right: --by and --reason may not be empty")
    mine = findings[findings["severity"] == "quarantine"]
    if not _is(mine, held).any():
        recent = mine[mine["subject_kind"] == held.kind].sort_values("business_date", ascending=False).head(_SHOWN)
        keys = recent[["rule", "subject_kind", "subject_id", "business_date"]].itertuples(index=False, name=None)
        known = "; ".join(str(HeldDay(*key)) for key in keys)
        raise NeedsPersonError(f"{held} is not held by the last night that was checked. Held are: {known or 'none'}")
    return _with(releases, held, by, why, now)


def reread(
    releases: pd.DataFrame, source: str, rules: Iterable[str], night: date, by: str, why: str, now: datetime
) -> pd.DataFrame:
    """The releases of a night with those of rows put aside that were read again.

    Args:
        releases: rows of QUALITY_RELEASES of that night.
        source: source whose rows were read again.
        rules: rules that had put them aside.
        night: night on which they were put aside.
        by: who had them read again.
        why: what was corrected.
        now: tz-aware.
    """
    for rule in rules:
        releases = _with(releases, HeldDay(rule, "source", source, night), by, why, now)
    return releases


def revoked(releases: pd.DataFrame, held: HeldDay) -> pd.DataFrame:
    """The releases of a day without one of them.

    Raises:
        NeedsPersonError: if that was never released.
    """
    mine = _is(releases, held)
    if not mine.any():
        raise NeedsPersonError(f"{held} was not released; leadline quality list shows what is held and what was released")
    return releases[~mine]


def _is(rows: pd.DataFrame, held: HeldDay) -> pd.Series:
    return (
        (rows["rule"] == held.rule)
        & (rows["subject_kind"] == held.kind)
        & (rows["subject_id"] == held.subject)
        & (rows["business_date"] == held.day)
    )


def _with(releases: pd.DataFrame, held: HeldDay, by: str, why: str, now: datetime) -> pd.DataFrame:
    row = {
        "rule": held.rule,
        "subject_kind": held.kind,
        "subject_id": held.subject,
        "business_date": held.day,
        "released_by": by.strip(),
        "release_reason": why.strip(),
        "released_at": pd.Timestamp(now).tz_convert("UTC").as_unit("us"),
    }
    others = releases[~_is(releases, held)]
    added = pd.DataFrame([row], columns=QUALITY_RELEASES.column_names)
    return pd.concat([others, added], ignore_index=True) if len(others) else added
