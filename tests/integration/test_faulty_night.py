"""Nights on feeds that are wrong or gone: each ends with a plan, a flag and a reason, and the rest is planned as it would be."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from demo.job import make_demo
from enterprise.errors import SourceUnreachableError
from enterprise.settings import Enterprise, load_enterprise
from etl.job import build_history_night, conform_night, extract_source
from expectations.job import validate_night
from expectations.named_items import judge_named, named_items
from expectations.telling.job import tell_night
from forecasting.job import forecast_night
from staffing.job import staff_night
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.job import migrate_warehouse, publish_night, write_planbook_night
from warehouse.lake import Lake
from warehouse.tables.core import CLAIMS
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS
from warehouse.tables.staffing import STAFFING_INTERVAL

pytestmark = [pytest.mark.integration, pytest.mark.slow]
FIRST, NIGHT = date(2026, 9, 14), date(2026, 11, 12)
CONFIG = Path(__file__).parents[2] / "config" / "enterprise.toml"
NUMBERS = ["mean_offered_contacts", "offered_contacts_q10", "offered_contacts_q90", "mean_handle_seconds"]


def enterprise_on(folder: Path, sources: Path, claims: str = "") -> Enterprise:
    """The demo's enterprise in a folder; `claims` is the address of another claims database."""
    text = CONFIG.read_text()
    if claims:
        text = text.replace("sqlite:///.leadline/demo/claims/claims.db", claims)
    text = text.replace(".leadline/demo/", f"{sources}/demo/").replace('".leadline/', f'"{folder}/')
    (folder / "enterprise.toml").write_text(text.replace("[storage]", f'[storage]\nstate_folder = "{folder}/state"'))
    return load_enterprise(folder / "enterprise.toml", {}, folder)


def plan(enterprise: Enterprise, lake: Lake) -> None:
    """The night after its extraction, with the checks that hold days; those of form have tests of their own."""
    conform_night(NIGHT, enterprise, lake)
    build_history_night(NIGHT, enterprise, lake)
    for stage in ("sources", "monitors"):
        validate_night(stage, NIGHT, enterprise, lake)
    forecast_night(NIGHT, enterprise, lake)
    staff_night(NIGHT, enterprise, lake)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    make_demo(folder / "demo", folder / "demo-truth", FIRST, NIGHT, seed=11)
    return folder


