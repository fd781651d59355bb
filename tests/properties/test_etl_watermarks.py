"""Tables read night by night, each by its own watermark: what is written in the order of its times is never missed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from etl.sources.sql_reading import Selection, read_tables
from etl.sources.watermarks import from_text, to_text

AT, PRESENT = datetime(2026, 11, 12, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
OVERLAP = 60
TABLES = ("claims", "events")
SELECTIONS = [Selection(name, name, ("id", "at"), ("at",), "id") for name in TABLES]
news = st.tuples(st.booleans(), st.lists(st.integers(-OVERLAP, 100_000), max_size=3))
"""Whether a table's rows are deleted first, and by how many seconds the time of each new row is after the latest so far."""


@settings(max_examples=40, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(TABLES, news)), min_size=1, max_size=5))
def test_each_row_of_each_table_is_read_however_far_they_are_apart(nights: list[dict[str, tuple[bool, list[int]]]]) -> None:
    state, read = "", set()
    written: dict[str, list[datetime]] = {name: [] for name in TABLES}
    with TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "tables.db")) as connection:
        for name in TABLES:
            connection.execute(f"CREATE TABLE {name} (id INTEGER, at TEXT)")
        for night in nights:
            for name, (cleared, steps) in night.items():
                if cleared:
                    connection.execute(f"DELETE FROM {name}")
                latest = max(written[name], default=AT)
                for step in steps:
                    written[name].append(latest + timedelta(seconds=step))
                    connection.execute(f"INSERT INTO {name} VALUES (?, ?)", (len(written[name]), written[name][-1].isoformat()))
            connection.commit()
            before = from_text(state)
            fetched = read_tables(f"sqlite:///{folder}/tables.db", SELECTIONS, before, OVERLAP, PRESENT)
            for piece, content in fetched.pieces:
                if piece.endswith(".jsonl"):
                    read |= {(piece.partition("-")[0], json.loads(line)["id"]) for line in content.splitlines()}
            state = to_text(fetched.watermarks)
            assert read == {(name, number + 1) for name in TABLES for number in range(len(written[name]))}
            assert fetched.watermarks == {name: max(times) for name, times in written.items() if times}
