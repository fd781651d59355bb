"""Rows put aside come back once a rule or mapping was corrected: recorded, accounted for, and nothing else moves."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from cli import quality
from cli.runtime.folders import Folders
from cli.session import Session
from enterprise.errors import NeedsPersonError
from enterprise.report_sources import IntervalReport
from enterprise.settings import Enterprise
from etl import job
from etl.sources import interval_report
from etl.sources.state import read_intake
from expectations.job import record_reread
from tests.support.example_night import example_enterprise
from warehouse.lake import Lake
from warehouse.tables.core import INTERVAL_REPORTS
from warehouse.tables.declaration import Table
from warehouse.tables.history import INTERVAL_HISTORY
from warehouse.tables.run import LANDING_FILES, QUALITY_FINDINGS, QUALITY_RELEASES, QUARANTINE

pytestmark = pytest.mark.integration
NIGHT = date(2026, 11, 12)
BEFORE = NIGHT - timedelta(days=1)


def enterprise_with(folder: Path, **queues: str) -> Enterprise:
    report = IntervalReport(
        kind="interval_report", url=f"{folder}/exports/acd*.csv", interval_minutes=30,
        queues={"Claims": "voice_claims", **queues}, columns={"queue": "q", "interval_start": "at", "offered": "n"},
    )  # fmt: skip
    return example_enterprise(folder).model_copy(update={"sources": {"acd": report}})


def hashes(lake: Lake, *tables: Table) -> dict[tuple[str, date], str]:
    return {(table.name, day): lake.content_hash(table, day) for table in tables for day in lake.partitions(table)}


def accounts(lake: Lake) -> pd.DataFrame:
    rows = lake.read(LANDING_FILES).set_index("source_name")
    assert (rows["rows_in"] == rows["rows_kept"] + rows["rows_quarantined"] + rows["rows_duplicate"]).all()
    return rows


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two nights; on the second two of four rows are of a queue that the settings do not know."""
    (tmp_path / "exports").mkdir()
    lake = Lake(str(tmp_path / "lake"))
    for day in (BEFORE, NIGHT):
        rows = [f"Claims,{day} {hour}:00,4" for hour in (10, 11)]
        rows += [f"Neu,{day} {hour}:00,6" for hour in (10, 11)] if day == NIGHT else []
        (tmp_path / "exports" / f"acd-{day}.csv").write_text("\n".join(["q,at,n", *rows]))
        job.extract_source("acd", day, enterprise_with(tmp_path), lake)
        job.conform_night(day, enterprise_with(tmp_path), lake)
        job.build_history_night(day, enterprise_with(tmp_path), lake)
    return lake


def test_rows_of_a_queue_that_was_added_come_back_and_only_their_day_is_made_anew(lake: Lake, tmp_path: Path) -> None:
    assert set(lake.read(QUARANTINE)["source_system"]) == {"acd"}
    assert accounts(lake)["rows_quarantined"].to_list() == [0, 2]
    before = hashes(lake, INTERVAL_REPORTS, INTERVAL_HISTORY)
    corrected = enterprise_with(tmp_path, Neu="voice_service")
    found = job.reread_rows("acd", "", None, corrected, lake)
    assert found[["business_date", "rows_before", "rows_after"]].to_dict("records") == [
        {"business_date": NIGHT, "rows_before": 2, "rows_after": 0}
    ]
    assert lake.read(QUARANTINE).empty
    assert accounts(lake)["rows_kept"].to_list() == [2, 4]
    job.build_history_night(NIGHT, corrected, lake)
    after = hashes(lake, INTERVAL_REPORTS, INTERVAL_HISTORY)
    assert {key for key in after if after[key] != before[key]} == {("interval_reports", NIGHT), ("interval_history", NIGHT)}
    reported = lake.read(INTERVAL_REPORTS)
    assert reported[reported["queue_id"] == "voice_service"]["offered_contacts"].to_list() == [6, 6]


