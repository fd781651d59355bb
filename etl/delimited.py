"""Delimited text (CSV) read so that every line is accounted for: rows, exact duplicates, and lines that are no rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from etl.typed import cleaned

_DELIMITERS = ",;\t|"
_EXCEL_SAYS = re.compile(r"sep=([,;\t|])\s*$", re.IGNORECASE)
"""A line above the header by which Excel knows the delimiter."""
_UNCLOSED = "a quote opens on this line and does not close before the end of the file"
_SWALLOWS = "a quote opens on this line and closes within a field of another line"
_STRANGE = re.compile("[\x00\udc80-\udcff]")
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no row: its number from 1 (0 for the file as a whole), the rule it breaks, the reason, its text."""

    line: int
    rule: str
    reason: str
    text: str


@dataclass(slots=True)
class Delimited:
    """A delimited file taken apart.

    Args:
        header: column names as written, without spaces around them.
        records: fields of the rows that have as many as the header, each different row once.
        first_lines: number of the line on which each record starts, counted from 1.
        broken: lines that are no rows.
        duplicates: rows left out because an equal one stands before them in the file.
        repeats: positions of such rows where they were to be kept.
        lines: all lines with their ends, for `text_of`.
    """

    header: list[str] = field(default_factory=list)
    records: list[list[str]] = field(default_factory=list)
    first_lines: list[int] = field(default_factory=list)
    last_lines: list[int] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    duplicates: int = 0
    repeats: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def text_of(self, position: int) -> str:
        """The record at that position as received."""
        return "".join(self.lines[self.first_lines[position] - 1 : self.last_lines[position]]).rstrip("\r\n")

    def column(self, name: str) -> pa.Array:
        """A column's text, cleaned; all missing if the file has no such column (names are compared without case)."""
        return cleaned(self.values(name))

    def values(self, name: str) -> list[str | None]:
        """A column's text as it stands; all missing if the file has no such column."""
        place = self.place(name)
        if place is None:
            return [None] * len(self.records)
        return [record[place] for record in self.records]

    def place(self, name: str) -> int | None:
        """Position of a column in the header."""
        return next((place for place, known in enumerate(self.header) if known.casefold() == name.casefold()), None)


def read_delimited(
    content: bytes, expected: Collection[str], *, preamble_lines: int = 0, keep_repeats: bool = False
) -> Delimited:
    r"""Take a delimited file apart.

    UTF-8 with or without byte order mark and UTF-16 with one are read; comma, semicolon, tab or bar is recognised from the
    header, or said above it as Excel does (`sep=;`); LF, CRLF and CR may be mixed; quoted fields may hold line ends. A row with
    too few or too many fields, a quote that never closes (the rows after it stand), bytes in another encoding, a NUL byte or the
    header once more is put aside as broken. Blank lines are nothing.

    Args:
        content: the file's bytes, unpacked.
        expected: column names one of which at least should be in the header: by them the delimiter is recognised.
        preamble_lines: lines of a report's heading that may stand above the header, which is then the first line that holds all
            expected names.
        keep_repeats: give rows that equal an earlier one too, and say which they are; for reports in which equal rows are
            different facts (the hour that comes twice).

    Example:
        >>> sheet = read_delimited(b"\xef\xbb\xbfid;note\r\n1;\"two\nlines\"\n2\n1;\"two\nlines\"\n", ["id"])
        >>> sheet.header, sheet.records, sheet.first_lines, sheet.duplicates
        (['id', 'note'], [['1', 'two\nlines']], [2], 1)
        >>> [(line.line, line.rule) for line in sheet.broken]
        [(4, 'wrong_field_count')]
    """
    sheet = Delimited()
    text, clean = _decoded(content)
    sheet.lines = list(io.StringIO(text, newline=""))
    start = next((number for number, line in enumerate(sheet.lines) if line.strip()), None)
    if start is None:
        reason = "the file is empty: not even a header line; check the export and send it again"
        sheet.broken.append(Broken(0, "empty_file", reason, ""))
        return sheet
    said = _EXCEL_SAYS.match(sheet.lines[start])
    if said is not None and start + 1 < len(sheet.lines):
        start += 1
    start = _below_preamble(sheet.lines, start, preamble_lines, expected)
    delimiter = said.group(1) if said is not None else _delimiter(sheet.lines[start], expected)
    header, after = next(_records(sheet.lines, start, delimiter), ([], start + 1))
    if isinstance(header, str):
        sheet.broken.append(Broken(0, "no_header", f"the first line is no header: {header}", sheet.lines[start]))
        return sheet
    sheet.header = [name.strip() for name in header]
    _read_rows(sheet, after, delimiter, header, clean, keep_repeats)
    return sheet


