"""A mail archive in mbox form, cut into messages as it streams by; of each only the header lines are kept."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

_TIME_AND_YEAR = re.compile(rb"\d\d:\d\d[^\n]*\b(?:19|20)\d\d\b|\b(?:19|20)\d\d\b[^\n]*\d\d:\d\d")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
LONGEST_HEAD_BYTES = 1 << 20
"""A mail whose header is longer is no letter: what stands behind could say anything else of it."""


class MailPiece(NamedTuple):
    """One message of an archive.

    Args:
        head: the "From " line and the header lines (at most a megabyte of them); empty where the bytes belong to no message.
        digest: hash of the whole message, by which exact duplicates are known.
        text: first bytes, for quarantine.
        whole: whether the end of the header lines was seen.
    """

    head: bytes
    digest: bytes
    text: bytes
    whole: bool = True


def mail_pieces(blocks: Iterable[bytes]) -> Iterator[MailPiece]:
    r"""Cut an archive, or a part appended to one, into its messages.

    A message begins with a line "From " at the start or after a blank line that bears a time of day and a year, or whose next
    line is a header field; so a sentence in a body that begins with "From" begins no message (RFC 4155, read tolerantly). Bytes
    before the first message, the end of one whose beginning lies in an earlier piece, come as one piece without head.

    Args:
        blocks: the bytes, in blocks of any size.

    Example:
        >>> archive = b"From a@x 08:00 2026\nSubject: s\n\nFrom here on\n\nFrom b@x 08:01 2026\nDate: d\n"
        >>> [piece.head for piece in mail_pieces([archive])]
        [b'From a@x 08:00 2026\nSubject: s\n', b'From b@x 08:01 2026\nDate: d\n']
    """
    rest = b"\n\n"  # a piece begins as if after a blank line
    begun = False
    for block in blocks:
        data = rest + (block if begun else block.removeprefix(codecs.BOM_UTF8))
        begun = True
        starts = _starts(data, complete=False)
        if starts:
            yield from _cut(data, starts)
            rest = b"\n\n" + data[starts[-1] :]
        else:
            rest = data
    starts = _starts(rest, complete=True)
    yield from _cut(rest, [*starts, len(rest)])


def _cut(data: bytes, edges: list[int]) -> Iterator[MailPiece]:
    """What stands before the first edge, if anything, and the messages between the edges."""
    if data[: edges[0]].strip():
        yield _stray(data[: edges[0]])
    for begin, end in pairwise(edges):
        yield _piece(data[begin:end])


def _starts(data: bytes, *, complete: bool) -> list[int]:
    """Where messages begin; of data that goes on, only where the next line can be seen whole."""
    found = []
    at = data.find(b"\nFrom ")
    while at >= 0:
        begin = at + 1
        line_end = data.find(b"\n", begin)
        next_end = data.find(b"\n", line_end + 1) if line_end >= 0 else -1
        if next_end < 0 and not complete:
            break
        after_blank = data[at - 1 : at] == b"\n" or data[at - 2 : at] == b"\n\r"
        if after_blank and (
            _TIME_AND_YEAR.search(data, begin, line_end if line_end >= 0 else len(data))
            or (line_end >= 0 and _FIELD.match(data, line_end + 1))
        ):
            found.append(begin)
        at = data.find(b"\nFrom ", begin)
    return found


def _piece(message: bytes) -> MailPiece:
    end = message.find(b"\n\n", 0, LONGEST_HEAD_BYTES)
    end_crlf = message.find(b"\n\r\n", 0, end if end >= 0 else LONGEST_HEAD_BYTES)
    end = end_crlf if end_crlf >= 0 else end
    head = message[: end + 1] if end >= 0 else message[:LONGEST_HEAD_BYTES]
    return MailPiece(head, hashlib.blake2b(message.rstrip(b"\r\n"), digest_size=16).digest(), message[:600], end >= 0)


def _stray(fragment: bytes) -> MailPiece:
    return MailPiece(b"", hashlib.blake2b(fragment, digest_size=16).digest(), fragment.lstrip(b"\r\n")[:600])
