"""Which night `leadline run` runs."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from cli.run import _night_to_run
from enterprise.errors import NeedsPersonError

NOW = datetime(2026, 12, 1, 0, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
DEMO_DAY = date(2026, 11, 12)


def test_without_a_date_it_is_the_demos_last_night_or_yesterdays() -> None:
    assert _night_to_run(None, DEMO_DAY, NOW) == DEMO_DAY
    assert _night_to_run(None, None, NOW) == date(2026, 11, 30)


def test_any_day_that_has_begun_may_be_asked_for_and_the_demos_last_on_every_machine() -> None:
    assert _night_to_run(date(2026, 12, 1), None, NOW) == date(2026, 12, 1)
    assert _night_to_run(DEMO_DAY, DEMO_DAY, NOW.replace(year=2025)) == DEMO_DAY


@pytest.mark.parametrize("demo_day", [None, DEMO_DAY])
def test_a_night_that_lies_ahead_is_refused(demo_day: date | None) -> None:
    with pytest.raises(
        NeedsPersonError, match=r"2026-12-02 has not begun: it is 2026-12-01 00:30 in Europe/Amsterdam\. Name a day"
    ):
        _night_to_run(date(2026, 12, 2), demo_day, NOW)
