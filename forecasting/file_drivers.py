"""Drivers of a planner's file (claims, mailings, web traffic, weather) by day; nothing of the as-of date or after is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray
from forecasting.file_columns import named_columns, require_readable
from forecasting.file_history import rows_before
from forecasting.file_times import wall_times

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": ("timestamp", "business_date", "day"),
    "driver": ("driver_id", "driver_name", "name"),
    "value": ("values", "count", "amount"),
}
"""Needed columns and other names for them."""
_REGULAR_SHARE = 0.8
_DAYS_FOR_WEEKDAYS = 20
_LARGEST = 1e12
"""Value up to which products of values stay exact enough to estimate from."""
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class FileDrivers:
    """Drivers by date.

    Attributes:
        values: one row per consecutive date to the day before the as-of date, a column per driver; NaN where not known.
        notes: what was left out, in words.
    """

    values: pd.DataFrame
    notes: tuple[str, ...]


def read_drivers(rows: pd.DataFrame, as_of: date, time_zone: str) -> FileDrivers:
    """Check the rows of a drivers file and put them into daily series.

    A driver with a row on most days is not known on the others; one with rows now and then (a mailing) is 0 on the others.

    Args:
        rows: columns date, driver and value (or other names of `COLUMNS`), as text or typed.
        as_of: rows of this date and later are not looked at.
        time_zone: zone in which days begin, for dates with a clock time and an offset.

    Raises:
        ValueError: naming driver, row (from 1), what is there and what to do.

    Example:
        >>> rows = pd.DataFrame({"date": ["2026-11-01", "2026-11-05"], "driver": "mailing", "value": [9000, 8000]})
        >>> read_drivers(rows, date(2026, 11, 7), "UTC").values["mailing"].tolist()
        [9000.0, 0.0, 0.0, 0.0, 8000.0, 0.0]
    """
    table = named_columns(rows, COLUMNS, "drivers file")
    times = wall_times(table["date"], time_zone)
    names = table["driver"].astype("str").str.strip().to_numpy(dtype=object)
    known, notes = rows_before(times, as_of, names, table["date"], "driver", "drivers file")
    number = np.flatnonzero(known)
    text = table["value"][known]
    frame = pd.DataFrame({"driver": names[known], "day": times.wall[known].astype("datetime64[D]"), "number": number})
    frame["value"] = _values(text, frame["driver"].to_numpy(), number)
    blank = frame["driver"].isin(["", "nan", "None", "<NA>"]).to_numpy(dtype=bool)
    if blank.any():
        raise ValueError(f"row {number[blank][0] + 1} of the drivers file names no driver; expected a name in every row")
    require_readable("driver", frame["driver"].to_numpy(), number)
    frame = frame.sort_values(["driver", "day", "number"], kind="stable", ignore_index=True)
    same = np.flatnonzero(frame.duplicated(["driver", "day"]))
    for row in same:
        first, second = frame.iloc[row - 1], frame.iloc[row]
        if first["value"] != second["value"] and not (np.isnan(first["value"]) and np.isnan(second["value"])):
            raise ValueError(
                f"driver {second['driver']}, rows {first['number'] + 1} and {second['number'] + 1} of the drivers file: "
                f"{second['day'].date()} is there twice with different values; expected one row per driver and day: sum them"
            )
    frame = frame.drop(index=list(same)).reset_index(drop=True)
    unused = sorted(set(map(str, names)) - set(frame["driver"]) - {"", "nan", "None", "<NA>"})
    if unused and known.any():
        notes.append(f"no value before {as_of} of driver {', '.join(unused[:_SHOWN])}: not used")
    if frame.empty:
        return FileDrivers(pd.DataFrame(), (*notes, f"no driver has a value before the as-of date {as_of}: none is used"))
    first_day = frame["day"].min().date()
    days = [first_day + timedelta(days=k) for k in range((as_of - first_day).days)]
    position = ((frame["day"] - frame["day"].min()).dt.days).to_numpy(dtype=np.int64)
    columns = {}
    for driver, part in frame.groupby("driver", sort=True):
        series = np.full(len(days), np.nan)
        series[position[part.index]] = part["value"]
        columns[str(driver)] = _without_silence(series)
    return FileDrivers(pd.DataFrame(columns, index=days), tuple(notes))


def _without_silence(series: FloatArray) -> FloatArray:
    """Days without row are 0 where rows come now and then, or never on that weekday; otherwise they stay not known."""
    known = np.flatnonzero(np.isfinite(series))
    if not known.size:
        return series
    span = np.arange(known[0], known[-1] + 1)
    there = np.isfinite(series)
    weekday = np.arange(len(series)) % 7
    ever = np.array([there[span[weekday[span] == number]].any() for number in range(7)])
    filled = series.copy()
    expected = ever[weekday[span]] if len(span) > _DAYS_FOR_WEEKDAYS else np.ones(len(span), dtype=bool)
    if there[span][expected].mean() < _REGULAR_SHARE:
        # A mailing that has not been sent for some days has not ended.
        filled[known[0] :][np.isnan(filled[known[0] :])] = 0.0
    elif len(span) > _DAYS_FOR_WEEKDAYS:
        missed = np.flatnonzero(ever[weekday] & (np.arange(len(series)) > known[-1]))
        end = missed[0] if missed.size else len(series)
        filled[known[0] : end][np.isnan(filled[known[0] : end]) & ~ever[weekday[known[0] : end]]] = 0.0
    return filled


def _values(text: pd.Series, names: np.ndarray, number: np.ndarray) -> FloatArray:
    words = text.astype("str").str.strip()
    empty = text.isna().to_numpy(dtype=bool) | words.str.casefold().isin(["", "nan", "none", "null", "na", "<na>"]).to_numpy()
    values = pd.to_numeric(text.where(~empty), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~empty & ~(np.abs(values) <= _LARGEST))
    if wrong.size:
        shown = "; ".join(
            f"driver {names[at]}, row {number[at] + 1} of the drivers file: value is {words.iloc[at]}" for at in wrong[:_SHOWN]
        )
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ValueError(
            f"{shown}{more}; expected a finite number, {_LARGEST:,.0f} at most, with a point for decimals: "
            "mend the cell or leave it empty"
        )
    return np.where(empty, np.nan, values)
