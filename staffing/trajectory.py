"""What happens to deferred work with given staff: completions, backlog, breaches and ages, period by period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from enterprise.compiled import compiled
from staffing.deferred import NO_DUE, DeferredWork
from staffing.doors import FloatArray, IntArray, column


@dataclass(frozen=True)
class Trajectory:
    """What happens to the work with given staff, earliest due first. Arrays per period unless said otherwise."""

    completed: FloatArray
    backlog: FloatArray
    """Items not completed at the end of the period, those that arrived in it included."""
    utilisation: FloatArray
    """Completed / what the staff and the free capacity could complete; NaN where closed or nobody works."""
    due_items: FloatArray
    """Items that are due by the end of just this period."""
    breached_items: FloatArray
    """Of these, the items not completed by then."""
    overdue_items: FloatArray
    """Items past their due time and still open at the end of the period."""
    oldest_age_periods: FloatArray
    """Open periods since the oldest item that is still open arrived, at the end of the period; 0 where nothing waits."""
    on_time: FloatArray
    """Items completed by their due time per cohort, in the order opening backlog, then arrivals by period; NaN if not due."""
    within_goal_fraction: float
    """Items completed in time / items due inside the horizon; NaN if nothing is due."""


def trajectory(work: DeferredWork, staff: npt.ArrayLike) -> Trajectory:
    """Completions, backlog, breaches and ages with given staff, as a fluid: earliest due first, no more than is there.

    Args:
        work: the cohorts.
        staff: people per period, >= 0, or one number for all; nobody works in closed periods.

    Raises:
        ValueError: naming the first offending period.

    Example:
        >>> from staffing.deferred import deferred_work
        >>> work = deferred_work(is_open=[1, 1, 1], arrivals=[10, 20, 5], mean_handle_seconds=600, period_hours=1,
        ...                      goal_open_periods=1)
        >>> done = trajectory(work, 2)
        >>> done.completed, done.backlog, done.within_goal_fraction
        (array([10., 12., 12.]), array([0., 8., 1.]), 1.0)
    """
    periods = work.is_open.size
    people = np.broadcast_to(column("staff", staff), (periods,))
    capacity = people * work.items_per_person * work.is_open + work.free_items
    completed, on_time = np.zeros(periods), np.zeros(work.items.size)
    backlog, breached, overdue, age = (np.zeros(periods) for _ in range(4))
    open_so_far = np.concatenate([[0.0], np.cumsum(work.is_open, dtype=np.float64)])
    cohorts = (work.items, work.release, work.due, work.arrived)
    _work_off(capacity, open_so_far, *cohorts, completed, backlog, on_time, breached, overdue, age)
    due = work.due != NO_DUE
    due_items: FloatArray = np.bincount(work.due[due], weights=work.items[due], minlength=periods).astype(np.float64)
    by_source = np.full(work.source.max(initial=-1) + 1, np.nan)
    by_source[work.source[due]] = on_time[due]
    with np.errstate(divide="ignore", invalid="ignore"):
        utilisation = np.where(capacity > 0, completed / capacity, np.nan)
    return Trajectory(
        completed=completed,
        backlog=backlog,
        utilisation=utilisation,
        due_items=due_items,
        breached_items=breached,
        overdue_items=overdue,
        oldest_age_periods=age,
        on_time=by_source,
        within_goal_fraction=float(on_time[due].sum() / work.due_items) if work.due_items > 0 else float("nan"),
    )


@compiled
def _work_off(
    capacity: FloatArray, open_so_far: FloatArray, items: FloatArray, release: IntArray, due: IntArray, arrived: IntArray,
    completed: FloatArray, backlog: FloatArray, on_time: FloatArray, breached: FloatArray, overdue: FloatArray, age: FloatArray,
) -> None:  # fmt: skip
    """Work the cohorts off in their order, filling the arrays behind `arrived`."""
    left = items.copy()
    begin = 0
    for period in range(capacity.size):
        room = capacity[period]
        while begin < left.size and left[begin] <= 0.0:
            begin += 1
        for cohort in range(begin, left.size):
            if room <= 0.0:
                break
            if left[cohort] > 0.0 and release[cohort] <= period:
                done = min(left[cohort], room)
                # Residue of subtraction, here or of the cohorts before, is no item.
                rest = left[cohort] - done
                left[cohort] = rest if rest > 1e-12 * max(items[cohort], capacity[period]) else 0.0
                room -= done
                completed[period] += done
                if period <= due[cohort]:
                    on_time[cohort] += done
        for cohort in range(begin, left.size):
            if left[cohort] > 0.0 and arrived[cohort] <= period:
                backlog[period] += left[cohort]
                if due[cohort] >= 0 and due[cohort] <= period:
                    overdue[period] += left[cohort]
                    if due[cohort] == period:
                        breached[period] += left[cohort]
                start = open_so_far[max(arrived[cohort], 0)] + min(arrived[cohort], 0)
                age[period] = max(age[period], open_so_far[period + 1] - start)
