"""The lead of claims on contacts: how many contacts a reported claim brings, and when; used only where it is proved.

contacts(queue, t) = calendar + sum over classes and lags k = 0..K of beta(queue, class, k) * claims(class, t - k) + noise.
The kernel beta is non-negative and smooth, estimated jointly with the calendar on the linear scale (`forecasting.kernel`). Claims
already reported drive the first days exactly, forecast claims the later ones (`forecasting.claims_forecast`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray, QueueCalendar
from forecasting.claims_forecast import forecast_claims
from forecasting.exposure import exposures
from forecasting.features import make_design
from forecasting.kernel import Problem, choose_smoothness, estimate, make_problem, solve
from forecasting.lead_evidence import Uplift, out_of_sample_uplift, shift_test
from forecasting.lead_result import KERNEL_COLUMNS, LeadResult
from forecasting.lead_words import FEWEST_UPLIFT, SIGNIFICANCE, verdict_in_words
from forecasting.linear import cross_products

FEWEST_DAYS = 112
"""Usable days of history below which no lead is looked for: with less, chance looks like a lead too often."""
_RESAMPLES = 80
_YEARLY_TERMS = 3
_DAYS_FOR_SEASON = 500
"""History below which a yearly season would only be a way to bend the trend."""
_BLOCK_DAYS = 7
_UNDERSMOOTHING = 30.0


@dataclass(frozen=True, eq=False)
class _Series:
    """One queue beside the claims, over history and horizon."""

    queue_id: str
    offered: FloatArray  # history; missing where not usable
    calendar: QueueCalendar  # history and horizon
    design: FloatArray
    exposed: FloatArray  # history and horizon x (classes x (K + 1))
    claims: FloatArray  # history x classes
    classes: tuple[str, ...]
    lags: int

    @property
    def rows(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.flatnonzero(np.isfinite(self.offered))


def estimate_leads(
    offered: pd.DataFrame,
    claims: pd.DataFrame,
    calendars: Mapping[str, QueueCalendar],
    as_of: date,
    horizon_days: int,
    maximum_lag_days: int,
    seed: int,
    known_verdicts: Mapping[str, frozenset[str]] | None = None,
) -> LeadResult:
    """Estimate for every queue how claims announce its contacts, and what they will bring.

    Args:
        offered: contacts per date (index, consecutive `datetime.date`) and queue (columns); missing on days that are closed,
            incomplete or marked as outliers. Rows after `as_of` are not looked at.
        claims: claims reported per date (the same index) and class (columns). Rows after `as_of` are not looked at.
        calendars: calendar of every queue of `offered`, from its first date to `as_of` + `horizon_days`.
        as_of: last date that is known.
        horizon_days: days to project.
        maximum_lag_days: longest lag K.
        seed: seeds the resampling behind intervals; the same seed gives the same result.
        known_verdicts: queue -> classes to use, where the decision has been taken; tests, intervals and kernels are then left
            out (a rolling-origin backtest decides with what it knew and estimates again at each origin).

    Returns:
        Kernels with interval and verdict, contacts brought per past and future date, and whether each queue's forecast uses them.
    """
    history = [day for day in offered.index if day <= as_of]
    known = claims.reindex(history).fillna(0.0).astype("float64")
    future = [as_of + timedelta(days=ahead) for ahead in range(1, horizon_days + 1)]
    expected = {name: forecast_claims(known[name].to_numpy(), horizon_days).expected for name in known.columns}
    ahead = pd.DataFrame(expected, index=future, columns=known.columns, dtype="float64")
    rows: list[pd.DataFrame] = []
    brought: dict[str, FloatArray] = {}
    used: dict[str, bool] = {}
    for position, queue_id in enumerate(offered.columns):
        decided = None if known_verdicts is None else known_verdicts.get(queue_id, frozenset())
        if decided is not None and not decided:
            continue
        series = _series(queue_id, offered, known, ahead, calendars[queue_id], maximum_lag_days)
        if decided is not None:
            brought[queue_id] = _as_decided(series, decided)
            used[queue_id] = bool(brought[queue_id].any())
            continue
        kernel, brought[queue_id] = _one_queue(series, np.random.default_rng([seed, position]))
        rows.append(kernel)
        used[queue_id] = bool(kernel["used"].any())
    contacts_by_date = pd.DataFrame(brought, index=[*history, *future], dtype="float64")
    return LeadResult(
        as_of,
        pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(KERNEL_COLUMNS)),
        contacts_by_date.iloc[: len(history)],
        contacts_by_date.iloc[len(history) :],
        used,
    )


def classes_used(result: LeadResult) -> dict[str, frozenset[str]]:
    """Which claim classes each queue uses: what `estimate_leads` takes as `known_verdicts`."""
    used = result.kernels[result.kernels["used"].astype(bool)]
    return {queue: frozenset(used.loc[used["queue_id"] == queue, "claim_class"]) for queue in result.used}


def _series(
    queue_id: str, offered: pd.DataFrame, known: pd.DataFrame, ahead: pd.DataFrame, calendar: QueueCalendar, lags: int
) -> _Series:
    both = pd.concat([known, ahead]).to_numpy(dtype=np.float64)
    exposed = [exposures(column, calendar.takes_contacts[: len(both)], lags) for column in both.T]
    return _Series(
        queue_id,
        offered[queue_id].reindex(known.index).to_numpy(dtype=np.float64),
        calendar,
        make_design(calendar, yearly_terms=_YEARLY_TERMS if len(known) >= _DAYS_FOR_SEASON else 0).matrix[: len(both)],
        np.hstack(exposed) if exposed else np.zeros((len(both), 0)),
        known.to_numpy(dtype=np.float64),
        tuple(known.columns),
        lags,
    )


def _as_decided(series: _Series, decided: frozenset[str]) -> FloatArray:
    """Contacts that these classes bring per date of history and horizon; none while history is too short."""
    if len(series.rows) < FEWEST_DAYS or not series.claims.any():
        return np.zeros(len(series.exposed))
    problem = _problem(series)
    lags = _masked(series, problem, decided)
    beta = estimate(lags, problem.residual, problem.classes, choose_smoothness(problem))
    return np.asarray(series.exposed @ _only(series, beta, decided), dtype=np.float64)


def _one_queue(series: _Series, rng: np.random.Generator) -> tuple[pd.DataFrame, FloatArray]:
    """Kernel rows of one queue, and the contacts that the used classes bring per date of history and horizon."""
    present = series.claims.sum(axis=0) > 0
    if len(series.rows) < FEWEST_DAYS or not present.any():
        reason = (
            f"Not looked for: {len(series.rows)} usable days of history, {FEWEST_DAYS} are needed."
            if present.any()
            else "Not looked for: no claims are known."
        )
        nothing = np.zeros(series.exposed.shape[1])
        rows = _kernel_rows(series, nothing, None, {}, Uplift(None, None, 0), frozenset(), reason)
        return rows, np.zeros(len(series.exposed))
    problem = _problem(series)
    smoothness = choose_smoothness(problem)
    p_values = _shift_tests(series, problem, smoothness)
    real = frozenset(name for name, p in p_values.items() if p < SIGNIFICANCE)
    tested = real or frozenset(name for name, there in zip(series.classes, present, strict=True) if there)
    uplift = _uplift(series, tested, smoothness, rng)
    used = real if _earns_its_place(uplift) else frozenset[str]()
    shown = estimate(_masked(series, problem, used) if used else problem.lags, problem.residual, problem.classes, smoothness)
    bounds = _interval(series, problem, shown, smoothness, used, rng)
    rows = _kernel_rows(series, shown, bounds, p_values, uplift, used, "")
    return rows, series.exposed @ _only(series, shown, used)


def _problem(series: _Series) -> Problem:
    rows = series.rows
    return make_problem(series.offered[rows], series.design[rows], series.exposed[rows], len(series.classes))


def _columns(series: _Series, names: frozenset[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.repeat([name in names for name in series.classes], series.lags + 1)


def _masked(series: _Series, problem: Problem, names: frozenset[str]) -> FloatArray:
    return np.where(_columns(series, names), problem.lags, 0.0)


def _only(series: _Series, beta: FloatArray, names: frozenset[str]) -> FloatArray:
    return np.where(_columns(series, names), beta, 0.0)


def _shift_tests(series: _Series, problem: Problem, smoothness: float) -> dict[str, float]:
    """p-value per class, times the number of classes tried (Bonferroni): more classes are more chances to be fooled."""
    takes = series.calendar.takes_contacts[: len(series.offered)]
    usable = np.isfinite(series.offered)
    return {
        name: min(
            1.0, len(series.classes) * shift_test(problem, at, series.claims[:, at], takes, usable, series.lags, smoothness)
        )
        for at, name in enumerate(series.classes)
    }


def _uplift(series: _Series, names: frozenset[str], smoothness: float, rng: np.random.Generator) -> Uplift:
    days = len(series.offered)
    claims = series.claims[:, [name in names for name in series.classes]]
    takes = series.calendar.takes_contacts[:days]
    return out_of_sample_uplift(series.offered, series.design[:days], claims, takes, series.lags, smoothness, rng)


def _interval(
    series: _Series, problem: Problem, beta: FloatArray, smoothness: float, used: frozenset[str], rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """90 % interval of the kernel by resampling blocks of a week of residuals.

    Resampled kernels are smoothed less than the published one: smoothing pulls all of them one way, and an interval that does
    not know of that pull is too narrow (undersmoothing; Hall 1992).
    """
    lags = _masked(series, problem, used) if used else problem.lags
    smoothness /= _UNDERSMOOTHING
    fitted = lags @ estimate(lags, problem.residual, problem.classes, smoothness)
    residual = problem.residual - fitted
    days = len(problem.root_weights)
    blocks = -(-days // _BLOCK_DAYS)
    starts = rng.integers(0, days - _BLOCK_DAYS + 1, (_RESAMPLES, blocks, 1))
    picked = (starts + np.arange(_BLOCK_DAYS)).reshape(_RESAMPLES, -1)[:, :days]
    again = np.repeat(problem.residual[:, None], _RESAMPLES, axis=1)
    again[:days] = fitted[:days, None] + residual[picked].T
    gram, crosses = cross_products(lags, lags), cross_products(lags, again)
    drawn = np.array([solve(gram, cross, problem.classes, smoothness) for cross in crosses.T])
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return np.minimum(low, beta), np.maximum(high, beta)


def _kernel_rows(
    series: _Series,
    beta: FloatArray,
    bounds: tuple[FloatArray, FloatArray] | None,
    p_values: Mapping[str, float],
    uplift: Uplift,
    used: frozenset[str],
    reason: str,
) -> pd.DataFrame:
    """Rows of the table claims_lead for one queue, without the plan date."""
    low, high = bounds if bounds is not None else (beta, beta)
    width = series.lags + 1
    rows = series.rows
    total = float(np.nansum(series.offered))
    frames = []
    for at, name in enumerate(series.classes):
        mine = slice(at * width, (at + 1) * width)
        to_come = _to_come(series.claims[:, at], beta[mine]) if name in used else 0.0
        explained = float((series.exposed[rows][:, mine] @ beta[mine]).sum()) / total if total > 0 else 0.0
        p_value = p_values.get(name)
        frames.append(
            pd.DataFrame(
                {
                    "queue_id": series.queue_id,
                    "claim_class": name,
                    "lag_days": np.arange(width),
                    "contacts_per_claim": beta[mine],
                    "contacts_per_claim_low": low[mine],
                    "contacts_per_claim_high": high[mine],
                    "peak_lag_days": int(np.argmax(beta[mine])),
                    "explained_fraction": min(max(explained, 0.0), 1.0),
                    "uplift_fraction": np.nan if uplift.fraction is None else min(uplift.fraction, 1.0),
                    "shift_test_p_value": np.nan if p_value is None else p_value,
                    "contacts_to_come": to_come,
                    "used": name in used,
                    "verdict": reason or verdict_in_words(name, name in used, beta[mine], to_come, p_value, uplift),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)[list(KERNEL_COLUMNS)] if frames else pd.DataFrame(columns=list(KERNEL_COLUMNS))


def _earns_its_place(uplift: Uplift) -> bool:
    return uplift.fraction is not None and uplift.low is not None and uplift.fraction > FEWEST_UPLIFT and uplift.low > 0.0


def _to_come(claims: FloatArray, beta: FloatArray) -> float:
    """Contacts still to come from claims already reported: each claim's kernel beyond the days that have passed."""
    remaining = np.cumsum(beta[::-1])[::-1]
    recent = claims[::-1][: len(beta) - 1]
    return float(recent @ remaining[1 : len(recent) + 1])
