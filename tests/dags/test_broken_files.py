"""What Airflow's plugin leaves behind when it tells people of a broken DAG file."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

PLUGIN = Path(__file__).resolve().parents[2] / "dags" / "plugins" / "broken_files.py"
LEADLINE = f"""#!{sys.executable}
import sys
open("told", "w").write(sys.argv[1] + " " + sys.argv[2] + ": " + sys.stdin.read())
"""


def loaded() -> Any:
    spec = importlib.util.spec_from_file_location("broken_files", PLUGIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_broken_file_is_told_beside_the_reading_and_no_ended_process_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "leadline"
    command.write_text(LEADLINE)
    command.chmod(0o755)
    module = loaded()
    monkeypatch.setattr(module.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("LEADLINE_ROOT", str(tmp_path))
    before = {child.pid for child in psutil.Process(os.getpid()).children()}
    module.BrokenFiles().on_new_dag_import_error("/dags/extract.py", "SyntaxError: invalid syntax")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        left = [child for child in psutil.Process(os.getpid()).children() if child.pid not in before]
        if not left:
            break
        time.sleep(0.05)
    assert left == [], f"a process is still in the list: {[child.status() for child in left]}"
    assert (tmp_path / "told").read_text() == "tell-broken-file /dags/extract.py: SyntaxError: invalid syntax"