@pytest.fixture(scope="module")
def good(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The night on whole feeds."""
    folder = tmp_path_factory.mktemp("good")
    enterprise = enterprise_on(folder, sources)
    lake = Lake(enterprise.storage.lake_url)
    for source in enterprise.sources:
        extract_source(source, NIGHT, enterprise, lake)
    plan(enterprise, lake)
    return lake


@pytest.fixture(scope="module")
def faulty(good: Lake, sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Enterprise, Lake]]:
    """The same night with every chat of its day delivered twice under other ids, and no claims database any more."""
    folder = tmp_path_factory.mktemp("faulty")
    shutil.copytree(sources / "demo", folder / "sources" / "demo", symlinks=True)
    shutil.copytree(good.root, folder / "lake")
    chats = sorted((folder / "sources" / "demo" / "chat").glob("*.jsonl"))[-1]
    again = chats.read_text().replace('"ContactId":"', '"ContactId":"again-').replace('"ContactId": "', '"ContactId": "again-')
    assert again != chats.read_text()
    chats.with_name(chats.stem + "-again.jsonl").write_text(again)
    enterprise = enterprise_on(folder, folder / "sources", "postgresql+psycopg://reader:secret@127.0.0.1:9/claims")
    lake = Lake(enterprise.storage.lake_url)
    (folder / "lake" / "state" / "reads" / "claims.json").unlink()  # so far nothing was read on this night
    extract_source("chat", NIGHT, enterprise, lake)
    with pytest.raises(SourceUnreachableError):
        extract_source("claims", NIGHT, enterprise, lake)
    plan(enterprise, lake)
    yield enterprise, lake
    EmbeddedPostgres.stop(Path(enterprise.storage.state_folder))


def queue_days(lake: Lake) -> pd.DataFrame:
    rows = lake.read(FORECAST_DAILY, first=NIGHT, last=NIGHT)
    return rows[rows["level"] == "queue"].set_index(["member_id", "business_date"])


def test_what_was_planted_is_found_and_held(faulty: tuple[Enterprise, Lake]) -> None:
    found = faulty[1].read(QUALITY_FINDINGS, first=NIGHT, last=NIGHT)
    held = found[(found["action"] == "held") & (found["business_date"] == NIGHT)]
    by_kind = {kind: set(rows["subject_id"]) for kind, rows in held.groupby("subject_kind")}
    assert {"chat_service", "chat_sales"} <= by_kind["queue"]
    assert by_kind["claims"] == {"motor", "property"}
    assert not any(queue.startswith("voice") for queue in by_kind["queue"])
    assert "secret" not in " ".join(found["reason"])


def test_mails_that_name_lost_claims_tell_of_the_loss_and_whole_feeds_agree(good: Lake, tmp_path: Path) -> None:
    checks = good.read(DATA_QUALITY, first=NIGHT, last=NIGHT).set_index("rule")
    assert checks.loc["named_claims_known", "result"] == "passed"
    assert checks["rows_checked"]["named_claims_known"] > 1000
    shutil.copytree(f"{good.root}/core", tmp_path / "core")
    lake = Lake(str(tmp_path))
    lost = [date(2026, 11, 3), date(2026, 11, 4)]
    for day in lost:
        claims = lake.read(CLAIMS, first=day, last=day)
        lake.replace(CLAIMS, claims.iloc[: round(0.7 * len(claims))], day)
    outcomes, found = judge_named(named_items(NIGHT, lake), NIGHT)
    assert outcomes.set_index("rule").loc["named_claims_known", "queues_affected"] == "email_claims"
    assert set(found["subject_id"]) == {"claims"}
    assert lost[0] <= min(found["business_date"]) <= max(found["business_date"]) <= lost[-1] + timedelta(days=14)


def test_calls_are_planned_as_on_good_feeds_but_for_a_flag_on_those_that_follow_claims(
    good: Lake, faulty: tuple[Enterprise, Lake]
) -> None:
    enterprise, lake = faulty
    before, after = queue_days(good), queue_days(lake)
    for queue in (queue for queue in enterprise.queues.values() if queue.channel == "voice"):
        pd.testing.assert_frame_equal(after.loc[[queue.id], NUMBERS], before.loc[[queue.id], NUMBERS], rtol=0.05, atol=1.0)
        told_of_claims = after.loc[queue.id]["data_warning"].str.contains("claims of 2026-11-12").fillna(False).any()
        assert not told_of_claims or queue.id in enterprise.claims_lead.queues
    people = [rows.read(STAFFING_INTERVAL, first=NIGHT, last=NIGHT) for rows in (good, lake)]
    unled = [queue.id for queue in enterprise.queues.values() if queue.channel == "voice"]
    unled = [queue for queue in unled if queue not in enterprise.claims_lead.queues]
    one, other = (rows[rows["queue_id"].isin(unled)].reset_index(drop=True) for rows in people)
    assert len(one) > 1000
    pd.testing.assert_frame_equal(one, other)


def test_the_doubled_chats_teach_nothing_and_their_plan_says_since_when_and_why(
    good: Lake, faulty: tuple[Enterprise, Lake]
) -> None:
    before, after = queue_days(good), queue_days(faulty[1])
    for queue in ("chat_service", "chat_sales"):
        assert (after.loc[queue]["mean_offered_contacts"].sum() / before.loc[queue]["mean_offered_contacts"].sum()) < 1.1
        assert after.loc[queue]["data_warning"].str.contains("2026-11-12 left out: ").all()
        assert (after.loc[queue]["data_until_date"] < NIGHT).all()


def test_the_plan_is_published_with_its_flags_and_people_are_told(good: Lake, faulty: tuple[Enterprise, Lake]) -> None:
    enterprise, lake = faulty
    validate_night("forecast", NIGHT, enterprise, lake)
    validate_night("staffing", NIGHT, enterprise, lake)
    migrate_warehouse(enterprise)
    assert publish_night(NIGHT, enterprise, lake).status == "current"
    with connected(warehouse_url(enterprise.storage)) as connection:
        query = "SELECT DISTINCT queue_id FROM current_staffing_plan WHERE data_warning IS NOT NULL"
        flagged = {row[0] for row in connection.execute(query).fetchall()}
        held = connection.execute("SELECT count(*) FROM quality_findings_tonight WHERE action = 'held' AND is_recent").fetchone()
    assert {"chat_service", "chat_sales", "claims_motor", "claims_property"} <= flagged
    before = queue_days(good)["data_warning"].dropna()  # the demo has bad days of its own
    assert ("voice_sales" in flagged) == ("voice_sales" in before.index.get_level_values("member_id"))
    assert held is not None
    assert held[0] > 0
    book = Path(write_planbook_night(NIGHT, enterprise, lake)).read_text(encoding="utf-8")
    assert "Not all recent days could be used" in book
    assert "source claims could not be read" in book
    told = tell_night(NIGHT, enterprise, lake, {"publish": "success", "extract_claims": "failed"})
    assert told is not None
    assert told.outcome == "flagged"
    assert "extract_claims" in told.text
