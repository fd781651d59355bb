"""Undecided workstreams: kept by name, found again, and swept when no stitch reads them any more."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.sources.undecided import keep_undecided, sweep_undecided, undecided_file
from warehouse.lake import Lake


def ids(*names: str) -> pa.Table:
    return pa.table({"workstream_id": pa.array(names, pa.string())})


def test_what_was_kept_is_found_until_it_is_swept(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    first, then = keep_undecided(lake, ids("contact:a", "contact:b")), keep_undecided(lake, ids())
    path = undecided_file(lake, first)
    assert path is not None
    assert pq.read_table(path).equals(ids("contact:a", "contact:b"))
    sweep_undecided(lake, then)
    assert undecided_file(lake, first) is None
    assert undecided_file(lake, then) is not None


def test_a_note_without_a_file_names_none(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    assert undecided_file(lake, None) is None
    assert undecided_file(lake, ["contact:a"]) is None  # as an earlier release noted them
    assert undecided_file(lake, "gone") is None
