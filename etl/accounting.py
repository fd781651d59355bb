"""Rows in = rows kept + rows quarantined + exact duplicates, for every landed file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

import pyarrow as pa

from enterprise.errors import AccountingError
from etl.intake import Batch, Intake
from etl.parsed import FileCount
from warehouse.tables.run import LANDING_FILES


def landing_accounts(
    night: date,
    intakes: Mapping[str, Intake],
    repeated: Mapping[tuple[str, str], int],
    put_aside: Mapping[tuple[str, str], int] = MappingProxyType({}),
) -> pa.Table:
    """Accounts of the files that a night took in.

    Args:
        night: business date of the night.
        intakes: state of every source.
        repeated: exact repetitions of rows received before, per (source, landing file), found when core was made.
        put_aside: rows that were put aside when core was made, likewise.

    Returns:
        Rows of LANDING_FILES.

    Raises:
        AccountingError: naming the files whose rows do not add up, or that were landed and never read.
    """
    rows: list[dict[str, object]] = []
    wrong: list[str] = []
    for source, intake in intakes.items():
        counts = {count.landing_file: count for batch in _of(night, intake) for count in batch.counts}
        for piece in intake.pieces:
            if piece.night != night:
                continue
            count = counts.get(piece.landing_file)
            if count is None:
                wrong.append(f"{piece.landing_file} of {source} was landed and never read")
                continue
            found = (source, piece.landing_file)
            count = _with_found(count, repeated.get(found, 0), put_aside.get(found, 0))
            if count.rows_kept < 0 or count.rows_in != count.rows_kept + count.rows_quarantined + count.rows_duplicate:
                wrong.append(f"{count}")
                continue
            rows.append(
                {
                    "source_system": source,
                    "landing_file": piece.landing_file,
                    "business_date": night,
                    "source_name": piece.source_name,
                    "size_bytes": piece.size_bytes,
                    "rows_in": count.rows_in,
                    "rows_kept": count.rows_kept,
                    "rows_quarantined": count.rows_quarantined,
                    "rows_duplicate": count.rows_duplicate,
                }
            )
    if wrong:
        raise AccountingError(
            f"night {night}: rows do not add up in {len(wrong)} file(s): {'; '.join(wrong[:3])}; "
            "the night does not count as done: run the extraction again, and report it with the file if it stays"
        )
    return pa.Table.from_pylist(rows, schema=LANDING_FILES.arrow_schema)


def _of(night: date, intake: Intake) -> Sequence[Batch]:
    return [batch for batch in intake.batches if batch.night == night]


def _with_found(count: FileCount, repeated: int, put_aside: int) -> FileCount:
    """What only the look across files found moves from kept to duplicate, and to quarantined."""
    kept = count.rows_kept - repeated - put_aside
    return FileCount(count.landing_file, count.rows_in, kept, count.rows_quarantined + put_aside, count.rows_duplicate + repeated)
