"""Databases of the newest schema, copied from one that was migrated: migrating each of them anew would prove nothing more."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support.example_night import example_enterprise
from warehouse.database import OWNER, connected, warehouse_url
from warehouse.embedded_cluster import SUPERUSER
from warehouse.local_state import secret
from warehouse.schema import migrate
from warehouse.surface import grant

TEMPLATE = "migrated"


def administrators(server: Path, url: str, database: str | None = None) -> str:
    """Address of a database of the server in this folder for its superuser."""
    password = secret((server / ".leadline").resolve(), "postgres-superuser")
    place = make_url(url).set(username=SUPERUSER, password=password)
    return (place.set(database=database) if database else place).render_as_string(hide_password=False)


def migrated_url(server: Path, database: str) -> str:
    """Address of a database that is made now, as migrating it would leave it.

    Args:
        server: working folder whose `.leadline` holds a running server.
        database: its name; there is none of that name yet.
    """
    template, name = _template(server), sql.Identifier(database)
    with connected(administrators(server, template, "postgres")) as connection:
        copy = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        connection.execute(copy.format(name, sql.Identifier(OWNER), sql.Identifier(TEMPLATE)))
        connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))
    url = make_url(template).set(database=database).render_as_string(hide_password=False)
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        grant(connection)  # a copy has the rights to all within it, not those to the database itself
    return url


@lru_cache
def _template(server: Path) -> str:
    url = warehouse_url(example_enterprise(server, TEMPLATE).storage)
    migrate(url)
    return url
