"""What has been taken in from a source: its landed pieces, how far each file was read, and what was staged of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from etl.parsed import FileCount
from etl.shapes import Shape

_AGAIN = "+"


@dataclass(frozen=True, slots=True)
class Piece:
    """One landed piece of a source.

    Args:
        night: business date of the night that took it in.
        sequence: place in the order in which pieces of the source were received, from 1: of two rows with one key the one
            received later holds.
        landing_file: its name in landing.
        source_name: name of the file or table in the source system, with the byte offset if the piece is what a file grew by.
        size_bytes: its size.
        place: path of the file in the source system; a table's name for databases.
        end: bytes of the file consumed when the piece was landed.
        prefix_hash: SHA-256 of those bytes, by which a grown file is told from a replaced one.
    """

    night: date
    sequence: int
    landing_file: str
    source_name: str
    size_bytes: int
    place: str
    end: int
    prefix_hash: str


@dataclass(frozen=True, slots=True)
class Staged:
    """One table of a batch: rows and the business dates they lie between (None for tables without one)."""

    rows: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Pieces that were read together.

    Args:
        night: business date of the night that took them in.
        key: folder of the batch in staging; depends on the pieces and on the reader's settings only.
        reader: hash of the reader's settings: a batch read with other settings is read again; and how often that was asked for.
        landing_files: the pieces, in landing order.
        tables: what was staged, by name of the table.
        counts: accounts of the pieces, as the reader gave them.
        shapes: columns of the pieces, where they say something that was not known before.
    """

    night: date
    key: str
    reader: str
    landing_files: Sequence[str]
    tables: dict[str, Staged]
    counts: Sequence[FileCount]
    shapes: Sequence[Shape] = ()


@dataclass(slots=True)
class Intake:
    """The state of one source. It is written once per extraction, after everything it speaks of is in place."""

    pieces: list[Piece] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Place -> size and modification mark at the last look: while both stay, the file is not opened."""
    watermarks: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Night -> mark from which a database or mailbox was read, and the one reached; "" for none. Only its reader knows more."""

    _places: dict[str, Piece] = field(default_factory=dict, init=False, repr=False, compare=False)
    _files: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    _highest: int = field(default=0, init=False, repr=False, compare=False)
    _indexed: int = field(default=0, init=False, repr=False, compare=False)

    def last_piece(self, place: str) -> Piece | None:
        """The piece landed last from a place."""
        self._index()
        return self._places.get(place)

    def next_sequence(self) -> int:
        """Sequence of the next piece."""
        self._index()
        return self._highest + 1

    def holds(self, landing_file: str) -> bool:
        """Whether a piece of this name in landing is noted."""
        self._index()
        return landing_file in self._files

    def _index(self) -> None:
        """Look pieces up by place and name: only those added since the last look are gone through."""
        if self._indexed > len(self.pieces):
            self._places, self._files, self._highest, self._indexed = {}, set(), 0, 0
        for piece in self.pieces[self._indexed :]:
            self._places[piece.place] = piece
            self._files.add(piece.landing_file)
            self._highest = max(self._highest, piece.sequence)
        self._indexed = len(self.pieces)

    def forget(self, mark: str, again: Set[str]) -> str:
        """Leave out the batches that were read with other settings, and those of files that are to be read again.

        Args:
            mark: hash of the reader's settings.
            again: names in landing of files that are to be read again.

        Returns:
            The mark to read with what is unread: a new one if files are read again, as what is staged under one never changes.
        """
        own = [batch for batch in self.batches if batch.reader.partition(_AGAIN)[0] == mark]
        self.batches = [batch for batch in own if not again & set(batch.landing_files)]
        times = max((int(batch.reader.partition(_AGAIN)[2] or 0) for batch in own), default=0)
        return f"{mark}{_AGAIN}{times + 1}" if len(self.batches) < len(own) else mark

    def nights(self) -> list[date]:
        """Nights that took something in."""
        return sorted({piece.night for piece in self.pieces})

    def fingerprints(self) -> dict[date, str]:
        """What each night took in, as one text: core is made anew when it changes."""
        keys: dict[date, list[str]] = {}
        for batch in self.batches:
            keys.setdefault(batch.night, []).append(batch.key)
        return {night: ",".join(of_night) for night, of_night in keys.items()}


def to_json(intake: Intake) -> bytes:
    """The state as JSON; the same state always gives the same bytes."""
    content = {
        "pieces": [asdict(piece) for piece in intake.pieces],
        "batches": [asdict(batch) for batch in intake.batches],
        "seen": intake.seen,
        "watermarks": intake.watermarks,
    }
    return json.dumps(content, default=_text_of, sort_keys=True, indent=0).encode()


def from_json(content: bytes) -> Intake:
    """The state back from `to_json`.

    Example:
        >>> piece = Piece(date(2026, 11, 12), 1, "ab-x.csv", "x.csv", 3, "/in/x.csv", 3, "ab")
        >>> from_json(to_json(Intake(pieces=[piece]))).pieces == [piece]
        True
    """
    raw = json.loads(content)
    return Intake(
        pieces=[Piece(**{**piece, "night": date.fromisoformat(piece["night"])}) for piece in raw["pieces"]],
        batches=[
            Batch(
                night=date.fromisoformat(batch["night"]),
                key=batch["key"],
                reader=batch["reader"],
                landing_files=batch["landing_files"],
                tables={
                    name: Staged(table["rows"], _date(table["first"]), _date(table["last"]))
                    for name, table in batch["tables"].items()
                },
                counts=[FileCount(**one) for one in batch["counts"]],
                shapes=tuple(_shape(one) for one in batch.get("shapes", ())),
            )
            for batch in raw["batches"]
        ],
        seen={place: (size, mark) for place, (size, mark) in raw["seen"].items()},
        watermarks={night: (since, until) for night, (since, until) in raw["watermarks"].items()},
    )


def pieces_by_file(pieces: Iterable[Piece]) -> dict[str, Piece]:
    """Pieces by their name in landing."""
    return {piece.landing_file: piece for piece in pieces}


def _shape(raw: dict[str, Any]) -> Shape:
    columns = tuple((name, kind) for name, kind in raw["columns"])
    return Shape(raw["form"], raw["landing_file"], columns, tuple(raw["optional"]), tuple(raw["used"]))


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text_of(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the state of a source")
