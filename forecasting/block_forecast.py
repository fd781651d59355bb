"""The forecast of one block of queues for a night: everything that does not need to know the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from enterprise.errors import MODEL_FAILURES, NoHistoryError
from enterprise.settings import Enterprise
from forecasting.as_of import known_by, prepared
from forecasting.backtest import Backtest
from forecasting.block_rows import BlockForecast, block_rows
from forecasting.candidates.candidate import Candidate
from forecasting.claims_contacts import claims_contacts_rows
from forecasting.cleaning import left_out_in_words
from forecasting.handle_time import learn_handle_time
from forecasting.held import warnings_in_words
from forecasting.lead_rows import claims_lead_rows, driver_lead_rows
from forecasting.leaderboard import leaderboard
from forecasting.night_backtest import KeptBacktests, night_backtest
from forecasting.night_history import History
from forecasting.night_leads import brought_by_drivers
from forecasting.panel import Panel
from forecasting.plan_changes import champion_rows
from forecasting.queue_forecast import (
    QueueForecast,
    candidate_forecasts,
    champion_backtest,
    each_queue,
    failure_in_words,
    forecast_queue,
)
from warehouse.tables.parts import BACKTEST_ERROR


def forecast_block(
    history: History,
    enterprise: Enterprise,
    queues: Sequence[str],
    plan_date: date,
    candidates: Sequence[Candidate],
    kept: KeptBacktests | None = None,
) -> BlockForecast:
    """Forecast the queues of a block.

    Args:
        history: of these queues and perhaps others; held days count as not whole.
        enterprise: the settings.
        queues: the block.
        plan_date: last date known.
        candidates: competing models.
        kept: where backtests are kept from night to night.

    Returns:
        A queue that cannot be forecast has what the former plan gave it, or else a row of the leaderboard that says why.

    Raises:
        NoHistoryError: if no queue of the block has any history.
        ValueError: or another of MODEL_FAILURES, if none of its queues can be forecast.
    """
    block = enterprise.model_copy(update={"queues": {queue: enterprise.queues[queue] for queue in queues}})
    own = history.of(queues)
    try:
        return _forecast(own, block, plan_date, candidates, kept, {})
    except MODEL_FAILURES:
        broken = {queue: why for queue in queues if (why := _failure(own, block, queue, plan_date, candidates))}
        if not broken or len(broken) == len(queues):
            raise
        return _forecast(own, block, plan_date, candidates, kept, broken)


def block_of_last_plan(
    history: History, enterprise: Enterprise, queues: Sequence[str], plan_date: date, why: str
) -> BlockForecast:
    """What the former plan gave the queues of a block of which none can be forecast tonight."""
    block = enterprise.model_copy(update={"queues": {queue: enterprise.queues[queue] for queue in queues}})
    return block_rows(history.of(queues), block, plan_date, [], dict.fromkeys(queues, why), {}, None)


def _failure(
    history: History, enterprise: Enterprise, queue: str, plan_date: date, candidates: Sequence[Candidate]
) -> str | None:
    """Why a queue cannot be forecast even alone; None if it can, or has no history."""
    alone = enterprise.model_copy(update={"queues": {queue: enterprise.queues[queue]}})
    try:
        _forecast(history, alone, plan_date, candidates, None, {})
    except NoHistoryError:
        return None
    except MODEL_FAILURES as error:
        return failure_in_words(error)
    return None


def _forecast(
    history: History,
    enterprise: Enterprise,
    plan_date: date,
    candidates: Sequence[Candidate],
    kept: KeptBacktests | None,
    broken: Mapping[str, str],
) -> BlockForecast:
    """`forecast_block` with the queues of `broken` left out for the reasons given."""
    seen = prepared(known_by(history, enterprise, plan_date, broken))
    panel, leads, cleaned = seen.known.panel, seen.known.leads, seen.cleaned
    backtest = night_backtest(seen, history, enterprise, plan_date, candidates, kept)
    tonight = candidate_forecasts(cleaned, candidates)
    of_claims = {queue for queue in panel.queues if queue in leads.of_claims or enterprise.queues[queue].work_of_claims}
    led = {queue for queue in of_claims if seen.lead.used.get(queue) or enterprise.queues[queue].work_of_claims}
    warnings = warnings_in_words(history.daily, history.claims, history.findings, led, plan_date)

    def of_queue(column: int, queue: str) -> QueueForecast:
        settings, calendar = enterprise.queues[queue], panel.calendars[queue]
        own = history.daily[history.daily["queue_id"] == queue]
        handle_time = learn_handle_time(own, calendar, settings.mean_handle_seconds_prior, plan_date)
        group = _same_channel(enterprise, panel, queue)
        of_drivers = brought_by_drivers(seen.lead, enterprise.drivers, queue, panel.horizon)
        found = forecast_queue(cleaned, column, tonight, backtest, candidates, group, handle_time, enterprise.events, of_drivers)
        until = panel.dates[int(np.flatnonzero(panel.fit[:, column])[-1])]
        return replace(found, data_until=until, data_warning=warnings.get(queue))

    column_of = {queue: column for column, queue in enumerate(panel.queues)}
    made, failed = each_queue(panel.queues, of_queue)
    if failed:
        left = [queue for queue in panel.queues if queue not in failed]
        cleaned, backtest = cleaned.only(left), backtest.of(left)
    whole = block_rows(history, enterprise, plan_date, made, dict(broken) | failed, warnings, cleaned)
    left_out = left_out_in_words(seen.marks)
    moved = {queue: shift.in_words() for queue, shift in seen.cleaned.shifts.items()}
    gaps = dict.fromkeys(of_claims, leads.gaps)
    said = {queue: [found[queue] for found in (moved, left_out, gaps) if found.get(queue)] for queue in panel.queues}
    notes = {queue: "; ".join(words) for queue, words in said.items() if words}
    choices = {one.queue_id: one.choice for one in made}
    board = leaderboard(plan_date, backtest, list(choices.values()), candidates, notes)
    return replace(
        whole,
        claims_lead=claims_lead_rows(seen.lead.kernels, enterprise.drivers, plan_date),
        claims_contacts=claims_contacts_rows(seen.lead, seen.storms, history.claims, whole.daily, enterprise, plan_date),
        driver_lead=driver_lead_rows(seen.lead.kernels, enterprise.drivers, plan_date),
        leaderboard=pd.concat([board, whole.leaderboard], ignore_index=True) if len(whole.leaderboard) else board,
        errors=_errors(backtest, made),
        champions=champion_rows(history.former, choices, tonight, column_of, panel.future_dates, candidates),
    )


def _same_channel(enterprise: Enterprise, panel: Panel, queue: str) -> list[int]:
    channel = enterprise.queues[queue].channel
    return [column for column, other in enumerate(panel.queues) if enterprise.queues[other].channel == channel]


def _errors(backtest: Backtest, made: Sequence[QueueForecast]) -> pd.DataFrame:
    """The champions' errors over all origins and leads, standardised."""
    origins, horizon = backtest.actual.shape[:2]
    origin = np.repeat(np.array(backtest.origins, dtype="object"), horizon)
    lead_days = np.tile(np.arange(1, horizon + 1), origins)
    frames = [pd.DataFrame(columns=BACKTEST_ERROR.column_names)]
    for column, forecast in enumerate(made):
        mean = champion_backtest(backtest, forecast.choice, column)
        mean = np.where(mean > 0.0, mean, np.nan)
        sigma = np.sqrt(mean + forecast.spread.at(backtest.lead_days) * mean**2)
        error = ((backtest.actual[:, :, column] - mean) / sigma).reshape(-1)
        known = np.isfinite(error)
        frame = {"queue_id": forecast.queue_id, "origin_date": origin, "lead_days": lead_days, "standard_error": error}
        if known.any():
            frames.append(pd.DataFrame(frame)[known])
    return pd.concat(frames[1:], ignore_index=True) if frames[1:] else frames[0]
