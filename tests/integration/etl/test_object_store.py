"""Sources and lake on an object store (moto speaks S3): the same bytes as on a disk, and clear words when it fails."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from demo.job import make_demo
from enterprise.errors import NeedsPersonError, SourceUnreachableError
from enterprise.settings import Enterprise, load_enterprise
from etl import job
from etl.sources.contact_batches import contact_files
from tests.support import example_contacts
from tests.support.object_store import BUCKET, copied, object_store
from warehouse.lake import Lake
from warehouse.tables.core import CONTACTS

pytestmark = [pytest.mark.integration, pytest.mark.slow]
FIRST, LAST = date(2026, 11, 11), date(2026, 11, 12)
CONFIG = Path(__file__).parents[3] / "config" / "enterprise.toml"
ON_STORE = ("acd", "chat", "email", "crm", "workforce", "marketing")  # the claims are in a database


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make_demo(folder / "demo", folder / "truth", FIRST, LAST, seed=11)
    return folder / "demo"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[fsspec.AbstractFileSystem]:
    with object_store(monkeypatch) as filesystem:
        yield filesystem


def enterprise_with(folder: Path, files: str, claims: Path, lake_url: str) -> Enterprise:
    text = CONFIG.read_text().replace("sqlite:///.leadline/demo/", f"sqlite:///{claims}/").replace(".leadline/demo/", files)
    path = folder / "enterprise.toml"
    path.write_text(text.replace('".leadline/lake"', f'"{lake_url}"'))
    return load_enterprise(path, {}, folder)


def run_night(night: date, enterprise: Enterprise) -> Lake:
    lake = Lake(enterprise.storage.lake_url)
    for source in enterprise.sources:
        job.extract_source(source, night, enterprise, lake)
    job.conform_night(night, enterprise, lake)
    job.build_history_night(night, enterprise, lake)
    return lake


def hashes(lake: Lake) -> dict[str, str]:
    found = {}
    for part in ("landing", "core", "run", "history"):
        lake.filesystem.invalidate_cache()
        for path in lake.filesystem.find(f"{lake.root}/{part}"):
            found[str(path).removeprefix(lake.root)] = hashlib.sha256(lake.filesystem.cat_file(path)).hexdigest()
    return found


def test_a_night_on_an_object_store_gives_the_bytes_of_one_on_a_disk(
    demo: Path, store: fsspec.AbstractFileSystem, tmp_path: Path
) -> None:
    for folder in ON_STORE:
        copied(store, demo / folder, f"exports/{folder}")
    (tmp_path / "disk").mkdir()
    on_disk = run_night(LAST, enterprise_with(tmp_path / "disk", f"{demo}/", demo, str(tmp_path / "lake")))
    (tmp_path / "store").mkdir()
    remote = enterprise_with(tmp_path / "store", f"s3://{BUCKET}/exports/", demo, f"s3://{BUCKET}/lake")
    on_store = run_night(LAST, remote)
    assert on_disk.read_arrow(CONTACTS).num_rows > 1000
    assert hashes(on_store) == hashes(on_disk)
    before = hashes(on_store)
    run_night(LAST, remote)
    assert hashes(on_store) == before


def test_contacts_are_booked_from_an_object_store_as_from_a_disk(store: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    days = [date(2026, 10, 20) + timedelta(days=step) for step in range(12)]  # more than are read at once
    enterprise = example_contacts.enterprise_with()
    outcomes = ["answered", "abandoned", "answered"]
    rows = [
        example_contacts.contact(
            f"{day}-{number:02d}",
            datetime(day.year, day.month, day.day, 8, tzinfo=UTC) + timedelta(minutes=35 * number),
            outcome=outcomes[number % 3],
            wait_seconds=7.0 * number,
            handle_seconds=0.0 if number % 3 == 1 else 2000.5,
            arrived_by="callback" if number == 4 else "customer",
            previous_contact_id=f"{day}-03" if number == 4 else None,
        )
        for day in days
        for number in range(20)
    ]
    disk = example_contacts.lake_with(tmp_path, enterprise, rows)
    copied(store, tmp_path / "lake", "lake")
    there = Lake(f"s3://{BUCKET}/lake")
    assert not there.is_local
    assert contact_files(there, set(days)) == [
        (day, f"{BUCKET}/lake/core/contacts/business_date={day}/part-0.parquet") for day in days
    ]
    on_disk, on_store = (example_contacts.history_of(lake, enterprise, days, days[-1]) for lake in (disk, there))
    assert on_disk["interval_history"]["offered_contacts"].sum() > 200
    assert on_disk["wait_history"]["abandoned_contacts"].sum() > 50
    for name, expected in on_disk.items():
        order = [column for column in ("queue_id", "interval_start_utc", "business_date") if column in expected]
        order += [column for column in ("waited_from_seconds",) if column in expected]
        got, wanted = (frame.sort_values(order, ignore_index=True) for frame in (on_store[name], expected))
        pd.testing.assert_frame_equal(got, wanted)


def chat_only(folder: Path, url: str) -> tuple[Enterprise, Lake]:
    enterprise = enterprise_with(folder, url, folder, str(folder / "lake"))
    return enterprise, Lake(str(folder / "lake"))


def test_a_key_that_climbs_out_of_its_folder_lands_in_landing(store: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    for name in (
        "contact-records-..|..|etc|cron.jsonl",
        "contact-records-\\..\\..\\x.jsonl",
        "contact-records-\u202e%2e%2e%2f.jsonl",
    ):
        store.pipe_file(f"{BUCKET}/exports/chat/{name}", f"{name}\n".encode())
    enterprise, lake = chat_only(tmp_path, f"s3://{BUCKET}/exports/")
    job.extract_source("chat", LAST, enterprise, lake)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".toml"]
    assert {path.relative_to(tmp_path).parts[0] for path in written} == {"lake"}
    landed = [path for path in written if "landing" in path.parts]
    assert len(landed) == 3
    assert {path.parent for path in landed} == {tmp_path / "lake" / "landing" / "chat"}


def test_a_bucket_that_is_not_there_is_named(store: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    enterprise, lake = chat_only(tmp_path, "s3://no-such-bucket/exports/")
    with pytest.raises(SourceUnreachableError, match=r"sources\.chat.*no-such-bucket"):
        job.extract_source("chat", LAST, enterprise, lake)


def test_an_empty_place_is_for_a_person(store: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    store.pipe_file(f"{BUCKET}/exports/chat/other.txt", b"x")
    enterprise, lake = chat_only(tmp_path, f"s3://{BUCKET}/exports/")
    with pytest.raises(NeedsPersonError, match="no file at"):
        job.extract_source("chat", LAST, enterprise, lake)


def test_a_store_that_does_not_answer_is_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-shown")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    enterprise, lake = chat_only(tmp_path, f"s3://{BUCKET}/exports/")
    with pytest.raises(SourceUnreachableError, match="cannot be listed") as caught:
        job.extract_source("chat", LAST, enterprise, lake)
    assert "not-to-be-shown" not in str(caught.value)
