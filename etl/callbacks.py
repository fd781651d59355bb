"""Call-backs among the contacts of a telephone switch, and the contact that each of them answers (pure).

A caller who does not want to wait presses a key (EXITWITHKEY) and is called back. The call-back is a call of its own in the log;
that it is one can only be told by the dial plan's own habit, which the settings say.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

LONGEST_DAYS = 7
"""A call-back later than this answers nobody's key any more."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How the dial plan marks call-backs: regular expressions with one group, empty for none.

    Args:
        call_pattern: found in the call id of call-backs; the group is the call id of the call that asked.
        caller_pattern: found in the caller id of call-backs; the group is the customer's number.
    """

    call_pattern: str = ""
    caller_pattern: str = ""


def with_callbacks(contacts: pa.Table, left_by_key: Sequence[bool], habit: Habit) -> pa.Table:
    """Contacts with `arrived_by`, `previous_contact_id` and `customer_id` of call-backs filled in.

    What answers a key is the first visit of the call-back only; handed on, it is a transfer like any other. By the caller's
    number the contact answered is the customer's last one that left by a key within a week before.

    Args:
        contacts: CONTACTS of one switch.
        left_by_key: whether each of them left its queue by pressing a key.
        habit: how call-backs are marked.
    """
    if not (habit.call_pattern or habit.caller_pattern):
        return contacts
    columns = {name: contacts.column(name).to_pylist() for name in _READ}
    asked: dict[str, list[tuple[datetime, str]]] = {}
    for customer, arrived, contact, by_key in zip(
        columns["customer_id"], columns["arrived_at"], columns["contact_id"], left_by_key, strict=True
    ):
        if by_key and customer:
            asked.setdefault(customer, []).append((arrived, contact))
    for requests in asked.values():
        requests.sort()
    for row, (contact, segment) in enumerate(zip(columns["contact_id"], columns["segment"], strict=True)):
        if segment > 1:
            continue
        source, _, call = contact.partition(":")
        of_call = re.search(habit.call_pattern, call) if habit.call_pattern else None
        of_caller = re.search(habit.caller_pattern, columns["customer_id"][row] or "") if habit.caller_pattern else None
        if of_caller is not None and of_caller[1]:
            columns["customer_id"][row] = of_caller[1]
            columns["previous_contact_id"][row] = _last(asked.get(of_caller[1], ()), columns["arrived_at"][row])
        if of_call is not None and of_call[1]:
            columns["previous_contact_id"][row] = f"{source}:{of_call[1]}"
        if (of_caller is not None and of_caller[1]) or (of_call is not None and of_call[1]):
            columns["arrived_by"][row] = "callback"
    for name in _FILLED:
        field = contacts.schema.field(name)
        contacts = contacts.set_column(contacts.column_names.index(name), field, pa.array(columns[name], field.type))
    return contacts


_FILLED = ("customer_id", "arrived_by", "previous_contact_id")
_READ = ("contact_id", "segment", "arrived_at", *_FILLED)


def _last(requests: Sequence[tuple[datetime, str]], before: datetime) -> str | None:
    """The last request before an instant, if it is not too old."""
    place = bisect.bisect_left(requests, (before, ""))
    if place == 0 or before - requests[place - 1][0] > timedelta(days=LONGEST_DAYS):
        return None
    return requests[place - 1][1]
