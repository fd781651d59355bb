"""Shifts of staff groups: what a group needs, when its people begin by the wall clock, and groups that have no shifts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.errors import SettingsError
from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of
from expectations.gate import require_valid
from staffing.group_shifts import NightShifts, shift_all
from tests.support.small_enterprise import SETTINGS, small_enterprise
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE, SHIFT_SCHEDULE

PLAN_DATE = date(2026, 10, 21)  # a Wednesday; the clocks go back on Sunday the 25th
DAYS = 12
GROUPS = """
[contracts.day]
name = "Day"
days_per_week = 5
shift_hours = 8.5
break_minutes = 30
break_earliest_hours = 3
break_latest_hours = 5
starts = ["08:00-09:30"]
[contracts.half]
name = "Half a day"
days_per_week = 4
shift_hours = 4
[staff_groups.phones]
name = "Phones"
queues = ["voice"]
contracts = ["day", "half"]
hourly_cost = 30.0
people_at_most = { half = 3 }
"""
QUEUE = SETTINGS.replace(
    "[sources.acd]", "shrinkage = { illness = 0.2, breaks = 0.1 }\n[planning]\nhorizon_days = 12\n[sources.acd]"
)


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    return small_enterprise(tmp_path_factory.mktemp("shifts"), QUEUE + GROUPS)


def positions(enterprise: Enterprise, needed: int = 8) -> pd.DataFrame:
    """So many positions in every open interval, three more from ten to twelve."""
    dates = [PLAN_DATE + timedelta(days=ahead) for ahead in range(1, DAYS + 1)]
    rows = opening_of(enterprise, "voice").open_seconds_per_interval(grid_of(enterprise), dates)
    rows = rows[rows["open_seconds"] > 0]
    hour = rows["interval_start_utc"].dt.tz_convert("Europe/Amsterdam").dt.hour
    return rows.assign(queue_id="voice", positions_required=needed + 3 * hour.isin([10, 11]))


@pytest.fixture(scope="module")
def shifts(enterprise: Enterprise) -> NightShifts:
    return shift_all(positions(enterprise), enterprise, PLAN_DATE)


def test_the_rows_are_what_the_tables_declare(shifts: NightShifts) -> None:
    for table, rows in ((SHIFT_PEOPLE, shifts.people), (SHIFT_SCHEDULE, shifts.schedule), (SHIFT_COVER, shifts.cover)):
        assert len(require_valid(table, rows))


def test_who_is_ill_is_made_up_for_and_who_has_a_break_is_not_taken_off_twice(shifts: NightShifts) -> None:
    assert set(shifts.cover["required_people"]) == {10, 14}  # 8 / 0.8 and 11 / 0.8, rounded up once


def test_what_shifts_leave_open_and_to_spare_balances_with_what_is_required(shifts: NightShifts) -> None:
    cover = shifts.cover
    balance = cover["working_people"] + cover["missing_people"] - cover["surplus_people"]
    assert (balance == cover["required_people"]).all()
    assert (cover["hours_to_fill"] == cover["missing_people"] / 2).all()
    assert cover["missing_people"].sum() < 0.1 * cover["required_people"].sum(), "a missing hour costs three paid ones"


def test_working_people_are_those_whose_shift_runs_less_those_on_their_break(shifts: NightShifts) -> None:
    rows = shifts.schedule
    for place, moment in shifts.cover.set_index("interval_start_utc")["working_people"].items():
        there = rows[(rows["interval_start_utc"] <= place) & (rows["shift_end_utc"] > place)]["starting_people"].sum()
        breaks = rows[rows["interval_start_utc"] == place]["people_taking_break"].sum()
        assert there - breaks == moment
    assert (rows["shift_end_utc"].isna() == (rows["starting_people"] == 0)).all(), "where only breaks begin, no shift ends"
    day = rows[rows["contract"] == "day"]
    assert day["people_taking_break"].sum() == day["starting_people"].sum()


def test_shifts_begin_within_their_hours_on_both_sides_of_the_clock_change(shifts: NightShifts) -> None:
    day = shifts.schedule[(shifts.schedule["contract"] == "day") & (shifts.schedule["starting_people"] > 0)]
    local = day["interval_start_utc"].dt.tz_convert("Europe/Amsterdam").dt.strftime("%H:%M")
    assert set(local) <= {"08:00", "08:30", "09:00", "09:30"}
    assert {moment.hour for moment in day["interval_start_utc"] if moment.day < 25} & {6, 7}
    assert not {moment.hour for moment in day["interval_start_utc"] if moment.day > 25} & {6}


def test_people_work_the_days_of_their_contract_in_every_week_by_the_calendar(shifts: NightShifts) -> None:
    people = shifts.people.set_index("contract")
    started = shifts.schedule[shifts.schedule["starting_people"] > 0]
    monday = [day - timedelta(days=day.weekday()) for day in started["business_date"]]
    weekly = started.groupby(["contract", pd.Index(monday, name="week")])["starting_people"].sum()
    full_week = date(2026, 10, 26)
    for contract, days in (("day", 5), ("half", 4)):
        if people.loc[contract, "people"]:
            assert weekly[contract, full_week] == days * people.loc[contract, "people"]
    assert people.loc["half", "people"] <= 3
    per_day = started.groupby(["contract", "business_date"])["starting_people"].sum()
    assert all(count <= people.loc[contract, "people"] for (contract, _), count in per_day.items())
    cost = people["cost"].sum()
    assert cost == pytest.approx(30 * (8 * people.loc["day", "shifts"] + 4 * people.loc["half", "shifts"]))


def test_a_group_that_nothing_can_cover_says_why_and_keeps_no_other_from_its_shifts(enterprise: Enterprise) -> None:
    never = {"contracts": ("night",), "people_at_least": {"night": 5}, "people_at_most": {}}
    both = enterprise.model_copy(
        update={
            "contracts": enterprise.contracts | {"night": enterprise.contracts["day"].model_copy(update={"starts": ("20:00",)})},
            "staff_groups": enterprise.staff_groups | {"also": enterprise.staff_groups["phones"].model_copy(update=never)},
        }
    )
    found = shift_all(positions(enterprise), both, PLAN_DATE)
    of_group = found.people.set_index("staff_group")
    assert "no shifts were found" in of_group.loc["also", "note"]
    assert of_group.loc["also", "people"] == 0
    assert of_group.loc["phones", "people"].sum() > 0
    assert set(found.cover["staff_group"]) == {"phones"}
    require_valid(SHIFT_PEOPLE, found.people)


def test_without_groups_the_tables_are_empty(enterprise: Enterprise) -> None:
    none = shift_all(positions(enterprise), enterprise.model_copy(update={"staff_groups": {}}), PLAN_DATE)
    assert [len(rows) for rows in (none.people, none.schedule, none.cover)] == [0, 0, 0]
    require_valid(SHIFT_COVER, none.cover)


def test_the_same_positions_give_the_same_shifts(enterprise: Enterprise, shifts: NightShifts) -> None:
    again = shift_all(positions(enterprise).sample(frac=1, random_state=np.random.default_rng(1)), enterprise, PLAN_DATE)
    for one, other in ((again.people, shifts.people), (again.schedule, shifts.schedule), (again.cover, shifts.cover)):
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("shift_hours = 4\n", "shift_hours = 4.25\n", "write a multiple of 30"),
        ("break_latest_hours = 5", "break_latest_hours = 8.5", "does not lie within a shift of 8.5 hours"),
        ('starts = ["08:00-09:30"]', 'starts = ["8-9"]', "'8-9' is no time of day"),
        ('starts = ["08:00-09:30"]', 'starts = ["22:00-02:00"]', "two spans for one over midnight"),
        ('queues = ["voice"]', 'queues = ["chat"]', "'chat' is no queue; known are voice"),
        ('contracts = ["day", "half"]', 'contracts = ["day", "night"]', "'night' is not described; known are day, half"),
        ("people_at_most = { half = 3 }", "people_at_most = { full = 3 }", "is none of the group's contracts"),
        ("people_at_most = { half = 3 }", "people_at_most = { half = 3 }\npeople_at_least = { half = 4 }", "above people_at"),
        ("hourly_cost = 30.0\n", '', "hourly_cost"),
    ],
)  # fmt: skip
def test_contradictory_rules_are_refused_with_their_place(old: str, new: str, words: str, tmp_path: Path) -> None:
    assert old in GROUPS
    with pytest.raises(SettingsError, match=r"contracts|staff_groups") as caught:
        small_enterprise(tmp_path, QUEUE + GROUPS.replace(old, new, 1))
    assert words in str(caught.value)


def test_a_queue_belongs_to_one_group_only(tmp_path: Path) -> None:
    twice = GROUPS + GROUPS[GROUPS.index("[staff_groups") :].replace("phones", "others")
    with pytest.raises(SettingsError, match="is in phones already; one queue, one group"):
        small_enterprise(tmp_path, QUEUE + twice)
