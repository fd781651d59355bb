"""Leads in real counts: closings that follow resolutions, and a kernel planted into the bank's calls, beside its oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from accuracy.series import BANK, HORIZON, bank, panel_of
from forecasting.calendar import FloatArray
from forecasting.candidates.regression import DYNAMIC_REGRESSION
from forecasting.candidates.seasonal import SEASONAL_MEAN_4
from forecasting.candidates.smoothing import SMOOTHING
from forecasting.champion import mean_forecast
from forecasting.cleaning import clean
from forecasting.exposure import exposures
from forecasting.file_drivers import read_drivers
from forecasting.file_forecast import forecast_history
from forecasting.file_history import read_history
from forecasting.panel import Panel
from forecasting.rolling_leads import LeadSource
from forecasting.scores import wape

LAGS = 14
SEED = 1
LAST_CLOSING = date(2016, 5, 13)
CLOSING_DAYS, CLOSING_ORIGINS = 5, 8
KERNEL = np.array([0.05, 0.2, 0.3, 0.2, 0.12, 0.08, 0.05] + [0.0] * 8)
SHARE = 0.15
SURGE_DAYS, YEARS_SURGE_DAYS = 36, 12
STEP_DAYS = 400
MILD_STEP_DAYS, MILD_CLAIMS = 200, 9.0
DAYS = 7


@dataclass(frozen=True)
class LeadCase:
    """WAPE as fractions: of the four-week mean, of models without the lead, with it, and with the true kernel (NaN: unknown)."""

    name: str
    four_week_mean: float
    without_lead: float
    with_lead: float
    oracle: float
    nights: int
    nights_used: int


def _models(panel: Panel) -> FloatArray:
    """Mean of the models that fit this history; the seasonal mean where none does."""
    cleaned, _ = clean(panel)
    made = {c.name: c.forecast(cleaned)[:, 0] for c in (DYNAMIC_REGRESSION, SMOOTHING) if cleaned.fit.sum() >= c.minimum_days}
    return mean_forecast(made, list(made)) if made else SEASONAL_MEAN_4.forecast(cleaned)[:, 0]


def closings(folder: Path) -> LeadCase:
    """IT incidents closed, foretold from those resolved (they close by themselves some five days later), days 1 to 5.

    The way of a planner's own file, with all that finds false starts, openings and leads.
    """
    daily = pd.read_csv(folder / "it_incidents" / "daily_open_resolve_close.csv")
    daily = daily[daily["date"] <= str(LAST_CLOSING)]
    rows = pd.DataFrame({"queue": "closed", "timestamp": daily["date"], "contacts": daily["closed"]})
    drivers = pd.DataFrame({"date": daily["date"], "driver": "resolved", "value": daily["resolved"]})
    came = dict(zip(daily["date"], daily["closed"].astype("float64"), strict=True))
    actual, made, used = [], {key: [] for key in ("simple", "without", "with")}, 0
    origins = [LAST_CLOSING - timedelta(days=CLOSING_DAYS - 1 + back) for back in range(0, CLOSING_ORIGINS * 2, 2)]
    for origin in origins:
        history = read_history(rows, origin, "UTC")
        without = forecast_history(history, None, None, CLOSING_DAYS)
        told = forecast_history(history, read_drivers(drivers, origin, "UTC").values, None, CLOSING_DAYS)
        used += bool(told.kernels["used"].any())
        actual.append([came[str(day)] for day in told.dates])
        made["with"].append(told.forecasts["closed"].mean)
        made["without"].append(without.forecasts["closed"].mean)
        before = [[came[str(day - timedelta(weeks=back))] for back in range(1, 5)] for day in told.dates]
        made["simple"].append(np.mean(before, axis=1))
    scores = {key: wape(np.array(actual), np.array(values)) for key, values in made.items()}
    return LeadCase(
        "it_incidents: closed from resolved, days 1-5",
        scores["simple"],
        scores["without"],
        scores["with"],
        float("nan"),
        len(origins),
        used,
    )


def planted(folder: Path) -> LeadCase:
    """A kernel planted as Poisson counts into the bank's calls, 15 % of their volume; the week after the largest surges.

    Claims of the last nine months there are: few, and no storm among them (at most 9 a day).
    """
    source = _fire_claims(folder)
    return _score(f"planted kernel, days 1-{DAYS} after a surge", [_nights(folder, len(source), SURGE_DAYS, SEED)])


def planted_mild(folder: Path) -> LeadCase:
    """The same with claims of other months as calm, so that one history's luck is not the figure.

    Of those that begin every 200th day, the histories without a day of more than nine claims.
    """
    source, length = _fire_claims(folder), bank(folder).panel.past + HORIZON
    ends = [end for end in range(length, len(source) + 1, MILD_STEP_DAYS) if source[end - length : end].max() <= MILD_CLAIMS]
    return _score(
        f"the same, {len(ends)} histories without a surge of claims",
        [_nights(folder, end, YEARS_SURGE_DAYS, end) for end in ends],
    )


def planted_all_years(folder: Path) -> LeadCase:
    """The same with claims of other months, calm and stormy: every 400th day of fifteen years begins a history of its own."""
    source, length = _fire_claims(folder), bank(folder).panel.past + HORIZON
    ends = range(length, len(source) + 1, STEP_DAYS)
    return _score(
        f"the same, {len(ends)} histories with claims of all years", [_nights(folder, end, YEARS_SURGE_DAYS, end) for end in ends]
    )


def _fire_claims(folder: Path) -> FloatArray:
    return pd.read_csv(folder / "insurance_claims" / "frecomfire_daily_counts.csv")["claims"].to_numpy(dtype=np.float64)


def _nights(folder: Path, end: int, nights: int, seed: int) -> dict[str, list[FloatArray]]:
    """What came and what was foretold in the week after the largest surges, the claims ending before row `end` of theirs."""
    calls = bank(folder).panel
    rng = np.random.default_rng(seed)
    source = _fire_claims(folder)[end - calls.past - HORIZON : end]
    brought = exposures(source, calls.takes_contacts[:, 0], LAGS) @ KERNEL
    known = np.isfinite(calls.offered[:, 0])
    scale = SHARE / (1.0 - SHARE) * np.nansum(calls.offered) / brought[: calls.past][known].sum()
    offered = calls.offered + rng.poisson(brought[: calls.past] * scale)[:, None]
    series = pd.Series(offered[:, 0], index=list(calls.dates[: calls.past])).dropna()
    panel = panel_of({"calls": series}, BANK)
    reported = pd.DataFrame({"fire": source[: calls.past]}, index=list(calls.dates[: calls.past]))
    recent = pd.Series(source).rolling(3).sum().to_numpy()
    rows = sorted(
        np.arange(120, calls.past - DAYS)[np.argsort(-recent[120 : calls.past - DAYS], kind="stable")][:nights].tolist()
    )

    def oracle(then: Panel) -> FloatArray:
        now = then.past
        ahead = np.full(then.horizon, source[max(now - 56, 0) : now].mean())
        return np.asarray(
            exposures(np.concatenate([source[:now], ahead]), then.takes_contacts[:, 0], LAGS) @ KERNEL * scale, dtype=np.float64
        )

    return _foretold(panel, reported, rows, oracle)


def _foretold(
    panel: Panel, drivers: pd.DataFrame, rows: list[int], oracle: Callable[[Panel], FloatArray]
) -> dict[str, list[FloatArray]]:
    """What came after the nights of some rows of a panel, what was foretold of it, and whether a lead was used."""
    made: dict[str, list[FloatArray]] = {key: [] for key in ("came", "simple", "without", "with", "oracle", "used")}
    for row in rows:
        then = panel.until(panel.dates[row], HORIZON)
        cut = LeadSource(drivers.iloc[: then.past], panel.queues, LAGS, SEED)
        lead = cut.estimate(then)
        true = pd.DataFrame({panel.queues[0]: oracle(then)}, index=list(then.dates))
        made["used"].append(np.array([any(lead.used.values())]))
        made["came"].append(panel.offered[row + 1 : row + 1 + DAYS, 0])
        made["simple"].append(SEASONAL_MEAN_4.forecast(then)[:DAYS, 0])
        made["without"].append(_models(then)[:DAYS])
        made["with"].append(_models(then.with_claims(lead.contacts(then.queues, then.dates)))[:DAYS])
        made["oracle"].append(_models(then.with_claims(true))[:DAYS])
    return made


def _score(name: str, histories: list[dict[str, list[FloatArray]]]) -> LeadCase:
    made = {key: np.array([row for one in histories for row in one[key]]) for key in histories[0]}
    score = {key: wape(made["came"], made[key]) for key in ("simple", "without", "with", "oracle")}
    used = made["used"]
    return LeadCase(name, score["simple"], score["without"], score["with"], score["oracle"], len(used), int(used.sum()))
