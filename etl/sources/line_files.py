"""Sources of one row per line: block by block, good lines typed, the others put aside with their rule."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.lines import Block, LineBlocks, Lines, lines_of
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.rejects import SHOWN_CHARACTERS, Rejects
from etl.shapes import SAMPLE_ROWS, Shape
from etl.sources.landed import chunks_of
from warehouse.tables.core import CONTACTS
from warehouse.tables.declaration import Table

_PART_ROWS = 1_000_000
_PART_BYTES = 64 << 20
_BLOCK_BYTES = 2 << 20  # columns of larger blocks are given back to the system each time, which costs more than it saves
_FEW_ROWS = 16_384  # fewer are put together with those of the next block: rows are staged as they come in tables
_LOOKERS = 2
_AHEAD = 8  # blocks looked at while those before them are made into rows
_SUBJECT_CHARACTERS = 80

Completion = Callable[[pa.Table, ReadContext], Mapping[str, pa.Array]]
"""Gives the declared columns that are not among those of typed lines."""

Scan = Callable[[Block], tuple[pa.Table, Lines]]
"""Types the lines it can (landing_row and typed columns), and gives the others."""


ShapeOf = Callable[[str, Sequence[str]], Shape | None]
"""Name in landing and some lines -> their shape; None for too few to tell."""


@dataclass(frozen=True, slots=True)
class LineFormat:
    """How the lines of a source are read.

    Args:
        schema: the rows that lines become: the columns of a declared table, text perhaps as dictionary.
        table: that table.
        parse_sql: SQL over a view `lines` (file_index, landing_row, line) and the lookups; gives these three, typed columns,
            `queue_id`, `rule`, "" for good lines, and `subject`, which the rule is about.
        lookups: small tables by name.
        reasons: rule -> what was wrong, what was expected, and the next step; "{subject}" in it stands for the subject.
        complete: the columns that SQL and scan do not give.
        scan: types plain lines more quickly than SQL does, and just so; None: SQL types all.
        shape: tells from some lines what fields they have; None where the format has no names.
    """

    schema: pa.Schema
    table: Table
    parse_sql: str
    lookups: Mapping[str, pa.Table]
    reasons: Mapping[str, str]
    complete: Completion
    scan: Scan | None = None
    shape: ShapeOf | None = None

    def without_scan(self) -> LineFormat:
        """The same, all lines typed by SQL."""
        return replace(self, scan=None)


def read_line_files(form: LineFormat, files: Sequence[LandedFile], context: ReadContext) -> Iterator[Parsed]:
    """Read files line by line.

    Args:
        form: how lines are read.
        files: landed pieces in landing order.
        context: filesystem and source name.

    Yields:
        Rows and quarantine, a million rows at a time, in the order of files and lines; the last one with the counts.
    """
    rejects = Rejects(context.source_system)
    rows_in = np.zeros(len(files), dtype=np.int64)
    rejected: Counter[int] = Counter()
    plain: list[pa.Table] = []
    lines: list[pa.Table] = []
    for index, rows, others in _looked_at(form, files, context):
        rows_in[index] += rows.num_rows + len(others.texts) + len(others.broken)
        for broken in others.broken:
            landing_file = files[index].landing_file
            rejects.add(
                landing_file, broken.line, broken.rule, broken.reason, table_name=CONTACTS.name, row_text=broken.text or None
            )
        if rows.num_rows:
            plain.append(rows)
        if len(others.texts):
            place = _same(index, len(others.texts))
            lines.append(pa.table({"file_index": place, "landing_row": others.numbers, "line": others.texts}))
        if sum(one.num_rows for one in (*plain, *lines)) >= _PART_ROWS or sum(one.nbytes for one in lines) >= _PART_BYTES:
            yield _part(form, plain, lines, files, context, rejects, rejected)
            plain, lines = [], []
    last = _part(form, plain, lines, files, context, rejects, rejected)
    counts = []
    for index, (file, rows_of) in enumerate(zip(files, rows_in.tolist(), strict=True)):
        put_aside = rejects.count(file.landing_file) + rejected[index]
        counts.append(FileCount(file.landing_file, rows_of, rows_of - put_aside, put_aside))
    yield replace(last, counts=counts)


def joined(form: LineFormat, parts: Iterator[Parsed]) -> Parsed:
    """All parts in one."""
    found = list(parts)
    rows = pa.concat_tables([one.tables[form.table] for one in found]).unify_dictionaries()
    shapes = [shape for one in found for shape in one.shapes]
    return Parsed({form.table: rows}, pa.concat_tables([one.quarantine for one in found]), found[-1].counts, shapes).checked()


def _looked_at(form: LineFormat, files: Sequence[LandedFile], context: ReadContext) -> Iterator[tuple[int, pa.Table, Lines]]:
    """Blocks of all files in order, each with its plain rows and its other lines; a few are looked at ahead, on other cores."""

    def look(index: int, block: Block) -> tuple[pa.Table, Lines]:
        if form.scan is None:
            return _NO_ROWS, lines_of(block)
        rows, others = form.scan(block)
        return _completed(form, rows.append_column("file_index", _same(index, rows.num_rows)), files, context), others

    with ThreadPoolExecutor(_LOOKERS) as pool:
        ahead: deque[tuple[int, Future[tuple[pa.Table, Lines]]]] = deque()
        for index, file in enumerate(files):
            blocks = LineBlocks(chunks_of(file, context, _BLOCK_BYTES), _BLOCK_BYTES)
            for block in blocks:
                ahead.append((index, pool.submit(look, index, block)))
                if len(ahead) > _AHEAD:
                    place, future = ahead.popleft()
                    yield place, *future.result()
            if blocks.broken:
                nothing = Lines(pa.array([], pa.string()), pa.array([], pa.int64()), blocks.broken)
                ahead.append((index, pool.submit(_only, nothing)))
        for place, future in ahead:
            yield place, *future.result()


def _only(lines: Lines) -> tuple[pa.Table, Lines]:
    return _NO_ROWS, lines


_NO_ROWS = pa.table({"landing_row": pa.array([], pa.int64())})


def _same(value: int, rows: int) -> pa.Array:
    return pa.array(np.full(rows, value, dtype=np.int32))


def _part(
    form: LineFormat,
    plain: list[pa.Table],
    lines: list[pa.Table],
    files: Sequence[LandedFile],
    context: ReadContext,
    rejects: Rejects,
    rejected: Counter[int],
) -> Parsed:
    """What some blocks became; who was rejected is counted per file in `rejected`."""
    quarantine = [rejects.drained()]
    if lines:
        typed = _in_file_order(_typed(pa.concat_tables(lines), form))
        good = pc.equal(typed.column("rule"), "")
        bad = typed.filter(pc.invert(good))
        rejected.update(bad.column("file_index").to_pylist())
        quarantine.append(_quarantine(form, bad, files, context))
        plain = _placed(plain, _completed(form, typed.filter(good), files, context))
    pieces = [piece.drop_columns([_FILE.name]) for piece in _together(plain) if piece.num_rows]
    rows = pa.concat_tables(pieces) if pieces else form.schema.empty_table()
    return Parsed({form.table: rows}, pa.concat_tables(quarantine), [], _shapes(form, lines, files))


def _placed(plain: Sequence[pa.Table], rows: pa.Table) -> list[pa.Table]:
    """Tables of rows in the order of files and lines, further rows put where they belong."""
    if not plain:
        return [rows]
    ends = np.searchsorted(_places(rows), [_places(table.slice(0, 1))[0] for table in plain[1:]])
    found, begin = [], 0
    for table, end in zip(plain, [*ends.tolist(), rows.num_rows], strict=True):
        found.append(_in_file_order(pa.concat_tables([table, rows.slice(begin, end - begin)])) if end > begin else table)
        begin = end
    return found


def _together(tables: Sequence[pa.Table]) -> Iterator[pa.Table]:
    """Tables one after another, small ones put together with those that follow."""
    few: list[pa.Table] = []
    for table in tables:
        few.append(table)
        if sum(one.num_rows for one in few) >= _FEW_ROWS:
            yield _one_piece(pa.concat_tables(few))
            few = []
    if few:
        yield _one_piece(pa.concat_tables(few))


def _one_piece(rows: pa.Table) -> pa.Table:
    """The rows in one piece: where several have words of their own, with those of all."""
    return rows.unify_dictionaries().combine_chunks()


def _shapes(form: LineFormat, lines: Sequence[pa.Table], files: Sequence[LandedFile]) -> list[Shape]:
    """The shape of the last file's first lines, or of those of all files together where one alone has too few."""
    if form.shape is None or not lines:
        return []
    some = [(files[one.column("file_index")[0].as_py()].landing_file, one.column("line").slice(0, SAMPLE_ROWS)) for one in lines]
    shape = form.shape(some[-1][0], some[-1][1].to_pylist())
    if shape is None:
        shape = form.shape(some[0][0], [text for _, texts in some for text in texts.to_pylist()][:SAMPLE_ROWS])
    return [] if shape is None else [shape]


