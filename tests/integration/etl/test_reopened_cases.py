"""Cases that come back, through whole nights: the backlog of each night as it stood, and history made from copies of core."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from etl import job
from tests.support.bad_input import ENTERPRISE
from tests.support.small_enterprise import small_enterprise
from warehouse.lake import Lake
from warehouse.tables.core import CASES
from warehouse.tables.history import BACKLOG_OPENING, DAILY_HISTORY

pytestmark = pytest.mark.integration
CRM = """
[sources.crm]
kind = "salesforce_cases"
url = "exports/cases-*.csv"
history_url = "exports/history-*.csv"
queues = { Complaint = "cases" }
"""
NIGHTS = [date(2026, 11, day) for day in (10, 11, 12)]
OLD, BACK = "500000000000001AAA", "500000000000002AAA"
CASE_HEADER = "Id,Type,CreatedDate,ClosedDate,IsClosed,SystemModstamp\n"
HISTORY_HEADER = "Id,CaseId,Field,OldValue,NewValue,CreatedDate,CreatedById\n"
CASE_FILES = [
    f"{OLD},Complaint,2026-10-30T09:00:00Z,,false,2026-10-30T09:00:00Z\n"
    f"{BACK},Complaint,2026-11-10T09:00:00Z,2026-11-10T12:00:00Z,true,2026-11-10T12:00:00Z\n",
    f"{BACK},Complaint,2026-11-10T09:00:00Z,,false,2026-11-11T10:00:00Z\n",
    f"{BACK},Complaint,2026-11-10T09:00:00Z,2026-11-12T11:00:00Z,true,2026-11-12T11:00:00Z\n",
]
HISTORY_FILES = [
    f"h1,{BACK},Status,New,Closed,2026-11-10T12:00:00Z,005\n",
    f"h2,{BACK},Status,Closed,Working,2026-11-11T10:00:00Z,005\n",
    f"h3,{BACK},Status,Working,Closed,2026-11-12T11:00:00Z,005\n",
]
OPEN_AFTER = {NIGHTS[0]: 1, NIGHTS[1]: 2, NIGHTS[2]: 1}
"""OLD is open on all nights; BACK only on the second: it was done on the first and came back the day after."""


class Nights:
    """An enterprise whose CRM exports a file of changed cases and of their changes every day."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._exports = folder / "exports"
        self.enterprise = small_enterprise(folder, ENTERPRISE + CRM)
        self.known: dict[date, int] = {}
        self.lake = Lake(self.enterprise.storage.lake_url)

    def export(self, place: int) -> None:
        (self._exports / f"cases-{place}.csv").write_text(CASE_HEADER + CASE_FILES[place])
        (self._exports / f"history-{place}.csv").write_text(HISTORY_HEADER + HISTORY_FILES[place])

    def run(self, night: date) -> None:
        job.extract_source("crm", night, self.enterprise, self.lake)
        job.conform_night(night, self.enterprise, self.lake)
        job.build_history_night(night, self.enterprise, self.lake)

    def open_after(self, night: date) -> int:
        return sum(row["open_items"] for row in self.lake.read_arrow(BACKLOG_OPENING, first=night, last=night).to_pylist())

    def backlog(self) -> dict[date, int]:
        rows = self.lake.read_arrow(DAILY_HISTORY, first=NIGHTS[0], last=NIGHTS[-1]).to_pylist()
        return {row["business_date"]: row["backlog_items"] for row in rows if row["queue_id"] == "cases"}

    def files(self, *folders: str) -> dict[str, bytes]:
        root = Path(self.lake.root)
        paths = [path for folder in folders for path in sorted((root / folder).rglob("*.parquet"))]
        return {str(path.relative_to(root)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    made = Nights(tmp_path_factory.mktemp("one"))
    for place, night in enumerate(NIGHTS):
        made.export(place)
        made.run(night)
        made.known[night] = made.open_after(night)
    return made


def test_each_night_knows_the_backlog_that_stood_then(nights: Nights) -> None:
    assert nights.known == OPEN_AFTER
    assert nights.backlog() == OPEN_AFTER
    assert nights.lake.read_arrow(CASES).num_rows == 2


def test_a_night_run_again_still_does_not_know_what_came_later(nights: Nights) -> None:
    before = nights.files("history")
    for night in (NIGHTS[1], NIGHTS[0], NIGHTS[2]):
        nights.run(night)
        assert nights.open_after(night) == OPEN_AFTER[night]
    assert nights.files("history") == before


def test_a_lake_filled_at_once_says_the_same_of_every_night(tmp_path: Path, nights: Nights) -> None:
    at_once = Nights(tmp_path / "once")
    for place in range(len(NIGHTS)):
        at_once.export(place)
    for night in NIGHTS:
        at_once.run(night)
    assert at_once.files("history/backlog_opening", "history/daily_history") == nights.files(
        "history/backlog_opening", "history/daily_history"
    )


def test_copies_of_core_are_made_again_where_core_changed_and_where_they_are_missing(nights: Nights) -> None:
    before, history = nights.files("state/items/cases"), nights.files("history")
    assert sorted(before) == ["state/items/cases/2026-10.parquet", "state/items/cases/2026-11.parquet"]
    folder = Path(nights.lake.root) / "state/items/cases"
    untouched = (folder / "2026-10.parquet").stat().st_mtime_ns
    (folder / "2026-11.parquet").unlink()
    nights.run(NIGHTS[-1])
    assert nights.files("state/items/cases") == before
    assert (folder / "2026-10.parquet").stat().st_mtime_ns == untouched, "a month that core did not change is not copied again"
    assert nights.files("history") == history
