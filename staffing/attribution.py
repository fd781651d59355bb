"""Splitting a difference among its causes so that the parts add up to it exactly (Shapley values). Pure."""

from __future__ import annotations

import itertools
import math

import numpy as np

from staffing.doors import FloatArray


def coalitions(causes: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Every way to let some causes be as they were and the others as planned: 2^causes x causes, the first with none.

    Example:
        >>> coalitions(2).tolist()
        [[False, False], [False, True], [True, False], [True, True]]
    """
    return np.array(list(itertools.product([False, True], repeat=causes)), dtype=bool).reshape(-1, causes)


def shapley_parts(values: FloatArray, causes: int) -> FloatArray:
    """Each cause's part of the difference between all causes and none.

    The part of a cause is what it adds, on average over all orders in which the causes could be put in one after the other. So
    parts do not depend on an order, a cause that changes nothing has none, and causes that do the same share alike.

    Args:
        values: one value per row of `coalitions(causes)`.
        causes: how many causes.

    Returns:
        One part per cause; they add up to `values[-1] - values[0]` but for rounding of the computer.

    Raises:
        ValueError: if there are not 2^causes values.

    Example:
        >>> shapley_parts(np.array([0.8, 0.7, 0.6, 0.3]), 2).round(3).tolist()
        [-0.3, -0.2]

    Source: Shapley (1953), "A value for n-person games"; Shorrocks (2013), "Decomposition procedures for distributional analysis:
    a unified framework based on the Shapley value".
    """
    if values.shape != (2**causes,):
        raise ValueError(f"there are {values.shape} values; expected {2**causes}, one per coalition of {causes} causes")
    place = {tuple(row): index for index, row in enumerate(coalitions(causes).tolist())}
    parts = np.zeros(causes)
    for members, index in place.items():
        others = sum(members)
        for cause in range(causes):
            if not members[cause]:
                weight = math.factorial(others) * math.factorial(causes - others - 1) / math.factorial(causes)
                parts[cause] += weight * (values[place[_with(members, cause)]] - values[index])
    return parts


def _with(members: tuple[bool, ...], cause: int) -> tuple[bool, ...]:
    return (*members[:cause], True, *members[cause + 1 :])
