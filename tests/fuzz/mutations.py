"""Changes to a file that keep its form: lines, fields, JSON members, column types; what byte-wise changes hardly ever hit."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ODD_WORDS = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "1.5",
    "1,5",
    "1.234,5",
    "1e400",
    "nan",
    "inf",
    "9" * 30,
    "-0",
    "+1",
    "0x10",
    "٣",  # a digit of another script
    "1794474000",
    "1794474000000",
    "253402300800",
    "2026-10-25T02:30:00",
    "2026-10-25 02:30",
    "2026-03-29T02:30:00",
    "2026-11-12T08:00:00Z",
    "2026-11-12T08:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "12/11/2026 08:00",
    "null",
    "None",
    "NULL",
    "true",
    "support",
    "voice",
    "SIP/ann",
    "ABANDON",
    "COMPLETECALLER",
    "' OR 1=1 --",
    "=1+1",
    "../../etc/passwd",
    "a" * 3000,
    "\x00",
    "\ufeff",
    "\u2028",
    "é",
    "\U0001f600",
    '"',
    '""',
    "a\nb",
    "|",
    ",",
    ";",
)
_ODD_SHAPES: tuple[Any, ...] = (None, True, 0, -1, 1.5, 1e308, 10**30, [], {}, [[]], {"": None}, [None, 1], {"a": {"b": []}})
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_TYPES = (
    pa.string(),
    pa.int64(),
    pa.int8(),
    pa.float64(),
    pa.bool_(),
    pa.date32(),
    pa.timestamp("ns"),
    pa.timestamp("s", "UTC"),
    pa.time64("us"),
    pa.duration("s"),
    pa.decimal128(20, 4),
    pa.binary(),
    pa.large_string(),
    pa.null(),
    pa.list_(pa.int64()),
    pa.struct([("id", pa.string())]),
    pa.dictionary(pa.int32(), pa.string()),
)
_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp500")
_LINE_ENDS = (b"\r\n", b"\r", b"\n\n", b"\x00\n", b"\x85")


def mutation(content: bytes, random_state: random.Random, others: Sequence[bytes]) -> bytes:
    """The content with one to four changes of form.

    Args:
        content: a file.
        random_state: what chooses; the same state makes the same changes.
        others: further files, of which lines are taken.
    """
    if content.startswith(b"PAR1") and random_state.random() < 0.9:
        return _of_parquet(content, random_state)
    for _ in range(random_state.randint(1, 4)):
        change = random_state.choice(_CHANGES)
        content = change(content, random_state, others)
    return content


def _lines(content: bytes, state: random.Random, others: Sequence[bytes]) -> bytes:
    """Lines taken out, doubled, moved, joined or taken of another file."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at, to = state.randrange(len(lines)), state.randrange(len(lines))
    kind = state.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(to, lines[at])
    elif kind == 2:
        lines[at], lines[to] = lines[to], lines[at]
    elif kind == 3:
        lines[at] = lines[at].rstrip(b"\r\n")
    elif others:
        lines.insert(to, state.choice(state.choice(others).splitlines(keepends=True) or [b""]))
    return b"".join(lines)


