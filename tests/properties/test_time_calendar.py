"""The business calendar against plain counting, for any working week."""

from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from enterprise.calendars import business_calendar, monthly_pay_dates
from enterprise.opening import Opening

OFFICE = (time(9), time(17))
dates = st.dates(date(2024, 1, 1), date(2027, 6, 1))


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    return Opening(
        {weekday: [OFFICE] for weekday in weekdays},
        draw(st.sampled_from(["Europe/Amsterdam", "Asia/Riyadh", "Africa/Cairo", "America/Sao_Paulo"])),
        holidays=frozenset(draw(st.sets(dates, max_size=20))),
        exceptions={day: [OFFICE] for day in draw(st.sets(dates, max_size=10))},
    )


@given(openings(), dates, st.integers(0, 45))
@settings(max_examples=30, deadline=None)
def test_counts_and_distances_are_those_of_plain_counting(opening: Opening, first: date, length: int) -> None:
    frame = business_calendar(opening, first, first + timedelta(days=length))
    assert len(frame) == length + 1
    for row in frame.itertuples():
        day = row.business_date
        next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        assert row.weekday == day.weekday()
        assert row.is_open == opening.is_open_day(day)
        assert row.business_day_of_month == len(opening.business_days(day.replace(day=1), day))
        assert row.business_days_to_month_end == len(
            opening.business_days(day + timedelta(days=1), next_month - timedelta(days=1))
        )
        assert opening.is_open_day(day - timedelta(days=row.days_since_last_open))
        assert not opening.business_days(day - timedelta(days=row.days_since_last_open - 1), day - timedelta(days=1))
        assert opening.is_open_day(day + timedelta(days=row.days_to_next_open))
        assert not opening.business_days(day + timedelta(days=1), day + timedelta(days=row.days_to_next_open - 1))


@given(openings(), dates, st.integers(1, 30))
@settings(max_examples=30, deadline=None)
def test_a_date_is_the_same_whatever_range_it_is_asked_in(opening: Opening, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    whole = business_calendar(opening, first, last)
    alone = business_calendar(opening, last, last)
    assert whole.tail(1).reset_index(drop=True).equals(alone)


@given(openings(), dates, st.integers(1, 31))
@settings(max_examples=20, deadline=None)
def test_pay_days_are_open_days_and_known_on_both_sides_of_every_date(opening: Opening, first: date, day_of_month: int) -> None:
    last = first + timedelta(days=60)
    pay_dates = monthly_pay_dates(opening, day_of_month, first, last)
    assert all(opening.is_open_day(day) for day in pay_dates)
    frame = business_calendar(opening, first, last, pay_dates=pay_dates)
    assert frame["days_since_pay_day"].notna().all()
    assert frame["days_to_pay_day"].notna().all()
    for row in frame.itertuples():
        assert row.business_date - timedelta(days=int(row.days_since_pay_day)) in pay_dates
        assert row.business_date + timedelta(days=int(row.days_to_pay_day)) in pay_dates
        assert (row.days_since_pay_day == 0) == (row.business_date in pay_dates)
