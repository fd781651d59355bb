"""Bad input, at the level of the night's jobs: a clear error or a quarantine with its reason, and the last good plan in force."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from enterprise.errors import (
    ChecksFailedError,
    NeedsPersonError,
    NoHistoryError,
    RetryLaterError,
    SettingsError,
    SourceUnreachableError,
)
from enterprise.settings import Enterprise, load_enterprise
from etl.job import build_history_night, conform_night, extract_source
from expectations.job import validate_night
from forecasting.job import forecast_night
from staffing.job import staff_night
from tests.support.example_day import with_queues
from tests.support.example_night import PLAN_DATE, example_enterprise, write_night
from tests.support.small_enterprise import SETTINGS, small_enterprise
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.job import migrate_warehouse, publish_night
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS
from warehouse.tables.history import DAILY_HISTORY
from warehouse.tables.run import DATA_QUALITY, LANDING_FILES, QUARANTINE
from warehouse.tables.staffing import STAFFING_INTERVAL

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 12)


@pytest.fixture
def enterprise(tmp_path: Path) -> Enterprise:
    """One phone queue fed by one telephone system, whose exports lie in `exports`."""
    return small_enterprise(tmp_path)


@pytest.fixture
def lake(enterprise: Enterprise) -> Lake:
    return Lake(enterprise.storage.lake_url)


def calls(count: int, queue: str = "support", day: date = DAY) -> bytes:
    """A queue log with so many answered calls, one every five minutes from 9 o'clock UTC."""
    lines = []
    start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp()
    for number in range(count):
        at, call = int(start) + 300 * number, f"{int(start)}.{number}"
        lines += [
            f"{at}|{call}|{queue}|NONE|ENTERQUEUE||0201234567|1",
            f"{at + 12}|{call}|{queue}|PJSIP/101|CONNECT|12|{call}|5",
            f"{at + 192}|{call}|{queue}|PJSIP/101|COMPLETECALLER|12|180|1",
        ]
    return ("\n".join(lines) + "\n").encode()


def export(enterprise: Enterprise, content: bytes, name: str = "queue_log-2026-11-12") -> None:
    Path(enterprise.storage.planbook_folder).with_name("exports").joinpath(name).write_bytes(content)


def take_in(enterprise: Enterprise, lake: Lake, day: date = DAY) -> pd.DataFrame:
    """Extract and conform; returns what was put aside."""
    extract_source("acd", day, enterprise, lake)
    conform_night(day, enterprise, lake)
    accounts = lake.read(LANDING_FILES)
    used = accounts["rows_kept"] + accounts["rows_quarantined"] + accounts["rows_duplicate"]
    assert (accounts["rows_in"] == used).all(), "every row is accounted for, whatever the input"
    return lake.read(QUARANTINE)


def test_a_good_export_is_taken_whole(enterprise: Enterprise, lake: Lake) -> None:
    export(enterprise, calls(24))
    assert take_in(enterprise, lake).empty
    assert len(lake.read(CONTACTS)) == 24


def test_a_missing_folder_is_an_unreachable_source_to_be_tried_again(enterprise: Enterprise, lake: Lake) -> None:
    Path(enterprise.storage.planbook_folder).with_name("exports").rmdir()
    with pytest.raises(
        SourceUnreachableError, match=r"sources\.acd: the folder .*exports does not exist; mount or create it"
    ) as caught:
        extract_source("acd", DAY, enterprise, lake)
    assert isinstance(caught.value, RetryLaterError)


def test_a_folder_that_never_had_a_file_needs_a_person(enterprise: Enterprise, lake: Lake) -> None:
    with pytest.raises(NeedsPersonError, match=r"sources\.acd: no file at .*queue_log\*.*check the url"):
        extract_source("acd", DAY, enterprise, lake)


def test_an_empty_export_is_no_quiet_day(enterprise: Enterprise, lake: Lake) -> None:
    yesterday = DAY - timedelta(days=1)
    export(enterprise, calls(24, day=yesterday), "queue_log-2026-11-11")
    take_in(enterprise, lake, yesterday)
    export(enterprise, b"")
    put_aside = take_in(enterprise, lake)
    assert len(lake.read(CONTACTS)) == 24
    build_history_night(DAY, enterprise, lake)
    today = lake.read(DAILY_HISTORY, first=DAY, last=DAY).iloc[0]
    assert today["offered_contacts"] == 0
    assert not today["source_complete"], "a day without feed is not a quiet day"
    assert put_aside.empty or put_aside["reason"].str.contains("empty").any()


