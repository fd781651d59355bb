"""Spreading of rows over cores."""

from __future__ import annotations

import itertools

import pytest

from staffing.spreading import ROWS_WORTH_A_THREAD, spread


def test_slices_cover_every_row_once() -> None:
    for rows in (0, 1, ROWS_WORTH_A_THREAD * 2 - 1, ROWS_WORTH_A_THREAD * 2, 1_000_003):
        seen: list[tuple[int, int]] = []
        spread(lambda first, behind, seen=seen: seen.append((first, behind)), rows)  # type: ignore[misc]
        seen.sort()
        assert seen[0][0] == 0
        assert seen[-1][1] == rows
        assert all(before[1] == after[0] for before, after in itertools.pairwise(seen))


def test_an_error_in_a_slice_is_not_swallowed() -> None:
    def broken(first: int, behind: int) -> None:
        raise ArithmeticError(f"{first} {behind}")

    with pytest.raises(ArithmeticError):
        spread(broken, 100 * ROWS_WORTH_A_THREAD)
