"""The business clock against walking the opening hours day by day, in any zone and across both clock changes."""

import zoneinfo
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.business_clock import BusinessClock
from enterprise.grid import IntervalGrid
from enterprise.opening import AROUND_THE_CLOCK, END_OF_DAY, Opening

ZONES = [
    *("Europe/Amsterdam", "America/New_York", "Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu"),
    *("America/Santiago", "Atlantic/Azores", "Antarctica/Troll", "Pacific/Chatham", "America/Havana", "UTC"),
]
FAR_ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})


@st.composite
def spans_of_a_day(draw: st.DrawFn) -> list[tuple[time, time]]:
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))  # quarter hours
    clock = [time(edge // 4, edge % 4 * 15) if edge < 96 else END_OF_DAY for edge in edges]
    return list(zip(clock[0::2], clock[1::2], strict=False))


@st.composite
def openings(draw: st.DrawFn, zones: list[str] = ZONES) -> Opening:
    weekly = draw(st.dictionaries(st.integers(0, 6), spans_of_a_day(), max_size=7))
    weekly[draw(st.integers(0, 6))] = [(time(9), time(17, 30))]  # never closed for good
    # Around the clock changes of northern spring and autumn, where exceptions are most likely to go wrong.
    special = st.dates(date(2026, 3, 20), date(2026, 4, 28)) | st.dates(date(2026, 10, 20), date(2026, 11, 5))
    return Opening(
        weekly,
        draw(st.sampled_from(zones)),
        exceptions=draw(st.dictionaries(special, spans_of_a_day(), max_size=5)),
        holidays=frozenset(draw(st.sets(special, max_size=5))),
        open_on_holidays=draw(st.booleans()),
    )


@st.composite
def instants_near_changes(draw: st.DrawFn, count: int = 5) -> pd.Series:
    start = draw(st.sampled_from([datetime(2026, 3, 5), datetime(2026, 3, 26), datetime(2026, 4, 20), datetime(2026, 10, 22)]))  # noqa: DTZ001
    seconds = draw(st.lists(st.integers(0, 14 * 86_400), min_size=1, max_size=count))
    return pd.Series(pd.DatetimeIndex([start + timedelta(seconds=s) for s in seconds]).as_unit("us").tz_localize("UTC"))


def clock_of(opening: Opening) -> BusinessClock:
    return BusinessClock(opening, IntervalGrid(opening.time_zone, 30), "email_claims")


def due_by_walking(opening: Opening, instant: pd.Timestamp, seconds: float) -> pd.Timestamp:
    """The slow second implementation: walk the spans day by day and count down."""
    day = instant.date() - timedelta(days=2)
    while True:
        for opens, closes in opening.open_spans(day):
            begins = max(opens, instant)
            if begins >= closes:
                continue
            available = (closes - begins).total_seconds()
            if seconds <= available:
                # At closing time exactly the next span has not begun: due at closing.
                return begins + pd.Timedelta(seconds=seconds)
            seconds -= available
        day += timedelta(days=1)


@given(openings(), instants_near_changes(), st.integers(0, 200 * 3600))
@settings(max_examples=60, deadline=None)
def test_due_times_are_those_found_by_walking_the_days(opening: Opening, instants: pd.Series, seconds: int) -> None:
    due = clock_of(opening).add_open_seconds(instants, seconds)
    assert due.tolist() == [due_by_walking(opening, instant, seconds) for instant in instants]


@given(openings(FAR_ZONES), instants_near_changes(), st.floats(0, 1e6))
@settings(max_examples=60, deadline=None)
def test_open_time_until_the_due_time_is_what_was_allowed(opening: Opening, instants: pd.Series, seconds: float) -> None:
    clock = clock_of(opening)
    due = clock.add_open_seconds(instants, seconds)
    assert (due >= instants).all()
    assert np.allclose(clock.open_seconds_between(instants, due), seconds, rtol=0, atol=1e-6)
    assert np.allclose(clock.open_seconds_between(due, instants), -seconds, rtol=0, atol=1e-6)


@given(openings(), instants_near_changes(), st.integers(0, 400_000), st.integers(1, 400_000))
@settings(max_examples=40, deadline=None)
def test_allowing_time_in_two_steps_gives_the_same_due_time(opening: Opening, instants: pd.Series, one: int, two: int) -> None:
    clock = clock_of(opening)
    assert clock.add_open_seconds(clock.add_open_seconds(instants, one), two).equals(clock.add_open_seconds(instants, one + two))


@given(openings(), instants_near_changes(count=8), st.integers(0, 400_000))
@settings(max_examples=40, deadline=None)
def test_work_that_arrives_later_is_never_due_earlier(opening: Opening, instants: pd.Series, seconds: int) -> None:
    due = clock_of(opening).add_open_seconds(instants.sort_values(ignore_index=True), seconds)
    assert due.is_monotonic_increasing


@given(st.sampled_from(FAR_ZONES), instants_near_changes(), st.integers(0, 10_000_000))
@settings(max_examples=40, deadline=None)
def test_around_the_clock_open_time_is_elapsed_time(time_zone: str, instants: pd.Series, seconds: int) -> None:
    due = clock_of(Opening(AROUND_THE_CLOCK, time_zone)).add_open_seconds(instants, seconds)
    assert due.equals((instants + pd.Timedelta(seconds=seconds)).rename("due_utc"))


@given(openings(), instants_near_changes(count=6))
@settings(max_examples=40, deadline=None)
def test_open_time_of_the_intervals_adds_up_to_that_of_the_clock(opening: Opening, instants: pd.Series) -> None:
    clock = clock_of(opening)
    first, last = (day for day in (instants.min().date(), instants.max().date()))
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    per_interval = clock.open_seconds_per_interval(days)
    bounds = pd.DataFrame([clock.grid.day_bounds(day) for day in days], columns=["start", "end"])
    between = clock.open_seconds_between(bounds["start"], bounds["end"])
    assert per_interval.groupby("business_date")["open_seconds"].sum().tolist() == between.tolist()
    assert [opening.open_seconds(day) for day in days] == between.tolist()


@given(openings(FAR_ZONES), st.sampled_from(FAR_ZONES))
@settings(max_examples=40, deadline=None)
def test_a_queue_abroad_has_the_same_open_time_on_the_enterprises_grid(opening: Opening, grid_zone: str) -> None:
    grid = IntervalGrid(grid_zone, 15)
    days = [date(2026, 3, 24) + timedelta(days=k) for k in range(12)]
    frame = opening.open_seconds_per_interval(grid, days)
    spans = [span for k in range(-3, 15) for span in opening.open_spans(days[0] + timedelta(days=k))]
    start, end = grid.day_bounds(days[0])[0], grid.day_bounds(days[-1])[1]
    expected = sum(max((min(closes, end) - max(opens, start)).total_seconds(), 0) for opens, closes in spans)
    assert frame["open_seconds"].sum() == expected
    assert frame["open_seconds"].between(0, 900).all()
