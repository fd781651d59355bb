"""Claims and their status history out of any SQL database, read by watermark with overlap.

`fetch` asks the database and gives landing pieces (JSON Lines, one object per row, the source's own column names); `read` makes
core rows of landed pieces. Mapped columns are read and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from enterprise.errors import NeedsPersonError, SettingsError, SourceChangedError
from enterprise.grid import IntervalGrid
from enterprise.sources import ClaimsDatabase
from etl.business_dates import business_dates
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.records import Records, read_records
from etl.rejects import Rejects
from etl.screen import Screen, printable
from etl.shapes import Shape, shape_of_piece
from etl.sources.landed import content_of
from etl.sources.sql_reading import COLUMNS_PIECE, Fetched, Selection, describe_table, read_tables
from etl.sources.watermarks import Watermarks
from etl.typed import EARLIEST, dates, epochs, flags, instants, unreadable
from warehouse.tables.columns import MADE_BY
from warehouse.tables.core import CLAIM_EVENTS, CLAIMS
from warehouse.tables.declaration import Table

__all__ = ["Fetched", "fetch", "read"]

_DERIVED = {"business_date", "assessed_at", *(column.name for column in MADE_BY)}


def fetch(settings: ClaimsDatabase, since: Watermarks, present: datetime) -> Fetched:
    """Read what was written since the last watermark of each table, less the overlap.

    Both tables are read in one read-only transaction. The watermark column is looked for in each; a status history without one is
    read by its `changed_at`. Rows whose watermark is empty are read every time.

    Args:
        settings: the database and its mapping.
        since: watermarks that the last fetch reached; a table without is read from the beginning.
        present: now: a watermark beyond it is none that was reached.

    Returns:
        Pieces, read while they are taken, named `claims-NNNN.jsonl` and `claim_events-NNNN.jsonl`, the same rows giving the same
        bytes; then the watermark reached of each table.

    Raises:
        SettingsError: if the mapping cannot be used, or, once pieces are taken, the URL.
        SourceUnreachableError: while pieces are taken: if the database does not answer, or breaks off.
        SourceChangedError: while pieces are taken: if a table or column is not there, naming it and those that are.
    """
    local = present.astimezone(ZoneInfo(settings.time_zone))
    return read_tables(settings.url, _selections(settings), since, settings.overlap_seconds, local)


def health(settings: ClaimsDatabase) -> str:
    """What the database holds, in words.

    Raises:
        SourceUnreachableError, SourceChangedError, SettingsError: as `fetch`.
        NeedsPersonError: if there is no claim.
    """
    claims, events = _selections(settings)
    describe_table(settings.url, events)
    reported = settings.claims_columns["reported_at"]
    count, newest = describe_table(settings.url, replace(claims, watermarks=(reported,)))
    if not count:
        raise NeedsPersonError(f"{settings.claims_table} of the claims database has no row; check the url and the table's name")
    return f"{count} claims in {settings.claims_table}; newest {reported} {str(newest)[:19]}"


def _selections(settings: ClaimsDatabase) -> list[Selection]:
    selections = []
    for table, mapping, place, own_time in (
        (CLAIMS, settings.claims_columns, settings.claims_table, ""),
        (CLAIM_EVENTS, settings.events_columns, settings.events_table, "changed_at"),
    ):
        checked = _checked(table, mapping)
        columns = [*checked.values(), *([settings.deleted_column] if table is CLAIMS and settings.deleted_column else [])]
        watermarks = (settings.watermark_column, *([checked[own_time]] if own_time else []))
        selections.append(Selection(table.name, place, tuple(columns), watermarks, checked[table.key_names[0]]))
    return selections


def read(settings: ClaimsDatabase, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read landed pieces of `fetch`.

    `assessed_at` is left missing: `etl.claims.assessed` sets it from the events, which may come in another night.

    Raises:
        SourceChangedError: if a piece lacks a mapped column (the mapping was changed since it was fetched).
        SettingsError: if the mapping cannot be used.
        SourceUnreachableError: if landing cannot be read.
    """
    rejects = Rejects(context.source_system)
    converts: dict[Table, tuple[Mapping[str, str], Callable[[_Columns, Screen, IntervalGrid], dict[str, Any]]]] = {
        CLAIMS: (_checked(CLAIMS, settings.claims_columns), partial(_claims, settings)),
        CLAIM_EVENTS: (_checked(CLAIM_EVENTS, settings.events_columns), _events),
    }
    parts: dict[Table, list[pa.Table]] = {table: [table.arrow_schema.empty_table()] for table in converts}
    counts: list[FileCount] = []
    shapes: list[Shape] = []
    for file in files:
        table = CLAIM_EVENTS if PurePosixPath(file.source_name).name.startswith(CLAIM_EVENTS.name) else CLAIMS
        mapping, convert = converts[table]
        content, problem = content_of(file, context)
        if file.source_name.endswith(COLUMNS_PIECE):
            shapes.append(shape_of_piece(table.name, file.landing_file, content, mapping.values()))
            counts.append(FileCount(file.landing_file, 0, 0, 0))
            continue
        records = read_records(content, problem)
        _require_columns(file, records, mapping)
        screen = Screen(table, [file], [records.numbers], records.text_of)
        columns = convert(_Columns(records, mapping, screen, settings.time_zone), screen, context.grid)
        for one in records.broken:
            text = printable(one.text)
            rejects.add(file.landing_file, one.line, one.rule, one.reason, table_name=table.name, row_text=text)
        parts[table].append(screen.rows(rejects, **columns))
        counts += screen.counts([len(records.broken)], [records.duplicates])
    return Parsed({table: pa.concat_tables(read) for table, read in parts.items()}, rejects.table(), counts, shapes).checked()


