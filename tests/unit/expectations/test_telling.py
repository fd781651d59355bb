"""What people are told: once, by a real mail server and a real web server."""

from __future__ import annotations

import email
import json
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path

import pytest

from enterprise.alerts import Alerts, Mail, Webhook
from enterprise.errors import RetryLaterError
from enterprise.settings import Enterprise
from expectations.telling.alerts import late_alert
from expectations.telling.job import tell_beside, tell_if_late, tell_night
from tests.support.dovecot import make_certificate
from tests.support.example_findings import BEFORE, NIGHT, found, keep, reads
from tests.support.mail_server import HOST, mail_server, web_server
from warehouse.lake import Lake
from warehouse.operations.step_runs import DagRunSeen
from warehouse.tables.run import SOURCE_READS

GOOD = {"publish": "success", "write_planbook": "success"}


def told_by(plain: Enterprise, **alerts: object) -> Enterprise:
    return plain.model_copy(update={"alerts": Alerts.model_validate(alerts)})


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
        tell_night(
            NIGHT, enterprise, lake, GOOD | {"publish": "upstream_failed", "write_planbook": "upstream_failed", "staff": "failed"}
        )
        assert len(server.messages) == 2, "another outcome is another message"
    parsed = email.message_from_string(message, policy=policy.default)
    text = parsed.get_body().get_content()  # type: ignore[union-attr]
    assert "published, but part of it rests on earlier data" in parsed["Subject"]
    for words in ("volume_doubled", "Sales line (2026-11-12)", "1,800 contacts; about 900", "left out", "deliver the day again"):
        assert words in text
    assert "plan-book-2026-11-12.html" in text
    kept_back = email.message_from_string(server.messages[1], policy=policy.default)
    assert "no plan of 2026-11-12" in kept_back["Subject"]
    kept_text = kept_back.get_body().get_content()  # type: ignore[union-attr]
    assert "staff" in kept_text
    assert "latest.html" in kept_text, "the night has no book of its own"


def test_what_failed_is_told_with_queues_next_step_and_the_log_and_another_run_of_the_same_is_no_news(
    plain: Enterprise, lake: Lake
) -> None:
    def seen(run_id: str) -> list[DagRunSeen]:
        pieces = [{"task_id": "staff", "state": "failed", "duration": 3.0}]
        said = {"staff": "the warehouse is away; look whether it is up"}
        return [DagRunSeen("nightly_plan", run_id, pieces, "https://airflow.example.org", said)]

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
        assert "why:           staff: the warehouse is away; look whether it is up" in said
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
        return DagRunSeen(dag_id, run_id, pieces, "https://airflow.example.org", {task: "there is no room"})

    with web_server() as hooks:
        enterprise = told_by(plain, webhook=Webhook(url=f"http://{HOST}:{hooks.port}/hook"))
        assert tell_beside(seen("run_0", "success"), NIGHT, enterprise, lake) is None
        for run_id, day in (("run_1", NIGHT), ("run_2", NIGHT), ("run_3", NIGHT + timedelta(days=1))):
            tell_beside(seen(run_id, "failed"), day, enterprise, lake)
    first, second = map(json.loads, hooks.messages)
    for said in (f"{dag_id} of {NIGHT} failed", f"Steps that failed: {task}", f"all {len(plain.queues)} queues", words,
                 f"why:           {task}: there is no room"):  # fmt: skip
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
