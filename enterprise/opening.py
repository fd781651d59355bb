"""When a queue is open: weekly hours, exceptions and holidays, turned into spans of UTC.

One rule settles both clock changes: a queue is open exactly while the wall clock of its zone shows an open time on an open
date. So hours within the missing hour of spring give no time, hours within the doubled hour of autumn are open twice, and a
queue that is open around the clock works 23 and 25 hours on those days.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from enterprise.grid import IntervalGrid
from enterprise.holiday_calendar import COMPANY_HOLIDAY, HolidayCalendar
from enterprise.local_time import (
    DAY_US,
    SECOND_US,
    IntArray,
    LocalDays,
    instants_to_us,
    local_days,
    require_zone,
    us_to_timestamp,
)
from enterprise.spans import END_OF_DAY, LocalSpan, checked_spans

WeeklyHours = Mapping[int, Sequence[LocalSpan]]
"""Open spans by weekday, Monday = 0 to Sunday = 6; a weekday that is not there is closed."""

WHOLE_DAY: LocalSpan = (time(0), END_OF_DAY)
AROUND_THE_CLOCK: WeeklyHours = {weekday: (WHOLE_DAY,) for weekday in range(7)}


@dataclass(frozen=True)
class Opening:
    """Opening hours of a queue in its own time zone.

    What holds on a date: its exception if there is one; otherwise closed on a holiday unless `open_on_holidays`;
    otherwise the hours of its weekday.

    Attributes:
        weekly: open spans by weekday, Monday = 0. Spans of a day may touch but not overlap; hours over midnight are
            written as two spans, until 24:00 and from 00:00 of the next weekday.
        time_zone: name in the tz database.
        exceptions: open spans of single dates instead of all else; an empty list closes the date.
        holidays: a calendar, or simply the dates.
        open_on_holidays: True if holidays close nothing (they stay known as holidays).

    Raises:
        ValueError: if the zone or a weekday is unknown, or spans end before they begin or overlap.

    Example:
        >>> office = Opening({day: [(time(9), time(17))] for day in range(5)}, "Europe/Amsterdam")
        >>> office.open_seconds(date(2026, 11, 12)), office.open_seconds(date(2026, 11, 14))
        (28800, 0)
        >>> night = Opening(AROUND_THE_CLOCK, "Europe/Amsterdam")
        >>> [night.open_seconds(day) // 3600 for day in (date(2026, 3, 29), date(2026, 10, 25))]
        [23, 25]
    """

    weekly: WeeklyHours = field(hash=False)
    time_zone: str
    exceptions: Mapping[date, Sequence[LocalSpan]] = field(default_factory=dict, hash=False)
    holidays: HolidayCalendar | frozenset[date] = frozenset()
    open_on_holidays: bool = False

    def __post_init__(self) -> None:
        """Check, and bring to one form: every weekday present, spans sorted."""
        require_zone(self.time_zone)
        strange = [weekday for weekday in self.weekly if weekday not in range(7)]
        if strange:
            raise ValueError(f"weekly has weekday {strange[0]!r}; expected 0 (Monday) to 6 (Sunday)")
        weekly = {day: checked_spans(self.weekly.get(day, ()), f"weekday {day}") for day in range(7)}
        exceptions = {day: checked_spans(spans, f"exception {day}") for day, spans in self.exceptions.items()}
        object.__setattr__(self, "weekly", weekly)
        object.__setattr__(self, "exceptions", exceptions)
        if not isinstance(self.holidays, HolidayCalendar):
            object.__setattr__(self, "holidays", frozenset(self.holidays))

    def holiday_name(self, day: date) -> str | None:
        """The name of the holiday, None on other days; also where the queue is open all the same."""
        if isinstance(self.holidays, HolidayCalendar):
            return self.holidays.name_of(day)
        return COMPANY_HOLIDAY if day in self.holidays else None

    def hours_on(self, day: date) -> Sequence[LocalSpan]:
        """Open spans of a date on the wall clock, before any clock change is thought of; empty when closed."""
        if day in self.exceptions:
            return self.exceptions[day]
        if not self.open_on_holidays and self.holiday_name(day) is not None:
            return ()
        return self.weekly[day.weekday()]

    def open_spans(self, day: date) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """Open spans of a business date in UTC, in order, none touching the next; ends do not belong to them.

        Example:
            >>> early = Opening({6: [(time(2), time(6))]}, "Europe/Amsterdam")
            >>> [(opens.hour, closes.hour) for opens, closes in early.open_spans(date(2026, 3, 29))]  # 03:00-06:00 local
            [(1, 4)]
        """
        days = local_days(self.time_zone, day.year, day.year)
        return [(us_to_timestamp(opens), us_to_timestamp(closes)) for opens, closes in self._spans_us(days, day)]

    def open_seconds(self, day: date) -> int:
        """Open time of a business date in seconds, elapsed time."""
        days = local_days(self.time_zone, day.year, day.year)
        return sum(closes - opens for opens, closes in self._spans_us(days, day)) // SECOND_US

    def is_open_day(self, day: date) -> bool:
        """Whether the date has any open time."""
        return self.open_seconds(day) > 0

    def business_days(self, first: date, last: date) -> list[date]:
        """Open dates from first to last, both included."""
        count = (last - first).days + 1
        return [day for day in (first + timedelta(days=k) for k in range(count)) if self.is_open_day(day)]

    def open_seconds_per_interval(self, grid: IntervalGrid, dates: Iterable[date]) -> pd.DataFrame:
        """Open time of every grid interval of the dates, closed ones included.

        Args:
            grid: whose time zone may differ from that of the opening hours (a queue abroad): dates are the grid's.
            dates: business dates in any order; doubles count once.

        Returns:
            interval_start_utc (ascending), business_date, open_seconds (int, 0 to the length of the interval).
        """
        wanted = sorted(set(dates))
        first, last = (wanted[0], wanted[-1]) if wanted else (date.max, date.min)
        starts = pd.Series(grid.intervals_between(first, last))
        frame = pd.DataFrame({"interval_start_utc": starts, "business_date": grid.business_date(starts)})
        if len(wanted) <= (last - first).days:
            frame = frame[frame["business_date"].isin(set(wanted))].reset_index(drop=True)
        if frame.empty:
            return frame.assign(open_seconds=np.empty(0, dtype=np.int64))
        starts_us, _ = instants_to_us(frame["interval_start_utc"])
        ends_us, _ = instants_to_us(grid.interval_end(frame["interval_start_utc"]))
        spread = timedelta(days=2)  # dates of the same instant in two zones are never further apart
        line = open_timeline(self, (wanted[0] - spread).year, (wanted[-1] + spread).year)
        return frame.assign(open_seconds=(line.open_us_before(ends_us) - line.open_us_before(starts_us)) // SECOND_US)

    def _spans_us(self, days: LocalDays, day: date) -> list[tuple[int, int]]:
        hours = self.hours_on(day)
        spans: list[tuple[int, int]] = []
        if not hours:
            return spans
        for start, end, offset in days.pieces(day):
            # A piece has its own date on the clock, save where clocks went back over midnight: then the date before
            # shows once more, and those minutes have the hours of the business date they belong to.
            for midnight in range((start + offset) // DAY_US * DAY_US, end + offset, DAY_US):
                for opens, closes in hours:
                    first = max(start, midnight + _clock_us(opens) - offset)
                    last = min(end, midnight + _close_us(closes) - offset)
                    if first >= last:
                        continue
                    if spans and spans[-1][1] == first:
                        first = spans.pop()[0]
                    spans.append((first, last))
        return spans


@dataclass(frozen=True, eq=False)
class OpenTimeline:
    """Open spans in order with the open time before each: open time as a clock that stands still while closed.

    Attributes:
        opens_us: starts of the spans, microseconds since 1970 UTC.
        closes_us: their ends.
        before_us: open microseconds before each span, counted from the first.
    """

    opens_us: IntArray
    closes_us: IntArray
    before_us: IntArray

    @property
    def total_us(self) -> int:
        """All open time in microseconds."""
        return int(self.before_us[-1] + self.closes_us[-1] - self.opens_us[-1]) if self.opens_us.size else 0

    def open_us_before(self, instants_us: IntArray) -> IntArray:
        """Open time from the timeline's beginning to each instant, in microseconds."""
        if not self.opens_us.size:
            return np.zeros_like(instants_us)
        span = np.maximum(np.searchsorted(self.opens_us, instants_us, side="right") - 1, 0)
        lengths = self.closes_us - self.opens_us
        into_span: IntArray = np.clip(instants_us - self.opens_us[span], 0, lengths[span])
        return self.before_us[span] + into_span


def open_timeline(opening: Opening, first_year: int, last_year: int) -> OpenTimeline:
    """The open time of some years.

    Raises:
        ValueError: if the years do not lie in 1900 to 2200.
    """
    years = [_year_spans_us(opening, year) for year in range(first_year, last_year + 1)]
    opens = np.concatenate([opens for opens, _ in years])
    closes = np.concatenate([closes for _, closes in years])
    lengths = closes - opens
    return OpenTimeline(opens, closes, np.cumsum(lengths) - lengths)


@lru_cache(maxsize=512)
def _year_spans_us(opening: Opening, year: int) -> tuple[IntArray, IntArray]:
    days = local_days(opening.time_zone, year, year)
    first = date(year, 1, 1)
    dates = [first + timedelta(days=k) for k in range((date(year, 12, 31) - first).days + 1)]
    spans = np.array([span for day in dates for span in opening._spans_us(days, day)], dtype=np.int64).reshape(-1, 2)
    return spans[:, 0], spans[:, 1]


def _clock_us(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * SECOND_US


def _close_us(clock: time) -> int:
    return DAY_US if clock in (END_OF_DAY, time(0)) else _clock_us(clock)
