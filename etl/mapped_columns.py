"""Columns of any source, mapped in the settings, made the columns of a core table: typed, filled and checked (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from enterprise.sources import MappedTable
from etl.business_dates import business_dates
from etl.parsed import ReadContext
from etl.report_values import report_durations, report_numbers, written_iso
from etl.screen import Screen
from etl.typed import EVER, dates, flags, instants, numbers, reasonable, reasonable_days, seconds_of, unreadable
from warehouse.tables.columns import MADE_BY
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP, Column, Table

_DATED_BY = {
    "contacts": "arrived_at",
    "interval_reports": "interval_start_utc",
    "messages": "received_at",
    "cases": "opened_at",
    "case_events": "changed_at",
    "claims": "reported_at",
    "claim_events": "changed_at",
    "agent_states": "started_at",
    "schedules": "starts_at",
    "surveys": "answered_at",
}
_OWN_IDS = {
    "contacts": ("contact_id", "previous_contact_id"),
    "messages": ("message_id", "thread_id"),
    "cases": ("case_id",),
    "case_events": ("case_event_id",),
    "surveys": ("survey_id",),
    "interval_reports": ("reported_as",),
}
"""Ids that are told from those of other sources by the source's name before them."""
_OTHERS_IDS = {"contacts": ("case_id", "thread_id"), "case_events": ("case_id",), "surveys": ("contact_id", "case_id")}
"""Ids of what may come from another source: `ids_of` says which."""
_SILENT: dict[str, Any] = {
    "segment": 1, "wait_seconds": 0, "talk_seconds": 0, "hold_seconds": 0, "wrap_seconds": 0, "reopened_count": 0,
    "escalated": False, "automatic": False, "reopens_thread": False, "direction": "inbound",
    "respondent_kind": "customer", "skills": "", "valid_from": EVER, "known_at": datetime.combine(EVER, time(), UTC),
}  # fmt: skip
"""What a needed column is where the mapping or the row is silent."""
_IN_ORDER = (
    ("arrived_at", "answered_at"), ("answered_at", "ended_at"), ("opened_at", "closed_at"), ("opened_at", "resolved_at"),
    ("starts_at", "ends_at"), ("started_at", "ended_at"), ("reported_at", "closed_at"), ("reported_at", "assessed_at"),
    ("received_at", "handled_at"), ("hired_on", "left_on"),
)  # fmt: skip
_DAY_ONLY = r"^\d{4}-\d\d-\d\d$"
_LONGEST_SECONDS = 7 * 86_400.0
"""No contact is waited for or talked about longer."""
_TOLERANCE_US = 60_000_000
"""Clocks of one system may disagree by this much: a contact answered before it arrived was answered at once."""


class MappedRows(Protocol):
    """Rows of a source, whatever they came in."""

    @property
    def rows(self) -> int:
        """How many."""

    def column(self, name: str) -> pa.Array:
        """A column's cleaned text."""

    def raw(self, name: str) -> pa.Array | None:
        """The column with the type that the source gave it; None where it is all text."""


def mapped_columns(
    found: MappedRows, screen: Screen, settings: MappedTable, table: Table, context: ReadContext
) -> Mapping[str, Any]:
    """The table's columns; rows that cannot be rows of it are rejected through the screen."""
    for source_column, left_out in settings.leave_out.items():
        out = pc.is_in(found.column(source_column), pa.array(left_out, pa.string()))
        reason = f"{source_column} is one of {', '.join(left_out)}, which the settings leave out"
        screen.reject(out, "left_out_by_settings", reason)
    zone = settings.time_zone or context.grid.time_zone
    made_by = {column.name for column in MADE_BY}
    columns: dict[str, Any] = {}
    for column in table.all_columns:
        if column.name not in made_by and (column.name != "business_date" or column in table.key):
            columns[column.name] = _column(found, screen, settings, column, zone)
    _name(table, columns, settings, context.source_system)
    _fill(table, columns)
    _check(table, columns, screen, context)
    dated_by = _DATED_BY.get(table.name)
    if dated_by is not None:
        columns["business_date"] = business_dates(context.grid, columns[dated_by])
    return columns


