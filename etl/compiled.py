"""Compilation of the few loops that look at every byte or every event of a source."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function as machine code that lets other threads run meanwhile, kept on disk where a folder for it can be written.

    Compiled functions that call each other stand in one module: numba keeps compiled code by the date of one file.

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
