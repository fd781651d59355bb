"""The accuracy ledger: every forecast of a day that is over, against what came. Pure.

Each forecast stands beside three measures of what could be expected: the last known same weekday (what anybody would have said),
the distance that chance alone leaves around a mean of that size, and the model's own number where planners changed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy import special

from enterprise.hierarchy import QueuePlace
from forecasting.calendar import FloatArray
from forecasting.hierarchy import members_of_levels
from warehouse.tables.columns import QUANTILES
from warehouse.tables.forecast import ACCURACY_LEDGER, OFFERED_QUANTILES

FORECAST_COLUMNS = ("plan_date", "level", "member_id", "business_date", "lead_days", "mean_offered_contacts",
                    *(column.name for column in OFFERED_QUANTILES), "mean_handle_seconds")  # fmt: skip
NAIVE_WEEKS = 26
_DIGITS = 6
_KEY = ["plan_date", "level", "member_id"]
_QUANTILES = [column.name for column in OFFERED_QUANTILES]
_MEAN = "mean_offered_contacts"


def poisson_floor(mean: FloatArray) -> FloatArray:
    """Mean absolute deviation of a Poisson count from its mean: no forecast of independent contacts does better on average.

    Args:
        mean: contacts, >= 0.

    Example:
        >>> poisson_floor(np.array([0.0, 1.0, 400.0])).round(3)
        array([ 0.   ,  0.736, 15.954])

    Source: Crow (1958), "The mean deviation of the Poisson distribution", Biometrika 45: 2 exp(-m) m^(floor(m)+1) / floor(m)!.
    """
    mean = np.asarray(mean, dtype=np.float64)
    below = np.floor(mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(2.0) - mean + (below + 1.0) * np.log(mean) - special.gammaln(below + 1.0)
    return np.where(mean > 0.0, np.exp(logs), 0.0)


def pinball(actual: FloatArray, quantiles: FloatArray) -> FloatArray:
    """Mean pinball loss over the published quantiles of each row, in contacts.

    Example:
        >>> pinball(np.array([10.0]), np.full((1, 7), 12.0)).round(3)
        array([1.])
    """
    error = actual[:, None] - quantiles
    levels = np.array(QUANTILES)
    return np.asarray(np.maximum(levels * error, (levels - 1.0) * error).mean(axis=1), dtype=np.float64)


def ledger_rows(
    day: date, forecasts: pd.DataFrame, own: pd.DataFrame, history: pd.DataFrame, places: Mapping[str, QueuePlace]
) -> pd.DataFrame:
    """What every plan said of a day, against what came.

    Args:
        day: a day that is over.
        forecasts: rows of FORECAST_DAILY of any plans, with `FORECAST_COLUMNS` at least; those of the day count.
        own: rows of MODEL_FORECAST_DAILY of the same plans: what the model said where planners changed it.
        history: rows of DAILY_HISTORY up to the day, half a year back: queue_id, business_date, offered_contacts,
            answered_contacts, handle_seconds, source_complete (false for held days, too).
        places: queue -> where it belongs.

    Returns:
        Rows of ACCURACY_LEDGER. A level is there where every queue that the plan had for it is known. A day on which nothing was
        expected and nothing came is not there: it is closed.
    """
    said = forecasts[forecasts["business_date"] == day]
    whole = history[history["source_complete"].astype(bool)]
    came = whole[whole["business_date"] == day].set_index("queue_id")
    rows = _with_actuals(said, came, whole, day, places)
    if rows.empty:
        return pd.DataFrame(columns=ACCURACY_LEDGER.column_names)
    model = own[own["business_date"] == day].set_index(_KEY)[[_MEAN, *_QUANTILES]].add_prefix("model_")
    rows = rows.join(model, on=_KEY)
    changed = rows[f"model_{_MEAN}"].notna()
    for name in (_MEAN, *_QUANTILES):
        rows[f"model_{name}"] = rows[f"model_{name}"].fillna(rows[name])
    actual, mean = rows["offered_contacts"].to_numpy(dtype=np.float64), rows[_MEAN].to_numpy(dtype=np.float64)
    quantiles = rows[_QUANTILES].to_numpy(dtype=np.float64)
    models = rows[[f"model_{name}" for name in _QUANTILES]].to_numpy(dtype=np.float64)
    model_mean = rows[f"model_{_MEAN}"].to_numpy(dtype=np.float64)
    low, high = quantiles[:, QUANTILES.index(0.10)], quantiles[:, QUANTILES.index(0.90)]
    made = rows.assign(
        error_contacts=np.round(mean - actual, _DIGITS),
        absolute_error_contacts=np.round(np.abs(mean - actual), _DIGITS),
        pinball_contacts=np.round(pinball(actual, quantiles), _DIGITS),
        inside_80_band=(actual >= low) & (actual <= high),
        poisson_floor_contacts=np.round(poisson_floor(mean), _DIGITS),
        naive_absolute_error_contacts=np.round(np.abs(rows["naive"].to_numpy(dtype=np.float64) - actual), _DIGITS),
        model_offered_contacts=model_mean,
        model_absolute_error_contacts=np.round(np.abs(model_mean - actual), _DIGITS),
        model_pinball_contacts=np.round(pinball(actual, models), _DIGITS),
        has_override=changed,
        absolute_error_handle_seconds=np.round(np.abs(rows["mean_handle_seconds"] - rows["actual_handle_seconds"]), _DIGITS),
    )
    return made[ACCURACY_LEDGER.column_names].sort_values(ACCURACY_LEDGER.key_names, ignore_index=True)


def _with_actuals(
    said: pd.DataFrame, came: pd.DataFrame, whole: pd.DataFrame, day: date, places: Mapping[str, QueuePlace]
) -> pd.DataFrame:
    """The forecasts of a day with offered_contacts, actual_handle_seconds and `naive`, level by level."""
    queues = said[said["level"] == "queue"]
    naive = _naive(whole, day, sorted(set(queues["plan_date"])))
    known = queues.assign(
        offered=queues["member_id"].map(came["offered_contacts"]).astype("float64"),
        answered=queues["member_id"].map(came["answered_contacts"]).astype("float64"),
        handled=queues["member_id"].map(came["handle_seconds"]).astype("float64"),
        naive=[naive.get((queue, plan), np.nan) for queue, plan in zip(queues["member_id"], queues["plan_date"], strict=True)],
    )
    members = [("queue", queue, [queue]) for queue in places] + members_of_levels(places)
    below = pd.DataFrame(
        [(level, member, queue) for level, member, queues_below in members for queue in queues_below],
        columns=["level", "member_id", "queue_id"],
    )
    measures = ["offered", "answered", "handled", "naive"]
    named = known.rename(columns={"member_id": "queue_id"})[["plan_date", "queue_id", *measures]]
    parts = below.merge(named, on="queue_id").groupby(_KEY)
    sums, queues_of_plan = parts[measures].sum(min_count=1), parts.size()
    for name in ("offered", "naive"):  # a level of which one queue is unknown is unknown
        sums[name] = sums[name].where(parts[name].count() == queues_of_plan)
    rows = said.join(sums, on=_KEY)
    rows = rows[rows["offered"].notna() & ((rows["offered"] > 0) | (rows[_MEAN] > 0))]
    handle = (rows["handled"] / rows["answered"].where(rows["answered"] > 0)).round(_DIGITS)
    return rows.assign(offered_contacts=rows["offered"].astype("int64"), actual_handle_seconds=handle)


def _naive(whole: pd.DataFrame, day: date, plans: Sequence[date]) -> dict[tuple[str, date], float]:
    """(queue, plan date) -> contacts of the last same weekday that the plan knew."""
    seen = {
        (queue, when): float(contacts)
        for queue, when, contacts in zip(whole["queue_id"], whole["business_date"], whole["offered_contacts"], strict=True)
    }
    queues = sorted(set(whole["queue_id"]))
    found = {}
    for plan in plans:
        back = -(-max((day - plan).days, 1) // 7)
        for queue in queues:
            for weeks in range(back, back + NAIVE_WEEKS):
                value = seen.get((queue, day - timedelta(weeks=weeks)))
                if value is not None:
                    found[queue, plan] = value
                    break
    return found
