"""One change that a planner enters: what it says, which queues it touches, and what is wrong with it. Pure."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from enterprise.hierarchy import WHOLE_ENTERPRISE, QueuePlace
from enterprise.settings import Enterprise
from warehouse.tables.columns import LEVELS
from warehouse.tables.overrides import EVENT, KINDS, KINDS_OF_HANDLE_TIME, KINDS_OF_OPENING, KINDS_OF_VOLUME, WITHDRAWAL

MOST_DAYS = 400
MOST_REASON = 500
LARGEST_FACTOR = 10.0
_WHOLE_DAY = ("00:00", "24:00")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_WITHOUT_VALUE = ("closed", EVENT)
_GROUPS = (KINDS_OF_VOLUME, KINDS_OF_HANDLE_TIME, KINDS_OF_OPENING)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the declared table `planner_override`; the fields are its columns. `override_id` is 0 until it is kept."""

    kind: str
    reason: str
    entered_by: str
    entered_at: datetime
    level: str | None = None
    member_id: str | None = None
    first_date: date | None = None
    last_date: date | None = None
    start_time: str | None = None
    end_time: str | None = None
    value: float | None = None
    event_name: str | None = None
    withdraws: int | None = None
    valid_until_date: date | None = None
    first_plan_date: date | None = None
    override_id: int = 0

    def night(self, zone: ZoneInfo) -> date:
        """First night whose plan knows it: the one said, or that of the local day on which it was entered."""
        return self.first_plan_date or self.entered_at.astimezone(zone).date()

    @property
    def span(self) -> tuple[str, str]:
        """Local times of day between which it holds."""
        return (self.start_time or _WHOLE_DAY[0], self.end_time or _WHOLE_DAY[1])


def queues_of(entry: Entry, enterprise: Enterprise) -> tuple[str, ...]:
    """Queues that a change touches, in the settings' order."""
    return tuple(
        queue.id
        for queue in enterprise.queues.values()
        if entry.level in LEVELS
        and entry.member_id == (queue.id if entry.level == "queue" else QueuePlace.of(queue).member_of(entry.level))
    )


def problem(entry: Entry, enterprise: Enterprise) -> str | None:
    """What is wrong with a change, what was expected and what to do; None if it may be used.

    Args:
        entry: not a withdrawal.
        enterprise: the settings.
    """
    for look in (_kind, _place, _days, _times, _value, _words):
        if (found := look(entry, enterprise)) is not None:
            return found
    return None


def overlap(entry: Entry, others: Collection[Entry], enterprise: Enterprise) -> Entry | None:
    """The first of other changes that changes the same measure of the same queue at the same time; None if none does.

    Events do not count: they only name days.
    """
    group = next((group for group in _GROUPS if entry.kind in group), ())
    mine = set(queues_of(entry, enterprise))
    for other in others:
        if other.kind in group and _meet(entry, other) and mine & set(queues_of(other, enterprise)):
            return other
    return None


def _meet(one: Entry, other: Entry) -> bool:
    if one.first_date is None or one.last_date is None or other.first_date is None or other.last_date is None:
        return False
    days = one.first_date <= other.last_date and other.first_date <= one.last_date
    return days and one.span[0] < other.span[1] and other.span[0] < one.span[1]


def _kind(entry: Entry, enterprise: Enterprise) -> str | None:
    if entry.kind in KINDS:
        return None
    return f"kind {entry.kind!r} is not known; write one of {', '.join(KINDS)}{_meant(entry.kind, KINDS)}"


def _place(entry: Entry, enterprise: Enterprise) -> str | None:
    known: dict[str | None, list[str]] = {
        "queue": list(enterprise.queues),
        "channel": sorted({queue.channel for queue in enterprise.queues.values()}),
        "line_of_business": list(enterprise.lines_of_business),
        "site": list(enterprise.sites),
        "enterprise": [WHOLE_ENTERPRISE],
    }
    if entry.level not in known:
        return f"level {entry.level!r} is not known; write one of {', '.join(LEVELS)}"
    if entry.member_id not in known[entry.level]:
        names = known[entry.level]
        return f"unknown {entry.level} {entry.member_id!r}; known are {', '.join(names)}{_meant(entry.member_id or '', names)}"
    if not queues_of(entry, enterprise):
        return f"{entry.level} {entry.member_id!r} has no queue"
    return None


