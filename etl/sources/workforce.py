"""Workforce files (CSV): agents with their skills and contracts, planned schedules, and what the back office logged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from enterprise.sources import WorkforceFiles
from etl.activity_events import ACTIVITY_EVENTS
from etl.business_dates import business_dates
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.screen import Screen, printable
from etl.shifts import BEGINS, ENDS, bounds_by_group, overlapping
from etl.sources.sheets import Form, Sheets, read_sheets
from etl.typed import EVER, dates, instants, numbers, unreadable
from warehouse.tables.core import AGENT_STATES, AGENTS, SCHEDULES

_SKILL = re.compile(r"[^:;\s]+:(?:0(?:\.\d+)?|1(?:\.0*)?)")
_LONGEST_SPAN_US = 7 * 86_400_000_000
_MOST_HOURS_PER_WEEK = 80.0


def read(settings: WorkforceFiles, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read agents, schedules and activities.

    Columns: `agent_id, site, skills, contract_hours_per_week, hourly_cost..., hired_on, left_on, valid_from` (agents; a row per
    contract where `valid_from` is there); `agent_id, activity, starts_at, ends_at` (schedules); activities either as spans,
    `agent_id, activity_code, started_at, ended_at` (`ended_at` is empty while the activity lasts, `queue_id` may be added, and an
    activity code that is a queue's id is work on that queue), or as events, `agent_id, event, occurred_at, activity_code`, where
    `event` is log_in or log_out, start or stop (`etl.shifts` names the words), which are paired into spans when core is made,
    over the files of all nights; log-in and log-out make the activity `logged_in`. Times bear an offset or are local times of the
    enterprise. Spans that end before they begin or last longer than a week, and work on a queue that begins during other such
    work of the agent, are put aside.

    Raises:
        SourceChangedError: if a file lacks a column, naming it and the columns it has.
        SourceUnreachableError: if landing cannot be read.
    """
    zone = context.grid.time_zone
    known_queues = pa.array(sorted(context.queues), pa.string())

    def schedules(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        agent_id, activity, begin, end = _span(sheet, screen, ("agent_id", "activity", "starts_at", "ends_at"), zone)
        screen.reject(pc.is_null(end), "missing_value", "ends_at is empty; a planned span has an end")
        return {
            "agent_id": agent_id,
            "starts_at": begin,
            "activity": activity,
            "business_date": business_dates(context.grid, begin),
            "ends_at": end,
        }

    def activities(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        agent_id, activity, begin, end = _span(sheet, screen, ("agent_id", "activity_code", "started_at", "ended_at"), zone)
        is_queue = pc.is_in(activity, known_queues)
        at_once = overlapping(agent_id, begin, end, is_queue.to_numpy(zero_copy_only=False) & screen.kept)
        screen.reject(
            at_once, "overlaps_another_span", "the agent works on another queue's items at that time; mend the span at the source"
        )
        return {
            "agent_id": agent_id,
            "started_at": begin,
            "activity": activity,
            "business_date": business_dates(context.grid, begin),
            "ended_at": end,
            "queue_id": pc.coalesce(sheet.column("queue_id"), pc.if_else(is_queue, activity, pa.scalar(None, pa.string()))),
        }

    def events(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        return _events(sheet, screen, context, known_queues)

    forms = [
        Form(AGENTS, settings.agents_url, ("agent_id", "skills", "contract_hours_per_week"), _agents),
        Form(SCHEDULES, settings.schedules_url, ("agent_id", "activity", "starts_at", "ends_at"), schedules),
        Form(AGENT_STATES, settings.activities_url, ("agent_id", "activity_code", "started_at", "ended_at"), activities),
        Form(ACTIVITY_EVENTS, settings.activities_url, ("agent_id", "event", "occurred_at"), events),
    ]
    return read_sheets(forms, files, context)


def _agents(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
    agent_id = sheet.column("agent_id")
    screen.reject(pc.is_null(agent_id), "missing_value", "agent_id is empty; a person cannot be told from others without it")
    skills = pc.fill_null(sheet.column("skills"), "")
    bad_skills = [
        any(not _SKILL.fullmatch(part.strip()) for part in text.split(";") if part.strip()) for text in skills.to_pylist()
    ]
    screen.reject(
        bad_skills, "unreadable_skills", "skills must read 'queue:proficiency;queue:proficiency' with proficiency 0 to 1"
    )
    hours_text = sheet.column("contract_hours_per_week")
    hours = numbers(hours_text)
    screen.reject(
        pc.or_kleene(pc.is_null(hours), pc.or_kleene(pc.less(hours, 0), pc.greater(hours, _MOST_HOURS_PER_WEEK))),
        "unreadable_number",
        f"contract_hours_per_week must be a number from 0 to {_MOST_HOURS_PER_WEEK:g}",
    )
    # The currency stands in the column's name, e.g. hourly_cost_eur.
    cost_name = next((name for name in sheet.header if name.casefold().startswith("hourly_cost")), "hourly_cost")
    cost_text = sheet.column(cost_name)
    cost = numbers(cost_text)
    bad_cost = pc.or_kleene(unreadable(cost_text, cost), pc.less(cost, 0))
    screen.reject(bad_cost, "unreadable_number", f"{cost_name} must be a number not below 0")
    days = {}
    for name in ("hired_on", "left_on", "valid_from"):
        text = sheet.column(name)
        days[name] = dates(text)
        screen.reject(unreadable(text, days[name]), "unreadable_date", f"{name} must be a date such as 2026-11-12")
    screen.reject(
        pc.less(days["left_on"], days["hired_on"]), "ends_before_it_begins", "left_on lies before hired_on; mend it at the source"
    )
    return {
        "agent_id": agent_id,
        "site_id": pc.coalesce(sheet.column("site_id"), sheet.column("site")),
        "skills": pc.replace_substring_regex(skills, r"\s+", ""),
        "contract_hours_per_week": hours,
        "hourly_cost": cost,
        **days,
        "valid_from": pc.fill_null(days["valid_from"], pa.scalar(EVER, pa.date32())),
    }


def _events(sheet: Sheets, screen: Screen, context: ReadContext, known_queues: pa.Array) -> Mapping[str, Any]:
    """Single events: spans are made of them in `etl.activity_events`, over the events of all nights."""
    agent_id, event, at_text, code = (sheet.column(name) for name in ("agent_id", "event", "occurred_at", "activity_code"))
    for name, values in (("agent_id", agent_id), ("event", event), ("occurred_at", at_text)):
        screen.reject(pc.is_null(values), "missing_value", f"{name} is empty; every event needs it")
    at = instants(at_text, context.grid.time_zone)
    screen.reject(
        unreadable(at_text, at), "unreadable_time", "occurred_at is no time of 1970 to 2150; expected '2026-11-12T08:15:30+01:00'"
    )
    word = pc.replace_substring_regex(pc.utf8_lower(event), r"[\s-]+", "_")
    begins, ends = (pc.is_in(word, pa.array(words, pa.string())) for words in (BEGINS, ENDS))
    known = f"known are {', '.join((*BEGINS, *ENDS))}"
    screen.reject(pc.invert(pc.or_(begins, ends)), "unknown_event", lambda row: f"event {event[row].as_py()!r}; {known}")
    of_shift = pc.fill_null(pc.match_substring_regex(word, "^(log|sign)"), False)
    activity = pc.coalesce(code, pc.if_else(of_shift, "logged_in", pa.scalar(None, pa.string())))
    screen.reject(pc.is_null(activity), "missing_value", "activity_code is empty; it says what began or ended")
    first, last = bounds_by_group(at, screen.file_of, screen.kept, len(screen.files))
    shown = zip(screen.kept.tolist(), ends.to_pylist(), range(len(at)), strict=True)
    texts = [printable(screen.text(row)) if stands and end else None for stands, end, row in shown]
    return {
        "agent_id": agent_id,
        "occurred_at": at,
        "activity": activity,
        "begins": begins,
        "business_date": business_dates(context.grid, at),
        "queue_id": pc.if_else(pc.is_in(activity, known_queues), activity, pa.scalar(None, pa.string())),
        "file_first_at": first,
        "file_last_at": last,
        "row_text": pa.array(texts, pa.string()),
    }


def _span(
    sheet: Sheets, screen: Screen, names: tuple[str, str, str, str], zone: str
) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
    """Agent, activity, begin and end of a file of spans; the end may be missing."""
    agent_id, activity, begin_text, end_text = (sheet.column(name) for name in names)
    for name, values in zip(names[:3], (agent_id, activity, begin_text), strict=True):
        screen.reject(pc.is_null(values), "missing_value", f"{name} is empty; every span needs it")
    begin, end = instants(begin_text, zone), instants(end_text, zone)
    for name, text, value in ((names[2], begin_text, begin), (names[3], end_text, end)):
        screen.reject(
            unreadable(text, value), "unreadable_time", f"{name} is no time of 1970 to 2150; expected '2026-11-12T08:15:30+01:00'"
        )
    screen.reject(pc.less(end, begin), "ends_before_it_begins", f"{names[3]} lies before {names[2]}; mend it at the source")
    length = pc.subtract(end.cast(pa.int64()), begin.cast(pa.int64()))
    screen.reject(pc.greater(length, _LONGEST_SPAN_US), "span_too_long", "the span lasts more than a week; mend it at the source")
    return agent_id, activity, begin, end
