"""Vectorised text: columns of numbers and strings joined into lines, and lines cut into day files.

No per-row Python: strings are pyarrow arrays, fixed-width stamps are painted digit by digit with numpy. A string array's data
buffer holds its lines back to back, so the bytes of a file are one slice of it.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from demo.clock import Clock, IntArray

Text: TypeAlias = pa.Array
"""A pyarrow array of large strings."""

_ASCII_ZERO = ord("0")


def join(*parts: str | Text | IntArray) -> Text:
    """Concatenate constants and columns row by row; integers are written in decimal.

    Example:
        >>> join("A", np.array([1, 20]), "|").to_pylist()
        ['A1|', 'A20|']
    """
    columns: list[pa.Array | pa.Scalar] = []
    for part in parts:
        if isinstance(part, str):
            columns.append(pa.scalar(part, pa.large_string()))
        elif isinstance(part, np.ndarray):
            columns.append(pc.cast(pa.array(part), pa.large_string()))
        else:
            columns.append(part)
    return pc.binary_join_element_wise(*columns, pa.scalar("", pa.large_string()))


def choose(table: list[str] | tuple[str, ...], index: IntArray) -> Text:
    """The table's entry for every index."""
    return pa.array(list(table), pa.large_string()).take(pa.array(index))


def where(condition: npt.NDArray[np.bool_], yes: str | Text, no: str | Text) -> Text:
    """Row-wise choice between two texts, as `numpy.where`."""
    sides = [pa.scalar(side, pa.large_string()) if isinstance(side, str) else side for side in (yes, no)]
    return pc.if_else(pa.array(condition), *sides)


def _from_bytes(matrix: npt.NDArray[np.uint8]) -> Text:
    """Rows of a byte matrix as strings of one width."""
    rows, width = matrix.shape
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    data = np.ascontiguousarray(matrix)
    return pa.LargeStringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def digits(values: IntArray, width: int) -> Text:
    """Non-negative integers with leading zeros.

    Example:
        >>> digits(np.array([7, 42]), 4).to_pylist()
        ['0007', '0042']
    """
    return _from_bytes(_digit_matrix(values, width))


def _digit_matrix(values: IntArray, width: int) -> npt.NDArray[np.uint8]:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return ((np.asarray(values, np.int64)[:, None] // powers) % 10 + _ASCII_ZERO).astype(np.uint8)


def stamp(seconds: IntArray, pattern: str) -> Text:
    """Epoch seconds written by a pattern of Y, m, d, H, M, S runs, e.g. ``YYYY-mm-ddTHH:MM:SSZ``.

    Letters other than the runs ``YYYY``, ``mm``, ``dd``, ``HH``, ``MM``, ``SS`` stand for themselves.

    Example:
        >>> stamp(np.array([1_731_310_812]), "YYYY-mm-ddTHH:MM:SS.000Z").to_pylist()
        ['2024-11-11T07:40:12.000Z']
    """
    moment = np.asarray(seconds, np.int64).astype("datetime64[s]")
    day = moment.astype("datetime64[D]")
    month = moment.astype("datetime64[M]")
    year = moment.astype("datetime64[Y]")
    within = (moment - day).astype(np.int64)
    fields = {
        "YYYY": year.astype(np.int64) + 1970,
        "mm": (month - year).astype(np.int64) + 1,
        "dd": (day - month).astype(np.int64) + 1,
        "HH": within // 3600,
        "MM": within // 60 % 60,
        "SS": within % 60,
    }
    matrix = np.tile(np.frombuffer(pattern.encode("ascii"), np.uint8), (len(moment), 1))
    for mark, values in fields.items():
        at = pattern.find(mark)
        if at >= 0:
            matrix[:, at : at + len(mark)] = _digit_matrix(values, len(mark))
    return _from_bytes(matrix)


def local_stamp(seconds: IntArray, clock: Clock, pattern: str, *, colon: bool) -> Text:
    """Local wall-clock time by the pattern followed by the UTC offset, +01:00 or +0100."""
    offset = clock.offset(seconds)
    hours = np.asarray(offset // 3600, np.int64)
    zones = ["+00:00", "+01:00", "+02:00"] if colon else ["+0000", "+0100", "+0200"]
    return join(stamp(seconds + offset, pattern), choose(zones, hours))


def uuids(count: int, rng: np.random.Generator) -> Text:
    """Random version-4 UUIDs in their usual notation."""
    raw = rng.integers(0, 256, (count, 16), dtype=np.uint8)
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    nibble = np.frombuffer(b"0123456789abcdef", np.uint8)
    letters = np.empty((count, 32), np.uint8)
    letters[:, 0::2] = nibble[raw >> 4]
    letters[:, 1::2] = nibble[raw & 15]
    out = np.full((count, 36), ord("-"), np.uint8)
    for source, target, width in ((0, 0, 8), (8, 9, 4), (12, 14, 4), (16, 19, 4), (20, 24, 12)):
        out[:, target : target + width] = letters[:, source : source + width]
    return _from_bytes(out)


def in_order(pieces: list[Text], moment: list[IntArray], rank: list[int]) -> tuple[Text, IntArray]:
    """Merge blocks of lines by time, then rank, then position; returns the lines and their times. Empties `pieces`."""
    times = np.concatenate(moment)
    ranks = np.repeat(np.array(rank, np.int64), [len(block) for block in moment])
    order = np.lexsort((ranks, times))
    together = pa.concat_arrays(pieces)
    pieces.clear()  # hundreds of megabytes: gone before the ordered copy is made
    return together.take(pa.array(order)), times[order]


def cut(lines: Text, edges: IntArray) -> Iterator[bytes]:
    """The lines edges[i] .. edges[i + 1] as bytes, for every i; every line brings its own line end."""
    buffers = lines.buffers()
    offsets = np.frombuffer(buffers[1], np.int64, len(lines) + 1)
    data = memoryview(buffers[2]) if buffers[2] is not None else memoryview(b"")
    for begin, until in pairwise(edges):
        yield bytes(data[offsets[begin] : offsets[until]])


def gzip_file(path: Path, content: bytes) -> None:
    """Write gzip with neither name nor time in its header, so that equal contents give equal bytes."""
    path.write_bytes(gzip.compress(content, compresslevel=5, mtime=0))
