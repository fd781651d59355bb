"""What must be true of core facts beyond their form: mails, cases, claims, people and surveys."""

# ruff: noqa: S608 - SQL is put together from constants, never from data.

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, tallied
from expectations.suites.rows import RowRule, on_its_day, row_rules, with_time_zone
from warehouse.tables.core import (
    AGENT_STATES,
    AGENTS,
    CASE_EVENTS,
    CASES,
    CLAIM_EVENTS,
    CLAIMS,
    DRIVER_VALUES,
    INTERVAL_REPORTS,
    MESSAGES,
    SCHEDULES,
    SURVEYS,
)

LONGEST_SHIFT_HOURS = 16
LONGEST_STATE_HOURS = 24
_CLOCKS = "look at the clocks of the source's servers and at the time zone of the source in the settings"


def _overlap(name: str, view: str, end: str, same: str, next_step: str) -> RowRule:
    """No two spans of an agent at once."""
    return RowRule(
        name,
        "warn",
        f"next_start < {end}",
        f"'agent ' || agent_id || ': ' || activity || ' until ' || {end}::VARCHAR || ', the next from ' || next_start::VARCHAR",
        f"an agent has no two spans of {same} at the same time",
        next_step,
    )


def _with_next(source: str, start: str, partition: str) -> str:
    return f"(SELECT *, lead({start}) OVER (PARTITION BY {partition} ORDER BY {start}, activity) AS next_start FROM {source})"


_STATE_ROWS = (
    RowRule(
        "states_end_after_they_start",
        "warn",
        f"ended_at < started_at OR ended_at > started_at + INTERVAL {LONGEST_STATE_HOURS} HOUR",
        "'agent ' || agent_id || ': ' || activity || ' from ' || started_at::VARCHAR || ' to ' || ended_at::VARCHAR",
        f"a state ends after it began and within {LONGEST_STATE_HOURS} hours",
        _CLOCKS,
    ),
    _overlap(
        "states_do_not_overlap", "agent_states", "ended_at", "one activity",
        "see in the source whether sign-outs are missing: time at work of these agents is counted twice",
    ),
    on_its_day(AGENT_STATES, "started_at"),
)  # fmt: skip
_SCHEDULE_ROWS = (
    RowRule(
        "planned_spans_in_order",
        "warn",
        f"ends_at <= starts_at OR ends_at > starts_at + INTERVAL {LONGEST_SHIFT_HOURS} HOUR",
        "'agent ' || agent_id || ': ' || activity || ' from ' || starts_at::VARCHAR || ' to ' || ends_at::VARCHAR",
        f"a planned span ends after it begins and within {LONGEST_SHIFT_HOURS} hours",
        "correct the schedule in the workforce system, or the columns of the source in the settings",
    ),
    _overlap(
        "planned_spans_do_not_overlap", "schedules", "ends_at", "planned work",
        "correct the schedule in the workforce system: nobody can do two things at once",
    ),
    on_its_day(SCHEDULES, "starts_at"),
)  # fmt: skip


def _after(name: str, broken: str, words: str, expected: str) -> RowRule:
    return RowRule(name, "warn", broken, words, expected, _CLOCKS)


def _skills_known(night: Night) -> pd.DataFrame:
    """One row per queue named in the agents' skills: do the settings know it?"""
    named = night.rows(
        "SELECT split_part(trim(skill), ':', 1) AS queue, count(*) FROM "
        "(SELECT unnest(string_split(skills, ';')) AS skill FROM agents) WHERE trim(skill) <> '' GROUP BY ALL ORDER BY 1"
    )
    known = set(night.enterprise.queues)
    return tallied([(queue, n, 0 if queue in known else n, f"skill {queue!r} of {n} agents") for queue, n in named])


def _drivers_declared(night: Night) -> pd.DataFrame:
    """One row per series of driver values: do the settings declare it as a driver?"""
    named = night.rows("SELECT source_system, driver, count(*) FROM driver_values GROUP BY ALL ORDER BY 1, 2")
    known = {(driver.source, driver.series or key) for key, driver in night.enterprise.drivers.items()}
    seen = "{count} values of {driver!r} from {source}"
    return tallied(
        [
            (None, n, 0 if (source, driver) in known else n, seen.format(count=n, driver=driver, source=source))
            for source, driver, n in named
        ]
    )


