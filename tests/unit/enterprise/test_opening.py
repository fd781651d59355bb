import pickle
from datetime import date, time

import pandas as pd
import pytest

from enterprise.grid import IntervalGrid
from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import AROUND_THE_CLOCK, END_OF_DAY, Opening, open_timeline

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # Sundays: 02:00 becomes 03:00, 03:00 becomes 02:00
OFFICE = {weekday: [(time(9), time(17))] for weekday in range(5)}


def spans(opening: Opening, day: date) -> list[tuple[str, str]]:
    return [(f"{opens:%d %H:%M}", f"{closes:%d %H:%M}") for opens, closes in opening.open_spans(day)]


def sundays(*hours: tuple[time, time]) -> Opening:
    return Opening({6: list(hours)}, "Europe/Amsterdam")


@pytest.mark.parametrize(
    ("hours", "day", "expected"),
    [
        ((time(2), time(3)), SPRING, []),
        ((time(2, 30), time(3, 30)), SPRING, [("29 01:00", "29 01:30")]),
        ((time(1), time(2, 30)), SPRING, [("29 00:00", "29 01:00")]),
        ((time(0), END_OF_DAY), SPRING, [("28 23:00", "29 22:00")]),
        ((time(2), time(3)), AUTUMN, [("25 00:00", "25 02:00")]),
        ((time(2), time(2, 30)), AUTUMN, [("25 00:00", "25 00:30"), ("25 01:00", "25 01:30")]),
        ((time(1), time(2, 30)), AUTUMN, [("24 23:00", "25 00:30"), ("25 01:00", "25 01:30")]),
        ((time(2, 30), time(8)), AUTUMN, [("25 00:30", "25 01:00"), ("25 01:30", "25 07:00")]),
        ((time(20), time(0)), AUTUMN, [("25 19:00", "25 23:00")]),
    ],
)
def test_hours_at_the_clock_change_follow_the_wall_clock(
    hours: tuple[time, time], day: date, expected: list[tuple[str, str]]
) -> None:
    assert spans(sundays(hours), day) == expected


def test_a_day_whose_only_hours_are_missing_is_not_an_open_day() -> None:
    night = sundays((time(2), time(3)))
    assert not night.is_open_day(SPRING)
    assert night.business_days(date(2026, 3, 20), date(2026, 4, 6)) == [date(2026, 3, 22), date(2026, 4, 5)]


def test_hours_that_touch_are_one_span() -> None:
    assert spans(sundays((time(12), time(17)), (time(8), time(12))), date(2026, 11, 8)) == [("08 07:00", "08 16:00")]


def test_around_the_clock_stays_open_while_newfoundland_repeats_minutes_of_the_day_before() -> None:
    assert Opening(AROUND_THE_CLOCK, "America/St_Johns").open_seconds(date(2006, 10, 29)) == 25 * 3600


def test_a_date_that_its_zone_skipped_is_never_open() -> None:
    assert not Opening(AROUND_THE_CLOCK, "Pacific/Apia").is_open_day(date(2011, 12, 30))


def test_an_exception_outranks_a_holiday_and_a_holiday_the_weekday() -> None:
    kings_day, christmas, ordinary = date(2026, 4, 27), date(2026, 12, 25), date(2026, 11, 12)
    office = Opening(
        OFFICE,
        "Europe/Amsterdam",
        exceptions={kings_day: [(time(10), time(12))], ordinary: []},
        holidays=HolidayCalendar("NL"),
    )
    assert office.open_seconds(kings_day) == 2 * 3600
    assert office.holiday_name(kings_day) == "King's Day"
    assert not office.is_open_day(christmas)
    assert not office.is_open_day(ordinary)


