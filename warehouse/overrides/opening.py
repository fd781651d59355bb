"""Opening hours as planners changed them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta

import pandas as pd

from enterprise.settings import Enterprise
from enterprise.spans import END_OF_DAY, LocalSpan
from enterprise.timing import opening_of
from warehouse.overrides.entry import Entry, queues_of
from warehouse.overrides.judgement import entries_of
from warehouse.tables.overrides import KINDS_OF_OPENING

HELD_GOOD = ("applied", "waiting", "done")
"""Statuses of changes that hold on their days."""


def with_planners_hours(enterprise: Enterprise, status: pd.DataFrame, last: date = date.max) -> Enterprise:
    """The settings with the hours that planners closed or opened.

    Args:
        enterprise: the settings.
        status: rows of OVERRIDE_STATUS of one night.
        last: changes of later days are left out.

    Returns:
        The same settings where nobody changed any hours.
    """
    rows = status[status["kind"].isin(KINDS_OF_OPENING) & status["status"].isin(HELD_GOOD)]
    changes: dict[str, dict[date, list[Entry]]] = {}
    for entry in entries_of(rows):
        for queue in queues_of(entry, enterprise):
            for day in days_of(entry):
                if day <= last:
                    changes.setdefault(queue, {}).setdefault(day, []).append(entry)
    if not changes:
        return enterprise
    hours, queues = dict(enterprise.opening_hours), dict(enterprise.queues)
    for queue, by_day in changes.items():
        opening, usual = opening_of(enterprise, queue), enterprise.opening_hours[queues[queue].opening_hours]
        changed = {day: changed_spans(opening.hours_on(day), entries) for day, entries in by_day.items()}
        name = f"{queue}_as_planned"
        closed = tuple(day for day in usual.extra_closed_dates if not changed.get(day))
        hours[name] = usual.model_copy(update={"exceptions": {**usual.exceptions, **changed}, "extra_closed_dates": closed})
        queues[queue] = queues[queue].model_copy(update={"opening_hours": name})
    return enterprise.model_copy(update={"opening_hours": hours, "queues": queues})


def days_of(entry: Entry) -> Iterable[date]:
    """The days that a change touches."""
    if entry.first_date is None or entry.last_date is None:
        return ()
    count = (entry.last_date - entry.first_date).days + 1
    first = entry.first_date
    return (first + timedelta(days=k) for k in range(count))


def changed_spans(usual: Sequence[LocalSpan], entries: Sequence[Entry]) -> tuple[LocalSpan, ...]:
    """A day's open spans after its changes, which do not overlap each other.

    Example:
        >>> from datetime import UTC, datetime
        >>> afternoon = Entry("closed", "move", "bob", datetime(2026, 11, 12, tzinfo=UTC), start_time="13:00", end_time="24:00")
        >>> changed_spans([(time(8), time(17))], [afternoon])
        ((datetime.time(8, 0), datetime.time(13, 0)),)
    """
    spans = [(opens, _end(closes)) for opens, closes in usual]
    for entry in entries:
        first, last = _time(entry.span[0]), _time(entry.span[1])
        if entry.kind == "closed":
            pieces = [(opens, min(closes, first)) for opens, closes in spans]
            pieces += [(max(opens, last), closes) for opens, closes in spans if last != END_OF_DAY]
            spans = [(opens, closes) for opens, closes in pieces if opens < closes]
        else:
            spans = _joined([*spans, (first, last)])
    return tuple(sorted(spans))


def _joined(spans: Sequence[LocalSpan]) -> list[LocalSpan]:
    together: list[LocalSpan] = []
    for opens, closes in sorted(spans):
        if together and opens <= together[-1][1]:
            together[-1] = (together[-1][0], max(closes, together[-1][1]))
        else:
            together.append((opens, closes))
    return together


def _time(clock: str) -> time:
    return END_OF_DAY if clock == "24:00" else time(int(clock[:2]), int(clock[3:]))


def _end(closes: time) -> time:
    return END_OF_DAY if closes == time(0) else closes
