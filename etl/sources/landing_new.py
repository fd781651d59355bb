"""What a source has that is not landed yet, landed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from enterprise.errors import NeedsPersonError
from enterprise.model import Settings
from enterprise.remote import shown
from etl.intake import Intake, Piece
from etl.landing import land, moved, take_in
from etl.sources.listing import offered_files
from etl.sources.readers import Reader
from warehouse.lake import Lake

PIECE_BYTES = 48 << 20
"""A larger log is landed in several pieces: each is typed while the next one is landed."""


def land_new(
    name: str, settings: Settings, reader: Reader, night: date, present: datetime, intake: Intake, lake: Lake
) -> Iterator[Piece]:
    """Land what is new of a source, and note it in its intake.

    Args:
        name: the source.
        settings: its settings.
        reader: how it is read.
        night: business date of the night.
        present: now, in the enterprise's time zone.
        intake: what was taken in before.
        lake: where landing is.

    Yields:
        Each new piece when it is in place.

    Raises:
        SourceUnreachableError: if the source does not answer.
        NeedsPersonError: if it never had any file.
    """
    if reader.fetch is not None:
        landed = len(intake.pieces)
        _fetch_new(name, settings, reader, night, present, intake, lake)
        yield from intake.pieces[landed:]
        return
    first, *others = reader.urls(settings)
    files = offered_files(name, [first])
    if not files and not intake.pieces:
        raise NeedsPersonError(
            f"sources.{name}: no file at {shown(first)}, and there never was one; "
            "check the url and that the source system exports there"
        )
    files += offered_files(name, others)
    latest = max(files, key=lambda file: (file.modified, file.place), default=None)
    elsewhere = moved(files, intake)
    most = PIECE_BYTES if reader.stream is not None else 0
    for file in files:
        yield from take_in(file, reader.growth, file is latest, night, name, intake, lake, elsewhere, most)


def _fetch_new(name: str, settings: Settings, reader: Reader, night: date, present: datetime, intake: Intake, lake: Lake) -> None:
    """Ask a system for what is new since its last mark; a night before the last one asks for nothing any more."""
    today, nights = night.isoformat(), sorted(intake.watermarks)
    if reader.fetch is None or (nights and today < nights[-1]):
        return
    asked = [known for known in reversed(nights) if reader.resumes or known < today]
    since = next((reached for known in asked if (reached := intake.watermarks[known][1])), "")

    def take(piece_name: str, content: bytes) -> None:
        land(content, piece_name, piece_name, content, night, name, intake, lake)

    reached = reader.fetch(settings, since, take, present)
    first_asked = intake.watermarks[today][0] if reader.resumes and today in intake.watermarks else since
    intake.watermarks[today] = (first_asked, reached)
