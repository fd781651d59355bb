"""Whom it takes to answer the contacts that claims bring: the plan less the plan without them, per class and day of claims."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from staffing.doors import FloatArray, IntArray
from warehouse.tables.claims import CLAIMS_POSITIONS


def live_claims_positions(
    claims: pd.DataFrame, plan: pd.DataFrame, needed: Callable[[IntArray, FloatArray], IntArray]
) -> pd.DataFrame:
    """Rows of CLAIMS_POSITIONS of a queue whose contacts do not wait.

    Args:
        claims: rows of CLAIMS_CONTACTS of the queue.
        plan: its rows of STAFFING_INTERVAL, in the order that `needed` counts them in.
        needed: positions that intervals (by their places in the plan) would need with so many contacts.

    Returns:
        A row per row of `claims`. Contacts of a day are spread over it as all its contacts are. What several days of claims take
        together is not the sum of what each takes: people who are there anyway answer a few contacts more.
    """
    places = plan.reset_index(drop=True)
    hours = (places["open_seconds"] / 3600.0).to_numpy(dtype=np.float64)
    offered = places["mean_offered_contacts"].to_numpy(dtype=np.float64)
    there = places["positions_required"].to_numpy(dtype=np.int64)
    day = places[["business_date"]].assign(at=np.arange(len(places)))
    pairs = claims.reset_index(drop=True).reset_index(names="claims")[["claims", "business_date", "contacts"]].merge(day)
    at = pairs["at"].to_numpy(dtype=np.int64)
    of_day = pd.Series(offered).groupby(places["business_date"].to_numpy()).transform("sum").to_numpy(dtype=np.float64)
    share = np.minimum(pairs["contacts"].to_numpy(dtype=np.float64) / np.maximum(of_day[at], 1e-9), 1.0)
    without = np.minimum(needed(at, offered[at] * (1.0 - share)), there[at]) if len(at) else there[at]
    pairs = pairs.assign(there=there[at], without=without, hours=(there[at] - without) * hours[at])
    found = pairs.groupby("claims").agg(there=("there", "max"), without=("without", "max"), hours=("hours", "sum"))
    found = found.reindex(np.arange(len(claims)), fill_value=0)  # a day of the claims on which the queue is closed
    return _rows(claims, pd.Series(found["there"] - found["without"], dtype="Int64"), found["hours"])


def deferred_claims_positions(claims: pd.DataFrame, forecast: pd.DataFrame, handle_seconds: float) -> pd.DataFrame:
    """Rows of CLAIMS_POSITIONS of a queue whose work can wait: the work in the items; when it is done is not theirs alone.

    Args:
        claims: rows of CLAIMS_CONTACTS of the queue.
        forecast: its rows of FORECAST_INTERVAL.
        handle_seconds: mean handle time where the forecast knows none.
    """
    handle = forecast["mean_handle_seconds"].fillna(handle_seconds)
    weight = forecast["mean_offered_contacts"] + 1e-9
    days = pd.DataFrame({"day": forecast["business_date"], "work": handle * weight, "weight": weight}).groupby("day").sum()
    mean = claims["business_date"].map(days["work"] / days["weight"]).astype("float64").fillna(handle_seconds)
    return _rows(claims, pd.Series(pd.NA, index=range(len(claims)), dtype="Int64"), claims["contacts"] * mean / 3600.0)


def _rows(claims: pd.DataFrame, peak: pd.Series, hours: pd.Series) -> pd.DataFrame:
    rows = claims.assign(peak_positions=peak.array, position_hours=np.round(hours.to_numpy(dtype=np.float64), 6))
    return rows[CLAIMS_POSITIONS.column_names]
