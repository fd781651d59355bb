"""The warehouse vacuumed, and what its planner knows of it made anew: of partitioned tables the server does the latter never."""

from __future__ import annotations

import psycopg
from psycopg import sql

from enterprise.errors import NeedsPersonError

_OWN_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND pg_has_role(relowner, 'USAGE')
ORDER BY relname
"""


def tidy(connection: psycopg.Connection) -> list[str]:
    """Vacuum and analyse every table of the warehouse with its partitions; readers and publishers are not kept waiting.

    Autovacuum looks at partitions one by one: statistics of a partitioned table as a whole, by which joins over months are
    planned, come from ANALYZE alone (PostgreSQL 18, "Routine vacuuming", section 24.1.3).

    Args:
        connection: in autocommit mode, of the login that owns the tables.

    Returns:
        Names of the tables.

    Raises:
        NeedsPersonError: if the login owns none of them.
    """
    names = [name for (name,) in connection.execute(_OWN_TABLES).fetchall()]
    if not names:
        raise NeedsPersonError(
            "this login owns no table of the warehouse, so it may not vacuum them: let maintenance run with the login that also "
            "runs leadline migrate, or run leadline migrate if the warehouse is empty"
        )
    for name in names:
        connection.execute(sql.SQL("VACUUM (ANALYZE) public.{}").format(sql.Identifier(name)))
    return names
