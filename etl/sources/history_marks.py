"""Which dates of history are due: what each of them was made of, as one text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from enterprise.settings import Enterprise
from etl.demand import CALLBACK_LOOK_BACK_DAYS
from warehouse.lake import Lake
from warehouse.partition_marks import partition_marks
from warehouse.tables.core import AGENT_STATES, CASES, CLAIMS, CONTACTS, INTERVAL_REPORTS, MESSAGES

HISTORY_VERSION = "4"
"""Raised when history is made differently of the same core: every date is then due again."""

_DAY = timedelta(days=1)
_PER_DAY = (CONTACTS, INTERVAL_REPORTS, AGENT_STATES)
_PER_ITEM = (MESSAGES, CASES, CLAIMS)


def history_marks(
    lake: Lake, plan_date: date, enterprise: Enterprise, digests: Mapping[date, tuple[str, str]]
) -> dict[date, str]:
    """What each date's history depends on, as one text per date from the first of core to the plan's.

    A date is due when its mark is not that of its last making: because its partitions changed, those around it or of the weekdays
    it is compared with; because other deferred work came, was done or was open on it; or because it is the plan's own date, whose
    contacts are not followed over midnight. An item that is done tonight changes no date before.

    Args:
        lake: where core lies.
        plan_date: the night.
        enterprise: settings.
        digests: per date, what came in deferred queues and all that its history takes of items and claims
            (see `etl.sources.deferred_work`).
    """
    stamps = {table.name: partition_marks(lake, table, plan_date) for table in _PER_DAY}
    days = [day for by_day in stamps.values() for day in by_day]
    days += [day for table in _PER_ITEM for day in lake.partitions(table, last=plan_date)[:1]]
    if not days:
        return {}
    first, settings = min(days), [HISTORY_VERSION, enterprise.settings_hash]
    weeks = [-7 * week for week in range(1, 9)]
    steps = sorted({*range(-CALLBACK_LOOK_BACK_DAYS - 1, 2), *weeks})
    marks: dict[date, str] = {}
    for place in range((plan_date - first).days + 1):
        day = first + place * _DAY
        items = [*digests.get(day, ()), *(digests.get(day + step * _DAY, ("",))[0] for step in weeks)]
        looked_at = [other for other in (day + step * _DAY for step in steps) if other <= plan_date]
        around = [stamps[table.name].get(other, "") for table in _PER_DAY for other in looked_at]
        marks[day] = short_hash([*settings, str(day == plan_date), *items, *around])
    return marks


def short_hash(parts: Sequence[str]) -> str:
    """A mark of some texts in their order."""
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:16]
