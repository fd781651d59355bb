"""Parts of a night's tables, and what is kept of one night for the next."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from enterprise.errors import NeedsPersonError
from warehouse.lake import Lake
from warehouse.parts import keep, keep_part, kept, old_parts, read_parts
from warehouse.tables.parts import STAFFING_WARNING

NIGHT = date(2026, 11, 12)


def words(*queues: str) -> pd.DataFrame:
    return pd.DataFrame({"queue_id": list(queues), "words": "no people"}, dtype="str")


def test_parts_come_back_in_order_and_the_last_word_counts(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    for number, rows in ((1, words("c")), (0, words("x")), (0, words("a", "b")), (2, words())):
        keep_part(lake, "staffing", NIGHT, number, {STAFFING_WARNING: rows})
    assert read_parts(lake, "staffing", NIGHT, range(3), STAFFING_WARNING)["queue_id"].tolist() == ["a", "b", "c"]
    with pytest.raises(NeedsPersonError, match="part 3 of 4 of staffing_warning of 2026-11-12"):
        read_parts(lake, "staffing", NIGHT, range(4), STAFFING_WARNING)


def test_what_is_kept_is_found_by_its_day_and_key_alone(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    keep(lake, "backtest", NIGHT, "abc", words("a"))
    found = kept(lake, "backtest", NIGHT, "abc")
    assert found is not None
    pd.testing.assert_frame_equal(found, words("a"))
    assert kept(lake, "backtest", NIGHT, "abd") is None
    assert kept(lake, "backtest", date(2026, 11, 11), "abc") is None


def test_what_lies_there_is_old_by_when_it_was_written_and_by_its_room_and_not_by_its_night(tmp_path: Path) -> None:
    lake, long_ago = Lake(str(tmp_path)), date(2024, 1, 1)
    keep_part(lake, "staffing", long_ago, 0, {STAFFING_WARNING: words("a")})
    keep(lake, "backtest", NIGHT, "abc", words("a"))
    written = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    part, backtest = (next(tmp_path.glob(f"{room}/**/*.parquet")) for room in ("parts", "kept"))
    for file in (part, backtest):
        os.utime(file, (written, written))
    of_part, of_backtest = (
        ("parts/staffing/2024-01-01", part.stat().st_size),
        ("kept/backtest/2026-11-12", backtest.stat().st_size),
    )
    assert list(old_parts(lake, date(2026, 11, 15))) == []
    assert list(old_parts(lake, date(2026, 11, 16))) == [of_part]
    assert list(old_parts(lake, date(2027, 3, 1))) == [of_part]
    assert list(old_parts(lake, date(2027, 3, 2))) == [of_part, of_backtest]
