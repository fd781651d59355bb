"""Sources that could not be read, released days, and what people are told: once, by a real mail server and a real web server."""

from __future__ import annotations

import email
import json
from datetime import UTC, date, datetime, timedelta
from email import policy
from pathlib import Path

import pandas as pd
import pytest

from enterprise.alerts import Alerts, Mail, Webhook
from enterprise.errors import NeedsPersonError, RetryLaterError
from enterprise.settings import Enterprise
from expectations.findings import as_findings, with_actions
from expectations.job import night_findings, release_day, revoke_release, validate_night
from expectations.telling.alerts import late_alert
from expectations.telling.job import tell_beside, tell_if_late, tell_night
from expectations.unread import unread_sources
from tests.support.dovecot import make_certificate
from tests.support.example_night import example_enterprise
from tests.support.mail_server import HOST, mail_server, web_server
from warehouse.lake import Lake
from warehouse.operations.step_runs import DagRunSeen
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS, QUALITY_RELEASES, SOURCE_READS

NIGHT = date(2026, 11, 12)
BEFORE = NIGHT - timedelta(days=1)
GOOD = {"publish": "success", "write_planbook": "success"}
NO_RELEASES = QUALITY_RELEASES.arrow_schema.empty_table().to_pandas()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Enterprise:
    return example_enterprise(tmp_path_factory.mktemp("enterprise"))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def reads(enterprise: Enterprise, **unread: date | None) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "business_date": NIGHT,
                "source_system": name,
                "was_read": name not in unread,
                "last_read_date": unread.get(name, NIGHT),
                "reason": "no answer" if name in unread else None,
            }
            for name in enterprise.sources
        ]
    )


def found(
    rule: str = "volume_doubled", queue: str = "voice_sales", day: date = NIGHT, severity: str = "quarantine"
) -> pd.DataFrame:
    row = {
        "plan_date": NIGHT, "rule": rule, "subject_kind": "queue", "subject_id": queue, "business_date": day, "stage": "monitors",
        "table_name": "daily_history", "severity": severity, "reason": "1,800 contacts; about 900 were to be expected",
        "next_step": "deliver the day again",
    }  # fmt: skip
    return as_findings(pd.DataFrame([row]))


def keep(lake: Lake, *rows: pd.DataFrame, night: date = NIGHT) -> None:
    findings = with_actions(pd.concat(rows, ignore_index=True), NO_RELEASES).assign(plan_date=night)
    lake.replace(QUALITY_FINDINGS, findings, night)


# ---- sources that could not be read ----------------------------------------------------------------------------------


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


# ---- released days ---------------------------------------------------------------------------------------------------


def test_a_released_day_is_recorded_with_who_and_why_and_held_no_more_until_it_is_revoked(plain: Enterprise, lake: Lake) -> None:
    keep(lake, found())
    key = ("volume_doubled", "queue", "voice_sales", NIGHT)
    assert release_day(*key, "Ada", "a campaign nobody told us of", lake) == NIGHT
    (row,) = lake.read(QUALITY_RELEASES).to_dict("records")
    assert (row["released_by"], row["release_reason"]) == ("Ada", "a campaign nobody told us of")
    acted = with_actions(found(), lake.read(QUALITY_RELEASES))
    assert acted["action"].to_list() == ["released"]
    assert "released by Ada: a campaign" in acted["reason"].iloc[0]
    assert with_actions(found(day=BEFORE), lake.read(QUALITY_RELEASES))["action"].to_list() == ["held"]
    revoke_release(*key, lake)
    assert with_actions(found(), lake.read(QUALITY_RELEASES))["action"].to_list() == ["held"]


