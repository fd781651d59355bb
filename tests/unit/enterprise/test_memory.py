"""Where Arrow takes memory from."""

from __future__ import annotations

import pyarrow as pa
import pytest

from enterprise.memory import system_memory


def test_a_step_that_fails_leaves_arrow_its_own_allocator() -> None:
    before = pa.default_memory_pool().backend_name
    with pytest.raises(KeyError), system_memory():
        assert pa.default_memory_pool().backend_name == "system"
        raise KeyError
    assert pa.default_memory_pool().backend_name == before


def test_every_call_of_a_decorated_step_takes_memory_from_the_system() -> None:
    @system_memory()
    def step() -> str:
        return str(pa.default_memory_pool().backend_name)

    assert [step(), step()] == ["system", "system"]
