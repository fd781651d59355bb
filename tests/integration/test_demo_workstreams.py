"""Workstreams of two weeks of the demo: nothing lost, the same bytes again, and how often the truth is found."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from demo.job import make_demo
from enterprise.settings import Enterprise, load_enterprise
from etl import job
from tests.support.workstream_truth import agreement
from tests.support.workstream_world import CONFIG
from warehouse.lake import Lake
from warehouse.tables.core import CASES, CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.workstreams import WORKSTREAM_LINKS, WORKSTREAMS

pytestmark = pytest.mark.integration
FIRST, LAST = date(2026, 10, 19), date(2026, 10, 30)
SOURCES = ("acd", "chat", "mail", "crm", "claims")


@pytest.fixture(scope="module")
def stitched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Enterprise, Lake, Path]:
    folder = tmp_path_factory.mktemp("demo_workstreams")
    make_demo(folder / "demo", folder / "demo-truth", FIRST, LAST, seed=11)
    path = folder / "enterprise.toml"
    path.write_text(CONFIG.read_text().replace(".leadline/", f"{folder}/"))
    enterprise = load_enterprise(path, {}, folder)
    lake = Lake(enterprise.storage.lake_url)
    for source in SOURCES:
        job.extract_source(source, LAST, enterprise, lake)
    job.conform_night(LAST, enterprise, lake)
    for night in (LAST - timedelta(days=1), LAST):
        job.stitch_night(night, enterprise, lake)
    return enterprise, lake, folder / "demo-truth"


def test_every_contact_mail_case_and_claim_is_in_exactly_one_workstream(stitched: tuple[Enterprise, Lake, Path]) -> None:
    _, lake, _ = stitched
    links = lake.read(WORKSTREAM_LINKS, columns=["item_kind", "item_id", "segment", "workstream_id"]).drop_duplicates()
    assert not links.duplicated(["item_kind", "item_id", "segment"]).any()
    for kind, table in (("contact", CONTACTS), ("message", MESSAGES), ("case", CASES), ("claim", CLAIMS)):
        assert (links["item_kind"] == kind).sum() == len(lake.read(table, last=LAST)) > 0
    workstreams = lake.read(WORKSTREAMS)
    assert workstreams["items"].sum() == len(links)
    assert set(workstreams["workstream_id"]) == set(links["workstream_id"])


def test_two_nights_leave_what_one_leaves(stitched: tuple[Enterprise, Lake, Path]) -> None:
    enterprise, lake, _ = stitched
    before = {
        (table.name, day): lake.content_hash(table, day)
        for table in (WORKSTREAM_LINKS, WORKSTREAMS)
        for day in lake.partitions(table)
    }
    lake.filesystem.rm(f"{lake.root}/state/workstreams.json")
    job.stitch_night(LAST, enterprise, lake)
    after = {
        (table.name, day): lake.content_hash(table, day)
        for table in (WORKSTREAM_LINKS, WORKSTREAMS)
        for day in lake.partitions(table)
    }
    assert after == before


def test_workstreams_find_the_contacts_that_claims_caused(stitched: tuple[Enterprise, Lake, Path]) -> None:
    _, lake, truth = stitched
    seen = agreement(lake, truth)
    assert seen.inferred_links > 500
    assert seen.explicit_right > 0.999
    assert seen.claims_right > 0.8
    assert seen.inferred_right > 0.6
    assert seen.found > 0.88
