"""The forecast of a file as the rows of its result: a row per queue and day and, where the history is finer, per interval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.local_time import local_days
from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.distribution import count_quantiles
from forecasting.file_calendars import LearntQueue
from forecasting.file_forecast import FileForecast
from forecasting.file_grain import DAY_MINUTES
from forecasting.file_history import FileHistory
from forecasting.intervals import spread_over_intervals
from forecasting.learnt_opening import open_slots
from forecasting.profile import Profile, learn_profiles
from forecasting.queue_forecast import QueueForecast
from warehouse.tables.columns import QUANTILES

QUANTILE_COLUMNS = tuple(f"q{round(100 * level):02d}" for level in QUANTILES)
COLUMNS = ("queue", "timestamp", "grain", "lead_days", "mean", *QUANTILE_COLUMNS, "champion")
KERNEL_COLUMNS = ("driver", "queue", "lag_days", "effect", "low", "high", "verdict")
_DIGITS = 6


def forecast_rows(history: FileHistory, forecast: FileForecast) -> pd.DataFrame:
    """Rows of the result, days and intervals of a queue in order of time.

    Args:
        history: the file's history.
        forecast: what was made of it.

    Returns:
        Columns `COLUMNS`; `timestamp` is local time without zone, or with the zone where the history's timestamps name theirs.
        Means of a day's intervals add up to the day's.
    """
    profiles = _profiles(forecast)
    frames = []
    for name, one in forecast.forecasts.items():
        queue = forecast.queues[name]
        midnights = np.array(forecast.dates, dtype="datetime64[us]")
        means = np.round(one.mean, _DIGITS)
        days = _frame(name, midnights, "day", one.lead_days, means, one.quantiles, one)
        if queue.history.is_daily:
            frames.append(days)
            continue
        frames += [days, _interval_rows(one, queue, profiles.get(name), forecast.dates, history)]
    rows = pd.concat(frames, ignore_index=True)
    # The day stands before its intervals.
    rows["order"] = np.where(rows["grain"] == "day", 0, 1)
    rows["timestamp"] = _stamped(rows["timestamp"], rows["is_second_pass"].to_numpy(dtype=bool), history)
    rows = rows.sort_values(["queue", "lead_days", "order", "timestamp"], kind="stable", ignore_index=True)
    return rows[list(COLUMNS)]


def kernel_rows(kernels: pd.DataFrame) -> pd.DataFrame:
    """Rows of the drivers' kernels as they are written: columns `KERNEL_COLUMNS`."""
    names = {
        "claim_class": "driver",
        "queue_id": "queue",
        "contacts_per_claim": "effect",
        "contacts_per_claim_low": "low",
        "contacts_per_claim_high": "high",
    }
    if kernels.empty:
        return pd.DataFrame(columns=list(KERNEL_COLUMNS))
    rows = kernels.rename(columns=names)[list(KERNEL_COLUMNS)]
    return rows.sort_values(["driver", "queue", "lag_days"], kind="stable", ignore_index=True)


def grain_word(minutes: int) -> str:
    """How the result names an interval's length.

    Example:
        >>> grain_word(30), grain_word(1440)
        ('30min', 'day')
    """
    return "day" if minutes == DAY_MINUTES else f"{minutes}min"


def _frame(
    name: str,
    wall: np.ndarray,
    grain: str,
    lead_days: IntArray,
    means: FloatArray,
    quantiles: FloatArray,
    one: QueueForecast,
    is_second_pass: BoolArray | bool = False,
) -> pd.DataFrame:
    champion = one.choice.champion
    flagged = f"{champion} ({one.choice.fallback_reason})" if one.choice.fallback_reason else champion
    return pd.DataFrame(
        {
            "queue": name,
            "timestamp": wall.astype("datetime64[us]"),
            "grain": grain,
            "lead_days": lead_days,
            "mean": means,
            **{column: np.round(quantiles[:, at], _DIGITS) for at, column in enumerate(QUANTILE_COLUMNS)},
            "champion": flagged,
            "is_second_pass": is_second_pass,
        }
    )