def _column(found: MappedRows, screen: Screen, settings: MappedTable, column: Column, zone: str) -> pa.Array:
    """One column; a type that the source itself gave is kept where nothing is to be translated."""
    if column.name in settings.columns and column.name not in (*settings.values, *settings.constants):
        raw = found.raw(settings.columns[column.name])
        value = None if raw is None else _kept(raw, column)
        if raw is not None and value is not None:
            _reject_unreadable(unreadable(raw, value), lambda: found.column(settings.columns[column.name]), column, screen)
            return value
    text = _text(found, screen, settings, column)
    if column.type == TEXT:
        return text
    value = _typed(text, column, settings, zone)
    _reject_unreadable(unreadable(text, value), lambda: text, column, screen)
    return value


def _reject_unreadable(bad: pa.Array, text: Callable[[], pa.Array], column: Column, screen: Screen) -> None:
    if pc.any(bad).as_py():
        shown = text()
        reason = f"{column.name} cannot be read as {column.unit}: "
        screen.reject(bad, "unreadable_value", lambda row: reason + repr(shown[row].as_py())[:200])


def _text(found: MappedRows, screen: Screen, settings: MappedTable, column: Column) -> pa.Array:
    """The column as text in Leadline's words."""
    if column.name in settings.constants:
        return pa.array([settings.constants[column.name]] * found.rows, pa.string())
    if column.name not in settings.columns:
        return pa.nulls(found.rows, pa.string())
    text = found.column(settings.columns[column.name])
    if column.name not in settings.values:
        return text
    words = settings.values[column.name]
    translated = pc.take(pa.array(list(words.values()), pa.string()), pc.index_in(text, pa.array(list(words), pa.string())))
    screen.reject(
        unreadable(text, translated),
        "value_not_mapped",
        lambda row: f"{column.name}: {text[row].as_py()!r} is not among the values that the settings translate; add it there",
    )
    return translated


def _kept(raw: pa.Array, column: Column) -> pa.Array | None:
    """A value of the column's type from one of the same kind; None where the way over text is the right one."""
    kind = raw.type
    if column.type == TIMESTAMP and pa.types.is_timestamp(kind) and kind.tz is not None:
        return reasonable(raw).cast(pa.timestamp("us", tz="UTC"), safe=False)
    if column.type == DATE and pa.types.is_date(kind):
        return reasonable_days(raw.cast(pa.date32(), safe=False))
    if column.type == FLAG and pa.types.is_boolean(kind):
        return raw
    if column.type == NUMBER and column.unit == "seconds" and pa.types.is_duration(kind):
        return seconds_of(raw)
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if column.type in (NUMBER, COUNT) and number:
        value = raw.cast(pa.float64(), safe=False)
        value = pc.if_else(pc.fill_null(pc.is_finite(value), False), value, pa.scalar(None, pa.float64()))
        return _whole(value) if column.type == COUNT else value
    return None


def _typed(text: pa.Array, column: Column, settings: MappedTable, zone: str) -> pa.Array:
    """The text made the column's type; missing what cannot be read."""
    if column.type == TIMESTAMP and settings.time_format:
        return instants(written_iso(text, settings.time_format), zone)
    if column.type == TIMESTAMP:
        only_day = pc.fill_null(pc.match_substring_regex(text, _DAY_ONLY), False)
        return instants(pc.if_else(only_day, pc.binary_join_element_wise(text, "00:00:00", " "), text), zone)
    if column.type == DATE:
        return dates(written_iso(text, settings.date_format) if settings.date_format else text)
    if column.type == FLAG:
        return flags(text)
    number = _number(text, column, settings)
    return _whole(number) if column.type == COUNT else number


def _number(text: pa.Array, column: Column, settings: MappedTable) -> pa.Array:
    if column.unit == "seconds" and settings.durations != "seconds":
        return report_durations(text, settings.durations, settings.decimal or ".", settings.thousands)
    return report_numbers(text, settings.decimal, settings.thousands) if settings.decimal else numbers(text)


def _whole(value: pa.Array) -> pa.Array:
    whole = pc.and_(pc.equal(value, pc.round(value)), pc.less(pc.abs(value), 2.0**53))
    return pc.if_else(pc.fill_null(whole, False), value, pa.scalar(None, pa.float64())).cast(pa.int64())


