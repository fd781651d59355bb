"""Any CSV or Parquet file whose columns are mapped in the settings: a system not listed needs no code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enterprise.errors import SourceChangedError
from enterprise.sources import MappedTable
from etl.business_dates import business_dates
from etl.delimited import Broken, Delimited
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.rejects import Rejects
from etl.screen import Screen
from etl.sources.sheets import Form, Sheets, read_sheets
from etl.typed import cleaned, dates, flags, instants, numbers, unreadable
from warehouse.tables.columns import MADE_BY
from warehouse.tables.declaration import COUNT, DATE, FLAG, NUMBER, TEXT, TIMESTAMP, Column, Table
from warehouse.tables.registry import table_named

_DATED_BY = {
    "contacts": "arrived_at",
    "interval_reports": "interval_start_utc",
    "cases": "opened_at",
    "claims": "reported_at",
    "schedules": "starts_at",
}
_PREFIXED = {"contacts": ("contact_id", "previous_contact_id"), "cases": ("case_id",)}
_ZERO_WHERE_SILENT = ("segment", "wait_seconds", "talk_seconds", "hold_seconds", "wrap_seconds", "reopened_count")
_IN_ORDER = (("arrived_at", "answered_at"), ("answered_at", "ended_at"), ("opened_at", "closed_at"), ("starts_at", "ends_at"))
_DAY_ONLY = r"^\d{4}-\d\d-\d\d$"
_TOLERANCE_US = 60_000_000
"""Clocks of one system may disagree by this much: a contact answered before it arrived was answered at once."""


def read(settings: MappedTable, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read mapped files.

    Naive local times are times of the settings' zone (the enterprise's where none is named); the hour that comes twice is read as
    its first, one that does not exist is put aside; a date alone is its local midnight. Where the mapping is silent, a contact's
    durations are 0 and its handle time is talk, hold and after-contact work together; a contact is inbound; a case is neither
    reopened nor escalated.

    Args:
        settings: the mapping.
        files: landed pieces in landing order.
        context: filesystem, grid, queues and source name.

    Raises:
        SourceChangedError: if a file lacks a mapped column, naming it and the columns it has.
    """
    table = table_named(settings.table)
    known = set(table.column_names)
    strange = sorted({*settings.columns, *settings.constants, *settings.values} - known)
    if strange:
        raise SourceChangedError(
            f"sources.{context.source_system}: {', '.join(strange)} are no columns of {table.name}; "
            f"it has {', '.join(sorted(known))}"
        )

    def convert(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        return _converted(sheet, screen, settings, table, context)

    needed = tuple(dict.fromkeys([*settings.columns.values(), *settings.leave_out]))
    if settings.format == "parquet":
        return _read_parquet(table, needed, convert, files, context)
    return read_sheets([Form(table, settings.url, needed, convert)], files, context)


def _converted(sheet: Sheets, screen: Screen, settings: MappedTable, table: Table, context: ReadContext) -> dict[str, Any]:
    rows = sheet.rows
    for source_column, left_out in settings.leave_out.items():
        out = pc.is_in(sheet.column(source_column), pa.array(left_out, pa.string()))
        screen.reject(
            out, "left_out_by_settings", f"{source_column} is one of {', '.join(left_out)}, which the settings leave out"
        )
    zone = settings.time_zone or context.grid.time_zone
    made_by = {column.name for column in MADE_BY}
    columns: dict[str, Any] = {}
    for column in table.all_columns:
        if column.name in made_by or column.name == "business_date":
            continue
        text = _text(sheet, screen, settings, column, rows)
        columns[column.name] = _typed(text, column, screen, zone)
    for name in _PREFIXED.get(table.name, ()):
        columns[name] = pc.binary_join_element_wise(f"{context.source_system}:", columns[name], "")
    if table.name == "interval_reports":
        named = pc.coalesce(columns["reported_as"], columns["queue_id"])
        columns["reported_as"] = pc.binary_join_element_wise(f"{context.source_system}:", named, "")
    _fill(table, columns, rows)
    _check(table, columns, screen, context)
    dated_by = _DATED_BY.get(table.name)
    if dated_by is not None:
        columns["business_date"] = business_dates(context.grid, columns[dated_by])
    return columns


def _text(sheet: Sheets, screen: Screen, settings: MappedTable, column: Column, rows: int) -> pa.Array:
    """The column as text in Leadline's words."""
    if column.name in settings.constants:
        return pa.array([settings.constants[column.name]] * rows, pa.string())
    if column.name not in settings.columns:
        return pa.nulls(rows, pa.string())
    text = sheet.column(settings.columns[column.name])
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


def _typed(text: pa.Array, column: Column, screen: Screen, zone: str) -> pa.Array:
    """The text made the column's type; what cannot be read is rejected."""
    if column.type == TEXT:
        return text
    if column.type == TIMESTAMP:
        only_day = pc.fill_null(pc.match_substring_regex(text, _DAY_ONLY), False)
        value = instants(pc.if_else(only_day, pc.binary_join_element_wise(text, "00:00:00", " "), text), zone)
    elif column.type == DATE:
        value = dates(text)
    elif column.type == FLAG:
        value = flags(text)
    else:
        value = numbers(text)
        if column.type == COUNT:
            whole = pc.equal(value, pc.round(value))
            value = pc.if_else(pc.fill_null(whole, False), value, pa.scalar(None, pa.float64())).cast(pa.int64())
    reason = f"{column.name} cannot be read as {column.unit}: "
    screen.reject(unreadable(text, value), "unreadable_value", lambda row: reason + repr(text[row].as_py()))
    return value


def _fill(table: Table, columns: dict[str, Any], rows: int) -> None:
    """What a silent mapping means."""
    for name in _ZERO_WHERE_SILENT:
        if name in columns and not table.column(name).nullable:
            default = 1 if name == "segment" else 0
            columns[name] = pc.fill_null(columns[name], pa.scalar(default, columns[name].type))
    if table.name == "cases":
        columns["escalated"] = pc.fill_null(columns["escalated"], False)
    if table.name != "contacts":
        return
    columns["direction"] = pc.fill_null(columns["direction"], "inbound")
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
            screen.reject(pc.less(values, column.minimum), "out_of_bounds", f"{column.name} lies below {column.minimum:g}")
        if column.type in (COUNT, NUMBER) and column.maximum is not None:
            screen.reject(pc.greater(values, column.maximum), "out_of_bounds", f"{column.name} lies above {column.maximum:g}")
    if "queue_id" in columns:
        unknown = pc.invert(pc.is_in(columns["queue_id"], pa.array(sorted(context.queues), pa.string())))
        screen.reject(unknown, "unknown_queue", "the queue is not in the settings; add it there or translate it under values")
    if table.name == "interval_reports":
        starts = columns["interval_start_utc"]
        on_grid = pa.Array.from_pandas(context.grid.interval_start(starts.to_pandas()), type=starts.type)
        screen.reject(pc.not_equal(starts, on_grid), "not_on_the_grid", "the interval does not begin where the enterprise's do")
    for first, then in _IN_ORDER:
        if first in columns and then in columns:
            reason = f"{then} lies before {first}; look at the source's clock"
            screen.reject(pc.less(columns[then], columns[first]), "end_before_start", reason)


def _read_parquet(table: Table, needed: Sequence[str], convert: Any, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    rejects = Rejects(context.source_system)
    parts = [table.arrow_schema.empty_table()]
    counts: list[FileCount] = []
    for file in files:
        sheet = Delimited()
        try:
            with context.filesystem.open(file.path, "rb") as stream:
                rows = pq.read_table(stream)
        except pa.ArrowInvalid as error:
            sheet.broken.append(Broken(0, "unreadable_file", f"the file is no Parquet ({error}); send it again", ""))
        else:
            _require(file, needed, rows.column_names)
            sheet.header = list(needed)
            sheet.records = [list(row) for row in zip(*(_as_text(rows.column(name)) for name in needed), strict=True)]
            sheet.first_lines = sheet.last_lines = list(range(1, rows.num_rows + 1))
            sheet.lines = [",".join(record) for record in sheet.records]
        sheets = Sheets([sheet])
        screen = Screen(table, [file], [sheet.first_lines], sheets.text_of)
        columns = convert(sheets, screen)
        for one in sheet.broken:
            rejects.add(file.landing_file, one.line, one.rule, one.reason, table_name=table.name)
        parts.append(screen.rows(rejects, **columns))
        counts += screen.counts([len(sheet.broken)], [0])
    return Parsed({table: pa.concat_tables(parts)}, rejects.table(), counts).checked()


def _as_text(column: pa.ChunkedArray) -> list[str]:
    """Values as a CSV would show them: instants in ISO 8601, missing ones empty."""
    if pa.types.is_timestamp(column.type):
        column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%S" + ("Z" if column.type.tz else ""))
    texts: list[str] = pc.fill_null(cleaned(column.cast(pa.string()).combine_chunks()), "").to_pylist()
    return texts


def _require(file: LandedFile, needed: Sequence[str], found: Sequence[str]) -> None:
    missing = [name for name in needed if name not in found]
    if missing:
        raise SourceChangedError(
            f"{file.landing_file} of {file.source_system} has no column {', '.join(missing)}; it has {', '.join(found)}; "
            "mend the mapping in the settings or the export"
        )
