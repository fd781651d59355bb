"""The page of faults names tests that exist, and enough of them."""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "faults.md").read_text()
ROWS = re.findall(r"^\| (?!fault \|)([^|]+) \| ([^|]+) \| `([^`]+)::(\w+)` \|$", PAGE, re.MULTILINE)


def test_at_least_fifty_faults_are_listed_each_once_and_none_without_outcome_and_test() -> None:
    assert len(ROWS) >= 50
    assert len({fault for fault, *_ in ROWS}) == len(ROWS)
    assert len({(file, test) for *_, file, test in ROWS}) == len(ROWS), "each does a fault of its own"
    assert len(ROWS) == sum(line.startswith("| ") for line in PAGE.splitlines()) - PAGE.count("| fault |"), "a row is malformed"
    assert PAGE.split("\n\n")[1].startswith(f"{len(ROWS)} faults")


@pytest.mark.parametrize("file", sorted({file for _, _, file, _ in ROWS}))
def test_every_test_of_the_page_is_there_and_runs(file: str) -> None:
    tree = ast.parse((REPOSITORY / "tests" / file).read_text())
    there = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for test in (test for _, _, named, test in ROWS if named == file):
        assert test in there, f"{file} has no {test}"
        marks = " ".join(ast.unparse(mark) for mark in there[test].decorator_list)
        assert "xfail" not in marks
        assert any(isinstance(node, ast.Assert | ast.With) for node in ast.walk(there[test])), f"{test} asserts nothing"
