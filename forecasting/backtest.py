"""Rolling-origin backtest: every candidate forecasts from past nights as it would have then, and is measured by what came.

At each origin the panel ends with the origin's date: days left out, leads of claims and level corrections are found anew from
what was known then. What the numbers are measured by is known now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from enterprise.settings import Event
from forecasting.calendar import FloatArray, IntArray
from forecasting.candidates.candidate import Candidate
from forecasting.cleaning import clean
from forecasting.panel import Panel

ORIGINS = 22
STEP_DAYS = 9
"""Days between origins: not a multiple of seven, so that every lead meets every weekday."""
SHORT_STEP_DAYS = 4
"""The same where history is too short for so many origins: they overlap more, but there are some."""
FEWEST_DAYS_BEFORE = 42

ClaimContacts = Callable[[Panel], pd.DataFrame]
"""Gives, from what a panel's as-of date knew, the contacts that claims bring per date (past and future) and queue."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts of past nights beside what came.

    Attributes:
        queues: queue ids, last axis of the arrays.
        origins: as-of dates, latest first; second-last axis but one.
        forecasts: per candidate: origins x horizon x queues; NaN where it took no part or the day is not yet known.
        actual: origins x horizon x queues, NaN where not known, closed or faulty.
    """

    queues: tuple[str, ...]
    origins: tuple[date, ...]
    forecasts: dict[str, FloatArray]
    actual: FloatArray

    @property
    def lead_days(self) -> IntArray:
        """Lead of each entry of `actual` without the queues' axis: origins x horizon."""
        horizon = self.actual.shape[1]
        return np.broadcast_to(np.arange(1, horizon + 1), (len(self.origins), horizon)).copy()

    def of(self, queues: Sequence[str]) -> Backtest:
        """The backtest of these queues; those that are not in it have forecast nothing and nothing of them is known."""
        place = {queue: column for column, queue in enumerate(self.queues)}
        columns = [place.get(queue, len(place)) for queue in queues]

        def chosen(values: FloatArray) -> FloatArray:
            return np.concatenate([values, np.full((*values.shape[:2], 1), np.nan)], axis=2)[:, :, columns]

        forecasts = {name: chosen(forecast) for name, forecast in self.forecasts.items()}
        return Backtest(tuple(queues), self.origins, forecasts, chosen(self.actual))

    def took_part(self, name: str, queue: int) -> np.ndarray:
        """Origins in which a candidate forecast a queue."""
        return np.asarray(np.isfinite(self.forecasts[name][:, :, queue]).any(axis=1))


def origin_dates(panel: Panel, origins: int = ORIGINS, step_days: int | None = None) -> list[date]:
    """As-of dates of a backtest, latest first: days before the panel's, and six weeks after its start.

    Args:
        panel: history as known now.
        origins: how many at most.
        step_days: days between them; by default nine, or four where history is too short for `origins` of these.
    """
    if step_days is None:
        step_days = STEP_DAYS if panel.past >= FEWEST_DAYS_BEFORE + STEP_DAYS * origins else SHORT_STEP_DAYS
    rows = [panel.past - 1 - step_days * number for number in range(1, origins + 1)]
    return [panel.dates[row] for row in rows if row + 1 >= FEWEST_DAYS_BEFORE]


def run_backtest(
    panel: Panel,
    actual: FloatArray,
    candidates: Sequence[Candidate],
    *,
    from_claims: ClaimContacts | None = None,
    events: Sequence[Event] = (),
    origins: Sequence[date] | None = None,
) -> Backtest:
    """Let every candidate forecast from every origin.

    Args:
        panel: history as known now.
        actual: past x queues, what to measure by; NaN where a number is wrong.
        candidates: models; costly ones take part in one origin of `every`.
        from_claims: what claims bring, asked anew at each origin; None for no leads.
        events: known events, whose days are left out of fitting.
        origins: as-of dates, latest first; by default those of `origin_dates`.
    """
    chosen = list(origins) if origins is not None else origin_dates(panel)
    horizon = panel.horizon
    shape = (len(chosen), horizon, len(panel.queues))
    forecasts = {candidate.name: np.full(shape, np.nan) for candidate in candidates}
    came = np.full(shape, np.nan)
    for number, origin in enumerate(chosen):
        then = panel.until(origin, horizon)
        if from_claims is not None:
            then = then.with_claims(from_claims(then))
        then, _ = clean(then, events)
        known = min(horizon, panel.past - then.past)
        came[number, :known] = actual[then.past : then.past + known]
        for candidate in candidates:
            if (number + 1) % candidate.every:
                continue
            forecast = candidate.forecast(then)[:known]
            enough = then.fit.sum(axis=0) >= candidate.minimum_days
            forecasts[candidate.name][number, :known] = np.where(enough, forecast, np.nan)
    return Backtest(panel.queues, tuple(chosen), forecasts, came)
