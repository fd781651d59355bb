"""Random numbers inside compiled loops: a splitmix64 stream and the three distributions the event simulations need.

numpy's Generator can be used in compiled code too, but makes every loop that touches it compile for seconds longer.

Source: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators"; Box and Muller (1958).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from demo.compiled import compiled

Stream = npt.NDArray[np.uint64]
"""One element: the state of a stream, changed by every draw."""


def new_stream(rng: np.random.Generator) -> Stream:
    """A stream whose start is drawn from `rng`."""
    return rng.integers(0, 2**63, 1, dtype=np.uint64)


@compiled
def uniform(stream: Stream) -> float:
    """A number in [0, 1).

    Example:
        >>> stream = new_stream(np.random.default_rng(1))
        >>> 0.0 <= uniform(stream) < 1.0
        True
    """
    stream[0] += np.uint64(0x9E3779B97F4A7C15)
    z = stream[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def exponential(stream: Stream) -> float:
    """An exponential number with mean 1."""
    return float(-np.log(1.0 - uniform(stream)))


@compiled
def lognormal(stream: Stream, mean: float, sigma: float) -> float:
    """A log-normal number with the given mean and standard deviation of its logarithm."""
    radius = np.sqrt(-2.0 * np.log(1.0 - uniform(stream)))
    normal = radius * np.cos(2.0 * np.pi * uniform(stream))
    return float(mean * np.exp(sigma * normal - sigma * sigma / 2.0))
