"""The planners' door: what the database refuses, what a night refuses later with a reason, and what a file brings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise
from tests.support.example_night import PLAN_DATE, STAMP
from warehouse.database import connected
from warehouse.job import enter_override, list_overrides, load_overrides, take_overrides_night, withdraw_override
from warehouse.lake import Lake
from warehouse.overrides.entry import Entry
from warehouse.publish import publish
from warehouse.tables.overrides import OVERRIDE_STATUS

pytestmark = pytest.mark.integration
COLUMNS = "kind, level, member_id, first_date, last_date, value, reason"
GOOD = "('contacts_factor', 'queue', 'voice_claims', '2026-11-16', '2026-11-16', 1.2, 'mailing')"
REFUSED = (
    "('contacts_doubled', 'queue', 'voice_claims', '2026-11-16', '2026-11-16', 1.2, 'mailing')",
    "('contacts_factor', 'team', 'voice_claims', '2026-11-16', '2026-11-16', 1.2, 'mailing')",
    "('contacts_factor', 'queue', 'voice_claims', '2026-11-16', '2026-11-15', 1.2, 'mailing')",
    "('contacts_factor', 'queue', 'voice_claims', '2026-11-16', '2026-11-16', -1, 'mailing')",
    "('contacts_factor', 'queue', 'voice_claims', '2026-11-16', '2026-11-16', 'NaN', 'mailing')",
    "('contacts_factor', 'queue', 'voice_claims', '2026-11-16', '2026-11-16', NULL, 'mailing')",
    "('contacts_factor', 'queue', 'voice_claims', '2026-11-16', '2026-11-16', 1.2, '  ')",
    "('contacts_factor', NULL, 'voice_claims', '2026-11-16', '2026-11-16', 1.2, 'mailing')",
    "('contacts_factor', 'queue', 'voice_claims', '2026-02-30', '2026-11-16', 1.2, 'mailing')",
    "('contacts_factor', 'queue', 'voice_claims', '2026-11-16', '2026-11-16', 'a lot', 'mailing')",
    "('event', 'queue', 'voice_claims', '2026-11-16', '2026-11-16', NULL, 'mailing')",
    "('withdrawal', NULL, NULL, NULL, NULL, NULL, 'a mistake')",
)


def test_the_database_refuses_what_can_be_seen_in_a_row(url: str, administrator: Callable[[str], str]) -> None:
    with connected(administrator(url)) as connection:
        connection.execute("SET SESSION AUTHORIZATION leadline_planner")
        for row in REFUSED:
            with pytest.raises((psycopg.errors.IntegrityError, psycopg.errors.DataError)):
                connection.execute(f"INSERT INTO planner_override ({COLUMNS}) VALUES {row}")
        connection.execute(f"INSERT INTO planner_override ({COLUMNS}) VALUES {GOOD}")
        seen = connection.execute("SELECT entered_by, status, reason FROM planner_overrides").fetchall()
    assert seen == [("leadline_planner", "new", "mailing")]


def test_a_night_says_why_it_refuses_a_row_and_the_planner_sees_it(
    url: str, administrator: Callable[[str], str], enterprise: Enterprise, own_lake: Lake, queues: pa.Table
) -> None:
    with connected(administrator(url)) as connection:
        connection.execute("SET SESSION AUTHORIZATION leadline_planner")
        unknown = GOOD.replace("voice_claims", "voice_claim")
        connection.execute(f"INSERT INTO planner_override ({COLUMNS}) VALUES {GOOD}, {unknown}, {GOOD}")
        connection.execute("RESET SESSION AUTHORIZATION")
        connection.execute("UPDATE planner_override SET entered_at = '2026-11-12 14:00Z'")
    take_overrides_night(PLAN_DATE - timedelta(days=1), enterprise, own_lake)
    assert own_lake.read(OVERRIDE_STATUS, first=date(2026, 11, 11), last=date(2026, 11, 11)).empty, "entered a day later"
    first = take_overrides_night(PLAN_DATE, enterprise, own_lake)
    assert take_overrides_night(PLAN_DATE, enterprise, own_lake) == first
    with connected(url) as connection:
        publish(connection, PLAN_DATE, own_lake, queues, STAMP)
        seen = connection.execute("SELECT status, status_reason FROM planner_overrides ORDER BY override_id").fetchall()
    assert [status for status, _ in seen] == ["applied", "refused", "refused"]
    assert "did you mean voice_claims?" in seen[1][1]
    assert "overlaps entry 1" in seen[2][1]


def _entry(**more: object) -> Entry:
    day = datetime.now(UTC).date() + timedelta(days=5)
    said = {"level": "queue", "member_id": "voice_claims", "first_date": day, "last_date": day, "value": 1.2} | more
    return Entry("contacts_factor", "mailing", "anna", datetime.now(UTC), **said)  # type: ignore[arg-type]


def test_a_change_is_entered_once_and_taken_back_once(url: str, enterprise: Enterprise) -> None:
    number = enter_override(_entry(), enterprise)
    with pytest.raises(NeedsPersonError, match=f"overlaps entry {number}"):
        enter_override(_entry(), enterprise)
    with pytest.raises(NeedsPersonError, match="is past"):
        enter_override(_entry(first_date=date(2026, 1, 2), last_date=date(2026, 1, 2)), enterprise)
    assert [one.status for one in list_overrides(enterprise)] == ["applied"]
    withdraw_override(number, enterprise, "bob", "the mailing is off")
    assert [one.reason for one in list_overrides(enterprise)] == ["taken back by bob: the mailing is off"]
    with pytest.raises(NeedsPersonError, match="already"):
        withdraw_override(number, enterprise, "bob", "again")
    with pytest.raises(NeedsPersonError, match="there is no change 99"):
        withdraw_override(99, enterprise, "bob", "no such")
    assert enter_override(_entry(), enterprise) > number


def test_a_file_brings_its_good_rows_or_none(url: str, enterprise: Enterprise, tmp_path: Path) -> None:
    day = datetime.now(UTC).date() + timedelta(days=5)
    file = tmp_path / "changes.csv"
    file.write_text(
        "kind,queue,first_date,value,reason\n"
        f"contacts_factor,voice_claims,{day},1.2,mailing\n"
        f"contacts_factor,voice_nobody,{day},1.2,mailing\n"
        f"contacts_added,chat_service,{day},forty,mailing\n"
        "contacts_factor,voice_sales,2020-11-16,1.2,mailing\n"
        f"contacts_factor,voice_claims,{day},1.3,another mailing\n"
    )
    looked, entered = load_overrides(file, enterprise, "anna", all_or_nothing=True)
    assert ([row.row for row in looked.refused], entered) == ([3, 4, 5, 6], [])
    for row, words in zip(looked.refused, ("unknown queue", "'forty' is no number", "is past", "(row 2)"), strict=True):
        assert words in row.reason
    _, entered = load_overrides(file, enterprise, "anna", all_or_nothing=False)
    assert len(entered) == 1
    again, entered = load_overrides(file, enterprise, "anna", all_or_nothing=False)
    assert ([row.row for row in again.refused], entered) == ([2, 3, 4, 5, 6], []), "the same file twice changes nothing"
