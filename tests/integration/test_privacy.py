"""Customers hashed with a key, and forgotten: on whole nights of a small demo, in every file and in the warehouse."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from demo.job import make_demo
from enterprise.errors import NeedsPersonError
from enterprise.privacy import hashed, stand_in
from enterprise.settings import Enterprise, load_enterprise
from etl import job
from etl.sources.state import keep_intake, read_intake
from expectations.job import validate_night
from tests.integration.test_etl_night import enterprise_on
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.job import migrate_warehouse
from warehouse.lake import Lake
from warehouse.operations.forget import NOTE
from warehouse.operations.job import forget_customer
from warehouse.tables.core import CASES, CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.history import DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.run import LANDING_FILES
from warehouse.tables.workstreams import WORKSTREAMS

pytestmark = [pytest.mark.integration, pytest.mark.slow]
FIRST = NIGHT = date(2026, 10, 30)
KEY, OTHER_KEY = "k" * 32, "l" * 32
HASHED = f'\n[privacy]\ncustomer_ids = "hashed"\nkey = "{KEY}"\n'
ONLY_KEY = f'\n[privacy]\nkey = "{KEY}"\n'
PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\+\d{9,}|\b0\d{9}\b")


def with_privacy(enterprise: Enterprise, folder: Path, words: str) -> Enterprise:
    path = folder / "enterprise.toml"
    plain = path.read_text().partition("\n[privacy]")[0]
    path.write_text(plain + words)
    return load_enterprise(path, {}, folder)


def run_night(enterprise: Enterprise, lake: Lake) -> None:
    for source in enterprise.sources:
        job.extract_source(source, NIGHT, enterprise, lake)
    remake(enterprise, lake)


def remake(enterprise: Enterprise, lake: Lake) -> None:
    job.conform_night(NIGHT, enterprise, lake)
    job.stitch_night(NIGHT, enterprise, lake)
    job.build_history_night(NIGHT, enterprise, lake)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a night whose customers are named as the sources name them; beside it what its logs said."""
    folder = tmp_path_factory.mktemp("plain")
    make_demo(folder / "demo", folder / "demo-truth", FIRST, NIGHT, seed=7)
    enterprise = enterprise_on(folder, folder)
    log = logging.FileHandler(folder / "night.log")
    root = logging.getLogger()
    before = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    try:
        lake = Lake(enterprise.storage.lake_url)
        run_night(enterprise, lake)
        for stage in ("core", "history"):
            validate_night(stage, NIGHT, enterprise, lake)
    finally:
        root.setLevel(before)
        root.removeHandler(log)
    return folder


@pytest.fixture
def own(plain: Path, tmp_path: Path) -> Iterator[tuple[Enterprise, Lake]]:
    """A copy of that night's lake, with settings of its own."""
    shutil.copytree(plain / "lake", tmp_path / "lake")
    enterprise = enterprise_on(tmp_path, plain)
    storage = enterprise.storage.model_copy(update={"state_folder": str(tmp_path / "state")})
    yield enterprise.model_copy(update={"storage": storage}), Lake(enterprise.storage.lake_url)
    EmbeddedPostgres.stop(tmp_path / "state")


def counted(lake: Lake) -> pd.DataFrame:
    """What plans are made from, and the accounts of what was read."""
    tables = (lake.read(table).sort_values(table.key_names) for table in (DAILY_HISTORY, INTERVAL_HISTORY, LANDING_FILES))
    return pd.concat([table.reset_index(drop=True).astype(str) for table in tables], axis=1)


def customers(lake: Lake) -> set[str]:
    return {name for table in (CONTACTS, MESSAGES, CASES, CLAIMS) for name in lake.read(table)["customer_id"].dropna()}


def places_of(lake: Lake, name: str) -> list[str]:
    """Files that hold a number or word, found in another way than the code does: every word of every file, whatever its form."""
    found = []
    for path in Path(lake.root).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if content[:4] == b"PAR1":
                words = "\n".join(str(value) for column in pq.read_table(path).columns for value in column.to_pylist())
            else:
                words = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8", "replace")
            if name.lstrip("~").lower() in re.split(r"[^a-z0-9]+", words.lower()):
                found.append(str(path.relative_to(lake.root)))
    return found


