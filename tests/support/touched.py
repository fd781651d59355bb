"""Which tables of the lake a piece of work reads and writes, seen where the lake is asked for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from warehouse.lake import Lake


@dataclass
class Touched:
    """Names of tables."""

    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


@contextmanager
def touching() -> Iterator[Touched]:
    """Watch every lake of this process while the block lasts.

    A table counts as read when its files are asked for, whether there are any; not when it is only listed which partitions there
    are. What is read of a table that is written, too, is what stood in it before.
    """
    touched, inside = Touched(), threading.local()
    kept = {name: getattr(Lake, name) for name in ("files", "partitions", "content_hash", "path", "_write")}

    def watched(name: str, note: Callable[[Any], None]) -> Callable[..., Any]:
        real = kept[name]

        def method(self: Lake, table: Any, *args: Any, **options: Any) -> Any:
            if not getattr(inside, "deep", False):
                note(table)
                inside.deep = True
                try:
                    return real(self, table, *args, **options)
                finally:
                    inside.deep = False
            return real(self, table, *args, **options)

        return method

    def reads(table: Any) -> None:
        touched.read.add(table.name)

    def writes(table: Any) -> None:
        touched.written.add(table.name)

    notes = {"files": reads, "content_hash": reads, "path": reads, "partitions": lambda table: None, "_write": writes}
    try:
        for name, note in notes.items():
            setattr(Lake, name, watched(name, note))
        yield touched
    finally:
        for name, real in kept.items():
            setattr(Lake, name, real)
