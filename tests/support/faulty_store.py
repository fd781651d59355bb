"""A stand-in for a store that has bad days: it hands every request on to a real one, and spoils some of them."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOST = "127.0.0.1"
HARMS = ("busy", "broken", "cut before the answer", "cut in the answer", "cut after it was done")
_BUSY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
_BROKEN = b"<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>"
_NOT_HANDED_ON = {"connection", "transfer-encoding", "content-length", "date", "server"}


@dataclass
class FaultyStore:
    """What it listens on, and what it did.

    Attributes:
        target: address of the real store.
        every: each so many-th request is spoilt; 0 for none.
        port: its port on the loopback address.
        requests: how many requests came.
        harm: how many were spoilt, by how.
        refusal: code with which everything is refused, as `ExpiredToken`; "" for nothing.
        harms: what is done to requests, in turn.
    """

    target: str
    every: int = 10
    port: int = 0
    requests: int = 0
    harm: Counter[str] = field(default_factory=Counter)
    refusal: str = ""
    harms: tuple[str, ...] = HARMS
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    def next_harm(self) -> str:
        """What is done to the request that comes now; "" for nothing."""
        with self._lock:
            self.requests += 1
            if not self.every or self.requests % self.every:
                return ""
            harm = self.harms[self.harm.total() % len(self.harms)]
            self.harm[harm] += 1
            return harm


@contextmanager
def faulty_store(target: str, every: int = 10, port: int = 0) -> Iterator[FaultyStore]:
    """Serve until the end of the block.

    Args:
        target: address of the real store.
        every: each so many-th request is spoilt.
        port: port to listen on; 0 for any.
    """
    store = FaultyStore(target, every)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away is none."""

    with Server((HOST, port), _session_of(store)) as server:
        store.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield store
        finally:
            server.shutdown()
            thread.join()


def _session_of(store: FaultyStore) -> type[BaseHTTPRequestHandler]:
    place = urlsplit(store.target)

    class Session(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if store.refusal:
                self._answer(403, {"Content-Type": "application/xml"}, _refused(store.refusal))
                return
            harm = store.next_harm()
            if harm == "busy":
                self._answer(503, {"Content-Type": "application/xml"}, _BUSY)
            elif harm == "broken":
                self._answer(500, {"Content-Type": "application/xml"}, _BROKEN)
            elif harm == "cut before the answer":
                self.close_connection = True
            else:
                self._hand_on(content, harm)

        def _hand_on(self, content: bytes, harm: str) -> None:
            connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
            try:
                kept = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "expect")}
                connection.request(self.command, self.path, content, kept)
                answer = connection.getresponse()
                body = answer.read()
            finally:
                connection.close()
            if harm == "cut after it was done":
                self.close_connection = True
                return
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_HANDED_ON}
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(body))
            self._answer(answer.status, headers, body, length or "0", half=harm == "cut in the answer")

        def _answer(self, status: int, headers: dict[str, str], body: bytes, length: str = "", *, half: bool = False) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", length or str(len(body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            self.wfile.write(body[: len(body) // 2] if half else body)
            if half:
                self.close_connection = True

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    for verb in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        setattr(Session, f"do_{verb}", Session._serve)
    return Session


def _refused(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>The provided token has expired.</Message></Error>".encode()
