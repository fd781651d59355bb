"""History of many days is made some days at a time: the same bytes, however many."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from etl.sources import history_rows
from tests.support.example_contacts import contact, enterprise_with, history_of, lake_with
from warehouse.lake import Lake
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY, WAIT_HISTORY

FIRST = date(2026, 8, 31)  # a Monday
DAYS = [FIRST + timedelta(days=step) for step in range(46)]
SILENT, SHORT = DAYS[37], DAYS[38]


def lake_of_weeks(folder: Path) -> Lake:
    """Eight calls an hour, the last one worked on over midnight; a day without a feed, and one whose feed stops at noon."""
    rows = []
    for day in DAYS:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        hours = range(0) if day == SILENT else range(-5, 0) if day == SHORT else range(-5, 7)
        for number in range(8 * len(hours)):
            at = noon + timedelta(minutes=60 * hours[0] + 7.5 * number)
            rows.append(contact(f"{day}-{number}", at, wait_seconds=float(number % 50), handle_seconds=400.0 + number))
        if day not in (SILENT, SHORT):
            rows.append(contact(f"{day}-late", noon + timedelta(hours=9.75), handle_seconds=3600.0))
    return lake_with(folder, enterprise_with(), rows)


def test_days_are_compared_with_those_made_just_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for days_at_once in (len(DAYS), 28):
        monkeypatch.setattr(history_rows, "_ROWS_AT_ONCE", 0)
        monkeypatch.setattr(history_rows, "_LEAST_DAYS_AT_ONCE", days_at_once)
        lake = lake_of_weeks(tmp_path / str(days_at_once))
        daily = history_of(lake, enterprise_with(), DAYS, DAYS[-1])["daily_history"]
        flags = daily[daily["queue_id"] == "voice_service"].set_index("business_date")["source_complete"]
        assert not flags[SILENT]
        assert not flags[SHORT]
        tables = (INTERVAL_HISTORY, DAILY_HISTORY, WAIT_HISTORY)
        made.append([lake.content_hash(table, day) for table in tables for day in DAYS])
    assert made[0] == made[1]
    assert made[0].count("") == 1  # nobody waited on the silent day


def test_days_between_are_compared_with_what_other_nights_made(tmp_path: Path) -> None:
    lake = lake_of_weeks(tmp_path)
    history_of(lake, enterprise_with(), DAYS, DAYS[-1])
    hashes = [lake.content_hash(DAILY_HISTORY, day) for day in DAYS]
    history_of(lake, enterprise_with(), [DAYS[30], SILENT, DAYS[43], DAYS[45]], DAYS[-1])
    assert [lake.content_hash(DAILY_HISTORY, day) for day in DAYS] == hashes
