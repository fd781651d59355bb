"""The whole staffing of one night, from the rows of the forecast to those of the staffing tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from enterprise.settings import Enterprise
from staffing.blending import blended_rows
from staffing.block_staffing import BlockStaffing, Demand, deferred_input, staff_block
from staffing.chat_history import with_used_chat
from staffing.levels import shrinkage_by_kind, staffing_by_day, staffing_by_week
from warehouse.tables.claims import CLAIMS_POSITIONS
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.evidence import PATIENCE
from warehouse.tables.staffing import CERTAINTY_CURVE, SHRINKAGE_HOURS, STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY


@dataclass(frozen=True, eq=False)
class NightStaffing:
    """Rows of the staffing tables."""

    intervals: pd.DataFrame
    daily: pd.DataFrame
    weekly: pd.DataFrame
    backlog: pd.DataFrame
    certainty: pd.DataFrame
    blended: pd.DataFrame
    patience: pd.DataFrame
    deadlines: pd.DataFrame
    claims: pd.DataFrame
    shrinkage: pd.DataFrame

    @property
    def tables(self) -> dict[Table, pd.DataFrame]:
        """The rows by table."""
        return {
            STAFFING_INTERVAL: self.intervals,
            STAFFING_DAILY: self.daily,
            STAFFING_WEEKLY: self.weekly,
            BACKLOG_PROJECTION: self.backlog,
            CERTAINTY_CURVE: self.certainty,
            STAFFING_BLENDED: self.blended,
            PATIENCE: self.patience,
            DEADLINE_PRICE: self.deadlines,
            CLAIMS_POSITIONS: self.claims,
            SHRINKAGE_HOURS: self.shrinkage,
        }


def staff_all(demand: Demand, enterprise: Enterprise, plan_date: date) -> NightStaffing:
    """Staff every queue that has a forecast.

    Args:
        demand: what the night knows.
        enterprise: the settings.
        plan_date: the night.

    Returns:
        A queue whose numbers no model can take has the people of the former plan, with a warning; without a former plan it has
        none, and its days and the levels above say so. The backlog of such a queue is not projected, and what certainty would
        cost is not known.

    Raises:
        ValueError: or another of what models raise, if no queue at all can be staffed.
    """
    queues = {str(one) for one in demand.intervals["queue_id"]}
    return merged([staff_block(demand, enterprise, plan_date, queues)], demand, enterprise, plan_date)


def merged(blocks: Sequence[BlockStaffing], demand: Demand, enterprise: Enterprise, plan_date: date) -> NightStaffing:
    """Put the staffing of all queues together: blended work, levels above the queues, weeks.

    Args:
        blocks: of all queues that have a forecast.
        demand: forecast, backlog and chats of the night; the rest is not looked at.
        enterprise: the settings.
        plan_date: the night.

    Raises:
        ValueError: or another of what models raise, if no queue at all could be staffed.
    """
    enterprise = with_used_chat(enterprise, demand.chat)
    told = _together(blocks, "warnings")
    warnings = dict(zip(told["queue_id"], told["words"], strict=True))
    if warnings and len(warnings) == demand.intervals["queue_id"].nunique():
        failures = [block.failure for block in blocks if block.failure is not None]
        raise failures[-1] if failures else ValueError(f"no queue could be staffed; the first: {next(iter(warnings.items()))}")
    intervals = _together(blocks, "intervals").sort_values(["queue_id", "interval_start_utc"], ignore_index=True)
    blending = [group.blending.queues for group in enterprise.staff_groups.values() if group.blending is not None]
    waiting = {}
    for queue_id in sorted({queue for queues in blending for queue in queues} - set(warnings)):
        rows = demand.intervals[demand.intervals["queue_id"] == queue_id]
        if len(rows):
            waiting[queue_id] = deferred_input(enterprise.queues[queue_id], rows, demand, plan_date, enterprise)
    blended = blended_rows(intervals, waiting, enterprise)
    daily = staffing_by_day(demand.daily, intervals, enterprise, warnings, blended)
    certainty = _together(blocks, "certainty").sort_values(["queue_id", "goal_probability"], ignore_index=True)
    return NightStaffing(
        intervals=intervals,
        daily=daily,
        weekly=staffing_by_week(daily, enterprise),
        backlog=_together(blocks, "backlog"),
        certainty=certainty,
        blended=blended,
        patience=_together(blocks, "patience"),
        deadlines=_together(blocks, "deadlines"),
        shrinkage=shrinkage_by_kind(intervals, enterprise).assign(plan_date=plan_date)[SHRINKAGE_HOURS.column_names],
        claims=_together(blocks, "claims").sort_values(CLAIMS_POSITIONS.key_names, ignore_index=True),
    )


def _together(blocks: Sequence[BlockStaffing], attribute: str) -> pd.DataFrame:
    frames = [getattr(block, attribute) for block in blocks]
    filled = [frame for frame in frames if len(frame)]
    whole: pd.DataFrame = pd.concat(filled, ignore_index=True) if filled else frames[0]
    return whole
