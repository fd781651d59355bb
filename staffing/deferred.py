"""Deferred work (email, cases, claims): due times on the business clock, the peak they need, and the backlog to expect."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from enterprise.compiled import compiled
from staffing.doors import BoolArray, FloatArray, IntArray, column

NO_DUE = -1
"""Due period of work that is not due inside the horizon."""


@dataclass(frozen=True)
class DeferredWork:
    """Work by cohort over a horizon of equal periods: what may be started when, and must be done when.

    Build it with `deferred_work`. Cohorts stand in the order in which they are worked: earliest due first, then oldest.
    """

    is_open: BoolArray
    """Per period: whether work is done in it."""
    items_per_person: float
    """Items that one person completes in an open period."""
    period_hours: float
    items: FloatArray
    """Per cohort."""
    release: IntArray
    """Per cohort: first period in which it may be worked."""
    due: IntArray
    """Per cohort: period by whose end it must be done, or `NO_DUE`."""
    arrived: IntArray
    """Per cohort: period of arrival; negative for the opening backlog, counted back in open periods."""
    free_items: FloatArray
    """Per period: items completed without the people planned here, as in the idle time of others; 0 if closed."""
    source: IntArray = field(repr=False)
    """Per cohort: its place in `opening_backlog` followed by `arrivals` as they were given."""

    @property
    def due_items(self) -> float:
        """Items due inside the horizon."""
        return float(self.items[self.due != NO_DUE].sum())

    @property
    def due_hours(self) -> float:
        """Hours of one person's open time that the items due inside the horizon take."""
        return self.due_items / self.items_per_person * self.period_hours


@dataclass(frozen=True)
class MinimalPeak:
    """The least number of people who, in every open period, get all work done in time."""

    staff: float
    """Exact, not rounded; infinite if some work has no open period between its release and its due time."""
    critical_window: tuple[int, int] | None
    """First and last open period of the window that makes it so many; None if nothing is due."""


def due_periods(is_open: npt.ArrayLike, open_periods: int) -> IntArray:
    """By the end of which period work that arrives in each period must be done.

    Args:
        is_open: per period, true or 1 where work is done.
        open_periods: the goal in open periods, >= 1: the k-th open period strictly after the arrival is the last.

    Returns:
        Period indexes; `NO_DUE` where fewer than `open_periods` open periods remain.

    Raises:
        ValueError: if the goal is below 1.

    Example:
        >>> due_periods([1, 1, 0, 1], 1)
        array([ 1,  3,  3, -1])
    """
    if open_periods < 1:
        raise ValueError(f"the goal is {open_periods} open periods; expected at least 1: a shorter goal needs shorter periods")
    opened = np.asarray(is_open, dtype=bool)
    places = np.flatnonzero(opened)
    wanted = np.cumsum(opened) + open_periods - 1
    return np.where(wanted < places.size, places[np.minimum(wanted, places.size - 1)] if places.size else NO_DUE, NO_DUE)


