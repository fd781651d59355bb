"""Files that are written bit by bit and then put in place in one step, under a name that may come last."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import fsspec

_ONE_PUT_BYTES = 64 << 20
_PART_BYTES = 16 << 20
_NUMBERS = itertools.count()


@dataclass(slots=True)
class Draft:
    """A file that nobody sees yet.

    Args:
        stream: takes the bytes; may be read and cut off, too.
    """

    stream: IO[bytes]
    path: str = field(default="", init=False)

    def keep(self, path: str) -> None:
        """Have it put in place when the draft is closed."""
        self.path = path


@contextmanager
def local_draft(root: str) -> Iterator[Draft]:
    """A draft below a folder of this machine; renamed into place."""
    temporary = Path(root, f".draft.{os.getpid()}.{next(_NUMBERS)}.tmp")
    temporary.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("w+b") as stream:
            draft = Draft(stream)
            yield draft
        if draft.path:
            Path(draft.path).parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(draft.path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def remote_draft(filesystem: fsspec.AbstractFileSystem) -> Iterator[Draft]:
    """A draft for an object store: what was begun there must not appear if it is not finished, so it is sent when it is."""
    with TemporaryFile() as spooled:
        draft = Draft(spooled)
        yield draft
        if not draft.path:
            return
        size = spooled.seek(0, os.SEEK_END)
        spooled.seek(0)
        if size <= _ONE_PUT_BYTES:
            filesystem.pipe_file(draft.path, spooled.read())
            return
        with filesystem.open(draft.path, "wb", block_size=_PART_BYTES) as stream:
            shutil.copyfileobj(spooled, stream, _PART_BYTES)


def put_local(content: bytes, path: str, temporary: str) -> None:
    """Put a file in place on this machine in one step: readers see the old bytes or the new ones.

    There are thousands of small files: paths stay texts, and a folder is made when it is found missing.
    """
    try:
        _in_folder(temporary, lambda: _write_file(temporary, content))
        _in_folder(path, lambda: os.replace(temporary, path))  # noqa: PTH105 - see above
    except OSError:  # a disk that is full has no place for halves
        Path(temporary).unlink(missing_ok=True)
        raise


def _in_folder(path: str, act: Callable[[], None]) -> None:
    """Do what needs the folder of a path; make the folder if it is not there."""
    try:
        act()
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - see above
        act()


def _write_file(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)
