"""How far each table of a database was read, and the text by which the state of its source says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

Watermarks = Mapping[str, datetime]
"""Name of a table's pieces -> the latest instant read of it; a table without was not read yet, or has no row with one."""

_EVERY_TABLE = ""


def watermark_of(name: str, watermarks: Watermarks) -> datetime | None:
    """How far a table was read; None if it has to be read from the beginning."""
    return watermarks.get(name, watermarks.get(_EVERY_TABLE))


def to_text(watermarks: Watermarks) -> str:
    """Watermarks as text, "" for none; the same ones always give the same text."""
    if not watermarks:
        return ""
    return json.dumps({name: at.isoformat() for name, at in watermarks.items()}, sort_keys=True)


def from_text(text: str) -> Watermarks:
    """The watermarks back from `to_text`; of versions that kept one instant for all tables, that of each.

    Example:
        >>> str(watermark_of("claims", from_text('{"claims": "2026-11-12T10:00:00+00:00"}')))
        '2026-11-12 10:00:00+00:00'
        >>> str(watermark_of("claims", from_text("2026-11-12T09:00:00+00:00")))
        '2026-11-12 09:00:00+00:00'
        >>> watermark_of("claims", from_text('{"claim_events": "2026-11-12T10:00:00+00:00"}')) is None
        True
    """
    if not text:
        return {}
    kept = json.loads(text) if text.startswith("{") else {_EVERY_TABLE: text}
    return {name: datetime.fromisoformat(at) for name, at in kept.items()}
