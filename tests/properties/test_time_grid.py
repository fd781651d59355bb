"""The interval grid against the tz database itself, in every zone whose clocks change between 2020 and 2030."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.grid import IntervalGrid
from enterprise.local_time import local_days
from enterprise.opening import AROUND_THE_CLOCK, END_OF_DAY, Opening

FIRST, LAST = date(2020, 1, 1), date(2030, 12, 31)
US = pd.Timedelta(microseconds=1)


@cache
def offset_changes(time_zone: str) -> tuple[tuple[date, date, timedelta], ...]:
    """Where the zone's offset differs from an hour before: both local dates and the new offset."""
    zone = zoneinfo.ZoneInfo(time_zone)
    start = datetime(FIRST.year, 1, 1, tzinfo=UTC)

    def shown(hours: int) -> datetime:
        return (start + timedelta(hours=hours)).astimezone(zone)

    changes = []
    new = shown(0).utcoffset()
    for before in range(0, 24 * (LAST - FIRST).days, 120):  # no two changes of these years are closer
        old, new, after = new, shown(before + 120).utcoffset(), before + 120
        if old == new:
            continue
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if shown(middle).utcoffset() == old else (before, middle)
        changes.append((shown(before).date(), shown(after).date(), new or timedelta(0)))
    return tuple(changes)


def change_dates(time_zone: str) -> list[date]:
    return sorted({day for before, after, _ in offset_changes(time_zone) for day in (before, after)})


ALL_ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
ALL_ZONES_WITH_CHANGES = [name for name in ALL_ZONES if offset_changes(name)]
# Names with the same changes throughout are one zone (Europe/Paris, Europe/Rome, ...): the first stands for all.
ZONES = sorted({offset_changes(name): name for name in reversed(ALL_ZONES_WITH_CHANGES)}.values())


def sampled_dates(time_zone: str) -> list[date]:
    """Every change day, the neighbours of half of them, and five ordinary days."""
    around = {day + timedelta(days=k) for day in change_dates(time_zone)[::2] for k in (-1, 0, 1)} | set(change_dates(time_zone))
    return sorted(around | {FIRST + timedelta(days=397 * k + len(time_zone)) for k in range(5)})


def local_date(instant: datetime, time_zone: str) -> date:
    return instant.astimezone(zoneinfo.ZoneInfo(time_zone)).date()


def test_zones_with_clock_changes_are_found_at_all() -> None:
    assert len(ALL_ZONES_WITH_CHANGES) > 150
    assert len(ZONES) > 40
    assert {"Australia/LHI", "Africa/Cairo", "Asia/Beirut", "Antarctica/Troll", "Pacific/Apia"} <= set(ZONES)


@pytest.mark.parametrize("time_zone", ZONES)
def test_a_day_begins_exactly_where_the_zone_turns_to_its_date(time_zone: str) -> None:
    grid = IntervalGrid(time_zone, 30)
    for day in change_dates(time_zone):
        start, end = (bound.to_pydatetime() for bound in grid.day_bounds(day))
        assert local_date(start, time_zone) == day == local_date(end - timedelta(microseconds=1), time_zone), day
        assert local_date(start - timedelta(microseconds=1), time_zone) == day - timedelta(days=1), day
        assert local_date(end, time_zone) == day + timedelta(days=1), day
        assert grid.cut_off(day) == end == grid.day_bounds(day + timedelta(days=1))[0]


def test_a_zone_under_another_name_has_the_same_days() -> None:
    same = {offset_changes(name): name for name in ZONES}
    for name in ALL_ZONES_WITH_CHANGES:
        days, twin = local_days(name, 2021, 2029), local_days(same[offset_changes(name)], 2021, 2029)
        assert np.array_equal(days.starts_us, twin.starts_us), name


