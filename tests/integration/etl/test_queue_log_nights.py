"""Queue logs through whole nights: calls that last over several dates, logs that come again rotated and packed."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from etl import job
from etl.sources import core_partitions, landing_new, staged_calls
from tests.support.small_enterprise import small_enterprise
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS
from warehouse.tables.run import LANDING_FILES, QUARANTINE

pytestmark = pytest.mark.integration
MIDNIGHT = int(datetime(2026, 11, 9, 23, tzinfo=UTC).timestamp())  # the 10th begins in Amsterdam
DAY = 86_400
LONG_CALL = [
    [f"{MIDNIGHT - 600}|long|support|NONE|ENTERQUEUE||4711|1", f"{MIDNIGHT - 500}|short|support|NONE|ENTERQUEUE||4712|1"],
    [f"{MIDNIGHT + 600}|long|support|Agent/1|CONNECT|1200|b|1", f"{MIDNIGHT + 610}|short|support|NONE|ABANDON|1|1|1110"],
    [f"{MIDNIGHT + DAY + 60}|other|support|NONE|ENTERQUEUE||4713|1"],
    [f"{MIDNIGHT + 2 * DAY + 90}|long|support|Agent/1|COMPLETEAGENT|1200|{2 * DAY - 510}|1"],
]
"""What is written on the 9th, 10th, 11th and 12th of November, local dates."""


def night(folder: Path, day: date) -> Lake:
    enterprise = small_enterprise(folder)
    lake = Lake(enterprise.storage.lake_url)
    job.extract_source("acd", day, enterprise, lake)
    job.conform_night(day, enterprise, lake)
    return lake


def put(folder: Path, name: str, lines: list[str]) -> bytes:
    (folder / "exports").mkdir(exist_ok=True)
    content = "".join(f"{line}\n" for line in lines).encode()
    (folder / "exports" / name).write_bytes(content)
    return content


def test_a_large_log_in_several_pieces_gives_the_contacts_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for most in (landing_new.PIECE_BYTES, 100):
        folder = tmp_path / str(most)
        folder.mkdir()
        put(folder, "queue_log", [line for lines in LONG_CALL for line in [*lines, "no line of a log"]])
        monkeypatch.setattr(landing_new, "PIECE_BYTES", most)
        lake = night(folder, date(2026, 11, 12))
        found.append(lake.read(CONTACTS).drop(columns=["landing_file", "landing_row"]))
        accounts = lake.read(LANDING_FILES)
        assert (accounts["rows_in"].sum(), accounts["rows_kept"].sum(), accounts["rows_quarantined"].sum()) == (10, 6, 4)
        assert len(lake.read(QUARANTINE)) == 4
    assert len(accounts) > 3
    pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize("rows_at_once", [1, 700_000])
@pytest.mark.parametrize("by_night", [True, False])
def test_a_call_that_lasts_over_four_dates_is_whole_on_the_first_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int, by_night: bool
) -> None:
    monkeypatch.setattr(staged_calls, "_ROWS_AT_ONCE", rows_at_once)
    monkeypatch.setattr(staged_calls, "_DAYS_AT_ONCE", min(rows_at_once, 8))
    monkeypatch.setattr(staged_calls, "_MOST_ROWS_BEING_MADE", rows_at_once)  # one portion after another where it is 1
    monkeypatch.setattr(core_partitions, "_MANY_ROWS", rows_at_once)
    for place in range(len(LONG_CALL)) if by_night else [len(LONG_CALL) - 1]:
        put(tmp_path, "queue_log", [line for lines in LONG_CALL[: place + 1] for line in lines])
        lake = night(tmp_path, date(2026, 11, 9 + place))
    contacts = lake.read(CONTACTS).set_index("contact_id")
    long, short, other = (contacts.loc[f"acd:{name}"] for name in ("long", "short", "other"))
    assert len(contacts) == 3
    assert (long.business_date, long.outcome, long.agent_id) == (date(2026, 11, 9), "answered", "1")
    assert (long.wait_seconds, long.talk_seconds) == (1200, 2 * DAY - 510)
    assert long.ended_at == pd.Timestamp(MIDNIGHT + 2 * DAY + 90, unit="s", tz="UTC")
    assert (short.business_date, short.outcome, short.wait_seconds) == (date(2026, 11, 9), "abandoned", 1110)
    assert (other.business_date, other.outcome) == (date(2026, 11, 11), "other")
    assert lake.read(QUARANTINE).empty


def test_events_of_a_call_that_never_entered_are_put_aside_until_the_log_with_its_entry_comes(tmp_path: Path) -> None:
    cut_off = [
        f"{MIDNIGHT + 30}|lost|support|Agent/1|CONNECT|30|b|1",
        f"{MIDNIGHT + 90}|lost|support|Agent/1|COMPLETEAGENT|30|60|1",
    ]
    put(tmp_path, "queue_log", [*LONG_CALL[0], *LONG_CALL[1], *cut_off, cut_off[0], "no line"])
    lake = night(tmp_path, date(2026, 11, 10))
    counted = ["rows_in", "rows_kept", "rows_quarantined", "rows_duplicate"]
    aside = lake.read(QUARANTINE).query("rule != 'not_a_queue_log_line'")
    assert aside[["source_system", "landing_row", "rule", "queue_id"]].to_numpy().tolist() == [
        ["acd", 5, "call_without_entry", "voice"], ["acd", 6, "call_without_entry", "voice"],
    ]  # fmt: skip
    assert aside["row_text"].tolist() == [
        f"{MIDNIGHT + 30}|lost|voice|1|CONNECT",
        f"{MIDNIGHT + 90}|lost|voice|1|COMPLETEAGENT",
    ]
    assert aside["landing_file"].tolist() == lake.read(LANDING_FILES)["landing_file"].tolist() * 2
    assert lake.read(LANDING_FILES)[counted].to_numpy().tolist() == [[8, 4, 3, 1]]
    assert sorted(lake.read(CONTACTS)["contact_id"]) == ["acd:long", "acd:short"]
    put(tmp_path, "queue_log.late", [f"{MIDNIGHT - 1}|lost|support|NONE|ENTERQUEUE||4714|1"])
    lake = night(tmp_path, date(2026, 11, 11))
    assert lake.read(QUARANTINE)["landing_row"].tolist() == [8]
    assert lake.read(LANDING_FILES)[counted].to_numpy().tolist() == [[8, 6, 1, 1], [1, 1, 0, 0]]
    lost = lake.read(CONTACTS).set_index("contact_id").loc["acd:lost"]
    assert (lost.business_date, lost.outcome, lost.talk_seconds) == (date(2026, 11, 9), "answered", 60)


def test_an_event_later_than_a_call_is_followed_belongs_to_no_visit(tmp_path: Path) -> None:
    put(tmp_path, "queue_log", [LONG_CALL[0][0], f"{MIDNIGHT + 9 * DAY}|long|support|Agent/1|CONNECT|1200|b|1"])
    lake = night(tmp_path, date(2026, 11, 19))
    assert lake.read(QUARANTINE)["landing_row"].tolist() == [2]
    assert lake.read(CONTACTS)["outcome"].tolist() == ["other"]


def test_a_log_that_comes_again_packed_holds_nothing_but_exact_duplicates(tmp_path: Path) -> None:
    first = put(tmp_path, "queue_log", LONG_CALL[0] + LONG_CALL[1])
    before = night(tmp_path, date(2026, 11, 10)).read(CONTACTS)
    (tmp_path / "exports" / "queue_log-20261111.gz").write_bytes(gzip.compress(first, mtime=0))
    put(tmp_path, "queue_log", LONG_CALL[2])
    lake = night(tmp_path, date(2026, 11, 11))
    accounts = lake.read(LANDING_FILES)
    packed = accounts[accounts["landing_file"].str.endswith(".gz")]
    counted = ["rows_in", "rows_kept", "rows_quarantined", "rows_duplicate"]
    assert packed[counted].to_numpy().tolist() == [[4, 0, 0, 4]]
    assert accounts[counted].sum().tolist() == [9, 5, 0, 4]
    after = lake.read(CONTACTS)
    assert after[after["contact_id"] != "acd:other"].reset_index(drop=True).equals(before)
