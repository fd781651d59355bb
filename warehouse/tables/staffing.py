"""How many people the forecast needs (written by staffing, published)."""

from __future__ import annotations

from warehouse.tables.columns import (
    AGENT_ID,
    BUSINESS_DATE,
    CHANNEL,
    INTERVAL_START_UTC,
    LEAD_DAYS,
    LEVEL,
    MEMBER_ID,
    PLAN_DATE,
    QUEUE_ID,
    count,
    day,
    flag,
    fraction,
    instant,
    number,
    seconds,
    text,
)
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import DATA_UNTIL, DATA_WARNING

MODELS = ("erlang_a", "erlang_c", "chat_chain", "deferred")
DEFINITIONS = ("of_offered", "of_answered", "excluding_short_abandons", "wait_within", "completed_within")

STAFFING_INTERVAL = Table(
    "staffing_interval",
    layer="staffing",
    grain="one plan, queue and open interval",
    meaning="Positions and people per interval, what they are expected to achieve, and how certain that is.",
    key=(PLAN_DATE, QUEUE_ID, INTERVAL_START_UTC),
    columns=(
        BUSINESS_DATE,
        LEAD_DAYS,
        CHANNEL,
        text("staffing_model", "Model the requirement rests on.", allowed=MODELS),
        seconds("open_seconds", "Part of the interval in which the queue is open."),
        number("mean_offered_contacts", "contacts", "Contacts expected in the interval."),
        seconds("mean_handle_seconds", "Mean handle time (AHT) the requirement rests on."),
        seconds("mean_patience_seconds", "Mean time customers are willing to wait; missing for deferred work.").optional(),
        number("positions_required_fractional", "positions", "People at work needed, before rounding."),
        count("positions_required", "positions", "People at work needed, rounded up once, before shrinkage."),
        count(
            "positions_erlang_c", "positions", "What Erlang C (nobody hangs up) would ask for: upper end of the bracket."
        ).optional(),
        count(
            "positions_erlang_a", "positions", "What Erlang A (customers hang up) asks for: lower end of the bracket."
        ).optional(),
        count("positions_for_certainty", "positions", "Positions that meet the goal with the settings' probability.").optional(),
        count("scheduled_staff", "people", "People to schedule, shrinkage included."),
        text("service_level_definition", "What answered_fraction counts.", allowed=DEFINITIONS),
        fraction("goal_fraction", "The goal for answered_fraction."),
        seconds("goal_seconds", "Time within which contacts are to be answered or items completed (business time)."),
        fraction("answered_fraction", "Predicted service level with positions_required, by the definition named."),
        seconds("mean_wait_seconds", "Predicted mean wait of all contacts; missing for deferred work.").optional(),
        fraction("abandoned_fraction", "Predicted share of contacts that hang up; missing for deferred work.").optional(),
        fraction("occupancy_fraction", "Share of their time that the people at work are handling contacts."),
        fraction(
            "goal_probability", "Probability that the goal is met with positions_required, given the forecast's uncertainty."
        ),
        number("cost", "currency", "Cost of scheduled_staff for the open part of the interval."),
        text("reason", "Why this number: the model, the goal and what binds, in words."),
        number(
            "chase_contacts",
            "contacts",
            "Of the contacts expected, those that ask after overdue work; missing without a rule for it.",
        ).optional(),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

_PEOPLE = (
    number("mean_offered_contacts", "contacts", "Contacts or items expected."),
    number("position_hours", "hours", "Hours at work needed, before shrinkage."),
    number("staff_hours", "hours", "Hours to schedule, shrinkage included."),
    number("full_time_equivalents", "full-time equivalents", "Staff hours over the hours of a full-time contract."),
    count("peak_scheduled_staff", "people", "Most people scheduled in any interval."),
    number("cost", "currency", "Cost of the hours to schedule."),
)
_BLENDED = (
    number("blended_staff_hours", "hours", "Hours to schedule where groups work deferred items between calls and chats."),
    number("blended_cost", "currency", "Cost of these hours; beside cost, that of every queue staffed separately."),
)

STAFFING_DAILY = Table(
    "staffing_daily",
    layer="staffing",
    grain="one plan, one member of a level of the enterprise and one day",
    meaning="Staff hours, full-time equivalents and peak per queue, channel, line of business and enterprise.",
    key=(PLAN_DATE, LEVEL, MEMBER_ID, BUSINESS_DATE),
    columns=(LEAD_DAYS, *_PEOPLE, DATA_UNTIL, DATA_WARNING, *_BLENDED),
    partitioned_by=PLAN_DATE,
    published=True,
)

STAFFING_WEEKLY = Table(
    "staffing_weekly",
    layer="staffing",
    grain="one plan, one member of a level of the enterprise and one calendar week",
    meaning="The same per week that begins on Monday; only days inside the plan's horizon count.",
    key=(PLAN_DATE, LEVEL, MEMBER_ID, day("week_start_date", "Monday of the week.")),
    columns=(count("planned_days", "days", "Days of the week that lie in the plan.", minimum=1), *_PEOPLE, *_BLENDED),
    partitioned_by=PLAN_DATE,
    published=True,
)

CERTAINTY_CURVE = Table(
    "certainty_curve",
    layer="staffing",
    grain="one plan, queue and probability",
    meaning="What certainty costs: hours and money over the whole plan if every interval is to meet its goal with a probability.",
    key=(PLAN_DATE, QUEUE_ID, fraction("goal_probability", "Probability with which each interval meets its goal.")),
    columns=(
        number("position_hours", "hours", "Hours at work needed, before shrinkage."),
        number("staff_hours", "hours", "Hours to schedule, shrinkage included."),
        number("cost", "currency", "Cost of the hours to schedule."),
        count("peak_scheduled_staff", "people", "Most people scheduled in any interval."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

SHRINKAGE_HOURS = Table(
    "shrinkage_hours",
    layer="staffing",
    grain="one plan, queue and kind of shrinkage",
    meaning="Scheduled hours that are not worked, by kind: each kind takes its share of what the kinds before it leave. With the "
    "hours at work they are all hours to schedule.",
    key=(PLAN_DATE, QUEUE_ID, text("kind", "Kind of loss (holiday, illness, training, breaks), as named in the settings.")),
    columns=(
        fraction("lost_fraction", "Share that the kind takes of what the others leave, by the settings."),
        number("lost_hours", "hours", "Hours that it takes over the whole plan."),
        number("lost_cost", "currency", "Their cost."),
        flag(
            "planned_by_shifts", "Whether the shifts of the queue's group plan it themselves, so that it is not taken off there."
        ),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

WORKSTREAM_DAILY = Table(
    "workstream_daily",
    layer="staffing",
    grain="one topic and day",
    meaning="How customer matters flow.",
    key=(text("topic", "Topic."), BUSINESS_DATE),
    columns=(
        count("opened_workstreams", "workstreams", "Opened."),
        count("resolved_workstreams", "workstreams", "Resolved."),
        seconds("resolution_seconds_q50", "Median time to resolution."),
        seconds("resolution_seconds_q90", "90 % quantile of the time to resolution."),
        number("contacts_per_workstream", "contacts", "Mean contacts per workstream."),
        text("bottleneck_stage", "Stage that takes longest."),
        fraction("first_contact_resolution_fraction", "Share resolved by the first contact."),
    ),
    partitioned_by=BUSINESS_DATE,
    published=True,
    filled=False,
)

EXPERIENCE_WEEKLY = Table(
    "experience_weekly",
    layer="staffing",
    grain="one topic or team and week",
    meaning="Customer and employee measures side by side.",
    key=(text("subject", "Topic or team."), day("week_start_date", "Monday of the week.")),
    columns=(
        number("customer_score", "points", "Mean customer score.").optional(),
        number("employee_score", "points", "Mean employee score.").optional(),
        count("answers", "answers", "Answers behind them."),
        text("driving_behaviour", "Behaviour that goes with the change.").optional(),
    ),
    published=True,
    filled=False,
)

PERSONAL_QUEUE = Table(
    "personal_queue",
    layer="staffing",
    grain="one item in an agent's personal queue",
    meaning="Personal items with due times, alerts and suggested rebalancing.",
    key=(PLAN_DATE, text("agent_id", "Agent."), text("item_id", "Item.")),
    columns=(
        instant("due_at", "When it is due.").optional(),
        text("alert", "What is wrong, in words.").optional(),
        AGENT_ID.named("suggested_agent_id", "Who could take it."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
    filled=False,
)

SCENARIO = Table(
    "scenario",
    layer="staffing",
    grain="one scenario",
    meaning="What-if assumptions.",
    key=(text("scenario_id", "Scenario."),),
    columns=(
        text("description", "What is assumed."),
        text("assumptions", "The assumptions as JSON."),
        instant("made_at", "When."),
    ),
    published=True,
    filled=False,
)

SCENARIO_RESULT = Table(
    "scenario_result",
    layer="staffing",
    grain="one scenario, queue and day",
    meaning="What a scenario would bring.",
    key=(text("scenario_id", "Scenario."), QUEUE_ID, BUSINESS_DATE),
    columns=(
        fraction("answered_fraction", "Service level."),
        number("staff_hours", "hours", "Hours to schedule."),
        number("cost", "currency", "Cost."),
        number("cost_per_contact", "currency per contact", "Price of a contact."),
    ),
    published=True,
    filled=False,
)

STAFFING_TABLES = (
    STAFFING_INTERVAL,
    STAFFING_DAILY,
    STAFFING_WEEKLY,
    CERTAINTY_CURVE,
    SHRINKAGE_HOURS,
    WORKSTREAM_DAILY,
    EXPERIENCE_WEEKLY,
    PERSONAL_QUEUE,
    SCENARIO,
    SCENARIO_RESULT,
)
