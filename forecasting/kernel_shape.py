"""How smooth a kernel is, how it fades, how long it is, and how fast the level wanders beside it: as probable as the days say.

The kernel is a priori normal, its lags are smooth, fade and end somewhere. Integrated over all such kernels and the calendar,
each shape and gain has a probability of its own, which charges for freedom that is not needed (empirical Bayes with restricted
maximum likelihood). Half a year of days seldom tells one shape from the next: kernels are drawn from all of them, each as often
as it is probable (`forecasting.kernel_draws`). That kernels are not negative is left aside in the probabilities. See
docs/decisions/0019.
Source: Rasmussen, Williams (2006), "Gaussian processes for machine learning", section 5.4; Patterson, Thompson (1971); Chen,
Ohlsson, Ljung (2012), "On the estimation of transfer functions, regularizations and Gaussian processes", Automatica 48; Hoeting
et al. (1999), "Bayesian model averaging: a tutorial", Statistical Science 14.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import product
from math import comb
from typing import NamedTuple

import numpy as np

from forecasting.calendar import FloatArray, IntArray
from forecasting.kernel import Problem, Shape, Shapes, penalty
from forecasting.nonnegative import least_squares_not_negative
from forecasting.wandering import DRIFTS, FEWEST_DAYS_TO_DRIFT, GAINS, Wandering

_SMOOTHNESS = (0.0003, 0.003, 0.03, 0.3, 3.0)
_FADING = (1.0, 0.75, 0.5, 0.3)
_LENGTHS = (0.2, 1 / 3, 0.45, 0.6, 0.8, 1.0)
_NEUTRAL_SMOOTHNESS = 0.1
_PASSES = 2
_FLOOR = 0.1
_FEWEST_SHARE = 0.01
"""Shapes less probable than so much of the most probable one's do not count."""


def neutral_shapes(problem: Problem) -> Shapes:
    """Shapes that were not chosen by what the drivers tell: all lags free, and rather smooth."""
    return (Shape(_NEUTRAL_SMOOTHNESS, tuple(range(_width(problem)))),) * problem.classes


def choose_shapes(problem: Problem) -> tuple[Shapes, float]:
    """The most probable shape of each class's kernel beside the others', and twice the logarithm of its probability.

    The latter lacks a constant: only problems of the same days may be compared by it.
    """
    told = _told(problem)
    shapes = dict(enumerate(neutral_shapes(problem)))
    informed = _informed(told, problem)
    best = -told.days * float(np.log(max(told.squares, np.finfo(np.float64).tiny)))
    for _ in range(_PASSES if len(informed) > 1 else 1):
        for position in informed:
            probable = _of_class(told, position, _others(shapes, informed, position), _width(problem))
            shapes[position], best = max(probable.items(), key=lambda item: item[1])
    return tuple(shapes.values()), best - problem.log_information


def probable_shapes(problem: Problem) -> list[dict[Shape, float]]:
    """Per class its shapes and how probable each is, the others having their most probable ones; they add up to 1."""
    told, width = _told(problem), _width(problem)
    shapes = dict(enumerate(choose_shapes(problem)[0]))
    informed = _informed(told, problem)
    by_class = [{shape: 1.0} for shape in shapes.values()]
    for position in informed:
        probable = _of_class(told, position, _others(shapes, informed, position), width)
        best = max(probable.values())
        weight = {shape: float(np.exp((twice - best) / 2.0)) for shape, twice in probable.items()}
        counting = {shape: share for shape, share in weight.items() if share > _FEWEST_SHARE}
        by_class[position] = {shape: share / sum(counting.values()) for shape, share in counting.items()}
    return by_class


def most_probable_wandering(problem_with: Callable[[Wandering], Problem]) -> Wandering:
    """How the level wanders beside the drivers, and whether their kernels drift; `problem_with` gives the estimation under it.

    A drift, whichever of those tried, has to be so much more probable as one more parameter costs (Schwarz 1978).
    """
    probability = {how: choose_shapes(problem_with(how))[1] for how in map(Wandering, GAINS)}
    steady = max(probability, key=probability.__getitem__)
    days = len(problem_with(steady).root_weights)
    if days < FEWEST_DAYS_TO_DRIFT:
        return steady
    drifting = {how: choose_shapes(problem_with(how))[1] for how in (steady._replace(drift=drift) for drift in DRIFTS)}
    best = max(drifting, key=drifting.__getitem__)
    any_of_them = 2.0 * float(np.log(np.mean([np.exp((twice - drifting[best]) / 2.0) for twice in drifting.values()])))
    return best if drifting[best] + any_of_them > probability[steady] + np.log(days) else steady


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


