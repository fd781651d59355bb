"""The verdict on a lead as a planner reads it: what it means first, the figures it rests on after."""

from __future__ import annotations

import numpy as np

from forecasting.calendar import FloatArray
from forecasting.lead_evidence import Uplift

SIGNIFICANCE = 0.05
FEWEST_UPLIFT = 0.01


def verdict_in_words(
    claim_class: str, used: bool, kernel: FloatArray, to_come: float, p_value: float | None, uplift: Uplift
) -> str:
    """Whether claims of a class announce a queue's contacts, and why the plan uses that or not.

    Args:
        claim_class: class of the claims.
        used: whether the plan uses the lead.
        kernel: contacts per claim by lag day.
        to_come: contacts still to come from claims already reported.
        p_value: of the circular-shift test; None where it was not made.
        uplift: how much lower the error is with claims than without.

    Example:
        >>> verdict_in_words("storm", True, np.array([0.1, 0.5, 0.2]), 624.3, 0.02, Uplift(0.115, 0.061, 26))[:105]
        'Used: about 0.80 calls or messages per storm claim, most 1 day after the report; 624 still to come from c'
    """
    if used:
        peak = int(np.argmax(kernel))
        days = "on the day of the report" if peak == 0 else f"{peak} day{'' if peak == 1 else 's'} after the report"
        meaning = (
            f"Used: about {kernel.sum():.2f} calls or messages per {claim_class} claim, most {days}; "
            f"{to_come:,.0f} still to come from claims already reported."
        )
    elif p_value is not None and p_value < SIGNIFICANCE:
        meaning = f"Not used: {claim_class} claims seem to announce contacts here, but forecasts did not surely gain by it."
    else:
        meaning = f"Not used: {claim_class} claims do not announce contacts of this queue."
    return f"{meaning} ({_test(p_value)}; {_gain(uplift)})"


def _test(p_value: float | None) -> str:
    return "not tested" if p_value is None else f"circular-shift test p = {p_value:.3f}, less than {SIGNIFICANCE} is needed"


def _gain(uplift: Uplift) -> str:
    if uplift.fraction is None or uplift.low is None:
        return "history too short to measure the gain"
    change = f"{'lower' if uplift.fraction >= 0 else 'higher'} by {100 * abs(uplift.fraction):.1f} %"
    surely = f"lower by {100 * uplift.low:.1f} %" if uplift.low > 0 else "not lower"
    return (
        f"error of days 1-7 {change} over {uplift.origins} origins, more than {100 * FEWEST_UPLIFT:.0f} % lower is needed, "
        f"and with 95 % certainty {surely}"
    )
