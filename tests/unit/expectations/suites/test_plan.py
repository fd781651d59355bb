"""Every rule on forecast and staffing: silent on a clean plan, and naming the member when something is planted."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.rule import Night, Rule
from expectations.suites.plan import RULES
from tests.support.example_day import DAY
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import BACKLOG_PROJECTION
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL
from warehouse.tables.staffing import STAFFING_DAILY, STAFFING_INTERVAL

Frames = dict[Table, pd.DataFrame]
BY_NAME = {rule.name: rule for rule in RULES}
Change = Callable[[pd.DataFrame], pd.DataFrame]


def change(member: str, **values: Any) -> Change:
    """Put values into the first row of a queue or member."""

    def changed(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.copy()
        first = frame.index[frame["queue_id" if "queue_id" in frame else "member_id"] == member][0]
        for name, value in values.items():
            frame.loc[first, name] = value(frame.loc[first, name]) if callable(value) else value
        return frame

    return changed


def without(member: str, count: int | None = None) -> Change:
    """Leave out the first rows of a queue or member, or all of them."""
    return lambda frame: frame.drop(frame.index[frame["queue_id" if "queue_id" in frame else "member_id"] == member][:count])


def more(by: float) -> Callable[[float], float]:
    return lambda value: value + by


FAULTS: list[tuple[str, Table, Change, str, str]] = [
    (
        "forecast_interval_quantiles_rise",
        FORECAST_INTERVAL,
        change("voice_claims", offered_contacts_q90=0.0),
        "voice_claims",
        "quantiles",
    ),
    (
        "forecast_interval_handle_quantiles_rise",
        FORECAST_INTERVAL,
        change("chat_service", mean_handle_seconds_q75=1.0),
        "chat_service",
        "chat_service on 2026-11-13",
    ),
    (
        "forecast_daily_handle_quantiles_rise",
        FORECAST_DAILY,
        change("all", mean_handle_seconds_q05=9e9),
        "all",
        "all on 2026-11-13",
    ),
    ("forecast_daily_quantiles_rise", FORECAST_DAILY, change("voice", offered_contacts_q05=9e9), "voice", "voice on 2026-11-13"),
    (
        "intervals_make_the_day",
        FORECAST_INTERVAL,
        change("voice_claims", mean_offered_contacts=more(1)),
        "voice_claims",
        "its interv",
    ),
    ("intervals_make_the_day", FORECAST_INTERVAL, without("chat_service", 1), "chat_service", "chat_service on 2026-11-13: "),
    ("intervals_make_the_day", FORECAST_DAILY, without("chat_service"), "chat_service", "0.000, its intervals"),
    ("drivers_make_the_mean", FORECAST_DAILY, change("email_claims", base_contacts=more(5)), "email_claims", "its drivers"),
    ("forecast_levels_add_up", FORECAST_DAILY, change("claims", mean_offered_contacts=more(1)), "claims", "its queues"),
    ("forecast_levels_add_up", FORECAST_DAILY, change("all", mean_offered_contacts=more(-1)), "all", "all on 2026-11-13"),
    ("forecast_levels_add_up", FORECAST_DAILY, without("chat"), "chat", "chat on 2026-11-13: 0.000, its queues"),
    ("every_queue_planned", FORECAST_DAILY, without("chat_service"), "chat_service", "no forecast for chat_service"),
    ("forecast_covers_horizon", FORECAST_INTERVAL, without("email_claims", 1), "email_claims", "no row for Fri 2026-11-13 08:00"),
    ("staffing_covers_horizon", STAFFING_INTERVAL, without("voice_claims"), "voice_claims", "no row for Fri 2026-11-13 08:00"),
    ("every_queue_staffed", STAFFING_INTERVAL, without("voice_claims"), "voice_claims", "nothing says why"),
    ("positions_rounded_once", STAFFING_INTERVAL, change("voice_claims", positions_required=more(1)), "voice_claims", " for "),
    ("positions_rounded_once", STAFFING_INTERVAL, change("chat_service", positions_required=more(-1)), "chat_service", " for "),
    ("people_cover_positions", STAFFING_INTERVAL, change("voice_claims", scheduled_staff=0), "voice_claims", "0 people for"),
    ("goal_met", STAFFING_INTERVAL, change("chat_service", answered_fraction=0.5), "chat_service", "50.0 % of 80.0 % wanted"),
    ("bracket_in_order", STAFFING_INTERVAL, change("voice_claims", positions_erlang_a=99), "voice_claims", "99 by Erlang A"),
    ("staff_hours_levels_add_up", STAFFING_DAILY, change("voice", staff_hours=more(-8)), "voice", "its queues"),
    (
        "backlog_identity",
        BACKLOG_PROJECTION,
        change("email_claims", closing_items=more(2)),
        "email_claims",
        "closing 102.000, should be",
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_nothing_is_said_of_a_clean_plan(rule: Rule, enterprise: Enterprise, clean: Frames) -> None:
    seen = rule.evidence(Night(enterprise, DAY, clean))
    assert len(seen), "a rule that looks at nothing finds nothing"
    assert seen["holds"].all(), seen.loc[~seen["holds"], "seen"].to_list()


@pytest.mark.parametrize(
    ("name", "table", "fault", "member", "words"), FAULTS, ids=[f"{f[0]}-{f[3]}-{n}" for n, f in enumerate(FAULTS)]
)
def test_a_planted_fault_is_found_and_its_queue_or_member_named(
    name: str, table: Table, fault: Change, member: str, words: str, enterprise: Enterprise, clean: Frames
) -> None:
    seen = BY_NAME[name].evidence(Night(enterprise, DAY, clean | {table: fault(clean[table])}))
    broken = seen.loc[~seen["holds"]]
    assert set(broken["queue_id"]) == {member}
    assert any(words in text for text in broken["seen"]), broken["seen"].to_list()


def test_every_rule_has_a_planted_fault() -> None:
    assert {fault[0] for fault in FAULTS} | {"something_planned"} == set(BY_NAME)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_night_without_any_row_breaks_no_rule_by_an_exception(rule: Rule, enterprise: Enterprise, empty: Frames) -> None:
    seen = rule.evidence(Night(enterprise, DAY, empty))
    assert list(seen.columns) == ["holds", "queue_id", "seen"]
    assert seen["holds"].all() == (rule.name not in {"something_planned", "every_queue_planned"})


def test_a_forecast_of_nothing_stops_the_night(enterprise: Enterprise, empty: Frames) -> None:
    rule = BY_NAME["something_planned"]
    assert rule.severity == "stop"
    assert rule.evidence(Night(enterprise, DAY, empty))["seen"].to_list() == ["0 queues with a forecast"]


def test_a_tiny_rounding_error_is_no_fault(enterprise: Enterprise, clean: Frames) -> None:
    frames = clean | {FORECAST_DAILY: change("voice_claims", mean_offered_contacts=more(1e-9))(clean[FORECAST_DAILY])}
    night = Night(enterprise, DAY, frames)
    for name in ("intervals_make_the_day", "drivers_make_the_mean", "forecast_levels_add_up"):
        assert BY_NAME[name].evidence(night)["holds"].all(), name


def test_rounding_up_a_whole_number_twice_is_found(enterprise: Enterprise, clean: Frames) -> None:
    plan = clean[STAFFING_INTERVAL].assign(positions_required_fractional=3.0, positions_required=4)
    seen = BY_NAME["positions_rounded_once"].evidence(Night(enterprise, DAY, clean | {STAFFING_INTERVAL: plan}))
    assert not seen["holds"].any()
