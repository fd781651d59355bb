"""TLS in front of a PostgreSQL that was built without it: a client sees a server with TLS, the server a plain client.

The wheel's server has no TLS. What a client checks (certificate, host name) happens before the first byte of PostgreSQL's own
protocol, so this shows all of it; behind is the real server.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.dovecot import HOST, Certificate

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@contextmanager
def tls_in_front_of(port: int, certificate: Certificate) -> Iterator[int]:
    """Serve PostgreSQL under TLS until the end of the block; gives the port."""
    context = certificate.server_context()
    listener = socket.create_server((HOST, 0))

    def serve_one(client: socket.socket) -> None:
        with client, suppress(OSError):
            if client.recv(8, socket.MSG_WAITALL) != _SSL_REQUEST:
                return
            client.sendall(b"S")
            with context.wrap_socket(client, server_side=True) as secured, socket.create_connection((HOST, port)) as server:
                answers = threading.Thread(target=_pass_on, args=(server, secured), daemon=True)
                answers.start()
                _pass_on(secured, server)
                answers.join(10)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve_one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
