"""The lag kernel: contacts that one claim brings so many days later, estimated together with the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from forecasting.calendar import FloatArray
from forecasting.linear import cross_products, in_blocks, tall_times
from forecasting.nonnegative import least_squares_not_negative

_CALENDAR_RIDGE = 1e-3
_SMOOTHNESS = (0.001, 0.01, 0.1, 1.0, 10.0)
_FLOORS = (0.0, 0.1)
_FOLDS = 5
_SHRINK = 1e-4


class Shape(NamedTuple):
    """What a kernel is to look like.

    Attributes:
        smoothness: weight of its second differences.
        floor: share of its highest lag below which a lag is 0.
    """

    smoothness: float
    floor: float = 0.0


@dataclass(frozen=True, eq=False)
class Problem:
    """Contacts and what may explain them, with the calendar's part taken out of both (Frisch-Waugh-Lovell).

    Attributes:
        residual: weighted contacts less their calendar part, shape (rows,).
        lags: weighted exposures less their calendar part, shape (rows, columns); the classes' lags side by side.
        basis: orthonormal basis of the weighted calendar.
        root_weights: square roots of the weights, shape (days,).
        classes: number of claim classes; columns = classes x (K + 1).
    """

    residual: FloatArray
    lags: FloatArray
    basis: FloatArray
    root_weights: FloatArray
    classes: int

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Gram matrix of the lags and their cross products with the residual: all that `solve` needs."""
        return moments(self.lags, self.residual)

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
        weighted = self.root_weights[:, None] * exposed
        days = len(weighted)
        explained = cross_products(self.basis[:days], weighted)
        with_others = cross_products(self.lags[:days], weighted)
        gram, cross = whole[0].copy(), whole[1].copy()
        gram[block] = with_others.T
        gram[:, block] = with_others
        gram[block, block] = cross_products(weighted, weighted) - explained.T @ explained
        cross[block] = cross_products(weighted, self.residual[:days, None])[:, 0]
        return gram, cross

    def _without_calendar(self, exposed: FloatArray) -> FloatArray:
        rows = np.zeros((self.basis.shape[0], exposed.shape[1]))
        rows[: len(exposed)] = self.root_weights[:, None] * exposed
        return rows - tall_times(self.basis, cross_products(self.basis, rows))


def make_problem(offered: FloatArray, design: FloatArray, exposed: FloatArray, classes: int) -> Problem:
    """Set up the joint estimation on the linear scale.

    contacts(t) = calendar(t) . g + sum over classes c and lags k of beta(c, k) x exposure(c, k, t) + noise, with noise in
    proportion to the square root of the level. Calendar and lags are estimated together: a common weekday pattern is not a lead.

    Args:
        offered: contacts per usable day, shape (days,).
        design: calendar columns of these days, without an intercept.
        exposed: exposures of these days, shape (days, classes x (K + 1)).
        classes: number of claim classes.
    """
    calendar = with_level(design)
    ridge = np.sqrt(_CALENDAR_RIDGE * len(offered)) * np.eye(calendar.shape[1])
    ridge[0, 0] = 0.0  # the level itself is not held back
    level = np.maximum(np.convolve(np.pad(offered, 14, mode="edge"), np.full(29, 1 / 29), "valid"), 1.0)
    root_weights = np.sqrt(level.mean() / level)  # around 1, so that the ridge is small beside the data whatever the volume
    stacked = np.vstack([root_weights[:, None] * calendar, ridge])
    # The Cholesky factor of the Gram matrix makes its columns orthonormal; the ridge keeps it well conditioned.
    factor = np.linalg.cholesky(cross_products(stacked, stacked))
    basis = tall_times(stacked, np.linalg.inv(factor).T)
    rows = np.zeros((len(basis), 1))
    rows[: len(offered), 0] = root_weights * offered
    problem = Problem(
        (rows - tall_times(basis, cross_products(basis, rows)))[:, 0], np.empty((len(basis), 0)), basis, root_weights, classes
    )
    return Problem(problem.residual, problem._without_calendar(exposed), basis, root_weights, classes)


def with_level(design: FloatArray) -> FloatArray:
    """The calendar's columns with a level and a trend in front."""
    days = np.linspace(-1.0, 1.0, len(design)) if len(design) > 1 else np.zeros(len(design))
    return np.column_stack([np.ones(len(design)), days, design])


def choose_shape(problem: Problem) -> tuple[Shape, float]:
    """The kernel's shape by cross-validation over contiguous blocks of time, and the sum of squared errors left."""
    rows = np.array_split(np.arange(len(problem.root_weights)), _FOLDS)
    whole = problem.moments()
    held_out = [moments(problem.lags[fold], problem.residual[fold]) for fold in rows]
    errors = []
    shapes = [Shape(smoothness, floor) for floor in _FLOORS for smoothness in _SMOOTHNESS]
    for shape in shapes:
        error = 0.0
        for fold, (gram, cross) in zip(rows, held_out, strict=True):
            beta = solve(whole[0] - gram, whole[1] - cross, problem.classes, shape)
            error += float(np.sum((problem.residual[fold] - problem.lags[fold] @ beta) ** 2))
        errors.append(error)
    best = int(np.argmin(errors))
    return shapes[best], errors[best]


def estimate(lags: FloatArray, residual: FloatArray, classes: int, shape: Shape) -> FloatArray:
    """Kernel per class and lag, shape (columns,), >= 0."""
    return solve(*moments(lags, residual), classes, shape)


def solve(gram: FloatArray, cross: FloatArray, classes: int, shape: Shape) -> FloatArray:
    """Non-negative smooth least squares from the moments: minimise b'Gb - 2c'b + penalty with b >= 0.

    The penalty is on second differences of each class's kernel, which ends at zero, in proportion to the class's own information.
    A class without any is 0. Lags below the shape's floor are then set to 0 and the others estimated again: what noise leaves
    of a kernel all over its lags adds up.
    """
    width = len(cross) // classes
    penalised = gram.copy()
    informed = np.repeat(gram.diagonal().reshape(classes, width).sum(axis=1) > 0.0, width)
    for position in range(classes):
        block = slice(position * width, (position + 1) * width)
        size = float(np.trace(gram[block, block])) / width
        penalised[block, block] += size * (shape.smoothness * _roughness(width) + _SHRINK * np.eye(width))
    beta = np.zeros(len(cross))
    beta[informed] = least_squares_not_negative(penalised[np.ix_(informed, informed)], cross[informed])
    if shape.floor <= 0.0:
        return beta
    highest = np.repeat(beta.reshape(classes, width).max(axis=1), width)
    kept = (beta > 0.0) & (beta >= shape.floor * highest)
    again = np.zeros(len(cross))
    again[kept] = least_squares_not_negative(penalised[np.ix_(kept, kept)], cross[kept])
    return again


def moments(lags: FloatArray, residual: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gram matrix of the lags and their cross products with the residual."""
    return in_blocks(lags).normal_equations(np.ones(len(residual)), residual)


@lru_cache(maxsize=8)
def _roughness(width: int) -> FloatArray:
    """Second differences of a kernel of that many lags that goes on as zero."""
    differences = np.diff(np.eye(width + 2), n=2, axis=0)[:, :width]
    return np.asarray(differences.T @ differences)