def deferred_work(
    *,
    is_open: npt.ArrayLike,
    arrivals: npt.ArrayLike,
    mean_handle_seconds: float,
    period_hours: float,
    goal_open_periods: int,
    lag_periods: int = 0,
    backlog_items: npt.ArrayLike = (),
    backlog_due: npt.ArrayLike = (),
    backlog_age_periods: npt.ArrayLike | None = None,
    productive_fraction: float = 1.0,
    within_goal_fraction: float = 1.0,
    free_items: npt.ArrayLike = 0.0,
) -> DeferredWork:
    """Cohorts of work from arrivals per period and an opening backlog.

    Args:
        is_open: per period of the horizon, true or 1 where work is done.
        arrivals: items that arrive in each period, closed ones too, >= 0.
        mean_handle_seconds: work per item, > 0.
        period_hours: length of a period, > 0.
        goal_open_periods: see `due_periods`.
        lag_periods: 0 if an item may be worked in the period of its arrival, 1 if from the next, and so on.
        backlog_items: items waiting at the start per cohort, oldest first.
        backlog_due: their due periods; 0 for work that is overdue or due now, `NO_DUE` for work not due inside the horizon.
        backlog_age_periods: open periods since each backlog cohort arrived; 1 each if not given.
        productive_fraction: share of a person's open time that is worked on items, in (0, 1]; leave 1 to plan positions.
        within_goal_fraction: share of every cohort that must meet the goal, in (0, 1]; the rest is worked later.
        free_items: items per period that others complete in their idle time, >= 0; counts in open periods only.

    Raises:
        ValueError: naming the input, the first offending index and the remedy.

    Example:
        >>> work = deferred_work(is_open=[1, 1, 1], arrivals=[10, 20, 5], mean_handle_seconds=600, period_hours=1,
        ...                      goal_open_periods=1)
        >>> work.due_items, work.due_hours
        (30.0, 5.0)
    """
    opened = np.asarray(is_open, dtype=bool)
    come = column("arrivals", arrivals)
    if come.shape != opened.shape or opened.ndim != 1:
        raise ValueError(f"arrivals have shape {come.shape} and is_open {opened.shape}; expected one value per period in both")
    for name, value, most in (
        ("mean_handle_seconds", mean_handle_seconds, np.inf),
        ("period_hours", period_hours, np.inf),
        ("productive_fraction", productive_fraction, 1.0),
        ("within_goal_fraction", within_goal_fraction, 1.0),
    ):
        if not (0 < value <= most and np.isfinite(value)):
            raise ValueError(f"{name} is {value}; expected above 0{' and at most 1' if most == 1 else ' and finite'}")
    if lag_periods < 0:
        raise ValueError(f"lag_periods is {lag_periods}; expected 0 or more")
    waiting = column("items", backlog_items).reshape(-1)
    waiting_due = np.asarray(backlog_due, dtype=np.int64).reshape(-1)
    ages = np.ones(waiting.size) if backlog_age_periods is None else column("items", backlog_age_periods).reshape(-1)
    if not waiting.size == waiting_due.size == ages.size:
        raise ValueError(
            f"backlog: {waiting.size} cohorts, {waiting_due.size} due periods and {ages.size} ages; give one of each"
        )
    wrong = np.flatnonzero((waiting_due < NO_DUE) | (waiting_due >= opened.size))
    if wrong.size:
        raise ValueError(
            f"backlog_due[{wrong[0]}] is {waiting_due[wrong[0]]}; expected 0 to {opened.size - 1}, or {NO_DUE} for not due in "
            "the horizon: work that is overdue already is due in period 0"
        )
    items = np.concatenate([waiting, come])
    due = np.concatenate([waiting_due, due_periods(opened, goal_open_periods)])
    release = np.concatenate([np.zeros(waiting.size, np.int64), np.arange(opened.size) + lag_periods])
    arrived = np.concatenate([-ages.astype(np.int64), np.arange(opened.size)])
    source = np.arange(items.size)
    if within_goal_fraction < 1:
        later = due != NO_DUE
        items = np.concatenate([np.where(later, items * within_goal_fraction, items), items[later] * (1 - within_goal_fraction)])
        due = np.concatenate([due, np.full(later.sum(), NO_DUE)])
        release, arrived, source = (np.concatenate([part, part[later]]) for part in (release, arrived, source))
    order = np.lexsort((source, arrived, np.where(due == NO_DUE, opened.size, due)))
    return DeferredWork(
        is_open=opened,
        items_per_person=period_hours * 3600.0 / mean_handle_seconds * productive_fraction,
        period_hours=period_hours,
        items=items[order],
        release=release[order],
        due=due[order],
        arrived=arrived[order],
        free_items=np.broadcast_to(column("items", free_items), opened.shape) * opened,
        source=source[order],
    )


def minimal_peak(work: DeferredWork) -> MinimalPeak:
    """The least constant staff that gets all due work done in time, exactly.

    The maximum over windows of open periods of the work that is released no earlier than the window's start and due no later than
    its end, less what is completed in it for free, divided by what one person completes in the window's open periods.

    Example:
        >>> work = deferred_work(is_open=[1] * 8, arrivals=[10, 20, 40, 30, 10, 5, 5, 0], mean_handle_seconds=600, period_hours=1,
        ...                      goal_open_periods=1)
        >>> minimal_peak(work)
        MinimalPeak(staff=3.888..., critical_window=(2, 4))
    """
    places = np.flatnonzero(work.is_open)
    items, first, last = due_in_open_periods(work)
    never = np.flatnonzero(first > last)
    if never.size:
        period = int(np.min(work.due[(work.due != NO_DUE) & (work.items > 0)][never]))
        return MinimalPeak(float("inf"), (period, period))
    staff, begin, end = _steepest_window(
        places.size, items, first, last, np.argsort(-first, kind="stable"), work.free_items[places]
    )
    window = None if begin < 0 else (int(places[begin]), int(places[end]))
    return MinimalPeak(staff / work.items_per_person, window)


def due_in_open_periods(work: DeferredWork) -> tuple[FloatArray, IntArray, IntArray]:
    """The items due inside the horizon, and the first and last open period in which they can be done in time.

    The numbers count open periods alone. First lies behind last where no open period remains.
    """
    matters = (work.due != NO_DUE) & (work.items > 0)
    before = np.concatenate([[0], np.cumsum(work.is_open)])
    first = before[np.minimum(work.release[matters], work.is_open.size)]
    last = before[work.due[matters] + 1] - 1
    return work.items[matters], first, last


@compiled
def _steepest_window(
    periods: int, items: FloatArray, first: IntArray, last: IntArray, by_first: IntArray, free: FloatArray
) -> tuple[float, int, int]:
    """Largest work per period over all windows of open periods, and the earliest such window; `by_first` sorts latest first."""
    inside = np.zeros(periods)
    best, best_begin, best_end, cohort = 0.0, -1, -1, 0
    for begin in range(periods - 1, -1, -1):
        while cohort < by_first.size and first[by_first[cohort]] >= begin:
            inside[last[by_first[cohort]]] += items[by_first[cohort]]
            cohort += 1
        work, here, here_end = 0.0, 0.0, -1
        for end in range(begin, periods):
            work += inside[end] - free[end]
            if work > here * (end - begin + 1) * (1.0 + 1e-13):
                here, here_end = work / (end - begin + 1), end
        if here_end >= 0 and here >= best * (1.0 - 1e-13):
            best, best_begin, best_end = here, begin, here_end
    return best, best_begin, best_end
