"""Calendars of other weeks than Monday to Friday, school holidays, and feasts that move."""

from __future__ import annotations

from datetime import date, time, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.holiday_calendar import HolidayCalendar
from enterprise.opening import AROUND_THE_CLOCK, Opening
from forecasting.calendar import QueueCalendar, day_of_rest, queue_calendar
from forecasting.candidates.regression import dynamic_regression
from forecasting.features import make_design
from forecasting.panel import Panel, make_panel

ISRAEL = HolidayCalendar("IL")
SUNDAY_TO_THURSDAY = {day: [(time(8), time(18))] for day in (6, 0, 1, 2, 3)}
LAST = date(2026, 8, 31)


def _panel(calendar: QueueCalendar, offered: np.ndarray, days: int) -> Panel:
    rows = pd.DataFrame(
        {
            "queue_id": "q",
            "business_date": calendar.frame["business_date"].iloc[:days],
            "offered_contacts": offered[:days],
            "source_complete": True,
        }
    )
    return make_panel(rows, {"q": calendar}, {"q": make_design(calendar)}, LAST, len(calendar) - days)


@pytest.mark.parametrize(
    ("opening", "rest"),
    [
        (Opening(SUNDAY_TO_THURSDAY, "Asia/Jerusalem", holidays=ISRAEL), 5),
        (Opening(AROUND_THE_CLOCK, "Asia/Jerusalem", holidays=ISRAEL), 5),
        (Opening({day: [(time(8), time(18))] for day in range(5)}, "Europe/Amsterdam", holidays=HolidayCalendar("NL")), 6),
        (Opening({day: [(time(8), time(18))] for day in range(6)}, "Europe/Amsterdam"), 6),
        (Opening(AROUND_THE_CLOCK, "Europe/Amsterdam"), 6),
    ],
)
def test_a_holiday_resembles_the_day_on_which_that_country_rests(opening: Opening, rest: int) -> None:
    assert day_of_rest(opening) == rest


def test_mail_on_a_holiday_of_a_sunday_to_thursday_week_is_not_that_of_a_working_sunday() -> None:
    opening = Opening(SUNDAY_TO_THURSDAY, "Asia/Jerusalem", holidays=ISRAEL)
    days = 600
    calendar = queue_calendar(opening, LAST - timedelta(days=days - 1), LAST + timedelta(days=28), deferred=True)
    by_weekday = np.array([110.0, 100.0, 100.0, 95.0, 30.0, 12.0, 130.0])  # Monday .. Sunday
    offered = by_weekday[calendar.weekday_like]
    panel = _panel(calendar, offered, days)
    holidays = calendar.frame["is_holiday"].to_numpy()[panel.past :]
    working = holidays & (calendar.frame["weekday"].to_numpy()[panel.past :] <= 3)
    assert working.any()  # the feasts of September
    forecast = dynamic_regression(panel)[:, 0]
    np.testing.assert_allclose(forecast[working], 12.0, rtol=0.25)
    sundays = (calendar.frame["weekday"].to_numpy()[panel.past :] == 6) & ~holidays
    np.testing.assert_allclose(forecast[sundays], 130.0, rtol=0.05)


def test_what_school_holidays_do_is_learnt_from_earlier_ones() -> None:
    opening = Opening({day: [(time(8), time(18))] for day in range(5)}, "Europe/Amsterdam", holidays=HolidayCalendar("NL"))
    periods = [
        (date(2025, 7, 5), date(2025, 8, 17)),
        (date(2025, 10, 18), date(2025, 10, 26)),
        (date(2026, 9, 7), date(2026, 9, 13)),
    ]
    days = 500
    calendar = queue_calendar(
        opening, LAST - timedelta(days=days - 1), LAST + timedelta(days=28), deferred=False, school_holidays=periods
    )
    off = calendar.frame["is_school_holiday"].to_numpy()
    panel = _panel(calendar, np.where(off, 140.0, 200.0) * calendar.takes_contacts, days)
    forecast = dynamic_regression(panel)[:, 0]
    takes = panel.takes_contacts[panel.past :, 0]
    assert forecast[takes & off[days:]].mean() == pytest.approx(140.0, rel=0.08)
    assert forecast[takes & ~off[days:]].mean() == pytest.approx(200.0, rel=0.04)


def test_a_feast_that_moves_takes_its_days_with_it() -> None:
    opening = Opening({day: [(time(8), time(18))] for day in range(5)}, "Europe/Amsterdam", holidays=HolidayCalendar("NL"))
    for easter_monday in (date(2025, 4, 21), date(2026, 4, 6)):
        calendar = queue_calendar(opening, easter_monday - timedelta(days=3), easter_monday + timedelta(days=2), deferred=False)
        design = make_design(calendar)
        after = design.matrix[:, design.names.index("day_after_closure")]
        second = design.matrix[:, design.names.index("second_day_after_closure")]
        assert (after[4], second[5]) == (1.0, 1.0)
