"""The distribution of handle times that history shows, as multiples of their mean: resampled, or fitted where it is thin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from staffing.doors import FloatArray

GRID = tuple((place + 0.5) / 500 for place in range(500))
"""Probabilities of the quantiles that stand for a distribution."""
OBSERVED = (
    "SELECT queue_id, count(*) AS contacts, "
    "coalesce(sqrt(greatest(sum(log * log)::DOUBLE - sum(log)::DOUBLE * sum(log)::DOUBLE / count(*), 0) "
    "/ nullif(count(*) - 1, 0)), 0) / 1e6 AS log_deviation, quantile_cont(handle_seconds, $grid) AS quantiles "
    "FROM (SELECT queue_id, handle_seconds, round(1e6 * ln(handle_seconds))::BIGINT AS log FROM contacts "
    "WHERE outcome = 'answered' AND handle_seconds > 0) GROUP BY queue_id ORDER BY queue_id"
).replace("$grid", str(list(GRID)))
"""What `handle_times` takes, asked of the table `contacts`. Logarithms are whole millionths: sums of these know no order."""
ENOUGH_TO_RESAMPLE = 500
ENOUGH_TO_FIT = 30


@dataclass(frozen=True, eq=False)
class HandleTimes:
    """Handle times over their mean, and where they come from in words."""

    factors: FloatArray
    words: str


def handle_times(observed: pd.DataFrame) -> dict[str, HandleTimes]:
    """The distribution per queue.

    Args:
        observed: one row per queue: `queue_id`, `contacts` (answered, with a handle time above 0), `log_deviation` (standard
            deviation of the logarithms) and `quantiles` (of the seconds, at the probabilities of `GRID`).

    Returns:
        By queue, scaled to mean 1. Fewer than 500 contacts become a log-normal distribution of the same spread, fewer than 30
        one of the spread that all such queues together show; a queue without contacts, while no other has any, is left out.

    Example:
        >>> rows = pd.DataFrame({"queue_id": ["a"], "contacts": [100], "log_deviation": [0.5], "quantiles": [[]]})
        >>> found = handle_times(rows)["a"]
        >>> round(float(found.factors.mean()), 6), found.words
        (1.0, 'handle times log-normal like those of 100 contacts')
    """
    enough = observed[observed["contacts"] >= ENOUGH_TO_FIT]
    usual = float(np.average(enough["log_deviation"], weights=enough["contacts"])) if len(enough) else None
    found = {}
    for row in observed.to_dict("records"):
        contacts = int(row["contacts"])
        if contacts >= ENOUGH_TO_RESAMPLE:
            factors = np.asarray(row["quantiles"], dtype=np.float64)
            words = f"handle times resampled from {contacts} contacts"
        elif contacts >= ENOUGH_TO_FIT:
            factors, words = _lognormal(row["log_deviation"]), f"handle times log-normal like those of {contacts} contacts"
        elif usual is not None:
            factors, words = _lognormal(usual), "handle times log-normal with the spread of the other queues: too few of its own"
        else:
            continue
        found[str(row["queue_id"])] = HandleTimes(factors / factors.mean(), words)
    return found


def _lognormal(deviation: float) -> FloatArray:
    factors: FloatArray = np.exp(deviation * ndtri(np.asarray(GRID)))
    return factors
