"""Limits, shift blocks, deadlines and chase contacts of work that can wait, in the night as the settings name them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from enterprise.deferred import ChaseContacts, DeferredStaffing, StaffingLimit
from enterprise.errors import SettingsError
from enterprise.settings import Enterprise, load_enterprise
from staffing.block_staffing import Demand, deferred_input
from staffing.chase import COLUMNS, OverdueWork, with_chase_contacts
from staffing.deadline_price import deadline_rows, with_later_due
from staffing.deferred import deferred_work
from staffing.deferred_horizon import DeferredInput, horizon_of, plan_of, work_of
from staffing.deferred_plan import cheapest_plan, due_row_prices
from staffing.nightly import staff_all
from tests.support.example_night import ROOT, example_enterprise
from tests.unit.staffing.test_nightly import DAYS, demand_of

NIGHT = date(2026, 10, 22)  # a Thursday; the clocks go back on the Sunday after it
QUEUES = ("email_claims", "voice_claims")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    whole = example_enterprise(tmp_path_factory.mktemp("deferred"))
    planning = whole.planning.model_copy(update={"horizon_days": DAYS})
    return whole.model_copy(
        update={"queues": {name: whole.queues[name] for name in QUEUES}, "planning": planning, "staff_groups": {}}
    )


@pytest.fixture(scope="module")
def demand(plain: Enterprise) -> Demand:
    """The example's night with 300 mails that came a week before: they are overdue."""
    backlog = pd.DataFrame(
        {
            "plan_date": NIGHT,
            "queue_id": "email_claims",
            "arrived_interval_start_utc": [pd.Timestamp("2026-10-15 09:00", tz="UTC")],
            "business_date": date(2026, 10, 15),
            "open_items": [300],
        }
    )
    return replace(demand_of(plain, NIGHT), backlog=backlog)


def ruled(plain: Enterprise, **rules: Any) -> Enterprise:
    mail = plain.queues["email_claims"].model_copy(update={"deferred": DeferredStaffing(**rules)})
    return plain.model_copy(update={"queues": plain.queues | {"email_claims": mail}})


def start_of(enterprise: Enterprise, demand: Demand) -> DeferredInput:
    rows = demand.intervals[demand.intervals["queue_id"] == "email_claims"]
    return deferred_input(enterprise.queues["email_claims"], rows, demand, NIGHT, enterprise)


def plan_staff(enterprise: Enterprise, demand: Demand) -> np.ndarray:
    start = start_of(enterprise, demand)
    horizon = horizon_of(start)
    return plan_of(start.queue, horizon, work_of(start.queue, start.clock, horizon, start.backlog, horizon.mean)).staff


def people(enterprise: Enterprise, demand: Demand) -> pd.Series:
    rows = staff_all(demand, enterprise, NIGHT).intervals
    mine = rows[rows["queue_id"] == "email_claims"]
    return pd.Series(mine["positions_required"].to_numpy(), index=mine["interval_start_utc"].dt.tz_convert("Europe/Amsterdam"))


def test_limits_hold_on_their_days_and_hours_and_the_others_make_up_for_them(plain: Enterprise, demand: Demand) -> None:
    free = people(plain, demand)
    most = int(free.max()) - 2
    limit = StaffingLimit(days=("friday",), hours="08:00-11:30", maximum_positions=most)
    limited = people(ruled(plain, limits=(limit,), block_starts=("12:00",)), demand)
    friday = limited[limited.index.day_of_week == 4]
    assert friday.between_time("08:00", "11:59").max() <= most
    assert limited.sum() >= free.sum() - len(free)
    assert limited.max() > free.max()
    at_least = StaffingLimit(hours="13:00-13:30", minimum_positions=20)
    raised = people(ruled(plain, limits=(at_least,), block_starts=("13:00", "14:00")), demand)
    assert raised.between_time("13:00", "13:59").min() == 20
    assert raised.between_time("14:00", "17:59").max() < 20


def test_without_blocks_the_number_changes_once_a_day_and_with_them_where_they_begin(plain: Enterprise, demand: Demand) -> None:
    whole = people(plain, demand)
    assert whole.groupby(whole.index.date).nunique().max() == 1
    parts = people(ruled(plain, block_starts=("12:00",)), demand)
    changes = parts.groupby(parts.index.date).apply(lambda day: set(day.index[1:][np.diff(day) != 0].strftime("%H:%M")))
    assert set().union(*changes) <= {"12:00"}
    assert parts.max() <= whole.max()


