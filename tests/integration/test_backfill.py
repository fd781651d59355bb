"""Nights run again, in any order, and a lake filled from scratch give what the nights gave when they were run one by one."""

from __future__ import annotations

import itertools
import os
from datetime import date
from pathlib import Path

import pytest

from etl.job import conform_night, extract_source
from tests.support.whole_intake import DAYS, FIRST, SECOND, THIRD, copied, fingerprint, intake_enterprise, run_night, write_day
from warehouse.lake import Lake
from warehouse.tables.core import AGENTS, CASES, CLAIMS, CONTACTS, INTERVAL_REPORTS, MESSAGES, SURVEYS
from warehouse.tables.run import LANDING_FILES

pytestmark = pytest.mark.integration
RECEIVED = ("landing", "staging", "core", "run")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[date, dict[str, str]]]:
    """Three nights, each after its day: the folder, and the marks of the lake after each night."""
    folder = tmp_path_factory.mktemp("original")
    marks = {}
    for day in DAYS:
        write_day(folder / "sources", day)
        enterprise = intake_enterprise(folder / "work", folder / "sources")
        lake = Lake(enterprise.storage.lake_url)
        run_night(day, enterprise, lake)
        marks[day] = fingerprint(lake)
    return folder, marks


def of_night(marks: dict[str, str], night: date) -> dict[str, str]:
    """What history says of the days up to a night, and the backlog of that night."""
    return {
        name: mark
        for name, mark in marks.items()
        if name.startswith("history/") and name.split("=")[-1][:10] <= str(night) and "plan_date" not in name
    } | {name: mark for name, mark in marks.items() if f"plan_date={night}" in name}


def test_the_nights_hold_something_to_go_wrong(original: tuple[Path, dict[date, dict[str, str]]]) -> None:
    folder, marks = original
    lake = Lake(str(folder / "work" / "lake"))
    accounts = lake.read(LANDING_FILES)
    assert set(accounts["business_date"]) == set(DAYS)
    assert accounts["rows_quarantined"].sum() >= 3 * 4
    assert accounts["rows_duplicate"].sum() >= 3
    assert lake.read(MESSAGES)["handled_at"].notna().sum() == 2
    assert lake.read(CASES).groupby("source_system")["closed_at"].count().to_dict() == {"crm": 2, "tickets": 3}
    assert len(lake.read(INTERVAL_REPORTS)) == 3 * 2 + 1
    assert set(lake.read(SURVEYS)["score"]) == {4.0, 5.0}
    assert lake.read(CLAIMS)["assessed_at"].notna().sum() == 2
    assert len(lake.read(CONTACTS)) == 3 * 8
    assert of_night(marks[SECOND], SECOND) != of_night(marks[SECOND], FIRST)


@pytest.mark.parametrize("order", [(THIRD, SECOND, FIRST), (FIRST, THIRD, SECOND), (SECOND, SECOND, FIRST)], ids=str)
def test_nights_run_again_in_any_order_give_the_bytes_of_the_first_time(
    original: tuple[Path, dict[date, dict[str, str]]], tmp_path: Path, order: tuple[date, ...]
) -> None:
    folder, marks = original
    copied(folder / "work", tmp_path / "work")
    enterprise = intake_enterprise(tmp_path / "work", folder / "sources")
    lake = Lake(enterprise.storage.lake_url)
    for night in order:
        run_night(night, enterprise, lake)
        now = fingerprint(lake)
        for part in RECEIVED:
            before = {name: mark for name, mark in marks[THIRD].items() if name.startswith(part)}
            assert {name: mark for name, mark in now.items() if name.startswith(part)} == before, f"{part} after {night}"
        assert of_night(now, night) == of_night(marks[night], night), f"history of {night}"
    run_night(THIRD, enterprise, lake)
    assert fingerprint(lake) == marks[THIRD]


def test_a_lake_filled_from_scratch_knows_on_every_night_what_that_night_knew(
    original: tuple[Path, dict[date, dict[str, str]]], tmp_path: Path
) -> None:
    folder, marks = original
    enterprise = intake_enterprise(tmp_path / "work", folder / "sources")  # the sources as they are today, with all three days
    lake, as_it_was = Lake(enterprise.storage.lake_url), Lake(str(folder / "work" / "lake"))
    for night in DAYS:
        run_night(night, enterprise, lake)
        assert of_night(fingerprint(lake), night) == of_night(marks[night], night), f"history of {night}"
    for table in (CONTACTS, MESSAGES, CASES, CLAIMS, AGENTS):
        rows = [one.read(table).drop(columns=["landing_file", "landing_row"]) for one in (lake, as_it_was)]
        assert rows[0].equals(rows[1]), table.name


def test_the_files_may_be_found_in_any_night_and_the_core_is_the_same(
    original: tuple[Path, dict[date, dict[str, str]]], tmp_path: Path
) -> None:
    folder, _ = original
    for number, order in enumerate(itertools.permutations(DAYS, 2)):
        enterprise = intake_enterprise(tmp_path / f"work-{number}", folder / "sources")
        lake = Lake(enterprise.storage.lake_url)
        for source in ("mail", "crm", "partner"):
            for night in order:
                extract_source(source, night, enterprise, lake)
        only = enterprise.model_copy(update={"sources": {name: enterprise.sources[name] for name in ("mail", "crm", "partner")}})
        conform_night(order[0], only, lake)
        core = fingerprint(lake, ("core",))
        expected = fingerprint(Lake(str(tmp_path / "work-0" / "lake")), ("core",))
        assert core == expected


def test_a_file_that_is_again_what_it_was_holds_again(tmp_path: Path) -> None:
    write_day(tmp_path / "sources", FIRST)
    enterprise = intake_enterprise(tmp_path / "work", tmp_path / "sources")
    lake, file = Lake(enterprise.storage.lake_url), tmp_path / "sources" / "people" / "agents.csv"
    right = file.read_text()
    for day, text in zip(DAYS, (right, right.replace(",36", ",8"), right), strict=True):
        file.write_text(text)
        os.utime(file, (1_794_000_000 + day.toordinal(),) * 2)
        extract_source("people", day, enterprise, lake)
    only = enterprise.model_copy(update={"sources": {"people": enterprise.sources["people"]}})
    conform_night(THIRD, only, lake)
    assert lake.read(AGENTS)["contract_hours_per_week"].tolist() == [36.0]
    accounts = lake.read(LANDING_FILES)
    assert (accounts["rows_in"] == accounts["rows_kept"] + accounts["rows_quarantined"] + accounts["rows_duplicate"]).all()
    assert (accounts["source_name"] == "agents.csv").sum() == 3
