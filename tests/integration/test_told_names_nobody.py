"""Alerts and measures of nights whose sources hold a person where dates, codes and headers should be: nothing names anybody."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from enterprise.alerts import Alerts, Mail, Webhook
from enterprise.errors import LeadlineError
from etl import job
from expectations.job import validate_night
from expectations.telling.job import tell_if_late, tell_night, tell_of_broken_file
from tests.support.fake_mailbox import mailboxes_of_files
from tests.support.mail_server import HOST, mail_server, web_server
from tests.support.planted_person import PLANTED, mail_text, people_in, plant
from tests.support.whole_intake import FIRST, SECOND, intake_enterprise, write_day
from warehouse.lake import Lake
from warehouse.operations.measures import measures
from warehouse.operations.run_summary import run_summary
from warehouse.operations.step_runs import DagRunSeen, step_runs
from warehouse.tables.core import CASES, CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.run import QUALITY_FINDINGS, QUARANTINE

pytestmark = pytest.mark.integration
US, PLANNERS = "leadline@us.example", "planners@us.example"
NOWHERE = "postgresql+psycopg://leadline:hidden@127.0.0.1:1/leadline"


@dataclass
class Told:
    """What went out about a night, and the lake it is about."""

    lake: Lake
    errors: dict[str, str] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)

    @property
    def customers(self) -> set[str]:
        named = {name for table in (CONTACTS, MESSAGES, CASES, CLAIMS) for name in self.lake.read(table)["customer_id"].dropna()}
        return {name for name in named if len(name) > 5}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("told")
    sources = folder / "sources"
    write_day(sources, FIRST)
    write_day(sources, SECOND)
    plant(sources, SECOND)
    enterprise = intake_enterprise(folder, sources)
    lake = Lake(enterprise.storage.lake_url)
    one = Told(lake)
    with mailboxes_of_files():
        for source in enterprise.sources:
            try:
                job.extract_source(source, SECOND, enterprise, lake)
            except LeadlineError as error:
                one.errors[source] = str(error)
    job.conform_night(SECOND, enterprise, lake)
    job.build_history_night(SECOND, enterprise, lake)
    for stage in ("sources", "core", "history"):
        with suppress(LeadlineError):  # a check of severity stop is told as any other
            validate_night(stage, SECOND, enterprise, lake)
    with mail_server() as mails, web_server() as hooks:
        mail = Mail(host=HOST, port=mails.port, security="none", sender=US, recipients=(PLANNERS,))
        alerts = Alerts(mail=mail, webhook=Webhook(url=f"http://{HOST}:{hooks.port}/"), minimum_severity="warn")
        storage = enterprise.storage.model_copy(update={"warehouse_url": NOWHERE})
        telling = enterprise.model_copy(update={"alerts": alerts, "storage": storage})
        pieces = [{"task_id": "extract", "state": "failed", "duration": 1.0}]
        runs = [DagRunSeen(f"extract_{source}", f"night_{SECOND}", pieces, "http://airflow.example") for source in one.errors]
        tell_night(SECOND, telling, lake, {"publish": "success"}, runs)
        tell_night(SECOND, telling, lake, {"check_history": "failed", "publish": "upstream_failed"}, runs)
        tell_if_late(SECOND, telling, lake)
        tell_of_broken_file("/dags/extract.py", "\n".join([*one.errors.values(), "SyntaxError: invalid syntax"]), telling, lake)
        one.mails, one.hooks = list(map(mail_text, mails.messages)), list(hooks.messages)
    summary = run_summary(SECOND, step_runs(runs), lake, None, datetime.now(UTC))
    one.measured = [f"{measure.name} {dict(measure.tags)} {measure.value}" for measure in measures(summary)]
    return one


def test_the_person_was_taken_in_and_put_aside_and_is_what_the_findings_are_about(told: Told) -> None:
    aside = told.lake.read(QUARANTINE)
    planted = aside[aside["row_text"].fillna("").str.contains("|".join(PLANTED))]
    assert set(planted["source_system"]) >= {"acd", "chat", "crm", "mail", "partner"}, sorted(set(planted["source_system"]))
    assert set(told.errors) == {"csat"}, told.errors
    assert told.lake.read(MESSAGES)["customer_id"].eq(PLANTED[1]).any(), "one mail of the person's is as it should be"
    assert not told.lake.read(QUALITY_FINDINGS).empty


def test_mails_and_webhooks_say_what_is_wrong_and_name_nobody(told: Told) -> None:
    assert len(told.mails) == len(told.hooks) == 4
    assert sum("extract_csat" in text for text in told.mails) == 2
    assert all("source_read" in text and "is its header there?" in text for text in told.mails[:2])
    for text in [*told.mails, *told.hooks, *(json.dumps(json.loads(hook), ensure_ascii=False) for hook in told.hooks)]:
        assert people_in(text, told.customers, own=(US, PLANNERS)) == [], text


def test_measures_and_the_errors_that_lineage_tells_name_nobody(told: Told) -> None:
    assert any(line.startswith("leadline.rows_quarantined") and "extract_acd" in line for line in told.measured)
    for text in [*told.measured, *told.errors.values()]:
        assert people_in(text, told.customers) == [], text


@pytest.mark.parametrize("word", [*PLANTED, "anybody@mail.example", "+31612345678", "known-7"])
def test_whoever_is_named_is_found(word: str) -> None:
    assert people_in(f'seen: "{word.upper() if word in PLANTED else word}", expected a date', known={"known-7"})
