"""Zendesk exports, JSON Lines: tickets (incremental ticket export), ticket events or audits, and satisfaction ratings.

Tickets are cases, their events and audits the cases' history, ratings are surveys. Comments are known to have been made, and
whether in public; what anybody wrote is never read into core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from enterprise.case_sources import ZendeskTickets
from etl.business_dates import business_dates
from etl.delimited import Broken
from etl.lines import EMPTY_FILE
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.records import Records, read_records
from etl.rejects import Rejects
from etl.screen import Screen, printable
from etl.shapes import shape_of_records
from etl.sources.landed import content_of
from etl.tickets import Fact, FactKind, TicketRules, facts_of
from etl.typed import cleaned, epochs, instants, numbers, unreadable
from warehouse.tables.core import CASE_EVENTS, CASES, SURVEYS
from warehouse.tables.declaration import Table

_TABLES: Mapping[FactKind, Table] = {"ticket": CASES, "change": CASE_EVENTS, "rating": SURVEYS}
_USED = (
    "id", "status", "created_at", "updated_at", "generated_timestamp", "group_id", "ticket_form_id", "brand_id", "tags", "type",
    "requester_id", "assignee_id", "priority", "metric_set", "satisfaction_rating", "ticket_id", "score",
)  # fmt: skip


def read(settings: ZendeskTickets, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read tickets, events and ratings; a line is told by its members, whatever the file's name.

    Every fact that a line holds counts as a row of its own: a ticket and the rating in it, each change in an event. Of a ticket
    received several times the one changed last holds (`generated_timestamp`, else `updated_at`). `resolved_at` and
    `reopened_count` are the ticket's own until `etl.cases.resolved` has looked at its history, which may come in another night;
    a deleted ticket is a change to status `deleted`, which ends the work there.

    Raises:
        SourceUnreachableError: if landing cannot be read.
    """
    rules = TicketRules(
        settings.queues,
        settings.leave_out,
        settings.customer_field,
        settings.topic_field,
        settings.escalated_tags,
        ratings_in_tickets=not settings.ratings_url,
    )
    rejects = Rejects(context.source_system)
    read_files = [_records(file, context) for file in files]
    found = [_by_kind(records, rules) for records in read_files]
    broken = [len(records.broken) for records in read_files]
    for file, records in zip(files, read_files, strict=True):
        for one in records.broken:
            text = printable(one.text)
            rejects.add(file.landing_file, one.line, one.rule, one.reason, table_name=CASES.name, row_text=text)
    tables: dict[Table, pa.Table] = {}
    counted: list[Sequence[FileCount]] = []
    nothing = [0] * len(files)
    for kind, convert in _CONVERTS.items():
        rows = _Facts([by_kind[kind] for by_kind in found], read_files, _TABLES[kind], files)
        tables[rows.screen.table] = rows.screen.rows(rejects, **convert(rows, context))
        first = not counted
        duplicates = [records.duplicates for records in read_files]
        counted.append(rows.screen.counts(broken if first else nothing, duplicates if first else nothing))
    shapes = [
        shape
        for file, records in zip(files, read_files, strict=True)
        if (shape := shape_of_records(_form(records), file.landing_file, records.rows, _USED)) is not None
    ]
    return Parsed(tables, rejects.table(), [_summed(per_file) for per_file in zip(*counted, strict=True)], shapes).checked()


def _records(file: LandedFile, context: ReadContext) -> Records:
    """The objects of a file; one without any content is said to be empty."""
    content, problem = content_of(file, context)
    records = read_records(content, problem)
    if not problem and not content.strip():
        records.broken.append(Broken(0, "empty_file", EMPTY_FILE, ""))
    return records


def _by_kind(records: Records, rules: TicketRules) -> dict[FactKind, list[tuple[int, Fact]]]:
    """Facts of a file with the position of their line among its records."""
    sorted_out: dict[FactKind, list[tuple[int, Fact]]] = {kind: [] for kind in _TABLES}
    for position, record in enumerate(records.rows):
        for fact in facts_of(record, rules):
            sorted_out[fact.kind].append((position, fact))
    return sorted_out


def _form(records: Records) -> str:
    """What a file mostly holds, for the watch over its columns."""
    names = records.names
    return "case_events" if names & {"child_events", "events"} else "surveys" if "ticket_id" in names else "cases"


def _summed(counts: Sequence[FileCount]) -> FileCount:
    return FileCount(
        counts[0].landing_file,
        sum(count.rows_in for count in counts),
        sum(count.rows_kept for count in counts),
        sum(count.rows_quarantined for count in counts),
        sum(count.rows_duplicate for count in counts),
    )


