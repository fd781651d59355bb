"""The staffing commands as a planner calls them."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.main import app

REFERENCE = Path(__file__).parents[3] / "staffing" / "reference"
HEADER = "queue,contacts,interval_seconds,mean_handle_seconds,answered_fraction,answer_within_seconds,shrinkage\n"


def leadline(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def test_a_file_of_intervals_becomes_a_file_of_staff(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.parquet"
    source.write_text("\ufeff" + HEADER + "Zürich,100,1800,180,0.8,20,0.3\n", encoding="utf-8")
    code, said = leadline("staff", "--intervals", source, "--out", target)
    assert (code, "at most 14 positions, 20 people, 10.0 hours" in said) == (0, True)
    rows = pd.read_parquet(target)
    assert rows[["queue", "positions_required", "scheduled_staff"]].to_numpy().tolist() == [["Zürich", 14, 20]]
    again = tmp_path / "again.csv"
    rows[HEADER.strip().split(",")].to_parquet(tmp_path / "in.parquet")
    assert leadline("staff", "--intervals", tmp_path / "in.parquet", "--out", again)[0] == 0
    assert pd.read_csv(again)["scheduled_staff"].tolist() == [20]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_recognised(tmp_path: Path, delimiter: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text((HEADER + "a,100,1800,180,0.8,20,0.3\nb,0,1800,180,0.8,20,0.3\n").replace(",", delimiter))
    assert leadline("staff", "--intervals", source, "--out", tmp_path / "out.csv")[0] == 0
    assert pd.read_csv(tmp_path / "out.csv")["scheduled_staff"].tolist() == [20, 0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEADER + "a,1,1800,180,0.8,20,0\nb,1,1800,-3,0.8,20,0\n", "row 2, column mean_handle_seconds is -3"),
        ("queue,contacts\na,1\n", "no column interval_seconds"),
        ("", "is empty"),
        (b"\xff\xfe\x00", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_to_be_so_and_nothing_is_written(
    tmp_path: Path, content: str | bytes | None, words: str
) -> None:
    source = tmp_path / "in.csv"
    if content is not None:
        source.write_bytes(content.encode() if isinstance(content, str) else content)
    code, said = leadline("staff", "--intervals", source, "--out", tmp_path / "out.csv")
    assert code == 1
    assert words in said
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] in (["in.csv"], [])


def test_a_parquet_file_that_is_none_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "in.parquet").write_bytes(b"PAR1nonsense")
    assert "cannot be read" in leadline("staff", "--intervals", tmp_path / "in.parquet", "--out", tmp_path / "o.csv")[1]


def test_the_ending_says_what_is_written(tmp_path: Path) -> None:
    assert "ends with .csv or .parquet" in leadline("staff", "--intervals", tmp_path / "in.csv", "--out", tmp_path / "o.xls")[1]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + "a,1,1800,180,0.8,20,0\n")
    code, said = leadline("staff", "--intervals", tmp_path / "in.csv", "--out", tmp_path / "no" / "o.csv")
    assert (code, "cannot be written" in said) == (1, True)


def test_the_built_in_cases_are_verified() -> None:
    code, said = leadline("verify-staffing")
    assert code == 0
    assert "all 55 725 0" in said


def test_a_wrong_answer_ends_with_one_and_is_shown(tmp_path: Path) -> None:
    document = json.loads((REFERENCE / "erlang_cases.json").read_text())
    document["cases"][0]["outputs"]["block"] *= 1.00001
    (tmp_path / "cases.json").write_text(json.dumps(document))
    code, said = leadline("verify-staffing", "--cases", tmp_path / "cases.json")
    assert code == 1
    assert "erlang_b-001 block: expected 0.11005" in said


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"cases": [{}]}', '{"cases": [{"model": "x", "inputs": {}, "outputs": {}}]}', "[" * 99999]
)
def test_a_file_that_holds_no_cases_is_said_to_be_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "cases.json").write_text(content)
    code, said = leadline("verify-staffing", "--cases", tmp_path / "cases.json")
    assert code == 1
    assert "cannot be verified" in said


def test_an_empty_folder_of_cases_is_no_success(tmp_path: Path) -> None:
    assert leadline("verify-staffing", "--cases", tmp_path)[0] == 1
