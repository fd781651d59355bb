"""Something done right before the n-th statement of a connection: how tests let a publisher die at any point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg


@dataclass
class Counter:
    """Statements of a connection so far, transactions' own included."""

    at: int | None = None
    act: Callable[[], None] = field(default=lambda: None)
    statements: int = 0
    committed: int = 0
    """Number of the last COMMIT."""

    def count(self) -> None:
        """One more statement is about to be sent."""
        self.statements += 1
        if self.statements == self.at:
            self.act()


def counting(connection: psycopg.Connection, at: int | None = None, act: Callable[[], None] = lambda: None) -> Counter:
    """Count the connection's statements from now on, and act right before the one with the number `at`, from 1."""
    counter = Counter(at, act)

    class CountingCursor(psycopg.Cursor[Any]):
        def execute(self, *args: Any, **options: Any) -> Any:
            counter.count()
            return super().execute(*args, **options)

        def copy(self, *args: Any, **options: Any) -> Any:
            counter.count()
            return super().copy(*args, **options)

    begin_or_end = connection._exec_command  # BEGIN and COMMIT go this way, past cursors

    def counted(command: Any, *args: Any, **options: Any) -> Any:
        counter.count()
        if command == b"COMMIT":
            counter.committed = counter.statements
        return begin_or_end(command, *args, **options)

    connection.cursor_factory = CountingCursor
    connection._exec_command = counted  # type: ignore[method-assign]
    return counter
