"""What the forecast of a night starts from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pandas as pd

from forecasting.held import without_held_claims
from warehouse.tables.core import DRIVER_VALUES
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.held import without_held_queue_days
from warehouse.tables.run import QUALITY_FINDINGS

HISTORY_DAYS = 1_100
"""History looked at: three years."""


@dataclass(frozen=True, eq=False)
class History:
    """What the forecast starts from; rows after the plan date are not looked at.

    Attributes:
        daily: rows of daily_history.
        intervals: rows of interval_history: queue_id, interval_start_utc, business_date, offered_contacts.
        claims: rows of claims_daily.
        findings: rows of quality_findings of the night: held queue-days and days of claims are not learnt from.
        former: rows of forecast_daily of the last plan before, for queues that cannot be forecast tonight.
        drivers: rows of driver_values, of days ahead too; what became known after the plan date is not looked at.
    """

    daily: pd.DataFrame
    intervals: pd.DataFrame
    claims: pd.DataFrame
    findings: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=QUALITY_FINDINGS.column_names))
    former: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FORECAST_DAILY.column_names))
    drivers: pd.DataFrame = field(default_factory=lambda: DRIVER_VALUES.arrow_schema.empty_table().to_pandas())

    def without_held(self) -> History:
        """The same with held days counting as not whole."""
        return replace(
            self,
            daily=without_held_queue_days(self.daily, self.findings),
            claims=without_held_claims(self.claims, self.findings),
        )

    def of(self, queues: Collection[str]) -> History:
        """The history of some queues, and of what may announce contacts to them."""
        former = self.former
        return replace(
            self,
            daily=self.daily[self.daily["queue_id"].isin(queues)].reset_index(drop=True),
            intervals=self.intervals[self.intervals["queue_id"].isin(queues)].reset_index(drop=True),
            former=former[(former["level"] == "queue") & former["member_id"].isin(queues)].reset_index(drop=True),
        )