def test_logs_of_a_night_name_no_person(plain: Path) -> None:
    log = (plain / "night.log").read_text()
    assert len(log.splitlines()) >= 2, "the night said nothing at all"
    assert PERSONAL.findall(log) == []
    known = customers(Lake(str(plain / "lake")))
    assert len(known) > 100
    words = set(re.findall(r"[\w@.+-]+", log))
    assert words & known == set()


def test_hashed_ids_join_as_the_plain_ones_did_and_no_plan_changes(
    plain: Path, own: tuple[Enterprise, Lake], tmp_path: Path
) -> None:
    enterprise, lake = own
    before, named = counted(lake), lake.read(CONTACTS)
    hashing = with_privacy(enterprise, tmp_path, HASHED)
    assert hashing.settings_hash == enterprise.settings_hash
    remake(hashing, lake)
    after = lake.read(CONTACTS)
    key = hashing.privacy.key_bytes
    expected = named["customer_id"].map(lambda name: hashed(name, key), na_action="ignore")
    pd.testing.assert_series_equal(after["customer_id"], expected.astype(after["customer_id"].dtype))
    pd.testing.assert_frame_equal(counted(lake), before)
    assert lake.read(WORKSTREAMS)["customer_id"].dropna().str.startswith("~").all()
    assert set(lake.read(MESSAGES)["customer_id"].dropna().map(len)) == {33}
    again = {path: hashlib.sha256(path.read_bytes()).digest() for path in (Path(lake.root) / "core").rglob("*.parquet")}
    remake(hashing, lake)
    assert again == {path: hashlib.sha256(path.read_bytes()).digest() for path in again}, "hashed twice"

    with pytest.raises(NeedsPersonError, match="another one than core was hashed with"):
        remake(with_privacy(enterprise, tmp_path, HASHED.replace(KEY, OTHER_KEY)), lake)
    assert again == {path: hashlib.sha256(path.read_bytes()).digest() for path in again}
    renewed = with_privacy(enterprise, tmp_path, HASHED.replace(KEY, OTHER_KEY) + 'key_name = "2"\n')
    remake(renewed, lake)
    other = named["customer_id"].map(lambda name: hashed(name, renewed.privacy.key_bytes), na_action="ignore")
    pd.testing.assert_series_equal(lake.read(CONTACTS)["customer_id"], other.astype(after["customer_id"].dtype))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('\n[privacy]\ncustomer_ids = "hashed"\n', "needs a key"),
        ('\n[privacy]\ncustomer_ids = "hashed"\nkey = "short"\n', "at least 32"),
        ('\n[privacy]\ncustomer_ids = "hashed"\nkey = "${LEADLINE_CUSTOMER_KEY}"\n', "set the environment variable"),
    ],
)
def test_a_missing_key_is_a_settings_error_that_says_so(plain: Path, tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(NeedsPersonError, match=said):
        with_privacy(enterprise_on(tmp_path, plain), tmp_path, words)


@pytest.mark.parametrize("words", [ONLY_KEY, HASHED], ids=["as named", "hashed"])
def test_a_forgotten_customer_is_in_no_file_and_no_row_comes_back_and_every_count_stays(
    own: tuple[Enterprise, Lake], tmp_path: Path, plain: Path, words: str
) -> None:
    enterprise, lake = own
    mails = lake.read(MESSAGES)
    name = str(mails["customer_id"].value_counts().index[0])
    settings = with_privacy(enterprise, tmp_path, words)
    settings = settings.model_copy(update={"storage": enterprise.storage})
    remake(settings, lake)
    migrate_warehouse(settings)
    before = counted(lake)
    held = places_of(lake, name)
    assert {Path(path).parts[0] for path in held} >= {"landing", "staging"}
    with connected(warehouse_url(settings.storage)) as connection:
        connection.execute(
            "INSERT INTO planner_override (kind, level, member_id, first_date, last_date, value, reason) VALUES "
            "('handle_time_factor', 'queue', 'voice_claims', '2026-11-13', '2026-11-13', 1.05, %s)",
            [f"{name.upper()} will call, others too"],
        )
    gone = forget_customer(name, "Ada Smith", "letter of 3 November", settings, lake)
    assert gone.rows == {"planner_override": 1}
    assert places_of(lake, name) == []
    assert places_of(lake, hashed(name, settings.privacy.key_bytes)) == [NOTE], "only the note, by its hash"
    (note,) = json.loads((Path(lake.root) / NOTE).read_text())["customers"]
    assert (note["by"], note["reason"]) == ("Ada Smith", "letter of 3 November")
    assert note["found"]["landing"] >= 1
    with connected(warehouse_url(settings.storage)) as connection:
        (said,) = connection.execute("SELECT reason FROM planner_override").fetchall()
    assert said[0].endswith(" will call, others too")
    assert name.lower() not in said[0].lower()
    remake(settings, lake)
    pd.testing.assert_frame_equal(counted(lake), before)

    # A night over everything again, landed bytes read anew as after a change of settings: nothing brings the customer back.
    shutil.rmtree(Path(lake.root) / "core")
    for source in settings.sources:
        intake = read_intake(lake, source)
        intake.batches = [replace(batch, reader="another") for batch in intake.batches]
        keep_intake(lake, source, intake)
    run_night(settings, lake)
    assert places_of(lake, name) == []
    pd.testing.assert_frame_equal(counted(lake), before)
    own_name = stand_in(name, settings.privacy.key_bytes)
    expected = hashed(own_name, settings.privacy.key_bytes) if settings.privacy.hashes else own_name
    assert expected in set(lake.read(MESSAGES)["customer_id"])
    assert forget_customer(name, "Ada Smith", "again", settings, lake).files == {}


def test_what_a_source_sends_again_does_not_bring_the_customer_back_into_core(
    own: tuple[Enterprise, Lake], tmp_path: Path, plain: Path
) -> None:
    enterprise, lake = own
    name = str(lake.read(MESSAGES)["customer_id"].value_counts().index[0])
    settings = with_privacy(enterprise, tmp_path, ONLY_KEY).model_copy(update={"storage": enterprise.storage})
    migrate_warehouse(settings)
    forget_customer(name, "Ada Smith", "letter", settings, lake)
    for folder in ("landing", "staging", "core"):  # as if every source sent all it has once more
        shutil.rmtree(Path(lake.root) / folder)
    for state in ("conformed.json", "intake"):
        place = Path(lake.root) / "state" / state
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    run_night(settings, lake)
    assert places_of(lake, name), "the source still has the customer"
    assert name not in customers(lake)
    assert stand_in(name, settings.privacy.key_bytes) in customers(lake)
    with pytest.raises(NeedsPersonError, match="would come back"):
        remake(enterprise, lake)


@pytest.mark.parametrize(
    ("name", "by", "reason", "said"),
    [
        ("anna@example.org", "", "letter", "--by"),
        ("anna@example.org", "Ada", " ", "--reason"),
        ("1001", "Ada", "letter", "cannot be told"),
        ("abc", "Ada", "letter", "cannot be told"),
    ],
)
def test_what_cannot_be_forgotten_changes_nothing(
    own: tuple[Enterprise, Lake], tmp_path: Path, name: str, by: str, reason: str, said: str
) -> None:
    enterprise, lake = own
    settings = with_privacy(enterprise, tmp_path, ONLY_KEY)
    with pytest.raises(NeedsPersonError, match=said):
        forget_customer(name, by, reason, settings, lake)
    with pytest.raises(NeedsPersonError, match="no key"):
        forget_customer("anna@example.org", "Ada", "letter", enterprise, lake)
    assert not (Path(lake.root) / NOTE).exists()
