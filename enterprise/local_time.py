"""Where local days begin and which offset from UTC holds when, for any zone of the tz database.

Everything here counts whole microseconds since 1970-01-01 UTC, so that a million instants are a few array look-ups.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pandas as pd

IntArray = npt.NDArray[np.int64]

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Instants outside these years are refused: they are sentinels (9999-12-31) or broken clocks, never contacts."""

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# Looking every second day finds every change of offset: the tz database since 1900 holds none closer than 95 hours.
_SCAN_SECONDS = 2 * 86_400


def require_zone(time_zone: str) -> ZoneInfo:
    """The zone of that name.

    Raises:
        ValueError: if the tz database has no such zone.

    Example:
        >>> require_zone("Europe/Amsterdam").key
        'Europe/Amsterdam'
    """
    try:
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"time zone {time_zone!r} is not in the tz database; expected a name such as 'Europe/Amsterdam' or 'UTC'"
        ) from error


@dataclass(frozen=True, eq=False)
class LocalDays:
    """The business days of a zone over some years, one after the other without gap or overlap.

    A business day begins at the first instant at which the local calendar shows its date. So where clocks go forward at
    midnight it begins at the change (there is no 00:00), and where they go back over midnight after the new date has
    begun (Newfoundland until 2011, at 00:01) the repeated minutes stay with the new day. A date that a zone skipped
    (Samoa, 2011-12-30) has no length.

    Attributes:
        first_ordinal: `date.toordinal()` of the first day.
        starts_us: where each day begins; one more than there are days, so the last entry ends the last day.
        offset_since_us: instants from which an offset holds, ascending; the first is long before the first day.
        offsets_us: local clock minus UTC from the corresponding instant on.
    """

    first_ordinal: int
    starts_us: IntArray
    offset_since_us: IntArray
    offsets_us: IntArray

    def position_of_date(self, day: date) -> int:
        """Place of a date in `starts_us`."""
        return day.toordinal() - self.first_ordinal

    def positions_of_instants(self, instants_us: IntArray) -> IntArray:
        """Place in `starts_us` of the business day that contains each instant."""
        return (np.searchsorted(self.starts_us, instants_us, side="right") - 1).astype(np.int64)

    def offsets_at(self, instants_us: IntArray) -> IntArray:
        """Local clock minus UTC at each instant, in microseconds."""
        return self.offsets_us[np.searchsorted(self.offset_since_us, instants_us, side="right") - 1]

    def pieces(self, day: date) -> list[tuple[int, int, int]]:
        """A business day cut where its offset changes: (start, end, offset) in microseconds; one piece on most days."""
        position = self.position_of_date(day)
        start, end = int(self.starts_us[position]), int(self.starts_us[position + 1])
        first = int(np.searchsorted(self.offset_since_us, start, side="right")) - 1
        pieces = []
        for segment in range(first, len(self.offsets_us)):
            last = segment + 1 == len(self.offsets_us)
            segment_end = end if last else min(end, int(self.offset_since_us[segment + 1]))
            if start >= segment_end:
                break
            pieces.append((start, segment_end, int(self.offsets_us[segment])))
            start = segment_end
        return pieces


@lru_cache(maxsize=4096)
def local_days(time_zone: str, first_year: int, last_year: int) -> LocalDays:
    """Every business day of the years given, with two days to spare on either side.

    Args:
        time_zone: name in the tz database.
        first_year: from 1900 on.
        last_year: included, until 2200.

    Raises:
        ValueError: if the zone is unknown or a year is out of range.

    Example:
        >>> days = local_days("Europe/Amsterdam", 2026, 2026)
        >>> place = days.position_of_date(date(2026, 3, 29))
        >>> int(days.starts_us[place + 1] - days.starts_us[place]) // (3600 * SECOND_US)
        23
    """
    if not FIRST_YEAR <= first_year <= last_year <= LAST_YEAR:
        raise ValueError(f"years {first_year} to {last_year}: expected {FIRST_YEAR} <= first <= last <= {LAST_YEAR}")
    zone = require_zone(time_zone)
    changes = [change for year in range(first_year - 1, last_year + 2) for change in _offset_changes(time_zone, year)]
    before_all = datetime(first_year - 1, 1, 1, tzinfo=UTC)
    offset_since = np.array([_instant_us(before_all), *(instant for instant, _ in changes)], dtype=np.int64)
    offsets = np.array([_offset_us(zone, before_all), *(offset for _, offset in changes)], dtype=np.int64)

    first_ordinal = date(first_year, 1, 1).toordinal() - 2
    last_ordinal = date(last_year, 12, 31).toordinal() + 2
    midnights = (np.arange(first_ordinal, last_ordinal + 2, dtype=np.int64) - _EPOCH_ORDINAL) * DAY_US
    # The first instant whose local clock reads midnight or later lies in the first segment whose clock gets past it.
    furthest_clock = np.maximum.accumulate(np.append(offset_since[1:] + offsets[:-1], np.iinfo(np.int64).max))
    segment = np.searchsorted(furthest_clock, midnights, side="right")
    starts = np.maximum(offset_since[segment], midnights - offsets[segment])
    for array in (starts, offset_since, offsets):
        array.flags.writeable = False
    return LocalDays(first_ordinal, starts, offset_since, offsets)


