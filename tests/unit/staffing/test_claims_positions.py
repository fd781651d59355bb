"""Whom claims' contacts take: the plan less the plan that would be made without them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.gate import require_valid
from staffing.nightly import NightStaffing, staff_all
from tests.support.example_night import example_enterprise
from tests.unit.staffing.test_nightly import DAYS, NIGHT, QUEUES, demand_of, of
from warehouse.tables.claims import CLAIMS_POSITIONS

FIRST, LATER = NIGHT + timedelta(days=1), NIGHT + timedelta(days=4)
SHARE = {"voice_sales": 0.3, "chat_sales": 0.15, "email_service": 0.2}


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    whole = example_enterprise(tmp_path_factory.mktemp("staffing"))
    planning = whole.planning.model_copy(update={"horizon_days": DAYS})
    return whole.model_copy(update={"queues": {name: whole.queues[name] for name in QUEUES}, "planning": planning})


def claims_of(intervals: pd.DataFrame) -> pd.DataFrame:
    """On two days a share of each queue's contacts comes of one day's storm; on the first a tenth of that of another day's."""
    offered = intervals.groupby(["queue_id", "business_date"])["mean_offered_contacts"].sum()
    rows = [
        (NIGHT, queue, "home", reported, day, (day - NIGHT).days, 200.0, True, offered[queue, day] * share * part)
        for queue, share in SHARE.items()
        for day, reported, part in ((FIRST, NIGHT, 1.0), (FIRST, date(2026, 10, 20), 0.1), (LATER, NIGHT, 1.0))
        if (queue, day) in offered.index
    ]
    names = [
        "plan_date", "queue_id", "claim_class", "reported_date", "business_date", "lead_days", "reported_claims", "is_storm",
        "contacts",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


@pytest.fixture(scope="module")
def planned(enterprise: Enterprise) -> tuple[NightStaffing, NightStaffing, pd.DataFrame]:
    """The plan, the plan without the storm's contacts, and the claims."""
    demand = demand_of(enterprise, NIGHT)
    claims = claims_of(demand.intervals)
    key = ["queue_id", "business_date"]
    offered = demand.intervals.groupby(key)["mean_offered_contacts"].transform("sum")
    storm = claims[claims["reported_date"] == NIGHT].set_index(key)["contacts"]
    brought = pd.Series(storm.reindex(pd.MultiIndex.from_frame(demand.intervals[key])).fillna(0.0).to_numpy(), offered.index)
    less = demand.intervals["mean_offered_contacts"] * (1 - brought / offered.clip(lower=1e-9))
    without = replace(demand, intervals=demand.intervals.assign(mean_offered_contacts=less))
    whole = staff_all(replace(demand, claims=claims), enterprise, NIGHT)
    return whole, staff_all(without, enterprise, NIGHT), claims


def test_positions_are_those_of_the_plan_less_those_of_a_plan_without(
    planned: tuple[NightStaffing, NightStaffing, pd.DataFrame],
) -> None:
    whole, without, claims = planned
    rows = whole.claims.set_index(["queue_id", "reported_date", "business_date"])
    assert len(rows) == len(claims)
    for day in (FIRST, LATER):
        one, other = (of(plan.intervals[plan.intervals["business_date"] == day], "voice_sales") for plan in (whole, without))
        found = rows.loc[("voice_sales", NIGHT, day)]
        assert found["peak_positions"] == one["positions_required"].max() - other["positions_required"].max()
        difference = (one["positions_required"].to_numpy() - other["positions_required"].to_numpy()) * one["open_seconds"] / 3600
        assert found["position_hours"] == pytest.approx(difference.sum())
        assert found["position_hours"] > 0


def test_fewer_contacts_take_no_more_people(planned: tuple[NightStaffing, NightStaffing, pd.DataFrame]) -> None:
    rows = planned[0].claims.query("business_date == @FIRST").set_index(["queue_id", "reported_date"])
    for queue in SHARE:
        storm, other = rows.loc[(queue, NIGHT)], rows.loc[(queue, date(2026, 10, 20))]
        assert other["position_hours"] <= storm["position_hours"]


def test_work_that_can_wait_counts_with_the_work_in_it(
    planned: tuple[NightStaffing, NightStaffing, pd.DataFrame], enterprise: Enterprise
) -> None:
    rows = planned[0].claims.query("queue_id == 'email_service'")
    assert rows["peak_positions"].isna().all()
    handle = planned[0].intervals.query("queue_id == 'email_service'")["mean_handle_seconds"]
    hours = rows["contacts"].to_numpy() * np.array([handle.min(), handle.max()])[:, None] / 3600
    assert (rows["position_hours"].to_numpy() >= hours[0] - 1e-6).all()
    assert (rows["position_hours"].to_numpy() <= hours[1] + 1e-6).all()


def test_the_rows_are_what_the_table_declares(planned: tuple[NightStaffing, NightStaffing, pd.DataFrame]) -> None:
    require_valid(CLAIMS_POSITIONS, planned[0].claims)
    require_valid(CLAIMS_POSITIONS, planned[1].claims)
    assert planned[1].claims.empty
