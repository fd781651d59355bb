import hashlib
from datetime import date
from pathlib import Path

import pytest

from demo.job import make_demo

DAYS = (date(2025, 10, 25), date(2025, 10, 27))


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_demo(tmp_path / name, tmp_path / f"{name}-truth", *DAYS, seed=seed)
    assert _hashes(tmp_path / "a") == _hashes(tmp_path / "b")
    assert _hashes(tmp_path / "a-truth") == _hashes(tmp_path / "b-truth")
    other = _hashes(tmp_path / "c")
    assert all(other[name] != digest for name, digest in _hashes(tmp_path / "a").items())


def test_a_complete_demo_is_left_as_it_is_and_other_days_replace_it(tmp_path: Path) -> None:
    first = make_demo(tmp_path / "demo", tmp_path / "truth", DAYS[0], DAYS[0], seed=1)
    (tmp_path / ".demo.partial").mkdir()
    again = make_demo(tmp_path / "demo", tmp_path / "truth", DAYS[0], DAYS[0], seed=1)
    assert (first.made, again.made) == (True, False)
    assert again.rows == first.rows
    replaced = make_demo(tmp_path / "demo", tmp_path / "truth", DAYS[0], DAYS[1], seed=1)
    assert replaced.made
    assert replaced.files > first.files
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "truth"]


def test_files_that_are_no_demo_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match=r"holds files but no manifest\.json"):
        make_demo(tmp_path / "demo", tmp_path / "truth", *DAYS)
    assert (tmp_path / "demo" / "thesis.txt").read_text() == "years of work"
