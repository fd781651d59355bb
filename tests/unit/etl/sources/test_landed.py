"""Landed pieces that have to be held whole: up to a size, beyond which they are named instead of taking all memory."""

from __future__ import annotations

import gzip

import fsspec
import pytest

from enterprise.grid import IntervalGrid
from enterprise.sources import MappedTable
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.sources import landed, mapped_table

SETTINGS = MappedTable(
    kind="mapped_table", url="x", table="agents",
    columns={"agent_id": "id", "contract_hours_per_week": "hours", "skills": "skills", "valid_from": "since"},
)  # fmt: skip
ROWS = b"id,hours,skills,since\na1,40,,2026-01-01\na2,40,,2026-01-01\n"


def read(content: bytes, size_bytes: int) -> Parsed:
    filesystem = fsspec.filesystem("memory")
    filesystem.pipe_file("/landed/agents.csv", content)
    file = LandedFile("hr", "0123456789abcdef-agents.csv", "/landed/agents.csv", "agents.csv", size_bytes)
    return mapped_table.read(SETTINGS, [file], ReadContext(filesystem, "hr", IntervalGrid("Europe/Amsterdam", 30), {}))


def test_a_file_too_large_to_be_held_is_put_aside_unread_with_what_to_do() -> None:
    parsed = read(ROWS, landed.MOST_WHOLE_BYTES + 1)
    (aside,) = parsed.quarantine.to_pylist()
    assert (aside["landing_row"], aside["rule"]) == (0, "truncated_file")
    assert "at most 1073741824 are read: split it and send the parts" in aside["reason"]
    assert [(count.rows_in, count.rows_kept) for count in parsed.counts] == [(1, 0)]


@pytest.mark.parametrize(("most", "kept"), [(len(ROWS), 2), (len(ROWS) - 1, 0)])
def test_what_a_packed_file_unpacks_to_is_measured_likewise(most: int, kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landed, "MOST_WHOLE_BYTES", most)
    parsed = read(gzip.compress(ROWS, mtime=0), 1)
    assert parsed.counts[0].rows_kept == kept
    assert parsed.quarantine.column("rule").to_pylist() == ([] if kept else ["truncated_file"])
