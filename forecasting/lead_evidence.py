"""Whether a lead is real: a circular-shift test, blocks of days held out, forecasts from past nights. A plan wants all three.

On unrelated series t-tests on lags find a "lead" in 21-67 % of the cases, and an out-of-sample gain above zero is found in
17-54 %. The shift test alone is fooled the oftener, the shorter the history is, since few shifts are independent of each other;
what a lead explains of days held out is then far below what a real one explains (docs/decisions/0005).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.claims_forecast import forecast_claims
from forecasting.kernel import Problem, Shapes, estimate, held_out_error, make_problem, solve, with_level
from forecasting.linear import cross_products, tall_times
from forecasting.wandering import Wandering

Exposed = Callable[[FloatArray], FloatArray]
"""Takes a driver's values from the first date on; gives its exposures on the same dates, dates x (K + 1)."""

FEW_DAYS = 112
"""Usable days below which history is short: fewer calendar columns, and fewer days to train on."""
_SHORTEST_SHIFT_DAYS = 28
_SHORTEST_SHIFT_DAYS_SHORT = 10
_FEWEST_SHIFTS = 20
_DAYS_FOR_WEEKLY_SHIFTS = 2 * _SHORTEST_SHIFT_DAYS + 7 * (_FEWEST_SHIFTS - 1)
_MOST_SHIFTS = 120
_MOST_AS_MUCH = 10
_SHIFTS_AT_ONCE = 20
"""Fits that are solved together; more would often be in vain."""
_TAIL = 0.1
_UPLIFT_LEAD_DAYS = 3
"""What is known of a driver tells most of the first days; of later ones its forecast tells little, be the lead real or not."""
_ORIGIN_STEP_DAYS = 3
_MOST_ORIGINS = 40
_FEWEST_TRAINING_DAYS, _FEWEST_TRAINING_DAYS_SHORT = 84, 24
_LEVEL_DAYS = 14


@dataclass(frozen=True)
class Uplift:
    """How much lower the error of days 1 to 3 is with a driver than without.

    Attributes:
        fraction: 1 - error with / error without; missing where history is too short for one origin.
        origins: number of origins.
        held_out: share of what the calendar leaves that the driver explains on blocks of days held out, below 0 where it explains
            nothing; missing where it was not looked at.
    """

    fraction: float | None
    origins: int
    held_out: float | None


NOT_MEASURED = Uplift(None, 0, None)