def test_people_are_told_once_that_there_is_no_plan_when_they_start_work(plain: Enterprise, lake: Lake) -> None:
    storage = plain.storage.model_copy(update={"warehouse_url": "postgresql+psycopg://leadline:hidden@127.0.0.1:1/leadline"})
    with web_server() as server:
        enterprise = told_by(plain, webhook=Webhook(url=f"http://{HOST}:{server.port}/")).model_copy(update={"storage": storage})
        for _ in range(2):
            told = tell_if_late(NIGHT, enterprise, lake)
    assert told is not None
    assert told.subject == "Leadline: no plan of 2026-11-12 by 06:30"
    (posted,) = map(json.loads, server.messages)
    for words in ("last good plan stays in force", "127.0.0.1", "leadline run --date 2026-11-12"):
        assert words in posted["text"]
    assert "hidden" not in posted["text"]


@pytest.mark.parametrize(
    ("rule", "by", "why", "words"),
    [
        ("volume_doubled", "", "right", "--by"),
        ("volume_doubled", "Ada", " ", "--reason"),
        ("no_such", "Ada", "right", "volume_doubled of queue voice_sales on 2026-11-12"),
    ],
)
def test_nobody_releases_without_name_and_reason_or_what_is_not_held(
    rule: str, by: str, why: str, words: str, lake: Lake
) -> None:
    keep(lake, found())
    with pytest.raises(NeedsPersonError, match=words):
        release_day(rule, "queue", "voice_sales", NIGHT, by, why, lake)
    assert lake.read(QUALITY_RELEASES).empty


def test_findings_in_words_name_queue_day_and_what_the_plan_did(plain: Enterprise, lake: Lake) -> None:
    keep(lake, found(), found(day=NIGHT - timedelta(days=300)), found("wait", severity="warn"))
    night, (held, noted) = night_findings(None, plain, lake)
    assert night == NIGHT
    assert held.touches == "Sales line (2026-11-12)"
    assert "left out" in held.plan
    assert noted.action == "noted"
    with pytest.raises(NeedsPersonError, match="2026-11-11"):
        night_findings(BEFORE, plain, lake)


# ---- telling people --------------------------------------------------------------------------------------------------


def told_by(plain: Enterprise, **alerts: object) -> Enterprise:
    return plain.model_copy(update={"alerts": Alerts.model_validate(alerts)})


def test_one_mail_per_outcome_over_verified_tls_says_rule_numbers_queue_and_next_step(
    plain: Enterprise, lake: Lake, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path, "mail")
    keep(lake, found())
    with mail_server(certificate.server_context(), ("leadline", "secret")) as server:
        mail = Mail(
            host=HOST, port=server.port, ca_file=str(certificate.trusted), user="leadline", password="secret",
            sender="leadline@us.example", recipients=("planners@us.example", "night@us.example"),
        )  # fmt: skip
        enterprise = told_by(plain, mail=mail)
        for _ in range(2):
            tell_night(NIGHT, enterprise, lake, GOOD)
        (message,) = server.messages
        assert server.recipients == ["planners@us.example", "night@us.example"]
        tell_night(NIGHT, enterprise, lake, GOOD | {"publish": "upstream_failed", "staff": "failed"})
        assert len(server.messages) == 2, "another outcome is another message"
    parsed = email.message_from_string(message, policy=policy.default)
    text = parsed.get_body().get_content()  # type: ignore[union-attr]
    assert "published, but part of it rests on earlier data" in parsed["Subject"]
    for words in ("volume_doubled", "Sales line (2026-11-12)", "1,800 contacts; about 900", "left out", "deliver the day again"):
        assert words in text
    assert "latest.html" in text
    kept_back = email.message_from_string(server.messages[1], policy=policy.default)
    assert "no plan of 2026-11-12" in kept_back["Subject"]
    assert "staff" in kept_back.get_body().get_content()  # type: ignore[union-attr]


