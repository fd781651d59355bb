"""Least squares without negative coefficients, from the moments alone, of many problems at once.

Source: Portugal, Júdice, Vicente (1994), "A comparison of block pivoting and interior-point algorithms for linear least squares
problems with nonnegative variables", Mathematics of Computation 63; Kim, Park (2011), "Fast nonnegative matrix factorization: an
active-set-like method and comparisons", SIAM Journal on Scientific Computing 33. SciPy's `nnls` takes a factor of the Gram matrix
instead; on such factors it now and then stops at a point that is no minimum.
"""

from __future__ import annotations

import numpy as np

from forecasting.calendar import BoolArray, FloatArray

_TOLERANCE = 1e-10
_ROUNDS_PER_COLUMN = 10
_PATIENCE = 3
"""Exchanges of whole blocks that may bring nothing before coefficients are exchanged one by one, which always ends."""


def least_squares_not_negative(gram: FloatArray, cross: FloatArray) -> FloatArray:
    """Minimise b'Gb - 2c'b with b >= 0.

    At first all coefficients are free. Those that stand on the wrong side change sides together: what is negative is held at
    zero, and what is held there and would gain is let go. A handful of rounds is enough; a round solves all that are not done.

    Args:
        gram: positive definite matrices G, shape (..., columns, columns).
        cross: vectors c, shape (..., columns).

    Returns:
        The minimum of each, of the shape of `cross`; no problem's digits depend on those beside it.

    Example:
        >>> least_squares_not_negative(np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[2.0, -1.0], [3.0, 3.0]])).tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """
    columns = cross.shape[-1]
    result = np.zeros((cross.size // max(columns, 1), columns))
    if not result.size:
        return np.zeros(cross.shape)
    grams = np.broadcast_to(gram, (*cross.shape, columns)).reshape(-1, columns, columns)
    crosses = cross.reshape(-1, columns)
    tolerance = _TOLERANCE * np.abs(crosses).max(axis=1, keepdims=True)
    free = np.ones(result.shape, dtype=bool)
    fewest, patience = np.full(len(result), columns + 1), np.full(len(result), _PATIENCE)
    left = np.arange(len(result))
    for _ in range(_ROUNDS_PER_COLUMN * columns):
        best = _of_free(grams, crosses, free)
        result[left] = best
        gain = crosses - np.matmul(grams, best[..., None])[..., 0]
        wrong = np.where(free, best <= 0.0, gain > tolerance)
        number = wrong.sum(axis=1)
        busy = number > 0
        if not busy.any():
            break
        if not busy.all():
            left, grams, crosses, tolerance = left[busy], grams[busy], crosses[busy], tolerance[busy]
            free, wrong, number, fewest, patience = free[busy], wrong[busy], number[busy], fewest[busy], patience[busy]
        fewer = number < fewest
        together = fewer | (patience > 0)
        patience = np.where(fewer, _PATIENCE, patience - 1)
        fewest = np.minimum(number, fewest)
        free = free ^ (wrong if together.all() else np.where(together[:, None], wrong, _last(wrong)))
    return np.maximum(result, 0.0).reshape(cross.shape)


def _of_free(grams: FloatArray, crosses: FloatArray, free: BoolArray) -> FloatArray:
    """The unconstrained minima over the free coefficients, the others at 0."""
    inside = free[:, :, None] & free[:, None, :]
    alone = np.where(inside, grams, np.eye(grams.shape[1]))
    return np.asarray(np.linalg.solve(alone, np.where(free, crosses, 0.0)[..., None])[..., 0], dtype=np.float64)


def _last(wrong: BoolArray) -> BoolArray:
    """Of each row the last that is wrong alone."""
    return np.asarray(wrong & (np.cumsum(wrong[:, ::-1], axis=1)[:, ::-1] == 1))
