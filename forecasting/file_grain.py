"""How long the intervals of a series are, from its timestamps alone."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import IntArray
from forecasting.file_times import TimeArray

DAY_MINUTES = 1440
GRAINS = (720, 480, 360, 240, 180, 120, 60, 30, 20, 15, 10, 5)
"""Lengths tried, in minutes, from long to short; a day is tried before all of them."""
_CLOCK_CHANGE_MINUTES = 60


def grain_of(wall: TimeArray) -> int:
    """Length of the intervals of one queue in minutes.

    Args:
        wall: its local timestamps in order.

    Returns:
        1440 where each date has one row at the same time of day (an hour's difference for a clock change is allowed); otherwise
        the longest of `GRAINS` on which all lie; 0 if there is none.

    Example:
        >>> grain_of(np.array(["2026-11-12T09:00", "2026-11-12T09:30"], dtype="datetime64[us]"))
        30
        >>> grain_of(np.array(["2026-11-12", "2026-11-13"], dtype="datetime64[us]"))
        1440
    """
    minutes = _minutes(wall)
    days = wall.astype("datetime64[D]")
    times = np.unique(minutes)
    one_a_day = len(np.unique(days)) == len(wall)
    if one_a_day and len(times) <= 2 and times[-1] - times[0] <= _CLOCK_CHANGE_MINUTES:
        return DAY_MINUTES
    return next((grain for grain in GRAINS if not (minutes % grain).any()), 0)


def off_grid(wall: TimeArray, grain: int) -> int | None:
    """Position of the first timestamp that lies on no grid with most of the others; None if all lie on the given one."""
    minutes = _minutes(wall)
    if grain == DAY_MINUTES or (grain and not (minutes % grain).any()):
        return None
    likely = next((one for one in GRAINS if np.mean(minutes % one == 0) >= 0.5), GRAINS[-1])
    return int(np.flatnonzero(minutes % likely)[0]) if (minutes % likely).any() else None


def _minutes(wall: TimeArray) -> IntArray:
    seconds = (wall - wall.astype("datetime64[D]")).astype("timedelta64[s]").astype(np.int64)
    # A stamp with seconds lies on no grid.
    return np.asarray(np.where(seconds % 60 == 0, seconds // 60, 1), dtype=np.int64)
