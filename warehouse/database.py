"""Reaching the warehouse database: the embedded server or one of your own, with errors that say what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from enterprise.errors import LeadlineError, NeedsPersonError, SettingsError, WarehouseUnreachableError
from enterprise.remote import is_login_refused
from enterprise.settings import EMBEDDED, Storage
from warehouse.embedded import EmbeddedPostgres
from warehouse.embedded_cluster import SUPERUSER
from warehouse.local_state import secret

OWNER = "leadline"
ROLES_SQL = Path(__file__).parent / "roles" / "roles.sql"
_CONNECT_SECONDS = 10
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def warehouse_url(storage: Storage) -> str:
    """SQLAlchemy address of the warehouse, password included: hand it on, never log it.

    With `warehouse_url = "embedded"` the server of `state_folder` is started unless it runs, and the database
    `warehouse_database` is made on it unless it is there; it belongs to the role `leadline`.

    Raises:
        SettingsError: if the address is none of a PostgreSQL database.
        WarehouseUnreachableError: if the embedded server does not come up.
    """
    if storage.warehouse_url != EMBEDDED:
        return _checked(storage.warehouse_url).render_as_string(hide_password=False)
    state = Path(storage.state_folder)
    url = make_url(EmbeddedPostgres.ensure_running(state).url(OWNER))
    administrator = url.set(username=SUPERUSER, password=secret(state.resolve(), "postgres-superuser"), database="postgres")
    _make_database(administrator.render_as_string(hide_password=False), storage.warehouse_database)
    return url.set(database=storage.warehouse_database).render_as_string(hide_password=False)


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """A psycopg connection in autocommit mode: transactions are written out where they are meant.

    Raises:
        WarehouseUnreachableError: naming server and database, if nobody answers there or the connection breaks.
        NeedsPersonError: if the server refuses this login.
    """
    place = _checked(url)
    try:
        with _connect(place) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise unusable(place, error) from error


@contextmanager
def transaction(url: str) -> Iterator[sa.Connection]:
    """One SQLAlchemy transaction: committed at the end of the block, rolled back if it raises.

    Raises:
        WarehouseUnreachableError: naming server and database, if nobody answers there or the connection breaks.
        NeedsPersonError: if the server refuses this login.
    """
    place = _checked(url)
    engine = sa.create_engine(place, poolclass=sa.NullPool, connect_args={"connect_timeout": _CONNECT_SECONDS})
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.OperationalError as error:
        raise unusable(place, error.orig or error) from error
    finally:
        engine.dispose()


def unusable(place: URL, error: BaseException) -> LeadlineError:
    """What to raise when the database at `place` cannot be used: it may answer later, or it refuses this login.

    A server that speaks another language than English (`lc_messages`) is taken to be away: its refusals are tried again in vain.
    """
    said, server = " ".join(str(error).split()), f"{place.host}:{place.port or 5432}/{place.database}"
    if is_login_refused(said):
        return NeedsPersonError(
            f"the warehouse {server} refuses this login: {said}. The last published plan stays current. Mend user, password, "
            "database and rights in storage.warehouse_url (LEADLINE_WAREHOUSE_URL); leadline doctor says whether it is mended, "
            "then run again."
        )
    return WarehouseUnreachableError(
        f"the warehouse {server} cannot be used just now: {said}. "
        "The last published plan stays current. Look whether the server runs and takes this login (leadline doctor), "
        "then run again."
    )


def _connect(place: URL) -> psycopg.Connection:
    return psycopg.connect(
        host=place.host,
        port=place.port,
        user=place.username,
        password=place.password,
        dbname=place.database,
        autocommit=True,
        **{"connect_timeout": str(_CONNECT_SECONDS), "application_name": "leadline", **_text(place.query)},  # type: ignore[arg-type]
    )


def _text(query: object) -> dict[str, str]:
    return {str(key): str(value) for key, value in dict(query).items()}  # type: ignore[call-overload]


def _checked(url: str) -> URL:
    try:
        place = make_url(url)
    except sa.exc.ArgumentError:
        raise SettingsError(
            'storage.warehouse_url cannot be read; write postgresql+psycopg://user:${PASSWORD}@host/database, or "embedded"'
        ) from None
    if place.get_backend_name() != "postgresql" or not place.database:
        raise SettingsError(
            f"storage.warehouse_url names {place.get_backend_name()!r} and database {place.database!r}; the warehouse is "
            'PostgreSQL: write postgresql+psycopg://user:${PASSWORD}@host/database, or "embedded"'
        )
    mode = place.query.get("sslmode", "prefer")
    if mode not in _SSL_MODES:
        raise SettingsError(
            f"storage.warehouse_url says sslmode {mode!r}; known are {', '.join(_SSL_MODES)}. verify-full checks the server's "
            "certificate and name: ?sslmode=verify-full&sslrootcert=/path/to/authority.pem"
        )
    return place.set(drivername="postgresql+psycopg")


def _make_database(administrator_url: str, name: str) -> None:
    """Make the roles and the database unless they are there; two processes may do so at once."""
    with connected(administrator_url) as connection:
        connection.execute(ROLES_SQL.read_bytes())
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # somebody else made it at the same moment
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
