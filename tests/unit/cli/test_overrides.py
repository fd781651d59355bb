"""`leadline override`: what is asked of the warehouse, and what is said to the planner."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import overrides
from cli.main import app
from warehouse import job
from warehouse.overrides.entry import Entry
from warehouse.overrides.file import Looked, Refused
from warehouse.overrides.judgement import Judged

CONFIG = Path(__file__).parents[3] / "config" / "enterprise.toml"
ENTRY = Entry(
    "contacts_factor", "mailing", "anna", datetime(2026, 11, 12, 9, tzinfo=UTC), "queue", "voice_claims",
    date(2026, 11, 16), date(2026, 11, 17), value=1.2, override_id=3,
)  # fmt: skip


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADLINE_CONFIG", str(CONFIG))
    monkeypatch.setattr(overrides, "embedded_server", lambda folders: nullcontext())
    return CliRunner()


def test_a_change_is_entered_as_said(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[Entry] = []
    monkeypatch.setattr(job, "enter_override", lambda entry, enterprise: entered.append(entry) or 3)
    words = "override add --kind contacts_factor --queue voice_claims --from 2026-11-16 --value 1.2 --reason mailing --by anna"
    result = runner.invoke(app, [*words.split(), "--first-night", "2026-11-12"])
    assert result.exit_code == 0, result.output
    assert "Change 3 is entered" in result.output
    assert "leadline run --date 2026-11-12" in result.output
    (entry,) = entered
    assert (entry.level, entry.member_id, entry.first_date, entry.last_date) == (
        "queue",
        "voice_claims",
        *[date(2026, 11, 16)] * 2,
    )
    assert (entry.value, entry.reason, entry.entered_by, entry.first_plan_date) == (1.2, "mailing", "anna", date(2026, 11, 12))


@pytest.mark.parametrize("place", [[], ["--queue", "voice_claims", "--level", "enterprise"]])
def test_a_change_has_one_place(runner: CliRunner, place: list[str]) -> None:
    words = ["override", "add", "--kind", "closed", "--from", "2026-11-16", "--reason", "move", "--by", "anna", *place]
    assert runner.invoke(app, words).exit_code != 0


def test_refused_rows_are_named_and_end_the_command_with_2(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looked = Looked((ENTRY,), (Refused(4, "unknown queue 'voice_claim'"),))
    monkeypatch.setattr(job, "load_overrides", lambda *given, **more: (looked, [3]))
    result = runner.invoke(app, ["override", "load", str(tmp_path / "changes.csv"), "--by", "anna"])
    assert result.exit_code == overrides.ROWS_REFUSED
    assert "Row 4 refused: unknown queue 'voice_claim'" in result.stderr
    assert "1 of 2 change(s) entered, numbers 3 to 3." in result.stdout


def test_the_list_says_what_the_plan_does_with_each(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Judged(ENTRY, "applied", "contacts times 1.2 (mailing; anna)"), Judged(ENTRY, "done", "its last day is over")]
    monkeypatch.setattr(job, "list_overrides", lambda enterprise, night: found)
    result = runner.invoke(app, ["override", "list"])
    assert "applied" in result.output
    assert "1 more that are over or withdrawn" in result.output
    assert "done" in runner.invoke(app, ["override", "list", "--all"]).output
