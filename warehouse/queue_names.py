"""The queues in people's words, as rows of the declared table `queue`."""

from __future__ import annotations

import pyarrow as pa

from enterprise.queues import Queue, ServiceGoal
from enterprise.settings import Enterprise
from warehouse.tables.run import QUEUE

_COUNTED = {
    "of_offered": "of offered contacts answered",
    "of_answered": "of answered contacts answered",
    "excluding_short_abandons": "of offered contacts (short abandons left out) answered",
    "wait_within": "of contacts answered or given up",
    "completed_within": "of items completed",
}
_HOUR = 3600
_MINUTE = 60


def goal_in_words(goal: ServiceGoal) -> str:
    """A service goal as people say it.

    Example:
        >>> goal_in_words(ServiceGoal(definition="of_offered", fraction=0.8, seconds=20))
        '80 % of offered contacts answered within 20 seconds'
        >>> goal_in_words(ServiceGoal(definition="completed_within", fraction=0.95, seconds=28800))
        '95 % of items completed within 8 business hours'
    """
    business = "business " if goal.definition == "completed_within" else ""
    if goal.seconds % _HOUR == 0:
        time = f"{goal.seconds / _HOUR:g} {business}hours"
    elif goal.seconds >= 2 * _MINUTE and goal.seconds % _MINUTE == 0:
        time = f"{goal.seconds / _MINUTE:g} {business}minutes"
    else:
        time = f"{goal.seconds:g} {business}seconds"
    return f"{100 * goal.fraction:g} % {_COUNTED[goal.definition]} within {time}"


def queue_rows(enterprise: Enterprise) -> pa.Table:
    """One row per queue of the settings, in key order."""
    rows = [_row(enterprise, queue) for _, queue in sorted(enterprise.queues.items())]
    return pa.Table.from_pylist(rows, schema=QUEUE.arrow_schema)


def _row(enterprise: Enterprise, queue: Queue) -> dict[str, object]:
    return {
        "queue_id": queue.id,
        "queue_name": queue.name,
        "channel": queue.channel,
        "line_of_business": queue.line_of_business,
        "line_of_business_name": enterprise.lines_of_business[queue.line_of_business],
        "site": queue.site,
        "site_name": enterprise.sites[queue.site],
        "time_zone": enterprise.time_zone,
        "is_deferred": queue.is_deferred,
        "service_goal": goal_in_words(queue.service_goal),
    }
