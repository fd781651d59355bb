"""Days that must not teach a model: feeds that failed or came twice, known events, and days far off for no known reason.

They are found, marked and left out of fitting; days before the level shifted are brought to the new one. History itself keeps
them as they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from enterprise.settings import Event
from forecasting.calendar import BoolArray, FloatArray, IntArray
from forecasting.candidates.regression import FittedRegression, fit_regression
from forecasting.level_shift import LevelShift, find_shift, proves_nothing
from forecasting.panel import Panel

ZERO_FEED = "nothing came where contacts were expected: the feed failed"
DOUBLED_FEED = "twice what was expected: the feed seems to have come twice"
EVENT = "known event"
UNUSUAL = "far from what the calendar explains"
FAULTS = frozenset({ZERO_FEED, DOUBLED_FEED})

_ENOUGH_DAYS = 28
_EXPECTED_FOR_ZERO = 15.0
_SIGMAS = 6.0
_DOUBLED = (1.85, 2.15)
_DOUBLED_SIGMAS = 4.0
_LEVEL_SHIFT_DAYS = 6
_MAD_TO_SIGMA = 1.4826
_SHOWN = 3


@dataclass(frozen=True)
class Mark:
    """A day that was left out of fitting, and why."""

    queue_id: str
    business_date: date
    reason: str

    @property
    def is_fault(self) -> bool:
        """Whether the number itself is wrong, so that no forecast is to be measured by it."""
        return self.reason in FAULTS


def clean(panel: Panel, events: Sequence[Event] = ()) -> tuple[Panel, list[Mark]]:
    """Leave days out of fitting that would mislead a model.

    Args:
        panel: history with the contacts that claims bring, so that a storm's calls are no surprise.
        events: what planners know; days of an event are left out for the queues it concerns.

    Returns:
        The panel with fewer days to fit on, and a mark for every day left out. A run of odd days is a new level, not a row of
        outliers, and stays; the days before it are brought to that level.
    """
    fit = panel.fit.copy()
    marks: list[Mark] = []
    for column, queue in enumerate(panel.queues):
        own_events = [event for event in events if queue in event.queues]
        if not own_events:
            continue
        on_event = np.array([any(e.first_date <= day <= e.last_date for e in own_events) for day in panel.dates[: panel.past]])
        marks += [Mark(queue, panel.dates[row], EVENT) for row in np.flatnonzero(fit[:, column] & on_event)]
        fit[:, column] &= ~on_event
    cleaned = _at_new_levels(panel.with_fit(fit))
    for column, queue in enumerate(panel.queues):
        fitted = _fitted(cleaned, column)
        if fitted is None:
            continue
        rows = np.flatnonzero(cleaned.fit[:, column])
        expected = fitted.own[rows] + fitted.from_claims[rows]
        may_be_twice = panel.offered[rows, column] % 2.0 == 0.0  # an odd number is no other number twice
        reasons = _odd_days(cleaned.offered[rows, column], expected, fitted.extra_variation, rows, may_be_twice)
        shift = cleaned.shifts.get(queue)
        if shift is not None and not shift.is_lasting:
            # Days that may be a new level are no row of outliers.
            reasons = {row: why for row, why in reasons.items() if panel.dates[row] < shift.first_date or why == ZERO_FEED}
        fit[list(reasons), column] = False
        marks += [Mark(queue, panel.dates[row], reason) for row, reason in reasons.items()]
    return cleaned.with_fit(fit), marks


def known_actuals(panel: Panel, marks: Sequence[Mark]) -> FloatArray:
    """What came per past day and queue, with NaN for numbers that are wrong or belong to events."""
    offered = panel.offered.copy()
    position = {day: row for row, day in enumerate(panel.dates[: panel.past])}
    for mark in marks:
        if mark.is_fault or mark.reason == EVENT:
            offered[position[mark.business_date], panel.queues.index(mark.queue_id)] = np.nan
    return offered


def left_out_in_words(marks: Sequence[Mark]) -> dict[str, str]:
    """Queue -> which days were left out of fitting, in words."""
    notes: dict[str, str] = {}
    for queue in sorted({mark.queue_id for mark in marks}):
        mine = [mark for mark in marks if mark.queue_id == queue]
        shown = ", ".join(f"{mark.business_date} ({mark.reason})" for mark in mine[-_SHOWN:])
        more = f" and {len(mine) - _SHOWN} more" if len(mine) > _SHOWN else ""
        notes[queue] = f"left out of fitting: {shown}{more}"
    return notes


def _fitted(panel: Panel, column: int) -> FittedRegression | None:
    """What the calendar explains of a queue that has days enough to tell; all queues of a panel are fitted once."""
    return fit_regression(panel, column) if panel.fit[:, column].sum() >= _ENOUGH_DAYS else None


def _at_new_levels(panel: Panel) -> Panel:
    """The panel with the days before a shift brought to the new level, but for what claims brought."""
    shifts: dict[str, LevelShift] = {}
    offered = panel.offered.copy()
    for column, queue in enumerate(panel.queues):
        fitted = _fitted(panel, column)
        shift = _shift(panel, column, fitted) if fitted is not None else None
        if shift is not None:
            shifts[queue] = shift
            before = panel.dates.index(shift.first_date)
            brought = panel.from_claims[:before, column]
            offered[:before, column] = brought + shift.applied * (offered[:before, column] - brought)
    return replace(panel, offered=offered, shifts=shifts) if shifts else panel


def _shift(panel: Panel, column: int, fitted: FittedRegression) -> LevelShift | None:
    past, offered = panel.past, panel.offered[:, column]
    expected = fitted.own[:past]
    evidence = panel.fit[:, column] & ~proves_nothing(panel.calendars[panel.queues[column]])[:past]
    evidence &= (offered > 0.0) | (expected < _EXPECTED_FOR_ZERO)  # a feed that failed is no new level
    own = offered - panel.from_claims[:past, column]
    return find_shift(own, expected, fitted.extra_variation, np.flatnonzero(evidence), panel.dates[:past])


def _odd_days(
    offered: FloatArray, expected: FloatArray, extra_variation: float, rows: IntArray, may_be_twice: BoolArray
) -> dict[int, str]:
    """Row -> reason."""
    sigma = np.sqrt(expected + extra_variation * expected**2)
    standard = (offered - expected) / sigma
    standard = standard / max(_MAD_TO_SIGMA * float(np.median(np.abs(standard))), 0.7)
    ratio = offered / np.maximum(expected, 1e-9)
    zero = (offered == 0) & (expected >= _EXPECTED_FOR_ZERO)
    doubled = (ratio >= _DOUBLED[0]) & (ratio <= _DOUBLED[1]) & (standard > _DOUBLED_SIGMAS) & may_be_twice
    # Of few contacts a day one more is many sigmas, and no news; on the scale of square roots it is not (Anscombe 1948).
    of_count = 2.0 * (np.sqrt(offered + 0.375) - np.sqrt(expected + 0.375))
    unusual = (np.minimum(np.abs(standard), np.abs(of_count)) > _SIGMAS) & ~zero & ~doubled
    unusual &= ~_long_runs(unusual)
    reasons: dict[int, str] = {}
    for flags, reason in ((unusual, UNUSUAL), (doubled & ~_long_runs(doubled), DOUBLED_FEED), (zero, ZERO_FEED)):
        reasons |= {int(row): reason for row in rows[flags]}
    return dict(sorted(reasons.items()))


def _long_runs(flags: BoolArray) -> BoolArray:
    """Flags that stand in an unbroken run too long for a chance event."""
    result = np.zeros(len(flags), dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int64), [0]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        result[start:end] = end - start >= _LEVEL_SHIFT_DAYS
    return result
