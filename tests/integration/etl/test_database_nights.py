"""Nights that read a database with overlap: what is unchanged stays where it was first read, and is counted."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from enterprise.settings import Enterprise
from enterprise.sources import ClaimsDatabase
from etl import job
from tests.support.example_night import example_enterprise
from warehouse.lake import Lake
from warehouse.tables.core import CLAIM_EVENTS, CLAIMS
from warehouse.tables.run import LANDING_FILES

pytestmark = pytest.mark.integration
FIRST, SECOND = date(2026, 11, 11), date(2026, 11, 12)


def write(path: Path, *rows: tuple[object, ...]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS claims (id TEXT PRIMARY KEY, line, reported, closed, gone, changed)")
        connection.execute("CREATE TABLE IF NOT EXISTS history (id INTEGER, claim TEXT, status TEXT, changed TEXT)")
        connection.executemany("INSERT OR REPLACE INTO claims VALUES (?,?,?,?,?,?)", rows)


@pytest.fixture
def night(tmp_path: Path) -> tuple[Enterprise, Lake, Path]:
    path = tmp_path / "claims.db"
    source = ClaimsDatabase(
        kind="claims_database", url=f"sqlite:///{path}", events_table="history", watermark_column="changed", overlap_seconds=7200,
        deleted_column="gone",
        claims_columns={"claim_id": "id", "line_of_business": "line", "reported_at": "reported", "closed_at": "closed"},
        events_columns={"claim_event_id": "id", "claim_id": "claim", "status": "status", "changed_at": "changed"},
    )  # fmt: skip
    enterprise = example_enterprise(tmp_path).model_copy(update={"sources": {"claims": source}})
    return enterprise, Lake(str(tmp_path / "lake")), path


def run(day: date, enterprise: Enterprise, lake: Lake) -> set[str]:
    job.extract_source("claims", day, enterprise, lake)
    written = job.conform_night(day, enterprise, lake)
    return {one.partition for one in written if one.table == CLAIMS.name}


def test_what_is_read_again_unchanged_is_a_duplicate_and_keeps_where_it_came_from(night):
    enterprise, lake, path = night
    write(path, ("C1", "motor", "2026-11-09 10:00:00", None, None, "2026-11-11 09:00:00"))
    write(path, ("C2", "motor", "2026-11-10 10:00:00", None, None, "2026-11-11 10:00:00"))
    run(FIRST, enterprise, lake)
    before = {row["claim_id"]: row for row in lake.read_arrow(CLAIMS).to_pylist()}
    write(path, ("C3", "motor", "2026-11-11 10:00:00", None, None, "2026-11-12 10:00:00"))
    assert run(SECOND, enterprise, lake) == {"2026-11-11"}, "only the day of the new claim is written"
    after = {row["claim_id"]: row for row in lake.read_arrow(CLAIMS).to_pylist()}
    assert {key: after[key] for key in before} == before
    (account,) = [row for row in lake.read_arrow(LANDING_FILES).to_pylist() if row["business_date"] == SECOND]
    assert (account["rows_in"], account["rows_kept"], account["rows_duplicate"]) == (3, 1, 2)


def test_a_late_correction_opens_its_day_again_and_no_other(night):
    enterprise, lake, path = night
    write(path, *((f"C{day}", "motor", f"2026-11-0{day} 10:00:00", None, None, "2026-11-11 10:00:00") for day in range(1, 6)))
    run(FIRST, enterprise, lake)
    write(path, ("C3", "property", "2026-11-03 10:00:00", None, None, "2026-11-12 10:00:00"))
    assert run(SECOND, enterprise, lake) == {"2026-11-03"}
    assert lake.read_arrow(CLAIMS).column("line_of_business").to_pylist().count("property") == 1


def test_a_claim_that_moves_to_another_day_leaves_the_old_one(night):
    enterprise, lake, path = night
    write(path, ("C1", "motor", "2026-11-03 10:00:00", None, None, "2026-11-11 10:00:00"))
    run(FIRST, enterprise, lake)
    write(path, ("C1", "motor", "2026-11-05 10:00:00", None, None, "2026-11-12 10:00:00"))
    assert run(SECOND, enterprise, lake) == {"2026-11-03", "2026-11-05"}
    assert [row["business_date"] for row in lake.read_arrow(CLAIMS).to_pylist()] == [date(2026, 11, 5)]


@pytest.mark.parametrize(("gone", "closed"), [("2026-11-12 09:00:00", 9), ("1", 10), ("0", None), ("false", None)])
def test_a_claim_that_was_deleted_is_no_open_work(night, gone, closed):
    enterprise, lake, path = night
    write(path, ("C1", "motor", "2026-11-03 10:00:00", None, None, "2026-11-11 10:00:00"))
    run(FIRST, enterprise, lake)
    write(path, ("C1", "motor", "2026-11-03 10:00:00", None, gone, "2026-11-12 10:00:00"))
    run(SECOND, enterprise, lake)
    (row,) = lake.read_arrow(CLAIMS).to_pylist()
    assert (row["closed_at"] and row["closed_at"].hour) == closed


def test_a_night_run_again_gives_the_same_bytes(night):
    enterprise, lake, path = night
    write(path, ("C1", "motor", "2026-11-03 10:00:00", None, None, "2026-11-11 10:00:00"))
    run(FIRST, enterprise, lake)
    write(path, ("C2", "motor", "2026-11-04 10:00:00", None, None, "2026-11-11 11:00:00"))
    run(SECOND, enterprise, lake)
    before = {day: lake.content_hash(CLAIMS, day) for day in (date(2026, 11, 3), date(2026, 11, 4))}
    run(SECOND, enterprise, lake)
    run(FIRST, enterprise, lake)
    assert {day: lake.content_hash(CLAIMS, day) for day in before} == before


def happened(path: Path, *events: tuple[int, str, str]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO history VALUES (?, 'C1', ?, ?)", events)


def lagging(path: Path, night: date) -> None:
    """What a night finds: claims are written at once, their history more than the overlap later than its times say."""
    at = night - timedelta(days=1)
    write(path, (f"C{night.day}", "motor", f"{night} 10:00:00", None, None, f"{night} 10:00:00"))
    if night > FIRST:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM history")  # it is kept for a day
        happened(path, (night.day, "open", f"{at} 06:00:00"))


def events(lake: Lake) -> list[str]:
    return lake.read_arrow(CLAIM_EVENTS).column("claim_event_id").to_pylist()


def test_a_history_that_lags_behind_its_claims_by_more_than_the_overlap_is_read_whole(night):
    enterprise, lake, path = night
    for step in range(4):
        day = FIRST + timedelta(days=step)
        lagging(path, day)
        run(day, enterprise, lake)
    assert events(lake) == ["12", "13", "14"]
    assert lake.read_arrow(CLAIMS).num_rows == 4


def test_a_kill_between_the_two_tables_loses_and_doubles_nothing_and_a_backfill_gives_the_same_bytes(night, tmp_path):
    enterprise, lake, path = night

    class Killed(Lake):
        def write_bytes(self, path: str, content: bytes) -> None:
            if "claim_events" in path and path.endswith(".jsonl"):
                raise KeyboardInterrupt
            super().write_bytes(path, content)

    undisturbed = Lake(str(tmp_path / "undisturbed"))
    for step in range(3):
        day = FIRST + timedelta(days=step)
        lagging(path, day)
        run(day, enterprise, undisturbed)
        if step:
            with pytest.raises(KeyboardInterrupt):
                run(day, enterprise, Killed(lake.root))
        run(day, enterprise, lake)

    def hashes(of: Lake) -> dict[tuple[str, date], str]:
        found = {
            (table.name, day): of.content_hash(table, day) for table in (CLAIMS, CLAIM_EVENTS) for day in of.partitions(table)
        }
        return found | {("accounts", day): of.content_hash(LANDING_FILES, day) for day in of.partitions(LANDING_FILES)}

    assert events(lake) == ["12", "13"]
    assert hashes(lake) == hashes(undisturbed)
    for step in (1, 0, 2):
        run(FIRST + timedelta(days=step), enterprise, lake)
    assert hashes(lake) == hashes(undisturbed)


def test_a_lake_of_a_version_with_one_watermark_for_both_goes_on_from_it(night):
    enterprise, lake, path = night
    lagging(path, FIRST)
    happened(path, (1, "open", f"{FIRST} 05:00:00"))
    run(FIRST, enterprise, lake)
    state = f"{lake.root}/state/intake/claims.json"
    content = json.loads(lake.filesystem.cat_file(state))
    assert json.loads(content["watermarks"][str(FIRST)][1]) == {
        "claims": f"{FIRST}T10:00:00+00:00", "claim_events": f"{FIRST}T05:00:00+00:00",
    }  # fmt: skip
    content["watermarks"] = {str(FIRST - timedelta(days=1)): ["", ""], str(FIRST): ["", f"{FIRST}T05:00:00+00:00"]}
    lake.write_bytes(state, json.dumps(content).encode())
    write(path, ("C9", "motor", f"{FIRST} 06:00:00", None, None, f"{FIRST} 06:00:00"))
    happened(path, (9, "closed", f"{FIRST} 05:30:00"))
    run(SECOND, enterprise, lake)
    assert events(lake) == ["1", "9"]
    assert sorted(lake.read_arrow(CLAIMS).column("claim_id").to_pylist()) == ["C11", "C9"]
    asked, reached = json.loads(lake.filesystem.cat_file(state))["watermarks"][str(SECOND)]
    assert asked == f"{FIRST}T05:00:00+00:00"
    assert json.loads(reached) == {"claims": f"{FIRST}T10:00:00+00:00", "claim_events": f"{FIRST}T05:30:00+00:00"}
