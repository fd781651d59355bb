"""Bytes as received: named by their content, never changed, and of a file that grows only what was added."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import IO, Protocol

from etl.intake import Intake, Piece
from etl.landing_parts import WHOLE, Ending, Growth, Parts, blocks_of

_BLOCK = 1 << 20


class Digest(Protocol):
    """A hash that is being taken."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes in."""

    def copy(self) -> Digest:
        """The same so far, going on by itself."""

    def hexdigest(self) -> str:
        """The hash so far."""


class Draft(Protocol):
    """A file that nobody sees yet: its stream takes the bytes."""

    stream: IO[bytes]

    def keep(self, path: str) -> None:
        """Have it put in place when the draft is closed."""


class Store(Protocol):
    """Where landing lies: the lake, or a fake of it."""

    root: str

    def write_bytes(self, path: str, content: bytes) -> None:
        """Put a file in place in one step."""

    def draft(self) -> AbstractContextManager[Draft]:
        """A file to be written bit by bit; put in place in one step at the end."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that a source offers.

    Args:
        place: its path in the source system.
        name: its name there.
        size_bytes: its size now.
        modified: a mark that changes when it is changed (time or entity tag).
        read: gives its bytes from a place on, block by block.
    """

    place: str
    name: str
    size_bytes: int
    modified: str
    read: Callable[[int], Iterator[bytes]]

    @property
    def look(self) -> tuple[int, str]:
        """What tells without opening it whether it was changed."""
        return self.size_bytes, self.modified

    @property
    def waiting(self) -> tuple[int, str]:
        """The same where a part of it waits for the next look."""
        return self.size_bytes, f"{self.modified} waiting"


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


def moved(files: Iterable[Offered], intake: Intake) -> list[Piece]:
    """What was consumed of files that are gone or changed since: it may stand in a file of another name now (a rotated log)."""
    same = {file.place for file in files if intake.seen.get(file.place) in (file.look, file.waiting)}
    return [piece for place in intake.seen.keys() - same if (piece := intake.last_piece(place)) is not None and piece.end]


def take_in(
    offered: Offered,
    growth: Growth,
    last: bool,
    night: date,
    source_system: str,
    intake: Intake,
    store: Store,
    elsewhere: Sequence[Piece] = (),
    most_bytes: int = 0,
) -> Iterator[Piece]:
    """Land what is new of one file, which is never held whole.

    A file whose size and modification mark are those of the last look is not opened. One that still begins with the bytes
    already consumed has grown: what was added is landed, up to the last complete line or message. A log that begins with what was
    consumed under another name is that log, rotated. Any other is landed whole. What stands after the last line end of the file
    written last waits for the next look, and is taken as it is if it has not grown until then.

    Args:
        offered: the file.
        growth: how files of this source grow.
        last: whether the file is the source's most recently changed one, so that it may just be being written.
        night: business date of the night.
        source_system: name of the source.
        intake: the source's state; the look and the pieces are added to it.
        store: where landing lies.
        elsewhere: what was consumed of files that are `moved`.
        most_bytes: where lines need nothing that stands before them: a piece ends with the line that reaches so many bytes, and
            may be read while the next one is landed; 0 for one piece.

    Yields:
        The new pieces, each when it is in place.
    """
    before = intake.seen.get(offered.place)
    known = intake.last_piece(offered.place)
    if before == offered.look:
        return
    candidates = [*([] if known is None else [known]), *(elsewhere if growth == "lines" else ())]
    begin, consumed = _consumed(offered, candidates, growth)
    parts = Parts(blocks_of(offered.read(begin)), begin, growth, most_bytes)
    while parts.left():
        with store.draft() as draft:
            fresh = consumed.copy()
            digests = [fresh, _new_digest()] if begin else [fresh]  # of a file from its beginning both would say the same
            ending, waits = Ending(growth), False
            for block in parts.next_part():
                draft.stream.write(block)
                _take(digests, block)
                ending.add(block)
            size, behind = ending.size, parts.left()
            cut = last and not behind and before != offered.waiting and not (begin == 0 and ending.begins_whole)
            if cut and ending.complete < size:
                size, waits = ending.complete, True
                draft.stream.truncate(size)
                draft.stream.seek(0)
                fresh = consumed.copy()
                digests = [fresh, _new_digest()] if begin else [fresh]
                while block := draft.stream.read(_BLOCK):
                    _take(digests, block)
            if not behind:
                intake.seen[offered.place] = offered.waiting if waits else offered.look
            if not size and (known is not None or ending.size or begin):
                return
            name = f"{offered.name}+{begin}" if begin else offered.name
            landing_file = _name_of(digests[-1].hexdigest(), name, offered.place, intake)
            if landing_file:
                draft.keep(landing_path(store.root, source_system, landing_file))
        begin, consumed = begin + size, fresh
        if landing_file:
            sequence, end = intake.next_sequence(), begin
            piece = Piece(night, sequence, landing_file, name, size, offered.place, end, fresh.hexdigest())
            intake.pieces.append(piece)
            yield piece


def land(
    content: bytes, name: str, place: str, consumed: bytes, night: date, source_system: str, intake: Intake, store: Store
) -> Piece | None:
    """Put bytes into landing and note them; None if the very same bytes lie there under the same name already."""
    landing_file = _name_of(hashlib.sha256(content).hexdigest(), name, place, intake)
    if not landing_file:
        return None
    store.write_bytes(landing_path(store.root, source_system, landing_file), content)
    consumed_hash = hashlib.sha256(consumed).hexdigest()
    piece = Piece(night, intake.next_sequence(), landing_file, name, len(content), place, len(consumed), consumed_hash)
    intake.pieces.append(piece)
    return piece


def _name_of(content_hash: str, name: str, place: str, intake: Intake) -> str:
    """Name of a new piece, "" if the very same bytes lie there under the same name already.

    A file that was changed and is now again what it was before is received once more, as its content holds again.
    """
    landing_file = landing_name(content_hash, name)
    if all(piece.landing_file != landing_file for piece in intake.pieces):
        return landing_file
    last = intake.last_piece(place)
    if last is None or last.landing_file.startswith(landing_file):
        return ""
    return f"{landing_file}+{intake.next_sequence()}"


def _new_digest() -> Digest:
    return hashlib.sha256()


def _take(digests: Iterable[Digest], block: bytes) -> None:
    for digest in digests:
        digest.update(block)


def _consumed(offered: Offered, candidates: Sequence[Piece], growth: Growth) -> tuple[int, Digest]:
    """Bytes at the beginning that were consumed before, 0 if the file was replaced or is new; and their hash."""
    hashes: dict[int, set[str]] = {}
    for piece in candidates:
        hashes.setdefault(piece.end, set()).add(piece.prefix_hash)
    ends = sorted(end for end in hashes if 0 < end <= offered.size_bytes)
    digest = _new_digest()
    found = 0, digest.copy()
    place = 0
    for block in blocks_of(offered.read(0)) if ends else ():
        if place == 0 and (growth == "whole" or block.startswith(WHOLE)):
            ends = [end for end in ends if end == offered.size_bytes]
        rest = block
        while ends and place + len(rest) >= ends[0]:
            step = ends[0] - place
            digest.update(rest[:step])
            place, rest = ends[0], rest[step:]
            if digest.hexdigest() in hashes[ends.pop(0)]:
                found = place, digest.copy()
        if not ends:
            break
        digest.update(rest)
        place += len(rest)
    return found
