"""Bytes as received: named by their content, never changed, and of a file that grows only what was added."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from etl.intake import Intake, Piece

Growth = Literal["lines", "messages", "whole"]
"""How a file of a source may grow: by lines, by mail messages, or only by being replaced."""

_WHOLE = (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
"""How packed files and texts in UTF-16 begin: no byte tells where a line of theirs ends, so that they come whole."""


class Store(Protocol):
    """Where landing lies: the lake, or a fake of it."""

    root: str

    def write_bytes(self, path: str, content: bytes) -> None:
        """Put a file in place in one step."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that a source offers.

    Args:
        place: its path in the source system.
        name: its name there.
        size_bytes: its size now.
        modified: a mark that changes when it is changed (time or entity tag).
        fetch: gives its bytes.
    """

    place: str
    name: str
    size_bytes: int
    modified: str
    fetch: Callable[[], bytes]


def landing_path(root: str, source_system: str, landing_file: str) -> str:
    """Where a landed piece lies."""
    return f"{root}/landing/{source_system}/{landing_file}"


def landing_name(content_hash: str, name: str) -> str:
    """Name in landing: content hash and a harmless form of the source's name.

    Example:
        >>> landing_name("0123456789abcdef0123", "../acd/queue log|1")
        '0123456789abcdef-queue_log_1'
    """
    harmless = re.sub(r"[^A-Za-z0-9._+-]+", "_", name.rsplit("/", 1)[-1]).strip("._") or "unnamed"
    return f"{content_hash[:16]}-{harmless[:80]}"


def take_in(
    offered: Offered, growth: Growth, last: bool, night: date, source_system: str, intake: Intake, store: Store
) -> Piece | None:
    """Land what is new of one file.

    A file whose size and modification mark are those of the last look is not opened. One that still begins with the bytes
    already consumed has grown: what was added is landed, up to the last complete line or message. Any other is landed whole.
    What stands after the last line end of the file written last waits for the next look, and is taken as it is if it has not
    grown until then.

    Args:
        offered: the file.
        growth: how files of this source grow.
        last: whether the file is the source's most recently changed one, so that it may just be being written.
        night: business date of the night.
        source_system: name of the source.
        intake: the source's state; the look and the piece are added to it.
        store: where landing lies.

    Returns:
        The new piece, or None if there is nothing new.
    """
    before = intake.seen.get(offered.place)
    look = (offered.size_bytes, offered.modified)
    known = intake.last_piece(offered.place)
    if before == look and (known is None or known.end == offered.size_bytes or offered.size_bytes == 0):
        return None
    content = offered.fetch()
    begin = _unchanged_prefix(content, known, growth)
    intake.seen[offered.place] = look
    fresh = content[begin:]
    if last and before != look:
        fresh = fresh[: _complete(fresh, growth)]
    if (known is not None or content) and not fresh:
        return None
    name = f"{offered.name}+{begin}" if begin else offered.name
    return land(fresh, name, offered.place, content[: begin + len(fresh)], night, source_system, intake, store)


def land(
    content: bytes, name: str, place: str, consumed: bytes, night: date, source_system: str, intake: Intake, store: Store
) -> Piece | None:
    """Put bytes into landing and note them; None if the very same bytes lie there under the same name already."""
    landing_file = landing_name(hashlib.sha256(content).hexdigest(), name)
    if any(piece.landing_file == landing_file for piece in intake.pieces):
        return None
    store.write_bytes(landing_path(store.root, source_system, landing_file), content)
    consumed_hash = hashlib.sha256(consumed).hexdigest()
    piece = Piece(night, intake.next_sequence(), landing_file, name, len(content), place, len(consumed), consumed_hash)
    intake.pieces.append(piece)
    return piece


def _unchanged_prefix(content: bytes, known: Piece | None, growth: Growth) -> int:
    """Bytes at the beginning that were consumed before; 0 if the file was replaced or is new."""
    if known is None or growth == "whole" or content.startswith(_WHOLE) or len(content) < known.end:
        return known.end if known is not None and _same(content, known) else 0
    return known.end if hashlib.sha256(content[: known.end]).hexdigest() == known.prefix_hash else 0


def _same(content: bytes, known: Piece) -> bool:
    return len(content) == known.end and hashlib.sha256(content).hexdigest() == known.prefix_hash


def _complete(content: bytes, growth: Growth) -> int:
    """Where the last complete line or message ends."""
    if growth == "whole" or content.startswith(_WHOLE):
        return len(content)
    if growth == "lines":
        return content.rfind(b"\n") + 1
    return len(content) if content.endswith(b"\n") else content.rfind(b"\nFrom ") + 1
