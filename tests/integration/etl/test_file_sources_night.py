"""Exports of other systems through whole nights: what was counted, said and answered is found in its place."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from enterprise.case_sources import ZendeskTickets
from enterprise.report_sources import IntervalReport, Surveys
from enterprise.settings import Enterprise
from enterprise.sources import MappedTable, Source
from etl import job
from tests.support.example_night import example_enterprise
from warehouse.lake import Lake
from warehouse.tables.core import CASES, INTERVAL_REPORTS, MESSAGES, SURVEYS
from warehouse.tables.history import BACKLOG_OPENING, INTERVAL_HISTORY
from warehouse.tables.run import LANDING_FILES

pytestmark = pytest.mark.integration
GOLDEN = Path(__file__).parents[2] / "golden" / "sources"
NIGHT = date(2026, 11, 12)


def night(enterprise: Enterprise, lake: Lake, day: date = NIGHT) -> None:
    for name in enterprise.sources:
        job.extract_source(name, day, enterprise, lake)
    job.conform_night(day, enterprise, lake)
    job.build_history_night(day, enterprise, lake)


def enterprise_with(folder: Path, **sources: Source) -> tuple[Enterprise, Lake]:
    enterprise = example_enterprise(folder).model_copy(update={"sources": sources})
    return enterprise, Lake(str(folder / "lake"))


def put(folder: Path, name: str, content: bytes | str) -> str:
    path = folder / "exports" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def report(folder: Path, **more: object) -> IntervalReport:
    return IntervalReport(
        kind="interval_report", url=f"{folder}/exports/acd*.csv", interval_minutes=15,
        queues={"Claims NL": "voice_claims", "Claims EN": "voice_claims"},
        columns={"queue": "q", "interval_start": "at", "offered": "n", "answered": "a", "handle": ["h"]}, **more,
    )  # fmt: skip


def test_shorter_intervals_and_queues_that_are_one_add_up_and_a_corrected_row_replaces_itself(tmp_path):
    lines = ["q,at,n,a,h"]
    lines += [f"Claims {language},2026-11-12 10:{minute:02d},4,3,300" for language in ("NL", "EN") for minute in (0, 15, 30)]
    put(tmp_path, "acd-1.csv", "\n".join(lines))
    enterprise, lake = enterprise_with(tmp_path, acd=report(tmp_path))
    night(enterprise, lake)

    def hour() -> list[tuple[int, int, float]]:
        rows = [row for row in lake.read_arrow(INTERVAL_HISTORY).to_pylist() if row["queue_id"] == "voice_claims"]
        wanted = [datetime(2026, 11, 12, 9, minute, tzinfo=UTC) for minute in (0, 30)]
        return [
            (row["offered_contacts"], row["answered_contacts"], row["handle_seconds"])
            for row in rows
            if row["interval_start_utc"] in wanted
        ]

    assert hour() == [(16, 12, 1200.0), (8, 6, 600.0)]
    put(tmp_path, "acd-2.csv", "q,at,n,a,h\nClaims EN,2026-11-12 10:15,5,4,400\nClaims NL,2026-11-12 10:15,4,3,300\n")
    night(enterprise, lake)
    assert hour() == [(17, 13, 1300.0), (8, 6, 600.0)]
    assert lake.read_arrow(INTERVAL_REPORTS).num_rows == 6
    accounts = {row["source_name"]: row for row in lake.read_arrow(LANDING_FILES).to_pylist()}
    assert (accounts["acd-2.csv"]["rows_kept"], accounts["acd-2.csv"]["rows_duplicate"]) == (1, 1)


def test_tickets_of_several_nights_are_cases_that_close_come_back_and_are_deleted(tmp_path):
    for path in (GOLDEN / "zendesk").iterdir():
        (tmp_path / "exports").mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / "exports" / path.name)
    line = {
        "id": 105,
        "created_at": "2026-11-09T08:00:00Z",
        "updated_at": "2026-11-10T08:00:00Z",
        "status": "open",
        "group_id": 700,
    }
    put(tmp_path, "tickets-2026-11-10.jsonl", json.dumps(line) + "\n")
    source = ZendeskTickets(
        kind="zendesk_tickets", url=f"{tmp_path}/exports/tickets-*.jsonl", events_url=f"{tmp_path}/exports/ticket-events-*.jsonl",
        ratings_url=f"{tmp_path}/exports/satisfaction-*.jsonl", leave_out=["group:500"],
        queues={"tag:complaint": "cases_complaints", "group:700": "cases_policy"},
    )  # fmt: skip
    enterprise, lake = enterprise_with(tmp_path, desk=source)
    night(enterprise, lake)
    cases = {row["case_id"]: row for row in lake.read_arrow(CASES).to_pylist()}
    assert {case: row["resolved_at"] for case, row in cases.items()} == {
        "desk:101": datetime(2026, 11, 11, 10, tzinfo=UTC), "desk:102": None,
        "desk:105": datetime(2026, 11, 12, 8, 30, tzinfo=UTC),
    }  # fmt: skip
    opening = lake.read_arrow(BACKLOG_OPENING).to_pylist()
    assert [(row["queue_id"], row["open_items"]) for row in opening] == [("cases_complaints", 1)]
    assert lake.read_arrow(SURVEYS).column("case_id").to_pylist() == ["desk:101", "desk:102"]

    # The same export once more, as the next night's file: all of it is known.
    shutil.copy(tmp_path / "exports" / "tickets-2026-11-12.jsonl", tmp_path / "exports" / "tickets-2026-11-13.jsonl")
    before = {day: lake.content_hash(CASES, day) for day in (date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11))}
    with (tmp_path / "exports" / "tickets-2026-11-13.jsonl").open("ab") as file:
        file.write(
            b'{"id":102,"created_at":"2026-11-11T08:00:00Z","updated_at":"2026-11-13T08:00:00Z","status":"solved","tags":["complaint"]}\n'
        )
    night(enterprise, lake, date(2026, 11, 13))
    after = {day: lake.content_hash(CASES, day) for day in before}
    assert [day for day in before if before[day] != after[day]] == [date(2026, 11, 11)]
    assert {row["case_id"]: row["resolved_at"] for row in lake.read_arrow(CASES).to_pylist()}["desk:102"] is not None


def test_surveys_and_mapped_mails_reach_core_and_history(tmp_path):
    answers = put(tmp_path, "pulse.csv", (GOLDEN / "surveys" / "pulse-2026-11.csv").read_bytes())
    pulse = Surveys(
        kind="surveys", url=answers, respondent_kind="employee", scales={"*": 5},
        columns={"survey_id": "answer", "answered_at": "at", "agent_id": "employee", "topic": "statement", "score": "agreement"},
    )  # fmt: skip
    mails = put(
        tmp_path, "mails.csv",
        "id,queue,at,done\nm1,email_service,2026-11-12 09:00,2026-11-12 11:00\nm2,email_service,2026-11-12 09:10,\n",
    )  # fmt: skip
    desk = MappedTable(
        kind="mapped_table", url=mails, table="messages",
        columns={"message_id": "id", "queue_id": "queue", "received_at": "at", "handled_at": "done"},
    )  # fmt: skip
    enterprise, lake = enterprise_with(tmp_path, pulse=pulse, desk=desk)
    night(enterprise, lake)
    assert lake.read_arrow(SURVEYS).column("survey_id").to_pylist() == ["pulse:P1", "pulse:P2", "pulse:P4"]
    told = {row["message_id"]: row["handled_at"] for row in lake.read_arrow(MESSAGES).to_pylist()}
    assert told == {"desk:m1": datetime(2026, 11, 12, 10, tzinfo=UTC), "desk:m2": None}
    assert [row["open_items"] for row in lake.read_arrow(BACKLOG_OPENING).to_pylist()] == [1]
