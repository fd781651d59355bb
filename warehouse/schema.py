"""The warehouse's schema: migrated to the newest revision, with views and roles on top, and compared with the declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql

from enterprise.errors import NeedsPersonError
from warehouse.database import ROLES_SQL, transaction
from warehouse.site_limits import limit_sites, take_limits_away
from warehouse.surface import drop_views, grant, make_views, signed, surface_hash
from warehouse.tables.ddl import statements
from warehouse.tables.declaration import Table
from warehouse.tables.registry import PUBLISHED_TABLES

_HERE = Path(__file__).parent
_MIGRATIONS = _HERE / "migrations"
_ROLES = ("leadline_planner", "leadline_reader", "leadline_writer")
_MIGRATION_LOCK = 4_918_273_001


@dataclass(frozen=True, slots=True)
class Migrated:
    """What migrating did.

    Attributes:
        revision: revision the schema is at now.
        changed: False if everything was as it should be already.
        missing_roles: roles that this login may not create; ask the server's administrator to run `warehouse/roles/roles.sql`.
    """

    revision: str
    changed: bool
    missing_roles: tuple[str, ...] = ()


def newest_revision() -> str:
    """The revision that this version of Leadline works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def revisions() -> list[str]:
    """All revisions, the first one first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def migrate(url: str, revision: str = "head", site_access: Mapping[str, Sequence[str]] | None = None) -> Migrated:
    """Bring the schema to a revision (newest: "head"), with views, comments and grants; all of it in one transaction.

    Safe to call at any time and from several processes at once: where nothing is to be done, nothing is locked.

    Args:
        url: SQLAlchemy address of the database, of a login that owns the schema.
        revision: "head", or a revision's name to go up or down to; "base" removes everything. Below head there are no views.
        site_access: sites by login that sees these sites only; see `warehouse.site_limits`.

    Raises:
        WarehouseUnreachableError: if the database does not answer.
        NeedsPersonError: if a newer Leadline made the schema, or somebody's own views rest on ours.
    """
    limits = dict(site_access or {})
    surface = surface_hash(limits)
    with transaction(url) as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        missing = _missing_roles(connection)
        if revision == "head" and _surface_in_place(connection) == (newest_revision(), signed(surface, missing)):
            return Migrated(newest_revision(), changed=False, missing_roles=missing)
        raw = _raw(connection)
        drop_views(raw)
        take_limits_away(raw)
        _run_migrations(connection, revision)
        if revision == "head":
            make_views(raw)
            limit_sites(raw, limits)
            if not missing:
                grant(raw)
            raw.execute(sql.SQL("COMMENT ON TABLE alembic_version IS {}").format(sql.Literal(signed(surface, missing))))
        return Migrated(_revision(connection), changed=True, missing_roles=missing)


def is_newest(connection: psycopg.Connection) -> bool:
    """Whether the schema is at the revision that this version of Leadline works with."""
    if connection.execute("SELECT to_regclass('public.alembic_version')").fetchone() == (None,):
        return False
    row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return row is not None and row[0] == newest_revision()


def disagreements(url: str, tables: Iterable[Table] = PUBLISHED_TABLES) -> list[str]:
    """Where the database differs from the declarations; empty if they agree.

    The declared tables are made anew in a schema of their own, both are described by PostgreSQL's own catalogue in the same
    words, and everything is rolled back: types, defaults, keys, checks, foreign keys, indexes, triggers, comments are compared.
    """
    with transaction(url) as connection:
        raw = _raw(connection)
        raw.execute("SAVEPOINT before_comparison")
        raw.execute("CREATE SCHEMA leadline_declared; SET LOCAL search_path TO leadline_declared")
        for statement in statements(tables):
            raw.execute(statement.encode())
        raw.execute("SET LOCAL search_path TO public")
        declared = _described(raw, "leadline_declared")
        found = _described(raw, "public")
        raw.execute("ROLLBACK TO SAVEPOINT before_comparison")
    return [f"declared, not in the database: {line}" for line in sorted(declared - found)] + [
        f"in the database, not declared: {line}" for line in sorted(found - declared)
    ]


def _described(raw: psycopg.Connection, schema: str) -> set[str]:
    rows = raw.execute(_DESCRIPTION, {"schema": schema}).fetchall()
    return {re.sub(rf"\b{schema}\.", "", " | ".join(str(value) for value in row)) for row in rows}


_DESCRIPTION = """
WITH ours AS (
    SELECT c.oid, c.relname
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
)
SELECT relname, 'table', coalesce(pg_get_partkeydef(oid), ''), obj_description(oid, 'pg_class') FROM ours
UNION ALL
SELECT relname, 'column ' || row_number() OVER (PARTITION BY ours.oid ORDER BY attnum),
        attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
        || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ''),
        col_description(ours.oid, attnum)
    FROM ours
    JOIN pg_attribute AS a ON a.attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = ours.oid AND d.adnum = attnum
UNION ALL
SELECT relname, 'constraint', conname, pg_get_constraintdef(k.oid) FROM ours JOIN pg_constraint AS k ON k.conrelid = ours.oid
UNION ALL
SELECT relname, 'index', '', pg_get_indexdef(indexrelid) FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT relname, 'trigger', tgname, pg_get_triggerdef(t.oid)
    FROM ours JOIN pg_trigger AS t ON tgrelid = ours.oid AND NOT tgisinternal
"""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _run_migrations(connection: sa.Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    known = revisions()
    now = _revision(connection)
    if now not in ("base", *known):
        raise NeedsPersonError(
            f"the warehouse is at schema revision {now}, which this Leadline does not know (it knows {', '.join(known)}): a "
            "newer Leadline made it. Nothing was changed; run that version"
        )
    target = known[-1] if revision == "head" else revision
    if target == "base" or (now in known and target in known and known.index(target) < known.index(now)):
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)


def _revision(connection: sa.Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or "base"


def _raw(connection: sa.Connection) -> psycopg.Connection:
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):  # `transaction` always uses this driver
        raise TypeError(f"expected a psycopg connection, got {type(raw).__name__}")
    return raw


def _surface_in_place(connection: sa.Connection) -> tuple[str, str]:
    comment = connection.execute(sa.text("SELECT obj_description(to_regclass('public.alembic_version'), 'pg_class')")).scalar()
    return _revision(connection), str(comment or "")


def _missing_roles(connection: sa.Connection) -> tuple[str, ...]:
    """Make the roles if they are not there and this login may make roles; those still missing are returned."""
    raw = _raw(connection)
    wanted = set(_ROLES)
    there = {row[0] for row in raw.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(_ROLES)])}
    may = raw.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    if wanted - there and may is not None and may[0]:
        raw.execute(ROLES_SQL.read_bytes())
        return ()
    return tuple(sorted(wanted - there))
