"""Kernels as the days leave them open: many of them drawn, each as likely as it is probable.

The shape is drawn by its probability (`forecasting.kernel_shape`), the size of the errors and the kernel by theirs given the
shape, all drivers' together. A drawn kernel that is somewhere negative becomes the nearest that is not, by what the days can tell
apart. The kernel taken has at each lag the median of those drawn, which strays least from the true one; its interval holds the
middle 90 %. See docs/decisions/0022.
Source: Gelman et al. (2013), "Bayesian data analysis", section 14.2; Bardsley, Fox (2012), "An MCMC method for uncertainty
quantification in nonnegativity constrained inverse problems", Inverse Problems in Science and Engineering 20; Nychka (1988),
"Bayesian confidence intervals for smoothing splines", JASA 83.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forecasting.calendar import FloatArray, IntArray
from forecasting.kernel import Problem, Shapes, held_back, moments
from forecasting.kernel_shape import probable_shapes
from forecasting.nonnegative import least_squares_not_negative

_DRAWS = 300
_INTERVAL = (0.05, 0.95)


class DrawnKernel(NamedTuple):
    """Contacts per unit by driver and lag, the lags of the drivers side by side, each of shape (columns,).

    Attributes:
        median: what is taken, >= 0.
        low: the kernel lies between this and `high` with 90 % certainty, lag by lag.
        high: see there.
    """

    median: FloatArray
    low: FloatArray
    high: FloatArray


def drawn_kernel(problem: Problem, lags: FloatArray, seed: int) -> DrawnKernel:
    """The kernel and its interval.

    Args:
        problem: what makes shapes probable.
        lags: its lags, some columns of which may be 0.
        seed: seeds the draws; with the same one, nights and queues differ only by what their days tell.

    Example:
        >>> from forecasting.kernel import make_problem
        >>> values = np.random.default_rng(1).poisson(9.0, 200).astype(float)
        >>> exposed = np.column_stack([values, np.roll(values, 1)])
        >>> offered = 50.0 + 2.0 * exposed[:, 1] + np.random.default_rng(2).normal(0.0, 1.0, 200)
        >>> made = make_problem(offered, np.eye(7)[np.arange(200) % 7], exposed, 1)
        >>> found = drawn_kernel(made, made.lags, 1)
        >>> found.median.round(1).tolist(), (found.low[1] < 2.0 < found.high[1]).item()
        ([0.0, 2.0], True)
    """
    low, median, high = np.quantile(_draws(problem, lags, seed), [_INTERVAL[0], 0.5, _INTERVAL[1]], axis=0)
    return DrawnKernel(median, low, high)


def _draws(problem: Problem, lags: FloatArray, seed: int) -> FloatArray:
    """Kernels >= 0, shape (draws, columns)."""
    rng = np.random.default_rng(seed)
    gram, cross = moments(lags, problem.residual)
    squares = float(problem.residual @ problem.residual)
    errors = rng.chisquare(problem.free_days, _DRAWS)
    chance = rng.standard_normal((_DRAWS, len(cross)))
    shapes, number = _drawn_shapes(problem, rng)
    held, free = held_back(gram, shapes)
    pull = np.where(free, cross, 0.0)
    explained = (pull * np.linalg.solve(held, pull[..., None])[..., 0]).sum(axis=1)
    left = np.maximum(squares - explained, 0.0)  # rounded, where the driver explains all
    # Moved by so much in what it is pulled to, the minimum moves as the kernel is uncertain: by the inverse of `held`.
    moved = np.matmul(np.linalg.cholesky(held)[number], np.where(free[number], chance, 0.0)[..., None])[..., 0]
    size = np.sqrt(left[number] / errors)[:, None]
    return least_squares_not_negative(held[number], pull[number] + size * moved)


def _drawn_shapes(problem: Problem, rng: np.random.Generator) -> tuple[list[Shapes], IntArray]:
    """Shapes of all drivers, each as often as it is probable: those that are drawn, and which of them each draw has."""
    places = (np.arange(_DRAWS) + 0.5) / _DRAWS
    by_driver = []
    for probable in probable_shapes(problem):
        shapes, weights = list(probable), np.array(list(probable.values()))
        picked = np.minimum(np.searchsorted(np.cumsum(weights), places), len(shapes) - 1)
        by_driver.append([shapes[pick] for pick in rng.permutation(picked)])
    numbers: dict[Shapes, int] = {}
    number = [numbers.setdefault(together, len(numbers)) for together in zip(*by_driver, strict=True)]
    return list(numbers), np.array(number)
