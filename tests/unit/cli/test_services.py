"""`leadline up`: what it refuses."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.runtime.folders import Folders
from tests.support.small_enterprise import small_enterprise
from warehouse.local_state import locked


def test_up_is_refused_while_a_night_is_run_whose_airflow_has_no_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_enterprise(tmp_path)
    monkeypatch.chdir(tmp_path)
    folders = Folders(tmp_path, tmp_path / ".leadline")
    folders.state.mkdir()
    with locked(folders.run_lock):
        refused = CliRunner().invoke(app, ["up", "--config", "enterprise.toml"])
    assert refused.exit_code == os.EX_TEMPFAIL
    assert "A night is run in" in refused.output
    assert "wait for its end" in " ".join(refused.output.split())
    assert not folders.kept.exists()
    assert not (folders.state / "airflow").exists()
