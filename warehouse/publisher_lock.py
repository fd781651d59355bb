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
            f"another session{_holders(connection)} has held a lock of the warehouse for {_WAIT}; nothing was changed and the "
            "last plan stays current. Run again (leadline run); if it stays so, end that session with pg_terminate_backend"
        ) from error


def _holders(connection: psycopg.Connection) -> str:
    """Sessions that hold what a publisher may wait for, in brackets; nothing if they are gone by now."""
    if connection.closed or connection.broken:
        return ""
    rows = connection.execute(
        "SELECT DISTINCT a.pid, a.usename, a.application_name FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) "
        "WHERE l.granted AND a.pid <> pg_backend_pid() AND a.datname = current_database() AND (l.locktype = 'advisory' OR "
        "l.locktype = 'relation' AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) "
        "ORDER BY 1"
    ).fetchall()
    words = ", ".join(f"process {pid} of {user}{f' ({application})' if application else ''}" for pid, user, application in rows)
    return f", {words}," if words else ""