RULES: tuple[Rule, ...] = (
    *row_rules(
        "core",
        INTERVAL_REPORTS,
        [
            RowRule(
                "report_adds_up",
                "warn",
                "coalesce(answered_within_contacts, 0) > coalesce(answered_contacts, offered_contacts)",
                "reported_as || ' at ' || interval_start_utc::VARCHAR || ': ' || answered_within_contacts || ' in time of '"
                " || coalesce(answered_contacts, offered_contacts) || ' answered'",
                "no more contacts answered in time than answered at all",
                "see whether a column of the report is mapped wrongly in the settings",
            ),
            on_its_day(INTERVAL_REPORTS, "interval_start_utc"),
        ],
        lambda night: with_time_zone(night, "interval_reports"),
    ),
    *row_rules(
        "core",
        MESSAGES,
        [
            _after(
                "replies_follow_mails",
                "handled_at < received_at",
                "'mail ' || message_id || ' came ' || received_at::VARCHAR || ', reply ' || handled_at::VARCHAR",
                "a reply is sent after the mail came",
            ),
            on_its_day(MESSAGES, "received_at"),
        ],
        lambda night: with_time_zone(night, "messages"),
    ),
    *row_rules(
        "core",
        CASES,
        [
            _after(
                "case_times_in_order",
                "resolved_at < opened_at OR closed_at < opened_at",
                "'case ' || case_id || ' opened ' || opened_at::VARCHAR || ', done ' || "
                "coalesce(resolved_at, closed_at)::VARCHAR",
                "a case is opened before it is resolved or closed",
            ),
            on_its_day(CASES, "opened_at"),
        ],
        lambda night: with_time_zone(night, "cases"),
    ),
    *row_rules("core", CASE_EVENTS, [on_its_day(CASE_EVENTS, "changed_at")], lambda night: with_time_zone(night, "case_events")),
    *row_rules(
        "core",
        CLAIMS,
        [
            _after(
                "claim_times_in_order",
                "assessed_at < reported_at OR closed_at < reported_at OR loss_date > business_date",
                "'claim ' || claim_id || ' lost ' || coalesce(loss_date::VARCHAR, 'unknown') || ', reported ' || "
                "reported_at::VARCHAR || ', done ' || coalesce(assessed_at, closed_at)::VARCHAR",
                "a loss is followed by its claim, and the claim by its assessment and closure",
            ),
            on_its_day(CLAIMS, "reported_at"),
        ],
        lambda night: with_time_zone(night, "claims"),
    ),
    *row_rules(
        "core", CLAIM_EVENTS, [on_its_day(CLAIM_EVENTS, "changed_at")], lambda night: with_time_zone(night, "claim_events")
    ),
    *row_rules(
        "core",
        AGENT_STATES,
        _STATE_ROWS,
        lambda night: with_time_zone(night, _with_next("agent_states", "started_at", "agent_id, activity")),
    ),
    *row_rules(
        "core",
        SCHEDULES,
        _SCHEDULE_ROWS,
        lambda night: with_time_zone(night, _with_next("schedules", "starts_at", "agent_id")),
    ),
    Rule(
        "skills_name_queues",
        "core",
        AGENTS,
        "warn",
        "agents' skills name queues of the settings",
        "correct the name in the workforce system, or describe the queue under [queues.<id>]",
        _skills_known,
    ),
    *row_rules(
        "core",
        AGENTS,
        [
            RowRule(
                "contracts_in_order",
                "warn",
                "left_on < hired_on OR left_on < valid_from",
                "'agent ' || agent_id || ' hired ' || coalesce(hired_on::VARCHAR, 'unknown') || ', left ' || left_on::VARCHAR",
                "nobody leaves before having come",
                "correct the agent's dates in the workforce system",
            )
        ],
    ),
    *row_rules(
        "core",
        SURVEYS,
        [
            RowRule(
                "scores_within_scale",
                "warn",
                "score > scale_maximum",
                "'answer ' || survey_id || ': ' || score || ' of ' || scale_maximum",
                "no score above its scale",
                "correct the scale of the survey in the settings of its source",
            ),
            on_its_day(SURVEYS, "answered_at"),
        ],
        lambda night: with_time_zone(night, "surveys"),
    ),
    Rule(
        "driver_values_declared",
        "core",
        DRIVER_VALUES,
        "warn",
        "every series of driver values is declared in the settings: others announce nothing",
        "declare it under [drivers.<name>], or leave it out of the source in the settings",
        _drivers_declared,
    ),
)
