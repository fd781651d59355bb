"""Times of day at which a night's work starts."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from enterprise.errors import SettingsError
from enterprise.hours import WEEKDAYS
from enterprise.schedule import Schedule
from tests.support.small_enterprise import SETTINGS, small_enterprise


def test_a_source_has_its_own_time_or_that_of_all() -> None:
    schedule = Schedule.model_validate({"extract_at": "00:30", "extract_at_by_source": {"claims": "02:05"}})
    assert schedule.extraction_of("claims") == time(2, 5)
    assert schedule.extraction_of("acd") == time(0, 30)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"extract_at": "04:30"}, "extract_at is 04:30, not before plan_at_the_latest 04:00"),
        ({"extract_at_by_source": {"claims": "04:00"}}, "extract_at_by_source.claims is 04:00"),
        ({"plan_at_the_latest": "07:00"}, "plan_at_the_latest is 07:00, not before plan_ready_by 06:30"),
        ({"extract_at": "00:15:30"}, "whole minutes"),
        ({"extract_at": "00:15+01:00"}, "local time of day"),
        ({"extract_at": 15}, "expected a local time of day as text"),
        ({"extract_at": "noon"}, "Invalid isoformat string: 'noon'"),
    ],
)
def test_times_that_cannot_be_kept_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Schedule.model_validate(settings)


def test_a_source_that_is_not_described_is_named_and_times_change_no_plan(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'mail' is no source; known are acd"):
        small_enterprise(tmp_path, SETTINGS + '[schedule.extract_at_by_source]\nmail = "01:00"\n')
    late = small_enterprise(tmp_path, SETTINGS + '[schedule]\nextract_at = "01:00"\n')
    assert late.settings_hash == small_enterprise(tmp_path).settings_hash


@pytest.mark.parametrize("weekday", WEEKDAYS)
def test_the_models_are_compared_on_the_first_day_whose_night_chooses_by_it_and_its_key_is_that_night(weekday: str) -> None:
    schedule = Schedule.model_validate({"backtest_weekday": weekday})
    said = schedule.backtest_cron.rpartition(" ")[2]
    days = [date(2026, 11, 1) + timedelta(days=number) for number in range(14)]
    run_days = [day for day in days if day.isoweekday() % 7 == int(said)]  # cron counts from Sunday
    assert len(run_days) == 2
    for key in run_days:
        assert schedule.last_backtest(key) == key - timedelta(days=1), "nights from the key on look at the day before it"
        assert schedule.last_backtest(key - timedelta(days=1)) == key - timedelta(days=8), "the night before does not"
