"""The intake of whole nights on a small demo: repeated, killed, split in two, and measured against the truth."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from cli.first_load import load_if_first
from cli.runtime.folders import Folders
from cli.session import Session
from demo.job import make_demo
from enterprise.errors import AccountingError, NeedsPersonError, SourceUnreachableError
from enterprise.settings import Enterprise, load_enterprise
from etl import job
from etl.sources.state import keep_intake, read_intake
from warehouse.lake import Lake
from warehouse.tables.core import CLAIMS, CONTACTS, MESSAGES
from warehouse.tables.history import BACKLOG_OPENING, DAILY_HISTORY, INTERVAL_HISTORY
from warehouse.tables.run import LANDING_FILES, QUARANTINE

pytestmark = pytest.mark.integration
FIRST, LAST = date(2026, 10, 21), date(2026, 10, 30)  # the clock change of 25 October among them
CONFIG = Path(__file__).parents[2] / "config" / "enterprise.toml"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    make_demo(folder / "demo", folder / "demo-truth", FIRST, LAST, seed=7)
    return folder


def enterprise_on(folder: Path, sources: Path) -> Enterprise:
    text = CONFIG.read_text().replace(".leadline/demo/", f"{sources}/demo/").replace(".leadline/", f"{folder}/")
    path = folder / "enterprise.toml"
    path.write_text(text)
    return load_enterprise(path, {}, folder)


def run_night(night: date, enterprise: Enterprise, lake: Lake) -> None:
    for source in enterprise.sources:
        job.extract_source(source, night, enterprise, lake)
    job.conform_night(night, enterprise, lake)
    job.stitch_night(night, enterprise, lake)
    job.build_history_night(night, enterprise, lake)


def fingerprint(lake: Lake, below: tuple[str, ...] = ("landing", "staging", "core", "run", "history")) -> dict[str, str]:
    root = Path(lake.root)
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in below
        for path in sorted((root / part).rglob("*"))
        if path.is_file() and not path.name.endswith(".tmp")
    }


@pytest.fixture(scope="module")
def whole(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Enterprise, Lake]:
    folder = tmp_path_factory.mktemp("whole")
    enterprise, lake = enterprise_on(folder, sources), Lake(str(folder / "lake"))
    run_night(LAST, enterprise, lake)
    return enterprise, lake


def truth(sources: Path) -> pd.DataFrame:
    return pq.read_table(sources / "demo-truth" / "contacts_interval.parquet").to_pandas()


def stained_days(sources: Path, part: str) -> set[date]:
    dirt = pq.read_table(sources / "demo-truth" / "dirt.parquet").to_pandas()
    return set(dirt["day"][dirt["file"].str.startswith(part) & ~dirt["kind"].str.startswith("duplicate")])


def test_every_call_and_chat_of_a_clean_day_is_found_in_its_interval(whole: tuple[Enterprise, Lake], sources: Path) -> None:
    enterprise, lake = whole
    contacts = lake.read(CONTACTS, columns=["queue_id", "arrived_at", "business_date", "outcome"])
    contacts["interval_start_utc"] = contacts["arrived_at"].dt.floor("30min")
    got = contacts.groupby(["queue_id", "interval_start_utc"]).size().rename("got")
    live = [queue.id for queue in enterprise.queues.values() if not queue.is_deferred]
    expected = truth(sources)
    expected = expected[expected["queue_id"].isin(live) & expected["offered"].gt(0)]
    expected = expected.set_index(["queue_id", "interval_start_utc"])["offered"]
    both = pd.concat([expected, got], axis=1).fillna(0).reset_index()
    local = both["interval_start_utc"].dt.tz_convert("Europe/Amsterdam").dt.date
    dirty = stained_days(sources, "acd") | stained_days(sources, "chat")
    clean = both[~local.isin(dirty) & local.between(FIRST, LAST)]
    assert len(clean) > 500
    assert clean[clean["offered"] != clean["got"]].empty


def test_rows_in_are_kept_quarantined_or_duplicate(whole: tuple[Enterprise, Lake], sources: Path) -> None:
    _, lake = whole
    files = lake.read(LANDING_FILES)
    kept = files["rows_kept"] + files["rows_quarantined"] + files["rows_duplicate"]
    assert (files["rows_in"] == kept).all()
    dirt = pq.read_table(sources / "demo-truth" / "dirt.parquet").to_pandas()
    planted = dirt[dirt["kind"].eq("broken_line")]["rows"].sum()
    assert len(lake.read(QUARANTINE)) >= planted > 0


def test_a_repeated_night_leaves_the_same_bytes(whole: tuple[Enterprise, Lake]) -> None:
    enterprise, lake = whole
    before = fingerprint(lake)
    run_night(LAST, enterprise, lake)
    assert fingerprint(lake) == before


def test_a_first_load_and_a_night_leave_what_one_night_leaves(
    whole: tuple[Enterprise, Lake], sources: Path, tmp_path: Path
) -> None:
    enterprise = enterprise_on(tmp_path, sources)
    lake = Lake(enterprise.storage.lake_url)
    session = Session(tmp_path / "enterprise.toml", enterprise, Folders(tmp_path, tmp_path / "state", tmp_path), {})
    assert job.is_first_night(lake)
    load_if_first(session, LAST)
    assert not job.is_first_night(lake)
    written = fingerprint(lake)
    load_if_first(session, LAST)  # the second time there is nothing to load
    assert fingerprint(lake) == written
    run_night(LAST, enterprise, lake)
    history, expected = fingerprint(lake, ("history",)), fingerprint(whole[1], ("history",))
    before = f"history/backlog_opening/plan_date={LAST - timedelta(days=1)}/part-0.parquet"  # the day before has its own backlog
    assert {path: mark for path, mark in history.items() if path != before} == expected
    assert fingerprint(lake, ("core",)) == fingerprint(whole[1], ("core",))


class KilledError(BaseException):
    """Stands for the process being killed: nothing may catch it."""


def killed_after(lake: Lake, writes: int) -> Lake:
    left = [writes]
    write: Callable[[str, bytes], None] = lake.write_bytes

    def write_or_die(path: str, content: bytes) -> None:
        if left[0] == 0:
            raise KilledError
        left[0] -= 1
        write(path, content)

    lake.write_bytes = write_or_die  # type: ignore[method-assign]
    return lake


@pytest.mark.parametrize("writes", [3, 62, 110])
def test_a_killed_night_run_again_gives_the_bytes_of_an_undisturbed_one(
    whole: tuple[Enterprise, Lake], sources: Path, tmp_path: Path, writes: int
) -> None:
    enterprise = enterprise_on(tmp_path, sources)
    with pytest.raises(KilledError):
        run_night(LAST, enterprise, killed_after(Lake(str(tmp_path / "lake")), writes))
    lake = Lake(str(tmp_path / "lake"))
    run_night(LAST, enterprise, lake)
    assert fingerprint(lake) == fingerprint(whole[1])


def test_two_nights_give_the_core_of_one_and_take_nothing_in_twice(
    whole: tuple[Enterprise, Lake], sources: Path, tmp_path: Path
) -> None:
    before, partial = date(2026, 10, 28), tmp_path / "partial"
    late = [path for path in (sources / "demo").rglob("*") if path.is_file() and f"{before:%Y-%m}-29" in path.name + "|"]
    late += [path for path in (sources / "demo").rglob("*2026-10-30*")]
    for path in (sources / "demo").rglob("*"):
        if path.is_file() and path not in late:
            target = partial / "demo" / path.relative_to(sources / "demo")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    lake = Lake(str(tmp_path / "lake"))
    run_night(before, enterprise_on(tmp_path, partial), lake)
    for path in late:
        target = partial / "demo" / path.relative_to(sources / "demo")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    enterprise = enterprise_on(tmp_path, partial)
    run_night(LAST, enterprise, lake)
    taken = lake.read(LANDING_FILES)
    assert taken.groupby(["source_system", "landing_file"]).size().max() == 1
    assert set(taken["business_date"]) == {before, LAST}
    for table in (CONTACTS, MESSAGES, CLAIMS):
        both = [one.read(table).drop(columns=["landing_file", "landing_row"]) for one in (lake, whole[1])]
        pd.testing.assert_frame_equal(*both)
    pd.testing.assert_frame_equal(lake.read(INTERVAL_HISTORY), whole[1].read(INTERVAL_HISTORY))


def test_an_earlier_night_run_later_does_not_change_what_a_later_night_finds(whole: tuple[Enterprise, Lake]) -> None:
    enterprise, lake = whole
    before = fingerprint(lake, ("history",))
    job.build_history_night(date(2026, 10, 27), enterprise, lake)
    assert lake.read(DAILY_HISTORY, first=date(2026, 10, 27), last=date(2026, 10, 27))["backlog_items"].notna().any()
    job.build_history_night(LAST, enterprise, lake)
    after = fingerprint(lake, ("history",))
    assert {name: after[name] for name in before} == before


def test_nothing_after_the_cut_off_is_known(whole: tuple[Enterprise, Lake]) -> None:
    enterprise, lake = whole
    night = date(2026, 10, 27)
    job.build_history_night(night, enterprise, lake)
    mails = lake.read(MESSAGES)
    cut_off = pd.Timestamp("2026-10-28", tz="Europe/Amsterdam")
    waiting = mails[mails["needs_reply"] & (mails["received_at"] < cut_off) & ~(mails["handled_at"] < cut_off)]
    opening = lake.read(BACKLOG_OPENING, first=night, last=night)
    for queue_id, mine in waiting.groupby("queue_id"):
        assert opening[opening["queue_id"] == queue_id]["open_items"].sum() == len(mine) > 0
    job.build_history_night(LAST, enterprise, lake)


def test_a_missing_folder_may_come_back_but_an_empty_one_needs_a_person(sources: Path, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    enterprise = enterprise_on(tmp_path, tmp_path)
    with pytest.raises(SourceUnreachableError, match=r"sources\.acd.*does not exist"):
        job.extract_source("acd", LAST, enterprise, lake)
    (tmp_path / "demo" / "acd").mkdir(parents=True)
    with pytest.raises(NeedsPersonError, match="there never was one"):
        job.extract_source("acd", LAST, enterprise, lake)


def test_a_landed_file_that_nobody_read_stops_the_night(sources: Path, tmp_path: Path) -> None:
    enterprise, lake = enterprise_on(tmp_path, sources), Lake(str(tmp_path / "lake"))
    job.extract_source("chat", LAST, enterprise, lake)
    intake = read_intake(lake, "chat")
    intake.batches.clear()
    keep_intake(lake, "chat", intake)
    with pytest.raises(AccountingError, match="never read"):
        job.conform_night(LAST, enterprise, lake)
