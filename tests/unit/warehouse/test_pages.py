"""Pages are put in place whole, and latest.html is always the newest night's."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from tests.support.object_store import BUCKET, object_store
from warehouse.pages import put_page

BOOK = "plan-book-{day}.html"
NEW, OLD = date(2026, 11, 12), date(2026, 10, 1)


@pytest.mark.parametrize("name", [BOOK, "{day}/index.html"])
def test_an_older_night_does_not_become_the_latest(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "books"
    put_page(str(folder), name, NEW, "new")
    path = put_page(str(folder), name, OLD, "old")
    assert path == str(folder / name.replace("{day}", "2026-10-01"))
    assert Path(path).read_text() == "old"
    assert (folder / "latest.html").read_text() == "new"


def test_a_page_that_cannot_be_finished_leaves_the_former_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put_page(str(tmp_path), BOOK, NEW, "whole")

    def die(draft: str, place: str) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(OSError, match="no space"):
        put_page(str(tmp_path), BOOK, NEW, "half")
    assert Path(path).read_text() == "whole"


def test_pages_stand_in_an_object_store_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with object_store(monkeypatch) as store:
        folder = f"s3://{BUCKET}/books"
        assert put_page(folder, BOOK, NEW, "né") == f"{folder}/plan-book-2026-11-12.html"
        put_page(folder, BOOK, OLD, "old")
        store.invalidate_cache()
        assert store.cat_file(f"{BUCKET}/books/latest.html").decode() == "né"