def test_a_truncated_archive_gives_what_came_before_the_damage_and_says_so(enterprise: Enterprise, lake: Lake) -> None:
    packed = gzip.compress(calls(400))
    export(enterprise, packed[: len(packed) // 2], "queue_log-2026-11-12.gz")
    put_aside = take_in(enterprise, lake)
    assert put_aside["reason"].str.contains("cut off").any()
    assert 0 < len(lake.read(CONTACTS)) < 400

    export(enterprise, packed, "queue_log-2026-11-12.gz")  # sent again, whole
    take_in(enterprise, lake, DAY + timedelta(days=1))
    assert len(lake.read(CONTACTS)) == 400


def test_an_archive_that_is_none_is_put_aside(enterprise: Enterprise, lake: Lake) -> None:
    export(enterprise, b"\x1f\x8b" + bytes(range(256)), "queue_log-2026-11-12.gz")
    put_aside = take_in(enterprise, lake)
    assert put_aside["reason"].str.contains("gzip").any()
    assert lake.read(CONTACTS).empty


def test_lines_in_a_wrong_encoding_are_put_aside_and_the_others_used(enterprise: Enterprise, lake: Lake) -> None:
    strange = "1794477600|1794477600.9|Köln|NONE|ENTERQUEUE||0201234567|1\n".encode("latin-1")
    export(enterprise, calls(5) + strange + calls(5, day=DAY - timedelta(days=1)))
    put_aside = take_in(enterprise, lake)
    assert len(put_aside) == 1
    assert put_aside["landing_row"].item() == 16
    assert len(lake.read(CONTACTS)) == 10


def test_an_export_in_utf_16_is_read_by_its_mark_and_without_one_put_aside(enterprise: Enterprise, lake: Lake) -> None:
    export(enterprise, calls(3).decode().encode("utf-16"))
    assert take_in(enterprise, lake).empty
    assert len(lake.read(CONTACTS)) == 3
    export(enterprise, calls(2, day=DAY - timedelta(days=1)).decode().encode("utf-16-le"), "queue_log-2026-11-11")
    put_aside = take_in(enterprise, lake)
    assert len(lake.read(CONTACTS)) == 3
    assert len(put_aside) >= 1


def test_calls_of_a_queue_nobody_described_are_put_aside_with_the_place_to_mend(enterprise: Enterprise, lake: Lake) -> None:
    export(enterprise, calls(4) + calls(3, queue="new-line"))
    put_aside = take_in(enterprise, lake)
    assert len(lake.read(CONTACTS)) == 4
    assert put_aside["row_text"].str.contains("new-line").all()
    assert put_aside["reason"].str.contains("the queue is not named in the source's settings").all()


def test_a_mended_setting_brings_the_calls_back(enterprise: Enterprise, lake: Lake, tmp_path: Path) -> None:
    export(enterprise, calls(4) + calls(3, queue="new-line"))
    assert not take_in(enterprise, lake).empty
    (tmp_path / "enterprise.toml").write_text(SETTINGS.replace('support = "voice"', 'support = "voice", new-line = "voice"'))
    mended = load_enterprise(tmp_path / "enterprise.toml", {}, tmp_path)
    assert take_in(mended, lake).empty


def test_without_any_history_every_step_says_so(enterprise: Enterprise, lake: Lake) -> None:
    with pytest.raises(NoHistoryError, match="core holds nothing up to 2026-11-12"):
        build_history_night(DAY, enterprise, lake)
    with pytest.raises(NoHistoryError, match="histor"):
        forecast_night(DAY, enterprise, lake)
    with pytest.raises(NoHistoryError, match="no forecast of 2026-11-12 to staff"):
        staff_night(DAY, enterprise, lake)


def test_settings_broken_between_two_nights_stop_before_anything_is_read(enterprise: Enterprise, tmp_path: Path) -> None:
    (tmp_path / "enterprise.toml").write_text(SETTINGS.replace("queues = {", "queue = {"))
    with pytest.raises(SettingsError, match=r"sources\.acd\.queue: unknown key; known here are .*kind, queues, url"):
        load_enterprise(tmp_path / "enterprise.toml", {}, tmp_path)
    assert not (tmp_path / "lake").exists()


# ---- the last good plan ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enterprise]:
    """An enterprise whose plan of PLAN_DATE is in force."""
    folder = tmp_path_factory.mktemp("published")
    enterprise = with_queues(example_enterprise(folder), horizon_days=2)
    write_night(Lake(enterprise.storage.lake_url), enterprise, PLAN_DATE, horizon=2)
    try:
        migrate_warehouse(enterprise)
        publish_night(PLAN_DATE, enterprise, Lake(enterprise.storage.lake_url))
        yield enterprise
    finally:
        EmbeddedPostgres.stop(Path(enterprise.storage.state_folder))


def plan_in_force(enterprise: Enterprise) -> list[tuple[object, ...]]:
    with connected(warehouse_url(enterprise.storage)) as connection:
        return connection.execute("SELECT plan_date, version FROM plan_version WHERE status = 'current'").fetchall()


def test_a_night_that_a_check_stopped_cannot_be_published_and_the_last_plan_stays(published: Enterprise) -> None:
    lake, night = Lake(published.storage.lake_url), PLAN_DATE + timedelta(days=1)
    write_night(lake, published, night, horizon=2)
    plan = lake.read(STAFFING_INTERVAL, first=night, last=night)
    lake.replace(STAFFING_INTERVAL, plan.assign(scheduled_staff=0), night)
    with pytest.raises(ChecksFailedError, match=r"staffing_interval\.people_cover_positions"):
        validate_night("staffing", night, published, lake)
    assert "people_cover_positions" in set(lake.read(DATA_QUALITY, first=night, last=night).query("result == 'failed'")["rule"])
    with pytest.raises(ChecksFailedError, match="the last plan stays current"):
        publish_night(night, published, lake)
    assert plan_in_force(published) == [(PLAN_DATE, 1)]


def test_a_night_that_never_came_to_its_end_cannot_be_published_and_the_last_plan_stays(published: Enterprise) -> None:
    with pytest.raises(NeedsPersonError, match="nothing was published and the last plan stays current"):
        publish_night(PLAN_DATE + timedelta(days=2), published, Lake(published.storage.lake_url))
    assert plan_in_force(published) == [(PLAN_DATE, 1)]
