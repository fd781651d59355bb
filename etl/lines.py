"""Text files of one row per line, taken apart so that every line is accounted for."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.compressed import unpacked
from etl.delimited import Broken

LONGEST_LINE_BYTES = 1 << 20
"""A longer line is no row of any source read by lines; it is put aside."""

_BLANK_BELOW = 8  # only files with lines this short are searched for blank ones

EMPTY_FILE = "the file is empty; check the export and send it again"


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a file.

    Args:
        texts: the lines that can be read, without their ends; blank lines are left out.
        numbers: their numbers in the file, from 1.
        broken: lines that cannot be read, and problems of the file as a whole (line 0).
    """

    texts: pa.Array
    numbers: pa.Array
    broken: Sequence[Broken]


def read_lines(content: bytes) -> Lines:
    r"""Take the content of a landed piece apart into lines.

    Gzip is unpacked as far as it goes, a byte order mark is skipped, LF and CRLF may be mixed. Lines that are no UTF-8, hold NUL
    bytes or are longer than a megabyte are broken. Of a truncated archive the last line is broken unless it ends properly.

    Args:
        content: bytes as received.

    Example:
        >>> lines = read_lines(b"one\r\n\n\xfftwo\nthree")
        >>> lines.texts.to_pylist(), lines.numbers.to_pylist()
        (['one', 'three'], [1, 4])
        >>> [(line.line, line.rule) for line in lines.broken]
        [(3, 'wrong_encoding')]
    """
    data, problem = unpacked(content)
    broken: list[Broken] = []
    if problem:
        broken.append(Broken(0, "truncated_file", problem, ""))
    elif not data.strip():
        return Lines(pa.array([], pa.string()), pa.array([], pa.int64()), [Broken(0, "empty_file", EMPTY_FILE, "")])
    data = data.removeprefix(codecs.BOM_UTF8)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode()
    pieces = pc.split_pattern(pa.array([data], pa.large_binary()), b"\n").flatten()
    if not pieces[len(pieces) - 1].as_py():
        pieces = pieces.slice(0, len(pieces) - 1)
    numbers = pa.array(np.arange(1, len(pieces) + 1, dtype=np.int64))
    if problem and data and not data.endswith(b"\n"):
        text = pieces[len(pieces) - 1].as_py().decode("utf-8", "replace")
        broken.append(Broken(len(pieces), "truncated_file", f"the line was cut off: {problem}", text))
        pieces, numbers = pieces.slice(0, len(pieces) - 1), numbers.slice(0, len(pieces) - 1)
    pieces, numbers = _without_unreadable(pieces, numbers, b"\0" in data, broken)
    texts = pieces.cast(pa.string())
    if b"\r" in data:
        texts = pc.utf8_rtrim(texts, "\r")
    if (pc.min(pc.binary_length(texts)).as_py() or 0) < _BLANK_BELOW:
        filled = pc.not_equal(pc.utf8_trim_whitespace(texts), "")
        texts, numbers = texts.filter(filled), numbers.filter(filled)
    return Lines(texts, numbers, broken)


def _without_unreadable(pieces: pa.Array, numbers: pa.Array, has_nul: bool, broken: list[Broken]) -> tuple[pa.Array, pa.Array]:
    """The lines that are text of a sane length; the others are added to `broken`."""
    longest = pc.max(pc.binary_length(pieces)).as_py() or 0
    if not has_nul and longest <= LONGEST_LINE_BYTES:
        try:
            pieces.cast(pa.string())
        except pa.ArrowInvalid:
            pass
        else:
            return pieces, numbers
    good = []
    for number, line in zip(numbers.to_pylist(), pieces.to_pylist(), strict=True):
        rule, reason = _unreadable(line)
        good.append(not rule)
        if rule:
            broken.append(Broken(number, rule, reason, line[:2000].decode("utf-8", "replace")))
    mask = pa.array(good, pa.bool_())
    return pieces.filter(mask), numbers.filter(mask)


def _unreadable(line: bytes) -> tuple[str, str]:
    if len(line) > LONGEST_LINE_BYTES:
        return "line_too_long", f"the line has {len(line)} bytes, at most {LONGEST_LINE_BYTES} are read; check the export"
    if b"\0" in line:
        return "wrong_encoding", "the line holds NUL bytes; the file was damaged or is no text: send it again"
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return "wrong_encoding", f"the line is no UTF-8 ({error.reason} at byte {error.start}); export the file as UTF-8"
    return "", ""
