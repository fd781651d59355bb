"""Any CSV or Parquet file or SQL table whose columns are mapped in the settings: a system not listed needs no code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from enterprise.errors import NeedsPersonError, SettingsError
from enterprise.sources import MappedTable
from etl.mapped_columns import MappedRows, mapped_columns
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.screen import Screen
from etl.sources.mapped_rows import read_parquet, read_rows
from etl.sources.sheets import Form, Sheets, read_sheets
from etl.sources.sql_reading import Fetched, Selection, describe_table, read_tables
from etl.sources.watermarks import Watermarks
from warehouse.tables.columns import MADE_BY
from warehouse.tables.declaration import Table
from warehouse.tables.registry import table_named

_DERIVED = {"business_date", *(column.name for column in MADE_BY)}


def fetch(settings: MappedTable, since: Watermarks, present: datetime) -> Fetched:
    """Read a database's table (format `sql`): what was written since the watermark less the overlap, or all of it without one.

    Args:
        settings: the database and its mapping.
        since: watermark that the last fetch reached; without one everything is read.
        present: now, in the enterprise's time zone: a watermark beyond it is none that was reached.

    Returns:
        Pieces of at most 100,000 rows, JSON Lines with the source's own column names, read while they are taken in one read-only
        transaction; the same rows give the same bytes.

    Raises:
        SettingsError: if the mapping cannot be used; and as `etl.sources.sql_reading.read_tables` while pieces are taken.
    """
    local = present.astimezone(ZoneInfo(settings.time_zone)) if settings.time_zone else present
    return read_tables(settings.url, [_selection(settings)], since, settings.overlap_seconds, local)


def health(settings: MappedTable) -> str:
    """What the database's table holds, in words.

    Raises:
        NeedsPersonError: if it has no row; and as `etl.sources.sql_reading.describe_table`.
    """
    count, newest = describe_table(settings.url, _selection(settings))
    if not count:
        raise NeedsPersonError(f"{settings.database_table} of the database has no row; check the url and the table's name")
    written = f"; newest {settings.watermark_column} {str(newest)[:19]}" if settings.watermark_column else ""
    return f"{count} rows in {settings.database_table}{written}"


def read(settings: MappedTable, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read mapped files, or what `fetch` landed.

    Naive local times are times of the settings' zone (the enterprise's where none is named); the hour that comes twice is read as
    its first, one that does not exist is put aside; a date alone is its local midnight. Types that Parquet or the database gives
    are kept. Where the mapping is silent, a contact's durations are 0 and its handle time is talk, hold and after-contact work
    together; a contact or mail is inbound; a customer's mail needs a reply; a case is neither reopened nor escalated; a survey is
    a customer's.

    Args:
        settings: the mapping.
        files: landed pieces in landing order.
        context: filesystem, grid, queues and source name.

    Raises:
        SettingsError: if the mapping names columns that the core table does not have.
        SourceChangedError: if a file lacks a mapped column, naming it and the columns it has.
        SourceUnreachableError: if landing cannot be read.
    """
    table = table_named(settings.table)
    derived = _DERIVED - ({"business_date"} & set(table.key_names))
    possible = [name for name in table.column_names if name not in derived]
    strange = sorted({*settings.columns, *settings.constants, *settings.values} - set(possible))
    if strange:
        raise SettingsError(
            f"sources.{context.source_system}: {', '.join(strange)} are no columns of {table.name}; it has {', '.join(possible)}"
        )

    def convert(found: MappedRows, screen: Screen) -> Mapping[str, Any]:
        return mapped_columns(found, screen, settings, table, context)

    needed = _needed(settings)
    if settings.format == "parquet":
        return read_parquet(table, needed, convert, files, context)
    if settings.format == "sql":
        return read_rows(table, needed, convert, files, context)

    def convert_sheets(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        return convert(_TextRows(sheet), screen)

    return read_sheets([Form(table, settings.url, needed, convert_sheets)], files, context)


class _TextRows:
    """Rows of CSV files: all of it is text."""

    def __init__(self, sheet: Sheets) -> None:
        self._sheet = sheet
        self.rows = sheet.rows
        self.column = sheet.column

    def raw(self, name: str) -> None:
        """Nothing: text has no type."""


def _needed(settings: MappedTable) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*settings.columns.values(), *settings.leave_out]))


def _selection(settings: MappedTable) -> Selection:
    table: Table = table_named(settings.table)
    key = settings.key_column or settings.columns.get(table.key_names[0], "")
    if not key:
        raise SettingsError(f"the mapping of {settings.database_table} has no {table.key_names[0]}; map it, or name a key_column")
    watermarks = (settings.watermark_column,) if settings.watermark_column else ()
    return Selection(settings.table, settings.database_table, _needed(settings), watermarks, key)
