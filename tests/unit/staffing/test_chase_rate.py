"""Contacts that overdue work raises, found in what customers did: a planted rate, the settings' own, and what does not count."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enterprise.deferred import ChaseContacts, DeferredStaffing
from enterprise.settings import Enterprise
from enterprise.timing import clock_of
from expectations.gate import require_valid
from staffing.chase_rate import chase_rate, chase_rows, with_used_chase
from tests.support.example_night import example_enterprise
from warehouse.tables.declaration import Table
from warehouse.tables.evidence import CHASE_RATE

NIGHT = date(2026, 11, 12)
STATED = 0.5


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    whole = example_enterprise(tmp_path_factory.mktemp("chase"))
    chase = ChaseContacts(queue="voice_service", contacts_per_overdue_item_day=STATED)
    queue = whole.queues["cases_complaints"].model_copy(update={"deferred": DeferredStaffing(chase=chase)})
    return whole.model_copy(update={"queues": whole.queues | {queue.id: queue}})


def world(enterprise: Enterprise, anyway: float, overdue: float, cases: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cases that are done or not, and calls of their customers at a rate per open day of the line, higher once overdue."""
    random = np.random.default_rng(6)
    first = pd.Timestamp("2026-08-03T06:00Z")
    arrived = first + pd.to_timedelta(random.uniform(0, 80 * 24, cases), unit="h")
    done = arrived + pd.to_timedelta(random.uniform(1, 14 * 24, cases), unit="h")
    items = pd.DataFrame({
        "queue_id": "cases_complaints", "item_id": [f"c{n}" for n in range(cases)],
        "customer_id": [f"p{n}" for n in range(cases)],
        "arrived_at": arrived, "done_at": pd.Series(done).where(random.uniform(size=cases) < 0.95),
    })  # fmt: skip
    due = clock_of(enterprise, "cases_complaints").add_open_seconds(
        items["arrived_at"], enterprise.queues["cases_complaints"].service_goal.seconds
    )
    days = [date(2026, 8, 1) + timedelta(days=k) for k in range(104)]
    opened = clock_of(enterprise, "voice_service").open_seconds_per_interval(days)
    opened = opened[opened["open_seconds"] > 0]
    a_day = opened.groupby("business_date")["open_seconds"].sum().mean()
    calls = []
    for customer, begin, late, end in zip(items["customer_id"], items["arrived_at"], due, items["done_at"], strict=True):
        starts = opened["interval_start_utc"]
        there = opened[(starts > begin) & (starts < (pd.Timestamp.max.tz_localize("UTC") if pd.isna(end) else end))]
        rate = np.where(there["interval_start_utc"] >= late, anyway + overdue, anyway) * there["open_seconds"] / a_day
        calls += [(customer, at) for at in there["interval_start_utc"][random.poisson(rate) > 0]]
    seen = pd.DataFrame(calls, columns=["customer_id", "arrived_at"]).assign(queue_id="voice_service")
    return items, seen


def rows(enterprise: Enterprise, items: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    def ask(question: str, tables: tuple[Table, ...]) -> pd.DataFrame:
        return items if "cases" in {table.name for table in tables} else calls

    found = chase_rows(enterprise, NIGHT, ask)
    require_valid(CHASE_RATE, found.assign(plan_date=NIGHT)[CHASE_RATE.column_names])
    return found


@pytest.mark.parametrize(("anyway", "overdue"), [(0.02, 0.15), (0.1, 0.0)])
def test_what_being_overdue_adds_is_found_and_what_customers_do_anyway_is_not_counted(
    anyway: float, overdue: float, enterprise: Enterprise
) -> None:
    (found,) = rows(enterprise, *world(enterprise, anyway, overdue)).to_dict("records")
    assert found["used_rate_low"] <= overdue + 0.01
    assert found["used_rate"] == pytest.approx(overdue, abs=0.05), found
    assert found["used_rate"] < STATED / 2, "the data outweighs the settings"
    assert found["other_contacts"] / found["other_item_days"] == pytest.approx(anyway, rel=0.35)
    assert "overdue item-days" in found["source"]


def test_without_overdue_items_the_settings_hold(enterprise: Enterprise) -> None:
    items, calls = world(enterprise, 0.1, 0.1, cases=3)
    (found,) = rows(enterprise, items.iloc[:0], calls).to_dict("records")
    assert found["used_rate"] == pytest.approx(STATED)
    assert found["used_rate_low"] < STATED < found["used_rate_high"]
    assert found["source"].startswith("the settings")


def test_what_came_after_the_night_and_customer_numbers_of_many_change_nothing(enterprise: Enterprise) -> None:
    items, calls = world(enterprise, 0.05, 0.2, cases=60)
    before = rows(enterprise, items, calls)
    later = pd.Timestamp("2026-11-13T09:00Z")
    more_calls = pd.concat([calls, calls.assign(arrived_at=later)])
    switchboard = items.assign(customer_id="switchboard", item_id=items["item_id"] + "s")
    more_items = pd.concat([items.assign(done_at=items["done_at"].where(items["done_at"] < later, later)), switchboard])
    pd.testing.assert_frame_equal(rows(enterprise, more_items, more_calls), before)


def test_the_plan_uses_the_rate_and_an_enterprise_without_a_rule_asks_nothing(enterprise: Enterprise, tmp_path: Path) -> None:
    items, calls = world(enterprise, 0.05, 0.2, cases=60)
    found = rows(enterprise, items, calls)
    used = with_used_chase(enterprise, found).queues["cases_complaints"].deferred.chase
    assert used is not None
    assert used.contacts_per_overdue_item_day == found["used_rate"].iloc[0]
    assert used.queue == "voice_service"

    def ask(question: str, tables: tuple[Table, ...]) -> pd.DataFrame:
        raise AssertionError("nothing is to be asked")

    assert chase_rows(example_enterprise(tmp_path), NIGHT, ask).empty


def test_more_overdue_days_narrow_the_interval() -> None:
    few, many = (chase_rate(30 * n, 100 * n, 10 * n, 100 * n, prior_rate=0.2) for n in (1, 20))
    assert many.high - many.low < few.high - few.low
    assert few.low < 0.2 < few.high
