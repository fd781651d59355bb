"""What must be true of contacts beyond their form: counted in the database, however many there are."""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from enterprise.timing import opening_of
from expectations.rule import Night, Rule, tallied
from expectations.suites.rows import RowRule, on_its_day, row_rules, with_time_zone
from warehouse.tables.core import CONTACTS

OUTSIDE_HOURS_TOLERANCE = 0.05


def longest_wait_seconds(goal_seconds: float) -> float:
    """A wait beyond it is no wait of a person: 200 times the goal, within 4 and 12 hours."""
    return min(max(200.0 * goal_seconds, 4 * 3600.0), 12 * 3600.0)


def longest_handle_seconds(mean_handle_seconds_prior: float) -> float:
    """A handle time beyond it is no single contact: 40 times the queue's mean of the settings, within 2 and 12 hours."""
    return min(max(40.0 * mean_handle_seconds_prior, 2 * 3600.0), 12 * 3600.0)


def _contacts_with_queues(night: Night) -> str:
    """Contacts with what the settings say of their queue, and whether it was open when they came."""
    queues = [queue for queue in night.enterprise.queues.values() if not queue.is_deferred]
    known = pa.table(
        {
            "queue_id": pa.array([queue.id for queue in night.enterprise.queues.values()], pa.string()),
        }
    )
    limits = pa.table(
        {
            "queue_id": pa.array([queue.id for queue in queues], pa.string()),
            "longest_wait": pa.array([longest_wait_seconds(queue.service_goal.seconds) for queue in queues], pa.float64()),
            "longest_handle": pa.array(
                [longest_handle_seconds(queue.mean_handle_seconds_prior) for queue in queues], pa.float64()
            ),
        }
    )
    spans = {(queue.id, day): opening_of(night.enterprise, queue.id).open_spans(day) for queue in queues for day in night.days}
    most = max(map(len, spans.values()), default=0)
    empty = pd.Timestamp(0, tz="UTC")
    padded = {key: [*found, *[(empty, empty)] * (most - len(found))] for key, found in spans.items()}
    instant = pa.timestamp("us", tz="UTC")
    opened = {
        "queue_id": pa.array([queue for queue, _ in padded], pa.string()),
        "business_date": pa.array([day for _, day in padded], pa.date32()),
    }
    for place in range(most):
        opened[f"opens_{place}"] = pa.array([found[place][0] for found in padded.values()], instant)
        opened[f"closes_{place}"] = pa.array([found[place][1] for found in padded.values()], instant)
    database = night.database
    for name, small in (("settings_queues", known), ("settings_limits", limits), ("settings_hours", pa.table(opened))):
        database.from_arrow(small).create_view(name, replace=True)
    inside = " OR ".join(f"(arrived_at >= h.opens_{k} AND arrived_at < h.closes_{k})" for k in range(most)) or "false"
    database.execute(
        f"CREATE OR REPLACE TEMP VIEW contacts_judged AS SELECT c.*, l.longest_wait, l.longest_handle, "
        f"q.queue_id IS NULL AS queue_unknown, coalesce({inside}, false) AS came_while_open "
        "FROM contacts c LEFT JOIN settings_queues q USING (queue_id) LEFT JOIN settings_limits l USING (queue_id) "
        "LEFT JOIN settings_hours h ON h.queue_id = c.queue_id AND h.business_date = c.business_date"
    )
    return with_time_zone(night, "contacts_judged")


_OUTSIDE = "direction = 'inbound' AND NOT queue_unknown AND NOT came_while_open"
_CONTACT_ROWS = (
    RowRule(
        "durations_plausible",
        "warn",
        "wait_seconds > coalesce(longest_wait, 43200) OR handle_seconds > coalesce(longest_handle, 43200)",
        "'contact ' || contact_id || ' waited ' || round(wait_seconds / 60)::BIGINT || ' minutes and was handled for ' "
        "|| round(handle_seconds / 60)::BIGINT || ' minutes'",
        "waits and handle times that a person of the queue can have: at most 200 times the goal's seconds (4 to 12 hours) and 40 "
        "times the settings' mean handle time (2 to 12 hours)",
        "see whether the source changed its unit (seconds to milliseconds) or a phone was left off the hook",
    ),
    RowRule(
        "times_in_order",
        "warn",
        "answered_at < arrived_at OR ended_at < answered_at OR ended_at < arrived_at",
        "'contact ' || contact_id",
        "a contact arrives, is answered and ends in this order",
        "look at the clocks of the source's servers",
    ),
    RowRule(
        "queue_known",
        "warn",
        "queue_unknown",
        "'contacts of a queue that the settings do not describe'",
        "every contact belongs to a queue of the settings",
        "describe the queue under [queues.<id>], or correct the source's queues; until then its contacts are not planned",
    ),
    RowRule(
        "handle_time_is_its_parts",
        "warn",
        "abs(handle_seconds - talk_seconds - hold_seconds - wrap_seconds) > 1",
        "'contact ' || contact_id || ' handled for ' || round(handle_seconds)::BIGINT || ' seconds, its parts '"
        " || round(talk_seconds + hold_seconds + wrap_seconds)::BIGINT",
        "talk, hold and after-contact work make the handle time",
        "see in the source whether a part of the handle time is in another unit or counted twice",
    ),
    RowRule(
        "answered_means_somebody_answered",
        "warn",
        "outcome = 'answered' AND answered_at IS NULL OR outcome = 'abandoned' AND answered_at IS NOT NULL",
        "'contact ' || contact_id || ' ' || outcome || coalesce(' at ' || answered_at::VARCHAR, ' by nobody')",
        "an answered contact has the time of its answer, an abandoned one has none",
        "see whether the source changed how it names outcomes",
    ),
    on_its_day(CONTACTS, "arrived_at"),
    RowRule("_outside", "warn", _OUTSIDE, "NULL", "", ""),
    RowRule("_inbound", "warn", "direction = 'inbound' AND NOT queue_unknown", "NULL", "", ""),
)
_CONTACT_RULES = {rule.name: rule for rule in row_rules("core", CONTACTS, _CONTACT_ROWS, _contacts_with_queues)}


def _inside_hours(night: Night) -> pd.DataFrame:
    """One row per queue: the share of its customers' contacts that came while it was closed."""
    outside = _CONTACT_RULES["_outside"].evidence(night)
    inbound = _CONTACT_RULES["_inbound"].evidence(night)["rows_failed"]
    rows = []
    for queue, wrong, count in zip(outside["queue_id"], outside["rows_failed"], inbound, strict=True):
        if count:
            fails = wrong / count > OUTSIDE_HOURS_TOLERANCE
            rows.append((queue, 1, int(fails), f"{queue}: {100 * wrong / count:.1f} % outside opening hours"))
    return tallied(rows)


RULES: tuple[Rule, ...] = (
    *(rule for name, rule in _CONTACT_RULES.items() if not name.startswith("_")),
    Rule(
        "inside_opening_hours",
        "core",
        CONTACTS,
        "warn",
        f"at most {100 * OUTSIDE_HOURS_TOLERANCE:g} % of a queue's inbound contacts outside its opening hours",
        "correct [opening_hours] in the settings, or add the day to their exceptions",
        _inside_hours,
    ),
)
