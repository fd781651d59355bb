"""How smooth a kernel is, how long, and how fast the level wanders beside it: what makes the contacts most probable.

The kernel is a priori normal, its lags are smooth and end somewhere. Integrated over all such kernels and over the calendar, each
smoothness, length and gain has a probability of its own, which charges for freedom that is not needed (empirical Bayes with
restricted maximum likelihood). That kernels are not negative is left aside here. See docs/decisions/0019.
Source: Rasmussen, Williams (2006), "Gaussian processes for machine learning", section 5.4; Patterson, Thompson (1971).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from forecasting.calendar import FloatArray, IntArray
from forecasting.kernel import Problem, Shape, Shapes, roughness
from forecasting.nonnegative import least_squares_not_negative
from forecasting.wandering import DRIFTS, FEWEST_DAYS_TO_DRIFT, GAINS, Wandering

_SMOOTHNESS = (0.0003, 0.003, 0.03, 0.3, 3.0)
_NEUTRAL_SMOOTHNESS = 0.1
_PASSES = 2
_FLOOR = 0.1
_CLEARLY = 2.0
"""Twice the logarithm of how many times more probable a drift has to be (Akaike's price of one more parameter)."""


def neutral_shapes(problem: Problem) -> Shapes:
    """Shapes that were not chosen by what the drivers tell: all lags free, and rather smooth."""
    return (Shape(_NEUTRAL_SMOOTHNESS, tuple(range(_width(problem)))),) * problem.classes


def choose_shapes(problem: Problem) -> tuple[Shapes, float]:
    """The most probable shape of each class's kernel beside the others', and twice the logarithm of its probability.

    The latter lacks a constant: only problems of the same days may be compared by it.
    """
    gram, cross = problem.moments()
    told = _Told(gram, cross, float(problem.residual @ problem.residual), len(problem.root_weights))
    width = _width(problem)
    shapes = dict(enumerate(neutral_shapes(problem)))
    informed = [c for c in shapes if gram[_lags(c, width), _lags(c, width)].any()]
    best = -told.days * float(np.log(max(told.squares, np.finfo(np.float64).tiny)))
    for _ in range(_PASSES if len(informed) > 1 else 1):
        for position in informed:
            others = {other: shapes[other] for other in informed if other != position}
            shapes[position], best = _most_probable(told, position, others, width)
    return tuple(shapes.values()), best - problem.log_information


def most_probable_wandering(problem_with: Callable[[Wandering], Problem]) -> Wandering:
    """How the level wanders beside the drivers, and whether their kernels drift; `problem_with` gives the estimation under it."""
    probability = {how: choose_shapes(problem_with(how))[1] for how in map(Wandering, GAINS)}
    steady = max(probability, key=probability.__getitem__)
    if len(problem_with(steady).root_weights) < FEWEST_DAYS_TO_DRIFT:
        return steady
    drifting = {how: choose_shapes(problem_with(how))[1] for how in (steady._replace(drift=drift) for drift in DRIFTS)}
    best = max(drifting, key=drifting.__getitem__)
    return best if drifting[best] > probability[steady] + _CLEARLY else steady


class _Alone(NamedTuple):
    """The same of one class; `logarithm` is what the others' kernels cost, twice."""

    gram: FloatArray
    cross: FloatArray
    squares: float
    days: int
    logarithm: float


class _Told(NamedTuple):
    """What the days tell of the kernels: the problem's moments, its sum of squares and the number of days."""

    gram: FloatArray
    cross: FloatArray
    squares: float
    days: int


def _most_probable(told: _Told, position: int, others: Mapping[int, Shape], width: int) -> tuple[Shape, float]:
    """The shape of one class, and twice its log probability, integrated over all kernels.

    First its smoothness and length; then lags that bring hardly anything are left out if that is more probable.
    """
    mine = _lags(position, width)
    alone = _beside(told, mine, others, width)
    size = _size(told.gram, mine)
    shape, best = _best_of(alone, size, _lengths(width), width)
    free = np.array(shape.lags)
    beta = least_squares_not_negative(
        (alone.gram + size * roughness(width, shape.smoothness))[np.ix_(free, free)], alone.cross[free]
    )
    kept = tuple(free[beta >= _FLOOR * beta.max()].tolist()) if beta.any() else shape.lags
    trimmed, probability = _best_of(alone, size, tuple(Shape(smoothness, kept) for smoothness in _SMOOTHNESS), width)
    return (trimmed, probability) if probability > best else (shape, best)


def _best_of(alone: _Alone, size: float, shapes: tuple[Shape, ...], width: int) -> tuple[Shape, float]:
    inside, penalties, logs = _priors(shapes, width)
    # Lags left out stay with their penalty alone, in the posterior as in the prior: they cancel.
    posterior = inside[:, :, None] * inside[:, None, :] * alone.gram + size * penalties
    wanted = inside * alone.cross
    beta = np.linalg.solve(posterior, wanted[:, :, None])[:, :, 0]
    left = np.maximum(alone.squares - (beta * wanted).sum(axis=1), np.finfo(np.float64).tiny)
    twice = logs + width * np.log(size) - np.linalg.slogdet(posterior)[1] - alone.days * np.log(left) - alone.logarithm
    best = int(np.argmax(twice))
    return shapes[best], float(twice[best])


def _beside(told: _Told, mine: IntArray, others: Mapping[int, Shape], width: int) -> _Alone:
    """What is told of one class once the kernels of the others are integrated out."""
    if not others:
        return _Alone(told.gram[np.ix_(mine, mine)], told.cross[mine], told.squares, told.days, 0.0)
    prior = np.zeros_like(told.gram)
    theirs, logarithm = [], 0.0
    for other, shape in others.items():
        free = _lags(other, width)[list(shape.lags)]
        penalty = roughness(width, shape.smoothness)[np.ix_(shape.lags, shape.lags)] * _size(told.gram, _lags(other, width))
        prior[np.ix_(free, free)] = penalty
        theirs.append(free)
        logarithm -= float(np.linalg.slogdet(penalty)[1])
    rest = np.concatenate(theirs)
    posterior = (told.gram + prior)[np.ix_(rest, rest)]
    between = told.gram[np.ix_(rest, mine)]
    solved = np.linalg.solve(posterior, np.column_stack([between, told.cross[rest]]))
    return _Alone(
        told.gram[np.ix_(mine, mine)] - between.T @ solved[:, :-1],
        told.cross[mine] - between.T @ solved[:, -1],
        told.squares - float(told.cross[rest] @ solved[:, -1]),
        told.days,
        logarithm + float(np.linalg.slogdet(posterior)[1]),
    )


@lru_cache(maxsize=8)
def _lengths(width: int) -> tuple[Shape, ...]:
    """Shapes to choose from: smoothness and length."""
    return tuple(Shape(smoothness, tuple(range(length))) for smoothness in _SMOOTHNESS for length in range(1, width + 1))


@lru_cache(maxsize=64)
def _priors(shapes: tuple[Shape, ...], width: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each shape: which lags are free, their penalty (1 on those that are not) and the logarithm of its determinant."""
    inside = np.zeros((len(shapes), width))
    penalties = np.tile(np.eye(width), (len(shapes), 1, 1))
    for number, shape in enumerate(shapes):
        free = np.array(shape.lags)
        inside[number, free] = 1.0
        penalties[number][np.ix_(free, free)] = roughness(width, shape.smoothness)[np.ix_(free, free)]
    return inside, penalties, np.linalg.slogdet(penalties)[1]


def _width(problem: Problem) -> int:
    return int(problem.lags.shape[1] // problem.classes)


def _lags(position: int, width: int) -> IntArray:
    return np.arange(position * width, (position + 1) * width)


def _size(gram: FloatArray, lags: IntArray) -> float:
    return float(gram.diagonal()[lags].mean())
