"""The business clock: time that passes only while a queue is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from enterprise.errors import SettingsError
from enterprise.grid import IntervalGrid
from enterprise.local_time import (
    FIRST_YEAR,
    LAST_YEAR,
    SECOND_US,
    IntArray,
    instants_to_us,
    us_to_instants,
    us_to_timestamp,
)
from enterprise.opening import Opening, OpenTimeline, open_timeline


@dataclass(frozen=True)
class BusinessClock:
    """Due times and ages of deferred work, counted in open time.

    Attributes:
        opening: when the queue is open.
        grid: the enterprise's intervals, for open time per interval.
        queue_id: whose clock this is, for messages.

    Example:
        >>> from datetime import time
        >>> office = Opening({day: [(time(9), time(17))] for day in range(5)}, "Europe/Amsterdam")
        >>> clock = BusinessClock(office, IntervalGrid("Europe/Amsterdam", 30), "email_service")
        >>> friday_evening = pd.Series(pd.to_datetime(["2026-03-27T20:00:00Z"]))
        >>> clock.add_open_seconds(friday_evening, 3600).iloc[0].isoformat()  # Monday 10:00 local, now summer time
        '2026-03-30T08:00:00+00:00'
    """

    opening: Opening
    grid: IntervalGrid
    queue_id: str = "(unnamed)"

    def add_open_seconds(self, instants_utc: pd.Series, seconds: float | pd.Series) -> pd.Series:
        """When that much open time has passed since each instant: the due time of work that arrived then.

        The clock of an instant outside the hours starts at the next opening. Work whose time is up exactly at closing is
        due at closing, not at the next opening; with 0 seconds it is due at once, or at the next opening.

        Args:
            instants_utc: timestamps with a time zone, missing ones allowed.
            seconds: open seconds >= 0 (to the microsecond), one for all or one for each on the same index.

        Returns:
            UTC timestamps on the same index, NaT where an instant or its seconds are missing.

        Raises:
            SettingsError: if the queue is not open at all for a year while time is still to be counted.
            ValueError: if seconds are negative or infinite, indexes differ, or an instant or due time leaves the years
                1901 to 2199.
        """
        instants_us, missing = instants_to_us(instants_utc, "instants_utc")
        allowed = _seconds_for(seconds, instants_utc.index)
        missing = missing | np.isnan(allowed)
        bad = ~missing & ~((allowed >= 0) & np.isfinite(allowed))
        if bad.any():
            raise ValueError(f"seconds {allowed[bad][0]} at row {instants_utc.index[bad][0]!r}: expected >= 0 and finite")
        due_us = np.zeros_like(instants_us)
        known = ~missing
        if known.any():
            due_us[known] = self._due_us(instants_us[known], np.rint(allowed[known] * SECOND_US))
        return us_to_instants(due_us, missing, index=instants_utc.index, name="due_utc")

    def open_seconds_between(self, starts_utc: pd.Series, ends_utc: pd.Series) -> pd.Series:
        """Open time from each start to its end, in seconds.

        Args:
            starts_utc: timestamps with a time zone, missing ones allowed.
            ends_utc: the same, on the same index.

        Returns:
            Floats on the same index, to the microsecond; negative where the end comes first (overdue work measured until
            its due time), NaN where one is missing.

        Raises:
            ValueError: if indexes differ, timestamps have no zone, or one lies outside the years 1901 to 2199.
        """
        if not starts_utc.index.equals(ends_utc.index):
            raise ValueError(f"starts_utc and ends_utc have different indexes ({len(starts_utc)} and {len(ends_utc)} rows)")
        starts_us, no_start = instants_to_us(starts_utc, "starts_utc")
        ends_us, no_end = instants_to_us(ends_utc, "ends_utc")
        known = ~(no_start | no_end)
        seconds = np.full(len(starts_us), np.nan)
        if known.any():
            starts, ends = starts_us[known], ends_us[known]
            line = self._timeline(min(starts.min(), ends.min()), max(starts.max(), ends.max()), extra_years=0)
            seconds[known] = (line.open_us_before(ends) - line.open_us_before(starts)) / SECOND_US
        return pd.Series(seconds, index=starts_utc.index, name="open_seconds")

    def open_seconds_per_interval(self, dates: Iterable[date]) -> pd.DataFrame:
        """Open time of every interval of the dates; see `Opening.open_seconds_per_interval`."""
        return self.opening.open_seconds_per_interval(self.grid, dates)

    def _due_us(self, instants_us: IntArray, allowed_us: npt.NDArray[np.float64]) -> IntArray:
        line, counted_us = self._timeline_that_reaches(instants_us, allowed_us)
        closed_at_us = line.before_us + (line.closes_us - line.opens_us)  # open time at each span's end
        span = np.searchsorted(closed_at_us, counted_us, side="left")
        due = line.opens_us[span] + counted_us - line.before_us[span]
        # Nothing to count leaves outside the hours at the last closing: the clock starts at the opening after it.
        next_span = np.searchsorted(line.closes_us, instants_us, side="right")
        started: IntArray = np.maximum(instants_us, line.opens_us[next_span])
        later: IntArray = np.maximum(due, started)
        return later

    def _timeline_that_reaches(self, instants_us: IntArray, allowed_us: npt.NDArray[np.float64]) -> tuple[OpenTimeline, IntArray]:
        """Open time until every clock has run down, and what the standing clock shows then for each instant."""
        first, last = instants_us.min(), instants_us.max()
        extra_years, open_before_us = 1, -1
        while True:
            line = self._timeline(first, last, extra_years)
            counted = line.open_us_before(instants_us) + allowed_us
            if line.opens_us.size and counted.max() <= line.total_us and last < line.closes_us[-1]:
                return line, counted.astype(np.int64)
            until = _year_of(last) + extra_years
            if line.total_us == open_before_us or not line.total_us:
                raise SettingsError(
                    f"queue {self.queue_id!r} has no open time in {until}, so work that arrived until "
                    f"{us_to_timestamp(int(last)):%Y-%m-%d} is never due; expected open hours on some day of the year. "
                    "Give the queue opening hours, or take the exceptions away that close it."
                )
            if until >= LAST_YEAR - 1:
                raise ValueError(f"queue {self.queue_id!r}: a due time lies after {LAST_YEAR - 1}; expected fewer seconds")
            open_before_us = line.total_us
            extra_years = min(2 * extra_years, LAST_YEAR - 1 - _year_of(last))

    def _timeline(self, first_us: int, last_us: int, extra_years: int) -> OpenTimeline:
        first_year, last_year = _year_of(first_us), _year_of(last_us)
        if first_year <= FIRST_YEAR or last_year >= LAST_YEAR:
            raise ValueError(
                f"instants of queue {self.queue_id!r} run from {first_year} to {last_year}; expected the years "
                f"{FIRST_YEAR + 1} to {LAST_YEAR - 1}: send such rows to quarantine before asking for their due time"
            )
        # The local year can be one away from the year in UTC at New Year.
        return open_timeline(self.opening, first_year - 1, min(last_year + 1 + extra_years, LAST_YEAR))


def _seconds_for(seconds: float | pd.Series, index: pd.Index) -> npt.NDArray[np.float64]:
    if not isinstance(seconds, pd.Series):
        return np.full(len(index), float(seconds))
    if not seconds.index.equals(index):
        raise ValueError(f"seconds and instants_utc have different indexes ({len(seconds)} and {len(index)} rows)")
    return seconds.to_numpy(dtype=np.float64, na_value=np.nan)


def _year_of(instant_us: int) -> int:
    return int(np.datetime64(int(instant_us), "us").astype("datetime64[Y]").astype(np.int64)) + 1970
