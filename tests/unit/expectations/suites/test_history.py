"""Every rule on core facts and history: silent on a clean day, and naming the queue when something is planted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from enterprise.settings import Enterprise
from expectations.rule import Night, Rule
from expectations.suites import contacts, history
from tests.support.example_day import DAY
from warehouse.tables.builder import example_rows
from warehouse.tables.core import CONTACTS, INTERVAL_REPORTS
from warehouse.tables.declaration import Table
from warehouse.tables.history import BACKLOG_OPENING, DAILY_HISTORY, INTERVAL_HISTORY

RULES = (*contacts.RULES, *history.RULES)
Frames = dict[Table, pd.DataFrame]
BY_NAME = {rule.name: rule for rule in RULES}
Fault = tuple[str, Table, Callable[[pd.DataFrame], pd.DataFrame], str, str]


def change(queue: str, **values: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Put values into the queue's first row."""

    def changed(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.copy()
        first = frame.index[frame["queue_id"] == queue][0]
        for name, value in values.items():
            frame.loc[first, name] = value(frame.loc[first, name]) if callable(value) else value
        return frame

    return changed


def without(queue_id: str, count: int | None = None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Leave out the queue's first rows, or all of them."""
    return lambda frame: frame.drop(frame.index[frame["queue_id"] == queue_id][:count])


def at_night(share: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Move a share of the claims line's calls to three at night."""

    def moved(frame: pd.DataFrame) -> pd.DataFrame:
        mine = frame.index[frame["queue_id"] == "voice_claims"]
        frame = frame.copy()
        frame.loc[mine[: round(share * len(mine))], "arrived_at"] = pd.Timestamp("2026-11-12T02:00Z")
        return frame

    return moved


FAULTS: list[Fault] = [
    ("durations_plausible", CONTACTS, change("voice_claims", handle_seconds=300_000.0), "voice_claims", "handled for 5000"),
    ("durations_plausible", CONTACTS, change("chat_service", wait_seconds=20_000.0), "chat_service", "waited 333 minutes"),
    (
        "times_in_order",
        CONTACTS,
        change("voice_claims", answered_at=lambda t: t - pd.Timedelta("1h")),
        "voice_claims",
        "contact v",
    ),
    (
        "times_in_order",
        CONTACTS,
        change("chat_service", ended_at=lambda t: t - pd.Timedelta("1h")),
        "chat_service",
        "contact chat",
    ),
    ("queue_known", CONTACTS, change("voice_claims", queue_id="voice_old"), "voice_old", "settings do not describe"),
    ("handle_time_is_its_parts", CONTACTS, change("chat_service", hold_seconds=200.0), "chat_service", "its parts 480"),
    ("answered_means_somebody_answered", CONTACTS, change("voice_claims", answered_at=pd.NaT), "voice_claims", "by nobody"),
    (
        "contacts_on_their_day",
        CONTACTS,
        change("chat_service", business_date=DAY - timedelta(days=1)),
        "chat_service",
        "filed under",
    ),
    ("inside_opening_hours", CONTACTS, at_night(0.06), "voice_claims", "voice_claims: 6.2 % outside opening hours"),
    (
        "contacts_accounted_for",
        INTERVAL_HISTORY,
        change("chat_service", answered_within_contacts=4),
        "chat_service",
        "4 in time",
    ),
    (
        "contacts_accounted_for",
        INTERVAL_HISTORY,
        change("voice_claims", answered_contacts=9),
        "voice_claims",
        "10 answered or aban",
    ),
    ("grid_complete", INTERVAL_HISTORY, without("chat_service", 1), "chat_service", "no row for Thu 2026-11-12 08:30"),
    ("grid_complete", INTERVAL_HISTORY, without("email_claims"), "email_claims", "no row for Thu 2026-11-12 08:00"),
    (
        "day_equals_its_intervals",
        INTERVAL_HISTORY,
        change("voice_claims", offered_contacts=9),
        "voice_claims",
        "offered 96 in the day",
    ),
    (
        "day_equals_its_intervals",
        DAILY_HISTORY,
        change("chat_service", abandoned_contacts=0),
        "chat_service",
        "abandoned 0 in the da",
    ),
    ("every_queue_has_its_day", DAILY_HISTORY, without("chat_service"), "chat_service", "no row for chat_service"),
    (
        "feed_complete",
        DAILY_HISTORY,
        change("voice_claims", source_complete=False),
        "voice_claims",
        "voice_claims: 96 contacts; the feed",
    ),
    ("backlog_equals_its_cohorts", DAILY_HISTORY, change("email_claims", backlog_items=91), "email_claims", "91 open at the end"),
    ("backlog_equals_its_cohorts", BACKLOG_OPENING, without("email_claims"), "email_claims", "0 in its cohorts"),
    (
        "backlog_equals_its_cohorts",
        DAILY_HISTORY,
        change("email_claims", backlog_items=np.nan),
        "email_claims",
        "0 open at the end",
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_nothing_is_said_of_a_clean_day(rule: Rule, enterprise: Enterprise, clean: Frames) -> None:
    seen = rule.evidence(Night(enterprise, DAY, clean))
    assert len(seen), "a rule that looks at nothing finds nothing"
    assert seen["holds"].all(), seen.loc[~seen["holds"], "seen"].to_list()


@pytest.mark.parametrize(
    ("name", "table", "fault", "queue_id", "words"), FAULTS, ids=[f"{f[0]}-{f[3]}-{n}" for n, f in enumerate(FAULTS)]
)
def test_a_planted_fault_is_found_and_its_queue_named(
    name: str,
    table: Table,
    fault: Callable[[pd.DataFrame], pd.DataFrame],
    queue_id: str,
    words: str,
    enterprise: Enterprise,
    clean: Frames,
) -> None:
    seen = BY_NAME[name].evidence(Night(enterprise, DAY, clean | {table: fault(clean[table])}))
    broken = seen.loc[~seen["holds"]]
    assert set(broken["queue_id"]) == {queue_id}
    assert any(words in text for text in broken["seen"]), broken["seen"].to_list()


def test_every_rule_has_a_planted_fault() -> None:
    assert {fault[0] for fault in FAULTS} == set(BY_NAME)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_night_without_any_row_breaks_no_rule_by_an_exception(rule: Rule, enterprise: Enterprise, empty: Frames) -> None:
    seen = rule.evidence(Night(enterprise, DAY, empty))
    assert list(seen.columns)[:3] == ["holds", "queue_id", "seen"]
    assert seen["holds"].all() == (rule.name != "every_queue_has_its_day")


def test_a_twentieth_of_early_callers_is_no_wrong_opening_hour(enterprise: Enterprise, clean: Frames) -> None:
    frames = clean | {CONTACTS: at_night(0.04)(clean[CONTACTS])}
    assert BY_NAME["inside_opening_hours"].evidence(Night(enterprise, DAY, frames))["holds"].all()


def test_calls_that_we_make_ourselves_may_be_made_at_any_hour(enterprise: Enterprise, clean: Frames) -> None:
    frames = clean | {CONTACTS: at_night(1.0)(clean[CONTACTS]).assign(direction="outbound")}
    assert BY_NAME["inside_opening_hours"].evidence(Night(enterprise, DAY, frames))["holds"].all()


def test_a_day_without_feed_is_no_gap_in_the_grid_but_is_marked(enterprise: Enterprise, clean: Frames) -> None:
    frames = clean | {
        DAILY_HISTORY: change("voice_claims", source_complete=False)(clean[DAILY_HISTORY]),
        INTERVAL_HISTORY: without("voice_claims")(clean[INTERVAL_HISTORY]),
    }
    night = Night(enterprise, DAY, frames)
    assert BY_NAME["grid_complete"].evidence(night)["holds"].all()
    assert not BY_NAME["feed_complete"].evidence(night)["holds"].all()


def test_an_interval_report_may_count_an_answer_after_its_contact(enterprise: Enterprise, clean: Frames) -> None:
    late = change("voice_claims", answered_contacts=9)(clean[INTERVAL_HISTORY])
    reports = example_rows(INTERVAL_REPORTS, 1, queue_id="voice_claims", business_date=DAY)
    rule = BY_NAME["contacts_accounted_for"]
    assert not rule.evidence(Night(enterprise, DAY, clean | {INTERVAL_HISTORY: late}))["holds"].all()
    assert rule.evidence(Night(enterprise, DAY, clean | {INTERVAL_HISTORY: late, INTERVAL_REPORTS: reports}))["holds"].all()


def test_contacts_of_many_days_are_judged_by_the_hours_of_their_own_day(enterprise: Enterprise, clean: Frames) -> None:
    sunday = DAY + timedelta(days=3)
    moved = clean[CONTACTS].assign(business_date=sunday)
    for name in ("arrived_at", "answered_at", "ended_at"):
        moved[name] += pd.Timedelta(days=3)
    both = pd.concat([clean[CONTACTS], moved.assign(contact_id="sunday " + moved["contact_id"])], ignore_index=True)
    night = Night(enterprise, sunday, clean | {CONTACTS: both}, first_date=DAY)
    seen = BY_NAME["inside_opening_hours"].evidence(night).set_index("queue_id")
    assert seen.loc["voice_claims", "seen"] == "voice_claims: 50.0 % outside opening hours"
    assert BY_NAME["contacts_on_their_day"].evidence(night)["holds"].all()


def test_contacts_still_open_are_not_out_of_order(enterprise: Enterprise, clean: Frames) -> None:
    nothing = pd.Series(pd.NaT, index=clean[CONTACTS].index, dtype="datetime64[us, UTC]")
    frames = clean | {CONTACTS: clean[CONTACTS].assign(answered_at=nothing, ended_at=nothing)}
    assert BY_NAME["times_in_order"].evidence(Night(enterprise, DAY, frames))["holds"].all()
