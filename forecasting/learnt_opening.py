"""When a queue is open, learnt from what came: its week, its hours, its closed days and which holidays it keeps.

A day on which nothing came although many contacts were expected was closed; where few are expected it was a quiet day. What
a queue itself has not shown is taken from the other queues of the file, and at last from custom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

import numpy as np

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import WHOLE_DAY, Opening
from enterprise.spans import LocalSpan
from forecasting.calendar import BoolArray, FloatArray
from forecasting.file_grain import DAY_MINUTES
from forecasting.file_history import QueueHistory
from forecasting.holiday_custom import CLOSED, LOW, ORDINARY, Custom, names_on

_RECENT_WEEKS = 10
_FEWEST_DATES = 3
_OPEN_SHARE = 0.3
_LOW_COUNT = 10.0
_CHANCE_OF_NOTHING = 0.05
_CERTAINLY_SOME = 15.0
"""Contacts expected from which on none at all means closed."""
_SPARSE_COUNT = 5.0
_LONGEST_CLOSURE_DAYS = 10
_CLOSED_BELOW, _LOW_BELOW = 0.03, 0.85
_WEEKS_AROUND = 5
_SLOT_SHARE = 0.0005
_FEW_CONTACTS = 300.0
_SURE_OF_SLOT = 10.0


@dataclass(frozen=True, eq=False)
class Week:
    """A queue's week before holidays are looked at.

    Attributes:
        is_open: by weekday, Monday first.
        is_seen: weekdays with enough dates to tell.
        daily: contacts per date; days without row are 0 where rows stand for contacts only.
    """

    is_open: BoolArray
    is_seen: BoolArray
    daily: FloatArray


def learn_week(history: QueueHistory, holidays: HolidayCalendar | None, peers: BoolArray | None = None) -> Week:
    """The weekdays on which a queue takes contacts.

    Args:
        history: the queue.
        holidays: the country's, which say nothing about the week; None if not known.
        peers: weekdays on which most other queues are open, for weekdays that this one has not shown yet.

    Example:
        >>> came = np.array([40.0, 38, 41, 39, 40, 0, 0] * 4)
        >>> office = QueueHistory("sales", 1440, date(2026, 11, 2), came, *[np.zeros(0, int)] * 3)
        >>> learn_week(office, None).is_open.tolist()
        [True, True, True, True, True, False, False]
    """
    dates = [history.first + timedelta(days=k) for k in range(len(history.daily))]
    not_known = np.array([day in history.unknown for day in dates], dtype=bool)
    daily = np.where(not_known, np.nan, _filled(history.daily))
    weekday = (history.first.weekday() + np.arange(len(daily))) % 7
    ordinary = np.array([holidays is None or holidays.name_of(day) is None for day in dates], dtype=bool)
    # A queue that has ended, or whose feed is late, was not closed since its last row.
    ordinary &= (np.arange(len(daily)) < _days_with_feed(daily)) & ~not_known
    came = np.nan_to_num(daily)
    typical = float(np.mean(came[came > 0])) if (came > 0).any() else 0.0
    is_open, is_seen = np.zeros(7, dtype=bool), np.zeros(7, dtype=bool)
    for number in range(7):
        rows = np.flatnonzero((weekday == number) & ordinary)
        recent = came[rows[-_RECENT_WEEKS:]]
        is_seen[number] = len(recent) >= _FEWEST_DATES
        if not is_seen[number]:
            unknown = True if peers is None else bool(peers[number])
            is_open[number] = bool((recent > 0).any()) or (not len(recent) and unknown)
            if not is_open[number] and unknown and ordinary.any():
                # Of a queue with few contacts, one empty Sunday is chance, unless other queues close on Sundays.
                is_open[number] = _is_chance(came[ordinary], len(recent))
        elif typical < _LOW_COUNT:
            # Where little comes, nothing for weeks may be chance: a closed day has to be clearer than that.
            is_open[number] = came[rows].sum() > 0 or _is_chance(came[ordinary], len(rows))
        else:
            is_open[number] = np.mean(recent > 0) > _OPEN_SHARE
    if not is_open.any():
        is_open = np.ones(7, dtype=bool)
    return Week(is_open, is_seen, daily)


def _is_chance(came: FloatArray, days: int) -> bool:
    """Whether nothing on so many days of one weekday may be chance, were it open with a third of the usual contacts."""
    return bool(np.exp(-0.3 * float(np.mean(came)) * days) > _CHANCE_OF_NOTHING)


def holiday_states(history: QueueHistory, week: Week, holidays: HolidayCalendar | None) -> dict[str, str]:
    """What a queue did on each holiday the last time it fell on one of its days: closed, low or ordinary."""
    if holidays is None:
        return {}
    states: dict[str, str] = {}
    for row in range(len(week.daily)):
        day = history.first + timedelta(days=row)
        if not week.is_open[day.weekday()] or day in history.unknown or (name := holidays.name_of(day)) is None:
            continue
        expected = _expected(week.daily, row, holidays, history.first)
        if expected < _CERTAINLY_SOME / 2.0:
            continue
        ratio = float(np.nan_to_num(week.daily[row])) / expected
        state = CLOSED if ratio < _CLOSED_BELOW else LOW if ratio < _LOW_BELOW else ORDINARY
        states |= dict.fromkeys(names_on(name), state)
    return states


def learn_opening(history: QueueHistory, week: Week, holidays: HolidayCalendar | None, custom: Custom, last: date) -> Opening:
    """Opening hours of a queue, past and future.

    Args:
        history: the queue.
        week: its week.
        holidays: the country's, or None.
        custom: what is done on holidays here.
        last: last date to be forecast.

    Returns:
        Opening in the wall clock's own time (its zone is UTC: a clock change makes no day shorter here), with an exception for
        each closed date. Holidays on which business goes on as ever are none.
    """
    margin = timedelta(days=430)
    first_date, last_date = history.first - margin, last + margin
    observed: set[date] = set()
    exceptions: dict[date, Sequence[LocalSpan]] = {}
    day = first_date
    while holidays is not None and day <= last_date:
        name = holidays.name_of(day)
        state = ORDINARY if name is None else custom.state(name)
        if state != ORDINARY:
            observed.add(day)
        if state == CLOSED:
            exceptions[day] = ()
        day += timedelta(days=1)
    weekly = {weekday: [WHOLE_DAY] for weekday in range(7) if week.is_open[weekday]}
    if not history.is_daily:
        slots = open_slots(history, week)
        weekly = {weekday: [_span(slots[weekday], history.grain_minutes)] for weekday in weekly}
    for row, came in _closures(history, week, holidays).items():
        closed_day = history.first + timedelta(days=row)
        if came:
            exceptions.pop(closed_day, None)
        else:
            exceptions[closed_day] = ()
    for month, number in custom.yearly_closures:
        for year in range(first_date.year, last_date.year + 1):
            moved = date(year, month, number)
            if moved > history.first + timedelta(days=len(week.daily) - 1):
                exceptions[moved] = ()
    return Opening(weekly, "UTC", exceptions=exceptions, holidays=frozenset(observed), open_on_holidays=True)


def open_slots(history: QueueHistory, week: Week) -> BoolArray:
    """Intervals of the day in which contacts come, by weekday: from the first to the last used one, pauses left out.

    A weekday with few contacts also takes the hours of all days together.
    """
    slots = DAY_MINUTES // history.grain_minutes
    weekday = (history.first.weekday() + history.day) % 7
    recent = history.day >= len(week.daily) - 26 * 7
    counts = np.zeros((7, slots))
    np.add.at(counts, (weekday[recent], history.minute[recent] // history.grain_minutes), history.contacts[recent])
    if not counts.any():
        np.add.at(counts, (weekday, history.minute // history.grain_minutes), history.contacts)
    every_day = _window(counts.sum(axis=0))
    result = np.zeros((7, slots), dtype=bool)
    for number in range(7):
        own = counts[number]
        result[number] = _window(own) if own.sum() > 0 else every_day
        if own.sum() < _FEW_CONTACTS:
            result[number] |= every_day
    return result


def _window(counts: FloatArray) -> BoolArray:
    total = counts.sum()
    used = np.flatnonzero(counts > _SLOT_SHARE * total / 10.0 if total > 20.0 / _SLOT_SHARE else counts > 0)
    window = np.zeros(len(counts), dtype=bool)
    if not used.size:
        return ~window
    window[used[0] : used[-1] + 1] = True
    if total / window.sum() >= _SURE_OF_SLOT:
        window &= counts > 0
    return window


def _span(slots: BoolArray, grain: int) -> LocalSpan:
    used = np.flatnonzero(slots)
    start, end = int(used[0]) * grain, (int(used[-1]) + 1) * grain
    opens = time(start // 60, start % 60)
    return (opens, WHOLE_DAY[1]) if end >= DAY_MINUTES else (opens, time(end // 60, end % 60))


def _filled(daily: FloatArray) -> FloatArray:
    """Contacts per date; missing ones are 0 where a series has rows for contacts only: small numbers and never a zero."""
    known = daily[np.isfinite(daily)]
    gaps = np.isnan(daily)
    if gaps.any() and known.size and (known > 0).all() and np.median(known) <= _SPARSE_COUNT and gaps.mean() > 0.05:
        return np.nan_to_num(daily)
    return daily


def _expected(daily: FloatArray, row: int, holidays: HolidayCalendar | None, first: date) -> float:
    """Median of the same weekday in the weeks around, holidays left out; 0 where nothing is known."""
    around = [row + 7 * step for step in range(-_WEEKS_AROUND, _WEEKS_AROUND + 1) if step]
    values = [
        daily[at]
        for at in around
        if 0 <= at < len(daily)
        and np.isfinite(daily[at])
        and (holidays is None or holidays.name_of(first + timedelta(days=at)) is None)
    ]
    return float(np.median(values)) if values else 0.0


def _closures(history: QueueHistory, week: Week, holidays: HolidayCalendar | None) -> Mapping[int, bool]:
    """Dates of the past (as positions) of which the week or a holiday says something else than what came: open or not."""
    daily = week.daily
    said = {}
    empty = ~(np.nan_to_num(daily) > 0)
    run = _run_lengths(empty & week.is_open[(history.first.weekday() + np.arange(len(daily))) % 7])
    for row in range(_days_with_feed(daily)):
        day = history.first + timedelta(days=row)
        is_holiday = holidays is not None and holidays.name_of(day) is not None
        if not week.is_open[day.weekday()] or day in history.unknown:
            continue
        if not empty[row]:
            if is_holiday and daily[row] >= max(_CLOSED_BELOW * _expected(daily, row, holidays, history.first), 1.0):
                said[row] = True
        elif run[row] <= _LONGEST_CLOSURE_DAYS and _expected(daily, row, holidays, history.first) >= _CERTAINLY_SOME:
            said[row] = False
    return said


def _days_with_feed(daily: FloatArray) -> int:
    """Days up to the last one with a row."""
    return int(np.flatnonzero(np.isfinite(daily)).max(initial=-1)) + 1


def _run_lengths(flags: BoolArray) -> np.ndarray:
    result = np.zeros(len(flags), dtype=np.int64)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int64), [0]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        result[start:end] = end - start
    return result


def yearly_closures(histories: Sequence[tuple[QueueHistory, Week]]) -> frozenset[tuple[int, int]]:
    """Months and days on which queues without a known holiday calendar closed each year: two years agree, or all queues do."""
    seen: dict[tuple[int, int], list[bool]] = {}
    for history, week in histories:
        for row, came in _closures(history, week, None).items():
            day = history.first + timedelta(days=row)
            if not came and (day.month, day.day) != (2, 29):
                seen.setdefault((day.month, day.day), []).append(True)
    years = {key: _times_open(histories, key) for key in seen}
    return frozenset(
        key
        for key, closed in seen.items()
        if len(closed) >= 0.8 * years[key] and (len(closed) >= 2 or key in ((1, 1), (12, 25), (12, 26)))
    )


def _times_open(histories: Sequence[tuple[QueueHistory, Week]], key: tuple[int, int]) -> int:
    """How often this date fell on a day on which a queue takes contacts."""
    times = 0
    for history, week in histories:
        last = history.first + timedelta(days=len(week.daily) - 1)
        for year in range(history.first.year, last.year + 1):
            day = date(year, *key)
            times += int(history.first <= day <= last and bool(week.is_open[day.weekday()]))
    return times
