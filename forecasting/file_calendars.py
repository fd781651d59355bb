"""What the queues of a file learn from each other: their week, their holidays, and a calendar for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import Opening
from forecasting.calendar import BoolArray, QueueCalendar, queue_calendar
from forecasting.features import Design, make_design
from forecasting.file_history import QueueHistory
from forecasting.holiday_custom import CLOSED, LOW, WORKED_THROUGH, Custom, majority
from forecasting.learnt_opening import Week, holiday_states, learn_opening, learn_week, yearly_closures

_USUAL_WEEKEND = frozenset({5, 6})
_QUIETER = 0.95


@dataclass(frozen=True, eq=False)
class LearntQueue:
    """A queue with all that its history says about when it is open.

    Attributes:
        history: what came; days without row are 0 where rows stand for contacts only, days not whole are not known.
        week: its week.
        opening: its opening, past and future.
        day_of_rest: open weekday that a holiday resembles on which contacts come; None where none is quieter than the others.
    """

    history: QueueHistory
    week: Week
    opening: Opening
    day_of_rest: int | None

    @property
    def hours(self) -> str:
        """A word that is the same for queues of the same intervals and weekly hours."""
        return f"{self.history.grain_minutes} {sorted(self.opening.weekly.items())}"


def learn_queues(histories: Mapping[str, QueueHistory], holidays: HolidayCalendar | None, last: date) -> dict[str, LearntQueue]:
    """Learn every queue's opening.

    Args:
        histories: by name.
        holidays: the country's, None if not known.
        last: last date to be forecast.
    """
    alone = {name: learn_week(history, holidays) for name, history in histories.items()}
    peers = _common_week(list(alone.values()))
    weeks = {
        name: alone[name] if alone[name].is_seen.all() else learn_week(history, holidays, peers)
        for name, history in histories.items()
    }
    states = {name: holiday_states(history, weeks[name], holidays) for name, history in histories.items()}
    named = {holiday for found in states.values() for holiday in found}
    others = {h: state for h in named if (state := majority([found[h] for found in states.values() if h in found])) is not None}
    yearly = frozenset[tuple[int, int]]() if holidays else yearly_closures([(histories[name], weeks[name]) for name in histories])
    common = majority(state for h, state in others.items() if h not in WORKED_THROUGH)
    result = {}
    for name, history in histories.items():
        own = majority(state for h, state in states[name].items() if h not in WORKED_THROUGH)
        usual = own or common or (LOW if weeks[name].is_open.all() else CLOSED)
        custom = Custom(states[name], others, usual, yearly)
        opening = learn_opening(history, weeks[name], holidays, custom, last)
        rest = _day_of_rest(history, weeks[name], _USUAL_WEEKEND if holidays is None else holidays.weekend)
        result[name] = LearntQueue(replace(history, daily=weeks[name].daily), weeks[name], opening, rest)
    return result


def queue_calendars(
    queues: Mapping[str, LearntQueue], first: date, last: date
) -> tuple[dict[str, QueueCalendar], dict[str, Design]]:
    """Calendar and design of every queue from first to last date.

    Queues open on the same days share them and are fitted together: at which hours makes no difference to a day, since a day of
    the file is open at its weekday's hours or not at all.
    """
    made: dict[str, QueueCalendar] = {}
    calendars, designs = {}, {}
    for name, queue in queues.items():
        opening = queue.opening
        near = {day for day in opening.exceptions if first - timedelta(days=60) <= day <= last + timedelta(days=60)}
        holidays = sorted(opening.holidays)  # type: ignore[arg-type]
        weekdays = [weekday for weekday in range(7) if opening.weekly[weekday]]
        key = f"{weekdays} {sorted(near)} {holidays} {queue.day_of_rest}"
        if key not in made:
            made[key] = _with_rest(queue_calendar(opening, first, last, deferred=False), queue.day_of_rest)
        calendars[name], designs[name] = made[key], make_design(made[key])
    return calendars, designs


def _with_rest(calendar: QueueCalendar, day_of_rest: int | None) -> QueueCalendar:
    """The calendar in which open holidays resemble the weekday that history shows to be the day of rest."""
    weekday = calendar.frame["weekday"].to_numpy(dtype=np.int64)
    holiday = calendar.frame["is_holiday"].to_numpy(dtype=bool) & calendar.takes_contacts
    like = weekday if day_of_rest is None else np.where(holiday, day_of_rest, weekday)
    return replace(calendar, weekday_like=like.astype(np.int64))


def _day_of_rest(history: QueueHistory, week: Week, weekend: Collection[int]) -> int | None:
    """The quietest open day of the country's weekend, if it is quieter than the week."""
    weekday = (history.first.weekday() + np.arange(len(week.daily))) % 7
    means = [float(np.nanmean(of)) if np.isfinite(of := week.daily[weekday == number]).any() else np.nan for number in range(7)]
    able = [number for number in sorted(weekend) if week.is_open[number] and np.isfinite(means[number])]
    if not able:
        return None
    rest = min(able, key=lambda number: means[number])
    return rest if means[rest] < _QUIETER * float(np.nanmean(week.daily)) else None


def _common_week(weeks: list[Week]) -> BoolArray | None:
    """Weekdays on which most queues that have shown them are open; None where no queue has shown any."""
    seen = np.array([week.is_seen for week in weeks])
    is_open = np.array([week.is_open for week in weeks])
    if not seen.any():
        return None
    times = seen.sum(axis=0)
    return np.asarray(np.where(times > 0, 2 * (seen & is_open).sum(axis=0) >= times, True), dtype=bool)
