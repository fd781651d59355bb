"""What a line of a ticket export says: tickets, their changes, and customers' ratings, as plain facts (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Record = Mapping[str, Any]
FactKind = Literal["ticket", "change", "rating"]

_NO_FIELDS = frozenset({
    "id", "type", "event_type", "via", "via_reference_id", "previous_value", "field_name", "value", "author_id", "body",
    "html_body", "plain_body", "attachments", "audit_id", "created_at", "metadata", "public", "comment_present",
    "comment_public", "subject", "description", "recipients", "added_tags", "removed_tags", "custom_ticket_fields",
})  # fmt: skip
"""Members of a change that name no field of the ticket, or hold what customers wrote."""
_DONE = ("solved", "closed")
_GONE = ("deleted", "scrubbed")
_ANSWER = re.compile(r"(good|bad)([ _]?with(out)?[ _]?comment)?")


@dataclass(slots=True)
class Fact:
    """One row to be: `texts` holds its columns as text, by their names in core (times as the export writes them)."""

    kind: FactKind
    texts: dict[str, str | None]
    problem: tuple[str, str] | None = None
    """Rule and reason, where what was read cannot be kept."""
    flags: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketRules:
    """How tickets are read: the settings of a source, with numbers of fields as text.

    Args:
        queues: mark -> queue id, in order; see `enterprise.case_sources.ZendeskTickets`.
        leave_out: marks of tickets that are left out.
        customer_field: field with the customer number.
        topic_field: field with the topic.
        escalated_tags: tags of an escalated ticket.
        ratings_in_tickets: whether the rating in the ticket is read.
    """

    queues: Mapping[str, str]
    leave_out: Sequence[str] = ()
    customer_field: str = ""
    topic_field: str = ""
    escalated_tags: Sequence[str] = ()
    ratings_in_tickets: bool = True


def facts_of(record: Record, rules: TicketRules) -> list[Fact]:
    """The facts that a line holds, at least one.

    A line with `child_events` (ticket events) or `events` (audits) gives a change for every field that changed, and for a comment
    whether it was public; one in which nothing of this happened gives the change `update`. A ticket gives itself, and its rating
    where there is one; a deleted ticket gives the change of its status to `deleted`, because nothing else of it is left to read.

    Example:
        >>> rules = TicketRules({"group:7": "cases_complaints"})
        >>> [fact] = facts_of({"id": 35, "group_id": 7, "status": "open", "created_at": "2026-11-12T08:00:00Z"}, rules)
        >>> fact.kind, fact.texts["case_id"], fact.texts["queue_id"]
        ('ticket', '35', 'cases_complaints')
        >>> change = {"id": 8, "type": "Change", "field_name": "status", "previous_value": "open", "value": "solved"}
        >>> [fact] = facts_of({"id": 9, "ticket_id": 35, "created_at": "2026-11-12T09:00:00Z", "events": [change]}, rules)
        >>> fact.texts["field_name"], fact.texts["old_value"], fact.texts["new_value"]
        ('status', 'open', 'solved')
    """
    if record.get("ticket_id") is not None:
        children = record.get("child_events", record.get("events"))
        return list(_changes(record, children)) if isinstance(children, list) else [_rating(record)]
    if _text(record.get("status")) in _GONE:
        return [_deletion(record)]
    facts = [_ticket(record, rules)]
    rating = record.get("satisfaction_rating")
    if rules.ratings_in_tickets and isinstance(rating, Mapping) and _score(rating) is not None:
        about = {"ticket_id": record.get("id"), "assignee_id": record.get("assignee_id"), "created_at": record.get("updated_at")}
        case_id = _text(record.get("id"))
        facts.append(_rating({"id": case_id and f"ticket-{case_id}", **about, **rating}))
    return facts


def _ticket(record: Record, rules: TicketRules) -> Fact:
    metrics = record.get("metric_set", record.get("metrics"))
    metrics = metrics if isinstance(metrics, Mapping) else {}
    status = _text(record.get("status"))
    done_at = None
    if status in _DONE:
        done_at = _first(metrics.get("solved_at"), metrics.get("status_updated_at"), record.get("updated_at"))
    marks = _marks(record)
    queue_id = next((queue for mark, queue in rules.queues.items() if mark in marks), None)
    fields = _fields(record)
    fact = Fact(
        "ticket",
        {
            "case_id": _text(record.get("id")),
            "queue_id": queue_id,
            "customer_id": fields.get(rules.customer_field) if rules.customer_field else _text(record.get("requester_id")),
            "topic": fields.get(rules.topic_field) if rules.topic_field else _text(record.get("type")),
            "priority": _text(record.get("priority")),
            "origin": _channel(record),
            "owner_id": _text(record.get("assignee_id")),
            "opened_at": _text(record.get("created_at")),
            "closed_at": done_at,
            "modified_at": _modified(record),
            "reopened_count": _first(metrics.get("reopens"), "0"),
        },
        flags={"escalated": bool(set(rules.escalated_tags) & _tags(record))},
    )
    if any(mark in marks for mark in rules.leave_out):
        fact.problem = ("left_out_by_settings", "the ticket is one of those that leave_out names")
    elif queue_id is None:
        shown = ", ".join(sorted(mark for mark in marks if mark != "*"))[:200]
        fact.problem = (
            "unknown_queue",
            f"the ticket ({shown}) belongs to no queue; add one of these marks to the source's queues",
        )
    return fact


def _deletion(record: Record) -> Fact:
    """A deleted ticket is scrubbed: all that it still tells is that it is gone, and when."""
    case_id, at = _text(record.get("id")), _modified(record)
    return _change(f"{case_id}-deleted-{at}", case_id, at, None, "status", None, "deleted")


def _changes(record: Record, children: Sequence[Any]) -> Iterator[Fact]:
    case_id, at = _text(record.get("ticket_id")), _first(record.get("created_at"), record.get("timestamp"))
    by = _first(record.get("author_id"), record.get("updater_id"))
    own = _text(record.get("id"))
    found = 0
    for place, child in enumerate(children):
        if not isinstance(child, Mapping):
            continue
        kind = _text(child.get("event_type", child.get("type")))
        number = _text(child.get("id")) or (own and f"{own}-{place}")
        if kind == "Comment" or child.get("comment_present"):
            public = child.get("public", child.get("comment_public"))
            found += 1
            yield _change(number and f"{number}-comment", case_id, at, by, "comment", None, "public" if public else "internal")
        if kind not in ("Change", "Create"):
            continue
        before = child.get("previous_value")
        if "field_name" in child:
            changed = {str(child["field_name"]): child.get("value")}
        else:
            changed = {name: value for name, value in child.items() if name not in _NO_FIELDS}
        for name, value in changed.items():
            if name in _NO_FIELDS:  # what a customer wrote stays where it is
                continue
            found += 1
            yield _change(number and f"{number}-{name}", case_id, at, by, name, _text(before), _text(value))
    if not found:
        yield _change(own and f"{own}-update", case_id, at, by, "update", None, None)


def _change(
    event_id: str | None, case_id: str | None, at: str | None, by: str | None, name: str, before: str | None, after: str | None
) -> Fact:
    return Fact(
        "change",
        {
            "case_event_id": event_id,
            "case_id": case_id,
            "field_name": name,
            "old_value": before,
            "new_value": after,
            "changed_at": at,
            "changed_by": by,
        },
    )


def _rating(record: Record) -> Fact:
    score = _score(record)
    fact = Fact(
        "rating",
        {
            "survey_id": _text(record.get("id")),
            "case_id": _text(record.get("ticket_id")),
            "agent_id": _text(record.get("assignee_id")),
            "answered_at": _first(record.get("updated_at"), record.get("created_at")),
            "topic": _text(record.get("reason")),
            "score": None if score is None else str(score),
        },
    )
    if score is None:
        shown = _text(record.get("score"))
        fact.problem = ("no_answer", f"score {shown!r} is no answer (good or bad): the customer was asked, or not even that")
    return fact


def _score(rating: Record) -> int | None:
    """1 for a good rating, 0 for a bad one, with or without a comment."""
    match = _ANSWER.fullmatch(_text(rating.get("score")) or "")
    return None if match is None else int(match[1] == "good")


def _channel(record: Record) -> str | None:
    via = record.get("via")
    return _text(via.get("channel")) if isinstance(via, Mapping) else None


def _marks(record: Record) -> set[str]:
    pairs = (
        ("group", record.get("group_id")),
        ("form", record.get("ticket_form_id")),
        ("brand", record.get("brand_id")),
        ("channel", _channel(record)),
        ("type", record.get("type")),
    )
    known = {f"{kind}:{text}" for kind, value in pairs if (text := _text(value))}
    return known | {f"tag:{tag}" for tag in _tags(record)} | {"*"}


def _tags(record: Record) -> set[str]:
    tags = record.get("tags")
    return {tag for tag in tags if isinstance(tag, str)} if isinstance(tags, list) else set()


def _fields(record: Record) -> dict[str, str | None]:
    """Ticket fields by their id."""
    listed = record.get("custom_fields", record.get("fields"))
    if not isinstance(listed, list):
        return {}
    return {str(one["id"]): _text(one.get("value")) for one in listed if isinstance(one, Mapping) and "id" in one}


def _modified(record: Record) -> str | None:
    """When the ticket was last changed: the export's own stamp counts changes by the system too, `updated_at` those by people."""
    stamp, updated = record.get("generated_timestamp"), _text(record.get("updated_at"))
    return _text(stamp) if isinstance(stamp, int) and not isinstance(stamp, bool) else updated


def _first(*values: Any) -> str | None:
    return next((text for value in values if (text := _text(value))), None)


def _text(value: Any) -> str | None:
    """Text of a member; None for what is empty or holds further members."""
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, list):
        return " ".join(str(one) for one in value if isinstance(one, str | int)) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():  # an id on its way through a table of floats
        return str(int(value))
    return str(value).strip() or None
