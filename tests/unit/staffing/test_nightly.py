"""A queue that cannot be staffed keeps the people of the last plan and says so; the others are planned as they would be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from enterprise.deferred import ChaseContacts, DeferredStaffing
from enterprise.settings import Enterprise
from expectations.rule import Night
from expectations.suites.registry import rules_of, tables_of
from staffing.block_staffing import Demand, needed_with, staff_block
from staffing.nightly import NightStaffing, merged, staff_all
from tests.support.example_night import example_enterprise, night_frames
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.evidence import CHASE_RATE, CHAT_CONCURRENCY, PATIENCE
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL, FORECAST_WEEKLY
from warehouse.tables.history import BACKLOG_OPENING, INTERVAL_HISTORY
from warehouse.tables.staffing import (
    CERTAINTY_CURVE,
    STAFFING_DAILY,
    STAFFING_INTERVAL,
    STAFFING_WEEKLY,
)

NIGHT = date(2026, 10, 22)  # the clocks go back on the Sunday after it
BEFORE = NIGHT - timedelta(days=1)
QUEUES = ("voice_sales", "chat_sales", "email_service")
DAYS = 9
PEOPLE = ["positions_required", "scheduled_staff", "answered_fraction"]


@pytest.fixture(scope="module")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    whole = example_enterprise(tmp_path_factory.mktemp("staffing"))
    planning = whole.planning.model_copy(update={"horizon_days": DAYS})
    return whole.model_copy(update={"queues": {name: whole.queues[name] for name in QUEUES}, "planning": planning})


def demand_of(enterprise: Enterprise, night: date) -> Demand:
    frames = night_frames(enterprise, night, DAYS)
    empty = {
        table: table.arrow_schema.empty_table().to_pandas() for table in (BACKLOG_OPENING, INTERVAL_HISTORY, STAFFING_INTERVAL)
    }
    return Demand(
        frames[FORECAST_INTERVAL],
        frames[FORECAST_DAILY],
        empty[BACKLOG_OPENING],
        empty[INTERVAL_HISTORY],
        CHAT_CONCURRENCY.arrow_schema.empty_table().to_pandas(),
        empty[STAFFING_INTERVAL],
        CHASE_RATE.arrow_schema.empty_table().to_pandas(),
    )


@pytest.fixture(scope="module")
def demand(enterprise: Enterprise) -> Demand:
    former = staff_all(demand_of(enterprise, BEFORE), enterprise, BEFORE).intervals
    return replace(demand_of(enterprise, NIGHT), former=former)


@pytest.fixture(scope="module")
def good(demand: Demand, enterprise: Enterprise) -> NightStaffing:
    return staff_all(demand, enterprise, NIGHT)


def broken(demand: Demand, *queues: str) -> Demand:
    """Quantiles of these queues fall where they should rise: no model takes them."""
    wrong = demand.intervals["queue_id"].isin(queues)
    rows = demand.intervals.assign(offered_contacts_q90=demand.intervals["offered_contacts_q90"].mask(wrong, 0.0))
    return replace(demand, intervals=rows)


def of(rows: pd.DataFrame, queue: str) -> pd.DataFrame:
    return rows[rows["queue_id"] == queue].reset_index(drop=True)


def failed_rules(found: NightStaffing, demand: Demand, enterprise: Enterprise) -> set[str]:
    frames = {
        FORECAST_INTERVAL: demand.intervals,
        FORECAST_DAILY: demand.daily,
        BACKLOG_OPENING: demand.backlog,
        STAFFING_INTERVAL: found.intervals,
        STAFFING_DAILY: found.daily,
        STAFFING_WEEKLY: found.weekly,
        BACKLOG_PROJECTION: found.backlog,
        CERTAINTY_CURVE: found.certainty,
        STAFFING_BLENDED: found.blended,
        PATIENCE: found.patience,
        CHAT_CONCURRENCY: demand.chat,
        DEADLINE_PRICE: found.deadlines,
    }
    # Made by other steps: shifts, capacity, looking back.
    other = [table for table in (*tables_of("staffing"), FORECAST_WEEKLY) if table not in frames]
    frames |= {table: table.arrow_schema.empty_table().to_pandas() for table in other}
    night = Night(enterprise, NIGHT, frames)
    rules = [rule for rule in rules_of("staffing") if rule.name not in ("goal_met", "certainty_needs_enough")]
    return {rule.name for rule in rules if not rule.evidence(night)["holds"].all()}


def test_the_curve_of_certainty_rises_and_holds_the_settings_own_probability(good: NightStaffing, enterprise: Enterprise) -> None:
    for queue in QUEUES:
        curve, plan = of(good.certainty, queue), of(good.intervals, queue)
        assert curve["goal_probability"].tolist() == [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
        assert curve["staff_hours"].is_monotonic_increasing
        assert curve["cost"].iloc[-1] > curve["cost"].iloc[0]
        certain = curve.set_index("goal_probability").loc[enterprise.planning.goal_probability, "position_hours"]
        # What the intervals ask for certainty is never below what they ask for the mean; the curve is, where 80 % asks less.
        assert certain <= (plan["positions_for_certainty"] * plan["open_seconds"]).sum() / 3600 + 1e-9
        assert certain >= 0.9 * (plan["positions_for_certainty"] * plan["open_seconds"]).sum() / 3600
        assert curve["cost"].tolist() == pytest.approx(curve["staff_hours"] * enterprise.queues[queue].hourly_cost)


def test_queues_staffed_by_several_tasks_in_any_order_have_the_very_same_people(
    demand: Demand, good: NightStaffing, enterprise: Enterprise
) -> None:
    shares = [staff_block(demand, enterprise, NIGHT, [queue]) for queue in reversed(QUEUES)]
    found = merged(shares, demand, enterprise, NIGHT)
    for name in ("intervals", "daily", "weekly", "certainty"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(good, name))
    keys = {"backlog": BACKLOG_PROJECTION, "patience": PATIENCE, "deadlines": DEADLINE_PRICE}
    for name, table in keys.items():
        ours, theirs = (getattr(one, name).sort_values(table.key_names, ignore_index=True) for one in (found, good))
        pd.testing.assert_frame_equal(ours, theirs)


def test_a_share_works_out_the_overdue_work_that_raises_its_calls(enterprise: Enterprise) -> None:
    email = enterprise.queues["email_service"]
    rule = ChaseContacts(queue="voice_sales", contacts_per_overdue_item_day=0.2)
    chased = email.model_copy(update={"deferred": DeferredStaffing(chase=rule)})
    ruled = enterprise.model_copy(update={"queues": {**enterprise.queues, "email_service": chased}})
    assert needed_with(["voice_sales"], ruled) == ["email_service", "voice_sales"]
    assert needed_with(["chat_sales"], ruled) == ["chat_sales"]


@pytest.mark.parametrize("queue", ["voice_sales", "email_service"])
def test_a_queue_that_cannot_be_staffed_keeps_the_last_plans_people_and_the_others_are_planned_as_ever(
    queue: str, demand: Demand, good: NightStaffing, enterprise: Enterprise
) -> None:
    found = staff_all(broken(demand, queue), enterprise, NIGHT)
    for other in set(QUEUES) - {queue}:
        pd.testing.assert_frame_equal(of(found.intervals, other), of(good.intervals, other), check_dtype=False)
    mine, wanted, former = of(found.intervals, queue), of(good.intervals, queue), of(demand.former, queue)
    same = ["interval_start_utc", "business_date", "lead_days", "open_seconds", "mean_offered_contacts"]
    pd.testing.assert_frame_equal(mine[same], wanted[same], check_dtype=False)
    both = mine.merge(former, on="interval_start_utc", suffixes=("", "_former"))
    assert len(both) > 100
    for name in PEOPLE:
        assert (both[name] == both[f"{name}_former"]).all(), name
    last = mine[mine["business_date"] == NIGHT + timedelta(days=DAYS)]  # beyond the former plan: the week before
    week_before = former[former["business_date"] == NIGHT + timedelta(days=DAYS - 7)]
    assert last["scheduled_staff"].to_list() == week_before["scheduled_staff"].to_list()
    assert mine["cost"].sum() == pytest.approx(
        (mine["scheduled_staff"] * mine["open_seconds"]).sum() / 3600 * enterprise.queues[queue].hourly_cost
    )
    said = f"people of the plan of {BEFORE} carried over: no people could be worked out for it (ValueError: the quantiles"
    assert mine["reason"].str.startswith(said).all()
    told = found.daily.set_index(["level", "member_id"])["data_warning"]
    assert told["queue", queue].str.startswith(said).all()
    assert told["enterprise", "all"].eq(f"see {queue}: people of an earlier plan, or none").all()
    assert told["queue"].drop(queue).isna().all()
    assert queue not in set(found.backlog["queue_id"])
    assert failed_rules(found, demand, enterprise) == set()


def test_a_queue_without_any_former_people_is_named_and_the_rest_is_planned(
    demand: Demand, good: NightStaffing, enterprise: Enterprise
) -> None:
    bare = replace(demand, former=demand.former[demand.former["queue_id"] != "voice_sales"])
    found = staff_all(broken(bare, "voice_sales"), enterprise, NIGHT)
    assert set(found.intervals["queue_id"]) == {"chat_sales", "email_service"}
    days = found.daily[(found.daily["level"] == "queue") & (found.daily["member_id"] == "voice_sales")]
    assert len(days) > 0
    assert (days["staff_hours"] == 0).all()
    assert days["data_warning"].str.endswith("and no earlier plan has any").all()
    assert failed_rules(found, demand, enterprise) == {"every_queue_staffed"}


def test_a_queue_that_is_lost_without_a_word_keeps_the_night_back(
    demand: Demand, good: NightStaffing, enterprise: Enterprise
) -> None:
    lost = replace(good, intervals=good.intervals[good.intervals["queue_id"] != "voice_sales"])
    assert {"staffing_covers_horizon", "every_queue_staffed"} <= failed_rules(lost, demand, enterprise)


def test_a_warning_of_the_forecast_stays_beside_that_of_staffing(demand: Demand, enterprise: Enterprise) -> None:
    told = replace(demand, daily=demand.daily.assign(data_warning="2026-10-21 left out"))
    days = staff_all(broken(told, "voice_sales"), enterprise, NIGHT).daily
    words = days[days["member_id"] == "voice_sales"]["data_warning"]
    assert words.str.startswith("2026-10-21 left out; people of the plan of").all()
    assert (days[days["member_id"] == "chat_sales"]["data_warning"] == "2026-10-21 left out").all()


def test_opening_hours_that_the_former_plan_does_not_know_have_its_people_of_that_time(
    demand: Demand, good: NightStaffing, enterprise: Enterprise
) -> None:
    closed = {NIGHT + timedelta(days=ahead) for ahead in (4, 5, 6)}
    former = demand.former[~demand.former["business_date"].isin(closed)]
    found = staff_all(broken(replace(demand, former=former), "voice_sales"), enterprise, NIGHT)
    mine = of(found.intervals, "voice_sales")
    assert len(mine) == len(of(good.intervals, "voice_sales"))
    most = of(former, "voice_sales").groupby("mean_handle_seconds")["scheduled_staff"].max().max()
    assert mine["scheduled_staff"].between(1, most).all()


def test_a_night_in_which_nothing_can_be_staffed_says_why(demand: Demand, enterprise: Enterprise) -> None:
    with pytest.raises(ValueError, match="the quantiles fall"):
        staff_all(broken(demand, *QUEUES), enterprise, NIGHT)


def test_a_handle_time_of_nothing_is_the_prior_and_the_plan_says_so(
    demand: Demand, good: NightStaffing, enterprise: Enterprise, caplog: pytest.LogCaptureFixture
) -> None:
    rows = demand.intervals.assign(mean_handle_seconds=0.0)
    found = staff_all(replace(demand, intervals=rows), enterprise, NIGHT)
    said = "no handle time is known, the prior of "
    for queue in QUEUES:
        mine, wanted = of(found.intervals, queue), of(good.intervals, queue)
        prior = enterprise.queues[queue].mean_handle_seconds_prior
        assert mine["reason"].str.contains(f"{said}{prior:g} s stands in", regex=False).all()
        assert f"{queue}: {said}{prior:g} s stands in, in " in caplog.text
        # The example's forecast has the priors as handle times.
        assert mine["positions_required"].tolist() == wanted["positions_required"].tolist()
    assert not good.intervals["reason"].str.contains(said).any()
