"""A source whose columns changed says so: through a real extraction, night after night."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from enterprise.errors import SourceChangedError
from enterprise.settings import Enterprise
from etl import job
from tests.support.small_enterprise import WITHOUT_SOURCES, small_enterprise
from warehouse.lake import Lake
from warehouse.tables.run import SOURCE_CHANGES

pytestmark = pytest.mark.integration
FIRST, SECOND = date(2026, 11, 11), date(2026, 11, 12)
CALLS = """
[sources.calls]
kind = "mapped_table"
url = "exports/calls-*.csv"
table = "contacts"
columns = { contact_id = "id", queue_id = "queue", arrived_at = "begin", wait_seconds = "wait", talk_seconds = "talk", outcome = "result" }
constants = { channel = "voice" }
"""  # noqa: E501


@pytest.fixture
def enterprise(tmp_path: Path) -> Enterprise:
    return small_enterprise(tmp_path, WITHOUT_SOURCES + CALLS)


def export(folder: Path, day: date, header: str, row: str) -> None:
    rows = [row.format(number=number, day=day, minute=number % 60) for number in range(40)]
    (folder / "exports" / f"calls-{day}.csv").write_text("\n".join([header, *rows, ""]))


def run(night: date, enterprise: Enterprise, lake: Lake) -> list[tuple[str, str, str, str, bool]]:
    job.extract_source("calls", night, enterprise, lake)
    job.conform_night(night, enterprise, lake)
    rows = lake.read(SOURCE_CHANGES, first=night, last=night).sort_values(["change", "column_name"])
    return [tuple(row) for row in rows[["column_name", "change", "before", "after", "mapped"]].itertuples(index=False)]


HEADER = "id,queue,begin,wait,talk,result,agent,note"
ROW = "c{day}-{number},voice,{day} 09:{minute:02d}:00,7,120,answered,{number},x"


def test_columns_that_changed_are_named_for_the_night_that_saw_it(tmp_path: Path, enterprise: Enterprise) -> None:
    lake = Lake(str(tmp_path / "lake"))
    export(tmp_path, FIRST, HEADER, ROW)
    assert run(FIRST, enterprise, lake) == []
    header = "id,queue,begin,wait,talk,result,agent_number,note,region"
    row = "c{day}-{number},voice,{day} 09:{minute:02d}:00,7,120,answered,{number},2026-11-12,north"
    export(tmp_path, SECOND, header, row)
    expected = [
        ("region", "new", "", "text", False),
        ("agent", "renamed", "agent", "agent_number", False),
        ("note", "retyped", "text", "time", False),
    ]
    assert run(SECOND, enterprise, lake) == expected
    assert run(SECOND, enterprise, lake) == expected  # and says so again when the night is run again
    assert run(FIRST, enterprise, lake) == []


def test_a_column_that_is_used_and_holds_something_else_is_marked_as_used(tmp_path: Path, enterprise: Enterprise) -> None:
    lake = Lake(str(tmp_path / "lake"))
    export(tmp_path, FIRST, HEADER, ROW)
    run(FIRST, enterprise, lake)
    export(tmp_path, SECOND, HEADER, ROW.replace(",120,", ",two minutes,"))
    assert run(SECOND, enterprise, lake) == [("talk", "retyped", "number", "text", True)]


def test_a_column_that_is_needed_and_gone_stops_the_source_and_names_its_successor(
    tmp_path: Path, enterprise: Enterprise
) -> None:
    lake = Lake(str(tmp_path / "lake"))
    export(tmp_path, FIRST, HEADER, ROW)
    run(FIRST, enterprise, lake)
    export(tmp_path, SECOND, HEADER.replace("begin", "begin_time"), ROW)
    with pytest.raises(SourceChangedError, match=r"has no column begin; .* begin is perhaps called begin_time now"):
        job.extract_source("calls", SECOND, enterprise, lake)


DATABASE = """
[sources.calls]
kind = "mapped_table"
format = "sql"
url = "sqlite:///crm.db"
database_table = "calls"
watermark_column = "changed"
key_column = "id"
table = "contacts"
columns = { contact_id = "id", queue_id = "queue", arrived_at = "begin", wait_seconds = "wait", talk_seconds = "talk", outcome = "result" }
constants = { channel = "voice" }
"""  # noqa: E501


def test_a_database_whose_table_changed_says_so(tmp_path: Path) -> None:
    enterprise = small_enterprise(tmp_path, WITHOUT_SOURCES + DATABASE)
    lake = Lake(str(tmp_path / "lake"))
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        columns = "id TEXT, queue TEXT, begin TEXT, wait INTEGER, talk INTEGER, result TEXT, changed TEXT, note TEXT"
        connection.execute(f"CREATE TABLE calls ({columns})")
        connection.execute(
            "INSERT INTO calls VALUES ('c1', 'voice', '2026-11-11 09:00', 7, 120, 'answered', '2026-11-11 10:00', '')"
        )
    connection.close()
    assert run(FIRST, enterprise, lake) == []
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("ALTER TABLE calls RENAME COLUMN note TO notes")
        connection.execute("ALTER TABLE calls ADD COLUMN region TEXT")
    connection.close()
    expected = [("region", "new", "", "text", False), ("note", "renamed", "note", "notes", False)]
    assert run(SECOND, enterprise, lake) == expected
    assert run(SECOND, enterprise, lake) == expected


CHAT = """
[sources.calls]
kind = "connect_contact_records"
url = "exports/*.jsonl"
queues = { Support = "voice" }
"""


def chat(day: date, **more: object) -> str:
    record = {
        "ContactId": f"c-{day}", "Channel": "VOICE", "InitiationMethod": "INBOUND", "DisconnectTimestamp": f"{day}T09:05:00Z",
        "Queue": {"Name": "Support", "EnqueueTimestamp": f"{day}T09:00:00Z", "Duration": 5},
        **more,
    }  # fmt: skip
    return "".join(json.dumps(record | {"ContactId": f"c-{day}-{number}"}) + "\n" for number in range(60))


def test_contact_records_with_other_fields_say_so(tmp_path: Path) -> None:
    enterprise = small_enterprise(tmp_path, WITHOUT_SOURCES + CHAT)
    lake = Lake(str(tmp_path / "lake"))
    (tmp_path / "exports" / "1.jsonl").write_text(chat(FIRST, Agent={"AfterContactWorkDuration": 9}))
    assert run(FIRST, enterprise, lake) == []
    (tmp_path / "exports" / "2.jsonl").write_text(chat(SECOND, Agent={"AfterContactWorkDuration": "9s"}, Tags={"brand": "x"}))
    assert run(SECOND, enterprise, lake) == [
        ("Tags.brand", "new", "", "text", False),
        ("Agent.AfterContactWorkDuration", "retyped", "number", "text", True),
    ]
