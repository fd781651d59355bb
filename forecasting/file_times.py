"""Timestamps of a planner's file on the wall clock of one time zone, whatever way they are written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.local_time import local_days, require_zone
from forecasting.calendar import BoolArray

TimeArray = npt.NDArray[np.datetime64]

FIRST_YEAR, LAST_YEAR = 1901, 2199
_OFFSET = r"[0-9](?:\s*(?:Z|UTC|GMT)|\s*[+-][0-9]{2}(?::?[0-9]{2})?)$"
_CLOCK = r"[0-9][T ][0-9]{1,2}"


@dataclass(frozen=True, eq=False)
class WallTimes:
    """Timestamps as a clock on the wall shows them.

    Attributes:
        wall: local date and time without zone, in microseconds; NaT where the cell holds no timestamp.
        instant: the same in UTC for cells that name their offset; NaT for the others.
        is_zoned: cells that name their offset from UTC.
    """

    wall: TimeArray
    instant: TimeArray
    is_zoned: BoolArray


def wall_times(cells: pd.Series, time_zone: str) -> WallTimes:
    """Read timestamps.

    Args:
        cells: ISO 8601 as text, or timestamps, or dates; with an offset from UTC, or without, which means local time.
        time_zone: the zone in which days begin.

    Returns:
        Local times; years outside 1901 to 2199 are no timestamps.

    Raises:
        ValueError: if the zone is unknown.

    Example:
        >>> read = wall_times(pd.Series(["2026-07-01 09:30", "2026-07-01T07:30:00Z", "soon"]), "Europe/Amsterdam")
        >>> read.wall.astype("datetime64[m]").tolist()[:2], read.is_zoned.tolist(), bool(np.isnat(read.wall[2]))
        ([datetime.datetime(2026, 7, 1, 9, 30), datetime.datetime(2026, 7, 1, 9, 30)], [False, True, False], True)
    """
    require_zone(time_zone)
    nat = np.full(len(cells), np.datetime64("NaT", "us"))
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return _checked(_to_wall(cells, time_zone), _plain(cells), np.ones(len(cells), dtype=bool))
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        return _checked(cells.to_numpy(dtype="datetime64[us]"), nat, np.zeros(len(cells), dtype=bool))
    text = cells.astype("str").str.strip()
    zoned = (text.str.contains(_OFFSET, regex=True) & text.str.contains(_CLOCK, regex=True)).to_numpy(dtype=bool, na_value=False)
    wall, instant = nat.copy(), nat.copy()
    if not zoned.all():
        local = pd.to_datetime(text[~zoned], format="ISO8601", errors="coerce")
        wall[~zoned] = local.to_numpy(dtype="datetime64[us]")
    if zoned.any():
        tidy = text[zoned].str.replace(r"\s*(?:UTC|GMT)$", "Z", regex=True)
        aware = pd.to_datetime(tidy, format="ISO8601", errors="coerce", utc=True)
        wall[zoned], instant[zoned] = _to_wall(aware, time_zone), _plain(aware)
    return _checked(wall, instant, zoned)


def in_doubled_hour(wall: TimeArray, time_zone: str) -> BoolArray:
    """Local times that the wall clock shows twice, since clocks go back.

    Example:
        >>> times = np.array(["2026-10-25T02:30", "2026-10-25T03:00"], dtype="datetime64[us]")
        >>> in_doubled_hour(times, "Europe/Amsterdam").tolist()
        [True, False]
    """
    return _at_change(wall, time_zone, back=True)


def in_skipped_hour(wall: TimeArray, time_zone: str) -> BoolArray:
    """Local times that the wall clock never shows, since clocks go forward.

    Example:
        >>> times = np.array(["2026-03-29T02:30", "2026-03-29T03:00"], dtype="datetime64[us]")
        >>> in_skipped_hour(times, "Europe/Amsterdam").tolist()
        [True, False]
    """
    return _at_change(wall, time_zone, back=False)


def contacts_in_skipped_hours(rows: pd.DataFrame, time_zone: str) -> list[str]:
    """What is to be noted of contacts at times that clocks never showed; empty if there are none.

    Args:
        rows: columns wall (local time), contacts and number (from 0). A daily row stands at midnight and means its day.
        time_zone: the zone.
    """
    wall = rows["wall"].to_numpy(dtype="datetime64[us]")
    never = in_skipped_hour(wall, time_zone) & (wall != wall.astype("datetime64[D]")) & (rows["contacts"] > 0.0).to_numpy()
    if not never.any():
        return []
    first = rows[never].iloc[0]
    return [
        f"{int(never.sum())} rows have contacts in an hour that clocks in {time_zone} skip, the first is row "
        f"{first['number'] + 1} ({first['wall']}): taken so; perhaps the timestamps are those of another time zone"
    ]


def _at_change(wall: TimeArray, time_zone: str, *, back: bool) -> BoolArray:
    """Local times between what the clock shows right before it is put back (or forward) and right after."""
    found = np.zeros(len(wall), dtype=bool)
    if not len(wall):
        return found
    years = wall.astype("datetime64[Y]").astype(np.int64) + 1970
    days = local_days(time_zone, int(years.min()) - 1, int(years.max()) + 1)
    clock = wall.astype(np.int64)
    change = np.diff(days.offsets_us)
    for place in np.flatnonzero(change < 0 if back else change > 0) + 1:
        shown = sorted(days.offset_since_us[place] + days.offsets_us[place - 1 : place + 1])
        found |= (clock >= shown[0]) & (clock < shown[1])
    return found


def _checked(wall: TimeArray, instant: TimeArray, zoned: BoolArray) -> WallTimes:
    year = wall.astype("datetime64[Y]").astype(np.int64) + 1970
    strange = ~np.isnat(wall) & ((year < FIRST_YEAR) | (year > LAST_YEAR))
    nat = np.datetime64("NaT", "us")
    return WallTimes(np.where(strange, nat, wall), np.where(strange, nat, instant), zoned)


def _to_wall(aware: pd.Series, time_zone: str) -> TimeArray:
    wall: TimeArray = aware.dt.tz_convert(time_zone).dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return wall


def _plain(aware: pd.Series) -> TimeArray:
    return _to_wall(aware, "UTC")
