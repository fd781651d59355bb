"""The lead of a driver on contacts: how many contacts a reported claim, a letter sent, a visit brings, and when; used if proved.

contacts(queue, t) = calendar + sum over drivers and lags k = 0..K of beta(queue, driver, k) * driver(t - k) + noise.
The kernel beta is non-negative and smooth, estimated jointly with the calendar on the linear scale (`forecasting.kernel`). What
is known of a driver drives the first days exactly, its forecast the later ones (`forecasting.claims_forecast`). Claims are one
kind of driver; every other goes the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecasting.calendar import BoolArray, FloatArray, QueueCalendar
from forecasting.driver_series import DriverSeries, driver_series
from forecasting.exposure import MOVED
from forecasting.kernel import Problem
from forecasting.kernel_draws import drawn_kernel
from forecasting.kernel_shape import choose_shapes, neutral_shapes
from forecasting.lead_days import contacts_by_day
from forecasting.lead_evidence import NOT_MEASURED, Uplift, out_of_sample_uplift, shift_test
from forecasting.lead_result import LeadResult
from forecasting.lead_rows import Finding, kernel_rows, result_of
from forecasting.lead_series import QueueAndDrivers, able_drivers, dates_before, queue_and_drivers
from forecasting.lead_words import CLAIM, FEWEST_UPLIFT, SIGNIFICANCE, fewest_held_out


def estimate_leads(
    offered: pd.DataFrame,
    drivers: pd.DataFrame,
    calendars: Mapping[str, QueueCalendar],
    as_of: date,
    horizon_days: int,
    maximum_lag_days: int,
    seed: int,
    known_verdicts: Mapping[str, frozenset[str]] | None = None,
    *,
    units: Mapping[str, str] | str = CLAIM,
    ahead_days: Mapping[str, int] | None = None,
    counting: str | None = None,
) -> LeadResult:
    """Estimate for every queue how drivers announce its contacts, and what they will bring.

    Args:
        offered: contacts per date (index, consecutive `datetime.date`) and queue (columns); missing on days that are closed,
            incomplete or marked as outliers. Rows after `as_of` are not looked at.
        drivers: value per date and driver (columns), such as claims reported by class, on the same dates and, if known, on
            those before; missing where not known, at the beginning, in between or at the end. Rows after `as_of` are looked at
            only of drivers with `ahead_days`.
        calendars: calendar of every queue of `offered`, from its first date to `as_of` + `horizon_days`.
        as_of: last date that is known.
        horizon_days: days to project.
        maximum_lag_days: longest lag K.
        seed: seeds the draws of kernels; the same seed gives the same result.
        known_verdicts: queue -> drivers to use, where the decision has been taken; tests, intervals and kernels are then left
            out (a rolling-origin backtest decides with what it knew and estimates again at each origin).
        units: what drivers count, for the verdicts' words: `lead_words.CLAIM` or `VALUE`, of all or of each.
        ahead_days: of drivers that are known ahead, for how many days always; their values after `as_of` are taken as known.
        counting: how lags are counted (`forecasting.exposure.COUNTINGS`); None for the way that fits best.

    Returns:
        Kernels with interval and verdict, contacts brought per past and future date, and whether each queue's forecast uses them.
    """
    history = [day for day in offered.index if day <= as_of]
    future = [as_of + timedelta(days=ahead) for ahead in range(1, horizon_days + 1)]
    before = dates_before(history[0], drivers, maximum_lag_days) if history else []
    ahead = ahead_days or {}
    by_date = drivers.reindex([*before, *history, *future]).astype("float64")
    prepared = {str(name): _prepared(by_date[name], len(future), ahead.get(str(name), 0)) for name in by_date.columns}
    unit_of = {name: units if isinstance(units, str) else units.get(name, CLAIM) for name in prepared}
    rows: list[pd.DataFrame] = []
    brought: dict[str, FloatArray] = {}
    used: dict[str, bool] = {}
    by_driver: dict[tuple[str, str], FloatArray] = {}
    nothing = np.zeros(len(history) + horizon_days)
    by_day: list[pd.DataFrame] = []
    for queue_id in offered.columns:
        decided = None if known_verdicts is None else known_verdicts.get(queue_id, frozenset())
        if decided is not None and not decided:
            continue
        contacts = offered[queue_id].reindex([*before, *history]).to_numpy(dtype=np.float64)
        able, refused = able_drivers(contacts, prepared, maximum_lag_days, as_of)
        series = queue_and_drivers(
            queue_id,
            contacts,
            {name: prepared[name] for name in able},
            calendars[queue_id],
            maximum_lag_days,
            len(before),
            counting,
        )
        if decided is not None:
            brought[queue_id] = _as_decided(series, decided & set(able), seed)[len(before) :] if able else nothing
            used[queue_id] = bool(brought[queue_id].any())
            continue
        rows += [kernel_rows(_unknown(queue_id, name, maximum_lag_days, why), unit_of[name]) for name, why in refused.items()]
        brought[queue_id], used[queue_id] = nothing, False
        if able:
            findings, by_name = _one_queue(series, seed)
            brought[queue_id] = sum(by_name.values(), np.zeros(len(series.values)))[len(before) :]
            by_driver |= {(queue_id, name): contacts_brought for name, contacts_brought in by_name.items()}
            rows += [kernel_rows(finding, unit_of[finding.driver]) for finding in findings]
            used[queue_id] = any(finding.used for finding in findings)
            dates = [*before, *history, *future]
            by_day += [contacts_by_day(series, at, one.kernel, dates) for at, one in enumerate(findings) if one.used]
    return result_of(as_of, rows, brought, history, future, used, by_driver, by_day)


def _prepared(values: pd.Series, horizon_days: int, ahead_days: int) -> DriverSeries:
    """A driver's values per date of history and horizon; what is not announced of the horizon is forecast."""
    known = values.to_numpy(dtype=np.float64)
    past = len(known) - horizon_days
    announced = known[past:] if ahead_days else None
    return driver_series(known[:past], horizon_days, announced, ahead_days)


