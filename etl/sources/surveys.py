"""Survey answers (CSV): of customers about contacts (CSAT, NPS), of employees about their work (pulse)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enterprise.report_sources import Surveys
from etl.business_dates import business_dates
from etl.delimited import Delimited
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.report_values import starts_in_order
from etl.screen import Screen
from etl.sources.sheets import Form, Sheets, read_sheets
from etl.typed import cleaned, numbers, unreadable
from warehouse.tables.core import SURVEYS

_QUESTION, _SCORE = "\0question", "\0score"
"""Columns that unfolding adds; no file can have such a name."""


def read(settings: Surveys, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read answers: every score that was given is a row of SURVEYS, and counts as one.

    Where questions stand side by side, `survey_id` is followed by the topic. A question left open is no row; an answer without
    any score is put aside with rule `no_answer`, one outside its scale with `out_of_bounds`.

    Raises:
        SourceChangedError: if a file lacks a mapped column, naming it and the columns it has.
        SourceUnreachableError: if landing cannot be read.
    """
    own = [name for name in settings.columns.model_dump().values() if name]
    needed = tuple(dict.fromkeys([*own, *(question.column for question in settings.questions.values())]))

    def convert(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        return _answers(sheet, screen, settings, context)

    def unfold(sheet: Delimited) -> Delimited:
        return _unfolded(sheet, settings)

    form = Form(SURVEYS, settings.url, needed, convert, unfold=unfold if settings.questions else None)
    return read_sheets([form], files, context)


def _unfolded(sheet: Delimited, settings: Surveys) -> Delimited:
    """A record per question that has an answer; one without a score where there is none at all."""
    records, first_lines, last_lines = [], [], []
    places = {topic: sheet.place(question.column) for topic, question in settings.questions.items()}
    for record, first, last in zip(sheet.records, sheet.first_lines, sheet.last_lines, strict=True):
        scores = [(topic, record[place]) for topic, place in places.items() if place is not None and record[place].strip()]
        for topic, score in scores or [("", "")]:
            records.append([*record, topic, score])
            first_lines.append(first)
            last_lines.append(last)
    header = [*sheet.header, _QUESTION, _SCORE] if sheet.header else []
    return replace(sheet, header=header, records=records, first_lines=first_lines, last_lines=last_lines)


def _answers(sheet: Sheets, screen: Screen, settings: Surveys, context: ReadContext) -> Mapping[str, Any]:
    columns, rows = settings.columns, sheet.rows
    asked_apart = not settings.questions
    survey_id = sheet.column(columns.survey_id)
    screen.reject(pc.is_null(survey_id), "missing_value", f"{columns.survey_id} is empty; an answer cannot be told from others")
    topic = _optional(sheet, columns.topic) if asked_apart else sheet.column(_QUESTION)
    score, lowest, highest = _scores(sheet.column(columns.score if asked_apart else _SCORE), topic, screen, settings)
    outside = pc.or_kleene(pc.less(score, lowest), pc.greater(score, highest))
    screen.reject(
        outside,
        "out_of_bounds",
        lambda row: f"score {score[row].as_py():g} lies outside the scale up to {highest[row].as_py():g} that the settings name",
    )
    answered_at = _answered(sheet, screen, settings, context)
    if not asked_apart:
        survey_id = pc.binary_join_element_wise(survey_id, topic, ":")
    return {
        "survey_id": pc.binary_join_element_wise(f"{context.source_system}:", survey_id, ""),
        "business_date": business_dates(context.grid, answered_at),
        "respondent_kind": pa.repeat(settings.respondent_kind, rows),
        "contact_id": _named(settings.contacts_of, _optional(sheet, columns.contact_id)),
        "case_id": _named(settings.cases_of, _optional(sheet, columns.case_id)),
        "agent_id": _optional(sheet, columns.agent_id),
        "score": score,
        "scale_maximum": highest,
        "answered_at": answered_at,
        "topic": topic,
    }


def _scores(text: pa.Array, topic: pa.Array, screen: Screen, settings: Surveys) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Scores, and the bounds of each one's scale."""
    words = {word.casefold(): str(score) for word, score in settings.words.items()}
    found = pc.index_in(pc.utf8_lower(text), pa.array(list(words), pa.string()), skip_nulls=True)
    written = pc.coalesce(pa.array(list(words.values()), pa.string()).take(found), text)
    score = numbers(written)
    screen.reject(pc.is_null(text), "no_answer", "the row holds no score: the customer was asked and did not answer")
    screen.reject(
        unreadable(text, score),
        "unreadable_number",
        lambda row: f"score {text[row].as_py()!r} is no number; translate it under words in the settings",
    )
    bounds = {name: (question.minimum, question.maximum) for name, question in settings.questions.items()}
    bounds |= {name: (0.0, maximum) for name, maximum in settings.scales.items() if name != "*"}
    place = pc.index_in(topic, pa.array(list(bounds), pa.string()), skip_nulls=True)
    lowest, highest = (pa.array([pair[side] for pair in bounds.values()], pa.float64()).take(place) for side in (0, 1))
    if "*" in settings.scales:
        lowest, highest = pc.fill_null(lowest, 0.0), pc.fill_null(highest, settings.scales["*"])
    screen.reject(
        pc.is_null(highest),
        "unknown_scale",
        lambda row: f"topic {topic[row].as_py()!r} has no scale in the settings; add it there",
    )
    return score, lowest, highest


def _answered(sheet: Sheets, screen: Screen, settings: Surveys, context: ReadContext) -> pa.Array:
    name, zone = settings.columns.answered_at, settings.time_zone or context.grid.time_zone
    text = sheet.column(name)
    # Every row a series of its own: an hour that comes twice is read as its first.
    at, _ = starts_in_order(text, settings.time_format, zone, np.arange(sheet.rows, dtype=np.int64))
    form = settings.time_format or "2026-11-12T08:15:30+01:00"
    screen.reject(
        unreadable(text, at),
        "unreadable_time",
        lambda row: f"{name} {text[row].as_py()!r} is no time of 1970 to 2150; expected {form}",
    )
    screen.reject(pc.is_null(text), "missing_value", f"{name} is empty; every answer was given at some time")
    return at


def _optional(sheet: Sheets, name: str) -> pa.Array:
    return sheet.column(name) if name else cleaned([None] * sheet.rows)


def _named(source: str, ids: pa.Array) -> pa.Array:
    """Ids as core names those of a source."""
    return pc.binary_join_element_wise(f"{source}:", ids, "") if source else ids
