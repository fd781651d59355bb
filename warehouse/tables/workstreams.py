"""Workstreams: one customer's matter across channels, and the links that made it (written by etl)."""

from __future__ import annotations

from warehouse.tables.columns import BUSINESS_DATE, CUSTOMER_ID, count, flag, fraction, instant, seconds, text
from warehouse.tables.declaration import Table

ITEM_KINDS = ("contact", "message", "case", "claim")
EXPLICIT_RULES = ("same_contact", "transfer", "overflow", "callback", "case", "claim", "thread")
INFERRED_RULE = "same_customer_and_topic"
UNLINKED_RULES = ("first", "shared_customer")
LINK_RULES = (*UNLINKED_RULES, *EXPLICIT_RULES, INFERRED_RULE)
STAGES = ("in_contact", "waiting_for_answer", "case_work", "claim_assessment", "claim_settlement", "waiting_on_customer")

WORKSTREAM_LINKS = Table(
    "workstream_links",
    layer="core",
    grain="one item (contact segment, mail, case, claim) and one rule that attached it to an earlier item",
    meaning="Which items belong to which workstream, and why. An item that no rule attached has one row that says so; the items "
    "of a workstream are its distinct item_kind, item_id, segment.",
    key=(
        text("item_kind", "What the item is.", allowed=ITEM_KINDS),
        text("item_id", "Contact, message, case or claim, as in its own table."),
        count("segment", "segments", "Segment of the contact; 1 for everything else.", minimum=1),
        text(
            "rule",
            "Why it is attached: first (nothing earlier), shared_customer (its customer id had too many items to be one "
            "person's), same_contact, transfer, overflow, callback, case, claim, thread (stated by the sources), "
            "same_customer_and_topic (inferred: the same customer and line of business within same_topic_within_days).",
            allowed=LINK_RULES,
        ),
    ),
    columns=(
        BUSINESS_DATE.named("business_date", "Business date of the item."),
        text("workstream_id", "Workstream: kind and id of its earliest item."),
        instant("happened_at", "When the item came: arrived, received, opened or reported."),
        text("linked_kind", "What the item was attached to; missing for the first.", allowed=ITEM_KINDS).optional(),
        text("linked_id", "Id of the item it was attached to, the latest earlier one by this rule.").optional(),
        count("linked_segment", "segments", "Segment of the contact it was attached to.", minimum=1).optional(),
        flag("inferred", "True where the link is inferred, false where a source states it or there is none."),
        CUSTOMER_ID,
        text(
            "topic",
            "Line of business of the item's queue (of a claim: of the queue that works on it); missing for mails that nobody "
            "wrote or that stay in the house.",
        ).optional(),
        text("case_id", "Case that the item is or names.").optional(),
        text("claim_id", "Claim that the item is or names.").optional(),
        text("thread_id", "Mail thread that the item belongs to.").optional(),
        text("previous_contact_id", "Contact that went before, where the source says so.").optional(),
        text("arrived_by", "How a contact came to its queue.").optional(),
    ),
    partitioned_by=BUSINESS_DATE,
)

WORKSTREAMS = Table(
    "workstreams",
    layer="core",
    grain="one customer conversation from start to final resolution",
    meaning="Contacts, mails, cases and claims of one matter, stitched together, as known at the cut-off of the last night. "
    "Waiting on us, waiting on the customer and time in contact add up to the time from opening to resolution (or cut-off).",
    key=(text("workstream_id", "Workstream: kind and id of its earliest item."),),
    columns=(
        BUSINESS_DATE.named("business_date", "Local date on which it was opened."),
        CUSTOMER_ID.named("customer_id", "Customer of its claim or case, else of its first item that names one."),
        text("topic", "Line of business of its first item that has one.").optional(),
        instant("opened_at", "When its first item came."),
        instant("first_contact_at", "First contact by the customer.").optional(),
        instant("last_contact_at", "Last contact by the customer.").optional(),
        instant(
            "resolved_at",
            "Last thing that happened in it, once every case, claim and mail of it is done and nothing came for "
            "resolved_after_quiet_days; missing until then.",
        ).optional(),
        count("items", "items", "Contact segments, mails, cases and claims in it.", minimum=1),
        text(
            "contacts_by_channel",
            "Contacts and mails by the customer per channel, as JSON; transfers, overflow, call-backs and our own are left out.",
        ),
        count("other_party_contacts", "contacts", "Those that name somebody else than the customer: repair shops, experts."),
        count("agents_involved", "agents", "Different people who talked, wrote or changed a status in it."),
        seconds("handle_seconds", "Handle time of its contacts and of its mails where the mail system says so."),
        seconds("back_office_seconds", "Time its cases and claims were in a status that means somebody works on them."),
        seconds("in_contact_seconds", "Time in which a contact was talked or worked on, after-contact work included."),
        seconds("waiting_on_customer_seconds", "Time the enterprise waited for the customer: nothing was left to do for us."),
        seconds("waiting_on_us_seconds", "Time the customer waited for us: in a queue, for an answer, for a case or a claim."),
        seconds("resolution_seconds", "Time from opening to resolution; missing while open.").optional(),
        count("handovers", "handovers", "Changes of the person in charge."),
        flag("reopened", "Whether a case or claim was opened again, or something came after it had been quiet and done."),
        flag(
            "first_contact_resolution",
            "Whether the first contact was answered and none followed within first_contact_resolution_days; missing without a "
            "contact and while it cannot be known.",
        ).optional(),
        text("longest_stage", "Stage that took longest in all; missing if no time passed.", allowed=STAGES).optional(),
        fraction("link_certainty", "Share of its links that a source states; missing where there is none.").optional(),
    ),
    partitioned_by=BUSINESS_DATE,
)
