"""How the command line reads its settings and speaks of errors."""

import os
from pathlib import Path

import pytest
import typer

from cli.session import open_session, plain_errors, state_folders
from enterprise.errors import NeedsPersonError, SettingsError, SourceUnreachableError

REPOSITORY = Path(__file__).resolve().parents[3]
EXAMPLE = REPOSITORY / "config" / "enterprise.toml"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEADLINE_CONFIG", raising=False)
    return tmp_path


def test_without_a_word_the_example_is_used_and_state_stays_in_the_working_folder(elsewhere: Path) -> None:
    session = open_session(None)
    assert session.config == EXAMPLE
    assert session.folders.state == elsewhere / ".leadline"
    assert session.environment["LEADLINE_CONFIG"] == str(EXAMPLE)


def test_the_option_wins_over_the_variable_and_the_variable_over_the_working_folder(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("option", "variable"):
        (elsewhere / f"{name}.toml").write_text(EXAMPLE.read_text())
    (elsewhere / "config").mkdir()
    (elsewhere / "config" / "enterprise.toml").write_text(EXAMPLE.read_text())
    assert open_session(None).config == elsewhere / "config" / "enterprise.toml"
    monkeypatch.setenv("LEADLINE_CONFIG", "variable.toml")
    assert open_session(None).config == elsewhere / "variable.toml"
    assert open_session(Path("option.toml")).config == elsewhere / "option.toml"


def test_what_runs_can_be_stopped_although_the_settings_are_broken(elsewhere: Path) -> None:
    (elsewhere / "broken.toml").write_text("name = ")
    with pytest.raises(SettingsError):
        open_session(Path("broken.toml"))
    assert state_folders(Path("broken.toml")).state == elsewhere / ".leadline"


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (NeedsPersonError("column [acd] is gone"), 1, "Stopped."),
        (SourceUnreachableError("no answer from [acd]"), os.EX_TEMPFAIL, "Not now."),
    ],
)
def test_an_error_is_shown_in_its_own_words_and_its_class_in_the_exit_code(
    error: Exception, code: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, plain_errors():
        raise error
    assert ended.value.exit_code == code
    assert f"{word} {error}" in capsys.readouterr().err


def test_a_mistake_in_the_program_is_not_dressed_up() -> None:
    with pytest.raises(KeyError), plain_errors():
        raise KeyError("oops")
