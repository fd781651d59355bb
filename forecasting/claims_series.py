"""Claims per day and line of business, as series without gaps: a missing feed is neither a day without claims nor known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray

_WEEKS = 8
_SHOWN = 3


def claims_series(claims: pd.DataFrame, dates: Sequence[date]) -> tuple[pd.DataFrame, str]:
    """Claims reported per date (index) and line of business (columns), days with a missing feed at their usual level.

    Args:
        claims: rows of CLAIMS_DAILY; those of other dates are left aside.
        dates: consecutive dates.

    Returns:
        The series, and in words which days were filled; empty if none.
    """
    known = claims[claims["business_date"].isin(set(dates))]
    wide = known.pivot_table(index="business_date", columns="line_of_business", values="reported_claims", aggfunc="sum")
    wide = wide.reindex(index=list(dates)).fillna(0.0).astype("float64")
    gaps = known[~known["source_complete"].astype(bool)].drop_duplicates(["line_of_business", "business_date"])
    if gaps.empty:
        return wide, ""
    values = wide.to_numpy(dtype=np.float64, copy=True)
    rows = wide.index.get_indexer(pd.Index(gaps["business_date"]))
    values[rows, wide.columns.get_indexer(pd.Index(gaps["line_of_business"]))] = np.nan
    filled = np.column_stack([without_gaps(values[:, column]) for column in range(values.shape[1])])
    days = sorted(set(gaps["business_date"]))
    shown = ", ".join(map(str, days[-_SHOWN:])) + (f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else "")
    words = f"claims of {shown} taken at their usual level: their feed is not whole"
    return pd.DataFrame(filled, index=wide.index, columns=wide.columns), words


def without_gaps(claims: FloatArray) -> FloatArray:
    """Claims per consecutive date, each missing day (NaN) at the median of its up to eight last equal weekdays that are known.

    Where there is none it is 0. Only days before it are looked at: what was known on a night does not change afterwards.

    Example:
        >>> without_gaps(np.array([30.0, *[9.0] * 6, 20.0, *[9.0] * 6, np.nan]))[-1].item()
        25.0
    """
    filled = claims.copy()
    for day in np.flatnonzero(np.isnan(claims)):
        equal = claims[day % 7 : day : 7][-_WEEKS:]
        known = equal[np.isfinite(equal)]
        filled[day] = np.median(known) if len(known) else 0.0
    return filled
