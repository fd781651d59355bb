"""What was found of one driver beside one queue, as rows of the table claims_lead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from forecasting.calendar import FloatArray
from forecasting.lead_days import BY_DAY_COLUMNS
from forecasting.lead_evidence import Uplift
from forecasting.lead_result import KERNEL_COLUMNS, LeadResult
from forecasting.lead_words import VALUE, leads_served, verdict_in_words
from warehouse.tables.forecast import CLAIMS_LEAD, DRIVER_LEAD


@dataclass(frozen=True, eq=False)
class Finding:
    """One driver and one queue.

    Attributes:
        queue_id: the queue.
        driver: the driver, or class of claims.
        kernel: contacts per unit by lag day; `low` and `high` bound it with 90 % certainty.
        low: see there.
        high: see there.
        explained_fraction: share of the queue's contacts that it explains.
        to_come: contacts still to come from what is known already.
        uplift: how much lower the error is with all used drivers of the queue.
        used: whether forecasts use it.
        reason: why it was not looked at, in words; empty if it was.
        p_value: of the circular-shift test.
        same_day_p_value: of the same day alone, where the other test found nothing.
        counting: how lags are counted, where that is worth saying.
        fewest_held_out: share of days held out that was asked for.
        ahead_days: days ahead up to which its values are always known.
    """

    queue_id: str
    driver: str
    kernel: FloatArray
    low: FloatArray
    high: FloatArray
    explained_fraction: float
    to_come: float
    uplift: Uplift
    used: bool
    reason: str = ""
    p_value: float | None = None
    same_day_p_value: float | None = None
    counting: str = ""
    fewest_held_out: float = 0.0
    ahead_days: int = 0

    def verdict(self, unit: str) -> str:
        """The verdict in words."""
        words = self.reason or verdict_in_words(
            self.driver,
            self.used,
            self.kernel,
            self.to_come,
            self.p_value,
            self.uplift,
            unit=unit,
            same_day_p_value=self.same_day_p_value,
            counting=self.counting,
            fewest_held_out=self.fewest_held_out,
        )
        return f"{words} {leads_served(self.kernel, self.ahead_days)}" if self.used and unit == VALUE else words


def kernel_rows(finding: Finding, unit: str) -> pd.DataFrame:
    """Rows of the table claims_lead, without the plan date; one per lag day."""
    return pd.DataFrame(
        {
            "queue_id": finding.queue_id,
            "claim_class": finding.driver,
            "lag_days": np.arange(len(finding.kernel)),
            "contacts_per_claim": finding.kernel,
            "contacts_per_claim_low": finding.low,
            "contacts_per_claim_high": finding.high,
            "peak_lag_days": int(np.argmax(finding.kernel)),
            "explained_fraction": finding.explained_fraction,
            "uplift_fraction": np.nan if finding.uplift.fraction is None else min(finding.uplift.fraction, 1.0),
            "shift_test_p_value": np.nan if finding.p_value is None else finding.p_value,
            "contacts_to_come": finding.to_come,
            "used": finding.used,
            "verdict": finding.verdict(unit),
        },
        columns=list(KERNEL_COLUMNS),
    )


def claims_lead_rows(kernels: pd.DataFrame, drivers: Collection[str], plan_date: date) -> pd.DataFrame:
    """Rows of CLAIMS_LEAD: the kernels of claims, those of drivers of the settings left out."""
    rows = kernels[~kernels["claim_class"].isin(list(drivers))]
    return rows.assign(plan_date=plan_date)[CLAIMS_LEAD.column_names].reset_index(drop=True)


def driver_lead_rows(kernels: pd.DataFrame, drivers: Collection[str], plan_date: date) -> pd.DataFrame:
    """Rows of DRIVER_LEAD: the kernels of the drivers of the settings."""
    rows = kernels[kernels["claim_class"].isin(list(drivers))]
    names = {"claim_class": "driver"} | {f"contacts_per_claim{end}": f"contacts_per_unit{end}" for end in ("", "_low", "_high")}
    rows = rows.rename(columns=names)
    return rows.assign(plan_date=plan_date)[DRIVER_LEAD.column_names].reset_index(drop=True)


def result_of(
    as_of: date,
    rows: Sequence[pd.DataFrame],
    brought: Mapping[str, FloatArray],
    history: Sequence[date],
    future: Sequence[date],
    used: dict[str, bool],
    by_driver: Mapping[tuple[str, str], FloatArray],
    by_day: Sequence[pd.DataFrame],
) -> LeadResult:
    """All queues together."""
    contacts_by_date = pd.DataFrame(dict(brought), index=[*history, *future], dtype="float64")
    return LeadResult(
        as_of,
        pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(KERNEL_COLUMNS)),
        contacts_by_date.iloc[: len(history)],
        contacts_by_date.iloc[len(history) :],
        used,
        {key: contacts[len(contacts) - len(future) :] for key, contacts in by_driver.items()},
        pd.concat(by_day, ignore_index=True) if by_day else pd.DataFrame(columns=list(BY_DAY_COLUMNS)),
    )
