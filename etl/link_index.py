"""On which dates something stands: sorted pairs of a name's hash and a date, looked up without reading the dates (pure).

Pairs are only ever added: one that no longer holds makes a reader look at a date in vain, and harms nothing else. They lie in
segments, each several times as large as the one after it, so that there are few of them however many nights there were.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Pairs = npt.NDArray[np.uint64]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_GROWTH = 4


def joined(segments: Sequence[Pairs]) -> Pairs:
    """The pairs of several segments, each once: hashes in the first row, dates (days since 1970) in the second.

    Example:
        >>> one, other = np.array([[5, 7], [1, 1]], np.uint64), np.array([[5, 5], [1, 2]], np.uint64)
        >>> joined([one, other]).tolist()
        [[5, 5, 7], [1, 2, 1]]
    """
    pairs = np.concatenate(segments, axis=1)
    pairs = pairs[:, np.lexsort((pairs[1], pairs[0]))]
    fresh = np.ones(pairs.shape[1], np.bool_)
    fresh[1:] = (pairs[0, 1:] != pairs[0, :-1]) | (pairs[1, 1:] != pairs[1, :-1])
    return pairs[:, fresh]


def joined_from(sizes: Sequence[int]) -> int:
    """The first of the segments that are to be put together, so that each is several times as large as the one after it.

    Args:
        sizes: pairs of each segment, the oldest first.

    Example:
        >>> joined_from([1000, 100, 10]), joined_from([1000, 30, 10]), joined_from([50, 30, 10])
        (3, 1, 0)
    """
    first, size = len(sizes), 0
    for place in range(len(sizes) - 1, -1, -1):
        if place < len(sizes) - 1 and sizes[place] > _GROWTH * (size + sum(sizes[place + 1 : first])):
            break
        if place < len(sizes) - 1:
            size += sum(sizes[place:first])
            first = place
    return first


def found_in(segment: Pairs, hashes: Longs | Pairs) -> tuple[Longs, Longs]:
    """Places of those hashes that a segment holds, and the dates it has for them, one pair per date.

    Example:
        >>> segment = np.array([[5, 5, 7], [1, 2, 1]], np.uint64)
        >>> [found.tolist() for found in found_in(segment, np.array([7, 6, 5], np.uint64))]
        [[0, 2, 2], [1, 1, 2]]
    """
    first = np.searchsorted(segment[0], hashes, side="left")
    counts = np.searchsorted(segment[0], hashes, side="right") - first
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    days = np.asarray(segment[1][np.repeat(first, counts) + offsets]).astype(np.int64)
    return np.repeat(np.arange(len(hashes)), counts), days


def near(name: Longs, day: Longs, asked_name: Longs, asked_day: Longs, most_days: Longs) -> Flags:
    """Which of a name's dates can be reached from a date that is asked for, in steps of a few days at most.

    Args:
        name: number of the name of each known date.
        day: the known dates.
        asked_name: number of the name of each date asked for.
        asked_day: the dates asked for.
        most_days: the longest step, by number of the name.

    Returns:
        One flag per known date.

    Example:
        >>> zeros = np.zeros(4, np.int64)
        >>> near(zeros, np.array([1, 3, 9, 12]), zeros[:1], np.array([5]), np.array([2])).tolist()
        [True, True, False, False]
    """
    names, days = np.concatenate([name, asked_name]), np.concatenate([day, asked_day])
    order = np.lexsort((days, names))
    apart = np.ones(len(order), np.bool_)
    apart[1:] = (np.diff(names[order]) != 0) | (np.diff(days[order]) > most_days[names[order][1:]])
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(apart) - 1
    reached = np.zeros(len(order), np.bool_)
    reached[group[len(name) :]] = True
    return np.asarray(reached[group[: len(name)]])
