"""Which sources have reported a night as read or failed, and which the night was planned without: one small file per source."""

from __future__ import annotations

import json
from datetime import date, datetime

from warehouse.lake import Lake

_NIGHTS_KEPT = 90
_ENDED = "ended"


def report(source: str, night: date, lake: Lake, started: datetime) -> bool:
    """Note that an extraction came to its end, well or not.

    Args:
        source: the source.
        night: the night it was about.
        lake: where the notes are.
        started: when that extraction was started.

    Returns:
        Whether the night waits for it: not if it was given up since.
    """
    notes = _read(lake, source)
    said = notes.get(night.isoformat(), _ENDED)
    if said != _ENDED and datetime.fromisoformat(said) > started:
        return False
    _write(lake, source, notes | {night.isoformat(): _ENDED})
    return True


def give_up(source: str, night: date, lake: Lake, cutoff: datetime) -> bool:
    """Note that since the cut-off a night no longer waits for a source; returns whether it did until then."""
    notes = _read(lake, source)
    if night.isoformat() in notes:
        return False
    _write(lake, source, notes | {night.isoformat(): cutoff.isoformat()})
    return True


def _read(lake: Lake, source: str) -> dict[str, str]:
    path = _path(lake, source)
    if not lake.filesystem.exists(path):
        return {}
    notes: dict[str, str] = json.loads(lake.filesystem.cat_file(path))
    return notes


def _write(lake: Lake, source: str, notes: dict[str, str]) -> None:
    kept = dict(sorted(notes.items())[-_NIGHTS_KEPT:])
    lake.write_bytes(_path(lake, source), json.dumps(kept, indent=0).encode())


def _path(lake: Lake, source: str) -> str:
    return f"{lake.root}/state/reports/{source}.json"
