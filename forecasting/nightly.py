"""The whole forecast of one night: its blocks of queues, and what needs all of them: levels above the queues. Pure."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from enterprise.blocks import queue_blocks
from enterprise.errors import MODEL_FAILURES, NoHistoryError
from enterprise.settings import Enterprise
from forecasting.block_forecast import block_of_last_plan, forecast_block
from forecasting.block_rows import BlockForecast
from forecasting.calendar import FloatArray
from forecasting.candidates.candidate import Candidate
from forecasting.candidates.registry import CANDIDATES
from forecasting.daily_rows import QueueDays, level_rows
from forecasting.drivers import NAMES
from forecasting.hierarchy import error_correlation
from forecasting.night_backtest import KeptBacktests
from forecasting.night_history import HISTORY_DAYS as HISTORY_DAYS
from forecasting.night_history import History as History
from forecasting.queue_forecast import failure_in_words
from warehouse.tables.parts import CHAMPION_CHANGE

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class NightForecast:
    """Rows of the forecast tables; `champions` tells what other champions than the last plan's change (CHAMPION_CHANGE)."""

    intervals: pd.DataFrame
    daily: pd.DataFrame
    claims_lead: pd.DataFrame
    claims_contacts: pd.DataFrame
    driver_lead: pd.DataFrame
    leaderboard: pd.DataFrame
    champions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CHAMPION_CHANGE.column_names))


def forecast_all(
    history: History,
    enterprise: Enterprise,
    plan_date: date,
    candidates: Sequence[Candidate] = CANDIDATES,
    kept: KeptBacktests | None = None,
) -> NightForecast:
    """Forecast every queue and every level for the days after the plan date.

    Args:
        history: what had happened by the plan date.
        enterprise: the settings.
        plan_date: last date known.
        candidates: competing models.
        kept: where backtests are kept from night to night.

    Returns:
        The same rows for the same history, whatever happens after the plan date. A queue without any history that may be learnt
        from, or whose data no model can take, has what the former plan gave it, with a warning; without a former plan it is not
        forecast, has a row in the leaderboard that says so, and the levels above it name it.

    Raises:
        NoHistoryError: if no queue has any history.
        ValueError: or another of MODEL_FAILURES, if no queue can be forecast.
    """
    good = history.without_held()
    blocks = queue_blocks(enterprise)
    if len(blocks) == 1:
        return merged([forecast_block(good, enterprise, blocks[0], plan_date, candidates, kept)], enterprise, plan_date)
    return merged([one_block(good, enterprise, block, plan_date, candidates, kept) for block in blocks], enterprise, plan_date)


def one_block(
    history: History,
    enterprise: Enterprise,
    queues: Sequence[str],
    plan_date: date,
    candidates: Sequence[Candidate] = CANDIDATES,
    kept: KeptBacktests | None = None,
) -> BlockForecast:
    """`forecast_block` for one of several blocks: if none of its queues can be forecast, the others go ahead."""
    try:
        return forecast_block(history, enterprise, queues, plan_date, candidates, kept)
    except (NoHistoryError, *MODEL_FAILURES) as error:
        why = "no history" if isinstance(error, NoHistoryError) else failure_in_words(error)
        logger.warning("%s to %s: %s", queues[0], queues[-1], why)
        return block_of_last_plan(history, enterprise, queues, plan_date, why)


def merged(blocks: Sequence[BlockForecast], enterprise: Enterprise, plan_date: date) -> NightForecast:
    """Put the blocks of a night together, and add the levels above the queues.

    Raises:
        NoHistoryError: if no block has a forecast.
    """
    daily = pd.concat([block.daily for block in blocks if len(block.daily)] or [blocks[0].daily], ignore_index=True)
    if daily.empty:
        raise NoHistoryError(
            f"none of the {len(enterprise.queues)} queues could be forecast as of {plan_date}, and no earlier plan reaches "
            "beyond it. Check that the sources delivered (leadline doctor), build the history of earlier nights, then forecast "
            "this one again"
        )
    named = set(daily["member_id"])
    queues = [queue for queue in enterprise.queues if queue in named]
    parts = _queue_days(daily, _together(blocks, "spreads"), queues)
    dates = list(daily["business_date"].iloc[: len(parts[0].mean)])
    missing = [queue for queue in enterprise.queues if queue not in named]
    correlation = _correlation(_together(blocks, "errors"), queues)
    levels = level_rows(parts, enterprise.places, correlation, dates, plan_date, missing)
    return NightForecast(
        intervals=_together(blocks, "intervals"),
        daily=pd.concat([daily, *levels], ignore_index=True),
        claims_lead=_together(blocks, "claims_lead"),
        claims_contacts=_together(blocks, "claims_contacts"),
        driver_lead=_together(blocks, "driver_lead"),
        leaderboard=_together(blocks, "leaderboard"),
        champions=_together(blocks, "champions")[CHAMPION_CHANGE.column_names],
    )


def _together(blocks: Sequence[BlockForecast], attribute: str) -> pd.DataFrame:
    """One kind of rows of all blocks."""
    frames = [getattr(block, attribute) for block in blocks]
    filled = [frame for frame in frames if len(frame)]
    whole: pd.DataFrame = pd.concat(filled, ignore_index=True) if filled else frames[0]
    return whole


def _queue_days(daily: pd.DataFrame, spreads: pd.DataFrame, queues: Sequence[str]) -> list[QueueDays]:
    """What the levels add up of every queue, in the order of the queues."""
    rows = daily.merge(
        spreads.rename(columns={"queue_id": "member_id"}), on=["member_id", "business_date"], validate="one_to_one"
    )
    by_queue = {str(queue): own.sort_values("business_date") for queue, own in rows.groupby("member_id", sort=False)}
    found = []
    for queue in queues:
        own = by_queue[queue]
        first = own.iloc[0]
        found.append(
            QueueDays(
                queue,
                own["mean_offered_contacts"].to_numpy(dtype=np.float64),
                own["extra_variation"].to_numpy(dtype=np.float64),
                own["handle_seconds"].to_numpy(dtype=np.float64),
                float(first["handle_spread"]),
                own[list(NAMES)].astype("float64").fillna(0.0).to_numpy(),
                None if pd.isna(first["fallback_reason"]) else str(first["fallback_reason"]),
                None if pd.isna(first["data_until_date"]) else first["data_until_date"],
                None if pd.isna(first["data_warning"]) else str(first["data_warning"]),
            )
        )
    return found


def _correlation(errors: pd.DataFrame, queues: Sequence[str]) -> FloatArray:
    """Correlation of the champions' errors over all origins and leads; of queues without any, nothing is known."""
    wide = errors.pivot(index=["origin_date", "lead_days"], columns="queue_id", values="standard_error")
    return error_correlation(wide.reindex(columns=list(queues)).to_numpy(dtype=np.float64))
