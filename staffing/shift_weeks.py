"""Shifts of many weeks, found week by week: most of the best plan for a small part of the time.

The weeks of a plan hang together by the people alone, who are the same in all of them, and by the night from Sunday to Monday.
So the people are found first, with shifts in parts of people (the bound of that programme holds for every plan), and then the
shifts of one week after the other, each with a day of the next one beside it (relax and fix; Pochet and Wolsey 2006, chapter 3).
Where few people work, whole shifts ask for other people than shifts in parts: then the busiest week is whole from the start.
"""

from __future__ import annotations

import numpy as np

from staffing.shift_programme import NoShiftsFoundError, ShiftDemand, Shifts, people_at_work, solve_shifts

_PEOPLE_GAP, _WEEK_GAP = 1e-3, 2e-3


def objective_of(demand: ShiftDemand, shifts: Shifts) -> float:
    """Cost of whole shifts and the price of what they leave missing."""
    cost = sum(rules.cost_per_shift * row.sum() for rules, row in zip(demand.contracts, shifts.starting, strict=True))
    missing = np.maximum(demand.need - people_at_work(demand, shifts), 0).sum()
    return float(cost + demand.price_of_missing * missing)


def shifts_by_week(demand: ShiftDemand, relative_gap: float, most_seconds: float) -> Shifts | None:
    """Whole shifts at most `relative_gap` above the best; None where they cannot be found or proved this way.

    Args:
        demand: what is to be covered, in more than one week.
        relative_gap: share that the plan may be above the best one.
        most_seconds: most time for each programme.
    """
    weeks = demand.week
    busiest = int(np.argmax(np.bincount(weeks, demand.need)))
    tries = (slice(0, 0), _intervals_of(demand, busiest))
    best: Shifts | None = None
    bound = -np.inf
    for whole in tries:
        try:
            start = solve_shifts(demand, whole=whole, relative_gap=_PEOPLE_GAP, most_seconds=most_seconds)
            found = _week_after_week(demand, start, most_seconds)
        except NoShiftsFoundError:
            return None
        bound = max(bound, start.bound)
        if best is None or objective_of(demand, found) < objective_of(demand, best):
            best = found
        cost = objective_of(demand, best)
        if cost - bound <= relative_gap * cost:
            return Shifts(best.people, best.starting, best.breaks, bound)
    return None


def _intervals_of(demand: ShiftDemand, week: int) -> slice:
    places = np.flatnonzero(demand.week == week)
    return slice(int(places[0]), int(places[-1]) + 1)


def _week_after_week(demand: ShiftDemand, start: Shifts, most_seconds: float) -> Shifts:
    people = np.rint(start.people)
    done = Shifts(people, np.zeros_like(start.starting), np.zeros_like(start.breaks), start.bound)
    for week in range(int(demand.week[-1]) + 1):
        mine = _intervals_of(demand, week)
        day = int(demand.days[mine.stop - 1])
        end = int(np.searchsorted(demand.days, day + 1, side="right"))
        found = solve_shifts(
            demand.until(end), whole=mine, people=people, done=done, relative_gap=_WEEK_GAP, most_seconds=most_seconds
        )
        done.starting[:, mine] = np.rint(found.starting[:, mine])
        done.breaks[:, mine] = np.rint(found.breaks[:, mine])
    return done
