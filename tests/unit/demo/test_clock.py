from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from demo.clock import make_clock

ZONE = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 6, 3), 24)])
def test_a_clock_change_day_has_the_hours_it_really_has(day: date, hours: int) -> None:
    clock = make_clock(day, day)
    index = clock.days.index(day)
    assert (clock.slot_day == index).sum() == 4 * hours
    assert clock.midnight[index + 1] - clock.midnight[index] == 3600 * hours


@pytest.mark.parametrize("day", [date(2025, 3, 30), date(2025, 10, 26), date(2025, 1, 5)])
def test_local_times_are_the_ones_the_wall_clock_shows(day: date) -> None:
    clock = make_clock(day, day)
    index = clock.days.index(day)
    for minute in (0, 90, 240, 615, 1439):
        moment = int(clock.utc(np.array([index]), np.array([minute]))[0])
        shown = datetime.fromtimestamp(moment, ZONE)
        assert (shown.date(), shown.hour * 60 + shown.minute) == (day, minute)
        offset = int(clock.offset(np.array([moment]))[0])
        assert offset == shown.utcoffset().total_seconds()
        assert clock.day_of(np.array([moment]))[0] == index


def test_an_ambiguous_local_time_is_its_first_occurrence_and_a_skipped_one_the_moment_of_change() -> None:
    clock = make_clock(date(2025, 10, 26), date(2025, 10, 26))
    index = clock.days.index(date(2025, 10, 26))
    assert clock.wall[index, 10] == datetime(2025, 10, 26, 0, 30, tzinfo=UTC).timestamp()
    clock = make_clock(date(2025, 3, 30), date(2025, 3, 30))
    index = clock.days.index(date(2025, 3, 30))
    assert clock.wall[index, 10] == datetime(2025, 3, 30, 1, 0, tzinfo=UTC).timestamp()


def test_reversed_days_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="2025-01-01 is before first_day 2025-01-02"):
        make_clock(date(2025, 1, 2), date(2025, 1, 1))
