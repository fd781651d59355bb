"""Where Arrow takes memory from while rows are made in portions, and how what is free is given back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


@contextmanager
def system_memory() -> Iterator[None]:
    """Have Arrow take memory from the C library, as NumPy does, until the block (or the function so decorated) ends.

    Arrow's own allocator asks the kernel for huge pages and soon gives back what is free. Where one portion of rows follows
    another, the kernel then clears pages for each of them (benchmarks/RESULTS.md tells how much that was).

    Example:
        >>> with system_memory():
        ...     pa.default_memory_pool().backend_name
        'system'
    """
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


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