def _name(table: Table, columns: dict[str, Any], settings: MappedTable, source_system: str) -> None:
    """Ids as core names them."""
    if table.name == "messages":
        columns["thread_id"] = pc.coalesce(columns["thread_id"], columns["message_id"])
    if table.name == "interval_reports":
        columns["reported_as"] = pc.coalesce(columns["reported_as"], columns["queue_id"])
    for name in _OWN_IDS.get(table.name, ()):
        columns[name] = pc.binary_join_element_wise(f"{source_system}:", columns[name], "")
    own = source_system if table.name == "case_events" else ""
    prefix = settings.ids_of or own
    for name in _OTHERS_IDS.get(table.name, ()):
        if prefix:
            columns[name] = pc.binary_join_element_wise(f"{prefix}:", columns[name], "")


def _fill(table: Table, columns: dict[str, Any]) -> None:
    """What a silent mapping means."""
    for name, default in _SILENT.items():
        if name in columns and not table.column(name).nullable:
            columns[name] = pc.fill_null(columns[name], pa.scalar(default, columns[name].type))
    if table.name == "messages":
        asks = pc.and_(pc.equal(columns["direction"], "inbound"), pc.invert(columns["automatic"]))
        columns["needs_reply"] = pc.coalesce(columns["needs_reply"], asks)
    if table.name != "contacts":
        return
    handed_over = pc.if_else(pc.is_valid(columns["previous_contact_id"]), "transfer", "customer")
    columns["arrived_by"] = pc.coalesce(columns["arrived_by"], handed_over)
    handled = pc.add(pc.add(columns["talk_seconds"], columns["hold_seconds"]), columns["wrap_seconds"])
    columns["handle_seconds"] = pc.coalesce(columns["handle_seconds"], handled)
    arrived = columns["arrived_at"]
    for name in ("answered_at", "ended_at"):
        early = pc.less(columns[name], arrived)
        slightly = pc.less_equal(pc.subtract(arrived.cast(pa.int64()), columns[name].cast(pa.int64())), _TOLERANCE_US)
        columns[name] = pc.if_else(pc.fill_null(pc.and_(early, slightly), False), arrived, columns[name])


def _check(table: Table, columns: dict[str, Any], screen: Screen, context: ReadContext) -> None:
    """Reject rows that the declaration of the table does not allow."""
    for column in table.all_columns:
        if column.name not in columns:
            continue
        values = columns[column.name]
        if not column.nullable:
            screen.reject(pc.is_null(values), "missing_value", f"{column.name} is empty; every row of {table.name} needs it")
        if column.allowed:
            strange = pc.invert(pc.is_in(values, pa.array(column.allowed, pa.string()), skip_nulls=True))
            screen.reject(
                pc.and_(strange, pc.is_valid(values)), "value_not_allowed", f"{column.name} must be {', '.join(column.allowed)}"
            )
        if column.type in (COUNT, NUMBER) and column.minimum is not None:
            screen.reject(
                pc.less(values, column.minimum),
                "out_of_bounds",
                f"{column.name} lies below {column.minimum:g}; mend it at the source",
            )
        if column.type in (COUNT, NUMBER) and column.maximum is not None:
            screen.reject(
                pc.greater(values, column.maximum),
                "out_of_bounds",
                f"{column.name} lies above {column.maximum:g}; mend it at the source",
            )
        if table.name == "contacts" and column.unit == "seconds":
            reason = f"{column.name} is more than a week; look in which unit the source counts"
            screen.reject(pc.greater(values, _LONGEST_SECONDS), "absurd_duration", reason)
    if "queue_id" in columns:
        unknown = pc.invert(pc.is_in(columns["queue_id"], pa.array(sorted(context.queues), pa.string())))
        screen.reject(
            pc.and_(unknown, pc.is_valid(columns["queue_id"])),
            "unknown_queue",
            "the queue is not in the settings; add it there or translate it under values",
        )
    if table.name == "interval_reports":
        starts = columns["interval_start_utc"]
        on_grid = pa.Array.from_pandas(context.grid.interval_start(starts.to_pandas()), type=starts.type)
        screen.reject(pc.not_equal(starts, on_grid), "not_on_the_grid", "the interval does not begin where the enterprise's do")
    for first, then in _IN_ORDER:
        if first in columns and then in columns:
            reason = f"{then} lies before {first}; look at the source's clock"
            screen.reject(pc.less(columns[then], columns[first]), "end_before_start", reason)
