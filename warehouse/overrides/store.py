"""The planners' table in the warehouse: what was entered there, and entering more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import psycopg
from psycopg import sql

from enterprise.errors import NeedsPersonError
from warehouse.overrides.entry import Entry
from warehouse.schema import is_newest, newest_revision
from warehouse.tables.overrides import PLANNER_OVERRIDE

_FIELDS = [field.name for field in fields(Entry)]
_ENTERED = [name for name in _FIELDS if name != "override_id"]


def read_entries(connection: psycopg.Connection) -> list[Entry]:
    """All that was ever entered, in order.

    Raises:
        NeedsPersonError: if the warehouse's schema is not this version's.
    """
    _require_newest(connection)
    query = sql.SQL("SELECT {} FROM public.{} ORDER BY override_id").format(
        sql.SQL(", ").join(map(sql.Identifier, _FIELDS)), sql.Identifier(PLANNER_OVERRIDE.name)
    )
    return [Entry(**dict(zip(_FIELDS, row, strict=True))) for row in connection.execute(query).fetchall()]


def add_entries(connection: psycopg.Connection, entries: Sequence[Entry]) -> list[int]:
    """Keep changes, all or none; their numbers."""
    _require_newest(connection)
    query = sql.SQL("INSERT INTO public.{} ({}) VALUES ({}) RETURNING override_id").format(
        sql.Identifier(PLANNER_OVERRIDE.name),
        sql.SQL(", ").join(map(sql.Identifier, _ENTERED)),
        sql.SQL(", ").join([sql.Placeholder()] * len(_ENTERED)),
    )
    numbers = []
    with connection.transaction():
        for entry in entries:
            row = connection.execute(query, [getattr(entry, name) for name in _ENTERED]).fetchone()
            numbers += [int(row[0])] if row is not None else []
    return numbers


def _require_newest(connection: psycopg.Connection) -> None:
    if not is_newest(connection):
        raise NeedsPersonError(
            f"the warehouse's schema is not at revision {newest_revision()} that this Leadline needs; run: leadline migrate"
        )
