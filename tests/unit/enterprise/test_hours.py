"""Opening hours as written in the settings, and the spans they are made of."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from enterprise.hours import WEEKDAYS, OpeningHours
from enterprise.spans import END_OF_DAY, checked_spans, parse_span

MINUTES = st.integers(0, 24 * 60)


@given(first=MINUTES, second=MINUTES)
def test_every_span_of_a_day_reads_back_as_written_and_no_other_is_accepted(first: int, second: int) -> None:
    text = f"{first // 60:02d}:{first % 60:02d}-{second // 60:02d}:{second % 60:02d}"
    if first >= second:
        with pytest.raises(ValueError, match=r"must end after it starts|no clock shows"):
            parse_span(text)
        return
    opens, closes = parse_span(text)
    assert opens.hour * 60 + opens.minute == first
    assert closes == END_OF_DAY if second == 24 * 60 else closes.hour * 60 + closes.minute == second


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8:00-17:00",
        "08:00",
        "08:00-",
        "08.00-17.00",
        "08:00-17:60",
        "25:00-26:00",
        "24:00-24:00",
        "00:00-24:01",
        "08:00-08:00",
    ],
)
def test_what_is_no_span_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time span|no clock shows|must end after"):
        parse_span(text)


def test_blanks_around_the_dash_do_no_harm() -> None:
    assert parse_span(" 08:00 - 17:30 ") == (time(8), time(17, 30))


def test_midnight_as_an_end_is_the_end_of_the_day() -> None:
    assert checked_spans([(time(20), time(0))], "monday") == ((time(20), END_OF_DAY),)


def test_spans_may_touch_and_come_in_any_order_but_not_overlap() -> None:
    assert checked_spans([(time(12), time(17)), (time(8), time(12))], "monday")[0] == (time(8), time(12))
    with pytest.raises(ValueError, match="tuesday: hours from 11:59:00 overlap"):
        checked_spans([(time(8), time(12)), (time(11, 59), time(17))], "tuesday")


def test_hours_with_parts_of_a_second_are_refused() -> None:
    with pytest.raises(ValueError, match="parts of a second"):
        checked_spans([(time(8, 0, 0, 1), time(12))], "monday")


def test_a_day_that_is_not_named_is_closed_and_one_span_needs_no_list() -> None:
    hours = OpeningHours.model_validate({"monday": "08:00-20:00", "saturday": []})
    assert hours.weekly[0] == [(time(8), time(20))]
    assert [hours.weekly[day] for day in range(1, 7)] == [[]] * 6
    assert len(WEEKDAYS) == 7


def test_exceptions_are_read_like_weekdays() -> None:
    hours = OpeningHours.model_validate({"exceptions": {"2026-12-24": ["08:00-12:00"], "2026-12-31": []}})
    assert hours.dates == {date(2026, 12, 24): ((time(8), time(12)),), date(2026, 12, 31): ()}


def test_extra_closed_dates_are_closed_dates() -> None:
    hours = OpeningHours.model_validate({"extra_closed_dates": ["2026-05-15"]})
    assert hours.dates == {date(2026, 5, 15): ()}


def test_a_date_both_open_and_closed_is_refused() -> None:
    both = {"extra_closed_dates": ["2026-12-24"], "exceptions": {"2026-12-24": ["08:00-12:00"]}}
    with pytest.raises(ValidationError, match="2026-12-24 is closed by extra_closed_dates and open by exceptions"):
        OpeningHours.model_validate(both)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"monday": 8}, "expected a list of spans"),
        ({"monday": [8]}, "monday"),
        ({"monday": [["20:00", "08:00"]]}, "end before they begin"),
        ({"exceptions": {"2026-12-24": 8}}, "expected a list of spans"),
        ({"exceptions": {"Christmas": []}}, "valid date"),
        ({"exceptions": {"2026-12-24": ["08:00-12:00", "11:00-13:00"]}}, "exceptions.2026-12-24: hours from 11:00:00 overlap"),
        ({"exceptions": []}, "dictionary"),
    ],
)
def test_hours_that_mean_nothing_are_refused_by_pydantic_and_never_as_a_type_error(
    content: dict[str, object], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        OpeningHours.model_validate(content)


def test_the_end_of_the_day_survives_being_written_as_json() -> None:
    hours = OpeningHours.model_validate({"monday": ["00:00-24:00"], "exceptions": {"2026-12-24": ["20:00-24:00"]}})
    assert OpeningHours.model_validate_json(hours.model_dump_json()) == hours
