"""A small real mail server and a small web server of a test's own: they keep what they are given."""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

HOST = "127.0.0.1"


@dataclass
class Kept:
    """What a server was given, and where it listens."""

    port: int = 0
    messages: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def mail_server(context: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> Iterator[Kept]:
    """An SMTP server (RFC 5321) that offers STARTTLS and AUTH PLAIN where it is given a context and a login."""
    kept = Kept()

    class Session(StreamRequestHandler):
        def handle(self) -> None:
            secure, known = context is None, login is None
            self._say("220 test ESMTP")
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                verb = line.split(" ")[0].upper()
                if verb == "EHLO":
                    self._say("250-test", *(() if secure else ("250-STARTTLS",)), "250-AUTH PLAIN", "250 8BITMIME")
                elif verb == "STARTTLS" and context is not None:
                    self._say("220 go ahead")
                    try:
                        self.connection = context.wrap_socket(self.connection, server_side=True)
                    except (ssl.SSLError, OSError):
                        return
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
                    secure = True
                elif verb == "AUTH" and secure:
                    _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                    kept.logins.append((user, password))
                    known = (user, password) == login
                    self._say("235 welcome" if known else "535 wrong user or password")
                elif verb in ("MAIL", "RCPT"):
                    if verb == "RCPT":
                        kept.recipients.append(line.split(":", 1)[1].split(">")[0].strip("<> "))
                    self._say("250 ok" if secure and known else "530 log in first")
                elif verb == "DATA":
                    self._say("354 go on")
                    lines = []
                    while (text := self.rfile.readline().decode()) != ".\r\n":
                        lines.append(text.removeprefix("."))  # a leading dot is doubled on the way (RFC 5321, 4.5.2)
                    kept.messages.append("".join(lines))
                    self._say("250 kept")
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _say(self, *lines: str) -> None:
            self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server((HOST, 0), Session) as server:
        kept.port = server.server_address[1]
        with _running(server):
            yield kept


@contextmanager
def web_server(status: int = 200) -> Iterator[Kept]:
    """A web server that answers every POST with a status."""
    kept = Kept()

    class Session(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.messages.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with HTTPServer((HOST, 0), Session) as server:
        kept.port = server.server_address[1]
        with _running(server):
            yield kept


@contextmanager
def _running(server: HTTPServer | ThreadingTCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
