"""A provider's token server: gives access tokens over TLS, and tells a mail server whose a token is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.support.dovecot import HOST, Certificate

Answer = tuple[int, bytes]
"""Status and body."""


@dataclass
class TokenServer:
    """What a running server is asked and answers.

    Attributes:
        port: where it gives tokens, over TLS.
        info_port: where it says whose a token is, without TLS, for a mail server beside it.
        holders: token -> address of the mailbox it is for.
        answers: answer by form that was posted; a test replaces it.
        asked: the forms that were posted.
    """

    port: int = 0
    info_port: int = 0
    holders: dict[str, str] = field(default_factory=dict)
    answers: Callable[[dict[str, str]], Answer] = lambda form: (200, b"{}")
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def running_token_server(certificate: Certificate) -> Iterator[TokenServer]:
    """Serve until the end of the block."""
    running = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            running.asked.append(form)
            self._say(*running.answers(form))

        def do_GET(self) -> None:
            token = parse_qs(urlsplit(self.path).query).get("access_token", [""])[0]
            known = token in running.holders
            self._say(200 if known else 401, json.dumps({"email": running.holders[token]} if known else {}).encode())

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    servers = [ThreadingHTTPServer((HOST, 0), Handler) for _ in range(2)]
    servers[0].socket = certificate.server_context().wrap_socket(servers[0].socket, server_side=True)
    running.port, running.info_port = (server.server_address[1] for server in servers)
    threads = [threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield running
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join(10)
            server.server_close()
