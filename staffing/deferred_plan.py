"""The cheapest staff for deferred work: least people-hours per shift block that keep every due time, or the least-bad plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from staffing.deferred import DeferredWork, due_in_open_periods
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


@dataclass(frozen=True)
class _Programme:
    """Rows and bounds of a linear programme whose first columns are the people per block and whose last may be shortfalls."""

    rows: sparse.csr_array
    low: FloatArray
    high: FloatArray
    most: FloatArray
    """Upper bounds of the columns behind the people."""
    shortfalls: int = 0
    """How many of the last columns are items overdue in a period."""


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
    exact = _cumulative if in_order else _by_cohort
    free = work.free_items[work.is_open] / work.items_per_person

    def solve(programme: _Programme, *, late: bool, most_late: float = np.inf) -> OptimizeResult:
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
        relaxed = _cumulative(amount, first, last, free, block_of_open, least.size, may_be_late=True)
        soonest = solve(relaxed, late=True)
        cheapest = solve(relaxed, late=False, most_late=soonest.fun * (1 + 1e-9) + 1e-7)
        found = soonest if cheapest.x is None else cheapest
    staff = np.asarray(found.x[: least.size], dtype=np.float64)
    staff = np.maximum(np.round(staff) if whole_people else staff, 0.0) + 0.0
    return staff, attainable, bool(found.status == 0)


def _cumulative(
    amount: FloatArray,
    first: IntArray,
    last: IntArray,
    free: FloatArray,
    block_of_open: IntArray,
    blocks: int,
    *,
    may_be_late: bool = False,
) -> _Programme:
    """Columns: people per block, work done by the end of each open period, and perhaps what is overdue by then.

    Due by then <= done by then (+ overdue) <= released by then; done in a period <= people and what is done for free. Exact where
    what is released earlier is due earlier, and only three rows per open period whatever the goal.
    """
    periods = block_of_open.size
    released = np.cumsum(np.bincount(first[first < periods], weights=amount[first < periods], minlength=periods))
    due = np.cumsum(np.bincount(np.maximum(last, 0), weights=amount, minlength=periods))
    one = sparse.eye_array(periods, format="csr")
    step = one - sparse.eye_array(periods, k=-1, format="csr")
    people = sparse.csr_array((np.ones(periods), (np.arange(periods), block_of_open)), shape=(periods, blocks))
    late = periods if may_be_late else 0
    rows = sparse.block_array([[None, one], [None, step], [people, -step]], format="csr")
    if may_be_late:
        overdue = sparse.vstack([one, sparse.csr_array((2 * periods, periods))], format="csr")
        rows = sparse.hstack([rows, overdue], format="csr")
    return _Programme(
        rows=rows,
        low=np.concatenate([due, np.zeros(periods), -free]),
        high=np.full(3 * periods, np.inf),
        most=np.concatenate([released, np.full(late, np.inf)]),
        shortfalls=late,
    )


def _by_cohort(
    amount: FloatArray, first: IntArray, last: IntArray, free: FloatArray, block_of_open: IntArray, blocks: int
) -> _Programme:
    """Columns: people per block, work on each cohort in each open period it can be done in. Exact for any order of due times."""
    periods = block_of_open.size
    spans = np.maximum(last - first + 1, 0)
    cohort = np.repeat(np.arange(amount.size), spans)
    period = first[cohort] + np.arange(cohort.size) - np.repeat(np.cumsum(spans) - spans, spans)
    work, columns = np.ones(cohort.size), np.arange(cohort.size)
    done = sparse.csr_array((work, (cohort, columns)), shape=(amount.size, cohort.size))
    used = sparse.csr_array((-work, (period, columns)), shape=(periods, cohort.size))
    people = sparse.csr_array((np.ones(periods), (np.arange(periods), block_of_open)), shape=(periods, blocks))
    return _Programme(
        rows=sparse.block_array([[None, done], [people, used]], format="csr"),
        low=np.concatenate([amount, -free]),
        high=np.full(amount.size + periods, np.inf),
        most=np.full(cohort.size, np.inf),
    )


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
