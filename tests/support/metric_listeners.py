"""Listeners for metrics as production has them: StatsD's datagrams, and OpenTelemetry's protocol over HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

HOST = "127.0.0.1"


@contextmanager
def statsd_listener() -> Iterator[tuple[str, list[str]]]:
    """Address of a StatsD listener, and the lines it got."""
    lines: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind((HOST, 0))
        receiver.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    lines.extend(receiver.recv(65_535).decode().splitlines())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield f"statsd://{HOST}:{receiver.getsockname()[1]}", lines
        finally:
            over.set()
            thread.join()


@contextmanager
def otlp_listener() -> Iterator[tuple[str, dict[str, list[tuple[float, dict[str, str]]]]]]:
    """Address of an OpenTelemetry collector, and the gauges it got: values with attributes, by name."""
    gauges: dict[str, list[tuple[float, dict[str, str]]]] = {}

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            said = ExportMetricsServiceRequest.FromString(_plain(body, self.headers.get("Content-Encoding")))
            for resource in said.resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        for point in metric.gauge.data_points:
                            tags = {tag.key: tag.value.string_value for tag in point.attributes}
                            value = point.as_double if point.HasField("as_double") else float(point.as_int)
                            gauges.setdefault(metric.name, []).append((value, tags))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its own."""

    server = ThreadingHTTPServer((HOST, 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"otlp://{HOST}:{server.server_port}", gauges
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _plain(body: bytes, encoding: str | None) -> bytes:
    import gzip

    return gzip.decompress(body) if encoding == "gzip" else body
