"""What planners change in the forecast: the door they write to, what each night did with it, and the model's own numbers."""

from __future__ import annotations

from dataclasses import replace

from warehouse.tables.columns import (
    BUSINESS_DATE,
    LEVEL,
    MEMBER_ID,
    PLAN_DATE,
    QUEUE_ID,
    count,
    day,
    instant,
    number,
    text,
)
from warehouse.tables.declaration import Column, Table
from warehouse.tables.forecast import FORECAST_DAILY, FORECAST_INTERVAL

WITHDRAWAL = "withdrawal"
KINDS_OF_VOLUME = ("contacts_factor", "contacts_total", "contacts_added")
KINDS_OF_HANDLE_TIME = ("handle_time_factor", "handle_seconds")
KINDS_OF_OPENING = ("closed", "opened")
EVENT = "event"
KINDS = (*KINDS_OF_VOLUME, *KINDS_OF_HANDLE_TIME, *KINDS_OF_OPENING, EVENT)
STATUSES = ("applied", "waiting", "done", "expired", "withdrawn", "refused")

_ID = replace(count("override_id", "number", "Number of the entry, from 1.", minimum=1), default="identity")


def _entry(level: Column, member: Column) -> tuple[Column, ...]:
    """What an entry says; level and member may be missing in a withdrawal."""
    return (
        text(
            "kind",
            "What is changed: contacts_factor (times value), contacts_total (value contacts a day), contacts_added (value "
            "contacts a day more, or fewer), handle_time_factor, handle_seconds, closed, opened (value contacts come), event (a "
            "special day by its name), withdrawal (takes the entry `withdraws` back).",
            allowed=(*KINDS, WITHDRAWAL),
        ),
        level,
        member,
        day("first_date", "First day that is changed.").optional(),
        day("last_date", "Last day that is changed.").optional(),
        text("start_time", "Local time from which each of the days is changed, as 08:30; missing for the whole day.").optional(),
        text("end_time", "Local time until which each of the days is changed, as 17:00 or 24:00.").optional(),
        number("value", "by kind", "How much: a factor, contacts a day or seconds, as the kind says.", minimum=None).optional(),
        text("event_name", "Name of a special event: days of the same name are taken to be alike.").optional(),
        count("withdraws", "number", "Number of the entry that a withdrawal takes back.", minimum=1).optional(),
        text("reason", "Why, in the planner's words."),
        day("valid_until_date", "Last night whose plan heeds it; missing for all nights before the last day.").optional(),
        day("first_plan_date", "First night whose plan heeds it; missing for the day of the entry.").optional(),
        replace(text("entered_by", "Who entered it."), default="SESSION_USER"),
        replace(instant("entered_at", "When it was entered."), default="CURRENT_TIMESTAMP"),
    )


PLANNER_OVERRIDE = Table(
    "planner_override",
    layer="run",
    grain="one change that a planner entered, or took back",
    meaning="The planners' door: what they enter here, or by `leadline override`, changes the next night's plan. Rows stay.",
    key=(_ID,),
    columns=_entry(LEVEL.optional(), MEMBER_ID.optional()),
    published=True,
    checks=(
        ("taken_back", "(kind = 'withdrawal') = (withdraws IS NOT NULL)"),
        (
            "said_what",
            "kind = 'withdrawal' OR num_nulls(level, member_id, first_date, last_date) = 0",
        ),
        ("dates", "last_date >= first_date"),
        ("times", "(start_time IS NULL) = (end_time IS NULL) AND start_time < end_time"),
        ("clock", "start_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND end_time ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'"),
        ("value_said", "kind IN ('closed', 'event', 'withdrawal') OR value IS NOT NULL"),
        ("not_negative", "kind = 'contacts_added' OR value >= 0"),
        ("event_named", "kind <> 'event' OR event_name IS NOT NULL"),
        ("reason_said", "length(trim(reason)) BETWEEN 1 AND 500"),
    ),
)

OVERRIDE_STATUS = Table(
    "override_status",
    layer="forecast",
    grain="one plan and entry that was known by its night",
    meaning="What each plan did with the planners' changes, and why one was refused. The plan of a night knows no later entry.",
    key=(PLAN_DATE, replace(_ID, default="")),
    columns=(
        *(replace(column, default="") for column in _entry(LEVEL, MEMBER_ID) if column.name not in ("withdraws",)),
        text(
            "status",
            "What the plan did: applied, waiting (its days lie beyond the plan), done (its days are over), expired (its "
            "valid_until_date has passed), withdrawn, or refused.",
            allowed=STATUSES,
        ),
        text("status_reason", "Why it is not applied: what was expected, and what to do."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

OVERRIDE_EFFECT = Table(
    "override_effect",
    layer="forecast",
    grain="one plan, entry, queue and day that it changed",
    meaning="What each planners' change did to each queue's day: the changes of a day add up to its override_contacts.",
    key=(PLAN_DATE, QUEUE_ID, BUSINESS_DATE, replace(_ID, default="")),
    columns=(
        number("changed_contacts", "contacts", "Contacts that it adds or takes.", minimum=None),
        number("changed_handle_seconds", "seconds", "Mean handle time that it adds or takes.", minimum=None),
        text("in_words", "What was changed, by whom and why."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

MODEL_FORECAST_INTERVAL = replace(
    FORECAST_INTERVAL,
    name="model_forecast_interval",
    meaning="The model's own numbers of intervals that planners changed. What is not in here was not changed.",
)

MODEL_FORECAST_DAILY = replace(
    FORECAST_DAILY,
    name="model_forecast_daily",
    meaning="The model's own numbers of days that planners changed, of every level. What is not in here was not changed.",
)

OVERRIDE_TABLES = (PLANNER_OVERRIDE, OVERRIDE_STATUS, OVERRIDE_EFFECT, MODEL_FORECAST_INTERVAL, MODEL_FORECAST_DAILY)
