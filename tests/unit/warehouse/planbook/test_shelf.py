"""Books are put in place whole, and latest.html is always the newest night's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from warehouse.planbook.shelf import put_on_shelf


def test_an_older_night_does_not_become_the_latest(tmp_path: Path) -> None:
    put_on_shelf(tmp_path / "books", date(2026, 11, 12), "new")
    path = put_on_shelf(tmp_path / "books", date(2026, 10, 1), "old")
    assert path.name == "plan-book-2026-10-01.html"
    assert path.read_text() == "old"
    assert (tmp_path / "books" / "latest.html").read_text() == "new"


def test_a_book_that_cannot_be_finished_leaves_the_former_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put_on_shelf(tmp_path, date(2026, 11, 12), "whole")

    def die(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(OSError, match="no space"):
        put_on_shelf(tmp_path, date(2026, 11, 12), "half")
    assert path.read_text() == "whole"