def test_what_failed_is_told_with_queues_next_step_and_the_log_and_another_run_of_the_same_is_no_news(
    plain: Enterprise, lake: Lake
) -> None:
    def seen(run_id: str) -> list[DagRunSeen]:
        pieces = [{"task_id": "staff", "state": "failed", "duration": 3.0}]
        return [DagRunSeen("nightly_plan", run_id, pieces, "https://airflow.example.org")]

    states = {"staff": "failed", "publish": "upstream_failed"}
    with mail_server() as mails, web_server() as hooks:
        mail = Mail(host=HOST, port=mails.port, security="none", sender="a@us.example", recipients=("b@us.example",))
        enterprise = told_by(plain, mail=mail, webhook=Webhook(url=f"http://{HOST}:{hooks.port}/hook"))
        for run_id in ("night_1", "night_2"):
            tell_night(NIGHT, enterprise, lake, states, ran=seen(run_id))
    (message,), (posted,) = mails.messages, map(json.loads, hooks.messages)
    text = email.message_from_string(message, policy=policy.default).get_body().get_content()  # type: ignore[union-attr]
    log = "https://airflow.example.org/dags/nightly_plan/runs/night_1/tasks/staff"
    for said in (text, posted["text"]):
        assert "Steps that failed: staff" in said
        assert f"all {len(plain.queues)} queues: the last good plan stays in force" in said
        assert f"leadline run --date {NIGHT}" in said
        assert f"Log of staff: {log}" in said
    assert posted["logs"] == {"staff": log}


@pytest.mark.parametrize(
    ("dag_id", "task", "words"),
    [
        ("weekly_backtest", "compare", "its plan is the same"),
        ("maintenance", "let_go", "leadline retention --dry-run"),
        ("intraday_reforecast", "extract_acd", f"leadline reforecast --at {NIGHT}T12:00"),
    ],
)
def test_a_run_beside_the_night_that_failed_is_told_once_a_day_with_what_it_means(
    dag_id: str, task: str, words: str, plain: Enterprise, lake: Lake
) -> None:
    def seen(run_id: str, state: str) -> DagRunSeen:
        pieces = [{"task_id": task, "state": ended, "duration": 3.0} for ended in ("success", state)]
        return DagRunSeen(dag_id, run_id, pieces, "https://airflow.example.org")

    with web_server() as hooks:
        enterprise = told_by(plain, webhook=Webhook(url=f"http://{HOST}:{hooks.port}/hook"))
        assert tell_beside(seen("run_0", "success"), NIGHT, enterprise, lake) is None
        for run_id, day in (("run_1", NIGHT), ("run_2", NIGHT), ("run_3", NIGHT + timedelta(days=1))):
            tell_beside(seen(run_id, "failed"), day, enterprise, lake)
    first, second = map(json.loads, hooks.messages)
    for said in (f"{dag_id} of {NIGHT} failed", f"Steps that failed: {task}", f"all {len(plain.queues)} queues", words):
        assert said in first["text"]
    assert first["logs"] == {task: f"https://airflow.example.org/dags/{dag_id}/runs/run_1/tasks/{task}"}
    assert f"{dag_id} of {NIGHT + timedelta(days=1)} failed" in second["text"], "the next day it is news"


def test_a_late_night_is_told_with_queues_next_step_and_where_airflow_shows_it(plain: Enterprise) -> None:
    told = late_alert("no plan", NIGHT, plain, "https://airflow.example.org/dags/nightly_plan")
    for words in (f"all {len(plain.queues)} queues", "leadline doctor", f"leadline run --date {NIGHT}",
                  "https://airflow.example.org/dags/nightly_plan"):  # fmt: skip
        assert words in told.message


