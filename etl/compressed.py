"""Bytes as received, unpacked where they are gzip, as a whole or as a stream that never holds them all."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_GZIP = b"\x1f\x8b"
_STEP = 4 << 20
_CONTAINER = 31  # zlib's window size with "expect a gzip header" added
MOST_BYTES = 4 << 30
"""Largest content that a landed piece may unpack to."""
MOST_TIMES = 250
"""Logs and exports shrink to a tenth or a fiftieth. What grows more than this many times is no such file ..."""
_HARMLESS_BYTES = 256 << 20  # ... unless it stays so small that it does not matter


def unpacked(content: bytes, most_bytes: int = MOST_BYTES) -> tuple[bytes, str]:
    """The content, unpacked if it is gzip (also several members in a row), and what was wrong with it.

    Args:
        content: bytes of a landed piece.
        most_bytes: more than this is not unpacked: a small file that grows beyond all measure is an attack or a mistake.

    Returns:
        What could be unpacked, and "" or the problem in words: a truncated or damaged archive gives the part before the damage,
        one that grows beyond measure nothing.

    Example:
        >>> import gzip
        >>> unpacked(gzip.compress(b"a,b"))
        (b'a,b', '')
        >>> unpacked(gzip.compress(b"a,b")[:-4])
        (b'a,b', 'the gzip file is cut off: 3 bytes could be unpacked; send it again')
    """
    if not content.startswith(_GZIP):
        return content, ""
    unpacking = Unpacking([content], most_bytes)
    parts = list(unpacking)
    return (b"" if unpacking.beyond_measure else b"".join(parts)), unpacking.problem


class Unpacking:
    """Blocks of a file, unpacked if it is gzip (also several members in a row), one after another.

    When the last one was given, `problem` says what was wrong ("" if nothing): a damaged archive gives the blocks before the
    damage, one that grows beyond measure those before the limit, and then `beyond_measure` is set.

    Args:
        blocks: the file's bytes.
        most_bytes: at most this much is unpacked.

    Example:
        >>> import gzip
        >>> packed = gzip.compress(b"one") + gzip.compress(b"two")
        >>> b"".join(Unpacking(packed[place:place + 1] for place in range(len(packed))))
        b'onetwo'
    """

    def __init__(self, blocks: Iterable[bytes], most_bytes: int = MOST_BYTES) -> None:
        self.problem = ""
        self.beyond_measure = False
        self._blocks = iter(blocks)
        self._most_bytes = most_bytes

    def __iter__(self) -> Iterator[bytes]:
        head = b""
        for block in self._blocks:
            head += block
            if len(head) >= len(_GZIP):
                break
        if head.startswith(_GZIP):
            yield from self._members(head)
            return
        if head:
            yield head
        yield from self._blocks

    def _members(self, data: bytes) -> Iterator[bytes]:
        size, packed = 0, len(data)
        member = zlib.decompressobj(_CONTAINER)
        fresh = False  # whether the member has no bytes yet: a file may end there
        while True:
            if member.eof:
                data = member.unused_data.lstrip(b"\0")  # tapes and block devices fill up with zeros
                member, fresh = zlib.decompressobj(_CONTAINER), True
            if not data:
                data = next(self._blocks, b"")
                packed += len(data)
                data = data.lstrip(b"\0") if fresh else data
            if not data:
                break
            try:
                part = member.decompress(data, _STEP)
            except zlib.error as error:
                self.problem = f"the gzip file is damaged after {size} unpacked bytes ({error}); send it again"
                return
            fresh, data = False, member.unconsumed_tail
            size += len(part)
            if size > self._most_bytes or (size > _HARMLESS_BYTES and size > MOST_TIMES * packed):
                self.beyond_measure = True
                most = min(self._most_bytes, max(_HARMLESS_BYTES, MOST_TIMES * packed))
                self.problem = f"the gzip file unpacks to more than {most} bytes; split it and send the parts"
                return
            if part:
                yield part
        if not fresh and not member.eof:
            self.problem = f"the gzip file is cut off: {size} bytes could be unpacked; send it again"