def _profiles(forecast: FileForecast) -> dict[str, Profile]:
    """Profiles of all queues with intervals; queues of the same hours lend theirs to small ones."""
    result: dict[str, Profile] = {}
    fine = {name: forecast.queues[name] for name in forecast.calendars if not forecast.queues[name].history.is_daily}
    as_of = forecast.dates[0] - timedelta(days=1)
    for grain in sorted({queue.history.grain_minutes for queue in fine.values()}):
        mine = {name: queue for name, queue in fine.items() if queue.history.grain_minutes == grain}
        frames, left_out = [], set()
        for name, queue in mine.items():
            one = queue.history
            dates = np.array([one.first + timedelta(days=k) for k in range(len(one.daily))], dtype=object)
            recent = one.day >= len(one.daily) - 27 * 7
            frames.append(
                pd.DataFrame(
                    {
                        "queue_id": name,
                        "business_date": dates[one.day[recent]],
                        "minute_of_day": one.minute[recent],
                        "offered_contacts": one.contacts[recent],
                    }
                )
            )
            left_out |= {(name, dates[row]) for row in np.flatnonzero(np.isnan(one.daily))}
        channels = {name: queue.hours for name, queue in mine.items()}
        calendars = {name: forecast.calendars[name] for name in mine}
        result |= learn_profiles(pd.concat(frames, ignore_index=True), calendars, channels, left_out, as_of, grain)
    return result


def _interval_rows(
    one: QueueForecast, queue: LearntQueue, profile: Profile | None, dates: Sequence[date], history: FileHistory
) -> pd.DataFrame:
    grain = queue.history.grain_minutes
    wall, seconds, second_pass = _wall_intervals(dates, grain, history)
    day = (wall.astype("datetime64[D]") - np.datetime64(dates[0], "D")).astype(np.int64)
    minute = ((wall - wall.astype("datetime64[D]")).astype("timedelta64[m]")).astype(np.int64)
    weekday = (dates[0].weekday() + day) % 7
    slots = open_slots(queue.history, queue.week)
    weights = seconds if profile is None else profile.shares(one.weekday_like[day], minute, seconds, one.lead_days[day])
    weights = weights * slots[weekday, minute // grain]
    taking = np.bincount(day, weights=weights, minlength=len(dates)) > 0
    weights = np.where(taking[day], weights, seconds)
    means = spread_over_intervals(np.round(one.mean, _DIGITS), day, weights)
    extra = (1.0 + one.spread.at(one.lead_days[day])) * (1.0 + (profile.noise if profile else 0.0)) - 1.0
    quantiles = count_quantiles(means, extra)
    return _frame(one.queue_id, wall, grain_word(grain), one.lead_days[day], means, quantiles, one, second_pass)


def _wall_intervals(dates: Sequence[date], grain: int, history: FileHistory) -> tuple[np.ndarray, FloatArray, BoolArray]:
    """Local starts of all intervals of some dates, their seconds, and which are the second pass of an hour.

    A missing hour has none. A doubled one is there twice where timestamps name their offset, once with double the seconds where
    they do not: nothing could tell the two apart.
    """
    days = local_days(history.time_zone, dates[0].year - 1, dates[-1].year + 1)
    first = days.position_of_date(dates[0])
    wall = np.concatenate(
        [
            np.arange(np.datetime64(day, "us"), np.datetime64(day, "us") + np.timedelta64(1, "D"), np.timedelta64(grain, "m"))
            for day in dates
        ]
    )
    starts, ends = days.starts_us[first : first + len(dates)], days.starts_us[first + 1 : first + len(dates) + 1]
    seconds = np.full(len(wall), grain * 60.0)
    plain = (ends - starts) == 86_400_000_000
    if not plain.all():
        clock = wall.astype(np.int64)
        for place in np.flatnonzero(np.diff(days.offsets_us)) + 1:
            before = days.offset_since_us[place] + days.offsets_us[place - 1]
            after = days.offset_since_us[place] + days.offsets_us[place]
            seconds[(clock >= before) & (clock < after)] = 0.0
            seconds[(clock >= after) & (clock < before)] *= 2.0
    passes = np.where(seconds > 0, 1, 0)
    if history.is_zoned:
        passes[seconds > grain * 60.0] = 2
    taken = np.repeat(np.arange(len(wall)), passes)
    return wall[taken], seconds[taken] / passes[taken], np.diff(taken, prepend=-1) == 0


def _stamped(wall: pd.Series, is_second_pass: BoolArray, history: FileHistory) -> pd.Series:
    """Local time, with its zone where the history names one."""
    if not history.is_zoned:
        return wall
    zoned: pd.Series = wall.dt.tz_localize(history.time_zone, ambiguous=~is_second_pass, nonexistent="shift_forward")
    return zoned