class _Columns:
    """Mapped columns of one piece, by the names of core; what cannot be read is rejected on the way."""

    def __init__(self, records: Records, mapping: Mapping[str, str], screen: Screen, time_zone: str) -> None:
        self._records = records
        self._mapping = mapping
        self._screen = screen
        self._time_zone = time_zone

    def text(self, name: str, *, needed: bool = False) -> pa.Array:
        """Cleaned text; rows without it are rejected if it is needed."""
        source = self._mapping.get(name)
        text = self._records.column(source) if source is not None else pa.nulls(len(self._records.numbers), pa.string())
        if needed:
            self._screen.reject(pc.is_null(text), "missing_value", f"{source} is empty; it is needed for {name}")
        return text

    def instant(self, name: str, *, needed: bool = False) -> pa.Array:
        """Instants; rows whose time cannot be read are rejected."""
        text = self.text(name, needed=needed)
        value = instants(text, self._time_zone)
        reason = f"{self._mapping.get(name)} is no time of 1970 to 2150; expected '2026-11-12T08:15:30Z'"
        self._screen.reject(unreadable(text, value), "unreadable_time", reason)
        return value

    def deleted_at(self, column: str, watermark_column: str) -> pa.Array:
        """When rows were deleted at the source, by a column of instants or of flags; missing for those that stand."""
        text, written = self._records.column(column), self._written(watermark_column)
        since_ever = pc.coalesce(written, pa.scalar(EARLIEST, written.type))
        deleted = pc.if_else(pc.fill_null(flags(text), False), since_ever, pa.scalar(None, written.type))
        at = pc.coalesce(instants(text, self._time_zone), deleted)
        strange = pc.and_(unreadable(text, at), pc.is_null(flags(text)))
        self._screen.reject(strange, "unreadable_time", f"{column} is neither a time nor true or false")
        return at

    def _written(self, watermark_column: str) -> pa.Array:
        """The watermark as instants; as `fetch` reads it, times without a zone are UTC where it is an epoch number."""
        text = self._records.column(watermark_column)
        return pc.coalesce(instants(text, self._time_zone), epochs(text))


def _claims(settings: ClaimsDatabase, columns: _Columns, screen: Screen, grid: IntervalGrid) -> dict[str, Any]:
    claim_id, line = columns.text("claim_id", needed=True), columns.text("line_of_business", needed=True)
    reported_at = columns.instant("reported_at", needed=True)
    closed_at = columns.instant("closed_at")
    loss_text = columns.text("loss_date")
    loss_date = dates(loss_text)
    screen.reject(unreadable(loss_text, loss_date), "unreadable_date", "the date of the loss is no date such as 2026-11-12")
    screen.reject(
        pc.less(closed_at, reported_at),
        "ends_before_it_begins",
        "the claim was closed before it was reported; mend it at the source",
    )
    if settings.deleted_column:
        # What was deleted is no open work: it ended when it was deleted, or, where only a flag says so, last written.
        deleted_at = columns.deleted_at(settings.deleted_column, settings.watermark_column)
        closed_at = pc.coalesce(closed_at, pc.if_else(pc.less(deleted_at, reported_at), reported_at, deleted_at))
    return {
        "claim_id": claim_id,
        "business_date": business_dates(grid, reported_at),
        **{name: columns.text(name) for name in ("customer_id", "policy_id", "region", "peril", "catastrophe_code")},
        "line_of_business": line,
        "loss_date": loss_date,
        "reported_at": reported_at,
        "assessed_at": pa.nulls(len(claim_id), reported_at.type),
        "closed_at": closed_at,
    }


def _events(columns: _Columns, screen: Screen, grid: IntervalGrid) -> dict[str, Any]:
    needed = {name: columns.text(name, needed=True) for name in ("claim_event_id", "claim_id", "status")}
    changed_at = columns.instant("changed_at", needed=True)
    return {
        **needed,
        "business_date": business_dates(grid, changed_at),
        "changed_at": changed_at,
        "changed_by": columns.text("changed_by"),
    }


def _checked(table: Table, mapping: Mapping[str, str]) -> Mapping[str, str]:
    """The mapping, after checking that it maps every needed column and nothing that the table does not take."""
    possible = [name for name in table.column_names if name not in _DERIVED]
    needed = [column.name for column in table.all_columns if not column.nullable and column.name in possible]
    unknown = [name for name in mapping if name not in possible]
    missing = [name for name in needed if name not in mapping]
    if unknown or missing:
        raise SettingsError(
            f"the mapping of {table.name} in the claims database's settings lacks {missing} and has unknown {unknown}; "
            f"needed are {needed}, possible are {possible}"
        )
    return mapping


def _require_columns(file: LandedFile, records: Records, mapping: Mapping[str, str]) -> None:
    missing = [source for source in mapping.values() if source not in records.names] if records.numbers else []
    if missing:
        there = ", ".join(sorted(records.names))
        raise SourceChangedError(
            f"{file.landing_file} of {file.source_system} has no column {', '.join(missing)}; it has {there}. "
            "The mapping was changed after the piece was fetched: map the old names, or fetch the database anew"
        )
