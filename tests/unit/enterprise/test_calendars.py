from datetime import date, time

import pandas as pd
import pytest

from enterprise.calendars import business_calendar, monthly_pay_dates
from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import AROUND_THE_CLOCK, Opening

HOURS = [(time(8), time(18))]
DUTCH = HolidayCalendar("NL", not_observed=frozenset({"Good Friday"}))
OFFICE = Opening({weekday: HOURS for weekday in range(5)}, "Europe/Amsterdam", holidays=DUTCH)


def calendar(opening: Opening, first: date, last: date, **options: object) -> pd.DataFrame:
    return business_calendar(opening, first, last, **options).set_index("business_date")  # type: ignore[arg-type]


def test_easter_2026_is_what_a_planner_would_write_down() -> None:
    frame = calendar(OFFICE, date(2026, 4, 3), date(2026, 4, 8))  # Friday to Wednesday
    assert frame["is_open"].tolist() == [True, False, False, False, True, True]
    assert frame["holiday_name"].fillna("-").tolist() == ["-", "-", "Easter Sunday", "Easter Monday", "-", "-"]
    assert frame["is_eve_of_holiday"].tolist() == [False, True, False, False, False, False]
    assert frame["is_day_after_closure"].tolist() == [False, False, False, False, True, False]
    assert frame["days_since_last_open"].tolist() == [1, 1, 2, 3, 4, 1]
    assert frame["days_to_next_open"].tolist() == [4, 3, 2, 1, 1, 1]
    assert frame["open_seconds"].tolist() == [36_000, 0, 0, 0, 36_000, 36_000]


def test_business_days_count_from_both_ends_of_the_month() -> None:
    frame = calendar(OFFICE, date(2026, 4, 1), date(2026, 5, 1))
    assert frame.loc[date(2026, 4, 1), ["business_day_of_month", "business_days_to_month_end"]].tolist() == [1, 19]
    assert frame.loc[date(2026, 4, 7), "business_day_of_month"] == 4  # Easter Monday does not count
    assert frame.loc[date(2026, 4, 30), ["business_day_of_month", "business_days_to_month_end"]].tolist() == [20, 0]
    assert frame.loc[date(2026, 5, 1), "business_day_of_month"] == 1


def test_a_month_that_begins_closed_counts_from_its_first_open_day() -> None:
    frame = calendar(OFFICE, date(2026, 8, 1), date(2026, 8, 3))  # Saturday to Monday
    assert frame["business_day_of_month"].tolist() == [0, 0, 1]
    assert frame["business_days_to_month_end"].tolist() == [21, 21, 20]


def test_an_ordinary_monday_is_not_the_day_after_a_closure() -> None:
    frame = calendar(OFFICE, date(2026, 11, 6), date(2026, 11, 10))
    assert not frame["is_day_after_closure"].any()
    assert not frame["is_bridge_day"].any()


def test_the_day_after_a_closure_before_the_weekend_is_monday() -> None:
    opening = Opening({weekday: HOURS for weekday in range(5)}, "Europe/Amsterdam", exceptions={date(2026, 11, 6): []})
    frame = calendar(opening, date(2026, 11, 5), date(2026, 11, 10))
    assert frame.index[frame["is_day_after_closure"]].tolist() == [date(2026, 11, 9)]


def test_a_week_from_sunday_to_thursday_has_its_own_bridge_days() -> None:
    wednesday = date(2026, 11, 11)
    opening = Opening({weekday: HOURS for weekday in (6, 0, 1, 2, 3)}, "Africa/Cairo", holidays=frozenset({wednesday}))
    frame = calendar(opening, date(2026, 11, 6), date(2026, 11, 15))
    assert frame.index[frame["is_bridge_day"]].tolist() == [date(2026, 11, 12)]  # Thursday, between holiday and Friday
    assert frame.index[~frame["is_open"]].tolist() == [date(2026, 11, day) for day in (6, 7, 11, 13, 14)]
    assert not frame.loc[date(2026, 11, 8), "is_day_after_closure"]  # an ordinary Sunday after the weekend


def test_a_queue_around_the_clock_knows_its_customers_bridge_days_if_told_their_week() -> None:
    roadside = Opening(AROUND_THE_CLOCK, "Europe/Amsterdam", holidays=DUTCH, open_on_holidays=True)
    first, last = date(2026, 5, 11), date(2026, 5, 17)
    assert not calendar(roadside, first, last)["is_bridge_day"].any()
    frame = calendar(roadside, first, last, working_weekdays=range(5))
    assert frame.index[frame["is_bridge_day"]].tolist() == [date(2026, 5, 15)]  # the Friday after Ascension Day
    assert frame["is_open"].all()
    assert frame.index[frame["is_holiday"]].tolist() == [date(2026, 5, 14)]


def test_a_pay_day_on_a_closed_day_comes_before_it() -> None:
    paid = monthly_pay_dates(OFFICE, 25, date(2026, 10, 1), date(2026, 10, 31))
    assert paid == [date(2026, 8, 25), date(2026, 9, 25), date(2026, 10, 23), date(2026, 11, 25), date(2026, 12, 24)]
    assert monthly_pay_dates(OFFICE, 31, date(2026, 4, 1), date(2026, 4, 1))[0] == date(2026, 2, 27)


def test_pay_day_distances_are_known_only_between_known_pay_days() -> None:
    paid = [date(2026, 10, 23), date(2026, 11, 25)]
    frame = calendar(OFFICE, date(2026, 10, 22), date(2026, 11, 26), pay_dates=paid)
    assert frame["days_since_pay_day"].iloc[1:4].tolist() == [0, 1, 2]
    assert frame["days_to_pay_day"].iloc[:3].tolist() == [1, 0, 32]
    assert pd.isna(frame["days_since_pay_day"].iloc[0])
    assert pd.isna(frame["days_to_pay_day"].iloc[-1])
    assert "days_to_pay_day" not in calendar(OFFICE, date(2026, 10, 22), date(2026, 10, 23))


def test_no_pay_days_at_all_leave_the_distances_unknown() -> None:
    frame = calendar(OFFICE, date(2026, 10, 22), date(2026, 10, 23), pay_dates=[])
    assert frame[["days_since_pay_day", "days_to_pay_day"]].isna().all(axis=None)


def test_hours_that_never_open_make_no_calendar() -> None:
    never = Opening({}, "UTC")
    with pytest.raises(ValueError, match="around 2026-10-22 there is no open day"):
        business_calendar(never, date(2026, 10, 22), date(2026, 10, 23))
    with pytest.raises(ValueError, match="no open day in the year before"):
        monthly_pay_dates(never, 25, date(2026, 10, 1), date(2026, 10, 1))


def test_impossible_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="is before its first"):
        business_calendar(OFFICE, date(2026, 10, 23), date(2026, 10, 22))
    with pytest.raises(ValueError, match="day_of_month is 0"):
        monthly_pay_dates(OFFICE, 0, date(2026, 10, 1), date(2026, 10, 1))
