"""Mean handle time (AHT) per queue and day with its uncertainty, shrunk to the settings' prior where contacts are few.

Level: contacts of the last weeks, fading with a half-life of four weeks. Weekdays: their ratio to the level over half a year.
The quantiles are those of the day's true mean (what staffing needs), not of single contacts: log-normal with the spread that
daily means showed beyond the chance of few contacts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import special

from forecasting.calendar import FloatArray, IntArray, QueueCalendar
from warehouse.tables.columns import QUANTILES

_HALF_LIFE_DAYS = 28.0
_HISTORY_DAYS = 182
_PRIOR_CONTACTS = 100.0
"""The prior of the settings counts like so many contacts."""
_WEEKDAY_PRIOR_CONTACTS = 500.0
_UNKNOWN_SPREAD = 0.15
"""Spread of the log mean assumed where no handle time was ever measured."""
_LOWEST_SPREAD = 0.02
_CONTACT_VARIATION = 1.0
"""Squared coefficient of variation of single handle times, the exponential's: chance adds this / n to a mean of n."""
_PRIOR_DAYS = 10.0
_CLIP_LOG = 0.7


@dataclass(frozen=True, eq=False)
class HandleTime:
    """Expected mean handle time of one queue.

    Attributes:
        by_weekday: seconds by weekday that a date resembles.
        spread: standard deviation of the log of a day's true mean.
        contacts: contacts that it rests on; 0 means the settings' prior alone.
    """

    by_weekday: FloatArray
    spread: float
    contacts: float

    def mean(self, weekday_like: IntArray) -> FloatArray:
        """Seconds for dates that resemble these weekdays."""
        return np.asarray(self.by_weekday[weekday_like], dtype=np.float64)

    def quantiles(self, weekday_like: IntArray) -> FloatArray:
        """Published quantiles of the mean, one row per date."""
        return lognormal_quantiles(self.mean(weekday_like), self.spread)


def lognormal_quantiles(mean: FloatArray, spread: FloatArray | float) -> FloatArray:
    """Published quantiles of a log-normal with this mean and this standard deviation of the log.

    Example:
        >>> lognormal_quantiles(np.array([300.0]), 0.1).round(0)[0, [1, 3, 5]]
        array([263., 299., 339.])
    """
    spread = np.broadcast_to(np.asarray(spread, dtype=np.float64), np.shape(mean))[..., None]
    factor = np.exp(special.ndtri(np.array(QUANTILES)) * spread - spread**2 / 2.0)
    return np.asarray(np.asarray(mean)[..., None] * factor, dtype=np.float64)


def learn_handle_time(daily: pd.DataFrame, calendar: QueueCalendar, prior_seconds: float, as_of: date) -> HandleTime:
    """Learn one queue's handle time.

    Args:
        daily: the queue's rows of daily_history; answered_contacts, completed_items, offered_contacts, handle_seconds and
            source_complete are read, and rows after `as_of` are not. Handle time is divided by the contacts answered; where
            these are not known, by items completed, else by contacts offered.
        calendar: the queue's calendar from its first date of history.
        prior_seconds: mean handle time of the settings.
        as_of: last date known.

    Returns:
        The settings' prior with a spread of 15 % where nothing was measured.
    """
    first = calendar.frame["business_date"].iloc[0]
    place = np.array([(day - first).days for day in daily["business_date"]], dtype=np.int64)
    last = (as_of - first).days
    handle = daily["handle_seconds"].to_numpy(dtype=np.float64, na_value=np.nan)
    contacts = _handled(daily)
    usable = (place >= 0) & (place <= last) & (place > last - _HISTORY_DAYS) & daily["source_complete"].to_numpy(dtype=bool)
    usable &= np.isfinite(handle) & (np.nan_to_num(handle) > 0) & (np.nan_to_num(contacts) > 0)
    if not usable.any():
        return HandleTime(np.full(7, prior_seconds), _UNKNOWN_SPREAD, 0.0)
    handle, contacts, place = handle[usable], contacts[usable], place[usable]
    like = calendar.weekday_like[place]
    fading = 0.5 ** ((last - place) / _HALF_LIFE_DAYS)
    level = _shrunk(fading * handle, fading * contacts, prior_seconds, _PRIOR_CONTACTS)
    by_weekday = np.full(7, level)
    expected_all = contacts * level
    for weekday in range(7):
        same = like == weekday
        ratio = (handle[same].sum() + _WEEKDAY_PRIOR_CONTACTS * level) / (
            expected_all[same].sum() + _WEEKDAY_PRIOR_CONTACTS * level
        )
        by_weekday[weekday] = level * ratio
    # Weekdays are measured over half a year, the level lately: keep the level as the mean of recent days.
    by_weekday *= level * float((fading * contacts).sum()) / float((fading * contacts * by_weekday[like]).sum())
    residual = np.clip(np.log(handle / (contacts * by_weekday[like])), -_CLIP_LOG, _CLIP_LOG)
    return HandleTime(by_weekday, _spread(residual, contacts), float(contacts.sum()))


def _handled(daily: pd.DataFrame) -> FloatArray:
    answered = daily["answered_contacts"].to_numpy(dtype=np.float64, na_value=np.nan)
    completed = daily["completed_items"].to_numpy(dtype=np.float64, na_value=np.nan)
    offered = daily["offered_contacts"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(answered), answered, np.where(np.isfinite(completed), completed, offered))


def _shrunk(handle: FloatArray, contacts: FloatArray, prior_seconds: float, prior_contacts: float) -> float:
    return float((handle.sum() + prior_contacts * prior_seconds) / (contacts.sum() + prior_contacts))


def _spread(residual: FloatArray, contacts: FloatArray) -> float:
    """Standard deviation of log daily means beyond what few contacts give by chance, pulled to the unknown spread on few days."""
    found = max(float((residual**2).mean()) - float((_CONTACT_VARIATION / contacts).mean()), 0.0)
    days = len(residual)
    variance = (days * found + _PRIOR_DAYS * _UNKNOWN_SPREAD**2) / (days + _PRIOR_DAYS)
    return max(float(np.sqrt(variance)), _LOWEST_SPREAD)