def days_around(time_zone: str, instants_us: IntArray) -> LocalDays:
    """The business days of all years in which the instants lie.

    Raises:
        ValueError: naming an instant outside the years 1901 to 2199.
    """
    if not instants_us.size:
        return local_days(time_zone, 1970, 1970)
    first, last = _year_of(int(instants_us.min())), _year_of(int(instants_us.max()))
    if first < FIRST_YEAR + 1 or last > LAST_YEAR - 1:
        culprit = int(instants_us.min() if first < FIRST_YEAR + 1 else instants_us.max())
        raise ValueError(
            f"an instant is {np.datetime64(culprit, 'us')} UTC; expected the years {FIRST_YEAR + 1} to {LAST_YEAR - 1}: "
            "send such rows to quarantine before asking for their interval"
        )
    # The local year can be one away from the year in UTC at New Year.
    return local_days(time_zone, first - 1, last + 1)


def instants_to_us(instants: pd.Series, name: str = "instants") -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Microseconds since 1970 of tz-aware timestamps, and which of them are missing (these read 0).

    Raises:
        ValueError: if the series holds anything but tz-aware timestamps.

    Example:
        >>> instants_to_us(pd.Series(pd.to_datetime(["1970-01-01T00:00:01Z", None])))
        (array([1000000,       0]), array([False,  True]))
    """
    has_zone = isinstance(instants.dtype, pd.DatetimeTZDtype)
    if not has_zone:
        raise ValueError(f"{name} must be timestamps with a time zone (datetime64[us, UTC]); got {instants.dtype}")
    missing = instants.isna().to_numpy(dtype=np.bool_)
    plain = instants.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return np.where(missing, 0, plain.astype(np.int64)), missing


def us_to_instants(
    instants_us: IntArray, missing: npt.NDArray[np.bool_] | None = None, *, index: pd.Index | None = None, name: str
) -> pd.Series:
    """Microseconds since 1970 as a series of UTC timestamps, NaT where missing."""
    stamps = instants_us.astype("datetime64[us]")
    if missing is not None:
        stamps = np.where(missing, np.datetime64("NaT", "us"), stamps)
    return pd.Series(pd.DatetimeIndex(stamps).tz_localize("UTC"), index=index, name=name)


def us_to_timestamp(instant_us: int) -> pd.Timestamp:
    """One UTC timestamp, in microseconds as every timestamp of Leadline."""
    return pd.Timestamp(np.datetime64(instant_us, "us")).tz_localize("UTC")


@lru_cache(maxsize=65_536)
def _offset_changes(time_zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """Changes of offset within a UTC year: (instant, offset from then on), in microseconds."""
    zone = ZoneInfo(time_zone)
    first = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp())
    changes = []
    offset = _offset_at_second(zone, first)
    for low in range(first, end, _SCAN_SECONDS):
        before, after = low, min(low + _SCAN_SECONDS, end)
        offset_after = _offset_at_second(zone, after)
        if offset_after == offset:
            continue
        while after - before > 1:
            middle = (before + after) // 2
            if _offset_at_second(zone, middle) == offset:
                before = middle
            else:
                after = middle
        offset = offset_after
        changes.append((after * SECOND_US, offset))
    return tuple(changes)


def _offset_at_second(zone: ZoneInfo, second: int) -> int:
    return _offset_us(zone, datetime.fromtimestamp(second, UTC))


def _offset_us(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    if offset is None:  # cannot happen for a ZoneInfo, but the type allows it
        raise ValueError(f"time zone {zone.key} has no offset at {instant}")
    return (offset.days * 86_400 + offset.seconds) * SECOND_US


def _instant_us(instant: datetime) -> int:
    return int(instant.timestamp()) * SECOND_US


def _year_of(instant_us: int) -> int:
    # Far beyond what datetime can hold, the ends of its range say enough: the caller refuses both.
    ordinal = min(max(instant_us // DAY_US + _EPOCH_ORDINAL, 1), date.max.toordinal())
    return date.fromordinal(ordinal).year
