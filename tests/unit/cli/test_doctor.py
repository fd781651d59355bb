"""`leadline doctor`: a line for everything, a next step where something is wrong, no password and no stack trace."""

import os
import sqlite3
import stat
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from cli import doctor as doctor_module
from cli.doctor import Finding, dag_files, examine, free_space, looked_at, package_versions, python_version, time_zone_data
from cli.main import app
from cli.runtime.folders import Folders
from enterprise.errors import NeedsPersonError, SourceUnreachableError
from tests.support.small_enterprise import SETTINGS, small_enterprise

REPOSITORY = Path(__file__).resolve().parents[3]
CLAIMS = """
[sources.claims]
kind = "claims_database"
url = "sqlite:///claims.db"
claims_columns = { claim_id = "id", line_of_business = "line", reported_at = "reported_at" }
events_columns = { claim_event_id = "id", claim_id = "claim_id", status = "status", changed_at = "changed_at" }
"""


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with settings of one phone queue and its export."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADLINE_CONFIG", "enterprise.toml")
    small_enterprise(tmp_path)
    (tmp_path / "exports" / "queue_log-2026-11-12").write_text("1794477600|1|support|NONE|ENTERQUEUE||0201234567|1\n")
    return tmp_path


def found(subject: str) -> Finding:
    return next(finding for finding in examine(None) if finding.subject == subject)


def claims_database(path: Path, rows: int = 2) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE claims (id TEXT, line TEXT, reported_at TEXT, updated_at TEXT)")
    connection.execute(
        "CREATE TABLE claim_status_history (id TEXT, claim_id TEXT, status TEXT, changed_at TEXT, updated_at TEXT)"
    )
    for number in range(rows):
        connection.execute(
            "INSERT INTO claims VALUES (?, 'motor', ?, ?)", (f"c{number}", f"2026-11-1{number} 08:00:00", "2026-11-12 09:00:00")
        )
    connection.commit()
    connection.close()


def test_a_sound_machine_gets_a_clean_bill_and_nothing_is_left_behind(work: Path) -> None:
    before = sorted(work.rglob("*"))
    result = CliRunner().invoke(app, ["doctor"], terminal_width=120)
    assert result.exit_code == 0, result.output
    assert "All is well." in result.output
    assert "mend" not in result.output
    for subject in ("Python", "packages", "time zones", "settings", "sources.acd", "lake", "warehouse", "disk"):
        assert subject in result.output
    assert sorted(work.rglob("*")) == before, "the doctor changes nothing"


def test_what_is_wrong_makes_the_command_fail_and_is_counted(work: Path) -> None:
    (work / "exports" / "queue_log-2026-11-12").unlink()
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "1 to mend." in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_source_is_described_by_its_files_and_the_newest_of_them(work: Path) -> None:
    older = work / "exports" / "queue_log-2026-11-11"
    older.write_text("x" * 3000)
    os.utime(older, (1_700_000_000, 1_700_000_000))
    os.utime(work / "exports" / "queue_log-2026-11-12", (1_794_500_000, 1_794_500_000))
    finding = found("sources.acd")
    assert finding.ok
    assert finding.words == "2 files, 3 kB; newest queue_log-2026-11-12, written 2026-11-12 16:13 UTC"


def without_folder(work: Path) -> None:
    (work / "exports" / "queue_log-2026-11-12").unlink()
    (work / "exports").rmdir()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (without_folder, "does not exist; mount or create it"),
        (lambda work: (work / "exports" / "queue_log-2026-11-12").unlink(), "no file at"),
        (lambda work: (work / "exports" / "queue_log-2026-11-12").write_text(""), "all 1 files are empty"),
    ],
)
def test_a_source_that_gives_nothing_is_named_with_the_next_step(damage: Callable[[Path], None], words: str, work: Path) -> None:
    damage(work)
    finding = found("sources.acd")
    assert not finding.ok
    assert words in finding.words


def test_a_claims_database_is_asked_for_its_tables_and_its_newest_claim(work: Path) -> None:
    (work / "enterprise.toml").write_text(SETTINGS + CLAIMS)
    assert "there is no file" in found("sources.claims").words
    claims_database(work / "claims.db")
    assert found("sources.claims") == Finding(
        "sources.claims", True, "2 claims in claims; newest reported_at 2026-11-11 08:00:00"
    )


def test_a_claims_database_without_a_row_or_a_column_is_not_well(work: Path) -> None:
    (work / "enterprise.toml").write_text(SETTINGS + CLAIMS)
    claims_database(work / "claims.db", rows=0)
    assert "has no row; check the url" in found("sources.claims").words
    (work / "enterprise.toml").write_text(SETTINGS + CLAIMS.replace('line_of_business = "line"', 'line_of_business = "branch"'))
    finding = found("sources.claims")
    assert not finding.ok
    assert "branch" in finding.words


@pytest.mark.parametrize("text", ["name = ", "", SETTINGS.replace("queues = {", "queue = {")])
def test_broken_settings_end_the_look_at_what_depends_on_them_but_not_at_the_machine(text: str, work: Path) -> None:
    (work / "enterprise.toml").write_text(text)
    findings = {finding.subject: finding for finding in examine(None)}
    assert set(findings) == {"Python", "packages", "time zones", "settings", "disk"}
    assert not findings["settings"].ok
    assert "enterprise.toml" in findings["settings"].words
    assert findings["disk"].ok


