"""docs/sources.md: every snippet is accepted as it stands, every kind of source has one, every rule is explained."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from enterprise.settings import load_enterprise
from enterprise.sources import SOURCE_KINDS
from etl.sources.readers import reader_of
from warehouse.tables.core import CORE_TABLES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sources.md").read_text()
SNIPPETS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
CONFIG = (ROOT / "config" / "enterprise.toml").read_text()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.split("]")[0].removeprefix("[sources."))
def test_a_snippet_is_accepted_as_it_stands(tmp_path, snippet):
    (name,) = tomllib.loads(snippet)["sources"]
    own = re.sub(r"(?ms)^\[sources\..*", "", CONFIG)
    own = re.sub(r"(?ms)^\[drivers\..*?(?=^\[|^# ----)", "", own)  # they name sources of their own
    path = tmp_path / "enterprise.toml"
    path.write_text(own + "\n" + snippet)
    environment = {variable: "secret" for variable in re.findall(r"\$\{(\w+)\}", snippet)}
    enterprise = load_enterprise(path, environment, tmp_path)
    assert reader_of(enterprise.sources[name]).read is not None


def test_every_kind_of_source_has_a_snippet():
    shown = {source["kind"] for snippet in SNIPPETS for source in tomllib.loads(snippet)["sources"].values()}
    assert shown == set(SOURCE_KINDS)


def test_the_page_is_found_from_the_readme():
    assert "docs/sources.md" in (ROOT / "README.md").read_text()


def test_every_rule_of_files_and_tables_is_explained():
    modules = ("sheets", "mapped_rows", "interval_report", "surveys", "workforce", "zendesk", "salesforce", "claims_database")
    files = [ROOT / "etl" / "sources" / f"{name}.py" for name in modules]
    files += [ROOT / "etl" / f"{name}.py" for name in ("delimited", "records", "mapped_columns", "tickets")]
    columns = {name for table in CORE_TABLES for name in table.column_names}
    rules = set()
    for file in files:
        for call in re.findall(r"(?:reject|Broken|rejects\.add)\((.*?)\n    [a-z)]", file.read_text(), re.DOTALL):
            rules |= set(re.findall(r',\s*"([a-z]+(?:_[a-z]+)+)",', call))
    rules -= columns
    assert {"unknown_queue", "unclosed_quote", "unreadable_value"} <= rules
    assert sorted(rule for rule in rules if f"`{rule}`" not in PAGE) == []
