"""A customer is forgotten in whatever form a file is kept or was sent, damaged ones among them."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.compressed import unpacked
from etl.sources.undecided import keep_undecided, undecided_file
from warehouse.lake import Lake
from warehouse.operations.forget import Names, forget_in_files, still_named

ANNA, OTHER = "anna@example.org", "qrst@uvwxyza.bcd"
NAMES = Names({ANNA: OTHER})
ROWS = b"".join(b"row %d of nobody\n" % number for number in range(3_000)) + b"id,anna@example.org,late\n"


def parquet(text: str) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": [text]}), sink, compression="none", use_dictionary=False)
    return sink.getvalue()


def zipped(text: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mails.csv", text)
    return sink.getvalue()


def test_what_the_next_stitch_looks_for_is_reached_and_found_again(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    name = keep_undecided(lake, pa.table({"workstream_id": pa.array([f"message:{ANNA}", "message:m2"], pa.string())}))
    assert forget_in_files(lake, NAMES) == {"state": 1}
    path = undecided_file(lake, name)
    assert path is not None, "the state names it still"
    assert pq.read_table(path)["workstream_id"].to_pylist() == [f"message:{OTHER}", "message:m2"]
    assert still_named(lake, NAMES) == []


def test_an_archive_that_was_cut_off_is_searched_as_far_as_it_goes_and_stays_cut_off(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    lake.write_bytes(f"{lake.root}/landing/acd/a", gzip.compress(ROWS) + gzip.compress(ROWS)[:-6])
    lake.write_bytes(f"{lake.root}/landing/acd/b", gzip.compress(b"nobody") + b"\0" * 8)
    assert forget_in_files(lake, NAMES) == {"landing": 1}
    content, problem = unpacked((tmp_path / "landing" / "acd" / "a").read_bytes())
    assert content == 2 * ROWS.replace(ANNA.encode(), OTHER.encode())
    assert "cut off" in problem, "the night that reads it again says what it said before"


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(parquet(f"of {ANNA} now")[:-9], id="parquet without its end"),
        pytest.param(zipped(f"of {ANNA} now".encode())[:-9], id="zip without its end"),
        pytest.param(b"PAR1 " + ANNA.encode(), id="parquet by name only"),
        pytest.param(b"PK\x03\x04 " + ANNA.encode(), id="zip by name only"),
    ],
)
def test_a_damaged_file_keeps_nobody_from_being_forgotten(tmp_path: Path, damaged: bytes) -> None:
    lake = Lake(str(tmp_path))
    for place in ("landing/x/a", "landing/x/b"):
        lake.write_bytes(f"{lake.root}/{place}", damaged if place.endswith("a") else b"anna@example.org called")
    assert forget_in_files(lake, NAMES) == {"landing": 2}
    assert ANNA.encode() not in (tmp_path / "landing" / "x" / "a").read_bytes()
