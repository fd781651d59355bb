"""Known events (a mailing, a price change): their effect is what earlier days of the same name showed; none is invented."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from enterprise.settings import Event
from forecasting.calendar import FloatArray
from forecasting.candidates.regression import FittedRegression
from forecasting.panel import Panel

_PRIOR_DAYS = 2.0
_LARGEST_LOG = 1.5


def event_contacts(
    panel: Panel, column: int, own: FloatArray, fitted: FittedRegression | None, events: Sequence[Event]
) -> FloatArray:
    """Contacts that known events add (or take) per future day.

    Args:
        panel: history and calendar; the past days of events are not fitted on, but known.
        column: the queue.
        own: mean per future day without events.
        fitted: the regression; None gives no effect.
        events: the settings' events. Events of the same name are taken to be alike; one that never happened before adds nothing.
    """
    result = np.zeros(panel.horizon)
    queue = panel.queues[column]
    mine = [event for event in events if queue in event.queues]
    if fitted is None or not mine:
        return result
    for name in sorted({event.name for event in mine}):
        on = np.array([any(e.name == name and e.first_date <= day <= e.last_date for e in mine) for day in panel.dates])
        past = np.flatnonzero(on[: panel.past] & np.isfinite(panel.offered[:, column]))
        if not past.size or not on[panel.past :].any():
            continue
        expected = (fitted.own[past] + fitted.from_claims[past]).sum()
        came = panel.offered[past, column].sum()
        if expected <= 0.0 or came <= 0.0:
            continue
        effect = float(np.clip(np.log(came / expected), -_LARGEST_LOG, _LARGEST_LOG)) * past.size / (past.size + _PRIOR_DAYS)
        result += np.where(on[panel.past :], own * np.expm1(effect), 0.0)
    return np.maximum(result, -own)
