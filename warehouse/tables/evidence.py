"""What speaks for the plan's models: how they were estimated, and how a simulation agrees with them (by staffing, published)."""

from __future__ import annotations

from warehouse.tables.columns import (
    BUSINESS_DATE,
    CHANNEL,
    INTERVAL_START_UTC,
    PLAN_DATE,
    QUEUE_ID,
    count,
    flag,
    fraction,
    number,
    seconds,
    text,
)
from warehouse.tables.declaration import Table
from warehouse.tables.shifts import STAFF_GROUP

SCOPES = ("interval", "day")
HANDLE_TIMES = ("exponential", "observed")
WAYS_OF_WORKING = ("teams", "put_aside", "finished_first")

SIMULATION_AUDIT = Table(
    "simulation_audit",
    layer="staffing",
    grain="one plan, queue, interval, way of simulating it and kind of handle times",
    meaning="What the plan predicts for some of its intervals beside what an event simulation of the same positions does.",
    key=(
        PLAN_DATE,
        QUEUE_ID,
        INTERVAL_START_UTC,
        text(
            "scope",
            "Interval: in a steady state, as the formulas see it. Day: in a whole day, where intervals hand waiting contacts on.",
            allowed=SCOPES,
        ),
        text(
            "handle_times",
            "Exponential: the model's own assumption. Observed: the distribution that history shows.",
            allowed=HANDLE_TIMES,
        ),
    ),
    columns=(
        BUSINESS_DATE,
        CHANNEL,
        count("positions", "positions", "People at work, as the plan requires them."),
        number("mean_offered_contacts", "contacts", "Contacts expected in the interval."),
        fraction("predicted_answered_fraction", "Service level that the plan predicts, by the queue's definition."),
        fraction("simulated_answered_fraction", "Service level in the simulation."),
        fraction("simulated_answered_fraction_low", "Lower end of the 95 % confidence interval of the simulation."),
        fraction("simulated_answered_fraction_high", "Upper end of it."),
        fraction("predicted_abandoned_fraction", "Share that hangs up, as the plan predicts it.").optional(),
        fraction("simulated_abandoned_fraction", "Share that hangs up in the simulation."),
        seconds("predicted_mean_wait_seconds", "Mean wait of all contacts, as the plan predicts it.").optional(),
        seconds("simulated_mean_wait_seconds", "Mean wait of all contacts in the simulation."),
        count("simulated_contacts", "contacts", "Contacts that were simulated for the interval."),
        flag("within_one_point", "Whether prediction and simulation differ by at most one percentage point."),
        text("assumptions", "What was simulated, in words."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

GROUP_AUDIT = Table(
    "group_audit",
    layer="staffing",
    grain="one plan, staff group, queue and way of working, over one whole day",
    meaning="What the plan promises of groups that share queues or work items between calls, beside what an event simulation of "
    "one whole day does: real handle times, abandonment, skills, what intervals leave to the next, items in gaps.",
    key=(
        PLAN_DATE,
        STAFF_GROUP,
        QUEUE_ID,
        text(
            "way_of_working",
            "Teams: calls of shared queues go by skill. Put aside: an item in hand is put aside for the next call or chat, as "
            "the plan has it. Finished first: it is finished before, which the plan does not assume.",
            allowed=WAYS_OF_WORKING,
        ),
    ),
    columns=(
        BUSINESS_DATE,
        CHANNEL,
        number("mean_offered_contacts", "contacts", "Contacts or items expected on the day."),
        number("position_hours", "hours", "Hours of people at work for the queue; with teams the group's, on every row."),
        fraction("goal_fraction", "Service goal of the queue."),
        fraction(
            "planned_answered_fraction",
            "Service level that the plan promises: with teams each queue's goal, otherwise its own prediction; of work that can "
            "wait, the share of the items due on the day that is completed in time.",
        ),
        fraction("simulated_answered_fraction", "The same in the simulation."),
        fraction("simulated_answered_fraction_low", "Lower end of the 95 % confidence interval of the simulation."),
        fraction("simulated_answered_fraction_high", "Upper end of it."),
        number("planned_gap_hours", "hours", "Work on items in gaps, as planned; missing for calls and chats.").optional(),
        number("simulated_gap_hours", "hours", "The same in the simulation.").optional(),
        number("planned_completed_items", "items", "Items completed that day, as planned; missing for live queues.").optional(),
        number("simulated_completed_items", "items", "The same in the simulation.").optional(),
        count("simulated_days", "days", "How often the day was simulated."),
        text("assumptions", "What was simulated, in words."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

PATIENCE = Table(
    "patience",
    layer="staffing",
    grain="one plan, live queue and period (kind of day and part of it, local time), and the queue as a whole: all",
    meaning="How long customers are willing to wait: the estimate that the plan rests on, how sure it is, and whether it holds.",
    key=(PLAN_DATE, QUEUE_ID, text("period", "Kind of day and local hours, as 'Monday to Friday 08-12'; 'all' for the queue.")),
    columns=(
        count("offered_contacts", "contacts", "Contacts behind the estimate: those of the last weeks."),
        count("abandoned_contacts", "contacts", "Those of them that gave up."),
        seconds("wait_seconds", "Waiting time of all of them."),
        seconds("mean_patience_seconds", "Mean patience; missing where nobody is known to give up.").optional(),
        seconds("mean_patience_seconds_low", "Lower end of its 95 % interval.").optional(),
        seconds("mean_patience_seconds_high", "Upper end of it.").optional(),
        number(
            "queue_weight_contacts",
            "contacts",
            "Abandoned contacts with whose weight it is drawn to the queue's estimate; for the queue, to the settings' prior.",
        ),
        count(
            "checked_contacts", "contacts", "Contacts of the last two weeks: the estimate of the days before is checked on them."
        ),
        fraction("observed_abandoned_fraction", "Share of them that gave up.").optional(),
        fraction(
            "predicted_abandoned_fraction", "Share that the estimate of the days before says of their waiting time."
        ).optional(),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

CHAT_CONCURRENCY = Table(
    "chat_concurrency",
    layer="staffing",
    grain="one plan and chat queue",
    meaning="How many chats people hold at once and how much that slows them down: by history, and as the plan takes it.",
    key=(PLAN_DATE, QUEUE_ID),
    columns=(
        count("chats", "contacts", "Answered chats with a known agent, begin and end, of the last weeks."),
        count("concurrency", "contacts", "Most chats that people hold at once, by history.").optional(),
        count("concurrency_low", "contacts", "A number that is held often: a twentieth of the time in chats.").optional(),
        count("concurrency_high", "contacts", "The largest number that was ever held.").optional(),
        number("mean_concurrency", "contacts", "Mean number held by somebody who is in a chat.").optional(),
        number("slowdown_per_extra_chat", "fraction", "How much longer each chat takes per further one, by history.").optional(),
        number("slowdown_per_extra_chat_low", "fraction", "Lower end of its 95 % interval.").optional(),
        number("slowdown_per_extra_chat_high", "fraction", "Upper end of it.").optional(),
        count("used_concurrency", "contacts", "What the plan uses.", minimum=1),
        number("used_slowdown_per_extra_chat", "fraction", "What the plan uses."),
        text("source", "Where what is used comes from, in words."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

_RATE = "contacts per overdue item and day"
CHASE_RATE = Table(
    "chase_rate",
    layer="staffing",
    grain="one plan and deferred queue with a rule for chase contacts",
    meaning="Contacts that an overdue item raises on each day on which the queue that customers reach is open: by the settings, "
    "and from customers who called while an item of theirs was overdue against those whose item was not yet due.",
    key=(PLAN_DATE, QUEUE_ID),
    columns=(
        text("contacted_queue_id", "Queue that customers reach, as named in the settings."),
        number("stated_rate", _RATE, "What the settings say."),
        count("overdue_contacts", "contacts", "Contacts of customers while an item of theirs was overdue."),
        number("overdue_item_days", "days", "Open days of all items together on which they were overdue."),
        count("other_contacts", "contacts", "Contacts of customers while an item of theirs was open and not yet due."),
        number("other_item_days", "days", "Open days of all items together on which they were open and not yet due."),
        number("used_rate", _RATE, "What the plan uses: the excess while overdue, drawn to the settings where data is thin."),
        number("used_rate_low", _RATE, "Lower end of its 95 % interval."),
        number("used_rate_high", _RATE, "Upper end of it."),
        text("source", "Where what is used comes from, in words."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

EVIDENCE_TABLES: tuple[Table, ...] = (SIMULATION_AUDIT, GROUP_AUDIT, PATIENCE, CHAT_CONCURRENCY, CHASE_RATE)
