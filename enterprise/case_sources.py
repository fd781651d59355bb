"""Sources of cases besides Salesforce: ticket systems."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from enterprise.model import Settings

Name = Annotated[str, Field(min_length=1)]
_MARK = re.compile(r"(group|form|brand|tag|channel|type):.+|\*")


def _mark(written: str) -> str:
    """Refuse what does not say by which property of a ticket it is chosen."""
    if not _MARK.fullmatch(written):
        raise ValueError(
            f"{written!r} chooses no tickets; write group:<id>, form:<id>, brand:<id>, tag:<tag>, channel:<channel>, type:<type> "
            "or * for all others"
        )
    return written


Mark = Annotated[str, AfterValidator(_mark)]


class ZendeskTickets(Settings):
    """Zendesk tickets as JSON Lines: the incremental ticket export, ticket events or audits, and satisfaction ratings."""

    kind: Literal["zendesk_tickets"]
    url: Name
    """Ticket exports."""
    events_url: str = ""
    """Exports of ticket events or audits; empty for none."""
    ratings_url: str = ""
    """Exports of satisfaction ratings; empty: the rating that stands in the ticket is read."""
    queues: Annotated[dict[Mark, str], Field(min_length=1)]
    """`group:<id>`, `form:<id>`, `brand:<id>`, `tag:<tag>`, `channel:<channel>`, `type:<type>` or `*` -> queue id; the first
    that fits a ticket holds."""
    leave_out: tuple[Mark, ...] = ()
    """Tickets that are nobody's work here, chosen alike; put aside with rule `left_out_by_settings`."""
    customer_field: str = ""
    """Id of the ticket field that holds the customer number; empty for the requester."""
    topic_field: str = ""
    """Id of the ticket field that says what it is about; empty for the ticket's type."""
    escalated_tags: tuple[str, ...] = ("escalated",)
    """Tags of an escalated ticket."""
