"""Landed pieces of a source that are not staged yet, read and staged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import chain

from enterprise.errors import NeedsPersonError
from enterprise.model import Settings
from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from etl.ahead import done_ahead
from etl.intake import Batch, Intake, Piece
from etl.landing import landing_path
from etl.parsed import LandedFile, ReadContext
from etl.source_changes import news_of
from etl.sources.landing_new import PIECE_BYTES
from etl.sources.readers import Reader
from etl.staging import batches_of, reader_hash, stage
from warehouse.lake import Lake

_READERS = 2  # one writes what it read while the other reads


def stage_unread(
    name: str,
    settings: Settings,
    reader: Reader,
    intake: Intake,
    enterprise: Enterprise,
    lake: Lake,
    night: date,
    landed: Iterable[Piece] = (),
    again: Set[str] = frozenset(),
) -> None:
    """Read the pieces that are not staged, those that were read with other settings, and those of the files `again`.

    Args:
        name: the source.
        settings: its settings.
        reader: how it is read.
        intake: what was taken in; the batches are added to it.
        enterprise: the settings of all.
        lake: where landing and staging are.
        night: business date of the night.
        landed: pieces of that night that are just being landed, one after another.
        again: names in landing of files that are to be read again.

    Raises:
        NeedsPersonError: if a piece is no longer in landing.
    """
    mark = intake.forget(reader_hash(settings, enterprise.time_zone), again)
    read = {landing_file for batch in intake.batches for landing_file in batch.landing_files}
    context = ReadContext(lake.filesystem, name, grid_of(enterprise), enterprise.queues)
    unread: dict[date, list[Piece]] = {night: []}
    for piece in intake.pieces:
        if piece.landing_file not in read:
            unread.setdefault(piece.night, []).append(piece)

    def read_and_stage(pieces: Sequence[Piece], of_night: date) -> Batch:
        parts = reader.parts(settings, [_landed(name, piece, lake) for piece in pieces], context)
        return stage(parts, pieces, of_night, mark, name, lake)

    def works() -> Iterator[partial[Batch]]:
        for of_night in sorted(unread):
            pieces = chain(unread[of_night], landed if of_night == night else ())
            yield from (partial(read_and_stage, some, of_night) for some in batches_of(pieces, PIECE_BYTES))

    # What is not read part by part is held whole: one batch at a time is enough of that.
    for batch in done_ahead(works(), _READERS if reader.stream is not None else 1):
        intake.batches.append(replace(batch, shapes=news_of(intake.batches, batch.shapes)))


def _landed(source: str, piece: Piece, lake: Lake) -> LandedFile:
    path = landing_path(lake.root, source, piece.landing_file)
    if not lake.filesystem.exists(path):
        raise NeedsPersonError(
            f"source {source}: the landed file {piece.landing_file} has to be read again, because the source's settings or a "
            "rule changed, but it is no longer in landing: retention moved it to retention.landing_archive_url. Copy it back "
            f"from there to {source}/ in landing and run again, or undo the change"
        )
    return LandedFile(source, piece.landing_file, path, piece.source_name, piece.size_bytes)
