"""Weeks of the plan: a week that is planned only in part needs no more people than a whole week like it."""

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from expectations.gate import require_valid
from staffing.levels import shrinkage_by_kind, staffing_by_week
from staffing.shrinkage import productive_fraction
from tests.support.example_night import PLAN_DATE, example_enterprise, night_frames
from warehouse.tables.staffing import SHRINKAGE_HOURS, STAFFING_INTERVAL

ENTERPRISE = cast(Any, SimpleNamespace(planning=SimpleNamespace(full_time_hours_per_week=38.0)))
HOURS = [100.0, 90.0, 80.0, 80.0, 70.0, 30.0, 10.0]  # Monday to Sunday


def days(first: date, last: date, hours: list[float] = HOURS) -> pd.DataFrame:
    every = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return pd.DataFrame(
        {
            "plan_date": date(2026, 11, 12), "level": "channel", "member_id": "voice", "business_date": every,
            "mean_offered_contacts": 1.0, "position_hours": 1.0, "staff_hours": [hours[day.weekday()] for day in every],
            "cost": 1.0, "blended_staff_hours": 1.0, "blended_cost": 1.0, "peak_scheduled_staff": 5,
        }
    )  # fmt: skip


def test_part_of_a_week_needs_the_people_of_the_whole_week() -> None:
    weeks = staffing_by_week(days(date(2026, 11, 13), date(2026, 12, 10)), ENTERPRISE)  # Friday to Thursday
    assert weeks["planned_days"].tolist() == [3, 7, 7, 7, 4]
    assert weeks["full_time_equivalents"].tolist() == pytest.approx([460 / 38.0] * 5)
    assert weeks["staff_hours"].tolist() == [110, 460, 460, 460, 350]


def test_without_a_whole_week_every_day_is_a_seventh() -> None:
    weeks = staffing_by_week(days(date(2026, 11, 13), date(2026, 11, 15)), ENTERPRISE)
    assert weeks["full_time_equivalents"].tolist() == pytest.approx([110 / (38.0 * 3 / 7)])


def test_a_week_without_any_work_needs_nobody() -> None:
    weeks = staffing_by_week(days(date(2026, 11, 16), date(2026, 11, 25), [0.0] * 7), ENTERPRISE)
    assert weeks["full_time_equivalents"].tolist() == [0.0, 0.0]


def test_hours_lost_by_kind_and_hours_at_work_are_all_hours_to_schedule(tmp_path: Path) -> None:
    enterprise = example_enterprise(tmp_path)
    intervals = night_frames(enterprise, PLAN_DATE, horizon=7)[STAFFING_INTERVAL]
    rows = shrinkage_by_kind(intervals, enterprise)
    require_valid(SHRINKAGE_HOURS, rows.assign(plan_date=PLAN_DATE)[SHRINKAGE_HOURS.column_names])
    hours = (intervals["scheduled_staff"] * intervals["open_seconds"] / 3600).groupby(intervals["queue_id"]).sum()
    for queue_id, own in rows.groupby("queue_id"):
        queue = enterprise.queues[str(queue_id)]
        at_work = float(hours[queue_id]) * float(productive_fraction(queue.shrinkage))
        assert own["lost_hours"].sum() + at_work == pytest.approx(hours[queue_id])
        assert set(own["kind"]) == set(queue.shrinkage)
        assert own["lost_cost"].sum() == pytest.approx(own["lost_hours"].sum() * queue.hourly_cost)
        assert own.set_index("kind")["planned_by_shifts"].to_dict()["breaks"]
        assert not own.set_index("kind")["planned_by_shifts"].to_dict()["illness"]