class _Facts:
    """Facts of one kind of all files, as columns."""

    def __init__(
        self, by_file: Sequence[Sequence[tuple[int, Fact]]], records: Sequence[Records], table: Table, files: Sequence[LandedFile]
    ) -> None:
        self._facts = [fact for facts in by_file for _, fact in facts]
        numbers_of = [[part.numbers[place] for place, _ in facts] for part, facts in zip(records, by_file, strict=True)]
        self.screen = Screen(
            table, files, numbers_of, lambda file, position: records[file].text_of(file, by_file[file][position][0])
        )
        for rule in dict.fromkeys(fact.problem[0] for fact in self._facts if fact.problem):
            bad = [fact.problem is not None and fact.problem[0] == rule for fact in self._facts]
            self.screen.reject(bad, rule, self._reason)

    def _reason(self, position: int) -> str:
        problem = self._facts[position].problem
        return problem[1] if problem else ""

    def __len__(self) -> int:
        return len(self._facts)

    def text(self, name: str, *, needed: bool = False) -> pa.Array:
        """A column's text; rows without it are rejected if it is needed."""
        text = cleaned([_encodable(fact.texts[name]) for fact in self._facts])
        if needed:
            self.screen.reject(pc.is_null(text), "missing_value", f"{name} is empty; it is needed")
        return text

    def flag(self, name: str) -> pa.Array:
        """A column of flags."""
        return pa.array([fact.flags[name] for fact in self._facts], pa.bool_())

    def instant(self, name: str, *, needed: bool = False) -> pa.Array:
        """Instants, of ISO 8601 in UTC or of an epoch number; rows whose time cannot be read are rejected."""
        text = self.text(name, needed=needed)
        value = pc.coalesce(instants(text, "UTC"), epochs(text))
        self.screen.reject(
            unreadable(text, value),
            "unreadable_time",
            lambda row: f"{name} {text[row].as_py()!r} is no time of 1970 to 2150; expected '2026-11-12T08:15:30Z'",
        )
        return value


def _cases(facts: _Facts, context: ReadContext) -> dict[str, Any]:
    case_id = facts.text("case_id", needed=True)
    opened_at, closed_at = facts.instant("opened_at", needed=True), facts.instant("closed_at")
    facts.screen.reject(
        pc.less(closed_at, opened_at), "ends_before_it_begins", "the ticket was solved before it was created; mend the export"
    )
    reopened_text = facts.text("reopened_count")
    reopened = numbers(reopened_text)
    good = pc.fill_null(pc.and_(pc.greater_equal(reopened, 0), pc.less(reopened, 1e6)), False)
    good = pc.and_(good, pc.fill_null(pc.equal(reopened, pc.round(reopened)), False))
    facts.screen.reject(pc.invert(good), "unreadable_number", "metric_set.reopens is no count")
    return {
        "case_id": _prefixed(context, case_id),
        "business_date": business_dates(context.grid, opened_at),
        **{name: facts.text(name) for name in ("queue_id", "customer_id", "topic", "priority", "origin", "owner_id")},
        "opened_at": opened_at,
        "resolved_at": closed_at,
        "closed_at": closed_at,
        "reopened_count": pc.if_else(good, reopened, 0.0).cast(pa.int64()),
        "escalated": facts.flag("escalated"),
        "modified_at": facts.instant("modified_at", needed=True),
    }


def _events(facts: _Facts, context: ReadContext) -> dict[str, Any]:
    case_id, event_id = facts.text("case_id", needed=True), facts.text("case_event_id", needed=True)
    changed_at = facts.instant("changed_at", needed=True)
    return {
        "case_event_id": _prefixed(context, event_id),
        "case_id": _prefixed(context, case_id),
        "field_name": facts.text("field_name", needed=True),
        "old_value": facts.text("old_value"),
        "new_value": facts.text("new_value"),
        "changed_at": changed_at,
        "changed_by": facts.text("changed_by"),
        "business_date": business_dates(context.grid, changed_at),
    }


def _surveys(facts: _Facts, context: ReadContext) -> dict[str, Any]:
    survey_id, case_id = facts.text("survey_id", needed=True), facts.text("case_id")
    answered_at = facts.instant("answered_at", needed=True)
    rows = len(facts)
    return {
        "survey_id": _prefixed(context, survey_id),
        "business_date": business_dates(context.grid, answered_at),
        "respondent_kind": pa.repeat("customer", rows),
        "contact_id": pa.nulls(rows, pa.string()),
        "case_id": _prefixed(context, case_id),
        "agent_id": facts.text("agent_id"),
        "score": numbers(facts.text("score")),
        "scale_maximum": pa.repeat(1.0, rows),
        "answered_at": answered_at,
        "topic": facts.text("topic"),
    }


_CONVERTS: Mapping[FactKind, Callable[[_Facts, ReadContext], dict[str, Any]]] = {
    "ticket": _cases,
    "change": _events,
    "rating": _surveys,
}


def _prefixed(context: ReadContext, ids: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(f"{context.source_system}:", ids, "")


def _encodable(text: str | None) -> str | None:
    """Text without lone surrogates and NUL, which nested members may hold."""
    return None if text is None else text.encode("utf-8", "replace").decode().replace("\x00", "\\0")
