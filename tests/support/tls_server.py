"""A server under TLS that does what a test tells it, line by line: to hang, drop, cut and babble as real ones do."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.support.dovecot import HOST, Certificate

Play = Callable[[ssl.SSLSocket, int], None]
"""What happens on a connection: (its socket, which connection it is from 0)."""


@contextmanager
def tls_server(certificate: Certificate, play: Play) -> Iterator[int]:
    """Serve until the end of the block; gives the port."""
    context = certificate.server_context()
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve_one(connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            secured.settimeout(10)
            play(secured, number)

    def serve(listener: socket.socket) -> None:
        number = 0
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threads.append(threading.Thread(target=serve_one, args=(connection, number), daemon=True))
            threads[-1].start()
            number += 1

    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(0.05)
        accepting = threading.Thread(target=serve, args=(listener,), daemon=True)
        accepting.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            over.set()
            accepting.join(10)
            for thread in threads:
                thread.join(10)


def passed_on(
    target_port: int, trusted: str, cut_after: Callable[[int], int], then: Callable[[ssl.SSLSocket], object] | None = None
) -> Play:
    """Hand everything on to another server under TLS, and break off after so many bytes of its answers.

    Args:
        target_port: its port.
        trusted: file with the certificate to trust for it.
        cut_after: bytes after which connection `n` is cut.
        then: what happens before the cut.
    """
    context = ssl.create_default_context(cafile=trusted)

    def play(client: ssl.SSLSocket, number: int) -> None:
        left = cut_after(number)
        plain = socket.create_connection((HOST, target_port), timeout=10)
        with context.wrap_socket(plain, server_hostname=HOST) as server:
            # By one thread: what TLS keeps of a connection is not to be read and written by two at once.
            with suppress(OSError):
                while left > 0:
                    for side, other in ((client, server), (server, client)):
                        part = _waiting(side, min(left, 4096) if side is server else 4096)
                        if part == b"":
                            raise ConnectionResetError
                        if part:
                            other.sendall(part)
                            left -= len(part) if side is server else 0
                    if not (client.pending() or server.pending()):
                        select.select([client, server], [], [])
            if then is not None:
                then(client)
            for side in (client, server):
                with suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)

    return play


def _waiting(side: ssl.SSLSocket, most: int) -> bytes | None:
    """What has come by now; empty at the end, None if nothing has."""
    before = side.gettimeout()
    side.settimeout(0.0)
    try:
        return side.recv(most)
    except ssl.SSLWantReadError:
        return None
    finally:
        side.settimeout(before)
