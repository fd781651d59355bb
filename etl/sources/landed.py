"""The bytes of a landed piece, as one content or as a stream of blocks, unpacked where they are gzip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from enterprise.errors import SourceUnreachableError
from etl.compressed import Unpacking, unpacked
from etl.parsed import LandedFile, ReadContext

_CHUNK = 8 << 20
MOST_WHOLE_BYTES = 1 << 30
"""Larger content is not read where it has to be held whole: it would take many times as much memory."""


def content_of(file: LandedFile, context: ReadContext) -> tuple[bytes, str]:
    """The piece's bytes, unpacked, and what was wrong with its packing or size ("" if nothing).

    Raises:
        SourceUnreachableError: if landing cannot be read just now.
    """
    if file.size_bytes > MOST_WHOLE_BYTES:
        return b"", f"the file has {file.size_bytes} bytes, at most {MOST_WHOLE_BYTES} are read: split it and send the parts"
    with _opened(file, context) as stream:
        return unpacked(stream.read(), MOST_WHOLE_BYTES)


def blocks_of(file: LandedFile, context: ReadContext, problems: list[str]) -> Iterator[bytes]:
    """The piece's bytes in blocks, unpacked; what is wrong with its packing is added to `problems`.

    Raises:
        SourceUnreachableError: if landing cannot be read just now.
    """
    unpacking = Unpacking(chunks_of(file, context))
    yield from unpacking
    if unpacking.problem:
        problems.append(unpacking.problem)


def chunks_of(file: LandedFile, context: ReadContext, chunk_bytes: int = _CHUNK) -> Iterator[bytes]:
    """The piece's bytes as they were received, one chunk after another.

    Raises:
        SourceUnreachableError: if landing cannot be read just now.
    """
    with _opened(file, context) as stream:
        while chunk := stream.read(chunk_bytes):
            yield chunk


def _opened(file: LandedFile, context: ReadContext) -> IO[bytes]:
    try:
        stream: IO[bytes] = context.filesystem.open(file.path, "rb")
    except OSError as error:
        raise SourceUnreachableError(
            f"{file.landing_file} of {file.source_system} cannot be read from landing ({error}); expected it at {file.path}: "
            "check that the lake's storage is reachable"
        ) from error
    return stream
