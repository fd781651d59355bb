from __future__ import annotations

import numba
import pytest

from enterprise.compiled import compiled


def test_without_a_folder_for_the_cache_the_function_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine, asked = numba.njit, []

    def without_cache(*function: object, **options: object) -> object:
        if function:  # numba's own modules, loaded when something is compiled first
            return genuine(*function, **options)
        asked.append(options.get("cache", False))
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return genuine(**options)

    monkeypatch.setattr(numba, "njit", without_cache)
    assert compiled(lambda number: number + 1)(41) == 42
    assert asked == [True, False]
