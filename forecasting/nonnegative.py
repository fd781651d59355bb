"""Least squares without negative coefficients, from the moments alone.

Source: Bro and de Jong (1997), "A fast non-negativity-constrained least squares algorithm", Journal of Chemometrics 11. SciPy's
`nnls` takes a factor of the Gram matrix instead; on such factors it now and then stops at a point that is no minimum.
"""

from __future__ import annotations

import numpy as np

from forecasting.calendar import FloatArray

_TOLERANCE = 1e-10
_ROUNDS_PER_COLUMN = 10


def least_squares_not_negative(gram: FloatArray, cross: FloatArray) -> FloatArray:
    """Minimise b'Gb - 2c'b with b >= 0.

    Args:
        gram: positive definite matrix G, shape (columns, columns).
        cross: vector c, shape (columns,).

    Example:
        >>> least_squares_not_negative(np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([2.0, -1.0])).tolist()
        [1.0, 0.0]
    """
    if not len(cross):
        return np.zeros(0)
    # Start from what is positive without the constraint: most coefficients stay on their side.
    free = np.linalg.solve(gram, cross) > 0.0
    best = _of_free(gram, cross, free)
    while (best[free] <= 0.0).any():
        free &= best > 0.0
        best = _of_free(gram, cross, free)
    tolerance = _TOLERANCE * float(np.abs(cross).max())
    for _ in range(_ROUNDS_PER_COLUMN * len(cross)):
        gain = np.where(free, -np.inf, cross - gram @ best)
        entering = int(np.argmax(gain))
        if gain[entering] <= tolerance:
            break
        free[entering] = True
        wanted = _of_free(gram, cross, free)
        while (wanted[free] <= 0.0).any():
            # Go toward the wanted point until the first coefficient meets zero; that one is free no more.
            leaving = np.flatnonzero(free & (wanted <= 0.0))
            step = best[leaving] / np.maximum(best[leaving] - wanted[leaving], np.finfo(np.float64).tiny)
            best = best + float(step.min()) * (wanted - best)
            gone = leaving[step == step.min()]
            free[gone], best[gone] = False, 0.0
            wanted = _of_free(gram, cross, free)
        best = wanted
    return best


def _of_free(gram: FloatArray, cross: FloatArray, free: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> FloatArray:
    """The unconstrained minimum over the free coefficients, the others at 0."""
    result = np.zeros(len(cross))
    if free.any():
        result[free] = np.linalg.solve(gram[np.ix_(free, free)], cross[free])
    return result
