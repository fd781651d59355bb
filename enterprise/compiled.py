"""Compilation of the few loops that look at every byte, event or interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function compiled to machine code, kept on disk between processes where a folder for it can be written.

    It lets other threads run meanwhile. Threads of our own instead of numba's `prange`: numba's thread pools do
    not survive a fork, and a scheduler forks its tasks.

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
