"""Whether a lead is real: a circular-shift test and the out-of-sample uplift. Only both together let a plan use it.

On unrelated series t-tests on lags find a "lead" in 21-67 % of the cases, and an out-of-sample gain above zero is found in
17-54 %. Asking for both, with the gain's own interval above zero, found one in 1 of 100 (benchmarks/bench_lead.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.claims_forecast import forecast_claims
from forecasting.exposure import exposures
from forecasting.kernel import Problem, estimate, make_problem, solve, with_level
from forecasting.linear import cross_products, tall_times

_SHORTEST_SHIFT_DAYS = 28
_MOST_SHIFTS = 120
_UPLIFT_LEAD_DAYS = 7
_ORIGIN_STEP_DAYS = 7
_MOST_ORIGINS = 26
_FEWEST_TRAINING_DAYS = 84
_LEVEL_DAYS = 14
_RESAMPLES = 200


@dataclass(frozen=True)
class Uplift:
    """How much lower the error of leads 1-7 is with claims than without.

    Attributes:
        fraction: 1 - error with / error without; missing where history is too short for one origin.
        low: lower end of its 90 % interval, resampling origins.
        origins: number of origins.
    """

    fraction: float | None
    low: float | None
    origins: int


def shift_test(
    problem: Problem,
    position: int,
    claims: FloatArray,
    takes_contacts: BoolArray,
    usable: BoolArray,
    maximum_lag_days: int,
    smoothness: float,
) -> float:
    """Share of circularly shifted claims series whose lags 1..K explain as much as the true one's.

    Shifts are whole weeks of four weeks and more, so that the weekday pattern stays and only the timing goes. Lag 0 belongs to
    both sides of the comparison: a relation that exists only on the same day announces nothing.

    Args:
        problem: the joint problem of the queue.
        position: which class is tested.
        claims: that class's claims per date of history, shape (dates,).
        takes_contacts: dates on which contacts can arrive, shape (dates,).
        usable: dates that are rows of the problem, shape (dates,).
        maximum_lag_days: longest lag K.
        smoothness: the kernel's smoothness.

    Returns:
        p-value in (0, 1]; 1 where the history is too short to shift.
    """
    days = len(claims)
    shifts = np.arange(_SHORTEST_SHIFT_DAYS, days - _SHORTEST_SHIFT_DAYS + 1, 7)
    if len(shifts) == 0:
        return 1.0
    if len(shifts) > _MOST_SHIFTS:
        shifts = shifts[np.linspace(0, len(shifts) - 1, _MOST_SHIFTS).round().astype(int)]
    width = maximum_lag_days + 1
    whole = problem.moments()
    same_day = np.ones(len(whole[1]))
    same_day[position * width + 1 : (position + 1) * width] = 0.0

    def explained(series: FloatArray) -> float:
        exposed = exposures(series, takes_contacts, maximum_lag_days)[usable]
        gram, cross = problem.moments_with(position, exposed, whole)
        without = _squares(gram * np.outer(same_day, same_day), cross * same_day, problem.classes, smoothness)
        return without - _squares(gram, cross, problem.classes, smoothness)

    found = explained(claims)
    as_much = sum(explained(np.roll(claims, shift)) >= found for shift in shifts)
    return float((1 + as_much) / (1 + len(shifts)))


def out_of_sample_uplift(
    offered: FloatArray,
    design: FloatArray,
    claims: FloatArray,
    takes_contacts: BoolArray,
    maximum_lag_days: int,
    smoothness: float,
    rng: np.random.Generator,
) -> Uplift:
    """Rolling-origin comparison of the same model with and without claims, days 1 to 7 after each origin.

    At each origin only claims already reported are known; later ones are forecast. Both sides get the same level correction.

    Args:
        offered: contacts per date of history, missing where not usable, shape (dates,).
        design: calendar columns of these dates.
        claims: claims per date and class, shape (dates, classes).
        takes_contacts: dates on which contacts can arrive.
        maximum_lag_days: longest lag K.
        smoothness: the kernel's smoothness.
        rng: for resampling.
    """
    usable = np.isfinite(offered)
    last = len(offered) - _UPLIFT_LEAD_DAYS
    first = max(int(np.searchsorted(np.cumsum(usable), _FEWEST_TRAINING_DAYS)) + 1, len(offered) // 2)
    origins = np.arange(last, first, -_ORIGIN_STEP_DAYS)[:_MOST_ORIGINS]
    errors = np.array(
        [
            _errors_at(int(origin), offered, design, claims, takes_contacts, maximum_lag_days, smoothness)
            for origin in origins
            if usable[origin : origin + _UPLIFT_LEAD_DAYS].any()
        ]
    )
    if len(errors) == 0 or errors[:, 1].sum() == 0:
        return Uplift(None, None, 0)
    drawn = errors[rng.integers(0, len(errors), size=(_RESAMPLES, len(errors)))].sum(axis=1)
    low = float(np.quantile(1.0 - drawn[:, 0] / np.maximum(drawn[:, 1], 1e-12), 0.05))
    return Uplift(float(1.0 - errors[:, 0].sum() / errors[:, 1].sum()), low, len(errors))


def _errors_at(
    origin: int,
    offered: FloatArray,
    design: FloatArray,
    claims: FloatArray,
    takes_contacts: BoolArray,
    maximum_lag_days: int,
    smoothness: float,
) -> tuple[float, float]:
    """Sums of absolute errors over the days after the origin, with and without claims."""
    until = origin + _UPLIFT_LEAD_DAYS
    known = np.vstack(
        [claims[:origin], np.column_stack([forecast_claims(c, _UPLIFT_LEAD_DAYS).expected for c in claims[:origin].T])]
    )
    exposed = np.hstack([exposures(series, takes_contacts[:until], maximum_lag_days) for series in known.T])
    rows = np.flatnonzero(np.isfinite(offered[:origin]))
    problem = make_problem(offered[rows], design[rows], exposed[rows], claims.shape[1])
    beta = estimate(problem.lags, problem.residual, problem.classes, smoothness)
    ahead = origin + np.flatnonzero(np.isfinite(offered[origin:until]))
    actual = offered[ahead]
    brought = np.column_stack([exposed @ beta, np.zeros(until)])
    remaining = offered[:until, None] - brought
    calendar = _calendar_parts(remaining[rows], design[:until], rows, problem.root_weights)
    recent = rows[-_LEVEL_DAYS:]
    level = (remaining[recent] - calendar[recent]).mean(axis=0)
    errors = np.abs(actual[:, None] - calendar[ahead] - brought[ahead] - level).sum(axis=0)
    return float(errors[0]), float(errors[1])


def _calendar_parts(remaining: FloatArray, design: FloatArray, rows: IntArray, root_weights: FloatArray) -> FloatArray:
    """The calendar's part of the contacts for all dates of the design, fitted on its given rows; one column per column given."""
    calendar = with_level(design)
    weighted = root_weights[:, None] * calendar[rows]
    ridge = 1e-3 * len(rows) * np.eye(calendar.shape[1])
    ridge[0, 0] = 0.0
    gram, cross = cross_products(weighted, weighted), cross_products(weighted, root_weights[:, None] * remaining)
    return tall_times(calendar, np.asarray(np.linalg.lstsq(gram + ridge, cross, rcond=None)[0], dtype=np.float64))


def _squares(gram: FloatArray, cross: FloatArray, classes: int, smoothness: float) -> float:
    """Sum of squared errors of the kernel, less that of no kernel at all."""
    beta = solve(gram, cross, classes, smoothness)
    return float(beta @ gram @ beta - 2.0 * cross @ beta)
