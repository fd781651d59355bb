"""Bytes as received, unpacked where they are gzip."""

from __future__ import annotations

import zlib

_GZIP = b"\x1f\x8b"
_STEP = 1 << 20
_CONTAINER = 31  # zlib's window size with "expect a gzip header" added
MOST_BYTES = 4 << 30
"""Largest content that a landed piece may unpack to."""


def unpacked(content: bytes, most_bytes: int = MOST_BYTES) -> tuple[bytes, str]:
    """The content, unpacked if it is gzip (also several members in a row), and what was wrong with it.

    Args:
        content: bytes of a landed piece.
        most_bytes: more than this is not unpacked: a small file that grows beyond all measure is an attack or a mistake.

    Returns:
        What could be unpacked, and "" or the problem in words: a truncated or damaged archive gives the part before the damage.

    Example:
        >>> import gzip
        >>> unpacked(gzip.compress(b"a,b"))
        (b'a,b', '')
        >>> unpacked(gzip.compress(b"a,b")[:-4])
        (b'a,b', 'the gzip file is cut off: 3 bytes could be unpacked; send it again')
    """
    if not content.startswith(_GZIP):
        return content, ""
    parts: list[bytes] = []
    size = 0
    while content.startswith(_GZIP):
        member = zlib.decompressobj(_CONTAINER)
        try:
            while not member.eof and (content or member.unconsumed_tail):
                part = member.decompress(member.unconsumed_tail or content, _STEP)
                content = b""
                parts.append(part)
                size += len(part)
                if size > most_bytes:
                    return b"", f"the gzip file unpacks to more than {most_bytes} bytes; split it and send the parts"
                if not part and not member.unconsumed_tail:
                    break
        except zlib.error as error:
            return b"".join(parts), f"the gzip file is damaged after {size} unpacked bytes ({error}); send it again"
        if not member.eof:
            return b"".join(parts), f"the gzip file is cut off: {size} bytes could be unpacked; send it again"
        content = member.unused_data
    return b"".join(parts), ""
