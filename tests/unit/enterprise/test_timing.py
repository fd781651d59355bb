"""From settings to grid, hours, clock and calendar."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from enterprise.hours import OpeningHours
from enterprise.settings import Enterprise, load_enterprise
from enterprise.timing import calendar_of, clock_of, grid_of, opening_of

ROOT = Path(__file__).parents[3]
KINGS_DAY = date(2026, 4, 27)
MONDAY = date(2026, 11, 9)


@pytest.fixture(scope="module")
def enterprise() -> Enterprise:
    return load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)


def with_hours(enterprise: Enterprise, name: str, **changes: object) -> Enterprise:
    hours = OpeningHours.model_validate(enterprise.opening_hours[name].model_dump() | changes)
    return enterprise.model_copy(update={"opening_hours": enterprise.opening_hours | {name: hours}})


def test_the_grid_is_that_of_the_settings(enterprise: Enterprise) -> None:
    assert len(grid_of(enterprise).intervals_of(MONDAY)) == 48
    assert len(grid_of(enterprise.model_copy(update={"interval_minutes": 15})).intervals_of(MONDAY)) == 96


def test_a_queue_keeps_the_hours_it_names(enterprise: Enterprise) -> None:
    assert opening_of(enterprise, "voice_claims").open_seconds(MONDAY) == 12 * 3600
    assert opening_of(enterprise, "voice_sales").open_seconds(MONDAY) == 9 * 3600
    assert opening_of(enterprise, "voice_roadside").open_seconds(MONDAY) == 24 * 3600


def test_holidays_close_a_queue_unless_it_works_through_them(enterprise: Enterprise) -> None:
    assert not opening_of(enterprise, "voice_claims").is_open_day(KINGS_DAY)
    assert opening_of(enterprise, "voice_roadside").is_open_day(KINGS_DAY)


def test_an_extra_closed_date_closes_even_a_queue_that_works_on_holidays(enterprise: Enterprise) -> None:
    closed = with_hours(enterprise, "always", extra_closed_dates=[MONDAY])
    opening = opening_of(closed, "voice_roadside")
    assert not opening.is_open_day(MONDAY)
    assert opening.holiday_name(MONDAY) == "company holiday"
    assert opening.is_open_day(KINGS_DAY)
    assert opening_of(enterprise, "voice_roadside").is_open_day(MONDAY)


def test_an_exception_replaces_the_weekday_and_opens_a_holiday(enterprise: Enterprise) -> None:
    changed = with_hours(enterprise, "phone", exceptions={KINGS_DAY: ["10:00-12:00"], MONDAY: []})
    opening = opening_of(changed, "voice_claims")
    assert opening.open_seconds(KINGS_DAY) == 2 * 3600
    assert not opening.is_open_day(MONDAY)


def test_queues_with_the_same_hours_share_one_opening(enterprise: Enterprise) -> None:
    assert opening_of(enterprise, "voice_claims") is opening_of(enterprise, "voice_service")
    assert opening_of(enterprise, "voice_claims") is not opening_of(enterprise, "voice_sales")


def test_the_business_clock_stands_still_while_the_queue_is_closed(enterprise: Enterprise) -> None:
    opening = opening_of(enterprise, "email_claims")
    friday_evening = opening.open_spans(date(2026, 11, 6))[0][1]
    monday_noon = opening.open_spans(MONDAY)[0][0] + pd.Timedelta(hours=4)
    waited = clock_of(enterprise, "email_claims").open_seconds_between(pd.Series([friday_evening]), pd.Series([monday_noon]))
    assert list(waited) == [4 * 3600]


def test_the_calendar_knows_the_settings_pay_days(enterprise: Enterprise) -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    with_pay = calendar_of(enterprise, "voice_claims", first, last)
    planning = enterprise.planning.model_copy(update={"pay_days": ()})
    without = calendar_of(enterprise.model_copy(update={"planning": planning}), "voice_claims", first, last)
    assert len(with_pay) == 30
    pay_columns = set(with_pay.columns) - set(without.columns) | {
        name for name in with_pay if name in without and not with_pay[name].equals(without[name])
    }
    assert pay_columns
    assert all("pay" in name for name in pay_columns)
