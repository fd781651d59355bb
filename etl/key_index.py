"""Which batches hold a key: sorted hashes of the keys of a batch, and of many batches together (pure).

A lookup costs by the keys looked for, not by those that are known: a night's keys are searched in some sorted arrays instead of
being compared with all rows ever staged. Arrays of single batches are put together by sixteen and again by sixteen, so that there
are few of them however many nights there were, and each hash is moved twice at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

_TOGETHER = (256, 16, 1)


def blocks(rows: Sequence[int], most_rows: int) -> Iterator[range]:
    """Places of batches that are put together, in order.

    Blocks begin at multiples of their size, so that a batch that is added changes no block before it.

    Args:
        rows: rows of each batch.
        most_rows: rows of a block; a batch with more stands alone.

    Example:
        >>> [len(block) for block in blocks([10] * 35, 1000)], [len(block) for block in blocks([10] * 35, 100)][:3]
        ([16, 16, 1, 1, 1], [1, 1, 1])
    """
    start = 0
    while start < len(rows):
        for size in _TOGETHER:
            fits = start % size == 0 and start + size <= len(rows)
            if size == 1 or (fits and sum(rows[start : start + size]) <= most_rows):
                yield range(start, start + size)
                start += size
                break


def parts_of(block: range) -> list[range]:
    """The smaller blocks that a block is put together from; none for a single batch.

    Example:
        >>> parts_of(range(16, 32))[0], len(parts_of(range(256)))
        (range(16, 17), 16)
    """
    size = len(block) // 16
    return [range(start, start + size) for start in range(block.start, block.stop, size)] if size else []


def single(hashes: Hashes) -> Hashes:
    """The array of one batch: its hashes in order, and which batch of the block each is of."""
    found = np.unique(hashes)
    return np.stack([found, np.zeros(len(found), dtype=np.uint64)])


def joined(parts: Sequence[Hashes], sizes: Sequence[int]) -> Hashes:
    """The array of several blocks that follow each other.

    Args:
        parts: their arrays.
        sizes: how many batches each is of.
    """
    firsts = np.cumsum([0, *sizes[:-1]]).astype(np.uint64)
    hashes = np.concatenate([part[0] for part in parts])
    batch = np.concatenate([part[1] + first for part, first in zip(parts, firsts, strict=True)])
    order = np.argsort(hashes, kind="stable")
    return np.stack([hashes[order], batch[order]])


def holders(block: Hashes, wanted: Hashes) -> set[int]:
    """Batches of a block that hold any of the hashes.

    Example:
        >>> night = joined([single(np.array([5, 7], np.uint64)), single(np.array([7, 9], np.uint64))], [1, 1])
        >>> sorted(holders(night, np.array([7], np.uint64))), sorted(holders(night, np.array([6, 9], np.uint64)))
        ([0, 1], [1])
    """
    first = np.searchsorted(block[0], wanted, side="left")
    behind = np.searchsorted(block[0], wanted, side="right")
    counts = behind - first
    hit = counts > 0
    if not hit.any():
        return set()
    starts, counts = first[hit], counts[hit]
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return set(np.unique(block[1][np.repeat(starts, counts) + offsets]).astype(int).tolist())
