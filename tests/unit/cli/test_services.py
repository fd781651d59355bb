"""`leadline up`: what it refuses, and where nothing is to start by the clock."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import services
from cli.main import app
from cli.runtime.folders import Folders
from enterprise.errors import LeadlineError
from enterprise.night_steps import ONLY_BY_HAND
from tests.support.small_enterprise import small_enterprise
from warehouse.local_state import locked

EXAMPLE = Path(__file__).resolve().parents[3] / "config" / "enterprise.toml"


class UnableAirflow:
    """An Airflow that cannot start; keeps what it was given."""

    environment: Mapping[str, str] = {}
    stopped = False

    def __init__(self, _folders: Folders, environment: Mapping[str, str]) -> None:
        type(self).environment = environment

    def migrate(self) -> None:
        raise LeadlineError("no room on the disk; make some")

    def stop(self) -> None:
        type(self).stopped = True


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


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_demo_has_no_data_of_today_so_that_nothing_starts_by_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_demo: bool
) -> None:
    small_enterprise(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(services, "LocalAirflow", UnableAirflow)
    failed = CliRunner().invoke(app, ["up", "--config", str(EXAMPLE) if is_demo else "enterprise.toml"])
    assert "no room on the disk" in failed.output
    assert (ONLY_BY_HAND in UnableAirflow.environment) == is_demo
    assert UnableAirflow.stopped, "half an Airflow helps nobody"
    assert not (tmp_path / ".leadline" / "airflow" / "kept").exists()
