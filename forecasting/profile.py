"""Intraday profile: how a day's contacts spread over its open intervals.

Half a year of the weekday's own days, fading so that the season shows, is better than eight weeks alone, and as good as anything
smooth on large queues; small ones borrow: the weekday from all days of its queue, the queue from its channel. What the last days'
shape had beyond that goes on for a while: half of it tomorrow, less with every week ahead. Holidays on which contacts come are
profiled with the Sundays they resemble.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray, QueueCalendar

WEEKS = 8
LONG_WEEKS = 26
HALF_LIFE_DAYS = 56.0
MINUTES_PER_DAY = 1440
_QUEUE_PRIOR_CONTACTS = 300.0
"""Contacts' worth of the queue's own all-days profile mixed into each weekday."""
_GROUP_PRIOR_CONTACTS = 150.0
"""Contacts' worth of the channel's profile mixed into the queue's."""
_HIGHEST_NOISE = 1.0
_RECENT_HALF_LIFE_DAYS = 7.0
_RECENT_KEPT = 0.5
_RECENT_PRIOR_CONTACTS = 5_000.0
"""Contacts' worth of "the last days are shaped like all others"."""
_RECENT_DECAY_PER_WEEK = 0.85
_SMALLEST_PART = 0.2
"""Of its usual weight that the last days leave to a slot at least."""


@dataclass(frozen=True, eq=False)
class Profile:
    """Arrival weights of one queue.

    Attributes:
        weights: 7 (weekday each date resembles) x slots of the local day; contacts per open second up to a common factor, > 0.
        slot_minutes: length of a slot.
        noise: squared coefficient of variation of an interval beyond Poisson when the day's total is known.
        recent: by slot, what the last days' weights had beyond the weekday's, to be expected tomorrow; None for nothing.
    """

    weights: FloatArray
    slot_minutes: int
    noise: float
    recent: FloatArray | None = None

    def shares(
        self,
        weekday_like: np.ndarray,
        minute_of_day: np.ndarray,
        open_seconds: np.ndarray,
        lead_days: np.ndarray | None = None,
    ) -> FloatArray:
        """Weight of each interval: contacts expected up to a factor that is the same for all intervals of a date.

        Args:
            weekday_like: weekday that the interval's date resembles.
            minute_of_day: local minute at which the interval starts.
            open_seconds: time in the interval during which contacts can arrive; 0 gives weight 0.
            lead_days: days ahead of each interval's date; without it the last days' shape is left out.
        """
        slot = minute_of_day // self.slot_minutes
        weights = self.weights[weekday_like, slot]
        if self.recent is not None and lead_days is not None:
            kept = _RECENT_DECAY_PER_WEEK ** ((lead_days - 1) / 7.0)
            weights = np.maximum(weights + kept * self.recent[slot], _SMALLEST_PART * weights)
        return np.asarray(weights * open_seconds, dtype=np.float64)


def learn_profiles(
    intervals: pd.DataFrame,
    calendars: Mapping[str, QueueCalendar],
    channels: Mapping[str, str],
    left_out: set[tuple[str, date]],
    as_of: date,
    interval_minutes: int,
) -> dict[str, Profile]:
    """Profiles of all queues.

    Args:
        intervals: interval history with columns queue_id, business_date, minute_of_day (local start) and offered_contacts; rows
            after `as_of` are not looked at.
        calendars: calendar of every queue that is to have a profile.
        channels: channel of every queue.
        left_out: queue-days not to learn from.
        as_of: last date known.
        interval_minutes: length of an interval.

    Returns:
        A profile for every queue of `calendars`; one without any history has its channel's, or a flat one.
    """
    slots = MINUTES_PER_DAY // interval_minutes
    rows = intervals[intervals["queue_id"].isin(list(calendars))]
    days = rows["business_date"].to_numpy()
    recent = np.array([as_of - timedelta(weeks=LONG_WEEKS) < day <= as_of for day in days], dtype=bool)
    rows = rows[recent]
    keys = zip(rows["queue_id"], rows["business_date"], strict=True)
    rows = rows[np.array([key not in left_out for key in keys], dtype=bool)] if len(rows) else rows
    tables = {queue: _daily_table(rows[rows["queue_id"] == queue], slots, interval_minutes) for queue in calendars}
    density = {queue: _density(counts.sum(axis=0)) for queue, (_, counts) in tables.items() if counts.size}
    by_channel = {
        channel: _group([density[q] for q in density if channels[q] == channel], slots) for channel in set(channels.values())
    }
    return {
        queue: _one_queue(tables[queue], calendars[queue], by_channel[channels[queue]], as_of, interval_minutes)
        for queue in calendars
    }


