"""Numbers, durations and starts of intervals as reports write them for people."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.typed import INSTANT, instants

DurationForm = Literal["seconds", "milliseconds", "minutes", "hh:mm:ss"]
_SECONDS_PER = {"seconds": 1.0, "milliseconds": 0.001, "minutes": 60.0, "hh:mm:ss": 1.0}
_CLOCK = r"^(?:(?P<hours>\d{1,6}):)?(?P<minutes>\d{0,4}):(?P<seconds>\d{1,2}(?:\.\d{1,9})?)$"


def report_numbers(text: pa.Array, decimal: str, thousands: str) -> pa.Array:
    """Numbers in a report's way of writing; missing where the text is none, or its groups are not of three digits.

    Args:
        text: cleaned text.
        decimal: sign between whole and fraction.
        thousands: sign between groups of three digits; "" for none. A space stands for the unbreakable ones as well.

    Example:
        >>> report_numbers(pa.array(["1.234,5", "1234", "12.34", "-7", None]), ",", ".").to_pylist()
        [1234.5, 1234.0, None, -7.0, None]
    """
    point = re.escape(decimal)
    groups = r"[ \\x{a0}\\x{202f}]" if thousands == " " else re.escape(thousands)
    groups = groups.replace("\\\\x", "\\x")
    whole = rf"(\d{{1,30}}|\d{{1,3}}({groups}\d{{3}}){{1,9}})" if thousands else r"\d{1,30}"
    good = pc.fill_null(pc.match_substring_regex(text, rf"^[+-]?{whole}({point}\d{{0,30}})?$"), False)
    plain = pc.replace_substring_regex(text, groups, "") if thousands else text
    plain = pc.replace_substring(plain, decimal, ".")
    return pc.cast(pc.if_else(good, plain, pa.scalar(None, pa.string())), pa.float64())


def report_durations(text: pa.Array, form: DurationForm, decimal: str, thousands: str) -> pa.Array:
    """Durations in seconds; missing where the text is none. In `hh:mm:ss` hours may be left out and exceed 24.

    Example:
        >>> report_durations(pa.array(["1:02:03", "4:05", ":45", "90", "1:75:00"]), "hh:mm:ss", ".", "").to_pylist()
        [3723.0, 245.0, 45.0, None, None]
        >>> report_durations(pa.array(["1.5"]), "minutes", ".", "").to_pylist()
        [90.0]
    """
    if form != "hh:mm:ss":
        return pc.multiply(report_numbers(text, decimal, thousands), _SECONDS_PER[form])
    parts = pc.extract_regex(pc.replace_substring(text, ",", "."), _CLOCK)
    hours, minutes, seconds = (_number(pc.struct_field(parts, name)) for name in ("hours", "minutes", "seconds"))
    hours_missing = pc.equal(pc.fill_null(pc.struct_field(parts, "hours"), ""), "")
    good = pc.and_(pc.less(seconds, 60), pc.or_(hours_missing, pc.less(minutes, 60)))
    total = pc.add(pc.add(pc.multiply(hours, 3600.0), pc.multiply(minutes, 60.0)), seconds)
    return pc.if_else(pc.fill_null(good, False), total, pa.scalar(None, pa.float64()))


def _number(digits: pa.Array) -> pa.Array:
    """Digits as numbers, none as 0; missing where nothing was matched at all."""
    return pc.cast(pc.if_else(pc.equal(digits, ""), "0", digits), pa.float64())


def local_times(text: pa.Array, time_format: str) -> npt.NDArray[np.datetime64]:
    """Clock times without zone, as they stand in the report; not a time where the text is none or bears an offset."""
    form = time_format or "ISO8601"
    read = pd.to_datetime(text.to_pandas().astype("str"), format=form, errors="coerce", utc=not time_format)
    if time_format:
        return np.asarray(pd.DatetimeIndex(read).as_unit("us").to_numpy())
    naive = pc.fill_null(pc.match_substring_regex(text, r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?$"), False)
    at = pd.DatetimeIndex(read).tz_localize(None).as_unit("us").to_numpy().copy()
    at[~naive.to_numpy(zero_copy_only=False)] = np.datetime64("NaT")
    return np.asarray(at)


def written_iso(text: pa.Array, time_format: str) -> pa.Array:
    """Local times or dates in another way of writing as ISO 8601; text that is not written so as it stands.

    Example:
        >>> written_iso(pa.array(["12.11.2026 8:15", "soon", None]), "%d.%m.%Y %H:%M").to_pylist()
        ['2026-11-12 08:15:00.000000', 'soon', None]
    """
    at = pd.Series(pd.DatetimeIndex(local_times(text, time_format)))
    return pc.coalesce(pa.Array.from_pandas(at.dt.strftime("%Y-%m-%d %H:%M:%S.%f"), type=pa.string()), text)


def starts_in_order(
    text: pa.Array, time_format: str, time_zone: str, series: npt.NDArray[np.int64]
) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Instants at which intervals start, and how often the same instant stood before in its series.

    Where clocks go back, a local time comes twice: the row that comes first within its series (last in a series that runs
    backwards) is the first hour's, the next one the second's. A single row is the first hour's. A time that clocks skip gives
    no instant.

    Args:
        text: cleaned text; ISO 8601 with an offset is read as it stands where no format is given.
        time_format: how times are written, "" for ISO 8601.
        time_zone: zone of the times.
        series: which rows belong together (file and queue), in the file's order.

    Returns:
        UTC instants, and per row the number of rows before it in its series with the same instant.

    Example:
        >>> twice = pa.array(["2026-10-25 01:30", "2026-10-25 02:00", "2026-10-25 02:00", "2026-10-25 02:00"])
        >>> at, before = starts_in_order(twice, "", "Europe/Amsterdam", np.zeros(4, dtype=np.int64))
        >>> [value.strftime("%d %H:%M") for value in at.to_pylist()], before.tolist()
        (['24 23:30', '25 00:00', '25 01:00', '25 01:00'], [0, 0, 0, 1])
    """
    rows = len(text)
    if rows == 0:
        return pa.array([], INSTANT), np.zeros(0, dtype=np.int64)
    local = local_times(text, time_format)
    known = ~np.isnat(local)
    at = np.full(rows, np.datetime64("NaT"), dtype="datetime64[us]")
    if not time_format:
        at = instants(text, time_zone).cast(pa.timestamp("us")).to_numpy(zero_copy_only=False).copy()
    places = np.flatnonzero(known)
    if places.size:
        clock = pd.DatetimeIndex(local[known])
        early, late = (_utc(clock, time_zone, first=first) for first in (True, False))
        frame = pd.DataFrame({"series": series[known], "local": local[known]})
        ends = frame.groupby("series")["local"].agg(["first", "last"])
        backwards = frame["series"].isin(ends.index[ends["last"] < ends["first"]])
        same = frame.groupby(["series", "local"])
        nth = same.cumcount().where(~backwards, same.cumcount(ascending=False)).to_numpy()
        at[places] = np.where(nth == 0, early, late)
    at[~((at >= np.datetime64("1970-01-02")) & (at < np.datetime64("2150-01-01")))] = np.datetime64("NaT")
    earlier = pd.DataFrame({"series": series, "at": at}).groupby(["series", "at"], dropna=False).cumcount()
    before: npt.NDArray[np.int64] = np.where(np.isnat(at), 0, earlier.to_numpy(dtype=np.int64))
    return pa.array(at).cast(INSTANT), before


def _utc(clock: pd.DatetimeIndex, time_zone: str, *, first: bool) -> npt.NDArray[np.datetime64]:
    known = clock.tz_localize(time_zone, ambiguous=np.full(len(clock), first), nonexistent="NaT").tz_convert("UTC")
    return np.asarray(known.tz_localize(None).as_unit("us").to_numpy())
