"""Core tables: one row per real-world fact, typed, UTC, keyed (written by etl)."""

from __future__ import annotations

from warehouse.tables.columns import (
    AGENT_ID,
    BUSINESS_DATE,
    CUSTOMER_ID,
    INTERVAL_START_UTC,
    LANDING_FILE,
    LANDING_ROW,
    LINE_OF_BUSINESS,
    MADE_BY,
    QUEUE_ID,
    SOURCE_SYSTEM,
    count,
    day,
    flag,
    instant,
    number,
    seconds,
    text,
)
from warehouse.tables.declaration import Table
from warehouse.tables.workstreams import WORKSTREAM_LINKS, WORKSTREAMS

DIRECTIONS = ("inbound", "outbound", "internal")
ARRIVALS = ("customer", "transfer", "overflow", "callback")
OUTCOMES = ("answered", "abandoned", "transferred", "timed_out", "other")

CONTACTS = Table(
    "contacts",
    layer="core",
    grain="one contact segment: one contact in one queue",
    meaning="Calls and chats as they happened. A transferred contact has one segment per queue, counted from 1.",
    key=(
        text("contact_id", "Contact, as the source names it, prefixed with the source system."),
        count("segment", "segments", "Which queue visit of the contact this is, from 1.", minimum=1),
    ),
    columns=(
        BUSINESS_DATE,
        text("channel", "Channel of the contact.", allowed=("voice", "chat", "email", "message", "task")),
        text("direction", "Who started the contact.", allowed=DIRECTIONS),
        QUEUE_ID,
        CUSTOMER_ID,
        AGENT_ID,
        text("site_id", "Site of the agent.").optional(),
        instant("arrived_at", "When the contact entered the queue."),
        instant("answered_at", "When a person took it; missing if nobody did.").optional(),
        instant("ended_at", "When contact and after-contact work were over; missing while it lasts.").optional(),
        seconds("wait_seconds", "Time from entering the queue until answered, abandoned or sent elsewhere."),
        seconds("talk_seconds", "Time in conversation."),
        seconds("hold_seconds", "Time the customer was on hold."),
        seconds("wrap_seconds", "After-contact work."),
        seconds("handle_seconds", "Talk, hold and after-contact work together (AHT is its mean)."),
        text("outcome", "How the segment ended.", allowed=OUTCOMES),
        text(
            "arrived_by",
            "How it came to the queue: by the customer, handed over after an answer (transfer), sent on unanswered by "
            "another queue (overflow), or called back by us.",
            allowed=ARRIVALS,
        ),
        text("previous_contact_id", "Contact that was transferred into this one.").optional(),
        text("case_id", "Case the contact belongs to.").optional(),
        text("claim_id", "Claim the contact belongs to.").optional(),
        text("thread_id", "Mail thread the contact belongs to.").optional(),
        instant("modified_at", "When the source last changed it, where it says so: of its copies the latest holds.").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

INTERVAL_REPORTS = Table(
    "interval_reports",
    layer="core",
    grain="one row of an ACD's interval report: one of its queues and one of its intervals",
    meaning="Counts of systems that export interval reports instead of single contacts. An interval of the report lies within "
    "one of the enterprise's grid: several of them, and several of the report's queues, add up in history.",
    key=(
        QUEUE_ID,
        INTERVAL_START_UTC.named("interval_start_utc", "Start of the report's interval, UTC."),
        text("reported_as", "Queue as the report names it, prefixed with the source system."),
    ),
    columns=(
        BUSINESS_DATE,
        count("offered_contacts", "contacts", "Contacts that reached the queue."),
        count("answered_contacts", "contacts", "Contacts answered; missing where the report does not know.").optional(),
        count("abandoned_contacts", "contacts", "Contacts whose customer gave up waiting.").optional(),
        count("answered_within_contacts", "contacts", "Contacts answered within the goal's threshold.").optional(),
        seconds("handle_seconds", "Handle time of the contacts of the interval.").optional(),
        seconds("wait_seconds", "Waiting time of all contacts of the interval.").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

MESSAGES = Table(
    "messages",
    layer="core",
    grain="one mail message",
    meaning="Mails of the enterprise's mailboxes, headers only. Inbound mails that need a reply are the demand of email queues.",
    key=(text("message_id", "Message-ID header, prefixed with the source system."),),
    columns=(
        BUSINESS_DATE,
        text("thread_id", "First message of the thread, from References and In-Reply-To."),
        text("direction", "Who wrote it.", allowed=DIRECTIONS),
        QUEUE_ID.named("queue_id", "Queue of its mailbox or folder, the last it was seen in; of a reply, its question's queue."),
        CUSTOMER_ID,
        text("claim_id", "Claim named in the subject.").optional(),
        instant("received_at", "When the mailbox received or sent it."),
        instant("handled_at", "When the first reply to it was sent; missing while it waits.").optional(),
        flag("needs_reply", "True for a customer's mail; false for auto-replies, bulk mail and our own mails."),
        flag("automatic", "True for auto-replies, delivery reports and bulk mail: nobody wrote it, so it answers nothing."),
        flag(
            "reopens_thread",
            "True for a customer's mail that follows our reply to an earlier one of the thread: new work with its own reply.",
        ),
        text("agent_id", "Agent who wrote it, where the mail system says so (header X-Agent-Id).").optional(),
        seconds("handle_seconds", "Work on a mail of ours, where the mail system says so (header X-Handle-Seconds).").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

CASES = Table(
    "cases",
    layer="core",
    grain="one case",
    meaning="Back-office cases of the CRM, in their latest known state.",
    key=(text("case_id", "Case, as the source names it, prefixed with the source system."),),
    columns=(
        BUSINESS_DATE,
        QUEUE_ID,
        CUSTOMER_ID,
        text("topic", "What the case is about.").optional(),
        text("priority", "Priority, as the source names it.").optional(),
        text("origin", "Channel by which the case came, as the source names it (Phone, Email, web, chat).").optional(),
        instant("opened_at", "When the case was opened."),
        instant("resolved_at", "When the work on it was done; missing while open.").optional(),
        instant("closed_at", "When the case was closed; missing while open.").optional(),
        count("reopened_count", "times", "How often the case was opened again."),
        flag("escalated", "Whether the case was escalated."),
        text("owner_id", "Who owns the case.").optional(),
        instant("modified_at", "When the source last changed the row.").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

CASE_EVENTS = Table(
    "case_events",
    layer="core",
    grain="one change of one field of a case",
    meaning="History of the cases.",
    key=(text("case_event_id", "Change, as the source names it, prefixed with the source system."),),
    columns=(
        BUSINESS_DATE,
        text("case_id", "Case that changed."),
        text("field_name", "Field that changed."),
        text("old_value", "Value before.").optional(),
        text("new_value", "Value after.").optional(),
        instant("changed_at", "When it changed."),
        text("changed_by", "Who changed it.").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

CLAIMS = Table(
    "claims",
    layer="core",
    grain="one insurance claim",
    meaning="Claims as reported. The claims reported today announce the calls and mails of the coming days.",
    key=(text("claim_id", "Claim, as the source names it."),),
    columns=(
        BUSINESS_DATE,
        CUSTOMER_ID,
        text("policy_id", "Policy the claim is made on.").optional(),
        LINE_OF_BUSINESS,
        text("region", "Region of the loss.").optional(),
        text("peril", "Peril.").optional(),
        text("catastrophe_code", "Catastrophe event the claim belongs to.").optional(),
        day("loss_date", "Local date of the loss.").optional(),
        instant("reported_at", "When the claim was reported."),
        instant("assessed_at", "When the claim was first assessed: the work of the claims queue is then done.").optional(),
        instant("closed_at", "When the claim was closed; missing while open.").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

CLAIM_EVENTS = Table(
    "claim_events",
    layer="core",
    grain="one status change of a claim",
    meaning="Status history of the claims.",
    key=(text("claim_event_id", "Change, as the source names it."),),
    columns=(
        BUSINESS_DATE,
        text("claim_id", "Claim that changed."),
        text("status", "Status it changed to."),
        instant("changed_at", "When it changed."),
        text("changed_by", "Who changed it.").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

AGENTS = Table(
    "agents",
    layer="core",
    grain="one agent from one day on",
    meaning="The people, their skills and contracts, as last delivered: of an agent's rows that with the latest `valid_from` "
    "that has come holds.",
    key=(
        text("agent_id", "Agent, as the source names it."),
        day("valid_from", "First day on which skills and contract hold; 1970-01-01 where the source does not say."),
    ),
    columns=(
        text("site_id", "Site.").optional(),
        text("skills", "Queues the agent serves with proficiency, as `queue:proficiency` separated by semicolons."),
        number("contract_hours_per_week", "hours per week", "Hours of the contract.", maximum=80),
        number("hourly_cost", "currency per hour", "Cost of an hour of work.").optional(),
        day("hired_on", "First day.").optional(),
        day("left_on", "Last day; missing while employed.").optional(),
        *MADE_BY,
    ),
)

AGENT_STATES = Table(
    "agent_states",
    layer="core",
    grain="one span of one agent in one state",
    meaning="What agents did: logged in, paused, back-office activities.",
    key=(
        text("agent_id", "Agent, as the source names it."),
        instant("started_at", "When the state began."),
        text("activity", "State or activity code, as the source names it."),
    ),
    columns=(
        BUSINESS_DATE,
        instant("ended_at", "When it ended; missing while it lasts.").optional(),
        text("queue_id", "Queue the state belongs to, where the source says so.").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

SCHEDULES = Table(
    "schedules",
    layer="core",
    grain="one planned span of one agent",
    meaning="Who was planned to do what and when.",
    key=(
        text("agent_id", "Agent, as the source names it."),
        instant("starts_at", "Planned start."),
        text("activity", "Planned activity code."),
    ),
    columns=(BUSINESS_DATE, instant("ends_at", "Planned end."), *MADE_BY),
    partitioned_by=BUSINESS_DATE,
)

SURVEYS = Table(
    "surveys",
    layer="core",
    grain="one answer to a survey",
    meaning="Answers of customers about contacts and of employees about work.",
    key=(text("survey_id", "Answer, as the source names it, prefixed with the source system."),),
    columns=(
        BUSINESS_DATE,
        text("respondent_kind", "Who answered.", allowed=("customer", "employee")),
        text("contact_id", "Contact the answer is about.").optional(),
        text("case_id", "Case the answer is about.").optional(),
        AGENT_ID,
        number("score", "points", "Score given."),
        number("scale_maximum", "points", "Highest score possible."),
        instant("answered_at", "When the answer was given."),
        text("topic", "What was asked.").optional(),
        *MADE_BY,
    ),
    partitioned_by=BUSINESS_DATE,
)

DRIVER_VALUES = Table(
    "driver_values",
    layer="core",
    grain="one driver, day and moment at which its value became known",
    meaning="What may announce contacts besides claims: letters sent, visits of the web site, temperature. A value that is told "
    "again replaces the one before from then on: a plan knows what was known by its night.",
    key=(
        text("driver", "Driver, as the source names it."),
        BUSINESS_DATE.named("business_date", "Local day that the value is of; it may lie ahead (a mailing announced)."),
        instant(
            "known_at",
            "When the value became known; 1970-01-01 where the source does not say: then as far ahead as the settings say.",
        ),
        SOURCE_SYSTEM,
    ),
    columns=(number("value", "the driver's own", "Value of the day.", minimum=None), LANDING_FILE, LANDING_ROW),
    partitioned_by=BUSINESS_DATE,
)

CORE_TABLES = (
    CONTACTS,
    INTERVAL_REPORTS,
    MESSAGES,
    CASES,
    CASE_EVENTS,
    CLAIMS,
    CLAIM_EVENTS,
    AGENTS,
    AGENT_STATES,
    SCHEDULES,
    SURVEYS,
    DRIVER_VALUES,
    WORKSTREAM_LINKS,
    WORKSTREAMS,
)