def _read_rows(sheet: Delimited, start: int, delimiter: str, header: list[str], clean: bool, keep_repeats: bool) -> None:
    lines, width = sheet.lines, len(header)
    seen: set[tuple[str, ...]] = set()
    first = start
    records = _records(lines, first, delimiter)
    while (following := next(records, None)) is not None:
        record, after = following
        if not record:  # a blank line
            first = after
            continue
        if after > first + 1 or after >= len(lines):
            record = _quotes_in_order(lines, first, after, delimiter) or record
        if (
            isinstance(record, str)
            or len(record) != width
            or (not clean and _undecodable(lines, first, after))
            or record == header
        ):
            sheet.broken.append(_broken(lines, first, after, record, header))
            if isinstance(record, str) or (after > first + 1 and len(record) != width):
                after = first + 1  # the quote that never closed took innocent lines with it: go on right after its own line
                records = _records(lines, after, delimiter)
        else:
            key = tuple(record)
            if key in seen and not keep_repeats:
                sheet.duplicates += 1
            else:
                if key in seen:
                    sheet.repeats.append(len(sheet.records))
                seen.add(key)
                sheet.records.append(record)
                sheet.first_lines.append(first + 1)
                sheet.last_lines.append(after)
        first = after


def _records(lines: list[str], start: int, delimiter: str) -> Iterator[tuple[list[str] | str, int]]:
    """Records from line `start` on, each with the position of the line after it; a reason instead of fields where unreadable."""
    reader = csv.reader((lines[number] for number in range(start, len(lines))), delimiter=delimiter)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield str(error), start + reader.line_num
            continue
        yield record, start + reader.line_num


def _quotes_in_order(lines: list[str], first: int, after: int, delimiter: str) -> str:
    """What is wrong with the quotes of a record of several lines; "" if nothing."""
    try:
        next(csv.reader(iter(lines[first:after]), delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return _UNCLOSED if after >= len(lines) else ""
        return _SWALLOWS if after > first + 1 else ""
    return ""


def _broken(lines: list[str], first: int, after: int, record: list[str] | str, header: list[str]) -> Broken:
    text = lines[first].rstrip("\r\n")
    if record is _UNCLOSED or record is _SWALLOWS:
        return Broken(first + 1, "unclosed_quote", f"{record}; mend it at the source", text)
    if isinstance(record, str):
        return Broken(
            first + 1, "unreadable_row", f"the row cannot be read as delimited text: {record}; mend it at the source", text
        )
    if len(record) != len(header):
        reason = f"the row has {len(record)} fields, the header has {len(header)}; it was probably cut off: send the file again"
        if after > first + 1:
            return Broken(first + 1, "unclosed_quote", f"a quote opens on this line and does not close with {reason[4:]}", text)
        return Broken(first + 1, "wrong_field_count", reason, text)
    if record == header:
        return Broken(first + 1, "repeated_header", "the header stands here once more; files were probably joined", text)
    reason = "the row holds a NUL byte or bytes that are no UTF-8; export the file as UTF-8"
    return Broken(first + 1, "wrong_encoding", reason, "".join(lines[first:after]).rstrip("\r\n"))


def _decoded(content: bytes) -> tuple[str, bool]:
    """The text, with undecodable bytes as lone surrogates, and whether there are neither such nor NUL characters."""
    encoding = "utf-8"
    for mark, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content, encoding = content[len(mark) :], name
            break
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        errors = "surrogateescape" if encoding == "utf-8" else "replace"
        text = content.decode(encoding, errors)
        return text.replace("\ufffd", "\udcff") if errors == "replace" else text, False
    return text, "\x00" not in text


def _undecodable(lines: list[str], first: int, after: int) -> bool:
    return any(_STRANGE.search(line) for line in lines[first:after])


def _below_preamble(lines: list[str], start: int, preamble_lines: int, expected: Collection[str]) -> int:
    """The first line that holds all expected names; the first of all if none of the heading's lines does."""
    for number in range(start, min(start + preamble_lines + 1, len(lines))):
        if _found(lines[number], _delimiter(lines[number], expected), expected) == len({name.casefold() for name in expected}):
            return number
    return start


def _delimiter(header: str, expected: Collection[str]) -> str:
    """The delimiter that makes most of the expected names out of the header; a comma if none does."""
    return max(_DELIMITERS, key=lambda delimiter: _found(header, delimiter, expected))


def _found(header: str, delimiter: str, expected: Collection[str]) -> int:
    """How many of the expected names the header then has."""
    names = {name.strip(' "\r\n').casefold() for name in header.split(delimiter)}
    return len(names & {name.casefold() for name in expected})
