"""Sources that could not be read, and what is held for it."""

from __future__ import annotations

from datetime import timedelta

from enterprise.settings import Enterprise
from expectations.findings import with_actions
from expectations.job import validate_night
from expectations.unread import unread_sources
from tests.support.example_findings import BEFORE, NIGHT, NO_RELEASES, found, reads
from warehouse.lake import Lake
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS, SOURCE_READS


def test_a_dead_claims_database_holds_claims_and_their_work_and_no_phone_queue(plain: Enterprise) -> None:
    outcome, findings = unread_sources(reads(plain, claims=BEFORE), plain, ["motor", "property"], NIGHT)
    assert outcome["result"].to_list() == ["failed"]
    subjects = set(zip(findings["subject_kind"], findings["subject_id"], strict=True))
    work = {("queue", queue.id) for queue in plain.queues.values() if queue.work_of_claims}
    assert subjects == {("source", "claims"), ("claims", "motor"), ("claims", "property")} | work
    assert not any(subject.startswith("voice") for _, subject in subjects)
    assert set(findings["business_date"]) == {NIGHT}


def test_a_source_that_has_been_away_for_days_holds_each_of_them(plain: Enterprise) -> None:
    _, findings = unread_sources(reads(plain, chat=NIGHT - timedelta(days=3)), plain, [], NIGHT)
    days = findings[findings["subject_id"] == "chat_sales"]["business_date"]
    assert sorted(days) == [NIGHT - timedelta(days=back) for back in (2, 1, 0)]


def test_a_source_that_feeds_no_queue_is_only_noted(plain: Enterprise) -> None:
    _, findings = unread_sources(reads(plain, workforce=None), plain, ["motor"], NIGHT)
    acted = with_actions(findings, NO_RELEASES)
    assert list(zip(acted["subject_id"], acted["action"], strict=True)) == [("workforce", "noted")]


def test_all_sources_read_are_passed_checks_and_no_finding(plain: Enterprise, lake: Lake) -> None:
    lake.replace(SOURCE_READS, reads(plain), NIGHT)
    validate_night("sources", NIGHT, plain, lake)
    checks = lake.read(DATA_QUALITY)
    assert set(checks["rule"]) == {"source_read", "named_claims_known", "named_cases_known", "case_origins_agree"}
    assert set(checks["result"]) == {"passed"}
    assert lake.read(QUALITY_FINDINGS).empty


def test_what_fails_among_workstreams_keeps_nothing_back() -> None:
    rows = found(severity="stop").assign(stage="workstreams")
    assert with_actions(rows, NO_RELEASES)["action"].to_list() == ["noted"]
