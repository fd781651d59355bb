"""Every file of the corpus of bad input through the real extraction: rows kept, or put aside by name, or refused in words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import enterprise.errors
from cli.main import app
from enterprise.errors import LeadlineError
from etl.job import conform_night
from tests.support.bad_input import CORPUS, NIGHT, Case, corpus, enterprise_of, enterprise_of_all, look, provide
from warehouse.lake import Lake
from warehouse.tables.registry import table_named
from warehouse.tables.run import LANDING_FILES, QUARANTINE

pytestmark = pytest.mark.integration
CASES = corpus()
APART = ("workforce", "claims_database")
"""Kinds whose rows are no source's own (an agent, a claim is the same in all of them): each case needs a lake of its own."""


def files_below(folder: Path, but: Path) -> dict[str, str]:
    """Hash of every file, the lake's left out."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and but not in path.parents
    }


@dataclass
class Night:
    """What a night made of many cases, each of which was a source of one enterprise.

    Args:
        name_of: source of each case.
        rows: rows of core and run by table and source.
        problems: what was wrong with the night as a whole or, by source, what no case may do.
    """

    name_of: Mapping[str, str]
    lake: Lake
    problems: Mapping[str, str]

    def __post_init__(self) -> None:
        self._read: dict[str, pd.DataFrame] = {}

    def rows(self, table_name: str, case: Case) -> pd.DataFrame:
        """Rows of a table that came from the case's source."""
        if table_name not in self._read:
            self._read[table_name] = self.lake.read(table_named(table_name))
        rows = self._read[table_name]
        return rows[rows["source_system"] == self.name_of[case.name]]

    def put_aside(self, case: Case) -> Counter[str]:
        """Rows put aside as the manifest writes them."""
        names = self.rows(LANDING_FILES.name, case).set_index("landing_file")["source_name"]
        found: Counter[str] = Counter()
        for row in self.rows(QUARANTINE.name, case).itertuples():
            piece = f"{names[row.landing_file].rpartition('-')[0]}:" if case.kind == "claims_database" else ""
            found[f"{row.rule}@{piece}{row.landing_row}"] += 1
            assert len(row.reason) > 20, "a reason says what was wrong and what to do"
            assert pd.isna(row.row_text) or len(row.row_text) <= 500
        return found


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Takes a group of cases in, once."""

    @lru_cache
    def night_of(group: str) -> Night:
        cases = {f"case{number}": case for number, case in enumerate(CASES) if not case.error and group_of(case) == group}
        return taken_in(cases, tmp_path_factory.mktemp("night"))

    return night_of


def group_of(case: Case) -> str:
    return case.name if case.kind in APART else case.kind


def deep(folder: Path) -> Path:
    """A folder so deep that a path that leads upwards ends in a place that is looked at."""
    work = folder / "a" / "b" / "c" / "d"
    work.mkdir(parents=True)
    return work


def taken_in(cases: Mapping[str, Case], folder: Path) -> Night:
    work = deep(folder)
    settings = enterprise_of_all(cases, work)
    for name, case in cases.items():
        (work / "exports" / name).mkdir()
        provide(case, work / "exports" / name)
    lake = Lake(settings.storage.lake_url)
    before = files_below(folder, work / "lake")
    problems = {}
    for name, case in cases.items():
        try:
            look(name, case.looks, settings, lake)
        except LeadlineError as error:
            problems[case.name] = f"is refused: {error}"
    conform_night(NIGHT, settings, lake)
    if files_below(folder, work / "lake") != before:
        problems |= {case.name: "nothing but the lake may be written to" for case in cases.values()}
    first = fingerprint(Path(lake.root))
    for name, case in cases.items():
        if case.name not in problems:
            look(name, 1, settings, lake)
    again = fingerprint(Path(lake.root))
    changed = [path for path in first.keys() | again.keys() if first.get(path) != again.get(path)]
    for name, case in cases.items():
        if any(name in Path(path).parts or Path(path).parts[0] in ("core", "run") for path in changed):
            problems[case.name] = f"the same bad file twice leaves other bytes: {changed}"
    return Night({case.name: name for name, case in cases.items()}, lake, problems)


def matched(expected: tuple[str, ...], found: Counter[str]) -> list[str]:
    """The expectation with each choice of rules replaced by the one that was found."""
    chosen = []
    for one in expected:
        rules, _, row = one.partition("@")
        choices = [f"{rule}@{row}" for rule in rules.split("|")]
        chosen.append(next((choice for choice in choices if found[choice]), one))
    return sorted(chosen)


@pytest.mark.parametrize("case", [case for case in CASES if case.error], ids=lambda case: case.name)
def test_what_cannot_be_a_file_of_the_source_is_refused_in_words(case: Case, tmp_path: Path) -> None:
    work = deep(tmp_path)
    settings = enterprise_of(case.kind, work, case.settings)
    provide(case, work / "exports")
    before = files_below(tmp_path, work / "lake")
    with pytest.raises(getattr(enterprise.errors, case.error)) as caught:
        look("feed", case.looks, settings, Lake(settings.storage.lake_url))
    for words in case.words:
        assert words in str(caught.value)
    assert str(caught.value).isprintable() or "\n" in str(caught.value), "an error can be shown"
    assert files_below(tmp_path, work / "lake") == before


@pytest.mark.parametrize("case", [case for case in CASES if not case.error], ids=lambda case: case.name)
def test_every_row_is_kept_or_put_aside_by_name(case: Case, nights) -> None:  # type: ignore[no-untyped-def]
    night: Night = nights(group_of(case))
    assert case.name not in night.problems, night.problems.get(case.name)
    accounts = night.rows(LANDING_FILES.name, case)
    used = accounts["rows_kept"] + accounts["rows_quarantined"] + accounts["rows_duplicate"]
    assert (accounts["rows_in"] == used).all(), "every row is accounted for"
    found = night.put_aside(case)
    assert sorted(found.elements()) == matched(case.quarantined, found)
    own = accounts[~accounts["source_name"].isin(case.beside)]
    assert (own["rows_kept"].sum(), own["rows_duplicate"].sum()) == (case.kept, case.duplicates)
    assert accounts["rows_quarantined"].sum() == len(case.quarantined)
    for name, rows in case.core.items():
        assert len(night.rows(name, case)) == rows, name
    for place, values in case.holds.items():
        name, _, column = place.partition(".")
        own_name = f"{night.name_of[case.name]}:"
        assert sorted(shown(value).replace(own_name, "feed:") for value in night.rows(name, case)[column]) == values, place


def shown(value: object) -> str:
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)


def fingerprint(lake: Path) -> dict[str, str]:
    return {
        str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in ("landing", "staging", "core", "run")
        for path in sorted((lake / part).rglob("*"))
        if path.is_file()
    }


def test_the_command_line_says_what_is_wrong_and_shows_no_stack_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in CASES if case.name == "salesforce_cases.wrong_delimiter")
    enterprise_of(case.kind, tmp_path, case.settings)
    provide(case, tmp_path / "exports")
    monkeypatch.chdir(tmp_path)
    command = ["run", "--in-process", "--plan-date", "2026-11-12", "--config", "enterprise.toml"]
    result = CliRunner().invoke(app, command, terminal_width=200)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    shown = result.output.replace("\n", " ")
    assert "Stopped." in shown
    assert "Traceback" not in shown
    for words in case.words:
        assert words in shown


def test_the_corpus_covers_all_sources_and_stays_small() -> None:
    assert len(CASES) >= 60
    sources = {path.parent.name for path in CORPUS.glob("*/source.toml")}
    assert {case.kind for case in CASES} == sources
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 1_000_000
    used = {f"{case.kind}/{name}" for case in CASES for name in (case.file, *case.beside.values()) if name}
    lying = {str(path.relative_to(CORPUS)) for path in CORPUS.glob("*/*") if path.suffix != ".toml"}
    assert used == lying, "no file lies there without an expectation"