def test_limits_that_leave_no_plan_in_time_give_the_least_bad_one_and_say_what_is_late(plain: Enterprise, demand: Demand) -> None:
    found = staff_all(demand, ruled(plain, limits=(StaffingLimit(maximum_positions=3),)), NIGHT)
    mail = found.intervals[found.intervals["queue_id"] == "email_claims"]
    assert mail["positions_required"].max() == 3
    reason = mail["reason"].iloc[0]
    assert "not attainable within the settings' limits, the least bad plan: " in reason
    assert "items are late, the first " in reason
    assert "October " in reason
    late = found.backlog[found.backlog["queue_id"] == "email_claims"]["breached_items"].sum()
    assert f"{late:.1f} of " in reason
    tight = int(np.ceil(plan_staff(plain, demand).max())) - 1
    nearly = staff_all(demand, ruled(plain, limits=(StaffingLimit(maximum_positions=tight),)), NIGHT)
    assert (nearly.deadlines["fewer_late_items"] > 0).any(), "an hour more would bring some back in time"


def test_limits_that_contradict_each_other_within_a_block_are_named_with_queue_day_and_remedy(
    plain: Enterprise, demand: Demand
) -> None:
    limits = (StaffingLimit(hours="09:00-10:00", minimum_positions=9), StaffingLimit(hours="15:00-16:00", maximum_positions=4))
    start = start_of(ruled(plain, limits=limits), demand)
    horizon = horizon_of(start)
    work = work_of(start.queue, start.clock, horizon, start.backlog, horizon.mean)
    words = r"queue email_claims: in the shift block from Fri 2026-10-23 .* at least 9 and at most 4 people; mend the limits"
    with pytest.raises(ValueError, match=words):
        plan_of(start.queue, horizon, work)


def test_overdue_work_raises_calls_as_a_named_driver_with_its_uncertainty(plain: Enterprise, demand: Demand) -> None:
    rate = 0.4
    rules = {"limits": (StaffingLimit(maximum_positions=4),)}
    chased = ruled(plain, chase=ChaseContacts(queue="voice_claims", contacts_per_overdue_item_day=rate), **rules)
    without, found = (staff_all(demand, one, NIGHT) for one in (ruled(plain, **rules), chased))
    calls = found.intervals[found.intervals["queue_id"] == "voice_claims"]
    before = without.intervals[without.intervals["queue_id"] == "voice_claims"]
    by_day = calls.groupby("business_date")["chase_contacts"].sum()
    mail = found.backlog[found.backlog["queue_id"] == "email_claims"]
    overdue = mail.groupby("business_date")["overdue_items"].mean()
    assert by_day.to_numpy() == pytest.approx(rate * overdue.reindex(by_day.index, method="ffill").to_numpy())
    assert by_day.iloc[0] > 0, "what is overdue at the cut-off calls from the first day"
    assert calls["mean_offered_contacts"].sum() == pytest.approx(before["mean_offered_contacts"].sum() + by_day.sum())
    assert calls["positions_required"].sum() > before["positions_required"].sum()
    assert calls["reason"].str.contains("contacts ask after overdue work").any()
    assert before["chase_contacts"].isna().all()
    assert (mail["overdue_items_q95"] >= mail["overdue_items"]).all()
    assert mail["overdue_items_q95"].sum() > mail["overdue_items"].sum()


def test_chase_contacts_keep_every_quantile_in_order_and_days_without_other_calls_have_them_evenly() -> None:
    days = [NIGHT + timedelta(days=1)] * 2 + [NIGHT + timedelta(days=2)] * 2
    rows = pd.DataFrame({name: [10.0, 30.0, 0.0, 0.0] for name in COLUMNS}).assign(business_date=days, open_seconds=1800.0)
    items = pd.DataFrame({name: [20.0 + place, 8.0] for place, name in enumerate(COLUMNS)}, index=pd.Index(sorted(set(days))))
    rule = ChaseContacts(queue="voice_claims", contacts_per_overdue_item_day=0.5)
    found = with_chase_contacts(rows, [OverdueWork("Mail", rule, items)])
    assert found["chase_contacts"].tolist() == pytest.approx([2.5, 7.5, 2.0, 2.0])
    assert found["mean_offered_contacts"].tolist() == pytest.approx([12.5, 37.5, 2.0, 2.0])
    assert (np.diff(found[list(COLUMNS)[1:]].to_numpy(), axis=1) >= 0).all()
    assert with_chase_contacts(rows, [])["chase_contacts"].isna().all()


