"""Where Arrow takes memory from while rows are made in portions, and how what is free is given back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

_KEEPS = (
    (-3, 32 << 20),  # M_MMAP_THRESHOLD, its highest value: smaller pieces come out of what was freed
    (-1, 1 << 30),  # M_TRIM_THRESHOLD: so much may lie free at the end of a heap
)
"""Options of glibc's `mallopt` (malloc.h), which stay set."""


@contextmanager
def steady_memory() -> Iterator[None]:
    """Have Arrow take memory from the C library, which keeps what is freed until the block (or the function so decorated) ends.

    Where one portion of rows follows another, each would else get pages anew, which the kernel has to clear: a quarter of the
    processor time of conforming a log (benchmarks/RESULTS.md). What is free at the end goes back to the kernel. Arrow's own code
    takes memory from the C library in every respect only where `ARROW_DEFAULT_MEMORY_POOL` said so when Arrow was loaded: the
    command line and the deployments see to that. Elsewhere than with glibc, Arrow's allocator is all that changes.

    Example:
        >>> with steady_memory():
        ...     pa.default_memory_pool().backend_name
        'system'
    """
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    if (set_option := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        for option, value in _KEEPS:
            set_option(option, value)
    try:
        yield
    finally:
        pa.set_memory_pool(before)
        give_back()


@contextmanager
def only_new_garbage() -> Iterator[None]:
    """Have Python look for garbage only among what is made from now on, until the block (or the function so decorated) ends.

    Libraries and settings are some hundred thousand objects that stay: to go through them again and again costs time and frees
    nothing.

    Example:
        >>> with only_new_garbage():
        ...     gc.get_freeze_count() > 0
        True
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def give_back() -> None:
    """Have the C library give the kernel back what is free; elsewhere than with glibc, nothing.

    It keeps what was freed, for whoever asks next in the same thread; threads that work in turn each keep their own.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
