"""Rows in quarantine before and after their files were read again."""

from __future__ import annotations

import pandas as pd

from warehouse.lake import Lake
from warehouse.tables.run import QUARANTINE

_KEY = ["rule", "business_date"]
_SHOWN = 8


def put_aside_rows(lake: Lake, source: str) -> pd.DataFrame:
    """rule, business_date (the night) and landing_file of every row of a source that lies in quarantine."""
    rows = lake.read(QUARANTINE, columns=["source_system", *_KEY, "landing_file"])
    return rows[rows["source_system"] == source].reset_index(drop=True)


def nothing_put_aside(source: str, rows: pd.DataFrame) -> str:
    """What to say to somebody who wants rows read again that do not lie in quarantine."""
    counts = rows.groupby(_KEY).size().tail(_SHOWN)
    keys = counts.index.to_frame(index=False).itertuples(index=False, name=None)
    known = "; ".join(f"{count} by {rule} on {night}" for (rule, night), count in zip(keys, counts, strict=True))
    return f"no such row of source {source} lies in quarantine. There are: {known or 'none'}"


def read_again(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Per rule and night of `before`: rows_before, and rows_after, how many that rule still puts aside out of the same files.

    Example:
        >>> before = pd.DataFrame({"rule": ["queue_known"] * 2, "business_date": "2026-11-12", "landing_file": ["a", "b"]})
        >>> read_again(before, before.iloc[:1])[["rows_before", "rows_after"]].to_dict("records")
        [{'rows_before': 2, 'rows_after': 1}]
    """
    same = after[after["landing_file"].isin(before["landing_file"])]
    counts = before.groupby(_KEY).size().rename("rows_before").to_frame()
    counts["rows_after"] = same.groupby(_KEY).size()
    return counts.fillna(0).astype("int64").reset_index()
