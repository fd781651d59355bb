"""Logins that see the rows of some sites only, by row-level security of the tables: it holds in every view, later ones too.

Views belong to the schema's owner, so the policies are forced on the owner as well and ask for the login of the session: whoever
takes on another role (`SET ROLE`) stays who he is. Rows that cannot be told apart by site are hidden from such a login: totals of
channels, lines and the enterprise, shifts of staff groups, checks. Without limits in the settings there is no policy at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from enterprise.errors import NeedsPersonError
from warehouse.tables.columns import LEVEL, MEMBER_ID, QUEUE_ID
from warehouse.tables.declaration import Table
from warehouse.tables.overrides import PLANNER_OVERRIDE
from warehouse.tables.registry import PUBLISHED_TABLES
from warehouse.tables.run import PLAN_DECISIONS, PLAN_VERSION, QUALITY_FINDINGS, QUEUE

_POLICIES = ("site_rows", "site_new_rows", "site_changed_rows", "site_removed_rows")
_OPEN_TO_ALL = (PLAN_VERSION.name, PLAN_DECISIONS.name, "calendar_date", "calendar_interval", "history_days")
_UNLIMITED = "(SELECT public.leadline_my_sites()) IS NULL"


def limit_sites(raw: psycopg.Connection, limits: Mapping[str, Sequence[str]], tables: Sequence[Table] = PUBLISHED_TABLES) -> None:
    """Limit logins to sites; nothing is done where no login is named.

    Args:
        raw: connection of the schema's owner, inside the transaction that makes the views.
        limits: sites by login; logins that are not named see everything that their role sees.
        tables: the tables of the schema.

    Raises:
        NeedsPersonError: if the owner is above row-level security, so that limits would not hold.
    """
    if not limits:
        return
    row = raw.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone()
    if row is not None and row[0]:
        raise NeedsPersonError(
            "site_access limits logins to sites, but the warehouse's owner is a superuser or may bypass row-level security: the "
            "limits would not hold. Let an ordinary role own the schema, then run: leadline migrate"
        )
    cases = sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}::text[]").format(sql.Literal(login), sql.Literal(list(sites))) for login, sites in limits.items()
    )
    raw.execute(
        sql.SQL(
            "CREATE FUNCTION public.leadline_my_sites() RETURNS text[] LANGUAGE sql STABLE AS {}; "
            "COMMENT ON FUNCTION public.leadline_my_sites() IS 'Sites that the session''s login is limited to; missing for all.'"
        ).format(sql.Literal(sql.SQL("SELECT CASE session_user::text {} END").format(cases).as_string(raw)))
    )
    for table in tables:
        if table.name not in _OPEN_TO_ALL:
            _limit(raw, sql.Identifier(table.name), sql.SQL(f"{_UNLIMITED} OR {visible_rows(table)}"))


def visible_rows(table: Table) -> str:
    """Which rows of a table a limited login sees, as a condition on them.

    Example:
        >>> from warehouse.tables.staffing import STAFFING_DAILY
        >>> visible_rows(STAFFING_DAILY)
        "(level = 'queue' AND member_id IN (SELECT q.queue_id FROM public.queue AS q)) \
OR (level = 'site' AND member_id = ANY ((SELECT public.leadline_my_sites())::text[]))"
    """
    mine = "IN (SELECT q.queue_id FROM public.queue AS q)"  # which its own policy limits
    if table.name == QUEUE.name:
        return "site = ANY ((SELECT public.leadline_my_sites())::text[])"
    if QUEUE_ID in table.all_columns:
        return f"{QUEUE_ID.name} {mine}"
    if table.name == PLANNER_OVERRIDE.name:  # what somebody entered himself stays his, withdrawals of it included
        return f"entered_by = session_user::text OR ({LEVEL.name} = 'queue' AND {MEMBER_ID.name} {mine})"
    if {LEVEL.name, MEMBER_ID.name} <= set(table.column_names):
        site = f"{LEVEL.name} = 'site' AND {MEMBER_ID.name} = ANY ((SELECT public.leadline_my_sites())::text[])"
        return f"({LEVEL.name} = 'queue' AND {MEMBER_ID.name} {mine}) OR ({site})"
    if table.name == QUALITY_FINDINGS.name:
        return f"subject_kind = 'queue' AND subject_id {mine}"
    return "FALSE"


def take_limits_away(raw: psycopg.Connection) -> None:
    """Remove every limit, whatever tables have one: before tables change, and before limits are set anew."""
    limited = raw.execute(
        "SELECT DISTINCT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND policyname = ANY(%s)",
        [list(_POLICIES)],
    ).fetchall()
    for table, policy in limited:
        raw.execute(sql.SQL("DROP POLICY {} ON public.{}").format(sql.Identifier(policy), sql.Identifier(table)))
    for name in sorted({table for table, _ in limited}):
        raw.execute(
            sql.SQL("ALTER TABLE public.{} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY").format(sql.Identifier(name))
        )
    raw.execute("DROP FUNCTION IF EXISTS public.leadline_my_sites()")


def _limit(raw: psycopg.Connection, name: sql.Identifier, seen: sql.SQL) -> None:
    """The rows seen are the rows that may be added, changed and removed, as far as the role may do that at all."""
    clauses = ("FOR SELECT USING ({0})", "FOR INSERT WITH CHECK ({0})", "FOR UPDATE USING ({0})", "FOR DELETE USING ({0})")
    for policy, clause in zip(_POLICIES, clauses, strict=True):
        raw.execute(
            sql.SQL("CREATE POLICY {} ON public.{} {}").format(sql.Identifier(policy), name, sql.SQL(clause).format(seen))
        )
    raw.execute(sql.SQL("ALTER TABLE public.{} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY").format(name))
