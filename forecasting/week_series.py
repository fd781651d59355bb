"""A queue's weeks out of its days: weeks begin on Monday; each day counts for the share of a usual week that its weekday is."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from forecasting.calendar import FloatArray, QueueCalendar
from forecasting.long_term import WEEKS_PER_YEAR, WeekSeries

_RECENT_DAYS = 364
_PRIOR_DAYS = 2.0


def first_week(plan_date: date) -> date:
    """Monday of the first week that lies wholly after a night.

    Example:
        >>> first_week(date(2026, 11, 12)), first_week(date(2026, 11, 15))
        (datetime.date(2026, 11, 16), datetime.date(2026, 11, 16))
    """
    return plan_date + timedelta(days=7 - plan_date.weekday())


def week_series(known: FloatArray, calendar: QueueCalendar, horizon_weeks: int) -> WeekSeries:
    """Sum up the days of a queue.

    Args:
        known: contacts per past date, NaN where not known, as on days to be left out; the days after it up to Sunday count as
            not known.
        calendar: the queue's calendar from the first past date to the last day of the last week of the horizon, or longer.
        horizon_weeks: weeks to forecast.

    Returns:
        Weeks from the first whole one on; a week of which some days are not known has the sum and the share of the others.
    """
    first: date = calendar.frame["business_date"].iloc[0]
    last = first + timedelta(days=len(known) - 1)
    skipped = -first.weekday() % 7
    ahead = (first_week(last) - last).days - 1  # days to Sunday
    past_days = len(known) + ahead - skipped
    days = past_days + 7 * horizon_weeks
    daily = np.append(known, np.full(ahead, np.nan))
    like = calendar.weekday_like[: skipped + days]
    takes = calendar.takes_contacts[: skipped + days]
    share = np.where(takes, _weekday_shares(known, like[: len(known)], takes[: len(known)])[like], 0.0)
    there = np.isfinite(daily) & takes[: len(daily)]
    contacts = np.where(there, daily, 0.0)[skipped:].reshape(-1, 7).sum(axis=1)
    known_share = np.where(there, share[: len(daily)], 0.0)[skipped:].reshape(-1, 7).sum(axis=1)
    open_share = share[skipped + past_days :].reshape(-1, 7).sum(axis=1)
    monday = first + timedelta(days=skipped)
    thursdays = monday.toordinal() + 7.0 * np.arange(len(contacts) + horizon_weeks) + 3.0
    of_year = np.asarray(thursdays / 7.0 / WEEKS_PER_YEAR % 1.0, dtype=np.float64)
    return WeekSeries(contacts, known_share, open_share, of_year)


def _weekday_shares(known: FloatArray, like: np.ndarray, takes: np.ndarray) -> FloatArray:
    """Share of a usual week per weekday, from the days of the last year; weekdays that never take contacts have 0."""
    recent = np.arange(len(known)) >= len(known) - _RECENT_DAYS
    usable = np.isfinite(known) & takes & recent
    overall = float(known[usable].mean()) if usable.any() else 1.0
    means = np.zeros(7)
    for weekday in range(7):
        mine = usable & (like == weekday)
        if mine.any() or (takes & (like == weekday)).any():
            means[weekday] = (known[mine].sum() + _PRIOR_DAYS * overall) / (mine.sum() + _PRIOR_DAYS)
    return means / means.sum() if means.sum() > 0.0 else np.full(7, 1.0 / 7.0)
