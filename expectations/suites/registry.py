"""Which tables and rules belong to which stage of the night."""

from __future__ import annotations

from expectations.rule import Rule, Stage
from expectations.suites import (
    accuracy,
    audit,
    capacity,
    contacts,
    core,
    history,
    history_sums,
    looking_back,
    losses,
    overrides,
    plan,
    plan_claims,
    plan_deferred,
    plan_sums,
    today,
    workstreams,
)
from warehouse.tables.capacity import CAPACITY_PLAN
from warehouse.tables.claims import CLAIMS_CONTACTS, CLAIMS_POSITIONS
from warehouse.tables.core import (
    AGENT_STATES,
    AGENTS,
    CASE_EVENTS,
    CASES,
    CLAIM_EVENTS,
    CLAIMS,
    CONTACTS,
    DRIVER_VALUES,
    INTERVAL_REPORTS,
    MESSAGES,
    SCHEDULES,
    SURVEYS,
)
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.evidence import CHASE_RATE, CHAT_CONCURRENCY, GROUP_AUDIT, PATIENCE, SIMULATION_AUDIT
from warehouse.tables.forecast import (
    ACCURACY_LEDGER,
    CLAIMS_LEAD,
    DRIVER_LEAD,
    FORECAST_CHANGE,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    FORECAST_WEEKLY,
    MODEL_LEADERBOARD,
)
from warehouse.tables.history import BACKLOG_OPENING, CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY, WAIT_HISTORY
from warehouse.tables.looking_back import ADHERENCE_DAILY, MISS_ANALYSIS
from warehouse.tables.overrides import MODEL_FORECAST_DAILY, MODEL_FORECAST_INTERVAL, OVERRIDE_EFFECT, OVERRIDE_STATUS
from warehouse.tables.shifts import SHIFT_TABLES
from warehouse.tables.staffing import (
    CERTAINTY_CURVE,
    SHRINKAGE_HOURS,
    STAFFING_DAILY,
    STAFFING_INTERVAL,
    STAFFING_WEEKLY,
)
from warehouse.tables.today import FORECAST_TODAY, STAFFING_TODAY
from warehouse.tables.workstreams import WORKSTREAM_LINKS, WORKSTREAMS

STAGES: tuple[Stage, ...] = ("core", "workstreams", "history", "forecast", "staffing", "audit")

_TABLES: dict[Stage, tuple[Table, ...]] = {
    "core": (
        CONTACTS, INTERVAL_REPORTS, MESSAGES, CASES, CASE_EVENTS, CLAIMS, CLAIM_EVENTS, AGENTS, AGENT_STATES, SCHEDULES, SURVEYS,
        DRIVER_VALUES,
    ),
    "workstreams": (WORKSTREAM_LINKS, WORKSTREAMS),
    "history": (INTERVAL_HISTORY, DAILY_HISTORY, WAIT_HISTORY, CLAIMS_DAILY, BACKLOG_OPENING),
    "forecast": (
        FORECAST_TODAY,
        FORECAST_INTERVAL, FORECAST_DAILY, FORECAST_WEEKLY, FORECAST_CHANGE, CLAIMS_LEAD, DRIVER_LEAD, MODEL_LEADERBOARD,
        CLAIMS_CONTACTS,
        OVERRIDE_STATUS, OVERRIDE_EFFECT, MODEL_FORECAST_INTERVAL, MODEL_FORECAST_DAILY, ACCURACY_LEDGER,
    ),
    "staffing": (
        STAFFING_INTERVAL, STAFFING_BLENDED, STAFFING_DAILY, STAFFING_WEEKLY, BACKLOG_PROJECTION, DEADLINE_PRICE, CERTAINTY_CURVE,
        *SHIFT_TABLES, CAPACITY_PLAN, SHRINKAGE_HOURS, CHASE_RATE, PATIENCE, CHAT_CONCURRENCY, MISS_ANALYSIS, ADHERENCE_DAILY,
        CLAIMS_POSITIONS,
        STAFFING_TODAY,
    ),
    "audit": (SIMULATION_AUDIT, GROUP_AUDIT),
}  # fmt: skip
_BESIDE: dict[Stage, tuple[Table, ...]] = {
    "history": (CONTACTS, CLAIMS, INTERVAL_REPORTS),
    "staffing": (FORECAST_DAILY, FORECAST_INTERVAL, FORECAST_WEEKLY, BACKLOG_OPENING),
    "audit": (STAFFING_INTERVAL,),
}
"""Tables of other stages that a stage's rules look at."""
_BEFORE: dict[Stage, tuple[Table, ...]] = {"history": (DAILY_HISTORY,)}
_SUITES = (
    contacts,
    core,
    workstreams,
    history,
    history_sums,
    plan,
    plan_sums,
    plan_deferred,
    plan_claims,
    today,
    overrides,
    accuracy,
    looking_back,
    capacity,
    losses,
    audit,
)
_RULES: tuple[Rule, ...] = tuple(rule for suite in _SUITES for rule in suite.RULES)


def tables_of(stage: Stage) -> tuple[Table, ...]:
    """Tables whose rows are checked after a stage."""
    return _TABLES[stage]


def rules_of(stage: Stage) -> tuple[Rule, ...]:
    """Domain rules that are checked after a stage."""
    return tuple(rule for rule in _RULES if rule.stage == stage)


def tables_seen_by(stage: Stage) -> tuple[Table, ...]:
    """Tables that the stage's rules look at: its own and some of other stages."""
    return (*_TABLES[stage], *_BESIDE.get(stage, ()))


def tables_before(stage: Stage) -> tuple[Table, ...]:
    """Tables of which the stage's rules look at the day before, too."""
    return _BEFORE.get(stage, ())