def test_a_certificate_that_is_not_trusted_gets_neither_password_nor_message(
    plain: Enterprise, lake: Lake, tmp_path: Path
) -> None:
    right, wrong = make_certificate(tmp_path, "right"), make_certificate(tmp_path, "wrong")
    keep(lake, found())
    with mail_server(right.server_context(), ("leadline", "secret")) as server:
        mail = Mail(host=HOST, port=server.port, ca_file=str(wrong.trusted), user="leadline", password="secret",
                    sender="a@us.example", recipients=("b@us.example",))  # fmt: skip
        with pytest.raises(RetryLaterError, match="CERTIFICATE_VERIFY_FAILED") as raised:
            tell_night(NIGHT, told_by(plain, mail=mail), lake, GOOD)
    assert server.messages == []
    assert server.logins == []
    assert "secret" not in str(raised.value)


def test_the_webhook_gets_text_and_records_although_the_mail_server_is_down_and_only_once(plain: Enterprise, lake: Lake) -> None:
    keep(lake, found())
    with web_server() as server, web_server() as gone:
        pass
    with web_server() as server:
        mail = Mail(host=HOST, port=gone.port, security="none", sender="a@us.example", recipients=("b@us.example",))
        enterprise = told_by(plain, mail=mail, webhook=Webhook(url=f"http://{HOST}:{server.port}/hook?token=hidden"))
        for _ in range(2):
            with pytest.raises(RetryLaterError, match=r"alerts\.mail"):
                tell_night(NIGHT, enterprise, lake, GOOD)
    (posted,) = map(json.loads, server.messages)
    assert posted["outcome"] == "flagged"
    assert posted["findings"][0]["rule"] == "volume_doubled"
    assert "Sales line" in posted["text"]


def test_an_address_that_refuses_is_named_without_its_secrets(plain: Enterprise, lake: Lake) -> None:
    keep(lake, found())
    with web_server(403) as server:
        enterprise = told_by(plain, webhook=Webhook(url=f"http://{HOST}:{server.port}/hook?token=hidden"))
        with pytest.raises(RetryLaterError, match="answered 403") as raised:
            tell_night(NIGHT, enterprise, lake, GOOD)
    assert "hidden" not in str(raised.value)


def test_what_is_no_news_is_not_told_again_and_warnings_only_where_they_are_wanted(plain: Enterprise, lake: Lake) -> None:
    old = found(day=BEFORE)
    keep(lake, old, night=BEFORE)
    keep(lake, old, found("wait", severity="warn"))
    assert tell_night(NIGHT, plain, lake, GOOD) is None
    told = tell_night(NIGHT, told_by(plain, minimum_severity="warn"), lake, GOOD)
    assert told is not None
    assert "wait" in told.text
    assert "volume_doubled" not in told.text


def test_a_failed_source_is_told_although_nothing_else_is(plain: Enterprise, lake: Lake) -> None:
    lake.replace(SOURCE_READS, reads(plain, claims=NIGHT), NIGHT)
    told = tell_night(NIGHT, plain, lake, GOOD)
    assert told is not None
    assert "extract_claims" in told.text
    assert told.outcome == "noted"


@pytest.mark.parametrize(
    "settings",
    [
        {"mail": {"host": "mail.example", "security": "none", "user": "a", "sender": "a@b", "recipients": ["c@d"]}},
        {"mail": {"host": "mail.example", "sender": "a@b\nBcc: x@y", "recipients": ["c@d"]}},
        {"mail": {"host": "mail.example", "sender": "a@b", "recipients": []}},
        {"webhook": {"url": "http://chat.example/hook"}},
        {"webhook": {"url": "file:///etc/passwd"}},
    ],
)
def test_settings_that_would_leak_or_reach_nobody_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"mail|webhook"):
        Alerts.model_validate(settings)


def test_who_is_told_changes_no_plan(plain: Enterprise) -> None:
    assert told_by(plain, minimum_severity="warn").settings_hash == plain.settings_hash


def test_a_fingerprint_is_of_the_words_not_of_the_time(plain: Enterprise, lake: Lake) -> None:
    keep(lake, found())
    first, second = (tell_night(NIGHT, plain, lake, GOOD) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.fingerprint == second.fingerprint
    assert datetime.now(UTC).isoformat()[:13] not in first.text
