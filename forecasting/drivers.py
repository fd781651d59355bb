"""Why a day's forecast is what it is: contributions in contacts that add up to the mean, to the last digit.

The regression explains a day as a product of factors. Going from the level of an average open day (base) to the day's mean, each
factor gets its share of the difference in proportion to its logarithm (logarithmic mean Divisia index): nothing is left over,
and the order of the factors does not matter. What the champion says beyond the regression, and its level correction, count as
trend. Source: Ang (2005), "The LMDI approach to decomposition analysis", Energy Policy 33.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calendar import FloatArray
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
    "event_contacts",
    "override_contacts",
)
_RECENT_DAYS = 56
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
    panel: Panel, column: int, own: FloatArray, from_claims: FloatArray, from_events: FloatArray, fitted: FittedRegression | None
) -> Explained:
    """Split one queue's forecast.

    Args:
        panel: history and calendar.
        column: the queue.
        own: champion's mean per future day without what claims and events bring, >= 0.
        from_claims: contacts that claims bring per future day.
        from_events: contacts that known events add or take.
        fitted: the regression, or None where it could not be fitted: all that is not base then counts as weekday or trend.
    """
    own = np.round(own, _DIGITS)
    from_claims, from_events = np.round(from_claims, _DIGITS), np.round(from_events, _DIGITS)
    base = round(_base(panel, column, own), _DIGITS)
    takes = panel.takes_contacts[panel.past :, column]
    logs = _log_factors(panel, column, fitted, own, base)
    parts = np.zeros((len(own), len(NAMES)))
    parts[:, 0] = base
    width = _log_mean(own, base)
    parts[:, 1:4] = np.round(logs * width[:, None], _DIGITS)
    nothing = own <= 0.0
    holiday = panel.calendars[panel.queues[column]].frame["is_holiday"].to_numpy(dtype=bool)[panel.past : len(panel.dates)]
    parts[nothing, 1:4] = 0.0
    parts[nothing & ~takes & holiday, 3] = -base
    parts[nothing & ~(~takes & holiday), 1] = -base
    parts[:, 5], parts[:, 6] = from_claims, from_events
    parts[:, 4] = np.round(own - parts[:, :4].sum(axis=1), _DIGITS)
    parts[nothing, 4] = 0.0
    return Explained(np.round(parts.sum(axis=1), _DIGITS), parts)


def _base(panel: Panel, column: int, own: FloatArray) -> float:
    """Level of an average open day: lately, or ahead where nothing is known."""
    rows = np.flatnonzero(panel.fit[:, column])
    rows = rows[rows >= panel.past - _RECENT_DAYS]
    if rows.size:
        recent = panel.offered[rows, column] - panel.from_claims[rows, column]
        if recent.mean() > 0.0:
            return float(recent.mean())
    return float(own[own > 0.0].mean()) if (own > 0.0).any() else 0.0


def _log_factors(panel: Panel, column: int, fitted: FittedRegression | None, own: FloatArray, base: float) -> FloatArray:
    """Log of weekday, calendar and holiday factors per future day, relative to the average of recent open days."""
    future = slice(panel.past, len(panel.dates))
    result = np.zeros((len(own), 3))
    if fitted is None:
        if base > 0.0:
            result[:, 0] = np.log(np.maximum(own, 1e-9) / base)
        return result
    recent = np.flatnonzero(panel.takes_contacts[: panel.past, column])[-_RECENT_DAYS:]
    for position, group in enumerate((WEEKDAY, CALENDAR, HOLIDAY)):
        effect = fitted.effects[group]
        usual = float(effect[recent].mean()) if group != HOLIDAY and recent.size else 0.0
        result[:, position] = effect[future] - usual
    # That a holiday is like a Sunday is the holiday's doing, not the weekday's.
    calendar = panel.calendars[panel.queues[column]]
    like = calendar.weekday_like[: len(panel.dates)]
    weekday = calendar.frame["weekday"].to_numpy(dtype=np.int64)[: len(panel.dates)]
    for row in np.flatnonzero((like != weekday)[future]):
        same = np.flatnonzero(like == weekday[panel.past + row])
        if same.size:
            moved = fitted.effects[WEEKDAY][panel.past + row] - fitted.effects[WEEKDAY][same[0]]
            result[row, 0] -= moved
            result[row, 2] += moved
    return result


def _log_mean(values: FloatArray, base: float) -> FloatArray:
    """Logarithmic mean of each value and the base: (a - b) / ln(a / b)."""
    if base <= 0.0:
        return np.zeros(len(values))
    positive = np.maximum(values, 1e-9)
    ratio = np.log(positive / base)
    near = np.abs(ratio) < 1e-9
    return np.where(near, base, (positive - base) / np.where(near, 1.0, ratio))
