"""Where Arrow takes memory from."""

from __future__ import annotations

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
