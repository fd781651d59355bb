"""Planners' changes on top of the model's numbers: intervals, days and levels planned with them, the model's own kept apart.

A change scales the distribution with its mean: a planner who says "twenty per cent more" is as unsure as the model was. Contacts
that a change adds to a whole group are shared among its queues in proportion to what the model expects of them. Openings come
first, then contacts, then handle time; changes of one measure never meet (they are refused before), so their order does not
matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from enterprise.grid import IntervalGrid
from enterprise.hierarchy import QueuePlace
from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.nightly import NightForecast
from forecasting.planned_days import planned_days, scaled, weighted_mean
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL, HANDLE_QUANTILES, OFFERED_QUANTILES
from warehouse.tables.overrides import KINDS_OF_HANDLE_TIME, KINDS_OF_VOLUME, OVERRIDE_EFFECT

_DIGITS = 6
_DAY = ["queue_id", "business_date"]
_LEVEL_DAY = ["level", "member_id", "business_date"]
_OFFERED = [column.name for column in OFFERED_QUANTILES]
_HANDLE = [column.name for column in HANDLE_QUANTILES]
_MEAN, _HANDLE_MEAN = "mean_offered_contacts", "mean_handle_seconds"


@dataclass(frozen=True, eq=False)
class PlannedForecast:
    """The forecast to plan with, and what is kept beside it.

    Attributes:
        planned: the night's rows with the planners' changes in them.
        model_intervals: the model's own rows of the queue-days that were changed.
        model_daily: the same per day, of the levels above too.
        effects: rows of OVERRIDE_EFFECT.
    """

    planned: NightForecast
    model_intervals: pd.DataFrame
    model_daily: pd.DataFrame
    effects: pd.DataFrame


def models_own(model_daily: pd.DataFrame, planned_daily: pd.DataFrame) -> pd.DataFrame:
    """A night's days as the models saw them: what was kept beside the days that planners changed, and the other days.

    Args:
        model_daily: rows of MODEL_FORECAST_DAILY of the night.
        planned_daily: rows of FORECAST_DAILY of the night.
    """
    rows: pd.DataFrame = pd.concat([model_daily, planned_daily], ignore_index=True)
    own: pd.DataFrame = rows[~rows.duplicated(FORECAST_DAILY.key_names)].reset_index(drop=True)
    return own


def with_overrides(
    forecast: NightForecast,
    changes: pd.DataFrame,
    open_seconds: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]],
    places: Mapping[str, QueuePlace],
    grid: IntervalGrid,
) -> PlannedForecast:
    """Lay planners' changes over a night's forecast.

    Args:
        forecast: the model's own.
        changes: one row per change, queue and day: override_id, queue_id, business_date, kind, start_time, end_time (local,
            "00:00" to "24:00"), value, in_words.
        open_seconds: of live queues whose hours planners changed: interval_start_utc, business_date and open_seconds as they are
            usually, and as planned.
        places: queue -> channel, line of business.
        grid: the enterprise's grid.

    Returns:
        Means stay at 0 or above, a day's intervals and a level's queues add up, the drivers add up to the mean
        (`override_contacts` takes the whole change). Queue-days without changes keep their very numbers.
    """
    touched = set(zip(changes["queue_id"], changes["business_date"], strict=True))
    rows = _with_opened(forecast.intervals, changes, open_seconds, forecast.daily)
    on = np.array([key in touched for key in zip(rows["queue_id"], rows["business_date"], strict=True)], dtype=bool)
    if not on.any():
        empty = [table.arrow_schema.empty_table().to_pandas() for table in (FORECAST_INTERVAL, FORECAST_DAILY, OVERRIDE_EFFECT)]
        return PlannedForecast(forecast, *empty)
    rows = rows.assign(minute=grid.local_minute_of_day(rows["interval_start_utc"]).to_numpy(dtype=np.int64))
    mine = rows[on].reset_index(drop=True)
    contacts, handle, effects = _changed(mine, changes, open_seconds, grid)
    planned = mine.assign(**{_MEAN: contacts, _HANDLE_MEAN: handle})
    planned = scaled(planned, mine)
    intervals = pd.concat([rows[~on], planned], ignore_index=True).sort_values(["queue_id", "interval_start_utc"])
    daily = planned_days(forecast.daily, mine, planned, places)
    changed = daily["changed"].to_numpy(dtype=bool)
    model_on = np.array(
        [key in touched for key in zip(forecast.intervals["queue_id"], forecast.intervals["business_date"], strict=True)]
    )
    return PlannedForecast(
        replace(
            forecast,
            intervals=intervals[FORECAST_INTERVAL.column_names].reset_index(drop=True),
            daily=daily[FORECAST_DAILY.column_names].reset_index(drop=True),
        ),
        forecast.intervals[model_on].reset_index(drop=True),
        forecast.daily[changed].reset_index(drop=True),
        effects.assign(plan_date=forecast.intervals["plan_date"].iloc[0])[OVERRIDE_EFFECT.column_names],
    )


def _with_opened(
    intervals: pd.DataFrame,
    changes: pd.DataFrame,
    open_seconds: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]],
    daily: pd.DataFrame,
) -> pd.DataFrame:
    """The intervals with those that planners opened, in which the model expects nothing."""
    pieces = [intervals]
    for queue in sorted(set(changes.loc[changes["kind"] == "opened", "queue_id"]) & set(open_seconds)):
        planned = open_seconds[queue][1]
        own = intervals[intervals["queue_id"] == queue]
        new = planned[(planned["open_seconds"] > 0) & ~planned["interval_start_utc"].isin(own["interval_start_utc"])]
        if new.empty:
            continue
        days = daily[(daily["level"] == "queue") & (daily["member_id"] == queue)].set_index("business_date")
        new = new[new["business_date"].isin(days.index)]
        about = days.loc[list(new["business_date"]), ["plan_date", "lead_days", _HANDLE_MEAN, *_HANDLE, "champion_model"]]
        about = about.reset_index(drop=True)
        added = new[["interval_start_utc", "business_date"]].reset_index(drop=True).assign(queue_id=queue, **{_MEAN: 0.0})
        added = added.assign(**dict.fromkeys(_OFFERED, 0.0))
        pieces.append(pd.concat([added, about], axis=1)[FORECAST_INTERVAL.column_names])
    return pd.concat(pieces, ignore_index=True).sort_values(["queue_id", "interval_start_utc"], ignore_index=True)


def _changed(
    rows: pd.DataFrame,
    changes: pd.DataFrame,
    open_seconds: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]],
    grid: IntervalGrid,
) -> tuple[FloatArray, FloatArray, pd.DataFrame]:
    """Contacts and handle time of the touched intervals after all changes, and the effect of each change."""
    contacts = rows[_MEAN].to_numpy(dtype=np.float64).copy()
    handle = rows[_HANDLE_MEAN].to_numpy(dtype=np.float64).copy()
    day = np.asarray(rows.groupby(_DAY, sort=False).ngroup(), dtype=np.int64)
    before_seconds, after_seconds = _open(rows, open_seconds)
    effects: list[tuple[str, object, int, float, float, str]] = []
    order = {"closed": 0, "opened": 1}
    is_shut = after_seconds == 0.0
    is_scaled = np.zeros(len(rows), dtype=bool)
    keys = list(rows[_DAY].drop_duplicates().itertuples(index=False, name=None))
    for _, parts in sorted(
        changes.groupby("override_id"), key=lambda item: (order.get(str(item[1]["kind"].iloc[0]), 2), item[0])
    ):
        number_of = int(parts["override_id"].iloc[0])
        kind, value = str(parts["kind"].iloc[0]), float(parts["value"].iloc[0])
        on = _within(rows, parts, grid)
        was, was_handle = contacts.copy(), handle.copy()
        if kind == "closed":
            on &= (before_seconds > 0.0) & ~is_scaled  # deferred work arrives whether the office is open or not
            left = np.minimum(after_seconds / np.where(on, before_seconds, 1.0), 1.0)
            contacts = np.where(on, contacts * left, contacts)
            is_scaled |= on
        elif kind == "opened":
            opened = np.where(on, np.maximum(after_seconds - before_seconds, 0.0), 0.0)
            contacts = contacts + value * _shares(opened, day)
        elif kind in KINDS_OF_VOLUME:
            contacts = _volume(kind, value, contacts, on & ~is_shut, rows)
        elif kind in KINDS_OF_HANDLE_TIME:
            handle = np.where(on, handle * value if kind == "handle_time_factor" else value, handle)
        contacts = np.where(contacts == was, was, np.round(np.maximum(contacts, 0.0), _DIGITS))
        handle = np.where(handle == was_handle, was_handle, np.round(handle, _DIGITS))
        words = dict(zip(zip(parts["queue_id"], parts["business_date"], strict=True), parts["in_words"], strict=True))
        for number, key in enumerate(keys):
            if key in words:
                here = day == number
                effects.append(
                    (
                        key[0],
                        key[1],
                        number_of,
                        round(float((contacts - was)[here].sum()), _DIGITS),
                        round(
                            weighted_mean(handle[here], contacts[here]) - weighted_mean(was_handle[here], contacts[here]), _DIGITS
                        ),
                        words[key],
                    )
                )
    names = ["queue_id", "business_date", "override_id", "changed_contacts", "changed_handle_seconds", "in_words"]
    return contacts, handle, pd.DataFrame(effects, columns=names)


def _volume(kind: str, value: float, contacts: FloatArray, on: BoolArray, rows: pd.DataFrame) -> FloatArray:
    """Contacts after a change of volume; of a level above, what it adds or sets is shared by the queues of each day."""
    if kind == "contacts_factor":
        return np.where(on, contacts * value, contacts)
    date_number: IntArray = np.asarray(pd.factorize(rows["business_date"])[0], dtype=np.int64)
    weights = np.where(on, contacts, 0.0)
    empty = np.bincount(date_number, weights=weights, minlength=int(date_number.max()) + 1)[date_number] <= 0.0
    weights = np.where(on & empty, 1.0, weights)  # where the model expects nothing, every interval is alike
    share = _shares(weights, date_number)
    if kind == "contacts_total":
        return np.where(on, value * share, contacts)
    return np.where(on, contacts + value * share, contacts)


def _shares(weights: FloatArray, group: IntArray) -> FloatArray:
    """Each weight's share of its group's; 0 where the group has none."""
    total = np.bincount(group, weights=weights, minlength=int(group.max()) + 1)[group]
    return np.where(total > 0.0, weights / np.where(total > 0.0, total, 1.0), 0.0)


def _within(rows: pd.DataFrame, parts: pd.DataFrame, grid: IntervalGrid) -> BoolArray:
    """Touched intervals that a change's days and local times meet; contacts change in whole intervals, by their start."""
    wanted = set(zip(parts["queue_id"], parts["business_date"], strict=True))
    on = np.array([key in wanted for key in zip(rows["queue_id"], rows["business_date"], strict=True)], dtype=bool)
    minute = rows["minute"].to_numpy()
    first, last = _minutes(str(parts["start_time"].iloc[0])), _minutes(str(parts["end_time"].iloc[0]))
    if str(parts["kind"].iloc[0]) in ("closed", "opened"):  # how much of an interval is open says it exactly
        return on & (minute + grid.interval_minutes > first) & (minute < last)
    return on & (minute >= first) & (minute < last)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _open(rows: pd.DataFrame, open_seconds: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> tuple[FloatArray, FloatArray]:
    """Open seconds of each interval as usual and as planned; not a number where nobody changed the queue's hours."""
    both = []
    for side in (0, 1):
        seconds = {
            queue: frames[side].set_index("interval_start_utc")["open_seconds"].to_dict()
            for queue, frames in open_seconds.items()
        }
        both.append(
            np.array(
                [
                    seconds[queue].get(start, 0.0) if queue in seconds else np.nan
                    for queue, start in zip(rows["queue_id"], rows["interval_start_utc"], strict=True)
                ],
                dtype=np.float64,
            )
        )
    return both[0], both[1]
