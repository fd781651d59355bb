"""A file of a source in blocks: where it may be cut, and how far it is complete (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

Growth = Literal["lines", "messages", "whole"]
"""How a file of a source may grow: by lines, by mail messages, or only by being replaced."""

WHOLE = (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
"""How packed files and texts in UTF-16 begin: no byte tells where a line of theirs ends, so that they come whole."""


def blocks_of(read: Iterable[bytes]) -> Iterator[bytes]:
    """A file's bytes from a place on; the first block is long enough to tell what the file is."""
    blocks = iter(read)
    head = b""
    for block in blocks:
        head += block
        if len(head) >= len(WHOLE[0]):
            break
    if head:
        yield head
    yield from blocks


class Ending:
    """How far a file is complete, told block by block.

    Args:
        growth: how it grows.
    """

    def __init__(self, growth: Growth) -> None:
        self.size = 0
        self.begins_whole = growth == "whole"
        self._mark = b"\n" if growth == "lines" else b"\nFrom "
        self._before = b""
        self._cut = 0

    @property
    def complete(self) -> int:
        """Where the last complete line or message ends."""
        return self.size if self._before.endswith(b"\n") else self._cut

    def add(self, block: bytes) -> None:
        """Look at the next block."""
        if self.size == 0:
            self.begins_whole = self.begins_whole or block.startswith(WHOLE)
        place, begin = block.rfind(self._mark), self.size
        if place < 0:  # it may begin in the block before
            place, begin = (self._before + block[: len(self._mark)]).rfind(self._mark), self.size - len(self._before)
        if place >= 0:
            self._cut = begin + place + 1
        self.size += len(block)
        self._before = (self._before + block[-len(self._mark) :])[-len(self._mark) :]


class Parts:
    """The blocks of a file in parts that end with a line.

    Args:
        blocks: the blocks; the first one tells what the file is.
        begin: where in the file they begin.
        growth: how it grows.
        most_bytes: a part ends with the line that reaches so many bytes; 0 for one part.
    """

    def __init__(self, blocks: Iterator[bytes], begin: int, growth: Growth, most_bytes: int) -> None:
        self._left = True
        self._blocks = blocks
        self._next = next(blocks, b"")
        whole = growth != "lines" or (begin == 0 and self._next.startswith(WHOLE))
        self._most = 0 if whole else most_bytes

    def left(self) -> bool:
        """Whether there is another part: an empty file has one."""
        return self._left

    def next_part(self) -> Iterator[bytes]:
        """The blocks of the next part."""
        size = 0
        while self._next:
            block, self._next = self._next, b""
            # Where it ends does not depend on the blocks the file is read in.
            end = block.find(b"\n", max(self._most - size - 1, 0)) + 1 if 0 < self._most <= size + len(block) else 0
            if end:
                block, self._next = block[:end], block[end:]
            size += len(block)
            self._next = self._next or next(self._blocks, b"")
            yield block
            if end:
                break
        self._left = bool(self._next)
