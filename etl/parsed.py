"""What reading a source gives: typed rows per core table, the rows put aside with their reasons, and the count of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from enterprise.errors import AccountingError
from enterprise.grid import IntervalGrid
from enterprise.queues import Queue
from etl.shapes import Shape
from warehouse.tables.declaration import Table

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


@dataclass(frozen=True, slots=True)
class LandedFile:
    """One piece of a source as it lies in landing.

    Args:
        source_system: name of the source in the settings.
        landing_file: `<first 16 hex digits of the SHA-256>-<name>`: how core rows and quarantine name it.
        path: where its bytes are, in the lake's filesystem notation.
        source_name: file or table name in the source system (with the byte offset for appended pieces).
        size_bytes: size of the piece.
    """

    source_system: str
    landing_file: str
    path: str
    source_name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What every source module is given besides its own settings.

    A reader sees the new pieces only, in landing order. What needs rows of earlier nights is derived when core is made, from
    everything known: the first reply to a mail (`messages.handled_at`, by thread) and the first assessment of a claim
    (`claims.assessed_at`, from its events); a reader leaves these missing unless the very row says them.

    Args:
        filesystem: the lake's filesystem; `filesystem.open(file.path, "rb")` gives a piece's bytes as they were received.
        source_system: name of the source in the settings: fills `source_system` and prefixes ids.
        grid: the enterprise's grid: `grid.business_date(instants)` dates rows, `grid.time_zone` reads naive local times.
        queues: the enterprise's queues by id.
    """

    filesystem: AbstractFileSystem
    source_system: str
    grid: IntervalGrid
    queues: Mapping[str, Queue]


@dataclass(frozen=True, slots=True)
class FileCount:
    """Rows of one landed file: rows_in = rows_kept + rows_quarantined + rows_duplicate."""

    landing_file: str
    rows_in: int
    rows_kept: int
    rows_quarantined: int
    rows_duplicate: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a source module made of some landed files.

    `tables` holds per declared table an Arrow table of exactly the declared columns; rows may still repeat by key
    (within the batch the last one by landing order wins when it is merged into core). `quarantine` holds rows of the declared
    table QUARANTINE without its business_date.
    """

    tables: Mapping[Table, pa.Table]
    quarantine: pa.Table
    counts: Sequence[FileCount]
    shapes: Sequence[Shape] = ()
    """Columns of the files in landing order, by which a change of the source is noticed."""

    def checked(self) -> Parsed:
        """This, after checking that no row was lost.

        Raises:
            AccountingError: naming the files whose rows do not add up.
        """
        wrong = [c for c in self.counts if c.rows_in != c.rows_kept + c.rows_quarantined + c.rows_duplicate]
        if wrong:
            shown = "; ".join(
                f"{c.landing_file}: {c.rows_in} in, {c.rows_kept} kept, {c.rows_quarantined} quarantined, "
                f"{c.rows_duplicate} duplicates"
                for c in wrong[:3]
            )
            raise AccountingError(
                f"rows do not add up in {len(wrong)} file(s): {shown}; this is a bug of the reader: report it with the file"
            )
        return self


def total_rows(counts: Iterable[FileCount]) -> int:
    """Rows read in all."""
    return sum(count.rows_in for count in counts)
