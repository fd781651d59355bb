"""When contacts, mails, cases and claims count as one matter, and when that matter is over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from enterprise.model import Settings

Days = Annotated[int, Field(ge=1, le=365)]
Statuses = tuple[Annotated[str, Field(min_length=1)], ...]


class WorkstreamRules(Settings):
    """How workstreams are stitched and judged; every rule has a default.

    Statuses are compared by how they begin, without regard to case.
    """

    same_topic_within_days: Days = 7
    """An item that names no case or claim joins the customer's last item of the same line of business if that is no older."""
    shared_customer_items: Annotated[int, Field(ge=2)] = 15
    """A customer id with more items than this of one line of business within `same_topic_within_days` is nobody's own (a
    switchboard, a withheld number): nothing is inferred from it."""
    resolved_after_quiet_days: Days = 7
    """A workstream is resolved when all is done and nothing came for so many days."""
    first_contact_resolution_days: Days = 7
    """The first contact resolved the matter if no other followed within so many days."""
    waiting_statuses: Statuses = ("on hold", "waiting", "pending", "awaiting")
    """Statuses of cases and claims in which the customer or another party has to act."""
    working_statuses: Statuses = ("working", "in progress")
    """Statuses of cases and claims in which somebody of ours works on them."""