def _field(content: bytes, state: random.Random, _: Sequence[bytes]) -> bytes:
    """A field emptied, made odd, doubled, swapped with its neighbour or taken of another line."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at = state.randrange(len(lines)) if state.random() < 0.8 else 0
    delimiter = max((b"|", b",", b";", b"\t"), key=lines[at].count)
    fields = lines[at].split(delimiter)
    place, kind = state.randrange(len(fields)), state.randrange(6)
    if kind <= 1:
        ending = b"\n" if fields[place].endswith(b"\n") else b""
        fields[place] = state.choice(ODD_WORDS).encode() + ending
    elif kind == 2:
        fields.insert(place, fields[place].rstrip(b"\r\n"))
    elif kind == 3:
        other = state.randrange(len(fields))
        fields[place], fields[other] = fields[other], fields[place]
    elif kind == 4:
        theirs = state.choice(lines).split(delimiter)
        fields[place] = theirs[min(place, len(theirs) - 1)]
    else:
        fields[place] = b'"' + fields[place].rstrip(b"\r\n") + b'"' + (b"\n" if place == len(fields) - 1 else b"")
    lines[at] = delimiter.join(fields)
    return b"".join(lines)


def _number(content: bytes, state: random.Random, _: Sequence[bytes]) -> bytes:
    """A number made another: near it, a thousand times it, its negative, or an odd word."""
    found = list(_NUMBER.finditer(content))
    if not found:
        return content
    match = state.choice(found)
    digits = match.group()
    ways = (b"-" + digits, digits + b"000", digits[:-1] or b"0", str(len(digits)).encode(), state.choice(ODD_WORDS).encode())
    return content[: match.start()] + state.choice(ways) + content[match.end() :]


def _member(content: bytes, state: random.Random, _: Sequence[bytes]) -> bytes:
    """A member of a JSON line taken out, renamed, or given a value of another kind."""
    lines = content.splitlines(keepends=True)
    objects = [number for number, line in enumerate(lines) if line.lstrip().startswith(b"{") and len(line) < 20_000]
    if not objects:
        return content
    at = state.choice(objects)
    try:
        value = json.loads(lines[at])
    except (ValueError, RecursionError):
        return content
    places = list(_places(value))
    if not places:
        return content
    holder, key = state.choice(places)
    kind = state.randrange(4)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[str(key) + state.choice(ODD_WORDS)] = holder.pop(key)
    elif kind == 2:
        other, name = state.choice(places)
        holder[key] = json.loads(json.dumps(other.get(name) if isinstance(other, dict) else None))
    else:
        holder[key] = state.choice((*_ODD_SHAPES, *ODD_WORDS))
    lines[at] = json.dumps(value, ensure_ascii=state.random() < 0.5).encode("utf-8", "surrogatepass") + b"\n"
    return b"".join(lines)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value at which another value may be put."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [place for key in keys for place in ((value, key), *_places(value[key]))]


def _whole(content: bytes, state: random.Random, _: Sequence[bytes]) -> bytes:
    """Another encoding, other line ends, packed, cut off, twice."""
    kind = state.randrange(8)
    if kind == 0:
        return b"\xef\xbb\xbf" + content
    if kind == 1:
        return content.decode("utf-8", "replace").encode(state.choice(_ENCODINGS), "replace")
    if kind == 2:
        return content.replace(b"\n", state.choice(_LINE_ENDS))
    if kind == 3:
        return gzip.compress(content, mtime=0)
    if kind == 4:
        return gzip.compress(content, mtime=0)[: state.randint(0, 200)]
    if kind == 5:
        return content[: state.randint(0, len(content))]
    if kind == 6:
        return content.rstrip(b"\r\n") + b"\n" + content
    return content.replace(state.choice([b",", b"|", b'"', b" "]), state.choice([b";", b"\t", b",", b""]))


def _of_parquet(content: bytes, state: random.Random) -> bytes:
    """The same table with a column of another type, name or content, doubled, dropped, or its rows repeated."""
    try:
        rows = pq.read_table(io.BytesIO(content))
        for _ in range(state.randint(1, 3)):
            rows = _of_table(rows, state)
        kept = io.BytesIO()
        pq.write_table(rows, kept, row_group_size=state.choice([1, 2, 1000]), compression="none")
    except (pa.ArrowException, OSError, ValueError, IndexError, OverflowError):
        return content
    return kept.getvalue()


def _of_table(rows: pa.Table, state: random.Random) -> pa.Table:
    if not rows.num_columns:
        return rows
    at, kind = state.randrange(rows.num_columns), state.randrange(6)
    name = rows.column_names[at]
    if kind == 0:
        return rows.remove_column(at)
    if kind == 1:
        return rows.append_column(name, rows.column(at))
    if kind == 2:
        return rows.rename_columns([f"{one}{state.choice(ODD_WORDS)}" if one == name else one for one in rows.column_names])
    if kind == 3:
        return pa.concat_tables([rows, rows.slice(0, state.randint(0, rows.num_rows))])
    if kind == 4:
        words = [state.choice([*ODD_WORDS, None]) for _ in range(rows.num_rows)]
        return rows.set_column(at, name, pa.array(words, pa.string()))
    kind_of_values = state.choice(_TYPES)
    values: pa.Array | pa.ChunkedArray
    try:
        values = rows.column(at).cast(kind_of_values)
    except pa.ArrowException:
        values = pa.nulls(rows.num_rows, kind_of_values)
    return rows.set_column(at, name, values)


_Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
_CHANGES: tuple[_Change, ...] = (_lines, _field, _field, _number, _member, _member, _whole)