def test_open_on_holidays_keeps_the_weekdays_hours_and_the_holidays_name() -> None:
    christmas = date(2026, 12, 25)
    roadside = Opening(AROUND_THE_CLOCK, "Europe/Amsterdam", holidays=HolidayCalendar("NL"), open_on_holidays=True)
    assert roadside.open_seconds(christmas) == 86_400
    assert roadside.holiday_name(christmas) == "Christmas Day"


def test_a_week_from_sunday_to_thursday_closes_on_friday_and_saturday() -> None:
    cairo = Opening({weekday: [(time(8), time(16))] for weekday in (6, 0, 1, 2, 3)}, "Africa/Cairo")
    week = cairo.business_days(date(2026, 11, 8), date(2026, 11, 14))
    assert week == [date(2026, 11, day) for day in (8, 9, 10, 11, 12)]


def test_open_seconds_cut_intervals_where_the_hours_begin_and_end() -> None:
    grid = IntervalGrid("Europe/Amsterdam", 30)
    office = Opening({3: [(time(8, 10), time(8, 50)), (time(23, 45), END_OF_DAY)]}, "Europe/Amsterdam")
    frame = office.open_seconds_per_interval(grid, [date(2026, 11, 13), date(2026, 11, 12), date(2026, 11, 12)])
    assert frame["business_date"].tolist() == [date(2026, 11, 12)] * 48 + [date(2026, 11, 13)] * 48
    opened = frame[frame["open_seconds"] > 0].set_index("interval_start_utc")["open_seconds"].to_dict()
    assert opened == {
        pd.Timestamp("2026-11-12T07:00Z"): 1200,
        pd.Timestamp("2026-11-12T07:30Z"): 1200,
        pd.Timestamp("2026-11-12T22:30Z"): 900,
    }


def test_no_dates_give_an_empty_frame_of_the_same_shape() -> None:
    grid = IntervalGrid("Europe/Amsterdam", 30)
    empty = Opening(OFFICE, "Europe/Amsterdam").open_seconds_per_interval(grid, [])
    full = Opening(OFFICE, "Europe/Amsterdam").open_seconds_per_interval(grid, [SPRING])
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_a_queue_that_never_opens_has_an_empty_timeline() -> None:
    timeline = open_timeline(Opening({}, "UTC"), 2026, 2026)
    assert timeline.total_us == 0
    assert timeline.open_us_before(pd.Series([1, 2]).to_numpy()).tolist() == [0, 0]


def test_equal_hours_are_equal_however_they_are_written_and_travel_between_processes() -> None:
    one = Opening({0: [(time(9), time(12)), (time(12), time(0))]}, "UTC", holidays=frozenset({SPRING}))
    other = Opening({0: ((time(12), END_OF_DAY), (time(9), time(12))), 1: []}, "UTC", holidays=frozenset({SPRING}))
    assert one == other
    assert hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301
    assert one != Opening({0: [(time(9), END_OF_DAY)]}, "UTC")


@pytest.mark.parametrize(
    ("weekly", "message"),
    [
        ({7: [(time(9), time(17))]}, "weekday 7; expected 0"),
        ({0: [(time(22), time(6))]}, "weekday 0: hours 22:00:00 to 06:00:00 end before they begin.*two spans"),
        ({0: [(time(9), time(9))]}, "end before they begin"),
        ({0: [(time(9), time(13)), (time(12), time(17))]}, "weekday 0: hours from 12:00:00 overlap"),
        ({0: [(time(0), END_OF_DAY), (time(20), time(22))]}, "hours from 20:00:00 overlap"),
        ({0: [(time(9, 0, 0, 5), time(13))]}, "whole seconds"),
    ],
)
def test_impossible_hours_are_refused_with_their_place(weekly: dict[int, list[tuple[time, time]]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Opening(weekly, "UTC")


def test_an_impossible_exception_is_named_by_its_date() -> None:
    with pytest.raises(ValueError, match="exception 2026-03-29: hours 17:00:00 to 09:00:00"):
        Opening(OFFICE, "UTC", exceptions={SPRING: [(time(17), time(9))]})
