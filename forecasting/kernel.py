"""The lag kernel: contacts that one claim brings so many days later, estimated together with the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from forecasting.calendar import BoolArray, FloatArray
from forecasting.linear import cross_products, in_blocks, tall_times
from forecasting.nonnegative import least_squares_not_negative
from forecasting.wandering import STEADY, Wandering, without_wandering

_CALENDAR_RIDGE = 1e-3
_FOLDS = 5
_SHRINK = 1e-4
_DRIFT_SHRINK = 1e-2


class Shape(NamedTuple):
    """What one driver's kernel is to look like.

    Attributes:
        smoothness: weight of its second differences.
        lags: those that may bring anything, rising; the others bring nothing.
        fading: how much smaller each lag is expected to be than the one before it, as a variance; 1: no smaller.
    """

    smoothness: float
    lags: tuple[int, ...]
    fading: float = 1.0


Shapes = tuple[Shape, ...]
"""One shape per driver."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Contacts and what may explain them, with the calendar's part taken out of both (Frisch-Waugh-Lovell).

    Attributes:
        residual: weighted contacts less their calendar part, shape (rows,).
        lags: weighted exposures less their calendar part, shape (rows, columns); the classes' lags side by side.
        basis: orthonormal basis of the weighted calendar.
        root_weights: square roots of the weights, shape (days,).
        classes: number of claim classes; columns = classes x (K + 1).
        wandering: how things change in the course of the history; a wandering level is taken out of all rows.
        log_information: logarithm of the determinant of what the days tell of the calendar.
        taken_out: coefficients of the calendar, and of the lags' drift after it, on contacts (first column) and each lag.
    """

    residual: FloatArray
    lags: FloatArray
    basis: FloatArray
    root_weights: FloatArray
    classes: int
    wandering: Wandering
    log_information: float
    taken_out: FloatArray

    @property
    def free_days(self) -> float:
        """Days less what the calendar takes of them: so many squares of errors are left to tell the errors' size by."""
        days = len(self.root_weights)
        return max(days - float(np.square(self.basis[:days]).sum()), 1.0)

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Gram matrix of the lags and their cross products with the residual: all that `solve` needs."""
        return moments(self.lags, self.residual)

    def drift(self, beta: FloatArray) -> FloatArray:
        """What a kernel is on the last day less what it was on the first, per column; 0 where kernels do not drift."""
        if self.wandering.drift is None:
            return np.zeros(len(beta))
        drifting = self.taken_out[-len(beta) :]
        return np.asarray(drifting[:, 0] - drifting[:, 1:] @ beta, dtype=np.float64)

    def moments_with(
        self, position: int, exposed: FloatArray, whole: tuple[FloatArray, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """The moments with one class's exposures replaced by others.

        Residual and other lags are orthogonal to the calendar already, so that only the new exposures' own part has to go.

        Args:
            position: the class.
            exposed: its other exposures, shape (days, K + 1).
            whole: what `moments` gives.
        """
        width = exposed.shape[1]
        block = slice(position * width, (position + 1) * width)
        weighted = self.weighted(exposed)
        days = len(weighted)
        explained = cross_products(self.basis[:days], weighted)
        with_others = cross_products(self.lags[:days], weighted)
        gram, cross = whole[0].copy(), whole[1].copy()
        gram[block] = with_others.T
        gram[:, block] = with_others
        gram[block, block] = cross_products(weighted, weighted) - explained.T @ explained
        cross[block] = cross_products(weighted, self.residual[:days, None])[:, 0]
        return gram, cross

    def weighted(self, by_day: FloatArray) -> FloatArray:
        """Rows as the estimation sees them, still with their calendar part."""
        return without_wandering(self.root_weights[:, None] * by_day, self.wandering.gain)


def make_problem(
    offered: FloatArray, design: FloatArray, exposed: FloatArray, classes: int, wandering: Wandering = STEADY
) -> Problem:
    """Set up the joint estimation on the linear scale.

    contacts(t) = calendar(t) . g + sum over classes c and lags k of beta(c, k) x exposure(c, k, t) + noise, with noise in
    proportion to the square root of the level. Calendar and lags are estimated together: a common weekday pattern is not a lead.
    Nor is a level that wanders. Of kernels that drift, beta is today's.

    Args:
        offered: contacts per usable day, shape (days,).
        design: calendar columns of these days, without an intercept.
        exposed: exposures of these days, shape (days, classes x (K + 1)).
        classes: number of claim classes.
        wandering: how things change in the course of the history.
    """
    calendar = with_level(design)
    ridge = np.sqrt(_CALENDAR_RIDGE * len(offered)) * np.eye(calendar.shape[1])
    ridge[0, 0] = 0.0  # the level itself is not held back
    if wandering.drift is not None:
        calendar, ridge = _with_drift(calendar, ridge, exposed, classes, wandering.drift)
    level = np.maximum(np.convolve(np.pad(offered, 14, mode="edge"), np.full(29, 1 / 29), "valid"), 1.0)
    root_weights = np.sqrt(level.mean() / level)  # around 1, so that the ridge is small beside the data whatever the volume
    empty = Problem(np.empty(0), np.empty((0, 0)), np.empty((0, 0)), root_weights, classes, wandering, 0.0, np.empty((0, 0)))
    stacked = np.vstack([empty.weighted(calendar), ridge])
    # The Cholesky factor of the Gram matrix makes its columns orthonormal; the ridge keeps it well conditioned.
    factor = np.linalg.cholesky(cross_products(stacked, stacked))
    unmixed = np.linalg.inv(factor)
    basis = tall_times(stacked, unmixed.T)
    rows = np.zeros((len(basis), 1 + exposed.shape[1]))
    rows[: len(offered)] = empty.weighted(np.column_stack([offered, exposed]))
    explained = cross_products(basis, rows)
    rows -= tall_times(basis, explained)
    # What is told of the drift counts beside what was held of it before; of the calendar that is the same in every problem.
    before = float(np.log(ridge.diagonal()[with_level(design).shape[1] :]).sum())
    return replace(
        empty,
        residual=rows[:, 0],
        lags=rows[:, 1:],
        basis=basis,
        log_information=2.0 * (float(np.log(factor.diagonal()).sum()) - before),
        taken_out=unmixed.T @ explained,
    )


def _with_drift(
    calendar: FloatArray, ridge: FloatArray, exposed: FloatArray, classes: int, penalty: float
) -> tuple[FloatArray, FloatArray]:
    """The calendar's columns and ridge with what the lags change in the course of the days; triangular on its diagonal."""
    days, columns = exposed.shape
    width = columns // classes
    held = np.eye(calendar.shape[1] + columns)
    held[: len(ridge), : len(ridge)] = ridge
    smooth = roughness(width, 1.0) + _DRIFT_SHRINK * np.eye(width)
    for position in range(classes):
        block = slice(position * width, (position + 1) * width)
        size = float(np.square(exposed[:, block]).sum(axis=0).mean()) or 1.0
        own = slice(len(ridge) + position * width, len(ridge) + (position + 1) * width)
        held[own, own] = np.linalg.cholesky(penalty * size * smooth).T
    return np.hstack([calendar, days_from_last(days)[:, None] * exposed]), held