_FILE = pa.field("file_index", pa.int32())


def _completed(form: LineFormat, rows: pa.Table, files: Sequence[LandedFile], context: ReadContext) -> pa.Table:
    """Typed lines with all declared columns, and still with their file's place."""
    columns = {name: rows.column(name) for name in rows.column_names}
    names = pa.array([file.landing_file for file in files], pa.string())
    columns["source_system"] = pa.DictionaryArray.from_arrays(_same(0, rows.num_rows), pa.array([context.source_system]))
    file_index = rows.column("file_index").cast(pa.int32())
    columns["landing_file"] = pa.DictionaryArray.from_arrays(file_index.combine_chunks(), names)
    columns.update(form.complete(rows, context))
    made = pa.table({name: _cast(columns[name], form.schema.field(name).type) for name in form.schema.names}, schema=form.schema)
    return made.append_column(_FILE, file_index)


def _cast(column: pa.ChunkedArray | pa.Array, wanted: pa.DataType) -> pa.ChunkedArray | pa.Array:
    if pa.types.is_dictionary(wanted) and not pa.types.is_dictionary(column.type):
        return column.dictionary_encode()
    return column.cast(wanted)


def _quarantine(form: LineFormat, bad: pa.Table, files: Sequence[LandedFile], context: ReadContext) -> pa.Table:
    """Rejected lines as rows of QUARANTINE; every different reason is put into words once."""
    schema = Rejects(context.source_system).table().schema
    shown = pc.utf8_slice_codeunits(bad.column("subject").fill_null(""), 0, _SUBJECT_CHARACTERS)
    which = pc.binary_join_element_wise(bad.column("rule"), shown, "\n").combine_chunks().dictionary_encode()
    divided = [text.partition("\n") for text in which.dictionary.to_pylist()]
    reasons = [form.reasons[rule].replace("{subject}", subject) for rule, _, subject in divided]
    names = pa.array([file.landing_file for file in files], pa.string())
    columns = {
        "source_system": pa.repeat(pa.scalar(context.source_system), bad.num_rows),
        "landing_file": names.take(bad.column("file_index").combine_chunks()),
        "landing_row": bad.column("landing_row"),
        "rule": bad.column("rule"),
        "table_name": pa.repeat(pa.scalar(CONTACTS.name), bad.num_rows),
        "queue_id": bad.column("queue_id"),
        "reason": pa.array(reasons, pa.string()).take(which.indices),
        "row_text": pc.utf8_slice_codeunits(bad.column("line"), 0, SHOWN_CHARACTERS),
    }
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)


