"""Landed CSV files of known forms, read into core tables with every row accounted for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from enterprise.errors import SourceChangedError
from etl.delimited import Broken, Delimited, read_delimited
from etl.parsed import FileCount, LandedFile, Parsed, ReadContext
from etl.rejects import Rejects
from etl.screen import Screen, columns_there, printable
from etl.shapes import SAMPLE_ROWS, Shape, nearest, shape_of_columns
from etl.sources.landed import content_of
from etl.typed import cleaned
from warehouse.tables.declaration import Table


class Sheets:
    """Files of one form under each other."""

    def __init__(self, parts: Sequence[Delimited]) -> None:
        self.parts = parts
        self.header = list(dict.fromkeys(name for part in parts for name in part.header))
        self.used: dict[str, None] = {}
        """Columns that were asked for."""

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(len(part.records) for part in self.parts)

    def column(self, name: str) -> pa.Array:
        """A column's cleaned text over all files; missing for files that do not have it."""
        self.used[name] = None
        return cleaned([value for part in self.parts for value in part.values(name)])

    def text_of(self, file: int, position: int) -> str:
        """A row as received."""
        return self.parts[file].text_of(position)


Convert = Callable[[Sheets, Screen], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of file of a source.

    Args:
        table: table its rows go to.
        url: where the settings say such files lie: its last part is matched against the file's name.
        required: columns without which the file is not read.
        convert: turns the text columns into the table's columns and rejects rows through the screen.
        moved: table that rows go to which the screen moves elsewhere, and what makes its columns of them.
        unfold: makes several rows of one before they are looked at (a survey's questions side by side); each counts as a row.
        preamble_lines: lines of a report's heading that may stand above the header.
        keep_repeats: whether `convert` itself tells which equal rows are exact duplicates.
    """

    table: Table
    url: str
    required: tuple[str, ...]
    convert: Convert
    moved: tuple[Table, Convert] | None = None
    unfold: Callable[[Delimited], Delimited] | None = None
    preamble_lines: int = 0
    keep_repeats: bool = False


def read_sheets(forms: Sequence[Form], files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read landed CSV files, each by the form that its name or else its columns show.

    Raises:
        SourceChangedError: if a file lacks a required column or has it twice, naming them and the columns it has.
        SourceUnreachableError: if landing cannot be read.
    """
    rejects = Rejects(context.source_system)
    expected = {name for form in forms for name in form.required}
    preamble_lines, keep_repeats = max(form.preamble_lines for form in forms), any(form.keep_repeats for form in forms)
    sorted_out: list[list[tuple[LandedFile, Delimited]]] = [[] for _ in forms]
    for file in files:
        content, problem = content_of(file, context)
        cut_off = content[content.rfind(b"\n") + 1 :] if problem else b""
        content = content.removesuffix(cut_off)
        sheet = read_delimited(content, expected, preamble_lines=preamble_lines, keep_repeats=keep_repeats)
        form = _form_of(file, sheet, forms)
        if problem:
            sheet.broken = [Broken(0, "truncated_file", problem, ""), *(one for one in sheet.broken if one.line)]
        if cut_off:
            text = cut_off[:2000].decode("utf-8", "surrogateescape")
            sheet.broken.append(Broken(len(sheet.lines) + 1, "truncated_file", f"the row was cut off: {problem}", text))
        if sheet.header:
            _require_columns(file, sheet, form)
        for one in sheet.broken:
            text = printable(one.text)
            rejects.add(file.landing_file, one.line, one.rule, one.reason, table_name=form.table.name, row_text=text)
        sorted_out[forms.index(form)].append((file, sheet if form.unfold is None else form.unfold(sheet)))
    parts: dict[Table, list[pa.Table]] = {}
    counts: dict[str, FileCount] = {}
    shapes: list[Shape] = []
    for form, of_form in zip(forms, sorted_out, strict=True):
        sheets = Sheets([sheet for _, sheet in of_form])
        screen = Screen(form.table, [file for file, _ in of_form], [sheet.first_lines for sheet in sheets.parts], sheets.text_of)
        parts.setdefault(form.table, []).append(screen.rows(rejects, **form.convert(sheets, screen)))
        if form.moved is not None:
            table, convert = form.moved
            parts.setdefault(table, []).append(screen.moved_rows(table, context.source_system, **convert(sheets, screen)))
        for count in screen.counts([len(part.broken) for part in sheets.parts], [part.duplicates for part in sheets.parts]):
            counts[count.landing_file] = count
        shapes += _shapes(form, of_form, sheets.used)
    tables = {table: pa.concat_tables(rows) for table, rows in parts.items()}
    return Parsed(tables, rejects.table(), [counts[file.landing_file] for file in files], shapes).checked()


def _shapes(form: Form, of_form: Sequence[tuple[LandedFile, Delimited]], used: Collection[str]) -> list[Shape]:
    """One shape for each run of files with the same header, its kinds from the first rows of the last one that has any."""
    shapes = []
    for header, run in groupby((one for one in of_form if one[1].header), key=lambda one: one[1].header):
        run_of_files = list(run)
        sheet = next((sheet for _, sheet in reversed(run_of_files) if sheet.records), run_of_files[-1][1])
        rows = sheet.records[:SAMPLE_ROWS]
        columns = {name: cleaned([row[place] for row in rows]) for place, name in enumerate(header)}
        of_reader = [name for name in header if name.casefold() in {known.casefold() for known in used}]
        shapes.append(shape_of_columns(form.table.name, run_of_files[0][0].landing_file, columns, of_reader))
    return shapes


def _form_of(file: LandedFile, sheet: Delimited, forms: Sequence[Form]) -> Form:
    """The form whose place in the settings the name fits; else the one that most of the columns belong to."""
    name = PurePosixPath(file.source_name).name
    fitting = [form for form in forms if form.url and fnmatch(name, PurePosixPath(form.url).name)]
    if len(fitting) == 1:
        return fitting[0]

    def share(form: Form) -> float:
        return sum(sheet.place(column) is not None for column in form.required) / len(form.required)

    return max(fitting or forms, key=share)


def _of_another_form(first_line: str, header: Sequence[str]) -> str:
    """What to do about a header that cannot be one, as the file is no text of the form that is read; "" if it can."""
    if first_line.startswith("PK\x03\x04"):
        return "the file is a ZIP archive or an Excel workbook: unpack it, or save the sheet as CSV"
    if any("\x00" in name for name in header):
        return "the file is probably UTF-16 without its mark: export it as UTF-8"
    if any("\udc80" <= sign <= "\udcff" for name in header for sign in name):
        return "the header is no UTF-8: export the file as UTF-8"
    return ""


def _require_columns(file: LandedFile, sheet: Delimited, form: Form) -> None:
    known = [name.casefold() for name in sheet.header]
    missing = [name for name in form.required if name.casefold() not in known]
    twice = [name for name in form.required if known.count(name.casefold()) > 1]
    if missing or twice:
        what = f"has no column {', '.join(missing)}" if missing else f"has the column {', '.join(twice)} twice"
        guesses = {name: nearest(name, [there for there in sheet.header if there not in form.required]) for name in missing}
        renamed = ", ".join(f"{name} is perhaps called {guess} now" for name, guess in guesses.items() if guess)
        there = f"it has {printable(', '.join(sheet.header))}" if renamed else columns_there(form.required, sheet.header)
        renamed = _of_another_form("".join(sheet.lines[:1]), sheet.header) or renamed
        raise SourceChangedError(
            f"{file.landing_file} of {file.source_system} {what}; {there}; for "
            f"{form.table.name} are needed {', '.join(form.required)}{'; ' + printable(renamed) if renamed else ''}. "
            "The file is kept in landing: mend the export and send it again"
        )
