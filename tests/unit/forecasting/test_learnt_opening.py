"""Opening learnt from history: weeks that differ, closed days that are closed and not zero, holidays as they were kept."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from enterprise.holiday_calendar import HolidayCalendar
from forecasting.file_calendars import learn_queues, queue_calendars
from forecasting.file_door import false_start
from forecasting.file_history import QueueHistory

FIRST = date(2025, 1, 6)  # a Monday
DAYS = 420
NO_ROWS = np.zeros(0, dtype=np.int64)


def series(daily: np.ndarray, first: date = FIRST) -> QueueHistory:
    return QueueHistory("calls", 1440, first, daily, NO_ROWS, NO_ROWS, np.zeros(0))


def takes_contacts(daily: np.ndarray, holidays: HolidayCalendar | None = None, ahead: int = 60) -> dict[date, bool]:
    last = FIRST + timedelta(days=len(daily) - 1 + ahead)
    learnt = learn_queues({"calls": series(daily)}, holidays, last)
    calendars, _ = queue_calendars(learnt, FIRST, last)
    return {FIRST + timedelta(days=k): bool(taken) for k, taken in enumerate(calendars["calls"].takes_contacts)}


def week(counts: list[float], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(np.tile(counts, DAYS // 7)).astype(float)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize(
    "counts",
    [
        [200.0, 200, 200, 200, 200, 0, 0],
        [200.0, 200, 200, 200, 0, 0, 200],
        [200.0] * 7,
        [200.0, 200, 200, 200, 200, 40, 0],
    ],
    ids=["office", "Sunday to Thursday", "every day", "Saturday short"],
)
def test_the_week_is_learnt_whether_closed_days_are_zero_or_have_no_row(counts: list[float], missing: bool) -> None:
    daily = week(counts)
    if missing:
        daily[daily == 0] = np.nan
    taken = takes_contacts(daily)
    ahead = [taken[FIRST + timedelta(days=DAYS + k)] for k in range(14)]
    assert ahead == [count > 0 for count in counts] * 2


def test_zeros_of_a_small_queue_are_quiet_days_and_not_closed() -> None:
    daily = np.random.default_rng(2).poisson(0.4, DAYS).astype(float)
    assert all(takes_contacts(daily).values())


def test_a_day_without_contacts_of_a_large_queue_was_closed() -> None:
    daily = week([200.0] * 7)
    daily[100] = 0.0
    taken = takes_contacts(daily)
    assert not taken[FIRST + timedelta(days=100)]
    assert taken[FIRST + timedelta(days=DAYS + 35)]


def holiday_series(factor: dict[str, float]) -> np.ndarray:
    daily = week([200.0] * 5 + [0, 0])
    calendar = HolidayCalendar("US")
    for row in range(DAYS):
        name = calendar.name_of(FIRST + timedelta(days=row))
        if name is not None:
            daily[row] *= factor.get(name, factor[""])
    return daily


def test_holidays_are_kept_as_the_history_kept_them() -> None:
    daily = holiday_series({"": 0.0, "Columbus Day": 1.0, "Martin Luther King Jr. Day": 1.0})
    taken = takes_contacts(daily, HolidayCalendar("US"), ahead=420)
    assert not taken[date(2026, 11, 26)]  # Thanksgiving: closed a year before
    assert not taken[date(2026, 5, 25)]  # Memorial Day
    assert taken[date(2026, 10, 12)]  # Columbus Day: business as ever a year before
    assert taken[date(2026, 1, 19)]  # Martin Luther King Jr. Day


def test_a_holiday_not_seen_yet_is_kept_as_the_others_but_for_those_that_business_works_through() -> None:
    daily = holiday_series({"": 0.0})[:130]  # to 15 May
    taken = takes_contacts(daily, HolidayCalendar("US"), ahead=200)
    assert not taken[date(2025, 7, 4)]
    assert taken[date(2025, 10, 13)]  # Columbus Day


def test_a_false_start_is_found_and_an_ordinary_start_is_not() -> None:
    rng = np.random.default_rng(4)
    held_back = np.concatenate([rng.poisson(10, 24), [3000], rng.poisson(300, 60)]).astype(float)
    assert false_start(held_back) == 25
    assert false_start(rng.poisson(300, 85).astype(float)) == 0
    one_storm = rng.poisson(300, 85).astype(float)
    one_storm[20] = 3000
    assert false_start(one_storm) == 0


def test_a_day_that_is_said_to_be_unknown_is_neither_closed_nor_a_holiday_kept() -> None:
    holidays = HolidayCalendar("NL", None)
    daily = week([200.0] * 7)
    easter, ordinary = date(2025, 4, 21), date(2025, 6, 17)
    for day in (easter, ordinary):
        daily[(day - FIRST).days] = np.nan
    last = FIRST + timedelta(days=DAYS + 60)

    def exceptions(history: QueueHistory) -> set[date]:
        return set(learn_queues({"calls": history}, holidays, last)["calls"].opening.exceptions)

    without_rows = exceptions(series(daily))
    assert {easter, ordinary, date(2026, 4, 6)} <= without_rows
    assert exceptions(replace(series(daily), unknown=frozenset({easter, ordinary}))).isdisjoint(without_rows)