def days_from_last(days: int) -> FloatArray:
    """Place of each day in the history, 0 for the last one and -1 for the one before the first.

    Example:
        >>> days_from_last(4).tolist()
        [-0.75, -0.5, -0.25, 0.0]
    """
    return np.arange(1 - days, 1) / days


def with_level(design: FloatArray) -> FloatArray:
    """The calendar's columns with a level and a trend in front."""
    days = np.linspace(-1.0, 1.0, len(design)) if len(design) > 1 else np.zeros(len(design))
    return np.column_stack([np.ones(len(design)), days, design])


def held_out_error(problem: Problem, shapes: Shapes) -> float:
    """Sum of squared errors on contiguous blocks of days, each foretold by a kernel estimated on the others."""
    whole = problem.moments()
    error = 0.0
    for fold in np.array_split(np.arange(len(problem.root_weights)), _FOLDS):
        gram, cross = moments(problem.lags[fold], problem.residual[fold])
        beta = solve(whole[0] - gram, whole[1] - cross, shapes)
        error += float(np.sum((problem.residual[fold] - problem.lags[fold] @ beta) ** 2))
    return error


def estimate(lags: FloatArray, residual: FloatArray, shapes: Shapes) -> FloatArray:
    """Kernel per class and lag, shape (columns,), >= 0."""
    return solve(*moments(lags, residual), shapes)


