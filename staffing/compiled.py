"""Compilation of the inner loops, and their spreading over the machine's cores."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])

ROWS_WORTH_A_THREAD = 4096


def compiled(function: Function) -> Function:
    """The function compiled to machine code, kept on disk between processes where a folder for it can be written.

    The compiled function lets other threads run meanwhile (`spread` uses that). Threads of our own instead of numba's `prange`:
    numba's thread pools do not survive a fork, and a scheduler forks its tasks.

    Numba keeps compiled code by the date of ONE file, the function's own. So compiled functions that call each other stand in one
    module; otherwise a change in one module would leave old code running in another.

    Example:
        >>> @compiled
        ... def twice(number):
        ...     return 2 * number
        >>> twice(21)
        42
    """
    try:
        return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        # No writable folder for the cache, or a function without a file: compile in each process anew.
        return cast(Function, numba.njit(nogil=True, error_model="numpy")(function))


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
