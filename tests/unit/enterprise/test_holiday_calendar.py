from datetime import date

import pytest

from enterprise.holiday_calendar import COMPANY_HOLIDAY, HolidayCalendar

# Dutch public holidays of 2026: fixed dates, and the feasts that hang on Easter Sunday, 2026-04-05 (Good Friday two days before,
# Ascension Day 39 and Pentecost 49 days after). King's Day is 27 April; Liberation Day is a day off in lustrum years only.
DUTCH_2026 = {
    date(2026, 1, 1),
    date(2026, 4, 3),
    date(2026, 4, 5),
    date(2026, 4, 6),
    date(2026, 4, 27),
    date(2026, 5, 14),
    date(2026, 5, 24),
    date(2026, 5, 25),
    date(2026, 12, 25),
    date(2026, 12, 26),
}


def days_of_2026() -> list[date]:
    return [date.fromordinal(n) for n in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())]


def test_dutch_holidays_are_the_fixed_dates_and_those_that_follow_easter() -> None:
    calendar = HolidayCalendar("NL")
    assert {day for day in days_of_2026() if calendar.name_of(day)} == DUTCH_2026


def test_a_holiday_not_observed_by_name_or_date_is_an_ordinary_day() -> None:
    calendar = HolidayCalendar("NL", not_observed=frozenset({"Good Friday", date(2026, 12, 26)}))
    found = {day for day in days_of_2026() if calendar.name_of(day)}
    assert found == DUTCH_2026 - {date(2026, 4, 3), date(2026, 12, 26)}
    assert calendar.name_of(date(2025, 4, 18)) is None  # by name it goes for every year
    assert calendar.name_of(date(2025, 12, 26)) == "Second Day of Christmas"  # by date for one


def test_extra_dates_are_holidays_of_the_company() -> None:
    calendar = HolidayCalendar("NL", extra=frozenset({date(2026, 12, 24), date(2026, 12, 25)}))
    assert calendar.name_of(date(2026, 12, 24)) == COMPANY_HOLIDAY
    assert calendar.name_of(date(2026, 12, 25)) == "Christmas Day"


def test_a_subdivision_adds_its_own_holidays() -> None:
    corpus_christi = date(2026, 6, 4)
    assert HolidayCalendar("DE", "BY").name_of(corpus_christi) == "Corpus Christi"
    assert HolidayCalendar("DE").name_of(corpus_christi) is None


def test_two_holidays_on_one_date_keep_both_names_or_the_one_that_is_observed() -> None:
    # In 2008 Ascension Day fell on Labour Day.
    both = date(2008, 5, 1)
    assert set((HolidayCalendar("DE").name_of(both) or "").split("; ")) == {"Ascension Day", "Labor Day"}
    assert HolidayCalendar("DE", not_observed=frozenset({"Ascension Day"})).name_of(both) == "Labor Day"


def test_unknown_places_and_names_are_refused_with_those_known() -> None:
    with pytest.raises(ValueError, match="country 'XX' has no holiday calendar"):
        HolidayCalendar("XX")
    with pytest.raises(ValueError, match="subdivision 'ZZ' of DE is not known; known are: BB, BE"):
        HolidayCalendar("DE", "ZZ")
    with pytest.raises(ValueError, match=r"not_observed 'Godo Friday' is no holiday in NL; its holidays are: .*Good Friday"):
        HolidayCalendar("NL", not_observed=frozenset({"Godo Friday"}))
