"""The verdict on a lead as a planner reads it: what it means first, the figures it rests on after."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import FloatArray
from forecasting.lead_evidence import Uplift

SIGNIFICANCE = 0.05
FEWEST_UPLIFT = 0.01
_HELD_OUT_DAYS = 18.0
CLAIM = "claim"
VALUE = "value"
_WORTH_SAYING = 0.05
"""What a driver counts: claims, or anything else."""


def fewest_held_out(days: int) -> float:
    """Share of what the calendar leaves on days held out that a lead has to explain: the more, the fewer days there are.

    Args:
        days: usable days of history.

    Example:
        >>> [round(fewest_held_out(days), 2) for days in (30, 120, 730)]
        [0.6, 0.15, 0.02]
    """
    return _HELD_OUT_DAYS / days


def verdict_in_words(
    name: str,
    used: bool,
    kernel: FloatArray,
    to_come: float,
    p_value: float | None,
    uplift: Uplift,
    *,
    unit: str = CLAIM,
    same_day_p_value: float | None = None,
    counting: str = "",
    fewest_held_out: float,
) -> str:
    """Whether a driver announces a queue's contacts, and why the plan uses that or not.

    Args:
        name: class of the claims, or the driver's name.
        used: whether the plan uses the lead.
        kernel: contacts per claim or unit of the driver by lag day.
        to_come: contacts still to come from what is known already.
        p_value: of the circular-shift test; None where it was not made.
        uplift: how much lower the error is with the driver than without.
        unit: `CLAIM` or `VALUE`.
        same_day_p_value: of the same test for the same day alone; None where it was not made.
        counting: how lags are counted, where that is worth saying.
        fewest_held_out: share of days held out that was asked for.

    Example:
        >>> gain = Uplift(0.115, 40, 0.2)
        >>> verdict_in_words("storm", True, np.array([0.1, 0.5, 0.2]), 624.3, 0.02, gain, fewest_held_out=0.05)[:105]
        'Used: about 0.80 calls or messages per storm claim, most 1 day after the report; 624 still to come from c'
        >>> other = {"unit": VALUE, "fewest_held_out": 0.05, "same_day_p_value": 0.01}
        >>> verdict_in_words("visits", False, np.zeros(3), 0.0, 0.4, Uplift(-0.01, 40, 0.0), **other)[:76]
        'Refused: values of visits move with these contacts on the same day only, whi'
    """
    claims = f"{name} claims" if unit == CLAIM else f"values of {name}"
    if used:
        peak = int(np.argmax(kernel))
        if unit == CLAIM:
            days = "on the day of the report" if peak == 0 else f"{_days(peak)} after the report"
            brought = f"{kernel.sum():.2f} calls or messages per {name} claim"
            known = "claims already reported"
        else:
            days = "on the same day" if peak == 0 else f"{_days(peak)} later"
            brought = f"{kernel.sum():.3g} contacts per unit of {name}"
            known = "values already known"
        meaning = f"Used: about {brought}, most {days}; {to_come:,.0f} still to come from {known}."
    elif p_value is not None and p_value < SIGNIFICANCE:
        meaning = f"Not used: {claims} seem to announce contacts here, but forecasts did not surely gain by it."
    elif same_day_p_value is not None and same_day_p_value < SIGNIFICANCE:
        meaning = f"Refused: {claims} move with these contacts on the same day only, which announces nothing for any day ahead."
    else:
        meaning = f"Not used: {claims} do not announce contacts of this queue."
    lags = f"lags count {counting}; " if counting else ""
    return f"{meaning} ({lags}{_test(p_value)}{_gain(uplift, fewest_held_out)})"


def leads_served(kernel: FloatArray, ahead_days: int) -> str:
    """Up to how many days ahead a driver's known values serve, and what is taken for the days beyond.

    Args:
        kernel: contacts per unit by lag day.
        ahead_days: days ahead up to which its values are always known; 0: each when its day is over.

    Example:
        >>> leads_served(np.array([0.5, 0.3, 0.2, 0.0]), 0)
        'Its values are known when their day is over: they serve 2 days ahead; beyond, its usual level is taken.'
    """
    reach = ahead_days + int(np.flatnonzero(kernel >= _WORTH_SAYING * kernel.sum())[-1])
    when = f"{_days(ahead_days)} ahead" if ahead_days else "when their day is over"
    return f"Its values are known {when}: they serve {_days(reach)} ahead; beyond, its usual level is taken."


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _test(p_value: float | None) -> str:
    return "not tested" if p_value is None else f"circular-shift test p = {p_value:.3f}, less than {SIGNIFICANCE} is needed"


def _gain(uplift: Uplift, fewest: float) -> str:
    if uplift.held_out is None:
        return ""
    explained = (
        f"; explains {100 * max(uplift.held_out, 0.0):.1f} % of what the calendar leaves on days held out, more than "
        f"{100 * fewest:.1f} % is needed"
    )
    if uplift.fraction is None:
        return f"{explained}; history too short to measure what forecasts gain"
    change = f"{'lower' if uplift.fraction >= 0 else 'higher'} by {100 * abs(uplift.fraction):.1f} %"
    needed = f"more than {100 * FEWEST_UPLIFT:.0f} % lower is needed"
    return f"{explained}; error of days 1-3 {change} over {uplift.origins} origins, {needed}"
