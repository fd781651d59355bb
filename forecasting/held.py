"""Days that checks held: they teach nothing, and the plan says so. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import pandas as pd

from warehouse.tables.held import held_subjects

RECENT_DAYS = 28
"""Days left out within these are told in the plan's rows."""
_NOT_WHOLE = "its feed is missing or cut short"
_SHOWN = 3


def without_held_claims(claims: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Claims per day in which held days of a line of business count as not whole, also where no claim at all is known of them."""
    held = held_subjects(findings, "claims").rename(columns={"subject_id": "line_of_business"}).drop_duplicates()
    if held.empty:
        return claims
    keys = set(held.itertuples(index=False, name=None))
    good = [key not in keys for key in zip(claims["line_of_business"], claims["business_date"], strict=True)]
    known = claims.assign(
        source_complete=claims["source_complete"].astype(bool) & pd.Series(good, index=claims.index, dtype=bool)
    )
    there = set(zip(claims["line_of_business"], claims["business_date"], strict=True))
    absent = held[[key not in there for key in held[["line_of_business", "business_date"]].itertuples(index=False, name=None)]]
    if absent.empty:
        return known
    nothing = absent.assign(region="unknown", peril="unknown", reported_claims=0, catastrophe_claims=0, source_complete=False)
    return pd.concat([known, nothing[known.columns.intersection(nothing.columns)]], ignore_index=True)


def warnings_in_words(
    daily: pd.DataFrame, claims: pd.DataFrame, findings: pd.DataFrame, of_claims: Collection[str], plan_date: date
) -> dict[str, str]:
    """Queue -> which of its last four weeks' days were left out, and why, in words.

    Args:
        daily: as `warehouse.tables.held.without_held_queue_days` gives it.
        claims: as `without_held_claims` gives it.
        findings: rows of QUALITY_FINDINGS of the night.
        of_claims: queues whose forecast looks at claims.
        plan_date: the night.
    """
    warnings = _queue_warnings(daily, findings, plan_date)
    if gaps := _claims_warning(claims, plan_date):
        warnings |= {queue: f"{warnings[queue]}; {gaps}" if queue in warnings else gaps for queue in of_claims}
    return warnings


def _queue_warnings(daily: pd.DataFrame, findings: pd.DataFrame, plan_date: date) -> dict[str, str]:
    reasons: dict[tuple[str, date], str] = {}
    mine = findings[(findings["action"] == "held") & (findings["subject_kind"] == "queue")]
    for row in mine.sort_values(["subject_id", "business_date", "rule"]).to_dict("records"):
        reasons.setdefault((row["subject_id"], row["business_date"]), str(row["reason"]))
    recent = [plan_date - timedelta(days=RECENT_DAYS) < day <= plan_date for day in daily["business_date"]]
    left_out = daily[pd.Series(recent, index=daily.index, dtype=bool) & ~daily["source_complete"].astype(bool)]
    told: dict[str, str] = {}
    for queue_id, rows in left_out.groupby("queue_id", sort=True):
        queue, days = str(queue_id), sorted(set(rows["business_date"]))
        by_reason: dict[str, list[date]] = {}
        for day in days:
            by_reason.setdefault(reasons.get((queue, day), _NOT_WHOLE), []).append(day)
        latest = sorted(by_reason.items(), key=lambda item: max(item[1]), reverse=True)
        words = "; ".join(f"{_days(own)} left out: {reason}" for reason, own in latest[:_SHOWN])
        more = len(latest) - _SHOWN
        told[queue] = words + (f"; and {more} more reasons" if more > 0 else "")
    return told


def _claims_warning(claims: pd.DataFrame, plan_date: date) -> str:
    """Which of the last four weeks' days of claims are not whole, in words; empty if none."""
    recent = [plan_date - timedelta(days=RECENT_DAYS) < day <= plan_date for day in claims["business_date"]]
    gaps = claims[pd.Series(recent, index=claims.index, dtype=bool) & ~claims["source_complete"].astype(bool)]
    if gaps.empty:
        return ""
    days = sorted(set(gaps["business_date"]))
    return f"claims of {_days(days)} taken at their usual level: their feed is not whole or was held"


def _days(days: Sequence[date]) -> str:
    """Days in order, runs of them joined.

    Example:
        >>> _days([date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 12)])
        '2026-11-09 to 2026-11-10, 2026-11-12'
    """
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
