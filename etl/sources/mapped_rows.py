"""Rows with types of their own on their way to a mapping: Parquet by row groups, and what a database's table gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enterprise.errors import SourceChangedError, SourceUnreachableError
from etl.mapped_columns import MappedRows
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.records import Records, read_records
from etl.rejects import Rejects
from etl.screen import Screen, columns_there, printable
from etl.shapes import Shape, shape_of_piece, shape_of_types
from etl.sources.landed import content_of
from etl.sources.sql_reading import COLUMNS_PIECE
from etl.typed import cleaned, reasonable, reasonable_days, seconds_of
from warehouse.tables.declaration import Table

_BATCH_ROWS = 65_536
_UNREADABLE = "the file is no Parquet, or cut off or damaged ({error}); the rows before stand: send it again"

_STRANGE = "the row holds a NUL character or bytes that are no UTF-8; write text as UTF-8 into the file"

_TEXT_KINDS = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary, pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
)  # fmt: skip

Convert = Callable[[MappedRows, Screen], Mapping[str, Any]]


class TypedRows:
    """Some rows of a Parquet file."""

    def __init__(self, batch: pa.RecordBatch, file: LandedFile) -> None:
        self._batch = batch
        self._file = file
        self._texts: dict[str, pa.Array] = {}

    @property
    def rows(self) -> int:
        """How many."""
        return int(self._batch.num_rows)

    def raw(self, name: str) -> pa.Array:
        """The column with its type."""
        column = self._batch.column(name)
        return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column

    def column(self, name: str) -> pa.Array:
        """The column as a CSV would show it: instants in ISO 8601, bytes as UTF-8."""
        if name not in self._texts:
            try:
                self._texts[name] = cleaned(_as_text(self.raw(name)))
            except (pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
                kind = self._batch.column(name).type
                raise SourceChangedError(
                    f"column {name} of {self._file.landing_file} ({self._file.source_system}) holds {kind}; "
                    "expected text, numbers, times or flags: take it apart in the export"
                ) from error
        return self._texts[name]

    def strange(self) -> pa.Array:
        """Rows in whose texts NUL characters or bytes that are no UTF-8 stand."""
        found = pa.repeat(False, self.rows)
        for name in self._batch.schema.names:
            raw = self.raw(name)
            if _is_text(raw.type):
                as_bytes, read = raw.cast(pa.binary()), _decoded(raw)
                bad = pc.or_(pc.match_substring(as_bytes, "\0"), pc.and_(pc.is_valid(as_bytes), pc.is_null(read)))
                found = pc.or_(found, pc.fill_null(bad, False))
        return found

    def text_of(self, _file: int, position: int) -> str:
        """A row for quarantine."""
        return ",".join(str(self.column(name)[position].as_py() or "") for name in self._batch.schema.names)


class FetchedRows:
    """Rows of a piece that a database gave."""

    def __init__(self, records: Records) -> None:
        self.rows = len(records.rows)
        self.column = records.column

    def raw(self, name: str) -> None:
        """Nothing: JSON has been text."""


def read_parquet(
    table: Table, needed: Sequence[str], convert: Convert, files: Sequence[LandedFile], context: ReadContext
) -> Parsed:
    """Read Parquet files by row groups; only the needed columns, and no more than some ten thousand rows at a time.

    Raises:
        SourceChangedError: if a file lacks a needed column, or holds lists or structures in one.
        SourceUnreachableError: if landing cannot be read.
    """
    rejects = Rejects(context.source_system)
    parts, counts, shapes = [table.arrow_schema.empty_table()], [], []
    for file in files:
        read = broken = 0
        kept = 0
        try:
            for schema, batch in _batches(file, needed, context):
                if schema is not None:
                    shapes.append(_shape(table, file, schema, needed))
                found = TypedRows(batch, file)
                numbers = range(read + 1, read + found.rows + 1)
                screen = Screen(table, [file], [numbers], found.text_of)
                screen.reject(found.strange(), "wrong_encoding", _STRANGE)
                made = screen.rows(rejects, **convert(found, screen))
                parts.append(made)
                read, kept = read + found.rows, kept + made.num_rows
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            broken = 1
            reason = _UNREADABLE.format(error=str(error)[:200])
            rejects.add(file.landing_file, 0, "unreadable_file", reason, table_name=table.name)
        counts.append(FileCount(file.landing_file, read + broken, kept, read - kept + broken))
    return Parsed({table: pa.concat_tables(parts)}, rejects.table(), counts, shapes).checked()


def read_rows(table: Table, needed: Sequence[str], convert: Convert, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read landed pieces of a database's table.

    Raises:
        SourceChangedError: if a piece lacks a mapped column (the mapping was changed since it was fetched).
        SourceUnreachableError: if landing cannot be read.
    """
    rejects = Rejects(context.source_system)
    parts, counts, shapes = [table.arrow_schema.empty_table()], [], []
    for file in files:
        content, problem = content_of(file, context)
        if file.source_name.endswith(COLUMNS_PIECE):
            shapes.append(shape_of_piece(table.name, file.landing_file, content, needed))
            counts.append(FileCount(file.landing_file, 0, 0, 0))
            continue
        records = read_records(content, problem)
        if records.rows:
            _require(file, needed, sorted(records.names))
        screen = Screen(table, [file], [records.numbers], records.text_of)
        columns = convert(FetchedRows(records), screen)
        for one in records.broken:
            text = printable(one.text)
            rejects.add(file.landing_file, one.line, one.rule, one.reason, table_name=table.name, row_text=text)
        parts.append(screen.rows(rejects, **columns))
        counts += screen.counts([len(records.broken)], [records.duplicates])
    return Parsed({table: pa.concat_tables(parts)}, rejects.table(), counts, shapes).checked()


