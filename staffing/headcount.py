"""People over many weeks: who stays, what new people can do, and how many have to be hired when.

A person stays a week with a probability that is the same in every week; new people do nothing while they are trained, and then
more from week to week. The hires are those that cost least where pay, hiring and work that nobody does all have a price: an
integer programme (HiGHS), because people come whole and in classes. After Gans and Zhou (2002), Managing learning and turnover in
employee staffing, Operations Research 50(6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from staffing.doors import FloatArray, IntArray

WEEKS_PER_YEAR = 365.25 / 7.0
_RELATIVE_GAP = 1e-4


@dataclass(frozen=True)
class Learning:
    """What new people can do.

    Attributes:
        training_weeks: weeks from the first day without any work.
        learning_weeks: weeks after it until they do what others do.
        first_week_productivity: share in the first week after the training, in (0, 1].
    """

    training_weeks: int
    learning_weeks: int
    first_week_productivity: float

    def productivity(self, weeks_since_first_day: npt.ArrayLike) -> FloatArray:
        """Share of what others do, by whole weeks since the first day: 0 before it and in training, then evenly up to 1.

        Example:
            >>> Learning(training_weeks=2, learning_weeks=2, first_week_productivity=0.5).productivity([-1, 0, 1, 2, 3, 4, 9])
            array([0.  , 0.  , 0.  , 0.5 , 0.75, 1.  , 1.  ])
        """
        worked = np.asarray(weeks_since_first_day, dtype=np.float64) - self.training_weeks
        rise = (1.0 - self.first_week_productivity) / max(self.learning_weeks, 1)
        begun = self.first_week_productivity if self.learning_weeks else 1.0
        share: FloatArray = np.where(worked < 0, 0.0, np.minimum(begun + rise * worked, 1.0))
        return share


@dataclass(frozen=True, eq=False)
class Hires:
    """Hires and what they bring; arrays by week.

    Attributes:
        starting: people whose first day is in the week.
        working: what people hired so far do, in full-time equivalents.
        paid: people hired so far who are still there.
        missing: full-time equivalents that remain missing.
    """

    starting: IntArray
    working: FloatArray
    paid: FloatArray
    missing: FloatArray


def staying_per_week(attrition_per_year: float) -> float:
    """Probability that a person stays for a week.

    Raises:
        ValueError: if the share that leaves within a year is not in [0, 1).

    Example:
        >>> round(staying_per_week(0.2) ** WEEKS_PER_YEAR, 6)
        0.8
    """
    if not 0 <= attrition_per_year < 1:
        raise ValueError(
            f"attrition_per_year is {attrition_per_year}; give the share of people who leave within a year, e.g. 0.15"
        )
    return float((1.0 - attrition_per_year) ** (1.0 / WEEKS_PER_YEAR))


def attrition_from_leavers(leavers: float, person_years: float, prior_per_year: float, prior_person_years: float) -> float:
    """Share of people who leave within a year, from the leavers of a past time, drawn to a usual share where it was short.

    The rate of leaving has a gamma distribution: the usual rate counts as much as `prior_person_years` of observation.

    Example:
        >>> round(attrition_from_leavers(30, 100, prior_per_year=0.15, prior_person_years=25), 3)
        0.239
    """
    usual = -np.log1p(-prior_per_year)
    return float(-np.expm1(-(leavers + usual * prior_person_years) / (person_years + prior_person_years)))


def cheapest_hires(
    missing: npt.ArrayLike,
    may_start: npt.ArrayLike,
    learning: Learning,
    *,
    staying: float,
    weekly_pay: float,
    cost_per_hire: float,
    weekly_price_of_missing: float,
    class_size_at_most: float = np.inf,
) -> Hires:
    """Whole people to hire, so that pay, hiring and missing people together cost least over the weeks given.

    Args:
        missing: required less available full-time equivalents per week, negative where people are to spare.
        may_start: whether new people can begin in the week.
        learning: what they can do when.
        staying: probability that a person stays for a week, in (0, 1].
        weekly_pay: of one person, training included, > 0.
        cost_per_hire: beside the pay, >= 0.
        weekly_price_of_missing: of one full-time equivalent that nobody does, > 0: overtime, an agency, a missed goal.
        class_size_at_most: most people who begin together.

    Returns:
        The hires. People who would be needed for too few weeks to be worth their training are not hired: `missing` says so.

    Example:
        >>> at_once = Learning(training_weeks=1, learning_weeks=0, first_week_productivity=1.0)
        >>> found = cheapest_hires([0, 2, 2, 2], [True] * 4, at_once, staying=1.0, weekly_pay=1, cost_per_hire=0,
        ...                        weekly_price_of_missing=3)
        >>> found.starting, found.working, found.missing
        (array([2, 0, 0, 0]), array([0., 2., 2., 2.]), array([0., 0., 0., 0.]))
    """
    needed = np.asarray(missing, dtype=np.float64)
    weeks = needed.size
    starts = np.flatnonzero(np.asarray(may_start, dtype=bool))
    age = np.arange(weeks)[:, np.newaxis] - starts
    there = np.where(age >= 0, staying ** np.maximum(age, 0), 0.0)
    works = there * learning.productivity(age)
    most = np.full(starts.size, class_size_at_most)
    prices = np.concatenate([cost_per_hire + weekly_pay * there.sum(axis=0), np.full(weeks, weekly_price_of_missing)])
    found = milp(
        prices,
        integrality=np.concatenate([np.ones(starts.size), np.zeros(weeks)]),
        bounds=Bounds(np.zeros(prices.size), np.concatenate([most, np.full(weeks, np.inf)])),
        constraints=LinearConstraint(hstack([csr_array(works), eye_array(weeks)], format="csr"), lb=needed),
        options={"mip_rel_gap": _RELATIVE_GAP},
    )
    if found.x is None:
        raise ValueError(f"no hires were found ({found.message}); look at the group's hiring settings")
    hired = np.rint(found.x[: starts.size])
    starting = np.zeros(weeks, dtype=np.int64)
    starting[starts] = hired
    return Hires(starting, works @ hired, there @ hired, np.maximum(needed - works @ hired, 0.0))
