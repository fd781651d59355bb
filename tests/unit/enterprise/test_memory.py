"""Where Arrow takes memory from."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from enterprise.memory import give_back, steady_memory


def test_a_step_that_fails_leaves_arrow_its_own_allocator() -> None:
    @steady_memory()
    def step() -> None:
        raise KeyError(pa.default_memory_pool().backend_name)

    before = pa.default_memory_pool().backend_name
    with pytest.raises(KeyError, match="system"):
        step()
    assert pa.default_memory_pool().backend_name == before


def test_every_call_of_a_decorated_step_takes_memory_from_the_system() -> None:
    @steady_memory()
    def step() -> str:
        return str(pa.default_memory_pool().backend_name)

    assert [step(), step()] == ["system", "system"]


def test_a_c_library_that_cannot_give_memory_back_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    give_back()


def test_a_process_of_the_command_line_has_arrow_take_all_memory_from_the_system() -> None:
    """Writers of Parquet do not ask Python's pool, but that of the environment Arrow was loaded in."""
    kept = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    said = "import cli.main, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True, env=kept)
    assert done.stdout.strip() == "system"


@pytest.mark.parametrize("deployment", ["docker-compose.yml", "docker/kubernetes-values.yaml"])
def test_deployments_say_so_too(deployment: str) -> None:
    text = (Path(__file__).parents[3] / deployment).read_text()
    assert re.search(r"ARROW_DEFAULT_MEMORY_POOL(, value)?: system", text)
