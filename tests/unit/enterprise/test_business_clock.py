from datetime import date, time

import numpy as np
import pandas as pd
import pytest

from enterprise.business_clock import BusinessClock
from enterprise.errors import SettingsError
from enterprise.grid import IntervalGrid
from enterprise.opening import Opening

GRID = IntervalGrid("Europe/Amsterdam", 30)
HOUR = 3600
OFFICE = Opening(
    {weekday: [(time(9), time(17))] for weekday in range(5)}, "Europe/Amsterdam", holidays=frozenset({date(2026, 4, 6)})
)
CLOCK = BusinessClock(OFFICE, GRID, "email_claims")


def at(*texts: str | None) -> pd.Series:
    """Local times of Amsterdam as UTC instants."""
    local = pd.Series(pd.to_datetime(list(texts), format="ISO8601")).dt.as_unit("us")
    return local.dt.tz_localize("Europe/Amsterdam").dt.tz_convert("UTC")


@pytest.mark.parametrize(
    ("arrived", "hours", "due"),
    [
        ("2026-11-12 10:00", 2, "2026-11-12 12:00"),
        ("2026-11-12 09:00", 8, "2026-11-12 17:00"),  # up exactly at closing: due at closing
        ("2026-11-12 16:00", 2, "2026-11-13 10:00"),
        ("2026-11-13 16:00", 2, "2026-11-16 10:00"),  # over the weekend
        ("2026-11-12 22:00", 1, "2026-11-13 10:00"),
        ("2026-11-12 05:00", 1, "2026-11-12 10:00"),
        ("2026-11-12 17:00", 0, "2026-11-13 09:00"),  # closing time is outside the hours
        ("2026-11-14 12:00", 0, "2026-11-16 09:00"),
        ("2026-11-12 12:00", 0, "2026-11-12 12:00"),
        ("2026-03-27 16:00", 2, "2026-03-30 10:00"),  # over the clock change
        ("2026-04-03 16:00", 2, "2026-04-07 10:00"),  # over a holiday
        ("2026-11-12 09:00", 8 * 260, "2027-11-10 17:00"),  # 260 working days
    ],
)
def test_due_times(arrived: str, hours: float, due: str) -> None:
    assert CLOCK.add_open_seconds(at(arrived), hours * HOUR).tolist() == at(due).tolist()


def test_each_row_may_have_its_own_allowance_and_missing_ones_have_no_due_time() -> None:
    arrived = at("2026-11-12 10:00", None, "2026-11-12 10:00", "2026-11-12 10:00")
    due = CLOCK.add_open_seconds(arrived, pd.Series([HOUR, HOUR, np.nan, 90.5]))
    assert due.isna().tolist() == [False, True, True, False]
    assert due.dropna().tolist() == [pd.Timestamp("2026-11-12T10:00Z"), pd.Timestamp("2026-11-12T09:01:30.5Z")]


def test_open_time_between_counts_hours_only_and_runs_backwards_when_overdue() -> None:
    starts = at("2026-11-13 16:00", "2026-11-16 10:00", "2026-11-14 10:00", "2026-11-14 10:00", None)
    ends = at("2026-11-16 10:00", "2026-11-13 16:00", "2026-11-15 10:00", None, "2026-11-14 10:00")
    found = CLOCK.open_seconds_between(starts, ends)
    assert found.tolist()[:3] == [2 * HOUR, -2 * HOUR, 0]
    assert found.isna().tolist() == [False] * 3 + [True] * 2


def test_nothing_in_gives_nothing_out() -> None:
    nothing = at()
    assert CLOCK.add_open_seconds(nothing, HOUR).empty
    assert CLOCK.open_seconds_between(nothing, nothing).empty
    assert CLOCK.add_open_seconds(at(None), HOUR).isna().all()


def test_time_given_for_years_is_found_beyond_the_first_years_looked_at() -> None:
    due = CLOCK.add_open_seconds(at("2026-11-12 09:00"), 40 * 2080 * HOUR).iloc[0]
    assert due.year == 2066
    assert CLOCK.open_seconds_between(at("2026-11-12 09:00"), pd.Series([due])).tolist() == [40 * 2080 * HOUR]


@pytest.mark.parametrize(
    "opening", [Opening({}, "UTC"), Opening({}, "UTC", exceptions={date(2026, 11, 9): [(time(9), time(17))]})]
)
def test_a_queue_that_stays_closed_is_named_with_the_remedy(opening: Opening) -> None:
    clock = BusinessClock(opening, GRID, "cases_policy")
    with pytest.raises(SettingsError, match=r"queue 'cases_policy' has no open time.*Give the queue opening hours"):
        clock.add_open_seconds(at("2026-11-12 10:00"), HOUR)
    with pytest.raises(SettingsError, match="cases_policy"):
        clock.add_open_seconds(at("2026-11-12 10:00"), 0)
    assert clock.open_seconds_between(at("2026-11-12 10:00"), at("2026-11-13 10:00")).tolist() == [0]


@pytest.mark.parametrize("seconds", [-1.0, float("inf")])
def test_impossible_allowances_are_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="expected >= 0 and finite"):
        CLOCK.add_open_seconds(at("2026-11-12 10:00"), seconds)


def test_frames_that_do_not_belong_together_are_refused() -> None:
    arrived = at("2026-11-12 10:00")
    with pytest.raises(ValueError, match="different indexes"):
        CLOCK.add_open_seconds(arrived, pd.Series([1.0], index=[5]))
    with pytest.raises(ValueError, match="different indexes"):
        CLOCK.open_seconds_between(arrived, at("2026-11-12 10:00", "2026-11-12 11:00"))


def test_a_sentinel_date_or_a_due_time_past_all_calendars_is_refused() -> None:
    with pytest.raises(ValueError, match=r"email_claims.*1970 to 9999.*quarantine"):
        CLOCK.add_open_seconds(pd.Series(pd.to_datetime(["1970-01-02T00:00Z", "9999-12-31T00:00Z"])), HOUR)
    with pytest.raises(ValueError, match=r"email_claims.*due time lies after 2199"):
        CLOCK.add_open_seconds(at("2026-11-12 10:00"), 1e10)
