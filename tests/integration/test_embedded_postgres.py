"""The embedded PostgreSQL, for real: started, shared, killed, started again."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from enterprise.errors import NeedsPersonError, WarehouseUnreachableError
from warehouse.embedded import SERVICE_FILE, EmbeddedPostgres, ServerAddress
from warehouse.embedded_cluster import Cluster, free_port, program

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of local state with a running server; tests may stop or kill it, and must cope with that."""
    state = tmp_path_factory.mktemp("embedded") / "state"
    EmbeddedPostgres.ensure_running(state)
    yield state
    EmbeddedPostgres.stop(state)


def plain_url(address: ServerAddress, database: str) -> str:
    return address.url(database).replace("+psycopg", "")


def ask(address: ServerAddress, query: str, database: str = "leadline") -> object:
    with psycopg.connect(plain_url(address, database), connect_timeout=5) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def server_pid(state: Path) -> int:
    return int((Cluster(state).data / "postmaster.pid").read_text().split("\n", 1)[0])


def test_a_second_start_gives_the_same_server_and_its_data(made_once: Path) -> None:
    first = EmbeddedPostgres.ensure_running(made_once)
    with psycopg.connect(plain_url(first, "leadline")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
    pid = server_pid(made_once)
    assert EmbeddedPostgres.ensure_running(made_once) == first
    assert server_pid(made_once) == pid
    assert EmbeddedPostgres.stop(made_once)
    assert not EmbeddedPostgres.stop(made_once)
    again = EmbeddedPostgres.ensure_running(made_once)
    assert again.port == first.port, "BI tools would lose their connection settings"
    assert ask(again, "SELECT answer FROM kept") == 42


def test_two_starters_at_once_get_one_server(made_once: Path) -> None:
    EmbeddedPostgres.stop(made_once)
    script = (
        "import sys; from pathlib import Path; from warehouse.embedded import EmbeddedPostgres; "
        "print(EmbeddedPostgres.ensure_running(Path(sys.argv[1])).port)"
    )

    def start(_: int) -> str:
        command = [sys.executable, "-c", script, str(made_once)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.strip()

    with ThreadPoolExecutor(3) as starters:
        ports = set(starters.map(start, range(3)))
    address = EmbeddedPostgres.running(made_once)
    assert address is not None
    assert ports == {str(address.port)}


def test_a_killed_server_comes_back_with_what_was_committed(made_once: Path) -> None:
    address = EmbeddedPostgres.ensure_running(made_once)
    with psycopg.connect(plain_url(address, "leadline")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS committed AS SELECT 7 AS number")
    os.kill(server_pid(made_once), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while EmbeddedPostgres.running(made_once) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (Cluster(made_once).data / "postmaster.pid").exists(), "the crash left no stale pid file: nothing is tested"
    again = EmbeddedPostgres.ensure_running(made_once)
    assert ask(again, "SELECT number FROM committed") == 7


def test_a_stale_pid_file_whose_number_is_another_program_now_does_not_keep_the_server_down(made_once: Path) -> None:
    EmbeddedPostgres.ensure_running(made_once)
    pid_file = Cluster(made_once).data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    EmbeddedPostgres.stop(made_once)
    owner = pid_file.parent.stat()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        assert EmbeddedPostgres.running(made_once) is None
        assert not EmbeddedPostgres.stop(made_once)
        assert other.poll() is None, "somebody else's program was stopped"
        address = EmbeddedPostgres.ensure_running(made_once)
        assert ask(address, "SELECT 1") == 1
        other.communicate(b"\n")


def test_it_listens_on_the_loopback_address_only_and_on_no_socket_file(made_once: Path) -> None:
    address = EmbeddedPostgres.ensure_running(made_once)
    listening = [
        place.laddr
        for place in psutil.Process(server_pid(made_once)).net_connections(kind="all")
        if place.status == psutil.CONN_LISTEN or (place.family == socket.AF_UNIX and place.laddr)
    ]
    assert [(place.ip, place.port) for place in listening] == [("127.0.0.1", address.port)]


def test_nobody_gets_in_without_the_password_or_into_the_other_ones_database(made_once: Path) -> None:
    address = EmbeddedPostgres.ensure_running(made_once)
    for user, password, database in (
        ("leadline", "guessed", "leadline"),
        ("postgres", "postgres", "postgres"),
        ("leadline", address.passwords["leadline"], "airflow"),
        ("airflow", address.passwords["airflow"], "leadline"),
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(
                host=address.host, port=address.port, user=user, password=password, dbname=database, connect_timeout=5
            )
    assert ask(address, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_secrets_are_readable_by_their_owner_alone_and_in_no_log(made_once: Path) -> None:
    address = EmbeddedPostgres.ensure_running(made_once)
    secrets = [path for path in (made_once / "secrets").iterdir() if not path.name.startswith(".")]
    assert len(secrets) >= 4
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    log = Cluster(made_once).log.read_text()
    for password in address.passwords.values():
        assert password not in repr(address)
        assert password not in log


def test_psql_logs_in_by_the_service_file(made_once: Path) -> None:
    EmbeddedPostgres.ensure_running(made_once, database="second_warehouse")
    said = subprocess.run(
        [program("psql"), "service=second_warehouse", "-Atc", "SELECT current_user, current_database()"],
        env={"PGSERVICEFILE": str(made_once / SERVICE_FILE), "PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip() == "leadline|second_warehouse"


def test_a_taken_port_is_avoided_unless_it_was_prescribed(made_once: Path) -> None:
    EmbeddedPostgres.ensure_running(made_once)
    EmbeddedPostgres.stop(made_once)
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", free_port()))
        squatter.listen()
        taken = squatter.getsockname()[1]
        with pytest.raises(WarehouseUnreachableError, match="could not bind"):
            EmbeddedPostgres.ensure_running(made_once, port=taken)
        service = made_once / SERVICE_FILE
        service.write_text(re.sub(r"(?m)^port=.*$", f"port={taken}", service.read_text()))
        assert EmbeddedPostgres.ensure_running(made_once).port != taken


def test_data_of_another_major_version_is_left_alone_with_a_word_on_how_to_bring_it_over(made_once: Path) -> None:
    EmbeddedPostgres.stop(made_once)
    version = Cluster(made_once).data / "PG_VERSION"
    before = version.read_text()
    version.write_text("17\n")
    try:
        with pytest.raises(NeedsPersonError, match=r"PostgreSQL 17.*pg_dumpall"):
            EmbeddedPostgres.ensure_running(made_once)
    finally:
        version.write_text(before)


def test_data_half_made_is_made_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    half = state / "postgres" / "cluster.partial"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    try:
        assert ask(EmbeddedPostgres.ensure_running(state), "SELECT 1") == 1
    finally:
        EmbeddedPostgres.stop(state)
