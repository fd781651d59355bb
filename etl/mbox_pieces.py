"""A mail archive in mbox form, cut into messages as it streams by; of each only the header lines are kept."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import chain
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
    message: _Message | None = None
    for begins, data in _stretches(blocks):
        if begins or message is None:
            if message is not None and message.holds_anything:
                yield message.piece()
            message = _Message(stray=not begins)
        message.add(data)
    if message is not None and message.holds_anything:
        yield message.piece()


def _stretches(blocks: Iterable[bytes]) -> Iterator[tuple[bool, bytes]]:
    """The archive in stretches that touch at most one message, and whether one begins with the stretch."""
    context = 3  # bytes before a message that show whether a blank line stands there
    data, begun = b"\n" * context, False  # a piece begins as if after a blank line
    for block in chain(blocks, [None]):
        complete = block is None
        if block is not None:
            data += block if begun else block.removeprefix(codecs.BOM_UTF8)
            begun = True
        starts, unsure_from = _starts(data, complete=complete)
        keep = len(data) if complete else max(context, min(unsure_from, len(data) - len(b"\r\nFrom ")))
        begins, place = False, context
        for start in starts:
            if start >= keep:
                break
            if start > place:
                yield begins, data[place:start]
            begins, place = True, start
        if keep > place:
            yield begins, data[place:keep]
        data = data[keep - context :]


class _Message:
    """One message as it streams by: of its text no more is kept than may be header."""

    def __init__(self, *, stray: bool) -> None:
        self._stray = stray
        self._kept = bytearray()
        self._hash = hashlib.blake2b(digest_size=16)
        self._line_ends = b""
        self.holds_anything = not stray

    def add(self, data: bytes) -> None:
        self.holds_anything = self.holds_anything or not data.isspace()
        if len(self._kept) < LONGEST_HEAD_BYTES:
            self._kept += data[: LONGEST_HEAD_BYTES - len(self._kept)]
        data = self._line_ends + data
        text = data if len(self._line_ends) > LONGEST_HEAD_BYTES else data.rstrip(b"\r\n")  # those at the end say nothing
        self._hash.update(text)
        self._line_ends = data[len(text) :]

    def piece(self) -> MailPiece:
        kept, digest = bytes(self._kept), self._hash.digest()
        if self._stray:
            return MailPiece(b"", digest, kept.lstrip(b"\r\n")[:600])
        end = kept.find(b"\n\n")
        end_crlf = kept.find(b"\n\r\n", 0, end if end >= 0 else len(kept))
        end = end_crlf if end_crlf >= 0 else end
        return MailPiece(kept[: end + 1] if end >= 0 else kept, digest, kept[:600], end >= 0)


def _starts(data: bytes, *, complete: bool) -> tuple[list[int], int]:
    """Where messages begin, and from where on that cannot be told before the next line is seen whole."""
    found: list[int] = []
    at = data.find(b"\nFrom ")
    while at >= 0:
        begin = at + 1
        line_end = data.find(b"\n", begin)
        next_end = data.find(b"\n", line_end + 1) if line_end >= 0 else -1
        if next_end < 0 and not complete and len(data) - begin < LONGEST_HEAD_BYTES:
            return found, begin
        after_blank = data[at - 1 : at] == b"\n" or data[at - 2 : at] == b"\n\r"
        if after_blank and (
            _TIME_AND_YEAR.search(data, begin, line_end if line_end >= 0 else len(data))
            or (line_end >= 0 and _FIELD.match(data, line_end + 1))
        ):
            found.append(begin)
        at = data.find(b"\nFrom ", begin)
    return found, len(data)
