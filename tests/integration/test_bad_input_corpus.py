"""Every file of the corpus of bad input through the real extraction: rows kept, or put aside by name, or refused in words."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import enterprise.errors
from cli.main import app
from etl.job import extract_source
from tests.support.bad_input import CORPUS, NIGHT, Case, corpus, enterprise_of, provide, take_in
from warehouse.lake import Lake
from warehouse.tables.registry import table_named
from warehouse.tables.run import LANDING_FILES, QUARANTINE

pytestmark = pytest.mark.integration
CASES = corpus()


def files_below(folder: Path, but: Path) -> dict[str, str]:
    """Hash of every file, the lake's left out."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and but not in path.parents
    }


def put_aside(lake: Lake, case: Case) -> Counter[str]:
    """Rows put aside as the manifest writes them."""
    rows, files = lake.read(QUARANTINE), lake.read(LANDING_FILES)
    names = files.set_index("landing_file")["source_name"]
    found: Counter[str] = Counter()
    for row in rows.itertuples():
        piece = f"{names[row.landing_file].rpartition('-')[0]}:" if case.kind == "claims_database" else ""
        found[f"{row.rule}@{piece}{row.landing_row}"] += 1
        assert len(row.reason) > 20, "a reason says what was wrong and what to do"
        assert pd.isna(row.row_text) or len(row.row_text) <= 500
    return found


def matched(expected: tuple[str, ...], found: Counter[str]) -> list[str]:
    """The expectation with each choice of rules replaced by the one that was found."""
    chosen = []
    for one in expected:
        rules, _, row = one.partition("@")
        choices = [f"{rule}@{row}" for rule in rules.split("|")]
        chosen.append(next((choice for choice in choices if found[choice]), one))
    return sorted(chosen)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_row_is_kept_put_aside_by_name_or_the_file_is_refused_in_words(case: Case, tmp_path: Path) -> None:
    work = tmp_path / "a" / "b" / "c" / "d"  # deep, so that a path that leads upwards ends in a place that is looked at
    work.mkdir(parents=True)
    settings = enterprise_of(case.kind, work, case.settings)
    provide(case, work / "exports")
    lake = Lake(settings.storage.lake_url)
    before = files_below(tmp_path, work / "lake")
    if case.error:
        expected = getattr(enterprise.errors, case.error)
        with pytest.raises(expected) as caught:
            take_in(case, settings, lake)
        for words in case.words:
            assert words in str(caught.value)
        assert files_below(tmp_path, work / "lake") == before
        return
    take_in(case, settings, lake)
    assert files_below(tmp_path, work / "lake") == before, "nothing but the lake may be written to"
    accounts = lake.read(LANDING_FILES)
    used = accounts["rows_kept"] + accounts["rows_quarantined"] + accounts["rows_duplicate"]
    assert (accounts["rows_in"] == used).all(), "every row is accounted for"
    found = put_aside(lake, case)
    assert sorted(found.elements()) == matched(case.quarantined, found)
    own = accounts[~accounts["source_name"].isin(case.beside)]
    assert (own["rows_kept"].sum(), own["rows_duplicate"].sum()) == (case.kept, case.duplicates)
    assert accounts["rows_quarantined"].sum() == len(case.quarantined)
    for name, rows in case.core.items():
        assert len(lake.read(table_named(name))) == rows, name
    for place, values in case.holds.items():
        name, _, column = place.partition(".")
        assert sorted(shown(value) for value in lake.read(table_named(name))[column]) == values, place
    again = fingerprint(Path(lake.root))
    extract_source("feed", NIGHT, settings, lake)
    assert fingerprint(Path(lake.root)) == again, "the same bad file twice leaves the same bytes"


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
