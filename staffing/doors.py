"""Checks at the door of the staffing functions: every input is a column of numbers with a range, and a wrong one is named."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Rule(NamedTuple):
    """The range of an input and what to do about a value outside it."""

    least: float
    most: float
    least_allowed: bool
    most_allowed: bool
    remedy: str
    missing_means_none: bool = False
    whole: bool = False


_INFINITE = float("inf")
_HANDLE = "give the mean handle time of an answered contact; where none was answered yet use the queue's prior"
_LIMIT = "leave the limit out (NaN) where there is none"

RULES: dict[str, Rule] = {
    "offered_contacts": Rule(0, _INFINITE, True, False, "a forecast cannot be negative or missing: use 0 for a closed interval"),
    "offered_load": Rule(0, _INFINITE, True, False, "a load is arrivals times mean handle time: use 0 where nothing is offered"),
    "interval_seconds": Rule(0, _INFINITE, False, False, "give the interval's length, e.g. 1800"),
    "mean_handle_seconds": Rule(0, _INFINITE, False, False, _HANDLE),
    "mean_patience_seconds": Rule(0, _INFINITE, False, True, "use infinity where nobody ever abandons (Erlang C)"),
    "positions": Rule(0, _INFINITE, True, False, "positions are whole people before shrinkage", whole=True),
    "trunks": Rule(1, _INFINITE, True, False, "trunks are whole places, those in service included", whole=True),
    "answer_within_seconds": Rule(0, _INFINITE, True, False, "give the threshold of the service goal, e.g. 20"),
    "answered_fraction": Rule(0, 1, False, False, "a goal is a fraction such as 0.8, not 80; or leave it out (NaN)", True),
    "maximum_occupancy": Rule(0, 1, False, True, _LIMIT, True),
    "maximum_mean_wait_seconds": Rule(0, _INFINITE, False, False, _LIMIT, True),
    "maximum_abandoned_fraction": Rule(0, 1, False, False, _LIMIT, True),
    "concurrency": Rule(1, _INFINITE, True, False, "give the most chats that one agent holds at once, at least 1", whole=True),
    "slowdown_per_extra_chat": Rule(0, _INFINITE, True, False, "use 0 where a second chat slows nothing down"),
    "probability": Rule(0, 1, False, False, "give the wanted certainty as a fraction such as 0.8"),
    "lost_fraction": Rule(0, 1, True, False, "a loss is the fraction of paid time that is not worked, below 1"),
    "positions_required": Rule(0, _INFINITE, True, False, "positions come from a requirement and are never negative"),
    "minimum_positions": Rule(0, _INFINITE, True, False, "use 0 where no minimum holds", whole=True),
    "hourly_cost": Rule(0, _INFINITE, True, False, "give the cost of one paid hour, or 0"),
    "arrivals": Rule(0, _INFINITE, True, False, "arriving items cannot be negative or missing: use 0"),
    "items": Rule(0, _INFINITE, True, False, "waiting items cannot be negative or missing: use 0"),
    "staff": Rule(0, _INFINITE, True, False, "staff per period cannot be negative or missing: use 0"),
    "maximum_staff": Rule(0, _INFINITE, True, True, "use infinity where staff are not limited"),
}


def fitting(name: str, array: FloatArray) -> BoolArray:
    """Which numbers lie in the range of `name`.

    Example:
        >>> fitting("answered_fraction", np.array([0.8, 80.0, np.nan]))
        array([ True, False,  True])
    """
    rule = RULES[name]
    fits = (array >= rule.least) if rule.least_allowed else (array > rule.least)
    fits &= (array <= rule.most) if rule.most_allowed else (array < rule.most)
    if rule.missing_means_none:
        fits |= np.isnan(array)
    if rule.whole:
        fits &= array == np.floor(array)
    return fits


def expected(name: str) -> str:
    """The range of `name` in words.

    Example:
        >>> expected("interval_seconds"), expected("concurrency")
        ('above 0 and finite', 'at least 1 and finite, a whole number')
    """
    rule = RULES[name]
    low = f"{'at least' if rule.least_allowed else 'above'} {rule.least:g}"
    if rule.most < _INFINITE:
        high = f" and {'at most' if rule.most_allowed else 'below'} {rule.most:g}"
    else:
        high = "" if rule.most_allowed else " and finite"
    return f"{low}{high}{', a whole number' if rule.whole else ''}"


def column(name: str, values: npt.ArrayLike) -> FloatArray:
    """`values` as floats, checked against the rule of `name`.

    Raises:
        ValueError: naming the first offending index, its value, what is expected and what to do.

    Example:
        >>> column("answered_fraction", [0.8, 80.0])
        Traceback (most recent call last):
        ValueError: answered_fraction[1] is 80.0; expected above 0 and below 1: a goal is a fraction such as 0.8, not 80; ...
    """
    rule = RULES[name]
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} holds something that is not a number ({error}); {rule.remedy}") from error
    fits = fitting(name, array)
    if not fits.all():
        first = tuple(int(part) for part in np.argwhere(~fits)[0]) if array.ndim else ()
        where = name + (f"[{', '.join(map(str, first))}]" if first else "")
        raise ValueError(f"{where} is {array[first]}; expected {expected(name)}: {rule.remedy}")
    return array


def views(**inputs: npt.ArrayLike) -> tuple[tuple[int, ...], dict[str, FloatArray]]:
    """The checked inputs broadcast against each other: their common shape, and each as one flat row of numbers to read from.

    One number that stands for all is not written out: a million intervals have a dozen inputs, most of them the same for all.

    Raises:
        ValueError: as in `column`, or if the shapes do not fit, naming each.
    """
    checked = {name: column(name, values) for name, values in inputs.items()}
    try:
        shape = np.broadcast_shapes(*(array.shape for array in checked.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in checked.items() if array.ndim)
        raise ValueError(f"the inputs do not fit each other: {shapes}; give one value per interval, or one for all") from error
    size = math.prod(shape)
    return shape, {
        name: np.broadcast_to(array, size) if array.ndim == 0 else np.broadcast_to(array, shape).reshape(-1)
        for name, array in checked.items()
    }


def columns(**inputs: npt.ArrayLike) -> tuple[tuple[int, ...], dict[str, FloatArray]]:
    """The same as `views`, each a contiguous row of its own.

    Raises:
        ValueError: as in `views`.

    Example:
        >>> shape, flat = columns(offered_contacts=[[10.0, 20.0]], interval_seconds=1800)
        >>> shape, flat["interval_seconds"]
        ((1, 2), array([1800., 1800.]))
    """
    shape, flat = views(**inputs)
    return shape, {name: np.ascontiguousarray(values) for name, values in flat.items()}
