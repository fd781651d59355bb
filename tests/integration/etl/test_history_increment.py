"""A night re-makes the history of the dates that its news touches, and leaves the files of all others alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from etl import job
from etl.demand import CALLBACK_LOOK_BACK_DAYS
from tests.support.example_contacts import contact, enterprise_with
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY, INTERVAL_HISTORY, WAIT_HISTORY

pytestmark = pytest.mark.integration
FIRST, NIGHT = date(2026, 8, 3), date(2026, 10, 25)  # the night's date has 25 hours
NEXT = NIGHT + timedelta(days=1)
TABLES = (INTERVAL_HISTORY, DAILY_HISTORY, WAIT_HISTORY, CLAIMS_DAILY)
Files = dict[tuple[str, date], tuple[int, int]]


def day_of_contacts(day: date, count: int = 24) -> list[dict[str, Any]]:
    start = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    return [
        contact(f"{day}-{number:03d}", start + timedelta(minutes=29 * number), wait_seconds=9.0, handle_seconds=200.0)
        for number in range(count)
    ]


def put(lake: Lake, enterprise: Enterprise, contacts: list[dict[str, Any]]) -> None:
    frame = pd.DataFrame(contacts)
    for name in ("arrived_at", "answered_at", "ended_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    frame["business_date"] = grid_of(enterprise).business_date(frame["arrived_at"])
    lake.replace_partitions(CONTACTS, frame[CONTACTS.column_names])


def files(lake: Lake) -> Files:
    """Inode and time of each partition of history: a partition that is written again has another inode."""
    found = {}
    for table in TABLES:
        for day, path in zip(lake.partitions(table), lake.files(table), strict=True):
            stat = Path(path).stat()
            found[table.name, day] = (stat.st_ino, stat.st_mtime_ns)
    return found


def made_anew(before: Files, after: Files) -> dict[str, set[date]]:
    changed = {key for key, mark in after.items() if before.get(key) != mark}
    return {table.name: {day for name, day in changed if name == table.name} for table in TABLES}


def of_all_tables(days: Collection[date]) -> dict[str, set[date]]:
    return {table.name: set(days) for table in TABLES}


@pytest.fixture
def world(tmp_path: Path) -> tuple[Enterprise, Lake]:
    """Twelve weeks of contacts, with their history made."""
    enterprise, lake = enterprise_with(), Lake(str(tmp_path / "lake"))
    days = [FIRST + timedelta(days=step) for step in range((NIGHT - FIRST).days + 1)]
    put(lake, enterprise, [row for day in days for row in day_of_contacts(day)])
    job.build_history_night(NIGHT, enterprise, lake)
    assert {day for _, day in files(lake)} == set(days)
    return enterprise, lake


def test_a_new_night_makes_its_own_date_and_the_one_whose_calls_it_ends(world: tuple[Enterprise, Lake]) -> None:
    enterprise, lake = world
    before = files(lake)
    put(lake, enterprise, day_of_contacts(NEXT))
    job.build_history_night(NEXT, enterprise, lake)
    assert made_anew(before, files(lake)) == of_all_tables({NIGHT, NEXT})


def test_a_late_contact_makes_its_date_and_those_that_look_at_it(world: tuple[Enterprise, Lake]) -> None:
    enterprise, lake = world
    before, late = files(lake), date(2026, 9, 2)
    offered = lake.read(DAILY_HISTORY, first=late, last=late)["offered_contacts"].sum()
    put(lake, enterprise, day_of_contacts(late, 25))
    job.build_history_night(NIGHT, enterprise, lake)
    looked_back = {late + timedelta(days=step) for step in range(-1, CALLBACK_LOOK_BACK_DAYS + 2)}
    compared = {late + timedelta(weeks=week) for week in range(1, 9)}
    expected = {day for day in looked_back | compared if day <= NIGHT} | {NIGHT}
    assert len(expected) < 20
    assert made_anew(before, files(lake)) == of_all_tables(expected)
    assert lake.read(DAILY_HISTORY, first=late, last=late)["offered_contacts"].sum() == offered + 1


def test_a_night_without_news_makes_only_its_own_date(world: tuple[Enterprise, Lake]) -> None:
    enterprise, lake = world
    before = files(lake)
    job.build_history_night(NIGHT, enterprise, lake)
    assert made_anew(before, files(lake)) == of_all_tables({NIGHT})
