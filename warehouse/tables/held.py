"""What held days mean to whoever reads history beside the findings of the night. Pure."""

from __future__ import annotations

import pandas as pd


def held_subjects(findings: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Subjects of one kind and the days of them that are held.

    Args:
        findings: rows of QUALITY_FINDINGS of the night.
        kind: what the findings are about: "queue" or "claims".

    Returns:
        subject_id and business_date; a day that several rules hold is there several times.
    """
    wanted = (findings["action"] == "held") & (findings["subject_kind"] == kind)
    return findings.loc[wanted, ["subject_id", "business_date"]]


def without_held_queue_days(daily: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Daily history in which held queue-days count as not whole: nothing is fitted on them.

    Args:
        daily: queue_id, business_date, source_complete and any other columns.
        findings: rows of QUALITY_FINDINGS of the night; those of action `held` about a queue count.

    Example:
        >>> from datetime import date
        >>> day = date(2026, 11, 12)
        >>> daily = pd.DataFrame({"queue_id": ["voice", "chat"], "business_date": day, "source_complete": True})
        >>> held = pd.DataFrame({"action": ["held"], "subject_kind": ["queue"], "subject_id": ["voice"], "business_date": [day]})
        >>> without_held_queue_days(daily, held)["source_complete"].to_list()
        [False, True]
    """
    held = set(held_subjects(findings, "queue").itertuples(index=False, name=None))
    keys = zip(daily["queue_id"], daily["business_date"], strict=True)
    good = pd.Series([key not in held for key in keys], index=daily.index, dtype=bool)
    return daily.assign(source_complete=daily["source_complete"].astype(bool) & good)
