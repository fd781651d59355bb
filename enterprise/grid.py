"""The interval grid: how an enterprise cuts its local days into 15, 30 or 60 minutes."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from enterprise.local_time import (
    DAY_US,
    SECOND_US,
    IntArray,
    LocalDays,
    days_around,
    instants_to_us,
    local_days,
    require_zone,
    us_to_instants,
    us_to_timestamp,
)


@dataclass(frozen=True)
class IntervalGrid:
    """Business days of a time zone and the intervals they are planned in.

    The grid starts anew at local midnight of each business date and steps in elapsed time. A day has as many intervals
    as it has time: 46, 48 or 50 half hours around the clock changes of most zones. Where clocks go forward at midnight the
    day starts at the change (Cairo, Beirut: 01:00 local). Where a day is no multiple of the interval (Lord Howe Island
    changes by half an hour: 23.5 hours in intervals of 60 minutes) its last interval is the shorter for it; none is ever
    longer than `interval_minutes`.

    Attributes:
        time_zone: name in the tz database, e.g. "Europe/Amsterdam".
        interval_minutes: 15, 30 or 60.

    Raises:
        ValueError: if the zone is unknown or the interval is none of the three.

    Example:
        >>> grid = IntervalGrid("Europe/Amsterdam", 30)
        >>> [len(grid.intervals_of(day)) for day in (date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25))]
        [46, 48, 50]
    """

    time_zone: str
    interval_minutes: Literal[15, 30, 60]

    def __post_init__(self) -> None:
        """Refuse an unknown zone or interval."""
        require_zone(self.time_zone)
        if self.interval_minutes not in (15, 30, 60):
            raise ValueError(f"interval_minutes is {self.interval_minutes!r}; expected 15, 30 or 60")

    def business_date(self, instants_utc: pd.Series) -> pd.Series:
        """The business date of each instant, the local date.

        Args:
            instants_utc: timestamps with a time zone, years 1901 to 2199, missing ones allowed.

        Returns:
            `datetime.date` objects on the same index, None where the instant is missing.

        Raises:
            ValueError: if the timestamps have no time zone or one lies outside the years.

        Example:
            >>> grid = IntervalGrid("Europe/Amsterdam", 30)
            >>> grid.business_date(pd.Series(pd.to_datetime(["2026-11-12T22:59:59Z", "2026-11-12T23:00:00Z"]))).tolist()
            [datetime.date(2026, 11, 12), datetime.date(2026, 11, 13)]
        """
        instants_us, missing = instants_to_us(instants_utc, "instants_utc")
        days, positions = self._locate(instants_us, missing)
        dates = np.full(len(instants_us), None, dtype=object)
        if not missing.all():
            # One date object per day, shared by all its instants: making a million of them would be the slow part.
            known = positions[~missing]
            lowest = int(known.min())
            calendar = np.empty(int(known.max()) - lowest + 1, dtype=object)
            calendar[:] = [date.fromordinal(days.first_ordinal + lowest + k) for k in range(len(calendar))]
            dates[~missing] = calendar[known - lowest]
        return pd.Series(dates, index=instants_utc.index, name="business_date", dtype=object)

    def interval_start(self, instants_utc: pd.Series) -> pd.Series:
        """UTC start of the grid interval that contains each instant.

        Args:
            instants_utc: timestamps with a time zone, years 1901 to 2199, missing ones allowed.

        Returns:
            UTC timestamps on the same index, at most `interval_minutes` before the instant; NaT where it is missing.

        Raises:
            ValueError: if the timestamps have no time zone or one lies outside the years.

        Example:
            >>> grid = IntervalGrid("Asia/Kathmandu", 60)  # UTC+05:45
            >>> grid.interval_start(pd.Series(pd.to_datetime(["2026-11-12T10:20:00Z"]))).iloc[0].isoformat()
            '2026-11-12T10:15:00+00:00'
        """
        instants_us, missing = instants_to_us(instants_utc, "instants_utc")
        days, positions = self._locate(instants_us, missing)
        day_starts = days.starts_us[positions]
        starts_us = day_starts + (instants_us - day_starts) // self._step_us * self._step_us
        return us_to_instants(starts_us, missing, index=instants_utc.index, name="interval_start_utc")

    def interval_end(self, instants_utc: pd.Series) -> pd.Series:
        """UTC end of the grid interval that contains each instant: the next interval's start, the day's end at the latest.

        Raises:
            ValueError: if the timestamps have no time zone or one lies outside the years 1901 to 2199.
        """
        instants_us, missing = instants_to_us(instants_utc, "instants_utc")
        days, positions = self._locate(instants_us, missing)
        day_starts = days.starts_us[positions]
        next_us = day_starts + ((instants_us - day_starts) // self._step_us + 1) * self._step_us
        ends_us = np.minimum(next_us, days.starts_us[positions + 1])
        return us_to_instants(ends_us, missing, index=instants_utc.index, name="interval_end_utc")

    def local_minute_of_day(self, instants_utc: pd.Series) -> pd.Series:
        """What the wall clock shows at each instant, in whole minutes since 00:00 (0 to 1439).

        Profiles over the day belong to the wall clock: a minute of the missing hour never occurs, one of the doubled hour
        occurs twice.

        Returns:
            Nullable integers on the same index.

        Raises:
            ValueError: if the timestamps have no time zone or one lies outside the years 1901 to 2199.
        """
        instants_us, missing = instants_to_us(instants_utc, "instants_utc")
        days, _ = self._locate(instants_us, missing)
        minutes = (instants_us + days.offsets_at(instants_us)) % DAY_US // (60 * SECOND_US)
        return pd.Series(pd.arrays.IntegerArray(minutes, missing), index=instants_utc.index, name="local_minute_of_day")

    def intervals_of(self, business_date: date) -> pd.DatetimeIndex:
        """UTC starts of all intervals of a business date, in order.

        Example:
            >>> IntervalGrid("Africa/Cairo", 60).intervals_of(date(2026, 4, 24))[0].isoformat()  # 00:00 does not exist
            '2026-04-23T22:00:00+00:00'
        """
        return self.intervals_between(business_date, business_date)

    def intervals_between(self, first: date, last: date) -> pd.DatetimeIndex:
        """UTC starts of all intervals from the first to the last business date, both included; empty if last < first."""
        starts_us = np.empty(0, dtype=np.int64)
        if first <= last:
            days = local_days(self.time_zone, first.year, last.year)
            edges = days.starts_us[days.position_of_date(first) : days.position_of_date(last) + 2]
            counts = -(-np.diff(edges) // self._step_us)
            number_in_day = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            starts_us = np.repeat(edges[:-1], counts) + number_in_day * self._step_us
        return pd.DatetimeIndex(starts_us.astype("datetime64[us]"), name="interval_start_utc").tz_localize("UTC")

    def day_bounds(self, business_date: date) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Start and end of a business date in UTC; the end is the next day's start and does not belong to the day.

        Example:
            >>> [bound.isoformat() for bound in IntervalGrid("Europe/Amsterdam", 30).day_bounds(date(2026, 3, 29))]
            ['2026-03-28T23:00:00+00:00', '2026-03-29T22:00:00+00:00']
        """
        days = local_days(self.time_zone, business_date.year, business_date.year)
        position = days.position_of_date(business_date)
        return us_to_timestamp(int(days.starts_us[position])), us_to_timestamp(int(days.starts_us[position + 1]))

    def cut_off(self, business_date: date) -> pd.Timestamp:
        """The instant up to which a plan made in the night after this date may look: the end of the local day, in UTC.

        Only events strictly before it count.

        Example:
            >>> IntervalGrid("Europe/Amsterdam", 30).cut_off(date(2026, 11, 12)).isoformat()
            '2026-11-12T23:00:00+00:00'
        """
        return self.day_bounds(business_date)[1]

    @property
    def _step_us(self) -> int:
        return self.interval_minutes * 60 * SECOND_US

    def _locate(self, instants_us: IntArray, missing: np.ndarray) -> tuple[LocalDays, IntArray]:
        """The days that cover the instants and the place of each instant's day; missing instants get the first's."""
        known = instants_us[~missing]
        days = days_around(self.time_zone, known)
        # A missing instant reads 1970, which the days need not cover; it borrows another's place and is masked later.
        filler = int(known[0]) if known.size else 0
        return days, days.positions_of_instants(np.where(missing, filler, instants_us))