def classes_used(result: LeadResult) -> dict[str, frozenset[str]]:
    """Which drivers (claim classes) each queue uses: what `estimate_leads` takes as `known_verdicts`."""
    used = result.kernels[result.kernels["used"].astype(bool)]
    return {queue: frozenset(used.loc[used["queue_id"] == queue, "claim_class"]) for queue in result.used}


def _unknown(queue_id: str, name: str, lags: int, why: str) -> Finding:
    zero = np.zeros(lags + 1)
    return Finding(queue_id, name, zero, zero, zero, 0.0, 0.0, NOT_MEASURED, False, why)


def _as_decided(series: QueueAndDrivers, decided: frozenset[str], seed: int) -> FloatArray:
    """Contacts that these drivers bring per date of history and horizon."""
    problem = series.problem()
    lags = _beside(series, problem, decided)
    beta = drawn_kernel(problem, lags, seed).median
    brought = _brought(series, problem, beta)
    return sum((brought[name] for name in series.drivers if name in decided), np.zeros(len(series.values)))


def _one_queue(series: QueueAndDrivers, seed: int) -> tuple[list[Finding], dict[str, FloatArray]]:
    """What is found of each driver, and the contacts that each used one brings per date of history and horizon."""
    problem = series.problem()
    steady = problem if series.wandering.drift is None else series.without_drift().problem()
    p_values = _shift_tests(series, steady, series.drivers, same_day=False)
    real = frozenset(name for name, p in p_values.items() if p < SIGNIFICANCE)
    late = [name for name, days in zip(series.drivers, series.ahead_days, strict=True) if name not in real and not days]
    same_day = _shift_tests(series, steady, late, same_day=True)
    tested = real or frozenset(series.drivers)
    uplift = _uplift(series, steady, tested)
    fewest = fewest_held_out(len(series.rows))
    used = real if _earns_its_place(uplift, fewest) else frozenset[str]()
    lags = _beside(series, problem, used) if used else problem.lags
    shown, low, high = drawn_kernel(problem, lags, seed)
    brought = _brought(series, problem, shown)
    if used:
        shown, low, high = (_only(series, of_all, used) for of_all in (shown, low, high))
    total = float(np.nansum(series.offered))
    findings = []
    for at, name in enumerate(series.drivers):
        mine = slice(at * (series.lags + 1), (at + 1) * (series.lags + 1))
        explained = float(brought[name][series.rows].sum()) / total if total > 0 else 0.0
        findings.append(
            Finding(
                queue_id=series.queue_id,
                driver=name,
                kernel=shown[mine],
                low=low[mine],
                high=high[mine],
                explained_fraction=min(max(explained, 0.0), 1.0),
                to_come=_to_come(series, at, shown[mine]) if name in used else 0.0,
                uplift=uplift if name in tested else NOT_MEASURED,
                used=name in used,
                p_value=p_values[name],
                same_day_p_value=same_day.get(name),
                counting="" if series.counting == MOVED else series.counting,
                fewest_held_out=fewest,
                ahead_days=series.ahead_days[at],
            )
        )
    return findings, {name: brought[name] for name in series.drivers if name in used}


