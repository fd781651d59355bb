"""Every rule that compares tables: silent on a night that hangs together, naming the queue where one is changed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.rule import Night
from expectations.suites import capacity, history_sums, losses, plan_deferred, plan_sums, today
from tests.support.example_day import DAY
from warehouse.tables.builder import example_rows
from warehouse.tables.capacity import CAPACITY_PLAN
from warehouse.tables.core import CLAIMS, CONTACTS, INTERVAL_REPORTS
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.evidence import CHASE_RATE
from warehouse.tables.forecast import (
    CLAIMS_LEAD,
    DRIVER_LEAD,
    FORECAST_CHANGE,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    FORECAST_WEEKLY,
    MODEL_LEADERBOARD,
)
from warehouse.tables.history import BACKLOG_OPENING, CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY, WAIT_HISTORY
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE, SHIFT_SCHEDULE
from warehouse.tables.staffing import CERTAINTY_CURVE, SHRINKAGE_HOURS, STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY
from warehouse.tables.today import FORECAST_TODAY, STAFFING_TODAY

Frames = dict[Table, pd.DataFrame]
BY_NAME = {rule.name: rule for suite in (history_sums, plan_sums, plan_deferred, today, capacity, losses) for rule in suite.RULES}
BY_QUEUE = {"queue_id", "member_id"}


def changed(frame: pd.DataFrame, member: str | None, **values: Any) -> pd.DataFrame:
    """The frame with other values in the first row of a queue or member (of None: of all)."""
    frame = frame.copy()
    name = "queue_id" if "queue_id" in frame else "member_id"
    first = frame.index[0] if member is None else frame.index[frame[name] == member][0]
    for column, value in values.items():
        frame.loc[first, column] = value(frame.loc[first, column]) if callable(value) else value
    return frame


def more(by: float) -> Callable[[Any], Any]:
    return lambda value: value + by


def minutes(by: int) -> Callable[[Any], Any]:
    return lambda value: value + pd.Timedelta(minutes=by)


FAULTS: list[tuple[str, Table, str | None, dict[str, Any], str]] = [
    ("outcomes_accounted_for", DAILY_HISTORY, "voice_claims", {"offered_contacts": 97}, "97 offered of 96 contacts; 1 neither"),
    ("outcomes_accounted_for", DAILY_HISTORY, "chat_service", {"abandoned_contacts": 20}, "3 neither answered nor given up, 0"),
    ("intervals_on_grid", INTERVAL_HISTORY, "email_claims", {"interval_start_utc": minutes(7)}, "Thu 2026-11-12 08:07"),
    ("day_times_equal_their_intervals", DAILY_HISTORY, "voice_claims", {"handle_seconds": more(60)}, "handle_seconds 21660.0 in"),
    ("day_times_equal_their_intervals", INTERVAL_HISTORY, "email_claims", {"completed_items": 9}, "completed_items 80.0 in"),
    ("open_time_as_settings", DAILY_HISTORY, "chat_service", {"open_seconds": 36000.0}, "open for 36000 seconds, by"),
    ("wait_classes_make_the_day", WAIT_HISTORY, "voice_claims", {"answered_contacts": 71}, "voice_claims: 96 offered in the day"),
    ("waits_lie_in_their_class", WAIT_HISTORY, "chat_service", {"wait_seconds": 9e6}, "class from 20.0 seconds"),
    ("waits_lie_in_their_class", WAIT_HISTORY, "chat_service", {"waited_from_seconds": 40.0}, "class from 40.0 seconds"),
    ("backlog_arrived_before_the_night", BACKLOG_OPENING, "email_claims", {"oldest_arrived_at": minutes(40)}, "filed under"),
    ("backlog_moves_by_the_day", DAILY_HISTORY, "email_claims", {"backlog_items": 130}, "100 + 80 - 80 = 100, history has 130"),
    ("mean_handle_plausible", DAILY_HISTORY, "voice_claims", {"handle_seconds": 21_600_000.0}, "300000.0 seconds a contact"),
    ("mean_handle_plausible", DAILY_HISTORY, "chat_service", {"handle_seconds": 60.0}, "0.9 seconds a contact"),
    ("mean_wait_plausible", DAILY_HISTORY, "voice_claims", {"wait_seconds": 1_920_000.0}, "333.3 minutes a contact"),
    ("staffed_time_covers_work", DAILY_HISTORY, "voice_claims", {"staffed_seconds": 3600.0}, "1.0 hours staffed, 6.0"),
    ("forecast_interval_in_horizon", FORECAST_INTERVAL, "voice_claims", {"lead_days": 2}, "lead of 2 days"),
    ("forecast_interval_in_horizon", FORECAST_INTERVAL, "voice_claims", {"interval_start_utc": minutes(1440)}, "on 2026-11-13"),
    ("forecast_daily_in_horizon", FORECAST_DAILY, "voice", {"business_date": date(2026, 12, 24)}, "voice on 2026-12-24"),
    ("staffing_interval_in_horizon", STAFFING_INTERVAL, "chat_service", {"lead_days": 3}, "lead of 3 days"),
    ("staffing_daily_in_horizon", STAFFING_DAILY, "all", {"plan_date": DAY - timedelta(days=1)}, "all on 2026-11-13"),
    ("drivers_levels_add_up", FORECAST_DAILY, "claims", {"event_contacts": 5.0}, "its queues' event_contacts"),
    ("claims_lead_in_order", CLAIMS_LEAD, None, {"contacts_per_claim_low": 9.0}, "within 9.0000"),
    ("claims_lead_in_order", CLAIMS_LEAD, None, {"lag_days": 61}, "lag 61"),
    ("today_follows_the_moment", FORECAST_TODAY, None, {"made_at": minutes(9999)}, "voice_claims at 2026"),
    ("today_has_people", STAFFING_TODAY, None, {"scheduled_staff": 0}, "voice_claims: 0 people for"),
    ("changes_add_up", FORECAST_CHANGE, "voice_claims", {"change_contacts": more(7)}, "by the reasons, forecast"),
    ("weekly_levels_add_up", FORECAST_WEEKLY, "all", {"mean_offered_contacts": more(50)}, "its queues' mean_offered"),
    ("weeks_in_their_band", FORECAST_WEEKLY, "voice", {"low_offered_contacts": 9e9}, "within 9000000000"),
    ("driver_lead_in_order", DRIVER_LEAD, None, {"contacts_per_unit_high": 0.0}, "within 0."),
    ("one_champion", MODEL_LEADERBOARD, "voice_claims", {"is_champion": False}, "leads 1-7: 0 champions"),
    ("planned_only_while_open", STAFFING_INTERVAL, "voice_claims", {"interval_start_utc": minutes(-360)}, "open for 0"),
    ("planned_only_while_open", STAFFING_INTERVAL, "email_claims", {"open_seconds": 900.0}, "for 900 seconds, open for 1800"),
    ("certainty_needs_enough", STAFFING_INTERVAL, "voice_claims", {"positions_for_certainty": 0}, "0 for certainty"),
    ("certainty_needs_enough", STAFFING_INTERVAL, "chat_service", {"positions_required": more(1)}, "with probability 0.71"),
    ("staffing_rests_on_forecast", STAFFING_INTERVAL, "voice_claims", {"mean_offered_contacts": more(1)}, "contacts, forecast"),
    ("staffing_days_rest_on_intervals", STAFFING_DAILY, "chat_service", {"staff_hours": more(8)}, "staff_hours"),
    ("staffing_days_rest_on_intervals", STAFFING_INTERVAL, "chat_service", {"positions_required": more(1)}, "position_hours"),
    ("staffing_levels_add_up", STAFFING_DAILY, "all", {"cost": more(100)}, "its queues' cost"),
    ("staffing_weeks_rest_on_days", STAFFING_WEEKLY, "voice", {"staff_hours": more(8)}, "in the week of 2026-11-09"),
    ("certainty_costs", CERTAINTY_CURVE, "chat_service", {"staff_hours": more(9e6)}, "fewer with probability 0.6"),
    ("gaps_hold_the_work", STAFFING_BLENDED, "email_claims", {"gap_hours": more(0.3)}, "0.800 hours in gaps of 0.750"),
    ("blending_saves", STAFFING_BLENDED, "email_claims", {"saved_staff_hours": -1e6}, "hours more than staffed separately"),
    ("staffing_days_rest_on_blending", STAFFING_DAILY, "email_claims", {"blended_staff_hours": more(2)}, "blended_staff_hours"),
    ("deadline_prices_hold", DEADLINE_PRICE, "email_claims", {"due_items": 0.0}, "0.0 items due"),
    ("deadline_prices_hold", DEADLINE_PRICE, "email_claims", {"fewer_peak_positions": 99.0}, "less 99.00"),
    ("overdue_range_in_order", BACKLOG_PROJECTION, "email_claims", {"overdue_items": 9e6}, "overdue, at 95 %"),
    ("shifts_cover_what_is_required", SHIFT_COVER, None, {"working_people": more(1)}, "phones_rotterdam"),
    ("shifts_cover_what_is_required", SHIFT_COVER, None, {"missing_people": more(1), "surplus_people": more(1)}, "phones"),
    ("shifts_end_within_a_day", SHIFT_SCHEDULE, None, {"shift_end_utc": minutes(1440)}, "32 hours"),
    ("shifts_add_up", SHIFT_PEOPLE, None, {"shifts": more(1)}, "phones_rotterdam, five_days"),
    ("capacity_rests_on_weeks", CAPACITY_PLAN, None, {"scenario": "base", "offered_contacts": more(9e6)}, ", its queues' "),
    ("capacity_adds_up", CAPACITY_PLAN, None, {"missing_full_time_equivalents": more(1)}, "18.00 available, 3.00 missing"),
    ("capacity_scenarios_in_order", CAPACITY_PLAN, None, {"required_full_time_equivalents": more(3)}, "within 19.00 and"),
    ("kinds_make_the_loss", SHRINKAGE_HOURS, "voice_claims", {"lost_hours": more(9)}, "voice_claims: "),
    ("chase_rate_in_its_interval", CHASE_RATE, "email_claims", {"used_rate": 0.5}, "0.5000 within 0.0400 and 0.1600"),
    ("backlog_carried_over", BACKLOG_PROJECTION, "email_claims", {"opening_items": 90.0}, "opens with 90.000, before it"),
    ("backlog_carried_over", BACKLOG_PROJECTION, "email_claims", {"closing_items": 101.0}, "opens with 100.000, before it"),
]  # fmt: skip


def night_of(enterprise: Enterprise, frames: Frames) -> Night:
    """The night, and a day before it that left 100 mails."""
    before = {DAILY_HISTORY: frames[DAILY_HISTORY].assign(business_date=DAY - timedelta(days=1), backlog_items=None)}
    before[DAILY_HISTORY].loc[frames[DAILY_HISTORY]["queue_id"] == "email_claims", "backlog_items"] = 100
    return Night(enterprise, DAY, frames, before=before)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_nothing_is_said_of_a_night_that_hangs_together(name: str, enterprise: Enterprise, clean: Frames) -> None:
    seen = BY_NAME[name].evidence(night_of(enterprise, clean))
    assert len(seen), "a rule that looks at nothing finds nothing"
    assert seen["holds"].all(), seen.loc[~seen["holds"], "seen"].to_list()


@pytest.mark.parametrize(("name", "table", "member", "fault", "words"), FAULTS, ids=[f"{f[0]}-{n}" for n, f in enumerate(FAULTS)])
def test_a_planted_difference_is_found_and_its_queue_named(
    name: str, table: Table, member: str | None, fault: dict[str, Any], words: str, enterprise: Enterprise, clean: Frames
) -> None:
    frames = clean | {table: changed(clean[table], member, **fault)}
    seen = BY_NAME[name].evidence(Night(enterprise, DAY, frames, before=night_of(enterprise, clean).before))
    broken = seen.loc[~seen["holds"]]
    assert len(broken), "the fault is not seen"
    assert any(words in text for text in broken["seen"]), broken["seen"].to_list()
    if member is not None:
        assert set(broken["queue_id"]) == {member}


@pytest.mark.parametrize("table", [CLAIMS, CLAIMS_DAILY], ids=lambda table: table.name)
def test_a_claim_too_few_on_either_side_is_found(table: Table, enterprise: Enterprise, clean: Frames) -> None:
    seen = BY_NAME["claims_make_the_day"].evidence(Night(enterprise, DAY, clean | {table: clean[table].iloc[1:]}))
    broken = seen.loc[~seen["holds"]]
    assert broken["seen"].to_list() == [f"property/west/storm: {3 if table is CLAIMS else 0} claims in the day, "
                                        f"{2 if table is CLAIMS else 3} of its date"]  # fmt: skip


def test_every_rule_has_a_planted_fault() -> None:
    assert {fault[0] for fault in FAULTS} | {"claims_make_the_day"} == set(BY_NAME)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_night_without_any_row_breaks_no_rule_by_an_exception(name: str, enterprise: Enterprise, empty: Frames) -> None:
    seen = BY_NAME[name].evidence(Night(enterprise, DAY, empty, before=empty))
    assert list(seen.columns)[:3] == ["holds", "queue_id", "seen"]
    assert seen["holds"].all()


def test_contacts_that_end_after_the_cut_off_may_still_be_without_an_outcome(enterprise: Enterprise, clean: Frames) -> None:
    fewer = changed(clean[DAILY_HISTORY], "voice_claims", answered_contacts=71)
    late = changed(clean[CONTACTS], "voice_claims", answered_at=pd.Timestamp("2026-11-12T23:00Z"))
    rule = BY_NAME["outcomes_accounted_for"]
    assert not rule.evidence(Night(enterprise, DAY, clean | {DAILY_HISTORY: fewer}))["holds"].all()
    assert rule.evidence(Night(enterprise, DAY, clean | {DAILY_HISTORY: fewer, CONTACTS: late}))["holds"].all()


def test_counts_of_an_interval_report_are_not_compared_with_contacts(enterprise: Enterprise, clean: Frames) -> None:
    frames = clean | {
        DAILY_HISTORY: changed(clean[DAILY_HISTORY], "voice_claims", offered_contacts=999),
        INTERVAL_REPORTS: example_rows(INTERVAL_REPORTS, 1, queue_id="voice_claims", business_date=DAY),
    }
    for name in ("outcomes_accounted_for", "wait_classes_make_the_day"):
        assert BY_NAME[name].evidence(Night(enterprise, DAY, frames))["holds"].all(), name


@pytest.mark.parametrize(("day", "intervals"), [(date(2026, 3, 29), 46), (date(2026, 10, 25), 50)])
def test_the_grid_of_a_day_on_which_clocks_change_is_known(
    day: date, intervals: int, enterprise: Enterprise, clean: Frames
) -> None:
    start = pd.Timestamp(day).tz_localize("Europe/Amsterdam").tz_convert("UTC")
    starts = [start + number * pd.Timedelta(minutes=30) for number in range(intervals)]
    history = example_rows(INTERVAL_HISTORY, intervals, queue_id="voice_claims", business_date=day, interval_start_utc=starts)
    seen = BY_NAME["intervals_on_grid"].evidence(Night(enterprise, day, clean | {INTERVAL_HISTORY: history}))
    assert seen["holds"].all()
    shifted = history.assign(business_date=day + timedelta(days=1))
    assert not BY_NAME["intervals_on_grid"].evidence(Night(enterprise, day, clean | {INTERVAL_HISTORY: shifted}))["holds"].any()


def test_work_opened_again_may_move_the_backlog_a_little(enterprise: Enterprise, clean: Frames) -> None:
    night = night_of(enterprise, clean | {DAILY_HISTORY: changed(clean[DAILY_HISTORY], "email_claims", backlog_items=105)})
    assert BY_NAME["backlog_moves_by_the_day"].evidence(night)["holds"].all()
