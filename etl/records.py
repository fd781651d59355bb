"""JSON Lines read so that every line is accounted for."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Any

import pyarrow as pa

from etl.delimited import Broken
from etl.typed import cleaned

_STRANGE_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(slots=True)
class Records:
    """The objects of a JSON Lines file.

    Args:
        rows: the objects, each different line once.
        numbers: line number of each, from 1.
        lines: the lines as received.
        names: names that occur in any of them.
        broken: lines that hold no object.
        duplicates: lines equal to an earlier one.
    """

    rows: list[Mapping[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    broken: list[Broken] = field(default_factory=list)
    duplicates: int = 0

    def text_of(self, _file: int, position: int) -> str:
        """The line of the record at that position; the first argument is there for the screen, which may hold several files."""
        return self.lines[self.numbers[position] - 1].decode("utf-8", "surrogateescape")

    def column(self, name: str) -> pa.Array:
        """One member of all objects as cleaned text; numbers and flags in their JSON form."""
        values = [row.get(name) for row in self.rows]
        try:
            return cleaned(values)
        except (pa.ArrowTypeError, pa.ArrowInvalid):  # not only text
            return cleaned([_text(value) for value in values])


def read_records(content: bytes, problem: str = "") -> Records:
    r"""Take a JSON Lines file apart; `problem` says what was wrong with its packing. UTF-16 with its mark is read, too.

    Example:
        >>> records = read_records(b'{"id": 7}\n\n{"id": 7}\n[1]\n{"id"')
        >>> records.rows, records.duplicates, [(line.line, line.rule) for line in records.broken]
        ([{'id': 7}], 1, [(4, 'no_object'), (5, 'no_object')])
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "replace").encode()
    records = Records(lines=content.split(b"\n"))
    if problem:
        records.broken.append(Broken(0, "truncated_file", problem, ""))
    rows = _plain_rows(content, records.lines)
    if rows is not None:
        records.rows, records.numbers = rows, list(range(1, len(rows) + 1))
        records.names.update(*rows)
        return records
    seen: set[bytes] = set()
    for number, line in enumerate(records.lines, start=1):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped in seen:
            records.duplicates += 1
            continue
        row = _object(stripped)
        if isinstance(row, str):
            records.broken.append(
                Broken(
                    number,
                    "no_object",
                    f"{row}; expected one JSON object per line",
                    line[:600].decode("utf-8", "surrogateescape"),
                )
            )
            continue
        seen.add(stripped)
        records.rows.append(row)
        records.numbers.append(number)
        records.names.update(row)
    return records


def _plain_rows(content: bytes, lines: list[bytes]) -> list[Mapping[str, Any]] | None:
    """The objects of a plain file, read in one go; None where it must be looked at line by line.

    Plain is what a database's rows give: every line is ASCII, begins with its only opening brace and ends with a closing one, and
    no two are equal. No text can reach over a line end, so that what is JSON as a whole then has one flat object per line.
    """
    count = len(lines) - 1
    if not content.isascii() or lines[-1] or len(set(lines)) != count + 1 or _STRANGE_ESCAPE.search(content):
        return None
    if content.count(b"{") != count or content.count(b"}\n") != count or not all(line.startswith(b"{") for line in lines[:-1]):
        return None
    try:
        rows: list[Mapping[str, Any]] = json.loads(b"[" + b",\n".join(lines[:-1]) + b"]")
    except (ValueError, RecursionError):
        return None
    return rows


def _object(line: bytes) -> Mapping[str, Any] | str:
    """The object, or why the line is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"the line is no JSON ({str(error)[:100]})"
    if not isinstance(value, dict):
        return f"the line holds a {type(value).__name__}"
    strange = any("\x00" in text or any("\ud800" <= one <= "\udfff" for one in text) for text in _texts(value))
    return "the line holds NUL characters or bytes that are no UTF-8" if strange else value


def _texts(value: Mapping[str, Any]) -> list[str]:
    return [
        text for pair in value.items() for text in pair if isinstance(text, str) and not (text.isascii() and "\x00" not in text)
    ]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and isfinite(value):
        return format(Decimal(repr(value)), "f")  # without an exponent, which no text column's numbers have
    # What stands nested has no place in a column; its JSON text shows it in quarantine.
    return json.dumps(value, ensure_ascii=True)