def _told(problem: Problem) -> _Told:
    gram, cross = problem.moments()
    return _Told(gram, cross, float(problem.residual @ problem.residual), len(problem.root_weights))


def _informed(told: _Told, problem: Problem) -> list[int]:
    """Classes of which there is any value."""
    blocks = (_lags(position, _width(problem)) for position in range(problem.classes))
    return [position for position, mine in enumerate(blocks) if told.gram[mine, mine].any()]


def _others(shapes: Mapping[int, Shape], informed: list[int], position: int) -> dict[int, Shape]:
    return {other: shapes[other] for other in informed if other != position}


def _of_class(told: _Told, position: int, others: Mapping[int, Shape], width: int) -> dict[Shape, float]:
    """Shapes of one class, and twice the log probability of each, integrated over all kernels.

    Beside every smoothness, fading and length there are the lags that bring something in the most probable of these; they were
    found among so many sets of as many lags, which makes each the less probable.
    """
    mine = _lags(position, width)
    alone = _beside(told, mine, others, width)
    size = _size(told.gram, mine)
    probable = dict(zip(_all_shapes(width), _probabilities(alone, size, _all_shapes(width), width), strict=True))
    shape = max(probable, key=probable.__getitem__)
    free = np.array(shape.lags)
    beta = least_squares_not_negative((alone.gram + size * penalty(width, shape))[np.ix_(free, free)], alone.cross[free])
    if not beta.any():
        return probable
    kept = tuple(free[beta >= _FLOOR * beta.max()].tolist())
    trimmed = tuple(Shape(smoothness, kept, fading) for smoothness, fading in product(_SMOOTHNESS, sorted({1.0, shape.fading})))
    price = 2.0 * float(np.log(comb(len(free), len(kept))))
    found = _probabilities(alone, size, trimmed, width)
    return probable | {one: twice - price for one, twice in zip(trimmed, found, strict=True)}


def _probabilities(alone: _Alone, size: float, shapes: tuple[Shape, ...], width: int) -> list[float]:
    inside, penalties, logs = _priors(shapes, width)
    # Lags left out stay with their penalty alone, in the posterior as in the prior: they cancel.
    posterior = inside[:, :, None] * inside[:, None, :] * alone.gram + size * penalties
    wanted = inside * alone.cross
    beta = np.linalg.solve(posterior, wanted[:, :, None])[:, :, 0]
    left = np.maximum(alone.squares - (beta * wanted).sum(axis=1), np.finfo(np.float64).tiny)
    twice = logs + width * np.log(size) - np.linalg.slogdet(posterior)[1] - alone.days * np.log(left) - alone.logarithm
    return [float(value) for value in twice]


def _beside(told: _Told, mine: IntArray, others: Mapping[int, Shape], width: int) -> _Alone:
    """What is told of one class once the kernels of the others are integrated out."""
    if not others:
        return _Alone(told.gram[np.ix_(mine, mine)], told.cross[mine], told.squares, told.days, 0.0)
    prior = np.zeros_like(told.gram)
    theirs, logarithm = [], 0.0
    for other, shape in others.items():
        free = _lags(other, width)[list(shape.lags)]
        held = penalty(width, shape)[np.ix_(shape.lags, shape.lags)] * _size(told.gram, _lags(other, width))
        prior[np.ix_(free, free)] = held
        theirs.append(free)
        logarithm -= float(np.linalg.slogdet(held)[1])
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
def _all_shapes(width: int) -> tuple[Shape, ...]:
    """Shapes to choose from: smoothness, fading and length."""
    lengths = sorted({max(round(share * width), 1) for share in _LENGTHS})
    return tuple(Shape(smooth, tuple(range(length)), fading) for smooth, fading, length in product(_SMOOTHNESS, _FADING, lengths))


@lru_cache(maxsize=64)
def _priors(shapes: tuple[Shape, ...], width: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each shape: which lags are free, their penalty (1 on those that are not) and the logarithm of its determinant."""
    inside = np.zeros((len(shapes), width))
    penalties = np.tile(np.eye(width), (len(shapes), 1, 1))
    for number, shape in enumerate(shapes):
        free = np.array(shape.lags)
        inside[number, free] = 1.0
        penalties[number][np.ix_(free, free)] = penalty(width, shape)[np.ix_(free, free)]
    return inside, penalties, np.linalg.slogdet(penalties)[1]


def _width(problem: Problem) -> int:
    return int(problem.lags.shape[1] // problem.classes)


def _lags(position: int, width: int) -> IntArray:
    return np.arange(position * width, (position + 1) * width)


def _size(gram: FloatArray, lags: IntArray) -> float:
    return float(gram.diagonal()[lags].mean())
