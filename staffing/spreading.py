"""Work on many rows spread over the machine's cores."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

ROWS_WORTH_A_THREAD = 4096


def spread(work: Callable[[int, int], object], rows: int) -> None:
    """Call `work(first, behind_last)` on consecutive slices that together cover `rows`, on all cores this process may use.

    `work` writes its results into arrays of its own and must not depend on how the rows are cut.

    Example:
        >>> done = []
        >>> spread(lambda first, behind_last: done.append((first, behind_last)), 3)
        >>> done
        [(0, 3)]
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    slices = min(cores * 8, rows // ROWS_WORTH_A_THREAD)  # more slices than cores: rows differ in cost
    if slices < 2 or cores < 2:
        work(0, rows)
        return
    edges = [rows * part // slices for part in range(slices + 1)]
    with ThreadPoolExecutor(cores) as pool:
        for done in [pool.submit(work, *pair) for pair in itertools.pairwise(edges)]:
            done.result()
