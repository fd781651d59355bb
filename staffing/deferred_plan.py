"""The cheapest staff for deferred work: least people-hours per shift block that keep every due time, or the least-bad plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp

from staffing.deferred import DeferredWork, due_in_open_periods
from staffing.deferred_programme import Programme, by_cohort, cumulative
from staffing.doors import FloatArray, IntArray, column
from staffing.trajectory import Trajectory, trajectory

_TOLERANCE = 1e-6  # HiGHS keeps rows to 1e-7; a person-period is never planned finer than this


@dataclass(frozen=True)
class DeferredPlan:
    """Staff for deferred work."""

    staff: FloatArray
    """People per period; 0 in closed periods."""
    block_staff: FloatArray
    """People per block, in the order of the block numbers."""
    staff_periods: float
    """People x open periods, the plan's size."""
    staff_hours: float
    cost: float
    """Sum over open periods of people x the period's cost; equals `staff_periods` if no cost was given."""
    is_attainable: bool
    """Whether all due work is done in time; if not, the plan has the fewest item-periods overdue that the limits allow."""
    is_optimal: bool
    """Whether the solver proved that nothing is cheaper (it may stop at `node_limit`)."""
    projection: Trajectory
    """What happens to the work under this plan."""
    shortfall: str
    """What is missing, in words; empty for an attainable plan."""


def cheapest_plan(
    work: DeferredWork,
    *,
    block: npt.ArrayLike | None = None,
    whole_people: bool = True,
    minimum_staff: npt.ArrayLike = 0.0,
    maximum_staff: npt.ArrayLike = np.inf,
    period_cost: npt.ArrayLike = 1.0,
    node_limit: int = 20_000,
) -> DeferredPlan:
    """Least staff that completes all due work in time, constant over the open periods of each block.

    Where no plan can (no open period before a due time, or the limits are too tight), the plan with the fewest item-periods
    overdue within the limits is returned, the cheapest of those, and `shortfall` says what is missing.

    Args:
        work: the cohorts (`staffing.deferred.deferred_work`).
        block: per period the number of its shift block, 0 and up; every period its own block if not given.
        whole_people: whole people per block; otherwise any real number.
        minimum_staff: least people per open period, >= 0; one number or one per period.
        maximum_staff: most people per open period, infinity for no limit; one number or one per period.
        period_cost: cost of a person in each open period, > 0 where it should matter; one number or one per period.
        node_limit: branches after which the search for whole people stops with the best plan found.

    Raises:
        ValueError: naming the first period whose limits contradict each other, or the input that does not fit.

    Example:
        >>> from staffing.deferred import deferred_work
        >>> work = deferred_work(is_open=[1] * 8, arrivals=[10, 20, 40, 30, 10, 5, 5, 0], mean_handle_seconds=600, period_hours=1,
        ...                      goal_open_periods=1)
        >>> cheapest_plan(work).staff_periods
        20.0
    """
    periods = work.is_open.size
    limits = _block_limits(work, block, minimum_staff, maximum_staff, period_cost)
    blocks, block_least, block_most, block_price = limits.blocks, limits.least, limits.most, limits.price
    opened, price = np.flatnonzero(work.is_open), np.broadcast_to(column("hourly_cost", period_cost), (periods,))
    if whole_people:
        block_least, block_most = np.ceil(block_least - _TOLERANCE), np.floor(block_most + _TOLERANCE)
    wrong = np.flatnonzero(block_least > block_most)
    if wrong.size:
        period = int(np.flatnonzero(blocks == wrong[0])[0])
        raise ValueError(
            f"period {period} (block {wrong[0]}) needs at least {block_least[wrong[0]]:g} and allows at most "
            f"{block_most[wrong[0]]:g} people; expected minimum_staff not above maximum_staff within every block"
        )
    staff, attainable, optimal = _solve(
        work, blocks[opened], block_least, block_most, block_price, whole_people=whole_people, node_limit=node_limit
    )
    per_period = staff[blocks] * work.is_open if periods else np.zeros(0)
    projection = trajectory(work, per_period)
    size = float(per_period.sum())
    return DeferredPlan(
        staff=per_period,
        block_staff=staff,
        staff_periods=size,
        staff_hours=size * work.period_hours,
        cost=float((per_period * price).sum()),
        is_attainable=attainable,
        is_optimal=optimal,
        projection=projection,
        shortfall="" if attainable else _in_words(work, projection),
    )


def due_row_prices(
    work: DeferredWork,
    *,
    block: npt.ArrayLike | None = None,
    minimum_staff: npt.ArrayLike = 0.0,
    maximum_staff: npt.ArrayLike = np.inf,
    period_cost: npt.ArrayLike = 1.0,
) -> FloatArray:
    """What the cheapest plan in parts of people costs more per item that is due by the end of each open period: dual values.

    The plan is that of `cheapest_plan` with `whole_people=False`; an item that is due one open period later saves at most the
    price of the period. Work is taken as first in, first out. Not attainable plans have no prices: all are 0.

    Returns:
        One price per open period, in the unit of cost x people per item.

    Example:
        >>> from staffing.deferred import deferred_work
        >>> work = deferred_work(is_open=[1, 1, 1], arrivals=[12, 0, 0], mean_handle_seconds=600, period_hours=1,
        ...                      goal_open_periods=1)
        >>> due_row_prices(work, period_cost=[3, 3, 1]).round(6).tolist()  # an item costs 3 / 6
        [0.0, 0.5, 0.0]
    """
    limits = _block_limits(work, block, minimum_staff, maximum_staff, period_cost)
    opened = np.flatnonzero(work.is_open)
    items, first, last = due_in_open_periods(work)
    if items.size == 0 or opened.size == 0 or (first > last).any():
        return np.zeros(opened.size)
    free = work.free_items[opened] / work.items_per_person
    programme = cumulative(items / work.items_per_person, first, last, free, limits.blocks[opened], limits.least.size)
    nothing = np.zeros(programme.most.size)
    low = np.concatenate([limits.least, nothing])
    high = np.concatenate([np.maximum(limits.most, limits.least), programme.most])
    found: OptimizeResult = linprog(  # the stubs of scipy know no sparse matrix here
        np.concatenate([limits.price, nothing]),
        A_ub=-programme.rows,  # type: ignore[call-overload]
        b_ub=-programme.low,
        bounds=np.column_stack([low, high]),
        method="highs",
    )
    if found.x is None:
        return np.zeros(opened.size)
    prices: FloatArray = np.maximum(-np.asarray(found.ineqlin.marginals[: opened.size], dtype=np.float64), 0.0)
    return prices / work.items_per_person