def test_a_deadlines_price_is_what_planning_again_with_an_hour_more_saves(plain: Enterprise, demand: Demand) -> None:
    start = start_of(plain, demand)
    rows = deadline_rows(start)
    horizon = horizon_of(start)
    work = work_of(start.queue, start.clock, horizon, start.backlog, horizon.mean)
    plan = plan_of(start.queue, horizon, work)
    assert len(rows)
    first = rows.iloc[0]
    mine = (work.due >= 0) & (horizon.dates[work.due] == first["business_date"].toordinal())
    assert first["due_items"] == pytest.approx(work.items[mine].sum())
    later = plan_of(start.queue, horizon, with_later_due(work, mine, 2))
    assert first["fewer_peak_positions"] == pytest.approx(plan.staff.max() - later.staff.max(), abs=1e-6)
    assert first["fewer_peak_positions"] > 0.1, "the overdue mails are the peak"


def test_a_later_due_time_saves_at_most_what_its_dual_says() -> None:
    generator = np.random.default_rng(5)
    saved = 0
    for _ in range(40):
        work = deferred_work(
            is_open=np.ones(20, dtype=bool), arrivals=generator.integers(0, 30, 20), mean_handle_seconds=600, period_hours=1,
            goal_open_periods=3,
        )  # fmt: skip
        block, cost = np.repeat(np.arange(5), 4), generator.uniform(1, 5, 20)
        prices = due_row_prices(work, block=block, period_cost=cost)
        base = cheapest_plan(work, block=block, period_cost=cost, whole_people=False).cost
        period = int(generator.integers(3, 18))
        mine = work.due == period
        less = base - cheapest_plan(with_later_due(work, mine, 1), block=block, period_cost=cost, whole_people=False).cost
        assert -1e-6 <= less <= prices[period] * work.items[mine].sum() + 1e-6
        saved += less > 1e-6
    assert saved > 5, "no deadline had a price"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('block_starts = ["25:00"]', "no time of day"),
        ('block_starts = ["08:00-09:00"]', "is a span"),
        ('block_starts = ["08:10"]', "lies within an interval of 30 minutes"),
        ("limits = [{ minimum_positions = 5, maximum_positions = 3 }]", "at least 5 and at most 3 people"),
        ("limits = [{ maximum_positions = -1 }]", "maximum_positions"),
        ('limits = [{ days = ["caturday"] }]', "days"),
        ('chase = { queue = "voice_moon", contacts_per_overdue_item_day = 0.2 }', "'voice_moon' is no queue"),
        ('chase = { queue = "email_service", contacts_per_overdue_item_day = 0.2 }', "takes no calls or chats"),
        ('chase = { queue = "voice_claims", contacts_per_overdue_item_day = 0 }', "contacts_per_overdue_item_day"),
        ('chase = { queue = "voice_claims", contacts_per_overdue_item_day = nan }', "contacts_per_overdue_item_day"),
    ],
)
def test_rules_that_cannot_be_are_refused_by_name(table: str, words: str, tmp_path: Path) -> None:
    text = (ROOT / "config" / "enterprise.toml").read_text()
    place = tmp_path / "enterprise.toml"
    place.write_text(text.replace('name = "Claims mail"', f'name = "Claims mail"\ndeferred = {{ {table} }}'))
    with pytest.raises(SettingsError, match=words):
        load_enterprise(place, {}, tmp_path)


def test_a_queue_whose_work_cannot_wait_takes_no_such_rules(tmp_path: Path) -> None:
    text = (ROOT / "config" / "enterprise.toml").read_text()
    place = tmp_path / "enterprise.toml"
    place.write_text(text.replace('name = "Claims line"', 'name = "Claims line"\ndeferred = { block_starts = ["12:00"] }'))
    with pytest.raises(SettingsError, match="a voice queue's work cannot wait"):
        load_enterprise(place, {}, tmp_path)
