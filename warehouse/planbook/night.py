"""Everything a plan book is made of: the night's tables and the last weeks of history, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from enterprise.hierarchy import WHOLE_ENTERPRISE
from enterprise.settings import Enterprise
from warehouse.lake import Lake
from warehouse.published import PlanVersion
from warehouse.tables.capacity import CAPACITY_PLAN
from warehouse.tables.claims import CLAIMS_POSITIONS
from warehouse.tables.deferred import BACKLOG_PROJECTION, DEADLINE_PRICE, STAFFING_BLENDED
from warehouse.tables.evidence import CHAT_CONCURRENCY, GROUP_AUDIT, PATIENCE, SIMULATION_AUDIT
from warehouse.tables.forecast import (
    ACCURACY_LEDGER,
    CLAIMS_LEAD,
    DRIVER_LEAD,
    FORECAST_CHANGE,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    FORECAST_WEEKLY,
)
from warehouse.tables.history import CLAIMS_DAILY, DAILY_HISTORY
from warehouse.tables.looking_back import MISS_ANALYSIS
from warehouse.tables.overrides import OVERRIDE_EFFECT, OVERRIDE_STATUS
from warehouse.tables.run import DATA_QUALITY, QUALITY_FINDINGS, QUARANTINE, SOURCE_CHANGES
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE, STAFF_GROUP_INTERVAL
from warehouse.tables.staffing import STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY

HISTORY_DAYS = 42
LEDGER_WEEKS = 13


@dataclass(frozen=True, slots=True, eq=False)
class BookNight:
    """The night's published rows (frames of the declared tables of the same names) and what they followed.

    Attributes:
        enterprise: names, time zone, goals.
        plan: the version that the warehouse holds.
        history: daily history of the last six weeks.
        claims: claims per day of the last six weeks.
        quarantine: rows put aside in the night.
        source_changes: columns of the sources that were not what they had been.
        accuracy_ledger: forecasts of the last thirteen weeks against what came.
        miss_analysis: why service levels of the last week were not the planned ones.
    """

    enterprise: Enterprise
    plan: PlanVersion
    forecast_interval: pd.DataFrame
    forecast_daily: pd.DataFrame
    forecast_weekly: pd.DataFrame
    forecast_change: pd.DataFrame
    staffing_interval: pd.DataFrame
    staffing_daily: pd.DataFrame
    staffing_weekly: pd.DataFrame
    backlog_projection: pd.DataFrame
    staffing_blended: pd.DataFrame
    deadline_price: pd.DataFrame
    shift_people: pd.DataFrame
    shift_cover: pd.DataFrame
    capacity_plan: pd.DataFrame
    staff_group_interval: pd.DataFrame
    simulation_audit: pd.DataFrame
    group_audit: pd.DataFrame
    patience: pd.DataFrame
    chat_concurrency: pd.DataFrame
    claims_lead: pd.DataFrame
    claims_positions: pd.DataFrame
    driver_lead: pd.DataFrame
    data_quality: pd.DataFrame
    quality_findings: pd.DataFrame
    history: pd.DataFrame
    claims: pd.DataFrame
    quarantine: pd.DataFrame
    source_changes: pd.DataFrame
    accuracy_ledger: pd.DataFrame
    miss_analysis: pd.DataFrame
    override_status: pd.DataFrame
    override_effect: pd.DataFrame

    @classmethod
    def read(cls, lake: Lake, enterprise: Enterprise, plan: PlanVersion) -> BookNight:
        """Read what the book needs from the lake."""
        night = plan.plan_date
        first = night - timedelta(days=HISTORY_DAYS - 1)
        return cls(
            enterprise=enterprise,
            plan=plan,
            forecast_interval=lake.read(FORECAST_INTERVAL, first=night, last=night),
            forecast_daily=lake.read(FORECAST_DAILY, first=night, last=night),
            forecast_change=lake.read(FORECAST_CHANGE, first=night, last=night),
            forecast_weekly=lake.read(FORECAST_WEEKLY, first=night, last=night),
            staffing_interval=lake.read(STAFFING_INTERVAL, first=night, last=night),
            staffing_daily=lake.read(STAFFING_DAILY, first=night, last=night),
            staffing_weekly=lake.read(STAFFING_WEEKLY, first=night, last=night),
            backlog_projection=lake.read(BACKLOG_PROJECTION, first=night, last=night),
            staffing_blended=lake.read(STAFFING_BLENDED, first=night, last=night),
            deadline_price=lake.read(DEADLINE_PRICE, first=night, last=night),
            shift_people=lake.read(SHIFT_PEOPLE, first=night, last=night),
            shift_cover=lake.read(SHIFT_COVER, first=night, last=night),
            capacity_plan=lake.read(CAPACITY_PLAN, first=night, last=night),
            staff_group_interval=lake.read(STAFF_GROUP_INTERVAL, first=night, last=night),
            simulation_audit=lake.read(SIMULATION_AUDIT, first=night, last=night),
            group_audit=lake.read(GROUP_AUDIT, first=night, last=night),
            patience=lake.read(PATIENCE, first=night, last=night),
            chat_concurrency=lake.read(CHAT_CONCURRENCY, first=night, last=night),
            claims_lead=lake.read(CLAIMS_LEAD, first=night, last=night),
            claims_positions=lake.read(CLAIMS_POSITIONS, first=night, last=night),
            driver_lead=lake.read(DRIVER_LEAD, first=night, last=night),
            data_quality=lake.read(DATA_QUALITY, first=night, last=night),
            quality_findings=lake.read(QUALITY_FINDINGS, first=night, last=night),
            history=lake.read(DAILY_HISTORY, first=first, last=night),
            claims=lake.read(CLAIMS_DAILY, first=first, last=night),
            quarantine=lake.read(QUARANTINE, first=night, last=night),
            source_changes=lake.read(SOURCE_CHANGES, first=night, last=night),
            accuracy_ledger=lake.read(ACCURACY_LEDGER, first=night - timedelta(weeks=LEDGER_WEEKS), last=night),
            miss_analysis=lake.read(MISS_ANALYSIS, first=night - timedelta(days=7), last=night),
            override_status=lake.read(OVERRIDE_STATUS, first=night, last=night),
            override_effect=lake.read(OVERRIDE_EFFECT, first=night, last=night),
        )

    def queue_name(self, queue_id: str) -> str:
        """Name that people use for a queue."""
        queue = self.enterprise.queues.get(queue_id)
        return queue.name if queue is not None else queue_id

    def member_name(self, level: str, member_id: str) -> str:
        """Name that people use for a member of a level above the queues."""
        names: dict[str, dict[str, str]] = {
            "line_of_business": self.enterprise.lines_of_business,
            "site": self.enterprise.sites,
            "enterprise": {WHOLE_ENTERPRISE: self.enterprise.name},
        }
        of_level = names.get(level, {})
        return of_level.get(member_id, member_id.capitalize())
