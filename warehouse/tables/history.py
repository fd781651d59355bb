"""History and what the plan starts from: what happened per queue and interval or day (written by etl)."""

from __future__ import annotations

from warehouse.tables.columns import (
    BUSINESS_DATE,
    CHANNEL,
    INTERVAL_START_UTC,
    LINE_OF_BUSINESS,
    PLAN_DATE,
    QUEUE_ID,
    count,
    flag,
    instant,
    seconds,
    text,
)
from warehouse.tables.declaration import Table

OFFERED = count(
    "offered_contacts",
    "contacts",
    "Contacts or items that arrived, by the queue's demand definition; a case that is opened again arrives again.",
)
MEASURES = (
    OFFERED,
    count(
        "answered_contacts", "contacts", "Contacts answered; missing for deferred work or where the source is silent."
    ).optional(),
    count("abandoned_contacts", "contacts", "Contacts whose customer gave up waiting; missing where unknown.").optional(),
    count("answered_within_contacts", "contacts", "Contacts answered within the queue's goal threshold.").optional(),
    count(
        "completed_items", "items", "Deferred items finished in the period, whenever they arrived; missing for live channels."
    ).optional(),
    seconds(
        "handle_seconds",
        "Handle time of the contacts that arrived in the period, whenever they were handled (divide by answered_contacts for the "
        "mean); of mail, of the replies sent in it. Missing where unknown.",
    ).optional(),
    seconds(
        "worked_handle_seconds",
        "Handle time that was worked in the period, of contacts that arrived in it or before, demand or not: each contact's is "
        "spread over the time from its answer on. Mail systems say when a reply was sent, not when it was begun: its work is "
        "booked where it ended. Missing where unknown.",
    ).optional(),
    seconds("wait_seconds", "Waiting time of all offered contacts, abandoned ones included (gives patience).").optional(),
    seconds("staffed_seconds", "Time that agents were there to answer; missing where unknown.").optional(),
)

INTERVAL_HISTORY = Table(
    "interval_history",
    layer="history",
    grain="one queue and one interval of the enterprise's grid",
    meaning="What happened per interval. Intervals without any contact have no row unless the queue was open.",
    key=(QUEUE_ID, INTERVAL_START_UTC),
    columns=(BUSINESS_DATE, *MEASURES),
    partitioned_by=BUSINESS_DATE,
    published=True,
)

DAILY_HISTORY = Table(
    "daily_history",
    layer="history",
    grain="one queue and one local day",
    meaning="What happened per day. A closed day has open_seconds 0; a day with a missing feed has source_complete false.",
    key=(QUEUE_ID, BUSINESS_DATE),
    columns=(
        CHANNEL,
        *MEASURES,
        seconds("open_seconds", "Time the queue was open that day."),
        count("backlog_items", "items", "Deferred items waiting at the end of the day; missing for live channels.").optional(),
        seconds("backlog_oldest_age_seconds", "Age of the oldest waiting item on the ordinary clock.").optional(),
        flag("source_complete", "Whether the day's feed arrived whole: if not, the day is not a quiet day."),
    ),
    partitioned_by=BUSINESS_DATE,
    published=True,
)

WAIT_HISTORY = Table(
    "wait_history",
    layer="history",
    grain="one queue, local day and class of waiting times",
    meaning="How long contacts waited, to learn patience from: who gave up shows it, who was answered hid it from then on.",
    key=(
        QUEUE_ID,
        BUSINESS_DATE,
        seconds(
            "waited_from_seconds",
            "Shortest wait of the class; it reaches up to the next one's. Classes begin at 0, 5, 10, 20, 40, 80, 160, 320, 640.",
        ),
    ),
    columns=(
        OFFERED.named("offered_contacts", "Contacts that waited this long, by the queue's demand definition."),
        count("answered_contacts", "contacts", "Those of them that were answered."),
        count("abandoned_contacts", "contacts", "Those of them whose customer gave up; the rest was sent on or still waits."),
        seconds("wait_seconds", "Waiting time of all of them."),
    ),
    partitioned_by=BUSINESS_DATE,
)

CLAIMS_DAILY = Table(
    "claims_daily",
    layer="history",
    grain="one line of business, region, peril and local day of reporting",
    meaning="Claims reported per day: what announces the contacts of the days after.",
    key=(
        LINE_OF_BUSINESS,
        text("region", "Region of the loss; 'unknown' where the source is silent."),
        text("peril", "Peril; 'unknown' where the source is silent."),
        BUSINESS_DATE,
    ),
    columns=(
        count("reported_claims", "claims", "Claims reported on the day."),
        count("catastrophe_claims", "claims", "Claims of the day that carry a catastrophe code."),
        flag(
            "source_complete",
            "Whether the feed of the line's claims arrived whole that day: if not, too few claims are known of it. A line of "
            "which nothing came has one row without claims then.",
        ),
    ),
    partitioned_by=BUSINESS_DATE,
)

BACKLOG_OPENING = Table(
    "backlog_opening",
    layer="history",
    grain="one deferred queue and one interval of arrival, as known on the plan's night",
    meaning="Deferred work still open at the plan's cut-off, by when it arrived.",
    key=(PLAN_DATE, QUEUE_ID, INTERVAL_START_UTC.named("arrived_interval_start_utc", "Interval in which the items arrived.")),
    columns=(
        count("open_items", "items", "Items that arrived then and are still open.", minimum=1),
        instant("oldest_arrived_at", "Arrival of the oldest of them."),
    ),
    partitioned_by=PLAN_DATE,
)

HISTORY_TABLES = (INTERVAL_HISTORY, DAILY_HISTORY, WAIT_HISTORY, CLAIMS_DAILY, BACKLOG_OPENING)
