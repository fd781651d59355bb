"""Events out of a block of a `queue_log`: the plain lines as columns, the others left as they are (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple

import numpy as np
import pyarrow as pa

from etl import line_bytes
from etl import queue_log_scan as scan
from etl.line_bytes import Bytes, Ints, Longs
from etl.lines import LONGEST_LINE_BYTES, Block, Lines, readable
from etl.queue_log import AGENT_PREFIXES, EVENTS, KNOWN_EVENTS, LONGEST_SECONDS, NO_TEXT

DICTIONARY = pa.dictionary(pa.int32(), pa.string())
TIMESTAMP = pa.timestamp("us", tz="UTC")


class PlainEvents:
    """Types plain lines of a source.

    Args:
        queues: name of the queue in the switch -> queue id.
    """

    def __init__(self, queues: Mapping[str, str]) -> None:
        self._queue_ids = sorted(set(queues.values()))
        codes = np.array([self._queue_ids.index(queue_id) for queue_id in queues.values()], np.int32)
        self._queues = (*_looked_up(list(queues)), codes)
        self._events = (*_looked_up(KNOWN_EVENTS), np.array([astuple(form) for form in EVENTS.values()], np.int32))
        self._prefixes = _packed(AGENT_PREFIXES)
        self._none, _ = _packed(["NONE"])

    def __call__(self, block: Block) -> tuple[pa.Table, Lines]:
        """The plain lines as rows (landing_row and the columns of QUEUE_EVENTS that a line itself tells), and all other lines."""
        data = np.frombuffer(block.data, np.uint8)
        marks, lines = line_bytes.marks(data, data[: len(data) // 8 * 8].view(np.uint64), _is_utf8(block.data))
        plains, codes, customers, agents, reasons, calls, odd = scan.scan(
            data, marks, lines, block.first, self._none, *self._prefixes, self._queues, self._events, LONGEST_SECONDS,
            LONGEST_LINE_BYTES,
        )  # fmt: skip
        rows = pa.table(
            {
                "landing_row": pa.array(plains[0]),
                "occurred_at": pa.array(plains[1]).cast(TIMESTAMP),
                "call_id": _named(codes[scan.CALL], _texts(data, *calls)),
                "queue_id": _named(codes[scan.QUEUE], pa.array(self._queue_ids, pa.string())),
                "agent_id": _named(codes[scan.AGENT], _texts(data, *agents)),
                "event": _named(codes[scan.EVENT], pa.array(KNOWN_EVENTS, pa.string())),
                "customer_id": _texts(data, *customers),
                "reason": _named(codes[scan.REASON], _texts(data, *reasons)),
                "held_seconds": pa.array(codes[scan.HELD].astype(np.float64)),
                "called_seconds": pa.array(codes[scan.CALLED].astype(np.float64)),
                "line_hash": pa.array(plains[2]),
            }
        )
        others = pa.Array.from_buffers(
            pa.large_binary(), odd.shape[1], [None, *map(pa.py_buffer, _large(data, odd[1], odd[2] - odd[1]))]
        )
        return rows, readable(others, pa.array(odd[0]))


def line_hashes(lines: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The hash of each line, as the plain ones have it."""
    texts = [bytes(scan.ROOM) + line.encode() for line in lines.to_pylist()]
    hashes = [scan.hash_of(np.frombuffer(text, np.uint8), scan.ROOM, len(text)) for text in texts]
    return pa.array(np.array(hashes, np.uint64).view(np.int64))


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        pa.array([data], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _packed(names: Sequence[str]) -> tuple[Bytes, Longs]:
    """Names one after another, and where they begin."""
    texts = [name.encode() for name in names]
    offsets = np.cumsum([scan.ROOM, *map(len, texts)], dtype=np.int64)
    return np.frombuffer(bytes(scan.ROOM) + b"".join(texts), np.uint8), offsets


def _looked_up(names: Sequence[str]) -> tuple[Bytes, Longs, Ints]:
    packed, offsets = _packed(names)
    return packed, offsets, scan.slots_of(packed, offsets)


def _large(data: Bytes, begins: Longs, lengths: Longs) -> tuple[Longs, Bytes]:
    texts, offsets = line_bytes.gathered(data, begins, lengths)
    return offsets.astype(np.int64), texts


def _texts(data: Bytes, begins: Longs, lengths: Longs) -> pa.Array:
    """Texts of the block; NO_TEXT where the length is negative."""
    texts, offsets = line_bytes.gathered(data, begins, lengths)
    return pa.Array.from_buffers(pa.string(), len(begins), [None, pa.py_buffer(offsets), pa.py_buffer(texts)])


def _named(codes: Ints, names: pa.Array) -> pa.Array:
    """Texts by their place among some names; NO_TEXT where the place is negative."""
    missing = codes < 0
    if missing.any():
        codes, names = np.where(missing, np.int32(len(names)), codes), pa.concat_arrays([names, _NO_NAME])
    return pa.DictionaryArray.from_arrays(pa.array(codes), names, safe=False)  # the scan counted the names itself


_NO_NAME = pa.array([NO_TEXT], pa.string())
