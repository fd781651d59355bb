"""What no test of a day's count can do better than: the one that knows the true rate and how days vary."""

from __future__ import annotations

from scipy import stats

from enterprise.settings import Enterprise

NIGHTS_PER_ALARM = 30


def level_of(enterprise: Enterprise) -> float:
    """False alarm rate of one queue's count that makes one in 30 nights of all queues together."""
    return float(1 - (1 - 1 / NIGHTS_PER_ALARM) ** (1 / len(enterprise.queues)))


def count_power(mean: float, variance: float, ratio: float, level: float) -> float:
    """Probability that the count of a faulty day lies outside of what clean days bring.

    Args:
        mean: true expected count of the clean day.
        variance: relative variance of days beyond counting noise (of their hidden factor).
        ratio: faulty over clean count; below 1 rows are lost at random, above 1 they are multiplied.
        level: false alarm rate of the test, both sides together.

    Example:
        >>> round(count_power(20, 0.01, 0.7, 0.0026), 2), round(count_power(400, 0.005, 0.7, 0.0026), 2)
        (0.02, 0.8)
    """
    clean = _counts(mean, variance)
    low, high = clean.ppf(level / 2), clean.ppf(1 - level / 2)
    if ratio < 1:
        faulty = _counts(max(ratio * mean, 1e-6), variance)
        return float(faulty.cdf(low - 1) + faulty.sf(high))
    return float(clean.sf(high / ratio) + clean.cdf((low - 1) / ratio))


def _counts(mean: float, variance: float) -> stats.distributions.rv_frozen:
    shape = 1 / variance
    return stats.nbinom(shape, shape / (shape + mean))
