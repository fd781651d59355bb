"""The business calendar as numbers: one row per date, one column per effect, in named groups.

What moves contact volumes most is the place in the business month, the day after a closure and the days around holidays
(Weinberg, Brown, Stroud 2007, and what was measured on real series), so these get columns of their own. All effects are held
toward zero by their penalty: a rare one needs evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from forecasting.calendar import BoolArray, FloatArray, IntArray, QueueCalendar

WEEKDAY, CALENDAR, HOLIDAY, SEASON = "weekday", "calendar", "holiday", "season"
DAYS_PER_YEAR = 365.25
MIDDLE_OF_MONTH = 15
_MONTH_START_DAYS = 4
_MONTH_END_DAYS = 3
_WEEKDAY_PENALTY = 0.05
_EFFECT_PENALTY = 1.0
_SEASON_PENALTY = 4.0
_DAYS_FOR_SEASON = 300
_DAYS_FOR_MONTH_WAVES = 180
"""Waves over the month look like a drifting level in a few months of history; they paid on no real series below that."""
_DAYS_FOR_MIDDLE_OF_MONTH = 120
"""Days around the fifteenth are two of a month; below four months they cost more than they gave on all real series."""


@dataclass(frozen=True, eq=False)
class Design:
    """Effects by date for a linear model of log counts.

    Attributes:
        matrix: dates x columns; 0 is "nothing special".
        names: name of each column.
        groups: which driver each column belongs to: weekday, calendar, holiday or season.
        penalty: how strongly each column is held at zero, in days of evidence.
        fewest_days: by column, from the first to the last day to learn from, below which it is left at zero.
    """

    matrix: FloatArray
    names: tuple[str, ...]
    groups: tuple[str, ...]
    penalty: FloatArray
    fewest_days: IntArray

    def positions(self, *groups: str) -> IntArray:
        """Positions of the columns of some groups, in order."""
        return np.array([index for index, group in enumerate(self.groups) if group in groups], dtype=np.int64)


@dataclass
class _Columns:
    """Collects the columns of a design."""

    values: list[FloatArray] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    penalty: list[float] = field(default_factory=list)
    fewest_days: list[int] = field(default_factory=list)

    def add(
        self,
        group: str,
        name: str,
        values: FloatArray | BoolArray | pd.Series,
        penalty: float = _EFFECT_PENALTY,
        fewest_days: int = 0,
    ) -> None:
        self.values.append(np.asarray(values, dtype=np.float64))
        self.names.append(name)
        self.groups.append(group)
        self.penalty.append(penalty)
        self.fewest_days.append(fewest_days)

    def design(self) -> Design:
        values, names, groups = np.column_stack(self.values), tuple(self.names), tuple(self.groups)
        return Design(values, names, groups, np.array(self.penalty), np.array(self.fewest_days, dtype=np.int64))


@lru_cache(maxsize=32)
def make_design(calendar: QueueCalendar, *, yearly_terms: int = 3) -> Design:
    """The effects of a queue's calendar.

    Args:
        calendar: past and future dates.
        yearly_terms: pairs of sine and cosine for the season of the year.

    Returns:
        A design without intercept; a column that is never anything but 0 stays, so that designs of all queues have the same
        columns. The same calendar gives the same object: a backtest asks for it at every origin.

    Example:
        >>> from datetime import date, time
        >>> from enterprise.opening import Opening
        >>> from forecasting.calendar import queue_calendar
        >>> office = Opening({day: [(time(9), time(17))] for day in range(5)}, "Europe/Amsterdam")
        >>> design = make_design(queue_calendar(office, date(2026, 11, 2), date(2026, 11, 3), deferred=False))
        >>> [name for name, value in zip(design.names, design.matrix[0]) if value == 1.0]
        ['weekday_0', 'business_day_1']
    """
    columns = _Columns()
    for weekday in range(7):
        columns.add(WEEKDAY, f"weekday_{weekday}", calendar.weekday_like == weekday, _WEEKDAY_PENALTY)
    _add_month(calendar, columns)
    _add_closures(calendar, columns)
    day_of_year = np.array([day.timetuple().tm_yday for day in calendar.frame["business_date"]], dtype=np.float64)
    for term in range(1, yearly_terms + 1):
        angle = 2.0 * np.pi * term * day_of_year / DAYS_PER_YEAR
        columns.add(SEASON, f"year_sin_{term}", np.sin(angle), _SEASON_PENALTY * term, _DAYS_FOR_SEASON)
        columns.add(SEASON, f"year_cos_{term}", np.cos(angle), _SEASON_PENALTY * term, _DAYS_FOR_SEASON)
    return columns.design()


def _add_month(calendar: QueueCalendar, columns: _Columns) -> None:
    """Place in the business month from both ends, the middle of the month, and pay days."""
    frame = calendar.frame
    is_open = frame["is_open"].to_numpy(dtype=bool)
    from_start = frame["business_day_of_month"].to_numpy(dtype=np.int64)
    to_end = frame["business_days_to_month_end"].to_numpy(dtype=np.int64)
    for number in range(1, _MONTH_START_DAYS + 1):
        columns.add(CALENDAR, f"business_day_{number}", is_open & (from_start == number))
    for number in range(_MONTH_END_DAYS):
        columns.add(CALENDAR, f"business_day_{number}_from_end", is_open & (to_end == number))
    place = (from_start - 0.5) / np.maximum(from_start + to_end, 1)
    for term in (1, 2):
        wave = 2.0 * np.pi * term * place
        columns.add(CALENDAR, f"month_sin_{term}", np.sin(wave) * is_open, 2.0 * term, _DAYS_FOR_MONTH_WAVES)
        columns.add(CALENDAR, f"month_cos_{term}", np.cos(wave) * is_open, 2.0 * term, _DAYS_FOR_MONTH_WAVES)
    days = pd.Series([day.day for day in frame["business_date"]])
    since_open = frame["days_since_last_open"].to_numpy(dtype=np.int64)
    # A fifteenth on a closed day makes itself felt on the next open one.
    reached = is_open & (days >= MIDDLE_OF_MONTH).to_numpy() & (days - since_open < MIDDLE_OF_MONTH).to_numpy()
    columns.add(CALENDAR, "middle_of_month", reached, fewest_days=_DAYS_FOR_MIDDLE_OF_MONTH)
    columns.add(CALENDAR, "after_middle_of_month", _next_open(reached, is_open), fewest_days=_DAYS_FOR_MIDDLE_OF_MONTH)
    if "days_since_pay_day" in frame:
        since_pay = frame["days_since_pay_day"].to_numpy(dtype=np.float64, na_value=np.nan)
        to_pay = frame["days_to_pay_day"].to_numpy(dtype=np.float64, na_value=np.nan)
        columns.add(CALENDAR, "pay_day", is_open & (since_pay == 0))
        columns.add(CALENDAR, "after_pay_day", is_open & (since_pay >= 1) & (since_pay - since_open < 1))
        columns.add(CALENDAR, "before_pay_day", is_open & (to_pay == 1))


def _add_closures(calendar: QueueCalendar, columns: _Columns) -> None:
    """Holidays and closures, the days around them, openings that differ, and the turn of the year."""
    frame = calendar.frame
    is_open = frame["is_open"].to_numpy(dtype=bool)
    after = frame["is_day_after_closure"].to_numpy(dtype=bool)
    columns.add(HOLIDAY, "holiday", frame["is_holiday"].to_numpy(dtype=bool) & calendar.takes_contacts)
    columns.add(HOLIDAY, "eve_of_holiday", frame["is_eve_of_holiday"].to_numpy(dtype=bool) & is_open)
    columns.add(HOLIDAY, "day_after_closure", after)
    columns.add(HOLIDAY, "second_day_after_closure", _next_open(after, is_open))
    columns.add(HOLIDAY, "bridge_day", frame["is_bridge_day"].to_numpy(dtype=bool))
    if "is_school_holiday" in frame:
        columns.add(CALENDAR, "school_holiday", frame["is_school_holiday"].to_numpy(dtype=bool) & calendar.takes_contacts)
    turn = pd.Series([(day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 1) for day in frame["business_date"]])
    columns.add(HOLIDAY, "turn_of_the_year", turn.to_numpy(dtype=bool))
    columns.add(CALENDAR, "opening_differs", _opening_differs(frame))


def _next_open(flags: BoolArray, is_open: BoolArray) -> BoolArray:
    """The open day after each flagged one."""
    places = np.flatnonzero(is_open)
    result = np.zeros(len(flags), dtype=bool)
    result[places[1:]] = flags[places[:-1]]
    return result


def _opening_differs(frame: pd.DataFrame) -> FloatArray:
    """Log of open time over the weekday's usual; 0 on closed days."""
    seconds = frame["open_seconds"].to_numpy(dtype=np.float64)
    usual = frame.assign(seconds=np.where(seconds > 0, seconds, np.nan)).groupby("weekday")["seconds"].transform("median")
    ratio = np.where((seconds > 0) & (usual.to_numpy() > 0), seconds / usual.to_numpy(), 1.0)
    return np.asarray(np.log(ratio), dtype=np.float64)