def test_a_file_that_retention_archived_is_asked_for_when_everything_is_read_anew(lake: Lake, tmp_path: Path) -> None:
    corrected, archive = enterprise_with(tmp_path, Neu="voice_service"), tmp_path / "archive" / "acd"
    archive.mkdir(parents=True)
    first = accounts(lake).loc[f"acd-{BEFORE}.csv", "landing_file"]
    landed = Path(lake.root, "landing", "acd", first)
    landed.rename(archive / first)
    state = read_intake(lake, "acd")
    with pytest.raises(NeedsPersonError, match=f"{first} has to be read again.*retention.landing_archive_url.*Copy it back"):
        job.extract_source("acd", NIGHT, corrected, lake)
    assert read_intake(lake, "acd") == state, "nothing is forgotten of what was read"
    job.extract_source("acd", NIGHT, enterprise_with(tmp_path), lake)  # undoing the change is the other way out
    (archive / first).rename(landed)
    job.extract_source("acd", NIGHT, corrected, lake)
    job.conform_night(NIGHT, corrected, lake)
    assert lake.read(QUARANTINE).empty
    assert accounts(lake)["rows_kept"].to_list() == [2, 4]


def test_rows_that_a_corrected_rule_no_longer_rejects_come_back_with_the_same_settings(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same, rule = enterprise_with(tmp_path), str(lake.read(QUARANTINE)["rule"].iloc[0])
    assert job.reread_rows("acd", rule, NIGHT, same, lake)["rows_after"].to_list() == [2], "nothing was corrected yet"
    state = hashes(lake, QUARANTINE, LANDING_FILES, INTERVAL_REPORTS)
    # The reader is corrected: what it did not know is of the claims line.
    monkeypatch.setattr(interval_report._Report, "_queue_id", lambda self, queue: pa.array(["voice_claims"] * len(queue)))
    job.extract_source("acd", NIGHT, same, lake)
    job.conform_night(NIGHT, same, lake)
    assert hashes(lake, QUARANTINE, LANDING_FILES, INTERVAL_REPORTS) == state, "the night alone reads nothing twice"
    assert job.reread_rows("acd", rule, NIGHT, same, lake)["rows_after"].to_list() == [0]
    assert lake.read(QUARANTINE).empty
    assert accounts(lake)["rows_kept"].to_list() == [2, 4]
    assert lake.read(INTERVAL_REPORTS)["queue_id"].to_list() == ["voice_claims"] * 6


def test_what_was_read_again_is_on_record_with_who_and_why_and_asking_twice_keeps_the_last_word(lake: Lake) -> None:
    lake.replace(QUALITY_FINDINGS, QUALITY_FINDINGS.arrow_schema.empty_table(), NIGHT)
    for by in ("Ada", "Grace"):
        assert record_reread("acd", {NIGHT: ["queue_known", "row_readable"]}, by, "the new line was missing", lake) == NIGHT
    rows = lake.read(QUALITY_RELEASES)
    assert rows[["rule", "subject_kind", "subject_id", "business_date", "released_by"]].to_dict("records") == [
        {"rule": rule, "subject_kind": "source", "subject_id": "acd", "business_date": NIGHT, "released_by": "Grace"}
        for rule in ("queue_known", "row_readable")
    ]


def test_what_does_not_lie_in_quarantine_is_not_read_again(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(NeedsPersonError, match=r"no such row of source acd lies in quarantine. There are: 2 by .* on 2026-11-12"):
        job.reread_rows("acd", "no_such_rule", None, enterprise_with(tmp_path), lake)
    with pytest.raises(NeedsPersonError, match="there is no source phones; known: acd"):
        job.reread_rows("phones", "", None, enterprise_with(tmp_path), lake)


def test_the_command_says_what_came_back_and_wants_a_name_and_a_reason(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.replace(QUALITY_FINDINGS, QUALITY_FINDINGS.arrow_schema.empty_table(), NIGHT)
    corrected = enterprise_with(tmp_path, Neu="voice_service")
    corrected = corrected.model_copy(update={"storage": corrected.storage.model_copy(update={"lake_url": lake.url})})
    session = Session(tmp_path / "enterprise.toml", corrected, Folders(tmp_path, tmp_path / "state"), {})
    monkeypatch.setattr(quality, "open_session", lambda config: session)

    def said(by: str) -> str:
        return CliRunner().invoke(quality.app, ["reread", "--source", "acd", "--by", by, "--reason", "line added"]).output

    said(" ")
    assert lake.read(QUALITY_RELEASES).empty
    words = said("Ada")
    assert "of 2 row(s) put aside 2 came back, 0 stay." in words
    assert "leadline run --date 2026-11-12" in words
    assert lake.read(QUALITY_RELEASES)["release_reason"].to_list() == ["line added"]
    assert lake.read(QUARANTINE).empty
