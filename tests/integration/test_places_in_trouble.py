"""Lake and sources that are full, away, refuse us or fail now and then: what is raised, who is told, and what a night leaves."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import fsspec
import pytest
from typer.testing import CliRunner

from cli.main import app
from enterprise.alerts import Alerts, Mail, Webhook
from enterprise.errors import LakeUnreachableError, NeedsPersonError, RetryLaterError, SourceUnreachableError
from enterprise.settings import Enterprise
from etl.job import extract_source, stitch_night
from expectations.telling.job import tell_if_late, tell_night, tell_of_broken_file
from tests.support.faulty_store import HARMS, FaultyStore, faulty_store
from tests.support.mail_server import HOST, Kept, mail_server, web_server
from tests.support.object_store import BUCKET, object_store
from tests.support.small_disk import filled, small_disk
from tests.support.small_enterprise import SETTINGS
from tests.support.whole_intake import FIRST, SECOND, copied, fingerprint, intake_enterprise, run_night, write_day
from tests.support.workstream_world import FIRST_DAY, call, enterprise_at, write_core
from warehouse.job import named_lake, open_lake, storage_health
from warehouse.lake import Lake
from warehouse.operations.step_runs import DagRunSeen
from warehouse.reach import STORE_ATTEMPTS, filesystem_at
from warehouse.tables.builder import example_rows
from warehouse.tables.history import DAILY_HISTORY

pytestmark = pytest.mark.integration
LAKE_URL = f"s3://{BUCKET}/lake"
PARTS = ("landing", "core", "run", "history")
REFUSALS = ("ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied")


class People:
    """Who is told by mail and by webhook."""

    def __init__(self, mails: Kept, hooks: Kept) -> None:
        self.mails, self.hooks = mails, hooks
        mail = Mail(host=HOST, port=mails.port, security="none", sender="a@us.example", recipients=("b@us.example",))
        self.alerts = Alerts(mail=mail, webhook=Webhook(url=f"http://{HOST}:{hooks.port}/"))

    def told_by(self, enterprise: Enterprise, **storage: str) -> Enterprise:
        """The enterprise with these people, and with other places."""
        places = enterprise.storage.model_copy(update=storage)
        return enterprise.model_copy(update={"alerts": self.alerts, "storage": places})

    @property
    def texts(self) -> list[str]:
        """What they were told by the webhook; the mail went before it."""
        assert self.mails.messages or not self.hooks.messages
        return [json.loads(message)["text"] for message in self.hooks.messages]


@pytest.fixture
def people() -> Iterator[People]:
    with mail_server() as mails, web_server() as hooks:
        yield People(mails, hooks)


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyStore]:
    """A store that refuses everything, as soon as a test says how."""
    with faulty_store("http://127.0.0.1:9") as store:
        for name, value in {
            "AWS_ENDPOINT_URL": store.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "not-to-be-shown",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        yield store
        fsspec.get_filesystem_class("s3").clear_instance_cache()


# ---- a disk without room ---------------------------------------------------------------------------------------------


def test_a_night_on_a_full_disk_says_so_tells_people_and_ends_right_once_there_is_room(tmp_path: Path, people: People) -> None:
    sources = tmp_path / "sources"
    write_day(sources, FIRST)
    enterprise = intake_enterprise(tmp_path / "before", sources)
    run_night(FIRST, enterprise, Lake(enterprise.storage.lake_url))
    write_day(sources, SECOND)
    copied(tmp_path / "before", tmp_path / "whole")
    enterprise = intake_enterprise(tmp_path / "whole", sources)
    run_night(SECOND, enterprise, Lake(enterprise.storage.lake_url))
    expected = fingerprint(Lake(enterprise.storage.lake_url))
    with small_disk(16) as place:
        copied(tmp_path / "before", place / "work")
        enterprise = people.told_by(intake_enterprise(place / "work", sources))
        lake = Lake(enterprise.storage.lake_url)
        for room in (0, 16_384, 65_536):  # at the first write of all, and in the midst of the night
            filler = filled(place, left=room)
            before = {day: lake.content_hash(DAILY_HISTORY, day) for day in lake.partitions(DAILY_HISTORY)}
            with pytest.raises(LakeUnreachableError, match=r"disk of the lake is full.*Make room.*then run the night again"):
                run_night(SECOND, enterprise, lake)
            assert {day: lake.content_hash(DAILY_HISTORY, day) for day in before} == before or room, "nothing half written counts"
            tell_night(SECOND, enterprise, lake, {"conform": "failed", "publish": "upstream_failed"})
            filler.unlink()
        run_night(SECOND, enterprise, lake)
        made = fingerprint(lake)
        assert {path: digest for path, digest in made.items() if not path.startswith("state/alerts/")} == expected
        assert not list(Path(lake.root).rglob("*.tmp"))
    assert people.texts
    for text in people.texts:
        for words in (f"no plan of {SECOND} was published; the last good plan stays in force", "Steps that failed: conform",
                      "The lake: the disk of the lake is full", "Make room", "leadline retention --dry-run"):  # fmt: skip
            assert words in text


def test_a_full_disk_for_temporary_files_is_said_people_are_told_and_with_room_the_same_rows_are_made(
    tmp_path: Path, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    enterprise = enterprise_at(tmp_path)
    night, lake = FIRST_DAY + timedelta(days=5), Lake(str(tmp_path / "lake"))
    calls = [
        call(f"a-contact-with-a-long-id-{number:06d}", number % 5, number % 500, customer_id=f"a-customer-{number // 3:06d}")
        for number in range(40_000)
    ]
    write_core(lake, {"contacts": calls})
    shutil.copytree(lake.root, tmp_path / "other")
    stitch_night(night, enterprise, lake)
    expected = fingerprint(lake, ("core",))
    assert any("workstreams" in path for path in expected)
    lake = Lake(str(tmp_path / "other"))
    monkeypatch.setattr("etl.sources.partitions._MOST_MEMORY", "80MB")  # so that so few rows do not fit into it
    monkeypatch.setattr("warehouse.lake.os.cpu_count", lambda: 2)  # each thread wants a share
    with small_disk(256) as place:
        monkeypatch.chdir(place)
        filler = filled(place)
        full = rf"temporary files is full \({place}/\.tmp\).*Make room.*run the night again"
        with pytest.raises(RetryLaterError, match=full) as raised:
            stitch_night(night, enterprise, lake)
        pieces = [{"task_id": "stitch_workstreams", "state": "failed", "duration": 3.0}]
        ran = [DagRunSeen("nightly_plan", "night", pieces, reasons={"stitch_workstreams": str(raised.value)})]
        tell_night(night, people.told_by(enterprise), lake, {"stitch_workstreams": "failed", "publish": "success"}, ran)
        filler.unlink()
        stitch_night(night, enterprise, lake)
        monkeypatch.chdir(tmp_path)
    assert fingerprint(lake, ("core",)) == expected
    (text,) = people.texts
    assert "Steps that failed: stitch_workstreams" in text
    assert re.search(rf"why: +stitch_workstreams: .*{full}", text)


# ---- a store that fails now and then ---------------------------------------------------------------------------------


def test_a_night_on_a_store_that_fails_every_tenth_request_gives_the_bytes_of_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_day(tmp_path / "sources", FIRST)
    enterprise = intake_enterprise(tmp_path / "work", tmp_path / "sources")
    enterprise = enterprise.model_copy(update={"sources": {name: enterprise.sources[name] for name in ("acd", "cms", "claims")}})
    on_disk = Lake(enterprise.storage.lake_url)
    run_night(FIRST, enterprise, on_disk)
    with object_store(monkeypatch) as real, ExitStack() as stack:
        store = stack.enter_context(faulty_store(os.environ["AWS_ENDPOINT_URL"]))
        monkeypatch.setenv("AWS_ENDPOINT_URL", store.url)
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        run_night(FIRST, enterprise, Lake(LAKE_URL))
        made = {
            path.removeprefix(f"{BUCKET}/lake/"): hashlib.sha256(real.cat_file(path)).hexdigest()
            for part in PARTS
            for path in real.find(f"{BUCKET}/lake/{part}")
        }
    assert set(store.harm) == set(HARMS), "each kind of failure came"
    assert made == fingerprint(on_disk, PARTS)


def test_a_store_is_asked_as_often_as_its_own_variable_says(monkeypatch: pytest.MonkeyPatch, refusing: FaultyStore) -> None:
    refusing.every, refusing.harms = 1, ("broken",)
    assert filesystem_at(LAKE_URL)[0].config_kwargs == {"retries": {"total_max_attempts": STORE_ATTEMPTS, "mode": "standard"}}
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    lake = Lake(LAKE_URL)
    with pytest.raises(LakeUnreachableError, match=r"s3://leadline/lake cannot be used just now.*leadline doctor"):
        lake.write_bytes(f"{lake.root}/state/one", b"one")
    assert refusing.requests == 2


# ---- places that refuse us, or are not there -------------------------------------------------------------------------


@pytest.mark.parametrize("code", REFUSALS)
def test_a_lake_that_refuses_us_is_for_a_person_wherever_it_is_noticed(
    code: str, tmp_path: Path, people: People, refusing: FaultyStore
) -> None:
    enterprise = people.told_by(intake_enterprise(tmp_path, tmp_path), lake_url=LAKE_URL)
    refusing.refusal = code
    lake = named_lake(enterprise)
    for act in (
        lambda: open_lake(enterprise),
        lambda: lake.replace(DAILY_HISTORY, example_rows(DAILY_HISTORY, 3, business_date=FIRST), FIRST),
        lambda: lake.read(DAILY_HISTORY),
    ):
        with pytest.raises(NeedsPersonError, match=r"s3://leadline/lake refuses this login.*Renew the credentials") as raised:
            act()
        assert "not-to-be-shown" not in str(raised.value)
    with pytest.raises(NeedsPersonError, match="refuses this login"):
        storage_health(enterprise, "lake")  # the doctor
    tell_night(FIRST, enterprise, lake, {"conform": "failed", "publish": "upstream_failed"})
    (text,) = people.texts
    for words in (
        f"no plan of {FIRST} was published",
        "Steps that failed: conform",
        "refuses this login",
        "Renew the credentials",
    ):
        assert words in text
    assert "not-to-be-shown" not in text


def test_when_planners_start_work_they_are_told_of_a_lake_that_refuses_us(
    tmp_path: Path, people: People, refusing: FaultyStore
) -> None:
    warehouse = "postgresql+psycopg://leadline:hidden@127.0.0.1:1/leadline"
    enterprise = people.told_by(intake_enterprise(tmp_path, tmp_path), lake_url=LAKE_URL, warehouse_url=warehouse)
    refusing.refusal = "ExpiredToken"
    tell_if_late(FIRST, enterprise, named_lake(enterprise))
    (text,) = people.texts
    for words in (
        f"no plan of {FIRST} by 06:30",
        "127.0.0.1:1",
        "The lake:",
        "refuses this login",
        "token has expired",
        "leadline doctor",
    ):
        assert words in text
    assert "hidden" not in text


def test_a_lake_without_credentials_or_bucket_is_for_a_person_and_one_that_is_away_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: FaultyStore
) -> None:
    enterprise = intake_enterprise(tmp_path, tmp_path)
    enterprise = enterprise.model_copy(update={"storage": enterprise.storage.model_copy(update={"lake_url": LAKE_URL})})
    with object_store(monkeypatch) as store:
        assert open_lake(enterprise).read(DAILY_HISTORY).empty, "a lake that never had a night"
        store.mkdir("other")
        nowhere = enterprise.storage.model_copy(update={"lake_url": "s3://nowhere/lake"})
        with pytest.raises(NeedsPersonError, match=r"s3://nowhere/lake is not there.*Make the bucket"):
            open_lake(enterprise.model_copy(update={"storage": nowhere}))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(LakeUnreachableError, match="cannot be used just now"):
        open_lake(enterprise)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(NeedsPersonError, match=r"refuses this login.*Unable to locate credentials"):
        open_lake(enterprise)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_source_on_a_store_that_refuses_us_is_for_a_person(code: str, tmp_path: Path, refusing: FaultyStore) -> None:
    enterprise = intake_enterprise(tmp_path, tmp_path)
    source = enterprise.sources["cms"].model_copy(update={"url": f"s3://{BUCKET}/exports/report*.csv"})
    enterprise = enterprise.model_copy(update={"sources": {"cms": source}})
    refusing.refusal = code
    with pytest.raises(NeedsPersonError, match=r"sources\.cms: s3://leadline/exports.*renew the credentials") as raised:
        extract_source("cms", FIRST, enterprise, Lake(str(tmp_path / "lake")))
    assert "not-to-be-shown" not in str(raised.value)


def test_a_source_on_a_store_that_is_busy_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: FaultyStore
) -> None:
    enterprise = intake_enterprise(tmp_path, tmp_path)
    source = enterprise.sources["cms"].model_copy(update={"url": f"s3://{BUCKET}/exports/report*.csv"})
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    refusing.every, refusing.harms = 1, ("broken",)
    with pytest.raises(SourceUnreachableError, match=r"sources\.cms: s3://leadline/exports"):
        extract_source("cms", FIRST, enterprise.model_copy(update={"sources": {"cms": source}}), Lake(str(tmp_path / "lake")))


# ---- a DAG file with an error ----------------------------------------------------------------------------------------


def test_people_are_told_of_a_dag_file_with_an_error_once_and_although_the_lake_is_away(
    tmp_path: Path, people: People, refusing: FaultyStore
) -> None:
    error = 'Traceback (most recent call last):\n  File "/dags/nightly_plan.py", line 7\nSyntaxError: invalid syntax\n'
    enterprise = people.told_by(intake_enterprise(tmp_path, tmp_path))
    for _ in range(2):
        tell_of_broken_file("/dags/nightly_plan.py", error, enterprise, named_lake(enterprise))
    (text,) = people.texts
    for words in ("Airflow cannot read the DAG file nightly_plan.py", "SyntaxError: invalid syntax", "The other DAG files go on",
                  "the last good plan stays in force", "leadline doctor"):  # fmt: skip
        assert words in text
    refusing.refusal = "AccessDenied"
    enterprise = people.told_by(enterprise, lake_url=LAKE_URL)
    tell_of_broken_file("/dags/extract.py", error, enterprise, named_lake(enterprise))
    assert "extract.py" in people.texts[1]


# ---- Airflow itself away ---------------------------------------------------------------------------------------------


def test_a_clock_outside_airflow_tells_people_once_that_there_is_no_plan(tmp_path: Path, people: People) -> None:
    (tmp_path / "exports").mkdir()
    text = SETTINGS.replace("[storage]", '[storage]\nwarehouse_url = "postgresql+psycopg://leadline:hidden@127.0.0.1:1/leadline"')
    config = tmp_path / "enterprise.toml"
    config.write_text(
        f'{text}[alerts.webhook]\nurl = "http://{HOST}:{people.hooks.port}/"\n'.replace('"lake"', f'"{tmp_path}/lake"')
    )
    for _ in range(2):
        result = CliRunner().invoke(app, ["late", "--date", "2026-11-12", "--config", str(config)])
        assert result.exit_code == 1
    (message,) = people.hooks.messages
    told = json.loads(message)["text"]
    for words in ("no plan of 2026-11-12 by 06:30", "127.0.0.1:1", "leadline doctor", "leadline run --date 2026-11-12"):
        assert words in told
        assert words in result.output
    assert "hidden" not in told + result.output