def shift_test(
    problem: Problem,
    position: int,
    values: FloatArray,
    exposed: Exposed,
    usable: BoolArray,
    shapes: Shapes,
    *,
    same_day: bool,
    known_ahead: bool = False,
) -> float:
    """Share of circularly shifted series of a driver whose lags explain as much as the true one's.

    Shifts are whole weeks of four weeks and more, so that the weekday pattern stays and only the timing goes; where there are
    too few of them, single days. Lag 0 belongs to both sides of the comparison: a relation that exists only on the same day
    announces nothing. Shifts end early once it is clear that they explain as much often enough (Besag, Clifford 1991). Where none
    does, the p-value is read off the tail of a gamma distribution through them, but never below a tenth of what counting gives.

    Args:
        problem: the joint problem of the queue.
        position: which driver is tested.
        values: its values per date of history, shape (dates,).
        exposed: gives its exposures.
        usable: dates that are rows of the problem, shape (dates,).
        shapes: the kernels' shapes.
        same_day: test lag 0 alone against nothing, instead of lags 1..K beside lag 0.
        known_ahead: the driver's values are known before their day: then lag 0 announces something, and all lags are tested.

    Returns:
        p-value in (0, 1]; 1 where the history is too short to shift.
    """
    whole = problem.moments()
    width = len(whole[1]) // problem.classes
    shifts = _shifts(len(values), width)
    if not len(shifts):
        return 1.0
    kept = np.ones(len(whole[1]))
    kept[position * width + (0 if same_day or known_ahead else 1) : (position + 1) * width] = 0.0
    full = np.ones(len(whole[1]))
    if same_day:
        full[position * width + 1 : (position + 1) * width] = 0.0

    def explained(shifted: IntArray) -> FloatArray:
        moved = [problem.moments_with(position, exposed(np.roll(values, shift))[usable], whole) for shift in shifted]
        gram, cross = (np.array(part) for part in zip(*moved, strict=True))
        without, with_all = (_squares(gram * np.outer(columns, columns), cross * columns, shapes) for columns in (kept, full))
        return without - with_all

    found = float(explained(np.zeros(1, dtype=np.int64))[0])
    by_chance = np.zeros(0)
    for some in np.array_split(shifts, -(-len(shifts) // _SHIFTS_AT_ONCE)):
        by_chance = np.append(by_chance, explained(some))
        as_much = np.cumsum(by_chance >= found)
        if as_much[-1] >= _MOST_AS_MUCH:
            return float(_MOST_AS_MUCH / (1 + np.searchsorted(as_much, _MOST_AS_MUCH)))
    counted = float((1 + as_much[-1]) / (1 + len(shifts)))
    return counted if as_much[-1] else max(min(_gamma_tail(found, by_chance), counted), _TAIL * counted)


def _shifts(days: int, lags: int) -> IntArray:
    """Shifts to try, in an order that has long and short ones early.

    A series that comes so many days too early as there are lags still holds the true one at its longer lags, and is no chance.
    """
    shifts = np.arange(_SHORTEST_SHIFT_DAYS, days - max(_SHORTEST_SHIFT_DAYS, lags) + 1, 7)
    if days < _DAYS_FOR_WEEKLY_SHIFTS:
        shifts = np.arange(_SHORTEST_SHIFT_DAYS_SHORT, days - max(_SHORTEST_SHIFT_DAYS_SHORT, lags) + 1)
    if len(shifts) > _MOST_SHIFTS:
        shifts = shifts[np.linspace(0, len(shifts) - 1, _MOST_SHIFTS).round().astype(int)]
    order = np.argsort(np.arange(len(shifts)) * 0.618_033_988_75 % 1.0, kind="stable")
    return np.asarray(shifts[order], dtype=np.int64)


def _gamma_tail(found: float, by_chance: FloatArray) -> float:
    """Chance of that much or more, if what shifts explain is gamma distributed."""
    mean, variance = float(by_chance.mean()), float(by_chance.var())
    if mean <= 0.0 or variance <= 0.0:
        return 0.0
    return float(special.gammaincc(mean**2 / variance, found * mean / variance))


def out_of_sample_uplift(
    problem: Problem,
    offered: FloatArray,
    design: FloatArray,
    values: FloatArray,
    exposed: Exposed,
    shapes: Shapes,
    ahead_days: Sequence[int] | None = None,
) -> Uplift:
    """What drivers explain of blocks of days held out, and how forecasts of days 1 to 3 from past nights gain by them.

    At each origin only values known then are used; later ones are forecast. Both sides get the same level correction.

    Args:
        problem: the joint problem of the queue with these drivers.
        offered: contacts per date of history, missing where not usable, shape (dates,).
        design: calendar columns of these dates.
        values: values per date and driver, shape (dates, drivers).
        exposed: gives a driver's exposures.
        shapes: the kernels' shapes.
        ahead_days: of each driver, days ahead up to which its values are always known; None for none of them.
    """
    ahead = [0] * values.shape[1] if ahead_days is None else ahead_days
    left = float(np.square(problem.residual[: len(problem.root_weights)]).sum())
    held_out = 1.0 - held_out_error(problem, shapes) / left if left > 0.0 else 0.0
    usable = np.isfinite(offered)
    training = _FEWEST_TRAINING_DAYS_SHORT if int(usable.sum()) < FEW_DAYS else _FEWEST_TRAINING_DAYS
    last = len(offered) - _UPLIFT_LEAD_DAYS
    first = int(np.searchsorted(np.cumsum(usable), training)) + 1
    origins = np.arange(last, first - 1, -_ORIGIN_STEP_DAYS)[:_MOST_ORIGINS]
    errors = np.array(
        [
            _errors_at(int(origin), offered, design, values, exposed, shapes, ahead, problem.wandering)
            for origin in origins
            if usable[origin : origin + _UPLIFT_LEAD_DAYS].any()
        ]
    )
    if len(errors) == 0 or errors[:, 1].sum() == 0:
        return Uplift(None, 0, held_out)
    return Uplift(float(1.0 - errors[:, 0].sum() / errors[:, 1].sum()), len(errors), held_out)


def _errors_at(
    origin: int,
    offered: FloatArray,
    design: FloatArray,
    values: FloatArray,
    exposed: Exposed,
    shapes: Shapes,
    ahead_days: Sequence[int],
    wandering: Wandering,
) -> tuple[float, float]:
    """Sums of absolute errors over the days after the origin, with and without drivers."""
    until = origin + _UPLIFT_LEAD_DAYS
    known = np.vstack(
        [values[:origin], np.column_stack([forecast_claims(c, _UPLIFT_LEAD_DAYS).expected for c in values[:origin].T])]
    )
    for column, days in enumerate(ahead_days):
        announced = slice(origin, min(origin + days, until))
        known[announced, column] = values[announced, column]
    met = np.hstack([exposed(series) for series in known.T])
    rows = np.flatnonzero(np.isfinite(offered[:origin]))
    problem = make_problem(offered[rows], design[rows], met[rows], values.shape[1], wandering)
    beta = estimate(problem.lags, problem.residual, shapes)
    ahead = origin + np.flatnonzero(np.isfinite(offered[origin:until]))
    actual = offered[ahead]
    brought = np.column_stack([met @ beta, np.zeros(until)])
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


def _squares(gram: FloatArray, cross: FloatArray, shapes: Shapes) -> FloatArray:
    """Sum of squared errors of each problem's kernel, less that of no kernel at all."""
    beta = solve(gram, cross, shapes)
    half = np.matmul(gram, beta[..., None])[..., 0] - 2.0 * cross
    return np.asarray((beta * half).sum(axis=1), dtype=np.float64)
