"""Copies of one contact record through whole nights: the one last updated holds, wherever and whenever copies land."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from enterprise.settings import Enterprise
from enterprise.sources import ConnectContactRecords
from etl import job
from tests.support.example_night import example_enterprise
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS
from warehouse.tables.run import LANDING_FILES, QUARANTINE

pytestmark = pytest.mark.integration
FIRST, SECOND, THIRD = (date(2026, 11, 12) + timedelta(days=step) for step in range(3))


def record(updated: str | None, talk: int, contact: str = "c", day: date = FIRST) -> dict[str, Any]:
    """A copy of a contact's record; `updated` is the time of day of its last update, `talk` tells copies apart."""
    return {
        "ContactId": contact,
        "Channel": "CHAT",
        "InitiationMethod": "API",
        "Queue": {"Name": "Service", "EnqueueTimestamp": f"{day}T10:00:00Z"},
        "Agent": {"Username": "ann", "ConnectedToAgentTimestamp": f"{day}T10:01:00Z", "AgentInteractionDuration": talk},
        "DisconnectTimestamp": f"{day}T10:05:00Z",
        **({} if updated is None else {"LastUpdateTimestamp": f"{FIRST}T{updated}Z"}),
    }


OLD, MIDDLE, NEW = record("10:06:00", 1), record("10:07:00", 2), record("10:08:00", 3)


class Nights:
    """An enterprise whose only source is a folder of contact records."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._exports = folder / "exports"
        self._exports.mkdir()
        source = ConnectContactRecords(
            kind="connect_contact_records", url=f"{self._exports}/*.jsonl", queues={"Service": "chat_service"}
        )
        self._enterprise: Enterprise = example_enterprise(folder).model_copy(update={"sources": {"chat": source}})
        self.lake = Lake(str(folder / "lake"))
        self._files = 0

    def put(self, *records: dict[str, Any], name: str = "") -> None:
        """Write a file of records, later than those before."""
        self._files += 1
        path = self._exports / (name or f"{self._files}.jsonl")
        path.write_text("".join(json.dumps(one) + "\n" for one in records))
        written = datetime(2026, 11, 12, 12).astimezone().timestamp() + self._files
        os.utime(path, (written, written))

    def run(self, night: date) -> set[str]:
        """Run a night; returns the dates of contacts that were written."""
        job.extract_source("chat", night, self._enterprise, self.lake)
        written = job.conform_night(night, self._enterprise, self.lake)
        return {one.partition for one in written if one.table == CONTACTS.name}

    def talk(self) -> dict[str, float]:
        """Talk seconds by contact."""
        rows = self.lake.read_arrow(CONTACTS).to_pylist()
        return {row["contact_id"].removeprefix("chat:"): row["talk_seconds"] for row in rows}

    def accounts(self) -> list[tuple[int, int, int, int]]:
        """Rows in, kept, put aside and repeated of each file, after looking whether they add up."""
        rows = sorted(self.lake.read_arrow(LANDING_FILES).to_pylist(), key=lambda row: row["source_name"])
        found = [(row["rows_in"], row["rows_kept"], row["rows_quarantined"], row["rows_duplicate"]) for row in rows]
        assert all(given == kept + aside + repeated for given, kept, aside, repeated in found)
        return found


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_within_a_file_and_across_files_of_a_night_the_one_last_updated_holds(nights: Nights) -> None:
    nights.put(NEW, OLD, record("10:08:00", 5, "d"))
    nights.put(MIDDLE, record("10:07:00", 4, "d"))
    nights.run(FIRST)
    assert nights.talk() == {"c": 3, "d": 5}
    assert nights.accounts() == [(3, 3, 0, 0), (2, 2, 0, 0)], "copies that say something else are no repetitions"
    assert nights.lake.read_arrow(QUARANTINE).num_rows == 0


def test_a_copy_that_comes_nights_late_replaces_no_newer_one_and_opens_no_day(nights: Nights) -> None:
    nights.put(NEW)
    assert nights.run(FIRST) == {str(FIRST)}
    before = nights.lake.content_hash(CONTACTS, FIRST)
    nights.put(OLD, record("10:06:00", 7, "later", SECOND))
    assert nights.run(SECOND) == {str(SECOND)}, "the first day is not written again"
    nights.put(MIDDLE)
    assert nights.run(THIRD) == set()
    assert nights.lake.content_hash(CONTACTS, FIRST) == before
    assert nights.talk() == {"c": 3, "later": 7}
    assert nights.accounts() == [(1, 1, 0, 0), (2, 2, 0, 0), (1, 1, 0, 0)]


def test_a_newer_copy_replaces_and_one_delivered_again_is_counted_as_repetition(nights: Nights) -> None:
    nights.put(OLD)
    nights.run(FIRST)
    nights.put(NEW, OLD)
    assert nights.run(SECOND) == {str(FIRST)}
    nights.put(OLD, NEW)
    assert nights.run(THIRD) == set()
    assert nights.talk() == {"c": 3}
    assert nights.accounts() == [(1, 1, 0, 0), (2, 1, 0, 1), (2, 0, 0, 2)]


@pytest.mark.parametrize("updated", ["10:06:00", None])
def test_of_copies_updated_at_the_same_time_or_at_none_the_one_landed_last_holds(nights: Nights, updated: str | None) -> None:
    for night, talk in ((FIRST, 8), (SECOND, 9), (THIRD, 8)):
        nights.put(record(updated, talk))
        assert nights.run(night) == {str(FIRST)}
        assert nights.talk() == {"c": talk}


def test_a_copy_that_does_not_say_when_it_was_updated_replaces_none_that_does(nights: Nights) -> None:
    nights.put(OLD)
    nights.run(FIRST)
    nights.put(record(None, 9))
    nights.run(SECOND)
    assert nights.talk() == {"c": 1}


def test_a_copy_that_moves_the_contact_to_another_day_moves_it_whichever_landed_first(tmp_path: Path) -> None:
    moved = record("10:09:00", 4, day=SECOND)
    for place, copies in enumerate(((OLD, moved), (moved, OLD))):
        nights = Nights(tmp_path / str(place))
        for night, copy in zip((FIRST, SECOND), copies, strict=True):
            nights.put(copy)
            nights.run(night)
        dates = [row["business_date"] for row in nights.lake.read_arrow(CONTACTS).to_pylist()]
        assert dates == [SECOND]


def test_any_order_of_landing_and_any_night_run_again_gives_the_same_bytes(tmp_path: Path) -> None:
    files: Sequence[tuple[str, tuple[dict[str, Any], ...]]] = (
        ("a.jsonl", (NEW, record("10:06:00", 1, "d"), record("10:09:00", 2, "e", SECOND))),
        ("b.jsonl", (OLD, record("10:08:00", 2, "d"), record("10:07:00", 1, "e"))),
        ("c.jsonl", (record("10:07:00", 3, "d"), MIDDLE, record("10:08:00", 9, "e"))),
    )
    found = set()
    for place, order in enumerate(permutations(files)):
        nights = Nights(tmp_path / str(place))
        for night, (name, records) in zip((FIRST, SECOND, THIRD), order, strict=True):
            nights.put(*records, name=name)
            nights.run(FIRST if place % 2 else night)  # all in one night, or each in its own
        for night in (SECOND, FIRST):
            nights.run(night)
        hashes = tuple(nights.lake.content_hash(CONTACTS, day) for day in (FIRST, SECOND))
        found.add(hashes)
        assert nights.talk() == {"c": 3, "d": 2, "e": 2}
        assert nights.accounts() == [(3, 3, 0, 0)] * 3
    assert len(found) == 1