def _brought(series: QueueAndDrivers, problem: Problem, beta: FloatArray) -> dict[str, FloatArray]:
    """Contacts that each driver brings per date of history and horizon: in the past by what its kernel was then."""
    exposed, drift = series.all_exposed(), problem.drift(beta)
    brought = exposed * beta + series.place()[:, None] * exposed * drift
    by_driver = brought.reshape(len(brought), len(series.drivers), -1).sum(axis=2)
    return dict(zip(series.drivers, np.maximum(by_driver, 0.0).T, strict=True))


def _columns(series: QueueAndDrivers, names: frozenset[str]) -> BoolArray:
    return np.repeat([name in names for name in series.drivers], series.lags + 1)


def _beside(series: QueueAndDrivers, problem: Problem, used: frozenset[str]) -> FloatArray:
    """The lags of the used drivers, and those of the others but for the same day.

    What an unproved driver brings would else be laid at the door of a proved one. On the same day, however, it may be the
    contacts themselves in another guise (visits of a web site), and would take all there is.
    """
    own_day = np.tile(np.arange(series.lags + 1) == 0, len(series.drivers))
    return np.where(own_day & ~_columns(series, used), 0.0, problem.lags)


def _only(series: QueueAndDrivers, beta: FloatArray, names: frozenset[str]) -> FloatArray:
    return np.where(_columns(series, names), beta, 0.0)


def _shift_tests(series: QueueAndDrivers, problem: Problem, names: Collection[str], *, same_day: bool) -> dict[str, float]:
    """p-value per driver, times the number of drivers tried (Bonferroni): more of them are more chances to be fooled."""
    usable = np.isfinite(series.offered)
    shapes = neutral_shapes(problem)  # chosen ones would fit the true series better than shifted ones by choice alone
    number = len(series.drivers)
    return {
        name: min(
            1.0,
            number
            * shift_test(
                problem,
                at,
                series.past[:, at],
                series.exposed,
                usable,
                shapes,
                same_day=same_day,
                known_ahead=series.ahead_days[at] > 0,
            ),
        )
        for at, name in enumerate(series.drivers)
        if name in names
    }


def _uplift(series: QueueAndDrivers, problem: Problem, names: frozenset[str]) -> Uplift:
    shapes = choose_shapes(problem)[0]
    chosen = [name in names for name in series.drivers]
    kept = tuple(shape for shape, taken in zip(shapes, chosen, strict=True) if taken)
    ahead = [days for days, taken in zip(series.ahead_days, chosen, strict=True) if taken]
    design = series.design[: len(series.offered)]
    alone = replace(problem, lags=problem.lags[:, _columns(series, names)], classes=len(names))
    return out_of_sample_uplift(alone, series.offered, design, series.past[:, chosen], series.exposed, kept, ahead)


def _earns_its_place(uplift: Uplift, fewest: float) -> bool:
    if uplift.fraction is None or uplift.held_out is None:
        return False
    return uplift.fraction > FEWEST_UPLIFT and uplift.held_out > fewest


def _to_come(series: QueueAndDrivers, at: int, beta: FloatArray) -> float:
    """Contacts still to come from values already known: each one's kernel beyond the days that have passed."""
    values, announced = series.past[:, at], series.values[len(series.offered) :, at][: series.ahead_days[at]]
    remaining = np.cumsum(beta[::-1])[::-1]
    recent = values[::-1][: len(beta) - 1]
    return float(recent @ remaining[1 : len(recent) + 1] + announced.sum() * beta.sum())
