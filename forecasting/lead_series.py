"""One queue beside its drivers: what the estimation of a lead starts from, over history and horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecasting.calendar import BoolArray, FloatArray, IntArray, QueueCalendar
from forecasting.driver_series import DriverSeries
from forecasting.exposure import MOVED, countings_for, exposures
from forecasting.features import HOLIDAY, WEEKDAY, Design, make_design
from forecasting.kernel import Problem, held_out_error, make_problem
from forecasting.kernel_shape import choose_shapes, most_probable_wandering
from forecasting.lead_evidence import FEW_DAYS
from forecasting.wandering import STEADY, Wandering

FEWEST_DAYS = 28
"""Usable days of history below which no lead is looked for: with less, chance looks like a lead too often."""
DAYS_PER_WEEK = 7
_YEARLY_TERMS = 3
_DAYS_FOR_SEASON = 500
"""History below which a yearly season would only be a way to bend the trend."""
_CLEARLY_BETTER = 0.99
"""Another way to count lags is taken where it leaves so much less error out of sample."""


@dataclass(frozen=True, eq=False)
class QueueAndDrivers:
    """One queue beside the drivers.

    Attributes:
        queue_id: the queue.
        offered: contacts per date of history; NaN where not usable.
        takes_contacts: dates of history and horizon on which contacts can arrive.
        design: calendar columns of these dates.
        values: per date and driver, filled and forecast where not known.
        drivers: their names.
        lags: longest lag in days.
        counting: how lags are counted.
        ahead_days: of each driver, days ahead up to which its values are always known.
        wandering: how things change in the course of the history.
    """

    queue_id: str
    offered: FloatArray
    takes_contacts: BoolArray
    design: FloatArray
    values: FloatArray
    drivers: tuple[str, ...]
    lags: int
    counting: str = MOVED
    ahead_days: tuple[int, ...] = ()
    wandering: Wandering = STEADY

    @property
    def rows(self) -> IntArray:
        """Usable dates of history."""
        return np.flatnonzero(np.isfinite(self.offered))

    @property
    def past(self) -> FloatArray:
        """Values of the drivers on the dates of history."""
        return self.values[: len(self.offered)]

    def exposed(self, series: FloatArray) -> FloatArray:
        """Exposures of the queue to one driver's values from the first date on."""
        return exposures(series, self.takes_contacts[: len(series)], self.lags, self.counting)

    def all_exposed(self) -> FloatArray:
        """Exposures to all drivers side by side, on all dates."""
        return np.hstack([self.exposed(column) for column in self.values.T])

    def place(self) -> FloatArray:
        """Place of each date in the history, 0 for its last usable date and those after it, toward -1 for its first."""
        usable = np.cumsum(np.isfinite(self.offered))
        future = len(self.values) - len(usable)
        return np.concatenate([usable / usable[-1] - 1.0, np.zeros(future)])

    def without_drift(self) -> QueueAndDrivers:
        """The same with kernels that stay as they are, as tests see them."""
        return replace(self, wandering=self.wandering._replace(drift=None))

    def problem(self) -> Problem:
        """The joint estimation on the usable dates."""
        rows = self.rows
        return make_problem(self.offered[rows], self.design[rows], self.all_exposed()[rows], len(self.drivers), self.wandering)


def dates_before(first: date, drivers: pd.DataFrame, lags: int) -> list[date]:
    """Dates right before the history on which drivers are known already, at most as many as there are lags."""
    earliest = min(drivers.index, default=first)
    known = min(max((first - earliest).days, 0), lags)
    return [first - timedelta(days=back) for back in range(known, 0, -1)]


def able_drivers(
    contacts: FloatArray, prepared: Mapping[str, DriverSeries], lags: int, as_of: date
) -> tuple[list[str], dict[str, str]]:
    """Drivers that can be looked at beside a queue, and why the others cannot, in words."""
    able, refused = [], {}
    for name, driver in prepared.items():
        days = int(np.isfinite(contacts[driver.begins :]).sum())
        if not driver.values.any():
            refused[name] = "Not looked for: no claims are known, or no value but 0."
        elif len(np.unique(driver.values[driver.begins : len(contacts) - driver.days_silent])) == 1:
            # Nothing tells what it brings from the level of the contacts.
            refused[name] = "Not looked for: its value is the same on every day."
        elif days < FEWEST_DAYS:
            refused[name] = f"Not looked for: {days} usable days of history beside it, {FEWEST_DAYS} are needed."
        elif driver.days_silent > lags:
            last = as_of - timedelta(days=driver.days_silent)
            refused[name] = (
                f"Refused: its last value is of {last}, {driver.days_silent} days before the end of the history; "
                f"a driver announces no more than {lags} days ahead."
            )
        else:
            able.append(name)
    return able, refused


def queue_and_drivers(
    queue_id: str,
    contacts: FloatArray,
    drivers: Mapping[str, DriverSeries],
    calendar: QueueCalendar,
    lags: int,
    lead_in: int,
    counting: str | None = None,
) -> QueueAndDrivers:
    """The queue from where all its drivers have begun; the first `lead_in` dates lie before the calendar's.

    Lags are counted in the way given, or in the one that leaves least error out of sample.
    """
    begins = max((driver.begins for driver in drivers.values()), default=0)
    offered = contacts.copy()
    if np.isfinite(offered[begins:]).sum() >= FEWEST_DAYS:
        offered[:begins] = np.nan
    ends = max((driver.days_silent for driver in drivers.values()), default=0)
    if ends:
        offered[len(offered) - ends :] = np.nan  # there the driver is a forecast
    dates = len(next(iter(drivers.values())).values) if drivers else len(offered)
    design = make_design(calendar, yearly_terms=_YEARLY_TERMS if len(contacts) >= _DAYS_FOR_SEASON else 0)
    values = np.column_stack([driver.values for driver in drivers.values()]) if drivers else np.zeros((dates, 0))
    columns = _columns_for(design, int(np.isfinite(offered).sum()))
    matrix, takes = design.matrix[: dates - lead_in, columns], calendar.takes_contacts[: dates - lead_in]
    # Of the dates before the calendar only the drivers count; they are open on the same weekdays as the week after.
    matrix = np.vstack([np.zeros((lead_in, matrix.shape[1])), matrix])
    takes = np.concatenate([takes[np.arange(-lead_in, 0) % DAYS_PER_WEEK], takes])
    ahead = tuple(driver.ahead_days for driver in drivers.values())
    series = QueueAndDrivers(queue_id, offered, takes, matrix, values, tuple(drivers), lags, counting or MOVED, ahead)
    if not drivers:
        return series
    series = replace(series, wandering=most_probable_wandering(lambda how: replace(series, wandering=how).problem()))
    return _counted(series) if counting is None else series


def _columns_for(design: Design, days: int) -> IntArray:
    """Columns of the calendar that so many days can tell apart."""
    return design.positions(WEEKDAY, HOLIDAY) if days < FEW_DAYS else np.arange(len(design.names), dtype=np.int64)


def _counted(series: QueueAndDrivers) -> QueueAndDrivers:
    """The series with lags counted in the way that leaves least error out of sample."""
    ways = countings_for(series.takes_contacts[: len(series.offered)])
    if len(ways) == 1:
        return series
    tried = [replace(series, counting=way) for way in ways]
    problems = [one.problem() for one in tried]
    left = [held_out_error(problem, choose_shapes(problem)[0]) for problem in problems]
    best = int(np.argmin(left))
    return tried[best] if left[best] < _CLEARLY_BETTER * left[0] else tried[0]
