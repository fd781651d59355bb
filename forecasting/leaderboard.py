"""The leaderboard: how every candidate did in the backtest, by band of leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from forecasting.backtest import Backtest
from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.candidates.candidate import Candidate
from forecasting.champion import MEAN_OF_MODELS, Choice, mean_forecast
from forecasting.distribution import count_quantiles, fit_spread
from forecasting.fallback import NAME as GROUP_PROFILE
from forecasting.scores import BAND_NAMES, band_of, bias, coverage_80, mean_pinball, wape
from warehouse.tables.columns import QUANTILES
from warehouse.tables.forecast import MODEL_LEADERBOARD

_DAYS_FOR_BANDS = 30
NO_MODEL = "none"
_NO_HISTORY = "no history: nothing is forecast, no staff planned; check the queue's source and its name in the settings"


def leaderboard(
    plan_date: date, backtest: Backtest, choices: Sequence[Choice], candidates: Sequence[Candidate], notes: dict[str, str]
) -> pd.DataFrame:
    """Rows of model_leaderboard.

    Args:
        plan_date: the night.
        backtest: past forecasts of all candidates.
        choices: champion of each queue of the backtest.
        candidates: the candidates.
        notes: queue -> remark on its history, added to the champion's reason.
    """
    rows = []
    for queue, (queue_id, choice) in enumerate(zip(backtest.queues, choices, strict=True)):
        forecasts = {c.name: backtest.forecasts[c.name][:, :, queue] for c in candidates}
        members = [c.name for c in candidates if not c.is_simple and np.isfinite(forecasts[c.name]).any()]
        mean_of = list(choice.members) if len(choice.members) > 1 else members
        if mean_of:
            forecasts[MEAN_OF_MODELS] = mean_forecast(forecasts, mean_of)
        if choice.champion == GROUP_PROFILE:
            forecasts[GROUP_PROFILE] = np.full(backtest.actual.shape[:2], np.nan)
        actual = backtest.actual[:, :, queue]
        common = np.ones(len(backtest.origins), dtype=bool)
        for name in members:
            common &= np.isfinite(forecasts[name]).any(axis=1)
        for name, forecast in forecasts.items():
            is_champion = name == choice.champion
            reason = choice.reasons.get(name) or (choice.fallback_reason if is_champion else None) or "not champion"
            if is_champion and queue_id in notes:
                reason = f"{reason}; {notes[queue_id]}"
            quantiles = past_quantiles(actual, forecast, backtest.lead_days, backtest.origins, common)
            for band, band_name in enumerate(BAND_NAMES):
                in_band = common[:, None] & (band_of(backtest.lead_days) == band)
                rows.append(
                    {
                        "plan_date": plan_date,
                        "queue_id": queue_id,
                        "model": name,
                        "lead_band": band_name,
                        **_figures(actual[in_band], forecast[in_band], quantiles[in_band]),
                        "is_champion": is_champion,
                        "reason": reason,
                    }
                )
    return pd.DataFrame(rows, columns=MODEL_LEADERBOARD.column_names)


def missing_queue_rows(plan_date: date, queues: Sequence[str], why: Mapping[str, str]) -> pd.DataFrame:
    """One row for every queue of which no model was made, and why: without any history nothing is forecast for it."""
    rows = [
        {
            "plan_date": plan_date,
            "queue_id": queue,
            "model": NO_MODEL,
            "lead_band": BAND_NAMES[0],
            "wape_fraction": float("nan"),
            "pinball_contacts": float("nan"),
            "bias_fraction": float("nan"),
            "coverage_80_fraction": float("nan"),
            "backtest_days": 0,
            "is_champion": False,
            "reason": why.get(queue, _NO_HISTORY),
        }
        for queue in queues
    ]
    return pd.DataFrame(rows, columns=MODEL_LEADERBOARD.column_names)


def past_quantiles(
    actual: FloatArray, forecast: FloatArray, lead_days: IntArray, origins: Sequence[date], wanted_origins: BoolArray
) -> FloatArray:
    """Quantiles that a candidate's own past errors would have given at some origins; NaN where there was too little past.

    Only days that were known at an origin teach its spread.
    """
    result = np.full((*forecast.shape, len(QUANTILES)), np.nan)
    ordinal = np.array([origin.toordinal() for origin in origins])
    target = ordinal[:, None] + lead_days
    for number in np.flatnonzero(wanted_origins):
        wanted = np.isfinite(forecast[number])
        if not wanted.any():
            continue
        known = target <= ordinal[number]
        spread = fit_spread(np.where(known, actual, np.nan), forecast, lead_days)
        if spread.days >= _DAYS_FOR_BANDS:
            result[number, wanted] = count_quantiles(forecast[number, wanted], spread.at(lead_days[number, wanted]))
    return result


def _figures(actual: FloatArray, forecast: FloatArray, quantiles: FloatArray) -> dict[str, float | int]:
    return {
        "wape_fraction": wape(actual, forecast),
        "pinball_contacts": mean_pinball(actual, quantiles),
        "bias_fraction": bias(actual, forecast),
        "coverage_80_fraction": coverage_80(actual, quantiles),
        "backtest_days": int((np.isfinite(actual) & np.isfinite(forecast)).sum()),
    }
