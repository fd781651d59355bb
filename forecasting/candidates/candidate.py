"""What every candidate is: a panel in, expected contacts per future day and queue out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forecasting.calendar import FloatArray
from forecasting.panel import Panel

Forecaster = Callable[[Panel], FloatArray]
"""Takes a panel; gives horizon x queues: expected contacts, those that claims bring included; 0 where the queue takes none.

NaN where the candidate cannot say anything (no history to fit on). Pure: the same panel gives the same numbers.
"""


@dataclass(frozen=True)
class Candidate:
    """One competing model.

    Attributes:
        name: as it stands in the leaderboard.
        forecast: the model.
        every: how many backtest origins there are to one that this candidate takes part in; 1 is all, more for costly models.
        minimum_days: days to fit on below which it takes no part for a queue.
        is_simple: whether it is a seasonal mean, which stays champion unless it is beaten.
    """

    name: str
    forecast: Forecaster
    every: int = 1
    minimum_days: int = 1
    is_simple: bool = False
