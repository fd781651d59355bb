"""`leadline forecast-file` and `backtest-file` as they are called: what they say, and that mistakes end in words, not traces."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.main import app
from forecasting.candidates.seasonal import SEASONAL_MEAN_4, SEASONAL_NAIVE
from forecasting.file_forecast import forecast_history
from forecasting.file_rows import COLUMNS, KERNEL_COLUMNS

PAGE = (Path(__file__).parents[3] / "docs" / "forecast_file.md").read_text()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, Path]:
    monkeypatch.setattr(forecast_history, "__defaults__", ((SEASONAL_NAIVE, SEASONAL_MEAN_4),))
    dates = pd.date_range(end="2026-05-31", periods=120).strftime("%Y-%m-%d")
    counts = np.random.default_rng(1).poisson(50, 120)
    pd.DataFrame({"queue": "calls", "timestamp": dates, "contacts": counts}).to_csv(tmp_path / "h.csv", index=False)
    pd.DataFrame({"date": dates, "driver": "visits", "value": counts}).to_csv(tmp_path / "d.csv", index=False)
    return str(tmp_path / "h.csv"), str(tmp_path / "d.csv"), tmp_path


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_forecast_and_kernels_are_written_and_named(files: tuple[str, str, Path]) -> None:
    history, drivers, folder = files
    out = folder / "forecast.csv"
    code, said = call(
        "forecast-file", "--history", history, "--as-of", "2026-06-01", "--horizon", "7", "--out", str(out), "--drivers", drivers
    )
    assert code == 0
    assert "forecast_kernels.csv" in said.replace("\n", "")
    assert tuple(pd.read_csv(out).columns) == COLUMNS
    assert tuple(pd.read_csv(folder / "forecast_kernels.csv").columns) == KERNEL_COLUMNS
    assert len(pd.read_csv(out)) == 7


def test_a_wrong_date_ends_in_words(files: tuple[str, str, Path]) -> None:
    code, said = call("forecast-file", "--history", files[0], "--as-of", "soon", "--out", str(files[2] / "o.csv"))
    assert code == 1
    assert "expected year-month-day" in said


@pytest.mark.parametrize("command", [("forecast-file", "--as-of", "2026-06-01"), ("backtest-file",)])
@pytest.mark.parametrize("over", ["h.csv", "d.csv", "nowhere/../h.csv"])
def test_a_file_that_is_read_is_not_written_over(files: tuple[str, str, Path], command: tuple[str, ...], over: str) -> None:
    history, drivers, folder = files
    before = Path(history).read_bytes(), Path(drivers).read_bytes()
    code, said = call(*command, "--history", history, "--drivers", drivers, "--out", str(folder / over))
    assert (code, "name another file for the result" in " ".join(said.split())) == (1, True)
    assert (Path(history).read_bytes(), Path(drivers).read_bytes()) == before


def test_kernels_are_not_written_over_a_file_that_is_read(files: tuple[str, str, Path]) -> None:
    history, drivers, folder = files
    Path(drivers).rename(folder / "o_kernels.csv")
    given = ("--history", history, "--drivers", str(folder / "o_kernels.csv"), "--out", str(folder / "o.csv"))
    code, said = call("forecast-file", "--as-of", "2026-06-01", *given)
    assert (code, "o_kernels.csv would be written over" in " ".join(said.split())) == (1, True)
    assert not (folder / "o.csv").exists()


def test_midnight_is_a_date_and_another_time_of_day_is_refused(files: tuple[str, str, Path]) -> None:
    arguments = ("forecast-file", "--history", files[0], "--horizon", "1", "--out", str(files[2] / "o.csv"), "--as-of")
    assert call(*arguments, "2026-06-01 00:00:00")[0] == 0
    assert pd.read_csv(files[2] / "o.csv")["timestamp"].tolist() == ["2026-06-01"]
    code, said = call(*arguments, "2026-06-01T10:00")
    assert code == 1
    assert "name the date alone, such as 2026-06-01" in said.replace("\n", " ")


def test_a_queue_whose_name_looks_like_a_style_is_named_as_it_is(files: tuple[str, str, Path]) -> None:
    rows = pd.read_csv(files[0]).assign(queue="[/calls]")
    rows.to_csv(files[0], index=False)
    code, said = call("forecast-file", "--history", files[0], "--as-of", "2026-07-01", "--out", str(files[2] / "o.csv"))
    assert code == 0
    assert "[/calls]" in said


def test_the_backtest_prints_a_table(files: tuple[str, str, Path]) -> None:
    code, said = call("backtest-file", "--history", files[0], "--origins", "2")
    assert code == 0
    for word in ("champion", "seasonal_mean_4_weeks", "WAPE", "15-28"):
        assert word in said


def test_the_backtest_says_which_of_the_two_files_is_wrong(files: tuple[str, str, Path]) -> None:
    history, drivers, _ = files
    Path(drivers).write_text("date,driver,value\n2026-05-01,visits,many\n")
    code, said = call("backtest-file", "--history", history, "--drivers", drivers)
    assert code != 0
    words = " ".join(said.split())
    assert "d.csv: driver visits, row 1 of the drivers file: value is many" in words
    assert "h.csv" not in words


def test_the_page_explains_every_column() -> None:
    for column in (*COLUMNS, *KERNEL_COLUMNS):
        assert f"`{column}`" in PAGE
    assert set(re.findall(r"^\| `(Used|Not used|Refused|Not looked for)", PAGE, re.MULTILINE)) == {
        "Used",
        "Not used",
        "Refused",
        "Not looked for",
    }
