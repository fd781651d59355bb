"""An S3-compatible object store for tests: moto's server in this process, found by the usual environment variables."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "leadline"


@contextmanager
def object_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[fsspec.AbstractFileSystem]:
    """Start a store with one bucket and point everything that speaks S3 to it."""
    logging.getLogger("werkzeug").disabled = True
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    store = fsspec.filesystem("s3", skip_instance_cache=True)
    store.mkdir(BUCKET)
    try:
        yield store
    finally:
        store.rm(BUCKET, recursive=True)  # the server keeps its buckets as long as the process lives
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        server.stop()


def copied(store: fsspec.AbstractFileSystem, folder: Path, place: str) -> None:
    """Copy a folder's files to a place in the bucket."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            store.pipe_file(f"{BUCKET}/{place}/{path.relative_to(folder).as_posix()}", path.read_bytes())
