"""Which queues' hours planners changed: their open time as usual and as planned. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from enterprise.settings import Enterprise
from enterprise.timing import grid_of, opening_of


def changed_hours(usual: Enterprise, planned: Enterprise, plan_date: date) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Open time of every interval of the horizon, as usual and as planned, of live queues whose hours differ.

    Contacts of deferred work arrive whether somebody works on them or not: its queues are not among them.
    """
    dates = [plan_date + timedelta(days=ahead) for ahead in range(1, usual.planning.horizon_days + 1)]
    result = {}
    for queue in usual.queues.values():
        if queue.is_deferred or planned.queues[queue.id].opening_hours == queue.opening_hours:
            continue
        both = (opening_of(one, queue.id).open_seconds_per_interval(grid_of(one), dates) for one in (usual, planned))
        before, after = both
        result[queue.id] = (before, after)
    return result