def _one_queue(
    table: tuple[list[date], FloatArray], calendar: QueueCalendar, group: FloatArray, as_of: date, interval_minutes: int
) -> Profile:
    days, counts = table
    if not days:
        return Profile(np.tile(group, (7, 1)), interval_minutes, 0.0)
    age = np.array([(as_of - day).days for day in days], dtype=np.float64)
    faded = counts * (0.5 ** (age / HALF_LIFE_DAYS))[:, None]
    # The group says how contacts spread over the hours; a queue's own closed hours stay with little weight and are cut by its
    # opening.
    own = _mixed(faded.sum(axis=0), group, _GROUP_PRIOR_CONTACTS)
    first = calendar.frame["business_date"].iloc[0]
    like = np.array([calendar.weekday_like[(day - first).days] for day in days])
    weights = np.stack([_mixed(faded[like == weekday].sum(axis=0), own, _QUEUE_PRIOR_CONTACTS) for weekday in range(7)])
    short = age < WEEKS * 7
    return Profile(
        weights, interval_minutes, interval_noise(counts[short], weights[like[short]]), _recent(counts, weights[like], age)
    )


def _recent(counts: FloatArray, weights: FloatArray, age_days: FloatArray) -> FloatArray:
    """What the last days' shares have beyond their weekdays', held toward nothing where contacts are few."""
    fading = 0.5 ** (age_days / _RECENT_HALF_LIFE_DAYS)
    total = counts.sum(axis=1)
    beyond = (fading[:, None] * (counts - total[:, None] * weights)).sum(axis=0)
    return np.asarray(_RECENT_KEPT * beyond / ((fading * total).sum() + _RECENT_PRIOR_CONTACTS), dtype=np.float64)


def _mixed(counts: FloatArray, prior: FloatArray, prior_contacts: float) -> FloatArray:
    """Share by slot, from counts and a prior worth some contacts (Dirichlet mean)."""
    return np.asarray((counts + prior_contacts * prior) / (counts.sum() + prior_contacts), dtype=np.float64)


def _density(counts: FloatArray) -> FloatArray:
    total = counts.sum()
    return counts / total if total > 0 else np.full(len(counts), 1.0 / len(counts))


def _group(densities: Sequence[FloatArray], slots: int) -> FloatArray:
    """The channel's profile: the mean of its queues', with a little everywhere so that no open interval has weight zero."""
    flat = np.full(slots, 1.0 / slots)
    if not densities:
        return flat
    return np.asarray(0.98 * np.mean(densities, axis=0) + 0.02 * flat, dtype=np.float64)


def _daily_table(rows: pd.DataFrame, slots: int, interval_minutes: int) -> tuple[list[date], FloatArray]:
    """Dates and their contacts by slot; the doubled hour of autumn counts in one slot."""
    if not len(rows):
        return [], np.zeros((0, slots))
    codes, days = pd.factorize(rows["business_date"], sort=True)
    counts = np.zeros((len(days), slots))
    slot = rows["minute_of_day"].to_numpy(dtype=np.int64) // interval_minutes
    np.add.at(counts, (codes, slot), rows["offered_contacts"].to_numpy(dtype=np.float64))
    return list(days), counts


def interval_noise(counts: FloatArray, weights: FloatArray) -> float:
    """Squared coefficient of variation of intervals beyond Poisson around the day's total times the profile, by moments.

    Args:
        counts: days x intervals.
        weights: the same shape, up to a factor per day.
    """
    if not counts.size:
        return 0.0
    seen = counts.sum(axis=0) > 0
    share = weights[:, seen] / np.maximum(weights[:, seen].sum(axis=1, keepdims=True), 1e-12)
    total = counts.sum(axis=1, keepdims=True)
    expected = total * share
    excess = ((counts[:, seen] - expected) ** 2 - expected * (1.0 - share)).sum()
    return float(np.clip(excess / max(float((expected**2).sum()), 1e-9), 0.0, _HIGHEST_NOISE))
