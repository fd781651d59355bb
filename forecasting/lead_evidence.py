"""Whether a lead is real: a circular-shift test and the out-of-sample uplift. Only both together let a plan use it.

On unrelated series t-tests on lags find a "lead" in 21-67 % of the cases, and an out-of-sample gain above zero is found in
17-54 %. Asking for both, with the gain's own interval above zero, found one in 1 of 100 (benchmarks/lead.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import BoolArray, FloatArray
from forecasting.claims_forecast import forecast_claims
from forecasting.exposure import exposures
from forecasting.kernel import Problem, estimate, make_problem, with_level
from forecasting.linear import in_blocks

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

    def explained(series: FloatArray) -> float:
        lags = problem.with_lags(position, exposures(series, takes_contacts, maximum_lag_days)[usable])
        same_day = np.ones(lags.shape[1], dtype=bool)
        same_day[position * width + 1 : (position + 1) * width] = False
        without = np.where(same_day, lags, 0.0)
        return _squares(problem, without, smoothness) - _squares(problem, lags, smoothness)

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
    results = []
    for brought in (exposed @ beta, np.zeros(until)):
        calendar = calendar_part(offered[rows] - brought[rows], design[:until], rows, problem.root_weights)
        recent = rows[-_LEVEL_DAYS:]
        level = float(np.mean(offered[recent] - calendar[recent] - brought[recent]))
        results.append(float(np.abs(actual - calendar[ahead] - brought[ahead] - level).sum()))
    return results[0], results[1]


def calendar_part(remaining: FloatArray, design: FloatArray, rows: np.ndarray, root_weights: FloatArray) -> FloatArray:
    """The calendar's part of the contacts for all dates of the design, fitted on its given rows."""
    calendar = with_level(design)
    weighted = root_weights[:, None] * calendar[rows]
    ridge = 1e-3 * len(rows) * np.eye(calendar.shape[1])
    ridge[0, 0] = 0.0
    gram, cross = in_blocks(weighted).normal_equations(np.ones(len(rows)), root_weights * remaining)
    solution = np.asarray(np.linalg.lstsq(gram + ridge, cross, rcond=None)[0], dtype=np.float64)
    return in_blocks(calendar).times(solution)


def _squares(problem: Problem, lags: FloatArray, smoothness: float) -> float:
    beta = estimate(lags, problem.residual, problem.classes, smoothness)
    return float(np.sum((problem.residual - lags @ beta) ** 2))
