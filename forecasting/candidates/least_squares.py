"""Penalised reweighted least squares on the log scale for all queues that share a calendar, at once.

What differs between queues is only the weight of each day, so the Gram matrices of all of them are one product: weights (queues x
days) times the products of every pair of columns (days x pairs). Fitting 500 queues so takes as long as a few of them alone.
Products go by tiles: a queue's digits depend neither on those beside it nor on the number of cores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import BoolArray, FloatArray
from forecasting.linear import Tiles

LOWEST_VARIATION, HIGHEST_VARIATION = 0.001, 1.0
LOWEST_MEAN = 1e-3
_FIRST_VARIATION = 0.02
_HUBER = 3.0
_ITERATIONS = 12
_CONVERGED = 1e-5
_MAD_TO_SIGMA = 1.4826
_STEP_LIMIT = 3.0
_SMALLEST_SCALE = 0.5


@dataclass(frozen=True, eq=False)
class Series:
    """Days of some queues, one row per queue.

    Attributes:
        own: contacts without those that claims bring; 0 where not to be fitted on.
        claims: contacts that claims bring.
        weight: 0 where the day may not be fitted on, less than 1 where it is long ago.
    """

    own: FloatArray
    claims: FloatArray
    weight: FloatArray

    def of(self, queues: BoolArray) -> Series:
        """Some of the queues."""
        return Series(self.own[queues], self.claims[queues], self.weight[queues])


class Pairs:
    """Products of every pair of a matrix' columns, from which weighted Gram matrices are one multiplication away.

    Example:
        >>> gram, cross = Pairs(np.array([[1.0, 2.0], [3.0, 4.0]])).normal_equations(np.ones((1, 2)), np.ones((1, 2)))
        >>> gram.tolist(), cross.tolist()
        ([[[10.0, 14.0], [14.0, 20.0]]], [[4.0, 6.0]])
    """

    def __init__(self, matrix: FloatArray) -> None:
        """Multiply every pair of columns; `matrix` is days x columns."""
        self._columns = matrix.shape[1]
        self._first, self._second = np.triu_indices(self._columns)
        self._products = Tiles(matrix[:, self._first] * matrix[:, self._second])
        self._matrix, self._transposed = Tiles(matrix), Tiles(matrix.T)

    def times(self, coefficients: FloatArray) -> FloatArray:
        """Queues x days: the matrix times each row of `coefficients`."""
        return self._transposed.after(coefficients)

    def normal_equations(self, weight: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weighted Gram matrix and weighted cross products of each row of `weight` and `target` (queues x days)."""
        gram = np.empty((len(weight), self._columns, self._columns))
        found = self._products.after(weight)
        gram[:, self._first, self._second] = found
        gram[:, self._second, self._first] = found
        return gram, self._matrix.after(weight * target)


def fit_together(
    matrix: FloatArray, series: Series, penalty: FloatArray, prior: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fit the log of every queue's mean as a linear function of the matrix' columns.

    Args:
        matrix: days x columns, the same for all queues.
        series: what came.
        penalty: queues x columns, how strongly coefficients are held at zero, in days of evidence.
        prior: columns, inverse prior variance of the coefficients.
        start: queues x columns, coefficients to start from.

    Returns:
        Coefficients (queues x columns), and per queue phi: the squared coefficient of variation of days beyond Poisson.
    """
    pairs = Pairs(matrix)
    coefficients = start.copy()
    variation = np.full(len(start), _FIRST_VARIATION)
    linear = pairs.times(coefficients)
    busy = np.ones(len(start), dtype=bool)
    diagonal = np.arange(matrix.shape[1])
    for _ in range(_ITERATIONS):
        now = series.of(busy)
        phi = variation[busy, None]
        mean = np.maximum(np.exp(linear[busy]), LOWEST_MEAN)
        total = mean + now.claims
        variance = total + phi * total**2
        residual = now.own - mean
        robust = now.weight * _robust_weight(np.abs(residual) / np.sqrt(variance), now.weight > 0.0)
        # Weights in days of a queue so large that chance does not matter: the penalty then means the same for all.
        weight = robust * phi * mean**2 / variance
        working = linear[busy] + np.clip(residual / mean, -_STEP_LIMIT, _STEP_LIMIT)
        gram, cross = pairs.normal_equations(weight, working)
        gram[:, diagonal, diagonal] += penalty[busy] + phi * prior
        coefficients[busy] = np.linalg.solve(gram, cross[..., None])[..., 0]
        found = pairs.times(coefficients[busy])
        change = np.where(now.weight > 0.0, np.abs(found - linear[busy]), 0.0).max(axis=1)
        linear[busy] = found
        variation[busy] = _extra_variation(residual, total, robust)
        busy[busy] = change >= _CONVERGED
        if not busy.any():
            break
    return coefficients, variation


def _robust_weight(standard: FloatArray, known: BoolArray) -> FloatArray:
    """Huber's weight of each day, by the queue's own scale (median absolute error)."""
    ordered = np.sort(np.where(known, standard, np.inf), axis=1)
    count = np.maximum(known.sum(axis=1), 1)
    row = np.arange(len(ordered))
    median = 0.5 * (ordered[row, (count - 1) // 2] + ordered[row, count // 2])
    scale = np.maximum(_MAD_TO_SIGMA * median, _SMALLEST_SCALE)[:, None]
    return np.asarray(np.minimum(1.0, _HUBER * scale / np.maximum(standard, 1e-9)), dtype=np.float64)


def _extra_variation(residual: FloatArray, total: FloatArray, weight: FloatArray) -> FloatArray:
    """Phi by moments: squared residuals beyond what Poisson leaves, over squared means."""
    excess = (weight * (residual**2 - total)).sum(axis=1) / np.maximum((weight * total**2).sum(axis=1), 1e-9)
    return np.asarray(np.clip(excess, LOWEST_VARIATION, HIGHEST_VARIATION), dtype=np.float64)
