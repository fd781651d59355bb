"""Machine code for the event loops: numba behind a decorator that keeps the function's type."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile in nopython mode on first call; the machine code is cached beside the source where that is writable."""
    return cast("Callable[_P, _R]", numba.njit(cache=True)(function))