def _days(entry: Entry, enterprise: Enterprise) -> str | None:
    if entry.first_date is None or entry.last_date is None:
        return "first_date and last_date say which days are changed; write both, as 2026-11-12"
    if entry.last_date < entry.first_date:
        return f"last_date {entry.last_date} lies before first_date {entry.first_date}"
    if (entry.last_date - entry.first_date).days >= MOST_DAYS:
        return f"{entry.first_date} to {entry.last_date} are more than {MOST_DAYS} days; split it, or change the settings"
    night = entry.night(enterprise.zone)
    if entry.first_date <= night:
        return (
            f"{entry.first_date} is past for the plan of the night of {night}, the first that knows of this; "
            f"the first day that can be changed is {night + timedelta(days=1)} (leadline override add --first-night names an "
            "earlier night, to make its plan anew)"
        )
    if entry.valid_until_date is not None and entry.valid_until_date < night:
        return f"valid_until_date {entry.valid_until_date} lies before the first night that knows of it, {night}"
    return None


def _times(entry: Entry, enterprise: Enterprise) -> str | None:
    if entry.start_time is None and entry.end_time is None:
        return None
    if entry.start_time is None or entry.end_time is None:
        return "start_time and end_time belong together; leave both out for the whole day"
    for name, clock in (("start_time", entry.start_time), ("end_time", entry.end_time)):
        if _CLOCK.fullmatch(clock) is None:
            return f"{name} {clock!r} is no time of day; write it as 08:30, the end of the day as 24:00"
    if entry.end_time <= entry.start_time:
        return f"end_time {entry.end_time} is not after start_time {entry.start_time}; a span over midnight is two entries"
    if entry.kind == EVENT:
        return "an event is a matter of whole days; leave start_time and end_time out"
    return None


def _value(entry: Entry, enterprise: Enterprise) -> str | None:
    if entry.kind in _WITHOUT_VALUE:
        return None if entry.value is None else f"kind {entry.kind} takes no value; leave it out"
    if entry.value is None or not math.isfinite(entry.value):
        return f"kind {entry.kind} needs a value: {_WANTED[entry.kind]}"
    low, high = _BOUNDS.get(entry.kind, (0.0, 1e7))
    if not low <= entry.value <= high or (entry.value == 0 and entry.kind in KINDS_OF_HANDLE_TIME):
        return f"value {entry.value:g} is out of range for {entry.kind}: {_WANTED[entry.kind]}"
    return None


_WANTED = {
    "contacts_factor": f"a factor from 0 to {LARGEST_FACTOR:g}, as 1.2 for 20 % more",
    "contacts_total": "contacts a day, 0 or more",
    "contacts_added": "contacts a day, below 0 for fewer",
    "handle_time_factor": f"a factor above 0 and up to {LARGEST_FACTOR:g}, as 1.1 for 10 % longer",
    "handle_seconds": "seconds above 0, up to 86400",
    "opened": "contacts a day that are expected in the opened hours, 0 or more",
}
_BOUNDS = {
    "contacts_factor": (0.0, LARGEST_FACTOR),
    "handle_time_factor": (0.0, LARGEST_FACTOR),
    "contacts_added": (-1e7, 1e7),
    "handle_seconds": (0.0, 86_400.0),
}


def _words(entry: Entry, enterprise: Enterprise) -> str | None:
    if entry.kind == EVENT and not (entry.event_name or "").strip():
        return "an event needs event_name: days of the same name are taken to be alike"
    if not entry.reason.strip():
        return "say why: reason may not be empty"
    if len(entry.reason) > MOST_REASON:
        return f"reason has {len(entry.reason)} characters; at most {MOST_REASON} are kept"
    if not entry.entered_by.strip():
        return "say who enters it: entered_by may not be empty"
    return None


def _meant(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def in_words(entry: Entry) -> str:
    """What a change does, in a planner's words.

    Example:
        >>> from datetime import UTC
        >>> when = datetime(2026, 11, 12, 9, tzinfo=UTC)
        >>> days = {"first_date": date(2026, 11, 16), "last_date": date(2026, 11, 16)}
        >>> in_words(Entry("contacts_factor", "mailing", "anna", when, "queue", "voice_claims", **days, value=1.2))
        'contacts times 1.2 (mailing; anna)'
        >>> in_words(Entry("closed", "move", "bob", when, "queue", "voice_claims", **days, start_time="13:00", end_time="24:00"))
        'closed from 13:00 to 24:00 (move; bob)'
    """
    value = f"{entry.value:g}" if entry.value is not None else ""
    what = {
        "contacts_factor": f"contacts times {value}",
        "contacts_total": f"{value} contacts a day",
        "contacts_added": f"{value if value.startswith('-') else '+' + value} contacts a day",
        "handle_time_factor": f"handle time times {value}",
        "handle_seconds": f"handle time {value} s",
        "closed": "closed",
        "opened": f"opened for {value} contacts a day",
        EVENT: f"special days {entry.event_name!r}",
        WITHDRAWAL: f"takes {entry.withdraws} back",
    }[entry.kind]
    when = f" from {entry.start_time} to {entry.end_time}" if entry.start_time else ""
    named = f", {entry.event_name}" if entry.event_name and entry.kind != EVENT else ""
    return f"{what}{when} ({entry.reason}{named}; {entry.entered_by})"
