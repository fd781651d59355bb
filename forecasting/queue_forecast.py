"""The forecast of one queue, all parts together: champion, mean with its reasons, spread and handle time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from enterprise.errors import MODEL_FAILURES
from enterprise.settings import Event
from forecasting.backtest import Backtest
from forecasting.calendar import FloatArray, IntArray
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.regression import fit_regression
from forecasting.champion import Choice, choose_champion, mean_forecast
from forecasting.distribution import Spread, count_quantiles, fit_spread
from forecasting.drivers import Explained, explain
from forecasting.events import event_contacts
from forecasting.fallback import NAME, group_forecast
from forecasting.handle_time import HandleTime
from forecasting.panel import Panel

_HIGHEST_PER_SEEN = 20.0
"""A mean above so many times the highest day ever seen is a model gone wild; the seasonal mean is published instead."""


@dataclass(frozen=True, eq=False)
class QueueForecast:
    """One queue's forecast for the horizon.

    Attributes:
        queue_id: the queue.
        choice: champion and reasons.
        explained: mean per future day and its drivers.
        spread: how far days stray from the mean.
        handle_time: mean handle time.
        weekday_like: weekday that each future day resembles.
        lead_days: 1 .. horizon.
        data_until: last day whose contacts it rests on.
        data_warning: why recent days were left out, or a former forecast stands in; None when all is well.
    """

    queue_id: str
    choice: Choice
    explained: Explained
    spread: Spread
    handle_time: HandleTime
    weekday_like: IntArray
    lead_days: IntArray
    data_until: date | None = None
    data_warning: str | None = None

    @property
    def mean(self) -> FloatArray:
        """Contacts per future day."""
        return self.explained.mean

    @property
    def quantiles(self) -> FloatArray:
        """Published quantiles per future day."""
        return count_quantiles(self.mean, self.spread.at(self.lead_days))


def candidate_forecasts(panel: Panel, candidates: Sequence[Candidate]) -> dict[str, FloatArray]:
    """Tonight's forecast of every candidate; NaN for queues for which it has too little to learn from."""
    enough = {candidate.name: panel.fit.sum(axis=0) >= candidate.minimum_days for candidate in candidates}
    return {c.name: np.where(enough[c.name], c.forecast(panel), np.nan) for c in candidates}


def champion_backtest(backtest: Backtest, choice: Choice, queue: int) -> FloatArray:
    """What the champion would have forecast at each origin (origins x horizon), from the members that took part in it."""
    members = [name for name in choice.members if name in backtest.forecasts]
    if not members:
        return np.full(backtest.actual.shape[:2], np.nan)
    return mean_forecast({name: backtest.forecasts[name][:, :, queue] for name in members}, members)


def forecast_queue(
    panel: Panel,
    column: int,
    tonight: Mapping[str, FloatArray],
    backtest: Backtest,
    candidates: Sequence[Candidate],
    group: Sequence[int],
    handle_time: HandleTime,
    events: Sequence[Event],
    from_drivers: FloatArray | None = None,
) -> QueueForecast:
    """Choose the champion of one queue and put its forecast together.

    Args:
        panel: cleaned history with what claims bring.
        column: the queue, which has at least one day to fit on.
        tonight: forecasts of all candidates.
        backtest: their past forecasts.
        candidates: the candidates.
        group: columns of the same channel.
        handle_time: the queue's handle time.
        events: known events.
        from_drivers: the part of what the panel's leads bring per future day that is not claims'; None for none.
    """
    fit_days = int(panel.fit[:, column].sum())
    choice = choose_champion(backtest, column, candidates, fit_days)
    if choice.champion == NAME:
        total, spread = group_forecast(panel, column, group)
        reason = f"{choice.fallback_reason}; weekdays are mixed with those of its group"
        choice = replace(choice, fallback_reason=reason)
    else:
        total = mean_forecast({name: tonight[name][:, column] for name in choice.members}, choice.members)
        ceiling = _HIGHEST_PER_SEEN * float(np.nanmax(panel.offered[:, column]))
        if not np.isfinite(total).all() or total.max() > max(ceiling, 1.0):
            simple = next(c.name for c in candidates if c.is_simple and c.name.startswith("seasonal_mean"))
            total = tonight[simple][:, column]
            reason = f"{choice.champion} gave numbers far beyond anything seen; the seasonal mean is published instead"
            choice = Choice(simple, (simple,), choice.reasons | {simple: reason}, reason)
        spread = fit_spread(backtest.actual[:, :, column], champion_backtest(backtest, choice, column), backtest.lead_days)
    shift = panel.shifts.get(panel.queues[column])
    if shift is not None:
        spread = spread.wider(shift.extra_variation)
    from_leads = np.where(panel.takes_contacts[panel.past :, column], panel.from_claims[panel.past :, column], 0.0)
    total = np.maximum(total, 0.0)
    from_leads = np.minimum(from_leads, total)
    of_drivers = np.minimum(np.zeros(panel.horizon) if from_drivers is None else from_drivers, from_leads)
    own = total - from_leads
    fitted = fit_regression(panel, column)
    from_events = event_contacts(panel, column, own, fitted, events)
    by_models = any(candidate.name in choice.members and not candidate.is_simple for candidate in candidates)
    lead_days = np.arange(1, panel.horizon + 1)
    return QueueForecast(
        queue_id=panel.queues[column],
        choice=choice,
        explained=explain(panel, column, own, from_leads - of_drivers, of_drivers, from_events, fitted if by_models else None),
        spread=spread,
        handle_time=handle_time,
        weekday_like=panel.weekday_like(panel.queues[column])[panel.past :],
        lead_days=lead_days,
    )


def each_queue(queues: Sequence[str], make: Callable[[int, str], QueueForecast]) -> tuple[list[QueueForecast], dict[str, str]]:
    """The forecast of each queue by itself: one whose data break a model costs the others nothing.

    Args:
        queues: the queues.
        make: gives the forecast of a queue from its place and its id.

    Returns:
        The forecasts in the order of the queues, and queue -> why it has none.

    Raises:
        ValueError: or another of `MODEL_FAILURES`, if every queue fails.
    """
    made: list[QueueForecast] = []
    failed: dict[str, str] = {}
    for column, queue in enumerate(queues):
        try:
            made.append(make(column, queue))
        except MODEL_FAILURES as error:
            failed[queue] = failure_in_words(error)
            if len(failed) == len(queues):
                raise
    return made, failed


def failure_in_words(error: Exception) -> str:
    """Why a queue has no forecast, for the rows that it then has from an earlier plan."""
    return f"no model can take its data ({type(error).__name__}: {error})"
