"""What a night's changes mean for each queue and day, and for the settings that its models are run with. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from enterprise.settings import Enterprise, Event
from warehouse.overrides.entry import Entry, in_words, queues_of
from warehouse.overrides.judgement import entries_of
from warehouse.overrides.opening import HELD_GOOD, days_of, with_planners_hours
from warehouse.tables.overrides import EVENT

CHANGE_COLUMNS = ("override_id", "queue_id", "business_date", "kind", "start_time", "end_time", "value", "in_words")


def changes_of(status: pd.DataFrame, enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    """The applied changes of a plan, one row per change, queue and day of the horizon; events are not among them.

    Args:
        status: rows of OVERRIDE_STATUS of the night.
        enterprise: the settings.
        plan_date: the night.

    Returns:
        Columns `CHANGE_COLUMNS`; start_time and end_time are always said.
    """
    last = plan_date + timedelta(days=enterprise.planning.horizon_days)
    rows = [
        (entry.override_id, queue, day, entry.kind, *entry.span, entry.value, in_words(entry))
        for entry in entries_of(status[(status["status"] == "applied") & (status["kind"] != EVENT)])
        for queue in queues_of(entry, enterprise)
        for day in days_of(entry)
        if plan_date < day <= last
    ]
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS)).astype({"value": "float64"})


def as_models_see_it(enterprise: Enterprise, status: pd.DataFrame, plan_date: date) -> Enterprise:
    """The settings with which a night's models are run: with planners' events, and with the hours of days that are over.

    Hours of coming days stay as the settings say, so that the model's own numbers are those without the planners' changes. A past
    day whose contacts a planner changed under an event's name is a day of that event: it teaches nobody what is usual.

    Args:
        enterprise: the settings.
        status: rows of OVERRIDE_STATUS of the night.
        plan_date: the night.
    """
    held = entries_of(status[status["event_name"].notna() & status["status"].isin(HELD_GOOD)])
    events = [found for entry in held if (found := _event(entry, enterprise, plan_date)) is not None]
    seen = with_planners_hours(enterprise, status, plan_date)
    return seen.model_copy(update={"events": (*seen.events, *events)}) if events else seen


def _event(entry: Entry, enterprise: Enterprise, plan_date: date) -> Event | None:
    first, last = entry.first_date, entry.last_date
    if first is None or last is None:
        return None
    until = last if entry.kind == EVENT else min(last, plan_date)
    if until < first:
        return None
    queues = queues_of(entry, enterprise)
    return Event(name=str(entry.event_name), first_date=first, last_date=until, queues=queues)
