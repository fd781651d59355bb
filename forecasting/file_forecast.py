"""A forecast from a file alone: no settings; what the settings would say is learnt from the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.errors import MODEL_FAILURES
from enterprise.holiday_calendar import HolidayCalendar
from forecasting.backtest import Backtest, origin_dates, run_backtest
from forecasting.calendar import IntArray, QueueCalendar
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.registry import CANDIDATES
from forecasting.champion import SHORT_HISTORY_DAYS, Choice
from forecasting.cleaning import Mark, clean, known_actuals
from forecasting.distribution import Spread
from forecasting.drivers import Explained
from forecasting.file_calendars import LearntQueue, learn_queues, queue_calendars
from forecasting.file_door import usable
from forecasting.file_history import FileHistory
from forecasting.file_notes import history_notes
from forecasting.handle_time import HandleTime
from forecasting.lead_words import VALUE
from forecasting.level_shift import LevelShift
from forecasting.panel import Panel, make_panel
from forecasting.queue_forecast import QueueForecast, candidate_forecasts, forecast_queue
from forecasting.rolling_leads import LeadSource

MAXIMUM_LAG_DAYS = 14
SEED = 20_261_112
ALL_ZERO = "all_zero"
FEWEST_AHEAD = 7
"""Days ahead on which models are compared at least: on tomorrow alone chance would choose, or leave too few days to compare."""
_MOST_FOR_COSTLY = 24
"""Queues, largest first, for which candidates that cost much are asked too."""
_LENDERS = 20
"""Queues of the same opening from which a short history learns weekdays: those with most days."""
_FEWEST_LENT_DAYS = 7
_NO_HANDLE_TIME = HandleTime(np.ones(7), 0.02, 0.0)


@dataclass(frozen=True, eq=False)
class FileForecast:
    """What is said about one file.

    Attributes:
        dates: the horizon, from the as-of date on.
        queues: what was learnt of each queue.
        forecasts: by queue.
        kernels: rows of every driver's kernel for every queue (`KERNEL_COLUMNS`).
        backtests: past forecasts, with the position of each queue in its own.
        tonight: mean per candidate and future day, by queue.
        calendars: of every queue to which anything came, past and future.
        notes: what was odd in the history, in words.
    """

    dates: tuple[date, ...]
    queues: Mapping[str, LearntQueue]
    forecasts: Mapping[str, QueueForecast]
    kernels: pd.DataFrame
    backtests: Mapping[str, tuple[Backtest, int]]
    tonight: Mapping[str, Mapping[str, np.ndarray]]
    calendars: Mapping[str, QueueCalendar]
    notes: tuple[str, ...]


def forecast_history(
    history: FileHistory,
    drivers: pd.DataFrame | None,
    holidays: HolidayCalendar | None,
    horizon: int,
    candidates: Sequence[Candidate] = CANDIDATES,
) -> FileForecast:
    """Forecast every queue of a file.

    Args:
        history: what came before the as-of date.
        drivers: value per date (index) and driver (columns), NaN where not known; None for none.
        holidays: the country's holidays, None if not known.
        horizon: days to forecast, >= 1; the first is the as-of date itself.
        candidates: competing models, at least one seasonal mean among them.

    Returns:
        A forecast for every queue, by an honest fallback where history is too short or odd for more.
    """
    if horizon < FEWEST_AHEAD:
        return _first_days(forecast_history(history, drivers, holidays, FEWEST_AHEAD, candidates), horizon)
    last_known = history.as_of - timedelta(days=1)
    dates = tuple(history.as_of + timedelta(days=ahead) for ahead in range(horizon))
    prepared = {name: usable(queue, last_known) for name, queue in history.queues.items()}
    queues = learn_queues(prepared, holidays, dates[-1])
    made: dict[str, QueueForecast] = {}
    kernels: list[pd.DataFrame] = []
    backtests: dict[str, tuple[Backtest, int]] = {}
    tonight: dict[str, Mapping[str, np.ndarray]] = {}
    calendars: dict[str, QueueCalendar] = {}
    marks: list[Mark] = []
    shifts: dict[str, LevelShift] = {}
    zero = [name for name, queue in queues.items() if not np.nansum(queue.history.daily) > 0]
    made |= {name: _nothing(name, horizon) for name in zero}
    for names, lenders, asked in _batches(queues, zero, candidates):
        panel = _panel({name: queues[name] for name in [*names, *lenders]}, last_known, horizon)
        made |= {name: _nothing(name, horizon) for name in names if name not in panel.queues}
        calendars |= panel.calendars
        if panel.queues:
            asked_for = [name for name in panel.queues if name not in lenders]
            batch = _forecast_batch(panel, asked_for, asked, drivers, queues)
            made |= batch.forecasts
            kernels += batch.kernels
            backtests |= batch.backtests
            tonight |= batch.tonight
            marks += batch.marks
            shifts |= batch.shifts
    rows = pd.concat(kernels, ignore_index=True) if kernels else pd.DataFrame()
    made = {name: made[name] for name in sorted(made)}
    notes = history_notes(history, queues, marks, shifts)
    return FileForecast(dates, queues, made, rows, backtests, tonight, calendars, notes)


@dataclass(frozen=True, eq=False)
class _Batch:
    forecasts: dict[str, QueueForecast]
    kernels: list[pd.DataFrame]
    backtests: dict[str, tuple[Backtest, int]]
    tonight: dict[str, Mapping[str, np.ndarray]]
    marks: list[Mark]
    shifts: dict[str, LevelShift]


def _batches(
    queues: Mapping[str, LearntQueue], zero: Sequence[str], candidates: Sequence[Candidate]
) -> list[tuple[list[str], list[str], tuple[Candidate, ...]]]:
    """Queues that go together, those they may learn from, and the candidates to ask.

    Costly candidates are asked for the largest queues, only simple ones for short histories, which learn weekdays from long ones.
    """
    left_out = set(zero)
    series = {name: queue.history.daily for name, queue in queues.items() if name not in left_out}
    short = sorted(name for name, daily in series.items() if np.isfinite(daily).sum() < SHORT_HISTORY_DAYS)
    long = sorted(set(series) - set(short), key=lambda name: (-float(np.nansum(series[name])), name))
    simple = tuple(candidate for candidate in candidates if candidate.is_simple)
    cheap = tuple(candidate for candidate in candidates if candidate.every == 1)
    lenders = [
        name
        for hours in sorted({queues[name].hours for name in short})
        for name in [other for other in long if queues[other].hours == hours][:_LENDERS]
    ]
    parts = [
        (sorted(long[:_MOST_FOR_COSTLY]), [], tuple(candidates)),
        (sorted(long[_MOST_FOR_COSTLY:]), [], cheap),
        (short, lenders, simple),
    ]
    return [part for part in parts if part[0]]


def _panel(queues: Mapping[str, LearntQueue], last_known: date, horizon: int) -> Panel:
    first = min(queue.history.first for queue in queues.values())
    calendars, designs = queue_calendars(queues, first, last_known + timedelta(days=horizon))
    frames = [
        pd.DataFrame(
            {
                "queue_id": name,
                "business_date": [queue.history.first + timedelta(days=k) for k in range(len(queue.history.daily))],
                "offered_contacts": queue.history.daily,
                "source_complete": True,
            }
        )
        for name, queue in queues.items()
    ]
    panel = make_panel(pd.concat(frames, ignore_index=True), calendars, designs, last_known, horizon)
    with_days = [name for column, name in enumerate(panel.queues) if panel.fit[:, column].any()]
    return panel if len(with_days) == len(panel.queues) else panel.only(with_days)


def _forecast_batch(
    panel: Panel,
    asked_for: Sequence[str],
    candidates: Sequence[Candidate],
    drivers: pd.DataFrame | None,
    queues: Mapping[str, LearntQueue],
) -> _Batch:
    """Forecast queues of a panel together; if a model fails over one of them, each goes its own way."""
    try:
        return _together(panel, asked_for, candidates, drivers, queues)
    except MODEL_FAILURES:
        if len(panel.queues) == 1:
            simple = [candidate for candidate in candidates if candidate.is_simple]
            return _together(panel, asked_for, simple, None, queues)
    parts = [_forecast_batch(panel.only([name]), [name], candidates, drivers, queues) for name in asked_for]
    result = _Batch({}, [], {}, {}, [], {})
    for part in parts:
        result.forecasts.update(part.forecasts)
        result.kernels.extend(part.kernels)
        result.backtests.update(part.backtests)
        result.tonight.update(part.tonight)
        result.marks.extend(part.marks)
        result.shifts.update(part.shifts)
    return result


def _together(
    panel: Panel,
    asked_for: Sequence[str],
    candidates: Sequence[Candidate],
    drivers: pd.DataFrame | None,
    queues: Mapping[str, LearntQueue],
) -> _Batch:
    kernels = []
    from_drivers = None
    known = panel
    if drivers is not None and not drivers.empty:
        source = LeadSource(drivers, tuple(asked_for), MAXIMUM_LAG_DAYS, SEED, VALUE)
        lead = source.estimate(panel)
        kernels = [lead.kernels]
        known = panel.with_claims(lead.contacts(panel.queues, panel.dates))
        from_drivers = source.for_backtest(panel, origin_dates(panel)) if any(lead.used.values()) else None
    cleaned, marks = clean(known)
    has_models = any(not candidate.is_simple for candidate in candidates)
    origins: list[date] | None = None if has_models else []
    backtest = run_backtest(panel, known_actuals(panel, marks), candidates, from_claims=from_drivers, origins=origins)
    tonight = candidate_forecasts(cleaned, candidates)
    lenders = _lenders(panel, queues)
    column_of = {name: panel.queues.index(name) for name in asked_for}
    forecasts = {
        name: forecast_queue(
            cleaned, column, tonight, backtest, candidates, lenders.get(queues[name].hours, []), _NO_HANDLE_TIME, ()
        )
        for name, column in column_of.items()
    }
    return _Batch(
        forecasts,
        kernels,
        {name: (backtest, column) for name, column in column_of.items()},
        {name: {c.name: tonight[c.name][:, column] for c in candidates} for name, column in column_of.items()},
        [mark for mark in marks if mark.queue_id in column_of],
        {queue: shift for queue, shift in cleaned.shifts.items() if queue in column_of},
    )


def _lenders(panel: Panel, queues: Mapping[str, LearntQueue]) -> dict[str, list[int]]:
    """By opening hours, the queues with most days: they lend their weekdays to short ones."""
    days = panel.fit.sum(axis=0)
    result: dict[str, list[int]] = {}
    for column in np.argsort(-days, kind="stable"):
        mine = result.setdefault(queues[panel.queues[column]].hours, [])
        if len(mine) < _LENDERS and days[column] >= _FEWEST_LENT_DAYS:
            mine.append(int(column))
    return result


def _first_days(forecast: FileForecast, days: int) -> FileForecast:
    """The forecast of the first days of the horizon."""
    return replace(
        forecast,
        dates=forecast.dates[:days],
        forecasts={
            name: replace(
                one,
                explained=Explained(one.mean[:days], one.explained.parts[:days]),
                weekday_like=one.weekday_like[:days],
                lead_days=one.lead_days[:days],
            )
            for name, one in forecast.forecasts.items()
        },
        tonight={queue: {name: mean[:days] for name, mean in of.items()} for queue, of in forecast.tonight.items()},
    )


def _nothing(name: str, horizon: int) -> QueueForecast:
    """The forecast of a queue to which nothing ever came."""
    reason = "nothing but zeros in the history"
    lead_days: IntArray = np.arange(1, horizon + 1)
    return QueueForecast(
        name,
        Choice(ALL_ZERO, (), {}, reason),
        Explained(np.zeros(horizon), np.zeros((horizon, 0))),
        Spread(np.zeros(3), 0, False),
        _NO_HANDLE_TIME,
        np.zeros(horizon, dtype=np.int64),
        lead_days,
    )
