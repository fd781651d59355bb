"""The bytes of a landed piece, as one content or as a stream of blocks, unpacked where they are gzip."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import IO

from enterprise.errors import SourceUnreachableError
from etl.compressed import unpacked
from etl.parsed import LandedFile, ReadContext

_BLOCK = 32 << 20


def content_of(file: LandedFile, context: ReadContext) -> tuple[bytes, str]:
    """The piece's bytes, unpacked, and what was wrong with its packing ("" if nothing).

    Raises:
        SourceUnreachableError: if landing cannot be read just now.
    """
    with _opened(file, context) as stream:
        return unpacked(stream.read())


def blocks_of(file: LandedFile, context: ReadContext, problems: list[str]) -> Iterator[bytes]:
    """The piece's bytes in blocks, unpacked; what is wrong with its packing is added to `problems`.

    Raises:
        SourceUnreachableError: if landing cannot be read just now.
    """
    with _opened(file, context) as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        source: IO[bytes] = gzip.GzipFile(fileobj=stream) if packed else stream  # type: ignore[assignment]
        size = 0
        try:
            while block := source.read(_BLOCK):
                size += len(block)
                yield block
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            problems.append(f"the gzip file is cut off or damaged after {size} unpacked bytes ({error}); send it again")


def _opened(file: LandedFile, context: ReadContext) -> IO[bytes]:
    try:
        stream: IO[bytes] = context.filesystem.open(file.path, "rb")
    except OSError as error:
        raise SourceUnreachableError(
            f"{file.landing_file} of {file.source_system} cannot be read from landing ({error}); expected it at {file.path}: "
            "check that the lake's storage is reachable"
        ) from error
    return stream
