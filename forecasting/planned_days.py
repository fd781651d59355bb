"""Days and levels after planners' changes of intervals, with distributions that went the way of their means. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from enterprise.hierarchy import QueuePlace
from forecasting.calendar import FloatArray
from forecasting.distribution import UNKNOWN_VARIATION, count_quantiles
from forecasting.hierarchy import members_of_levels
from warehouse.tables.columns import QUANTILES
from warehouse.tables.forecast import HANDLE_QUANTILES, OFFERED_QUANTILES

_DIGITS = 6
_DAY = ["queue_id", "business_date"]
_OFFERED = [column.name for column in OFFERED_QUANTILES]
_HANDLE = [column.name for column in HANDLE_QUANTILES]
_MEAN, _HANDLE_MEAN = "mean_offered_contacts", "mean_handle_seconds"


def scaled(planned: pd.DataFrame, model: pd.DataFrame) -> pd.DataFrame:
    """The rows with quantiles that went the way of their means."""
    contacts = _quantiles(planned[_MEAN], model[_MEAN], model[_OFFERED])
    ratio = (planned[_HANDLE_MEAN] / model[_HANDLE_MEAN].where(model[_HANDLE_MEAN] > 0)).to_numpy(dtype=np.float64)
    handle = np.round(model[_HANDLE].to_numpy(dtype=np.float64) * np.nan_to_num(ratio, nan=1.0)[:, None], _DIGITS)
    return planned.assign(
        **{name: contacts[:, place] for place, name in enumerate(_OFFERED)},
        **{name: handle[:, place] for place, name in enumerate(_HANDLE)},
    )


def _quantiles(mean: pd.Series, model_mean: pd.Series, quantiles: pd.DataFrame) -> FloatArray:
    """Quantiles of contacts scaled with their mean; where the model expects nothing, those of a count nobody knows much of."""
    new, old = mean.to_numpy(dtype=np.float64), model_mean.to_numpy(dtype=np.float64)
    known = old > 0.0
    scaled = quantiles.to_numpy(dtype=np.float64) * np.where(known, new / np.where(known, old, 1.0), 0.0)[:, None]
    unknown = ~known & (new > 0.0)
    if unknown.any():
        scaled[unknown] = count_quantiles(new[unknown], UNKNOWN_VARIATION)
    return np.asarray(np.round(scaled, _DIGITS).reshape(-1, len(QUANTILES)), dtype=np.float64)


def planned_days(
    daily: pd.DataFrame, model: pd.DataFrame, planned: pd.DataFrame, places: Mapping[str, QueuePlace]
) -> pd.DataFrame:
    """Days of queues and levels with the changes; a column `changed` says which were touched."""
    sums = planned.groupby(_DAY)[_MEAN].sum().round(_DIGITS)
    ratio = _handle_ratio(model, planned)
    result = daily.assign(changed=False)
    is_queue = (daily["level"] == "queue").to_numpy()
    keys = list(zip(daily["member_id"], daily["business_date"], strict=True))
    on = is_queue & np.array([key in sums.index for key in keys], dtype=bool)
    place = np.flatnonzero(on)
    wanted = [keys[row] for row in place]
    result.loc[result.index[place], _MEAN] = sums.loc[wanted].to_numpy()
    result.loc[result.index[place], _HANDLE_MEAN] = np.round(
        daily[_HANDLE_MEAN].to_numpy(dtype=np.float64)[place] * ratio.loc[wanted].to_numpy(), _DIGITS
    )
    result.loc[result.index[place], "changed"] = True
    below = result[is_queue].set_index(["member_id", "business_date"])
    for level, member, queues in members_of_levels(places):
        rows = np.flatnonzero((daily["level"] == level).to_numpy() & (daily["member_id"] == member).to_numpy())
        mine = below[below.index.get_level_values(0).isin(queues)]
        by_day = mine.groupby(level=1)
        touched = by_day["changed"].any()
        for row in rows:
            day = daily["business_date"].iloc[row]
            if not touched.get(day, False):
                continue
            part = by_day.get_group(day)
            contacts = part[_MEAN].to_numpy(dtype=np.float64)
            weight = contacts if contacts.sum() > 0 else np.ones_like(contacts)
            index = result.index[int(row)]
            result.loc[index, _MEAN] = round(float(contacts.sum()), _DIGITS)
            result.loc[index, _HANDLE_MEAN] = round(weighted_mean(part[_HANDLE_MEAN].to_numpy(dtype=np.float64), weight), _DIGITS)
            result.loc[index, "changed"] = True
    changed = result["changed"].to_numpy(dtype=bool)
    result.loc[changed, "override_contacts"] = (result[_MEAN] - daily[_MEAN] + daily["override_contacts"]).round(_DIGITS)[changed]
    quantiles = [*_OFFERED, *_HANDLE]
    result.loc[changed, quantiles] = scaled(result[changed], daily[changed])[quantiles]
    return result


def _handle_ratio(model: pd.DataFrame, planned: pd.DataFrame) -> pd.Series:
    """By how much each day's mean handle time changes, weighted by the planned contacts."""
    weight = planned[_MEAN].where(planned.groupby(_DAY)[_MEAN].transform("sum") > 0, 1.0)
    work = planned[_DAY].assign(new=weight * planned[_HANDLE_MEAN], old=weight * model[_HANDLE_MEAN])
    sums = work.groupby(_DAY)[["new", "old"]].sum()
    return (sums["new"] / sums["old"].where(sums["old"] > 0)).fillna(1.0)


def weighted_mean(values: FloatArray, weights: FloatArray) -> float:
    """Weighted mean; the plain one where nothing weighs."""
    total = float(weights.sum())
    return float((values * weights).sum() / total) if total > 0 else float(values.mean())