@pytest.mark.parametrize("minutes", [30, 60])
@pytest.mark.parametrize("time_zone", ZONES)
def test_intervals_tile_every_day_without_gap_or_overlap(time_zone: str, minutes: int) -> None:
    grid = IntervalGrid(time_zone, minutes)
    for day in sampled_dates(time_zone):
        first, end = (bound.value // 1000 for bound in grid.day_bounds(day))
        starts = grid.intervals_of(day).asi8
        assert starts[0] == first, day
        assert set(np.diff(starts)) == {minutes * 60_000_000}, day
        assert 0 < end - starts[-1] <= minutes * 60_000_000, day
    last = FIRST + timedelta(days=800)
    starts = pd.Series(grid.intervals_between(FIRST, last))
    ends = grid.interval_end(starts)
    assert (ends.iloc[:-1].reset_index(drop=True) == starts.iloc[1:].reset_index(drop=True)).all()
    assert ends.iloc[-1] == grid.cut_off(last)


@pytest.mark.parametrize("time_zone", ZONES)
def test_every_instant_falls_into_its_own_date_and_interval(time_zone: str) -> None:
    grid = IntervalGrid(time_zone, 30)
    intervals = [(day, start) for day in sampled_dates(time_zone) for start in grid.intervals_of(day)]
    days = [day for day, _ in intervals]
    starts = pd.Series([start for _, start in intervals])
    last_moments = grid.interval_end(starts) - US
    for instants in (starts, starts + US, last_moments):
        assert grid.business_date(instants).tolist() == days
        assert (grid.interval_start(instants) == starts).all()
    assert days == [local_date(instant, time_zone) for instant in last_moments.dt.to_pydatetime()]


@pytest.mark.parametrize("time_zone", ZONES)
def test_around_the_clock_every_second_of_every_interval_is_open(time_zone: str) -> None:
    opening = Opening(AROUND_THE_CLOCK, time_zone)
    grid = IntervalGrid(time_zone, 60)
    dates = sampled_dates(time_zone)
    frame = opening.open_seconds_per_interval(grid, dates)
    lengths = grid.interval_end(frame["interval_start_utc"]) - frame["interval_start_utc"]
    assert (frame["open_seconds"] == lengths.dt.total_seconds()).all()
    assert sorted(set(frame["business_date"])) == dates
    for day in change_dates(time_zone):
        assert opening.open_spans(day) == [grid.day_bounds(day)]


ODD_HOURS = [(0, 0, 0, 20), (0, 45, 1, 30), (1, 50, 2, 15), (2, 40, 3, 5), (3, 30, 23, 10), (23, 20, 24, 0)]


@pytest.mark.parametrize("time_zone", ZONES)
def test_open_exactly_while_the_wall_clock_shows_an_open_time(time_zone: str) -> None:
    spans = [(time(a, b), END_OF_DAY if c == 24 else time(c, d)) for a, b, c, d in ODD_HOURS]
    opening = Opening({weekday: spans for weekday in range(7)}, time_zone)
    zone = zoneinfo.ZoneInfo(time_zone)
    grid = IntervalGrid(time_zone, 15)
    step = 1 if time_zone == "Antarctica/Casey" else 5  # all other clocks change at full five minutes, as do the hours
    for day in change_dates(time_zone)[:4]:
        start, end = (bound.to_pydatetime() for bound in grid.day_bounds(day))
        minutes = [start + timedelta(minutes=k) for k in range(0, int((end - start).total_seconds()) // 60, step)]
        shown = [instant.astimezone(zone).replace(tzinfo=None).time() for instant in minutes]
        expected = [any(opens <= clock < closes for opens, closes in spans) for clock in shown]
        found = opening.open_spans(day)
        assert [any(a <= minute < b for a, b in found) for minute in minutes] == expected, day
        assert opening.open_seconds(day) == 60 * step * sum(expected), day
        per_interval = opening.open_seconds_per_interval(grid, [day])["open_seconds"]
        assert per_interval.tolist() == [
            60 * step * sum(expected[k : k + 15 // step]) for k in range(0, len(expected), 15 // step)
        ], day


@given(
    time_zone=st.sampled_from(ALL_ZONES),
    seconds=st.lists(st.integers(-2_140_000_000, 7_220_000_000), min_size=1, max_size=20),
)
@settings(max_examples=150, deadline=None)
def test_the_wall_clock_is_the_tz_databases_from_1902_to_2198_in_every_zone(time_zone: str, seconds: list[int]) -> None:
    zone = zoneinfo.ZoneInfo(time_zone)
    # A few days around a drawn instant keep the years to be looked through few.
    instants = [datetime.fromtimestamp(seconds[0] + second % 250_000, UTC) for second in seconds]
    shown = [instant.astimezone(zone) for instant in instants]
    minutes = IntervalGrid(time_zone, 15).local_minute_of_day(pd.Series(pd.DatetimeIndex(instants)))
    assert minutes.tolist() == [60 * local.hour + local.minute for local in shown]


@given(
    time_zone=st.sampled_from(ALL_ZONES),
    day=st.dates(date(1902, 1, 1), date(2198, 12, 31)),
    interval_minutes=st.sampled_from([15, 30, 60]),
    fractions=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=10),
)
@settings(max_examples=150, deadline=None)
def test_days_of_any_year_meet_and_hold_what_falls_between(
    time_zone: str, day: date, interval_minutes: int, fractions: list[float]
) -> None:
    grid = IntervalGrid(time_zone, interval_minutes)
    start, end = grid.day_bounds(day)
    assert end == grid.day_bounds(day + timedelta(days=1))[0]
    assert len(grid.intervals_between(day, day + timedelta(days=1))) == sum(
        len(grid.intervals_of(day + timedelta(days=k))) for k in (0, 1)
    )
    if start == end:  # a date the zone skipped
        assert len(grid.intervals_of(day)) == 0
        return
    length = (end - start) // pd.Timedelta(microseconds=1)
    instants = pd.Series([start + pd.Timedelta(microseconds=int(f * length)) for f in fractions]).astype("datetime64[us, UTC]")
    assert set(grid.business_date(instants)) == {day}
    assert set(grid.interval_start(instants)) <= set(grid.intervals_of(day))
    waited = (instants - grid.interval_start(instants)) / pd.Timedelta(minutes=1)
    assert np.all((waited >= 0) & (waited < interval_minutes))