def test_settings_that_are_not_there_say_how_to_name_some(work: Path) -> None:
    (work / "enterprise.toml").unlink()
    assert "set LEADLINE_CONFIG" in found("settings").words


def test_the_demo_that_is_not_made_yet_is_told_to_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLINE_CONFIG", str(REPOSITORY / "config" / "enterprise.toml"))
    sources = [finding for finding in examine(None) if finding.subject.startswith("sources.")]
    assert len(sources) == 7
    assert {finding.words for finding in sources} == {"the demo's source systems are not made yet; run: leadline demo-data"}


def test_a_lake_that_cannot_be_written_to_is_found(work: Path) -> None:
    (work / "lake").write_text("a file where a folder should be")
    finding = found("lake")
    assert not finding.ok
    assert "cannot be written to: NotADirectoryError" in finding.words


def test_a_lake_on_a_storage_nobody_knows_is_no_stack_trace(work: Path) -> None:
    (work / "enterprise.toml").write_text(SETTINGS.replace('"lake"', '"cloud9://lake"'))
    assert "storage.lake_url cloud9://lake cannot be written to" in found("lake").words


def test_a_lake_in_memory_is_probed_and_left_as_it_was(work: Path) -> None:
    (work / "enterprise.toml").write_text(SETTINGS.replace('"lake"', '"memory://lake"'))
    assert found("lake").words == "writable; holds no history yet"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://planner:geheim@127.0.0.1:1/plan", "cannot be used just now"),
        ("mysql://planner:geheim@127.0.0.1/plan", "the warehouse is PostgreSQL"),
        ("nonsense", "storage.warehouse_url cannot be read"),
    ],
)
def test_a_warehouse_that_cannot_be_used_is_found_and_its_password_never_shown(url: str, words: str, work: Path) -> None:
    (work / "enterprise.toml").write_text(SETTINGS.replace("planbook_folder", f'warehouse_url = "{url}"\nplanbook_folder', 1))
    result = CliRunner().invoke(app, ["doctor"], terminal_width=200)
    assert result.exit_code == 1
    finding = found("warehouse")
    assert not finding.ok
    assert words in finding.words
    assert "geheim" not in result.output + finding.words


def fails(error: Exception) -> Callable[[], str]:
    def check() -> str:
        raise error

    return check


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NeedsPersonError("mend it"), "mend it"),
        (SourceUnreachableError("ftp://planner:ge/heim@host: no answer"), "ftp://planner:***@host: no answer"),
        (PermissionError(13, "Permission denied"), "PermissionError: [Errno 13] Permission denied"),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_whatever_a_check_ends_with_becomes_a_line_without_passwords(error: Exception, words: str) -> None:
    assert looked_at("it", fails(error)) == Finding("it", False, words)


def test_a_mistake_in_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        looked_at("it", fails(ZeroDivisionError()))


def test_too_little_space_is_found(monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    monkeypatch.setattr(doctor_module.shutil, "disk_usage", lambda place: SimpleNamespace(free=0.4e9))
    with pytest.raises(ValueError, match=r"0\.4 GB free at .*; a night needs 2 GB: make room"):
        free_space([work / "not" / "there" / "yet"])


def test_a_python_leadline_does_not_know_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module.sys, "version_info", type("V", (tuple,), {"micro": 1})((3, 10, 1)))
    with pytest.raises(ValueError, match=r"3\.10\.1: Leadline needs 3\.11 to 3\.13"):
        python_version()


def test_a_missing_and_an_old_package_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(name: str) -> str:
        if name == "duckdb":
            raise PackageNotFoundError(name)
        return "0.0.1" if name == "pandas" else "999"

    monkeypatch.setattr(
        doctor_module, "requires", lambda name: ["duckdb>=1.4", "pandas>=3.0", "rich>=14", "celery; extra == 'cluster'"]
    )
    monkeypatch.setattr(doctor_module, "version", installed)
    with pytest.raises(ValueError, match=r"duckdb is missing, pandas 0\.0\.1 is not >=3\.0; run: make setup"):
        package_versions()


def test_missing_time_zone_rules_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "available_timezones", lambda: {"UTC"})
    with pytest.raises(ValueError, match="no rules are installed"):
        time_zone_data()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_file_this_user_may_not_read_is_found(work: Path) -> None:
    (work / "exports" / "queue_log-2026-11-12").chmod(stat.S_IWUSR)
    assert "cannot be read" in found("sources.acd").words


def test_a_dag_file_with_an_error_is_named_and_the_good_ones_are_counted(work: Path) -> None:
    folders = Folders(work, work / ".leadline", work / "dags")
    folders.dags.mkdir()
    (folders.dags / "good.py").write_text("one = 1\n")
    assert dag_files(folders).startswith("1 can be compiled")
    (folders.dags / "broken.py").write_text("def unfinished(:\n")
    with pytest.raises(NeedsPersonError, match=r"broken\.py: SyntaxError.*the other files go on: mend them"):
        dag_files(folders)
    assert found("DAG files").ok, "those of the repository"
