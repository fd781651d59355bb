"""The capacity plan: what later weeks need, who is there then, and what only the settings know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.hiring import Hiring
from enterprise.settings import Enterprise
from expectations.gate import require_valid
from expectations.rule import Night
from expectations.suites import capacity
from staffing.capacity import KnownNight, capacity_rows, hours_at_volumes
from staffing.live import positions_at_volumes
from tests.support.example_night import PLAN_DATE, example_enterprise, night_frames
from warehouse.tables.capacity import CAPACITY_PLAN
from warehouse.tables.core import AGENTS
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_WEEKLY
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE
from warehouse.tables.staffing import STAFFING_INTERVAL

GROUP = "sales_zwolle"


def agent(number: int, **changes: object) -> dict[str, object]:
    return {
        "agent_id": f"agent {number}", "valid_from": date(1970, 1, 1), "skills": "voice_claims:0.70;voice_sales:0.90",
        "contract_hours_per_week": 36.0, "hired_on": date(2024, 1, 1), "left_on": None,
    } | changes  # fmt: skip


def agents(*rows: dict[str, object]) -> pd.DataFrame:
    columns = ["agent_id", "valid_from", "skills", "contract_hours_per_week", "hired_on", "left_on"]
    return pd.DataFrame(list(rows), columns=columns)


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    whole = example_enterprise(tmp_path_factory.mktemp("capacity"))
    groups = {name: whole.staff_groups[name] for name in (GROUP, "back_office_rotterdam")}
    return whole.model_copy(update={"staff_groups": groups})


@pytest.fixture(scope="module")
def night(enterprise: Enterprise) -> KnownNight:
    frames = night_frames(enterprise, PLAN_DATE)
    tables = (FORECAST_WEEKLY, FORECAST_DAILY, STAFFING_INTERVAL, SHIFT_PEOPLE, SHIFT_COVER)
    weekly, *others = (frames[table] for table in tables)
    return KnownNight(weekly, *others, agents(*(agent(number) for number in range(20))))


def hiring(enterprise: Enterprise, **rules: object) -> Enterprise:
    group = enterprise.staff_groups[GROUP].model_copy(update={"hiring": Hiring(**rules)})
    return enterprise.model_copy(update={"staff_groups": {GROUP: group}})


def base(rows: pd.DataFrame, group: str = GROUP) -> pd.DataFrame:
    return rows[(rows["staff_group"] == group) & (rows["scenario"] == "base")].reset_index(drop=True)


def test_the_rows_are_what_the_table_declares_and_its_rules_ask(night: KnownNight, enterprise: Enterprise) -> None:
    rows = capacity_rows(night, enterprise, PLAN_DATE)
    require_valid(CAPACITY_PLAN, rows)
    assert len(rows) == 2 * 3 * 78
    seen = Night(enterprise, PLAN_DATE, {CAPACITY_PLAN: rows, FORECAST_WEEKLY: night.weekly})
    for rule in capacity.RULES:
        found = rule.evidence(seen)
        assert len(found)
        assert found["holds"].all(), rule.name


def test_a_week_like_the_plans_needs_the_plans_hours(night: KnownNight, enterprise: Enterprise) -> None:
    queue = enterprise.queues["email_claims"]
    staffed = night.positions[night.positions["queue_id"] == queue.id]
    hours = float((staffed["positions_required"] * staffed["open_seconds"]).sum()) / 3600
    assert hours_at_volumes(queue, staffed, np.array([1.0, 2.0])) == pytest.approx([hours, 2 * hours])
    # A live queue is staffed anew; three times the calls need less than three times the people.
    queue = enterprise.queues["voice_sales"]
    staffed = night.positions[night.positions["queue_id"] == queue.id]
    one, three = hours_at_volumes(queue, staffed, np.array([1.0, 3.0]))
    (exact,) = positions_at_volumes(queue, staffed, [1.0])
    assert one == pytest.approx(float((exact * staffed["open_seconds"]).sum()) / 3600)
    assert one < three < 3 * one
    assert hours_at_volumes(queue, staffed, np.array([0.0]))[0] >= queue.minimum_positions * len(staffed) / 2 - 1e-9


def test_shifts_that_do_not_fit_exactly_cost_hours_in_every_week(night: KnownNight, enterprise: Enterprise) -> None:
    people = night.shift_people.assign(staff_group=GROUP, paid_hours=4000.0)
    cover = night.shift_cover.assign(staff_group=GROUP, hours_to_fill=0.0)
    some = base(capacity_rows(replace(night, shift_people=people, shift_cover=cover), enterprise, PLAN_DATE))
    more = base(
        capacity_rows(replace(night, shift_people=people.assign(paid_hours=4400.0), shift_cover=cover), enterprise, PLAN_DATE)
    )
    ratio = more["required_full_time_equivalents"] / some["required_full_time_equivalents"]
    assert ratio.to_numpy() == pytest.approx(1.1)
    assert "paid hours per hour of the queues" in some["note"].iloc[0]


def test_people_leave_week_by_week_and_hires_replace_them(night: KnownNight, enterprise: Enterprise) -> None:
    rules = {
        "full_time_equivalents": 12.0,
        "attrition_per_year": 0.3,
        "recruiting_weeks": 6,
        "training_weeks": 3,
        "learning_weeks": 5,
    }
    rows = base(capacity_rows(night, hiring(enterprise, **rules), PLAN_DATE))
    there = rows["available_full_time_equivalents"].astype("float64")
    assert there.iloc[0] == pytest.approx(12 * 0.7 ** (4 / 365.25), abs=0.01)
    assert there.iloc[52] / there.iloc[0] == pytest.approx(0.7, abs=0.01)
    assert (rows["still_missing_full_time_equivalents"] <= rows["missing_full_time_equivalents"].clip(lower=0) + 1e-9).all()
    begins = rows[rows["hires_to_start"] > 0]
    assert all(day > PLAN_DATE for day in begins["begin_recruiting_date"])
    assert all(
        (monday - day).days == 42 for monday, day in zip(begins["week_start_date"], begins["begin_recruiting_date"], strict=True)
    )
    lacking = rows[rows["missing_full_time_equivalents"] > 0.1]
    assert len(lacking)
    for row in lacking.to_dict("records"):
        assert row["close_gap_by_date"] == row["week_start_date"] - timedelta(weeks=14)
        assert row["is_too_late"] == (row["close_gap_by_date"] <= PLAN_DATE)


def test_who_learns_does_less_and_who_has_signed_comes(night: KnownNight, enterprise: Enterprise) -> None:
    first = PLAN_DATE + timedelta(days=18)  # a Monday
    rules = {"full_time_equivalents": 1.0, "attrition_per_year": 0.0, "training_weeks": 2, "learning_weeks": 4}
    with_two = hiring(enterprise, **rules, agreed_starts={first: 2, PLAN_DATE: 9})
    rows = base(capacity_rows(night, with_two, PLAN_DATE)).set_index("week_start_date")["available_full_time_equivalents"]
    weeks = [first + timedelta(weeks=k) for k in (-1, 0, 1, 2, 3, 6, 20)]
    assert rows[weeks].tolist() == pytest.approx([1, 1, 1, 2, 2.25, 3, 3])


def test_people_of_the_source_count_where_they_are_best_and_no_later_day_is_known(
    night: KnownNight, enterprise: Enterprise
) -> None:
    after = PLAN_DATE + timedelta(days=30)
    people = agents(
        *(agent(number) for number in range(8)),
        agent(8, left_on=after),  # leaves after the night: not known yet
        agent(9, left_on=PLAN_DATE - timedelta(days=100)),
        agent(10, hired_on=after),
        agent(11, skills="voice_claims:0.95;voice_sales:0.90"),
        agent(12, contract_hours_per_week=18.0),
        agent(12, contract_hours_per_week=36.0, valid_from=after),
        agent(13, skills="email_claims", hired_on=None),
    )
    rows = capacity_rows(replace(night, agents=people), hiring(enterprise, attrition_per_year=0.0), PLAN_DATE)
    assert base(rows)["available_full_time_equivalents"].iloc[0] == pytest.approx(9.5)
    assert "10 people of the workforce source, 9.5 full-time" in base(rows)["note"].iloc[0]
    earlier = replace(night, agents=people.assign(left_on=None)[people["hired_on"] != after])
    assert base(capacity_rows(earlier, hiring(enterprise, attrition_per_year=0.0), PLAN_DATE))[
        "available_full_time_equivalents"
    ].iloc[0] == pytest.approx(10.5), "who left before the night would be there"


def test_leavers_of_the_last_year_say_how_many_leave(night: KnownNight, enterprise: Enterprise) -> None:
    left = [agent(number, left_on=PLAN_DATE - timedelta(days=30 * (number % 12) + 1)) for number in range(60)]
    many = agents(*left, *(agent(number) for number in range(60, 100)))
    few = night.agents
    notes = [
        base(capacity_rows(replace(night, agents=one), hiring(enterprise), PLAN_DATE))["note"].iloc[0] for one in (many, few)
    ]
    share = [float(note.partition("% leave")[0].rpartition(";")[2]) for note in notes]
    assert share[0] > 35 > 15 > share[1] > 5


def test_a_group_whose_people_nobody_names_has_needs_but_no_hires(night: KnownNight, enterprise: Enterprise) -> None:
    nobody = replace(night, agents=AGENTS.arrow_schema.empty_table().to_pandas())
    found = capacity_rows(nobody, enterprise, PLAN_DATE)
    require_valid(CAPACITY_PLAN, found)
    rows = base(found)
    assert (rows["required_full_time_equivalents"] > 0).all()
    assert rows["available_full_time_equivalents"].isna().all()
    assert rows["hires_to_start"].isna().all()
    assert "name a workforce source" in rows["note"].iloc[0]


def test_a_queue_without_weeks_is_named_and_a_group_without_any_has_no_rows(night: KnownNight, enterprise: Enterprise) -> None:
    weekly = night.weekly[night.weekly["member_id"] != "voice_sales"]
    weekly = weekly[~weekly["member_id"].isin(enterprise.staff_groups["back_office_rotterdam"].queues)]
    rows = capacity_rows(replace(night, weekly=weekly), enterprise, PLAN_DATE)
    assert set(rows["staff_group"]) == {GROUP}
    assert "without Sales line" in rows["note"].iloc[0]
    assert capacity_rows(replace(night, weekly=weekly.iloc[:0]), enterprise, PLAN_DATE).empty
