"""Which sources a night could read, and why not: noted beside the intake, told in the table source_reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from functools import wraps
from typing import TypeVar

import pyarrow as pa

from enterprise.errors import LeadlineError, NeedsPersonError
from enterprise.settings import Enterprise
from warehouse.lake import Lake
from warehouse.tables.run import SOURCE_READS

_NIGHTS_KEPT = 90
_UNEXPECTED = "an unexpected error; the log of its task has the details"
_NEVER_ENDED = "its extraction did not come to an end: the process was killed, or never started"

T = TypeVar("T")
Extraction = Callable[[str, date, Enterprise, Lake], T]


def noted(extract: Extraction[T]) -> Extraction[T]:
    """Let an extraction leave word whether it read its source to the end, or why not; the error goes on to the caller."""

    @wraps(extract)
    def extract_and_note(source_name: str, business_date: date, enterprise: Enterprise, lake: Lake) -> T:
        try:
            extracted = extract(source_name, business_date, enterprise, lake)
        except Exception as error:
            known = isinstance(error, (LeadlineError, OSError))
            _note(lake, source_name, business_date, " ".join(str(error).split()) if known else _UNEXPECTED)
            raise
        _note(lake, source_name, business_date, "")
        return extracted

    return extract_and_note


def source_reads(lake: Lake, sources: Iterable[str], night: date) -> pa.Table:
    """Rows of SOURCE_READS of a night, one per source of the settings."""
    rows = []
    for name in sources:
        notes = _read(lake, name)
        read = [known for known, reason in notes.items() if not reason and known <= night.isoformat()]
        reason = notes.get(night.isoformat(), _NEVER_ENDED)
        rows.append(
            {
                "business_date": night,
                "source_system": name,
                "was_read": not reason,
                "last_read_date": date.fromisoformat(max(read)) if read else None,
                "reason": reason or None,
            }
        )
    return pa.Table.from_pylist(rows, schema=SOURCE_READS.arrow_schema)


def require_any_read(reads: pa.Table, night: date) -> pa.Table:
    """Let the reads of a night pass if any source could be read.

    Raises:
        NeedsPersonError: naming why each could not, if none could.
    """
    if any(reads["was_read"].to_pylist()):
        return reads
    reasons = "; ".join(f"{read['source_system']}: {read['reason']}" for read in reads.to_pylist())
    raise NeedsPersonError(
        f"no source could be read for the night of {night}, so there is nothing new to plan with: {reasons}. "
        f"The last good plan stays in force. When a source answers again: leadline run --date {night}"
    )


def _note(lake: Lake, source: str, night: date, reason: str) -> None:
    """Note the reason why a source could not be read on a night, or with an empty one that it could."""
    notes = _read(lake, source)
    if notes.get(night.isoformat()) == reason:
        return
    kept = dict(sorted((notes | {night.isoformat(): reason}).items())[-_NIGHTS_KEPT:])
    lake.write_bytes(_path(lake, source), json.dumps(kept, sort_keys=True, indent=0).encode())


def _read(lake: Lake, source: str) -> dict[str, str]:
    if not lake.filesystem.exists(_path(lake, source)):
        return {}
    notes: dict[str, str] = json.loads(lake.filesystem.cat_file(_path(lake, source)))
    return notes


def _path(lake: Lake, source: str) -> str:
    return f"{lake.root}/state/reads/{source}.json"
