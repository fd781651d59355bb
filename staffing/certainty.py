"""What certainty costs: hours and money of one queue's plan at every probability of meeting its goal. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from enterprise.queues import Queue
from staffing.doors import FloatArray, IntArray
from staffing.shrinkage import scheduled_staff

PROBABILITIES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Where the curve is drawn, beside the settings' own probability."""


def probabilities_of(goal_probability: float) -> list[float]:
    """The curve's probabilities, the settings' own among them, rising.

    Example:
        >>> probabilities_of(0.85)
        [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95]
    """
    return sorted({*PROBABILITIES, goal_probability})


def certainty_rows(
    queue: Queue, probabilities: Sequence[float], positions: Sequence[IntArray], open_seconds: FloatArray
) -> pd.DataFrame:
    """The curve of one queue over the whole horizon.

    Args:
        queue: its settings.
        probabilities: rising.
        positions: per probability the positions of every interval; more certainty never takes fewer.
        open_seconds: open seconds of every interval.

    Returns:
        queue_id, goal_probability, position_hours, staff_hours, cost and peak_scheduled_staff, a row per probability.
    """
    hours = open_seconds / 3600.0
    rows = []
    least: IntArray = np.zeros(len(hours), dtype=np.int64)
    for probability, needed in zip(probabilities, positions, strict=True):
        least = np.maximum(least, needed)
        people = np.where(hours > 0, scheduled_staff(least, queue.shrinkage).staff, 0)
        staff_hours = float(people @ hours)
        rows.append(
            {
                "queue_id": queue.id,
                "goal_probability": probability,
                "position_hours": float(least @ hours),
                "staff_hours": staff_hours,
                "cost": staff_hours * queue.hourly_cost,
                "peak_scheduled_staff": int(people.max(initial=0)),
            }
        )
    return pd.DataFrame(rows)
