"""Where plan books stand: one file per night, and `latest.html` for the newest of them."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path


def put_on_shelf(folder: Path, plan_date: date, book: str) -> Path:
    """Write a night's book in one step each: `plan-book-YYYY-MM-DD.html`, and `latest.html` unless a newer night's is there.

    Returns:
        Path of the night's book.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"plan-book-{plan_date.isoformat()}.html"
    _put(path, book)
    if max(folder.glob("plan-book-????-??-??.html")) == path:
        _put(folder / "latest.html", book)
    return path


def _put(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