def _in_file_order(rows: pa.Table) -> pa.Table:
    """No query promises an order, and a join may change it; what is staged must always be the same bytes."""
    place = _places(rows)
    if len(place) < 2 or bool(np.all(place[1:] > place[:-1])):
        return rows
    return _one_piece(rows).take(pa.array(np.argsort(place)))


def _places(rows: pa.Table) -> npt.NDArray[np.int64]:
    """Where each row stands, in one number."""
    files: npt.NDArray[np.int64] = np.asarray(rows.column("file_index"), np.int64)
    return files << 40 | np.asarray(rows.column("landing_row"), np.int64)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """A DuckDB without tables, of which every look takes a cursor: to start one takes longer than to type some thousand lines."""
    # several threads would give the rows in any order, and to sort them costs more than they save
    return duckdb.connect(":memory:", config={"threads": 1})


def _typed(lines: pa.Table, form: LineFormat) -> pa.Table:
    """The lines typed; the text of a line comes with it only where a rule rejects it, and nobody carries the others about."""
    connection = _database().cursor()
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in {"lines": lines, **form.lookups}.items():
        connection.register(name, table)
    with_bad_lines = f"SELECT * REPLACE (CASE WHEN rule <> '' THEN line END AS line) FROM ({form.parse_sql})"  # noqa: S608 - ours
    typed = connection.sql(with_bad_lines).to_arrow_table()
    connection.close()
    return typed
