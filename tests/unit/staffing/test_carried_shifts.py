"""Night shifts that began before the plan's first midnight are there in its first hours."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from staffing.carried_shifts import carried_people
from staffing.group_shifts import shift_all
from tests.support.small_enterprise import small_enterprise
from tests.unit.staffing.test_group_shifts import GROUPS, QUEUE, positions

NIGHT = date(2026, 10, 21)
FIRST = pd.Timestamp("2026-10-22 00:00", tz="Europe/Amsterdam").tz_convert("UTC")
STARTS = pd.date_range(FIRST, periods=48, freq="30min")


def schedule(*rows: tuple[float, int, int]) -> pd.DataFrame:
    """Hours from the first midnight, people who start 8 hours of work there, people whose break begins there."""
    starts = [FIRST + pd.Timedelta(hours=hours) for hours, _, _ in rows]
    return pd.DataFrame(
        {
            "staff_group": "phones",
            "contract": "day",
            "interval_start_utc": starts,
            "starting_people": [people for _, people, _ in rows],
            "shift_end_utc": [start + pd.Timedelta(hours=8) for start in starts],
            "people_taking_break": [away for _, _, away in rows],
        }
    )


def test_shifts_that_run_over_midnight_are_there_until_they_end_less_their_breaks() -> None:
    former = schedule((-16, 5, 0), (-12, 0, 5), (-2, 4, 0), (1, 0, 3), (2, 0, 1), (6, 7, 0), (9, 0, 7))
    found = carried_people(former, STARTS, 0.5, {"day": 0.5})
    assert found[:12].tolist() == [4, 4, 1, 4, 3, 4, 4, 4, 4, 4, 4, 4]
    assert found[12:].sum() == 0, "later shifts are tonight's to plan"
    assert carried_people(former.iloc[:0], STARTS, 0.5, {}).sum() == 0


def test_a_break_that_began_before_midnight_ends_after_it() -> None:
    former = schedule((-4, 3, 0), (-0.5, 0, 2), (2, 0, 1))
    assert carried_people(former, STARTS, 0.5, {"day": 1.0})[:8].tolist() == [1, 3, 3, 3, 2, 2, 3, 3]


def test_the_first_hours_are_covered_by_those_who_are_there(tmp_path: Path) -> None:
    enterprise = small_enterprise(tmp_path, QUEUE + GROUPS)
    need = positions(enterprise)
    long = schedule((-1, 20, 0)).assign(shift_end_utc=FIRST + pd.Timedelta(hours=24))  # enough for the whole first day
    alone, beside = (shift_all(need, enterprise, NIGHT, former=former) for former in (None, long))
    first = beside.cover[beside.cover["business_date"] == date(2026, 10, 22)]
    assert first["missing_people"].sum() == 0
    assert (first["working_people"] - first["surplus_people"] == first["required_people"]).all()
    needed = [one.cover.set_index("interval_start_utc")["required_people"] for one in (alone, beside)]
    pd.testing.assert_series_equal(*(one[one > 0] for one in needed))
