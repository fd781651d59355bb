"""One at a time: whoever changes which plan is in force holds this lock of the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from enterprise.errors import WarehouseUnreachableError

LOCK = 4_918_273_002
_WAIT = "60s"


@contextmanager
def publisher_lock(connection: psycopg.Connection) -> Iterator[None]:
    """Hold the lock for the block; it dies with its session. Readers neither hold nor wait for it.

    Raises:
        WarehouseUnreachableError: if another session holds it, or a lock on a table, for a minute.
    """
    try:
        connection.execute(sql.SQL("SET lock_timeout = {}").format(sql.Literal(_WAIT)))
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            if not (connection.closed or connection.broken):
                connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    except psycopg.errors.LockNotAvailable as error:
        raise WarehouseUnreachableError(
            f"another session has held a lock of the warehouse for {_WAIT}; nothing was changed and the last plan stays current. "
            "Try again; if it stays so, look for the session in pg_stat_activity."
        ) from error
