"""Salesforce exports of Case and CaseHistory: CSV with the API's field names, as Data Loader and the weekly export write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from enterprise.sources import SalesforceCases
from etl.business_dates import business_dates
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.salesforce_ids import long_ids
from etl.screen import Screen
from etl.sources.sheets import Form, Sheets, read_sheets
from etl.typed import flags, instants, unreadable
from warehouse.tables.core import CASE_EVENTS, CASES

_CASE_COLUMNS = ("Id", "Type", "CreatedDate", "ClosedDate", "SystemModstamp")
_HISTORY_COLUMNS = ("Id", "CaseId", "CreatedDate", "Field", "OldValue", "NewValue")


def read(settings: SalesforceCases, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read cases and case histories.

    Of a case that stands in several exports the row with the latest SystemModstamp is given (of equal ones the last read); the
    others count as kept, being earlier states of the same case. Ids of 15 and of 18 characters are the same record. A case that
    was deleted (IsDeleted) is a change of its history, which ends the work. `resolved_at` is the closing date and
    `reopened_count` 0 until `etl.cases.resolved` has looked at the history, which may come in another night.

    Raises:
        SourceChangedError: if a file lacks a column, naming it and the columns it has.
        SourceUnreachableError: if landing cannot be read.
    """
    zone = context.grid.time_zone
    prefix = f"{context.source_system}:"

    def cases(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        return _cases(sheet, screen, settings, context, prefix)

    def events(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        case_event_id, case_id = (long_ids(sheet.column(name)) for name in ("Id", "CaseId"))
        field_name = sheet.column("Field")
        changed_at = _instant(sheet, screen, "CreatedDate", zone, needed=True)
        for name, values in (("Id", case_event_id), ("CaseId", case_id), ("Field", field_name)):
            screen.reject(pc.is_null(values), "missing_value", f"{name} is empty; every change needs it")
        return {
            "case_event_id": _prefixed(prefix, case_event_id),
            "case_id": _prefixed(prefix, case_id),
            "field_name": field_name,
            "old_value": sheet.column("OldValue"),
            "new_value": sheet.column("NewValue"),
            "changed_at": changed_at,
            "changed_by": long_ids(sheet.column("CreatedById")),
            "business_date": business_dates(context.grid, changed_at),
        }

    def deletions(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        return _deletions(sheet, context, prefix)

    forms = [
        Form(CASES, settings.url, _CASE_COLUMNS, cases, moved=(CASE_EVENTS, deletions)),
        Form(CASE_EVENTS, settings.history_url, _HISTORY_COLUMNS, events),
    ]
    parsed = read_sheets(forms, files, context)
    return replace(parsed, tables={**parsed.tables, CASES: _latest(parsed.tables[CASES])})


def _cases(sheet: Sheets, screen: Screen, settings: SalesforceCases, context: ReadContext, prefix: str) -> Mapping[str, Any]:
    zone = context.grid.time_zone
    case_id, kind = long_ids(sheet.column("Id")), sheet.column("Type")
    screen.reject(pc.is_null(case_id), "missing_value", "Id is empty; a case cannot be told from others without it")
    modified_at = _instant(sheet, screen, "SystemModstamp", zone, needed=True)
    screen.move(flags(sheet.column("IsDeleted")))
    queue_id = _queues(kind, settings.queues)
    shown = kind.to_pylist()
    known = ", ".join(settings.queues)
    screen.reject(
        pc.is_null(queue_id),
        "unknown_queue",
        lambda row: (
            f"Type {shown[row]!r} belongs to no queue; sources.{context.source_system}.queues knows {known}: add it there"
        ),
    )
    opened_at = _instant(sheet, screen, "CreatedDate", zone, needed=True)
    closed_at = _instant(sheet, screen, "ClosedDate", zone, needed=False)
    is_closed = flags(sheet.column("IsClosed"))
    screen.reject(
        pc.and_(is_closed, pc.is_null(closed_at)),
        "closed_without_date",
        "IsClosed is true and ClosedDate is empty; mend the case",
    )
    screen.reject(
        pc.less(closed_at, opened_at), "ends_before_it_begins", "ClosedDate lies before CreatedDate; mend the case in Salesforce"
    )
    # Salesforce keeps no ClosedDate on an open case; one that is shown all the same is the closing before the re-opening.
    closed_at = pc.if_else(pc.fill_null(is_closed, True), closed_at, pa.scalar(None, closed_at.type))
    named = [settings.customer_column] if settings.customer_column else []
    customer_id = pc.coalesce(
        *(sheet.column(name) for name in named), *(long_ids(sheet.column(name)) for name in ("AccountId", "ContactId"))
    )
    return {
        "case_id": _prefixed(prefix, case_id),
        "business_date": business_dates(context.grid, opened_at),
        "queue_id": queue_id,
        "customer_id": customer_id,
        "topic": pc.coalesce(sheet.column("Reason"), kind),
        "priority": sheet.column("Priority"),
        "origin": sheet.column("Origin"),
        "opened_at": opened_at,
        "resolved_at": closed_at,
        "closed_at": closed_at,
        "reopened_count": pa.repeat(0, len(case_id)),
        "escalated": pc.fill_null(flags(sheet.column("IsEscalated")), False),
        "owner_id": long_ids(sheet.column("OwnerId")),
        "modified_at": modified_at,
    }


def _deletions(sheet: Sheets, context: ReadContext, prefix: str) -> Mapping[str, Any]:
    """Deleted cases as changes of their flag: whatever else stands in the row, they are no work any more."""
    case_id, modified = long_ids(sheet.column("Id")), sheet.column("SystemModstamp")
    changed_at = instants(modified, context.grid.time_zone)
    rows = len(case_id)
    return {
        "case_event_id": _prefixed(prefix, pc.binary_join_element_wise(case_id, "deleted", modified, "-")),
        "case_id": _prefixed(prefix, case_id),
        "field_name": pa.repeat("IsDeleted", rows),
        "old_value": pa.repeat("false", rows),
        "new_value": pa.repeat("true", rows),
        "changed_at": changed_at,
        "changed_by": pa.nulls(rows, pa.string()),
        "business_date": business_dates(context.grid, changed_at),
    }


def _latest(cases: pa.Table) -> pa.Table:
    """One row per case: the one modified last, of equal ones the last read."""
    if cases.num_rows == 0:
        return cases
    order = pc.sort_indices(cases, sort_keys=[("case_id", "ascending"), ("modified_at", "ascending")])
    ordered = cases.take(order)
    ids = ordered.column("case_id").combine_chunks()
    is_last = pa.concat_arrays([pc.not_equal(ids[:-1], ids[1:]), pa.array([True])])
    return ordered.filter(is_last)


def _queues(kind: pa.Array, queues: Mapping[str, str]) -> pa.Array:
    names = pa.array([name.casefold() for name in queues], pa.string())
    return pa.array(list(queues.values()), pa.string()).take(pc.index_in(pc.utf8_lower(kind), names))


def _instant(sheet: Sheets, screen: Screen, name: str, zone: str, *, needed: bool) -> pa.Array:
    """An instant column; rows are rejected where it cannot be read, or is empty though needed."""
    text = sheet.column(name)
    value = instants(text, zone)
    shown = text.to_pylist()
    screen.reject(
        unreadable(text, value),
        "unreadable_time",
        lambda row: f"{name} {shown[row]!r} is no time of 1970 to 2150; expected '2026-11-12T08:15:30.000Z'",
    )
    if needed:
        screen.reject(pc.is_null(text), "missing_value", f"{name} is empty; it is needed")
    return value


def _prefixed(prefix: str, ids: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(prefix, ids, "")