@dataclass(frozen=True)
class _Limits:
    """Block of each period, and per block the fewest and most people and the cost of one."""

    blocks: IntArray
    least: FloatArray
    most: FloatArray
    price: FloatArray


def _block_limits(
    work: DeferredWork,
    block: npt.ArrayLike | None,
    minimum_staff: npt.ArrayLike,
    maximum_staff: npt.ArrayLike,
    period_cost: npt.ArrayLike,
) -> _Limits:
    periods = work.is_open.size
    blocks = np.arange(periods) if block is None else np.asarray(block, dtype=np.int64)
    if blocks.shape != (periods,) or (periods and blocks.min() < 0):
        raise ValueError(f"block has shape {blocks.shape}; expected one number from 0 up for each of the {periods} periods")
    least = np.broadcast_to(column("staff", minimum_staff), (periods,))
    most = np.broadcast_to(column("maximum_staff", maximum_staff), (periods,))
    price = np.broadcast_to(column("hourly_cost", period_cost), (periods,))
    count = int(blocks.max(initial=-1)) + 1
    block_least, block_most, block_price = np.zeros(count), np.full(count, np.inf), np.zeros(count)
    opened = np.flatnonzero(work.is_open)
    np.maximum.at(block_least, blocks[opened], least[opened])
    np.minimum.at(block_most, blocks[opened], most[opened])
    np.add.at(block_price, blocks[opened], price[opened])
    block_most[np.bincount(blocks[opened], minlength=count) == 0] = 0.0
    return _Limits(blocks, block_least, block_most, block_price)


def _solve(
    work: DeferredWork,
    block_of_open: IntArray,
    least: FloatArray,
    most: FloatArray,
    price: FloatArray,
    *,
    whole_people: bool,
    node_limit: int,
) -> tuple[FloatArray, bool, bool]:
    """People per block, whether all due work is done in time, whether nothing is cheaper."""
    items, first, last = due_in_open_periods(work)
    if items.size == 0 or block_of_open.size == 0:
        return least, items.size == 0, True
    amount = items / work.items_per_person  # in people x open periods
    by_due = np.lexsort((first, last))
    in_order = bool((first <= last).all() and (np.diff(first[by_due]) >= 0).all())
    exact = cumulative if in_order else by_cohort
    free = work.free_items[work.is_open] / work.items_per_person

    def solve(programme: Programme, *, late: bool, most_late: float = np.inf) -> OptimizeResult:
        others = programme.most.size
        cost = np.concatenate([price, np.zeros(others)])
        shortfall = np.zeros(cost.size)
        shortfall[cost.size - programme.shortfalls :] = 1.0
        constraints = [LinearConstraint(programme.rows, programme.low, programme.high)]
        if np.isfinite(most_late):
            constraints.append(LinearConstraint(shortfall[None, :], -np.inf, most_late))
        return milp(
            shortfall if late else cost,
            integrality=np.concatenate([np.full(least.size, int(whole_people)), np.zeros(others)]),
            bounds=Bounds(np.concatenate([least, np.zeros(others)]), np.concatenate([most, programme.most])),
            constraints=constraints,
            options={"mip_rel_gap": 0.0, "node_limit": node_limit},
        )

    found = solve(exact(amount, first, last, free, block_of_open, least.size), late=False)
    attainable = found.x is not None
    if not attainable:
        relaxed = cumulative(amount, first, last, free, block_of_open, least.size, may_be_late=True)
        soonest = solve(relaxed, late=True)
        cheapest = solve(relaxed, late=False, most_late=soonest.fun * (1 + 1e-9) + 1e-7)
        found = soonest if cheapest.x is None else cheapest
    staff = np.asarray(found.x[: least.size], dtype=np.float64)
    staff = np.maximum(np.round(staff) if whole_people else staff, 0.0) + 0.0
    return staff, attainable, bool(found.status == 0)


def _in_words(work: DeferredWork, projection: Trajectory) -> str:
    """What an unattainable plan leaves undone."""
    breached = projection.breached_items
    first = int(np.argmax(breached > _TOLERANCE))
    missing = float(breached.sum())
    if missing <= _TOLERANCE:
        return "the limits were missed by less than the solver's tolerance; nothing is projected late"
    return (
        f"{missing:.6g} of {work.due_items:.6g} items due in the horizon are not done in time, the first {breached[first]:.6g} "
        f"by the end of period {first}: allow more staff, open earlier, or move their due time"
    )
