"""Why a day's forecast is what it is: contributions in contacts that add up to the mean, to the last digit.

Going from the level of an average open day of recent weeks (base) to the day's mean, each factor gets its share of the difference
in proportion to its logarithm (logarithmic mean Divisia index): nothing is left over, and the order of the factors does not
matter. What the champion says beyond the factors counts as trend. Source: Ang (2005), "The LMDI approach to decomposition
analysis", Energy Policy 33.

The factors are the regression's where it took part in the forecast and half a year taught it. Else only weekdays are told apart,
as they were on average of recent weeks: effects of the month or of holidays learnt on a few weeks are large numbers that cancel
each other, and a seasonal forecast knows of none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import BoolArray, FloatArray
from forecasting.candidates.regression import FittedRegression
from forecasting.features import CALENDAR, HOLIDAY, WEEKDAY
from forecasting.panel import Panel

NAMES = (
    "base_contacts",
    "weekday_contacts",
    "calendar_contacts",
    "holiday_contacts",
    "trend_contacts",
    "claims_lead_contacts",
    "driver_lead_contacts",
    "event_contacts",
    "override_contacts",
)
_RECENT_DAYS = 56
_DAYS_FOR_FACTORS = 182
"""Days from first to last fitted one below which the regression's effects explain nothing."""
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class Explained:
    """Means per future day and their parts.

    Attributes:
        mean: contacts per future day.
        parts: future days x `NAMES`; each row adds up to the mean.
    """

    mean: FloatArray
    parts: FloatArray


def explain(
    panel: Panel,
    column: int,
    own: FloatArray,
    from_claims: FloatArray,
    from_drivers: FloatArray,
    from_events: FloatArray,
    fitted: FittedRegression | None,
) -> Explained:
    """Split one queue's forecast.

    Args:
        panel: history and calendar.
        column: the queue.
        own: champion's mean per future day without what claims, other drivers and events bring, >= 0.
        from_claims: contacts that claims bring per future day.
        from_drivers: contacts that other drivers bring.
        from_events: contacts that known events add or take.
        fitted: the regression if it took part in the forecast, or None: only weekdays are told apart then.

    Returns:
        Parts of which weekday, calendar and holiday are each no larger than the greater of base and the day's own mean.
    """
    own = np.round(own, _DIGITS)
    base = round(_base(panel, column, own), _DIGITS)
    takes = panel.takes_contacts[panel.past :, column]
    logs = _log_factors(panel, column, fitted, base)
    parts = np.zeros((len(own), len(NAMES)))
    parts[:, 0] = base
    width = _log_mean(own, base)
    shares = logs * width[:, None]
    # Large effects that cancel each other explain nothing: together they are scaled down, and the rest is trend.
    largest = np.abs(shares).max(axis=1)
    shares *= np.minimum(1.0, np.maximum(own, base) / np.maximum(largest, 1e-9))[:, None]
    parts[:, 1:4] = np.round(shares, _DIGITS)
    nothing = own <= 0.0
    holiday = panel.calendars[panel.queues[column]].frame["is_holiday"].to_numpy(dtype=bool)[panel.past : len(panel.dates)]
    parts[nothing, 1:4] = 0.0
    parts[nothing & ~takes & holiday, 3] = -base
    parts[nothing & ~(~takes & holiday), 1] = -base
    given = {"claims_lead_contacts": from_claims, "driver_lead_contacts": from_drivers, "event_contacts": from_events}
    for name, contacts in given.items():
        parts[:, NAMES.index(name)] = np.round(contacts, _DIGITS)
    parts[:, 4] = np.round(own - parts[:, :4].sum(axis=1), _DIGITS)
    parts[nothing, 4] = 0.0
    return Explained(np.round(parts.sum(axis=1), _DIGITS), parts)


def _base(panel: Panel, column: int, own: FloatArray) -> float:
    """Level of an average open day: lately, or ahead where nothing is known."""
    level = _recent_own(panel, column, _recent_open(panel, column))
    if level > 0.0:
        return level
    return float(own[own > 0.0].mean()) if (own > 0.0).any() else 0.0


def _recent_open(panel: Panel, column: int) -> BoolArray:
    """Past dates: the fitted ones of recent weeks on which the queue was open, or took contacts where it never was open."""
    fitted = panel.fit[:, column].copy()
    fitted[: max(panel.past - _RECENT_DAYS, 0)] = False
    is_open = panel.calendars[panel.queues[column]].frame["is_open"].to_numpy(dtype=bool)[: panel.past]
    return fitted & is_open if (fitted & is_open).any() else fitted


def _recent_own(panel: Panel, column: int, chosen: BoolArray) -> float:
    """Mean contacts of some past dates without those that claims brought; 0 where there is none."""
    rows = np.flatnonzero(chosen)
    return float((panel.offered[rows, column] - panel.from_claims[rows, column]).mean()) if rows.size else 0.0


def _log_factors(panel: Panel, column: int, fitted: FittedRegression | None, base: float) -> FloatArray:
    """Log of weekday, calendar and holiday factors per future day, relative to an average open day of recent weeks."""
    result = np.zeros((panel.horizon, 3))
    recent = _recent_open(panel, column)
    rows = np.flatnonzero(panel.fit[:, column])
    effects: dict[str, FloatArray]
    if fitted is None or not rows.size or rows[-1] - rows[0] + 1 < _DAYS_FOR_FACTORS:
        effects = {WEEKDAY: _weekdays_lately(panel, column, base)}
    else:
        effects = dict(fitted.effects)
        for group in (WEEKDAY, CALENDAR):
            usual = float(np.exp(effects[group][: panel.past][recent]).mean()) if recent.any() else 1.0
            effects[group] = effects[group] - np.log(usual)
    for position, group in enumerate((WEEKDAY, CALENDAR, HOLIDAY)):
        if group in effects:
            result[:, position] = effects[group][panel.past : len(panel.dates)]
    # That a holiday is like a Sunday is the holiday's doing, not the weekday's.
    calendar = panel.calendars[panel.queues[column]]
    like = calendar.weekday_like[: len(panel.dates)]
    weekday = calendar.frame["weekday"].to_numpy(dtype=np.int64)[: len(panel.dates)]
    for row in np.flatnonzero((like != weekday)[panel.past :]):
        same = np.flatnonzero(like == weekday[panel.past + row])
        if same.size:
            moved = effects[WEEKDAY][panel.past + row] - effects[WEEKDAY][same[0]]
            result[row, 0] -= moved
            result[row, 2] += moved
    return result


def _weekdays_lately(panel: Panel, column: int, base: float) -> FloatArray:
    """Log of the recent mean of the weekday that each date resembles, over the base; 0 where it is not known."""
    like = panel.weekday_like(panel.queues[column])
    lately = panel.fit[:, column].copy()
    lately[: max(panel.past - _RECENT_DAYS, 0)] = False
    result = np.zeros(len(like))
    for weekday in range(7):
        level = _recent_own(panel, column, lately & (like[: panel.past] == weekday))
        if base > 0.0 and level > 0.0:
            result[like == weekday] = np.log(level / base)
    return result


def _log_mean(values: FloatArray, base: float) -> FloatArray:
    """Logarithmic mean of each value and the base: (a - b) / ln(a / b)."""
    if base <= 0.0:
        return np.zeros(len(values))
    positive = np.maximum(values, 1e-9)
    ratio = np.log(positive / base)
    near = np.abs(ratio) < 1e-9
    return np.where(near, base, (positive - base) / np.where(near, 1.0, ratio))