def solve(gram: FloatArray, cross: FloatArray, shapes: Shapes) -> FloatArray:
    """Non-negative smooth least squares from the moments: minimise b'Gb - 2c'b + penalty with b >= 0.

    The penalty is on second differences of each class's kernel, which ends at zero, in proportion to the class's own information
    (`penalty`). A class without any is 0, and so are lags that its shape leaves out.

    Args:
        gram: Gram matrix, shape (columns, columns), or one for each of several problems, shape (problems, columns, columns).
        cross: cross products of each, shape (columns,) or (problems, columns).
        shapes: the kernels' shapes, the same for all.
    """
    crosses = cross.reshape(-1, cross.shape[-1])
    held, free = held_back(gram, [shapes] * len(crosses))
    return least_squares_not_negative(held, np.where(free, crosses, 0.0)).reshape(cross.shape)


def held_back(gram: FloatArray, candidates: Sequence[Shapes]) -> tuple[FloatArray, BoolArray]:
    """Gram matrices with the penalties on them, and which lags may bring something.

    Args:
        gram: of all lags, shape (columns, columns), or one for each of the candidates.
        candidates: shapes, each for all classes.

    Returns:
        Matrices of shape (candidates, columns, columns), with 1 on the diagonal and 0 beside it for lags that bring nothing; and
        which lags may bring something, shape (candidates, columns).
    """
    count, columns = len(candidates), gram.shape[-1]
    width = columns // len(candidates[0])
    held = np.array(np.broadcast_to(gram, (count, columns, columns)))
    free = np.zeros((count, columns), dtype=bool)
    for position in range(len(candidates[0])):
        block = slice(position * width, (position + 1) * width)
        shapes = [together[position] for together in candidates]
        size = np.trace(held[:, block, block], axis1=1, axis2=2) / width
        held[:, block, block] += size[:, None, None] * np.array([penalty(width, shape) for shape in shapes])
        free[:, block] = (size > 0.0)[:, None] & np.array([_may_bring(width, shape) for shape in shapes])
    return np.where(free[:, :, None] & free[:, None, :], held, np.eye(columns)), free


@lru_cache(maxsize=256)
def _may_bring(width: int, shape: Shape) -> BoolArray:
    return np.isin(np.arange(width), shape.lags)


def moments(lags: FloatArray, residual: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gram matrix of the lags and their cross products with the residual."""
    return in_blocks(lags).normal_equations(np.ones(len(residual)), residual)


@lru_cache(maxsize=256)
def penalty(width: int, shape: Shape) -> FloatArray:
    """Penalty on a kernel of that many lags, each in units of what is expected of it."""
    expected = shape.fading ** (np.arange(width) / 2.0)
    return roughness(width, shape.smoothness) / np.outer(expected, expected)


@lru_cache(maxsize=64)
def roughness(width: int, smoothness: float) -> FloatArray:
    """Penalty on second differences of a kernel of that many lags that goes on as zero, and a little on its size."""
    differences = np.diff(np.eye(width + 2), n=2, axis=0)[:, :width]
    return np.asarray(smoothness * differences.T @ differences + _SHRINK * np.eye(width))
