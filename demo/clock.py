"""The simulation's calendar: local days, quarter hours in UTC across both clock changes, Dutch holidays.

All times in the simulation are whole UTC epoch seconds (int64). Local wall-clock time enters only through the tables
made here, so that a day of 23 or 25 hours has as many quarter hours as it really has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ZONE = ZoneInfo("Europe/Amsterdam")
WARM_UP_DAYS = 14
"""Days simulated before the first written day, so that the files start in the middle of a running business."""
SLOT_SECONDS = 900
PLANNED_AHEAD_DAYS = 28
"""Days after the last one for which shifts are already published."""
_SPARE_DAYS = PLANNED_AHEAD_DAYS + 2


@dataclass(frozen=True)
class Clock:
    """The simulated days and the tables between local and UTC time.

    Attributes:
        days: every simulated local day: warm-up, written days, then the days for which shifts are published.
        first: index in `days` of the first written day.
        last: index in `days` of the last written day.
        midnight: UTC epoch second of each day's local midnight.
        weekday: 0 Monday .. 6 Sunday of each day.
        holiday: whether each day is a Dutch public holiday.
        slot_start: UTC epoch second of every quarter hour of every day, ascending and gapless.
        slot_day: index in `days` of each quarter hour.
        slot_minute: local minutes after midnight shown by the wall clock at each quarter hour's start.
        wall: UTC epoch second at which day d's wall clock shows quarter hour q (shape days x 96); a skipped local
            time maps to the moment of the change, an ambiguous one to its first occurrence.
    """

    days: tuple[date, ...]
    first: int
    last: int
    midnight: IntArray
    weekday: IntArray
    holiday: BoolArray
    slot_start: IntArray
    slot_day: IntArray
    slot_minute: IntArray
    wall: IntArray

    @property
    def end(self) -> int:
        """UTC epoch second at which the last written day ends: nothing later is ever written."""
        return int(self.midnight[self.last + 1])

    def utc(self, day: IntArray, local_minute: IntArray) -> IntArray:
        """UTC epoch seconds of local wall-clock minutes; minutes from 1440 on belong to the following day."""
        shifted = day + local_minute // 1440
        minute = local_minute % 1440
        return np.asarray(self.wall[shifted, minute // 15] + (minute % 15) * 60, np.int64)

    def day_of(self, seconds: IntArray) -> IntArray:
        """Index in `days` of the local day that holds each UTC epoch second."""
        return np.asarray(np.searchsorted(self.midnight, seconds, side="right") - 1, np.int64)

    def offset(self, seconds: IntArray) -> IntArray:
        """Seconds to add to UTC epoch seconds to get what the local wall clock shows."""
        slot = np.clip(np.searchsorted(self.slot_start, seconds, side="right") - 1, 0, len(self.slot_start) - 1)
        local = self.midnight_local[self.slot_day[slot]] + self.slot_minute[slot] * 60
        return local - self.slot_start[slot]

    @property
    def midnight_local(self) -> IntArray:
        """Epoch seconds of each day's midnight read as if it were UTC."""
        first = int(datetime.combine(self.days[0], time(), UTC).timestamp())
        return first + 86_400 * np.arange(len(self.days), dtype=np.int64)


def make_clock(first_day: date, last_day: date) -> Clock:
    """Tables for the written days first_day .. last_day plus the warm-up before them.

    Raises:
        ValueError: if last_day is before first_day.

    Example:
        >>> clock = make_clock(date(2025, 3, 29), date(2025, 3, 31))
        >>> spring = clock.days.index(date(2025, 3, 30))
        >>> int((clock.slot_day == spring).sum()) // 4
        23
    """
    if last_day < first_day:
        raise ValueError(f"last_day {last_day} is before first_day {first_day}: the demo needs at least one day.")
    start = first_day - timedelta(days=WARM_UP_DAYS)
    count = (last_day - start).days + 1 + _SPARE_DAYS
    days = tuple(start + timedelta(days=offset) for offset in range(count))
    edges = np.array(
        [int(datetime.combine(day, time(), ZONE).timestamp()) for day in (*days, days[-1] + timedelta(days=1))], np.int64
    )
    slot_start = np.arange(edges[0], edges[-1], SLOT_SECONDS, dtype=np.int64)
    slot_day = np.searchsorted(edges, slot_start, side="right") - 1
    minute = np.array(
        [(moment := datetime.fromtimestamp(int(second), ZONE)).hour * 60 + moment.minute for second in slot_start], np.int64
    )
    wall = np.full((count, 96), -1, np.int64)
    wall[slot_day[::-1], minute[::-1] // 15] = slot_start[::-1]
    for quarter in range(94, -1, -1):
        missing = wall[:, quarter] < 0
        wall[missing, quarter] = wall[missing, quarter + 1]
    dutch = holidays.country_holidays("NL", years=range(start.year, days[-1].year + 1))
    return Clock(
        days=days,
        first=WARM_UP_DAYS,
        last=(last_day - start).days,
        midnight=edges[:-1],
        weekday=np.array([day.weekday() for day in days], np.int64),
        holiday=np.array([day in dutch for day in days], np.bool_),
        slot_start=slot_start,
        slot_day=slot_day.astype(np.int64),
        slot_minute=minute,
        wall=wall,
    )
