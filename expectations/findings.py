"""What was found wrong, subject by subject: which queue, feed or table, which day, and what the plan does about it."""

from __future__ import annotations

import pandas as pd

from warehouse.tables.declaration import NUMBER, TEXT
from warehouse.tables.run import QUALITY_FINDINGS, STAGES_BESIDE_THE_PLAN

_ACTIONS = {"stop": "kept_back", "quarantine": "held", "warn": "noted"}
_SUBJECT = ["rule", "subject_kind", "subject_id", "business_date"]


def as_findings(found: pd.DataFrame) -> pd.DataFrame:
    """Findings with every column but `action`, each of its type: what is not given is missing."""
    declared = [column for column in QUALITY_FINDINGS.all_columns if column.name != "action"]
    types = {column.name: "float64" if column.type == NUMBER else "str" for column in declared if column.type in (NUMBER, TEXT)}
    return found.reindex(columns=[column.name for column in declared]).astype(types)


def with_actions(found: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
    """Say of every finding what the plan does about it.

    Args:
        found: rows of QUALITY_FINDINGS but for `action`.
        releases: rows of QUALITY_RELEASES; a finding of severity `quarantine` that a person released holds nothing back.

    Returns:
        Rows of QUALITY_FINDINGS; the reason of a released one ends with who released it and why.
    """
    rows = found.merge(releases[[*_SUBJECT, "released_by", "release_reason"]], on=_SUBJECT, how="left", validate="many_to_one")
    released = rows["released_by"].notna() & (rows["severity"] == "quarantine")
    words = rows["reason"] + "; released by " + rows["released_by"] + ": " + rows["release_reason"]
    rows = rows.assign(
        action=rows["severity"]
        .map(_ACTIONS)
        .mask(released, "released")
        .mask(rows["stage"].isin(STAGES_BESIDE_THE_PLAN), "noted"),
        reason=rows["reason"].mask(released, words),
    )
    return rows[QUALITY_FINDINGS.column_names]
