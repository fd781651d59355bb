"""Lines of a `queue_log` as they were received: whether they stand in order, and which say what was said before (pure)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from enterprise.compiled import compiled

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_FEW = 32


@compiled
def stand_in_order(occurred: Longs, pieces: Longs, lines: Longs) -> bool:
    """Whether lines stand in the order of time, those of one instant in the order of receipt."""
    for row in range(1, len(occurred)):
        if occurred[row] < occurred[row - 1]:
            return False
        if occurred[row] == occurred[row - 1] and (
            pieces[row] < pieces[row - 1] or (pieces[row] == pieces[row - 1] and lines[row] < lines[row - 1])
        ):
            return False
    return True


@compiled
def repeated(occurred: Longs, hashes: Longs) -> Flags:
    """Which of some lines in the order of time, then of receipt, were there before: same instant, same hash."""
    again = np.zeros(len(occurred), np.bool_)
    begin = 0
    while begin < len(occurred):
        end = begin + 1
        while end < len(occurred) and occurred[end] == occurred[begin]:
            end += 1
        if end - begin <= _FEW:
            for row in range(begin + 1, end):
                for earlier in range(begin, row):
                    if hashes[earlier] == hashes[row]:
                        again[row] = True
                        break
        else:
            order = np.argsort(hashes[begin:end], kind="mergesort")
            for place in range(1, end - begin):
                if hashes[begin + order[place]] == hashes[begin + order[place - 1]]:
                    again[begin + order[place]] = True
        begin = end
    return again
