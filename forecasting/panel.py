"""The daily series of all queues side by side, as they were known at the end of one date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from forecasting.calendar import BoolArray, FloatArray, QueueCalendar, date_range
from forecasting.features import Design
from forecasting.level_shift import LevelShift


@dataclass(frozen=True, eq=False)
class Panel:
    """Daily contacts of all queues up to an as-of date, with the calendar of past and future dates.

    Everything of the past ends with `as_of`: a model that is given a panel cannot look further. Rows are consecutive dates.

    Attributes:
        dates: the past dates, the last of which is the as-of date, followed by the dates of the horizon.
        past: how many of the dates are past.
        queues: queue ids, in the order of the columns.
        offered: past x queues, contacts; NaN where not known (no feed, no row, closed).
        fit: past x queues, whether the day may be fitted on: known, not closed, not an outlier.
        takes_contacts: dates x queues, whether contacts can arrive.
        from_claims: dates x queues, contacts that claims bring; 0 where no lead is used.
        calendars: calendar by queue, aligned with `dates`.
        designs: design by queue, aligned with `dates`.
        shifts: by queue, the change of its level that the days before it have been brought up or down for; empty as long as
            `offered` is what came.
    """

    dates: tuple[date, ...]
    past: int
    queues: tuple[str, ...]
    offered: FloatArray
    fit: BoolArray
    takes_contacts: BoolArray
    from_claims: FloatArray
    calendars: Mapping[str, QueueCalendar]
    designs: Mapping[str, Design]
    shifts: Mapping[str, LevelShift] = field(default_factory=dict)

    @property
    def as_of(self) -> date:
        """Last date that is known."""
        return self.dates[self.past - 1]

    @property
    def horizon(self) -> int:
        """Number of future dates."""
        return len(self.dates) - self.past

    @property
    def future_dates(self) -> tuple[date, ...]:
        """Dates to forecast."""
        return self.dates[self.past :]

    def until(self, as_of: date, horizon: int) -> Panel:
        """The panel as it was at the end of an earlier date: nothing later remains but the calendar.

        What claims bring is left out, since it was estimated with later knowledge; give it anew with `with_claims`.

        Raises:
            ValueError: if the date is not among the past ones, or days have been brought to a level known only later.
        """
        if self.shifts:
            raise ValueError(f"the history of {', '.join(self.shifts)} was brought to a later level; take the panel as it came")
        if as_of not in self.dates[: self.past]:
            raise ValueError(f"as-of date {as_of} is not among the known dates {self.dates[0]} to {self.as_of}")
        past = self.dates.index(as_of) + 1
        end = min(past + horizon, len(self.dates))
        return replace(
            self,
            dates=self.dates[:end],
            past=past,
            offered=self.offered[:past],
            fit=np.isfinite(self.offered[:past]),  # what was left out may have been found with later knowledge
            takes_contacts=self.takes_contacts[:end],
            from_claims=np.zeros((end, len(self.queues))),
        )

    def with_claims(self, contacts: pd.DataFrame) -> Panel:
        """The panel with the contacts that claims bring, given per date and queue (missing ones are 0)."""
        values = contacts.reindex(index=list(self.dates), columns=list(self.queues)).fillna(0.0).to_numpy(dtype=np.float64)
        return replace(self, from_claims=values)

    def only(self, queues: Sequence[str]) -> Panel:
        """The panel of some of the queues."""
        columns = [self.queues.index(queue) for queue in queues]
        return replace(
            self,
            queues=tuple(queues),
            offered=self.offered[:, columns],
            fit=self.fit[:, columns],
            takes_contacts=self.takes_contacts[:, columns],
            from_claims=self.from_claims[:, columns],
            calendars={queue: self.calendars[queue] for queue in queues},
            designs={queue: self.designs[queue] for queue in queues},
            shifts={queue: shift for queue, shift in self.shifts.items() if queue in queues},
        )

    def with_fit(self, fit: BoolArray) -> Panel:
        """The panel with other days to fit on; itself where they are the same, so that what was fitted on it still holds."""
        known = fit & np.isfinite(self.offered)
        return self if np.array_equal(known, self.fit) else replace(self, fit=known)

    def weekday_like(self, queue: str) -> np.ndarray:
        """The weekday each date resembles for a queue, past and future."""
        return self.calendars[queue].weekday_like[: len(self.dates)]


def make_panel(
    daily: pd.DataFrame,
    calendars: Mapping[str, QueueCalendar],
    designs: Mapping[str, Design],
    as_of: date,
    horizon: int,
) -> Panel:
    """Put the daily history of all queues side by side.

    Args:
        daily: rows of daily_history; columns queue_id, business_date, offered_contacts and source_complete are read, and
            rows after `as_of` are not.
        calendars: calendar by queue, from the first date of history to the end of the horizon; its queues are the panel's.
        designs: design by queue on the same dates.
        as_of: last date known.
        horizon: days to forecast.

    Returns:
        A panel in which days without row, with an incomplete feed or on which the queue takes no contacts are not known.
    """
    queues = tuple(calendars)
    frame = calendars[queues[0]].frame
    first = frame["business_date"].iloc[0]
    dates = tuple(date_range(first, frame["business_date"].iloc[-1]))
    past = (as_of - first).days + 1
    dates = dates[: past + horizon]
    rows = daily[daily["queue_id"].isin(queues) & daily["source_complete"].astype(bool)]
    rows = rows[[first <= day <= as_of for day in rows["business_date"]]]
    wide = rows.pivot(index="business_date", columns="queue_id", values="offered_contacts")
    offered = wide.reindex(index=list(dates[:past]), columns=list(queues)).to_numpy(dtype=np.float64)
    takes = np.column_stack([calendars[queue].takes_contacts[: len(dates)] for queue in queues])
    offered = np.where(takes[:past], offered, np.nan)
    return Panel(
        dates=dates,
        past=past,
        queues=queues,
        offered=offered,
        fit=np.isfinite(offered),
        takes_contacts=takes,
        from_claims=np.zeros((len(dates), len(queues))),
        calendars=calendars,
        designs=designs,
    )
