"""What the nights know of themselves: small JSON files in the lake's `state` folder, written last and read first."""

from __future__ import annotations

import json

from etl.intake import Intake, from_json, to_json
from warehouse.lake import Lake

CONFORMED = "conformed"
"""Nights that core was made of, each with what it took in."""
HISTORY = "history"
"""Days that history was made of."""
STITCHED = "workstreams"
"""What workstreams were stitched of."""


def is_kept(lake: Lake, name: str) -> bool:
    """Whether there is such a file."""
    return bool(lake.filesystem.exists(_path(lake, name)))


def read_state(lake: Lake, name: str) -> dict[str, object]:
    """What a file says; nothing where there is none."""
    if not is_kept(lake, name):
        return {}
    content: dict[str, object] = json.loads(lake.filesystem.cat_file(_path(lake, name)))
    return content


def keep_state(lake: Lake, name: str, content: dict[str, object]) -> None:
    """Write a file in one step."""
    lake.write_bytes(_path(lake, name), json.dumps(content, sort_keys=True, indent=0).encode())


def read_intake(lake: Lake, source: str) -> Intake:
    """What was taken in of a source."""
    path = _path(lake, f"intake/{source}")
    return from_json(lake.filesystem.cat_file(path)) if lake.filesystem.exists(path) else Intake()


def keep_intake(lake: Lake, source: str, intake: Intake) -> None:
    """Write what was taken in of a source in one step."""
    lake.write_bytes(_path(lake, f"intake/{source}"), to_json(intake))


def _path(lake: Lake, name: str) -> str:
    return f"{lake.root}/state/{name}.json"
