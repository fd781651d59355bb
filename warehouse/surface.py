"""What people and BI tools see of the warehouse: the planners' views, the star schema `mart`, and who may read what.

Views are no migrations: they hold no data, so migrating drops and makes them all anew from the files in `warehouse/views/` and
`warehouse/mart/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from enterprise.errors import NeedsPersonError
from warehouse.database import ROLES_SQL
from warehouse.tables.ddl import database_columns
from warehouse.tables.registry import ALL_TABLES, PUBLISHED_TABLES

_HERE = Path(__file__).parent
_OTHERS_REST_ON = ("level_members",)
_VIEWS = tuple(sorted((_HERE / "views").glob("*.sql"), key=lambda path: (path.stem not in _OTHERS_REST_ON, path.stem)))
_MART = tuple(sorted((_HERE / "mart").glob("*.sql")))
_GRANTS_SQL = _HERE / "roles" / "grants.sql"
VIEW_NAMES = tuple(path.stem for path in _VIEWS)
MART_NAMES = tuple(path.stem for path in _MART)


def drop_views(raw: psycopg.Connection) -> None:
    """Remove the views and the schema `mart`.

    Raises:
        NeedsPersonError: if somebody's own views rest on ours, or lie in `mart`.
    """
    try:
        # All at once: some rest on others.
        raw.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(sql.SQL(", ").join(_identifiers())))
        raw.execute("DROP SCHEMA IF EXISTS mart")
    except psycopg.errors.DependentObjectsStillExist as error:
        raise NeedsPersonError(
            f"the warehouse's views are about to be renewed, but others rest on them: {error.diag.message_detail}. "
            "Nothing was changed. Drop those (keep their definitions), run leadline migrate, and create them again"
        ) from error


def surface_hash(limits: Mapping[str, Sequence[str]]) -> str:
    """Hash of everything that the surface is made from, the limits of sites by login among it."""
    content = b"".join(path.read_bytes() for path in (*_VIEWS, *_MART, _GRANTS_SQL, ROLES_SQL, _HERE / "site_limits.py"))
    words = repr((sorted(limits.items()), [table.column_names for table in PUBLISHED_TABLES]))
    return hashlib.sha256(content + words.encode()).hexdigest()[:16]


def signed(surface: str, missing_roles: Sequence[str]) -> str:
    """The comment that says which surface is in place."""
    granted = "without roles" if missing_roles else "with roles"
    return f"Leadline's schema revision; views and grants {surface}, {granted}."


def make_views(raw: psycopg.Connection) -> None:
    """Make the schema `mart` and all views, with their words."""
    raw.execute("CREATE SCHEMA mart; COMMENT ON SCHEMA mart IS 'Star schema for BI tools: dimensions and facts.'")
    for path in (*_VIEWS, *_MART):
        raw.execute(path.read_bytes())
    _comment_view_columns(raw)


def _comment_view_columns(raw: psycopg.Connection) -> None:
    """A view's column without words of its own gets those of the declared column of the same name."""
    meanings = {
        c.name: f"{c.meaning} Unit: {c.unit}." for t in reversed(ALL_TABLES) if t.published for c in database_columns(t)
    } | _SHARED_WORDS
    silent = raw.execute(
        "SELECT n.nspname, c.relname, a.attname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 "
        "WHERE n.nspname IN ('public', 'mart') AND c.relkind = 'v' AND c.relname = ANY(%s) "
        "AND col_description(c.oid, a.attnum) IS NULL",
        [[*VIEW_NAMES, *MART_NAMES]],
    ).fetchall()
    for schema, view, column in silent:
        if column in meanings:
            place = sql.Identifier(schema, view, column)
            raw.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(meanings[column])))


_SHARED_WORDS = {
    "weekday": "Day of the week of business_date. Unit: text.",
    "member_name": "The member in people's words. Unit: text.",
    "interval_start_local": "Start of the interval on the wall clock. Unit: local time.",
    "utc_offset_hours": "Wall clock less UTC: tells the two hours apart that the clock change doubles. Unit: hours.",
}


def grant(raw: psycopg.Connection) -> None:
    """Give every role what it may do, and nothing else."""
    tables = [sql.Identifier(table.name) for table in PUBLISHED_TABLES]
    views = _identifiers()
    words = sql.SQL(_GRANTS_SQL.read_text(encoding="utf-8"))
    database = sql.Identifier(raw.info.dbname)
    raw.execute(
        words.format(
            tables=sql.SQL(", ").join(tables),
            views=sql.SQL(", ").join(views),
            all=sql.SQL(", ").join(tables + views),
            database=database,
        )
    )


def _identifiers() -> list[sql.Identifier]:
    return [sql.Identifier("public", name) for name in VIEW_NAMES] + [sql.Identifier("mart", name) for name in MART_NAMES]