def _batches(file: LandedFile, needed: Sequence[str], context: ReadContext) -> Iterator[tuple[pa.Schema | None, pa.RecordBatch]]:
    """Batches of a file, the first one with the file's schema."""
    try:
        stream = context.filesystem.open(file.path, "rb")
    except OSError as error:
        raise SourceUnreachableError(
            f"{file.landing_file} of {file.source_system} cannot be read from landing ({error}); expected it at {file.path}: "
            "check that the lake's storage is reachable"
        ) from error
    with stream:
        content = pq.ParquetFile(stream)
        schema: pa.Schema | None = content.schema_arrow
        _require(file, needed, content.schema_arrow.names)
        for batch in content.iter_batches(batch_size=_BATCH_ROWS, columns=list(needed)):
            yield schema, batch
            schema = None


def _as_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_timestamp(kind):
        whole = reasonable(column).cast(pa.timestamp("us", tz=None if kind.tz is None else "UTC"), safe=False)
        shown = pc.strftime(whole, format="%Y-%m-%dT%H:%M:%S" + ("Z" if kind.tz is not None else ""), locale="C")
        return pc.coalesce(shown, column.cast(pa.int64()).cast(pa.string()))  # out of all calendars: as a mere number
    if pa.types.is_date(kind):
        days = column.cast(pa.date32(), safe=False)
        return pc.coalesce(reasonable_days(days).cast(pa.string()), days.cast(pa.int32()).cast(pa.string()))
    if _is_text(kind):
        return _decoded(column)
    if pa.types.is_duration(kind):  # never as a mere number: it would be one of another unit
        return pc.binary_join_element_wise(seconds_of(column).cast(pa.string()), "s", " ")
    return column.cast(pa.string())


def _is_text(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _TEXT_KINDS)


def _decoded(column: pa.Array) -> pa.Array:
    """Text of strings or bytes; missing where they are no UTF-8."""
    as_bytes = column.cast(pa.binary())
    try:
        return as_bytes.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if value is None else _utf8(value) for value in as_bytes.to_pylist()], pa.string())


def _utf8(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _shape(table: Table, file: LandedFile, schema: pa.Schema, needed: Sequence[str]) -> Shape:
    return shape_of_types(table.name, file.landing_file, {field.name: str(field.type) for field in schema}, needed)


def _require(file: LandedFile, needed: Sequence[str], found: Sequence[str]) -> None:
    missing = [name for name in needed if name not in found]
    twice = [name for name in needed if list(found).count(name) > 1]
    if twice:
        raise SourceChangedError(
            f"{file.landing_file} of {file.source_system} has the column {', '.join(twice)} twice: which one is meant? "
            "Mend the export"
        )
    if missing:
        raise SourceChangedError(
            f"{file.landing_file} of {file.source_system} has no column {', '.join(missing)}; {columns_there(needed, found)}; "
            "mend the mapping in the settings or the export"
        )
