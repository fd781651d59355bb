"""Where Arrow takes memory from while rows are made in portions."""

from __future__ import annotations

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
