"""Rows of forecast_weekly: 78 weeks of every queue and level above it, adding up, with a band for how sure they are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from forecasting.calendar import FloatArray, QueueCalendar, calendars
from forecasting.distribution import NORMAL_90
from forecasting.hierarchy import error_correlation, members_of_levels
from forecasting.long_term import FEWEST_WEEKS, LongTerm, forecast_weeks, past_errors, spread_of_weeks
from forecasting.week_series import first_week, week_series
from warehouse.tables.forecast import FORECAST_WEEKLY

WEEKS = 78
BAND_PROBABILITY = 0.8
_OF_PLAN, _LONG_TERM = "days of the plan", "long term"
_CARRIED_ON = 0.9
"""What is left, a week later, of the difference between the plan's days and the long-term forecast."""
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class _QueueWeeks:
    """One queue: mean per week, its spread in logs, errors of the past, and what it rests on."""

    mean: FloatArray
    spread: FloatArray
    errors: FloatArray
    long_term: LongTerm
    planned_weeks: int

    @property
    def sigma(self) -> FloatArray:
        """Standard deviation of contacts per week."""
        return self.mean * np.sqrt(self.spread**2 + 1.0 / np.maximum(self.mean, 1.0))


def weekly_rows(
    daily: pd.DataFrame, modelled: pd.DataFrame, planned: pd.DataFrame, enterprise: Enterprise, plan_date: date
) -> pd.DataFrame:
    """Forecast the weeks after a night.

    Args:
        daily: rows of daily_history up to the night; incomplete days are left out.
        modelled: rows of forecast_daily of the night as models gave them: what the weeks that lie wholly in the plan say of the
            level is carried on into the weeks after them, less from week to week.
        planned: the same with planners' changes: those weeks have the sum of its days.
        enterprise: the settings.
        plan_date: the night.

    Returns:
        Rows of FORECAST_WEEKLY for every queue with any history, and every level of them.
    """
    rows = daily[daily["source_complete"].astype(bool)]
    rows = rows[[day <= plan_date for day in rows["business_date"]]]
    of_queue = {str(queue): own for queue, own in rows.groupby("queue_id", sort=False)}
    names = [queue for queue in enterprise.queues if queue in of_queue]
    if not names:
        return pd.DataFrame(columns=FORECAST_WEEKLY.column_names)
    monday = first_week(plan_date)
    first = min(rows["business_date"])
    by_queue = calendars(enterprise, names, first, monday + timedelta(weeks=WEEKS, days=-1))
    queues = {}
    for name in names:
        known = _known(of_queue[name], first, plan_date)
        queues[name] = _queue_weeks(known, by_queue[name], _plan(modelled, name, monday), _plan(planned, name, monday))
    correlation = _correlation(list(queues.values()))
    position = {name: place for place, name in enumerate(queues)}
    members = [("queue", name, [name]) for name in queues]
    places = enterprise.places
    members += [(level, member, own) for level, member, own in members_of_levels(places) if any(name in queues for name in own)]
    frames = []
    for level, member, own in members:
        there = [name for name in own if name in queues]
        parts, at = [queues[name] for name in there], [position[name] for name in there]
        absent = [name for name in own if name not in queues]
        frames.append(_frame(level, member, parts, correlation[np.ix_(at, at)], absent, monday, plan_date))
    return pd.concat(frames, ignore_index=True)[FORECAST_WEEKLY.column_names]


def _known(rows: pd.DataFrame, first: date, plan_date: date) -> FloatArray:
    known = np.full((plan_date - first).days + 1, np.nan)
    known[[(day - first).days for day in rows["business_date"]]] = rows["offered_contacts"].to_numpy(dtype=np.float64)
    return known


def _plan(planned: pd.DataFrame, queue: str, monday: date) -> FloatArray:
    """Sums of the plan's days for the weeks that lie wholly in it."""
    own = planned[(planned["level"] == "queue") & (planned["member_id"] == queue)]
    by_day = dict(zip(own["business_date"], own["mean_offered_contacts"], strict=True))
    weeks = [[monday + timedelta(days=7 * week + k) for k in range(7)] for week in range(len(by_day) // 7)]
    return np.array([sum(by_day[day] for day in days) for days in weeks if all(day in by_day for day in days)], dtype=np.float64)


def _queue_weeks(known: FloatArray, calendar: QueueCalendar, modelled: FloatArray, planned: FloatArray) -> _QueueWeeks:
    series = week_series(known, calendar, WEEKS)
    found = forecast_weeks(series)
    errors = past_errors(series, WEEKS)
    mean = found.mean.copy()
    covered = min(len(planned), WEEKS)
    if covered:
        long_term = float(mean[:covered].sum())
        ratio = float(modelled[:covered].sum()) / long_term if long_term > 0.0 else 1.0
        left = _CARRIED_ON ** np.arange(1, WEEKS - covered + 1)
        mean[covered:] *= np.maximum(ratio, 1e-3) ** left
        mean[:covered] = planned[:covered]
    return _QueueWeeks(np.round(mean, _DIGITS), spread_of_weeks(errors, mean, found), errors, found, covered)


def _correlation(queues: Sequence[_QueueWeeks]) -> FloatArray:
    """Correlation of the queues' past errors, origin by origin from the last one back."""
    rows = max(len(queue.errors) for queue in queues)
    padded = [np.vstack([queue.errors, np.full((rows - len(queue.errors), WEEKS), np.nan)]) for queue in queues]
    return error_correlation(np.column_stack([(each / queue.spread).ravel() for each, queue in zip(padded, queues, strict=True)]))


def _frame(
    level: str,
    member: str,
    parts: Sequence[_QueueWeeks],
    correlation: FloatArray,
    absent: Sequence[str],
    monday: date,
    plan_date: date,
) -> pd.DataFrame:
    mean = np.round(np.sum([part.mean for part in parts], axis=0), _DIGITS)
    sigma = np.column_stack([part.sigma for part in parts])
    spread = np.sqrt(np.einsum("wi,ij,wj->w", sigma, correlation, sigma)) / np.maximum(mean, 1e-9)
    planned = min(part.planned_weeks for part in parts)
    return pd.DataFrame(
        {
            "plan_date": plan_date,
            "level": level,
            "member_id": member,
            "week_start_date": [monday + timedelta(weeks=k) for k in range(WEEKS)],
            "lead_weeks": np.arange(1, WEEKS + 1),
            "mean_offered_contacts": mean,
            "low_offered_contacts": np.round(mean * np.exp(-NORMAL_90 * spread), _DIGITS),
            "high_offered_contacts": np.round(mean * np.exp(NORMAL_90 * spread), _DIGITS),
            "band_probability_fraction": BAND_PROBABILITY,
            "basis": np.where(np.arange(WEEKS) < planned, _OF_PLAN, _LONG_TERM),
            "history_weeks": min(part.long_term.weeks for part in parts),
            "note": _note(parts, absent),
        }
    )


def _note(parts: Sequence[_QueueWeeks], absent: Sequence[str]) -> str | None:
    """What is not known for want of history, in words."""
    words = []
    weeks = min(part.long_term.weeks for part in parts)
    if weeks < FEWEST_WEEKS:
        words.append(f"{weeks} weeks of history: its level only")
    elif not all(part.long_term.has_season for part in parts):
        words.append(f"{weeks} weeks of history: no yearly season can be seen, and the band is widened by rule")
    elif not all(part.long_term.has_trend for part in parts):
        words.append(f"{weeks} weeks of history: trend and season can hardly be told apart, and the band is widened by rule")
    if absent:
        words.append(f"without {', '.join(absent)}: no history")
    return "; ".join(words) or None
