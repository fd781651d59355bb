"""What the claims lead hands to the forecast: expected contacts from claims, past and future, and the kernel behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from forecasting.calendar import FloatArray
from forecasting.lead_days import BY_DAY_COLUMNS

KERNEL_COLUMNS = (
    "queue_id",
    "claim_class",
    "lag_days",
    "contacts_per_claim",
    "contacts_per_claim_low",
    "contacts_per_claim_high",
    "peak_lag_days",
    "explained_fraction",
    "uplift_fraction",
    "shift_test_p_value",
    "contacts_to_come",
    "used",
    "verdict",
)
"""Columns of `LeadResult.kernels`: those of the table claims_lead but for the plan date."""


@dataclass(frozen=True, eq=False)
class LeadResult:
    """Contacts that claims bring, as estimated from what was known at the end of one date.

    Attributes:
        as_of: last date whose contacts and claims were looked at.
        kernels: one row per queue, claim class and lag day, with `KERNEL_COLUMNS`; queues without a lead too, with their verdict.
        contacts_past: expected contacts from claims per past date (index, `datetime.date`) and queue (columns), >= 0. Missing
            dates and queues count as 0.
        contacts_future: the same for the dates after `as_of`: claims already reported plus claims expected.
        used: whether the forecast is to use the lead, per queue; a queue that is not named has none.
        by_driver: (queue, driver) -> what of `contacts_future` each used driver brings; empty where the decision was given.
        by_day: the same by day of the values: one row per queue, used driver, day of its value and future date.
    """

    as_of: date
    kernels: pd.DataFrame
    contacts_past: pd.DataFrame
    contacts_future: pd.DataFrame
    used: dict[str, bool]
    by_driver: Mapping[tuple[str, str], FloatArray] = field(default_factory=dict)
    by_day: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(BY_DAY_COLUMNS)))

    def contacts(self, queues: Iterable[str], dates: Iterable[date]) -> pd.DataFrame:
        """Expected contacts from claims per date and queue, 0 where no lead is used.

        Example:
            >>> day = date(2026, 11, 12)
            >>> past = pd.DataFrame({"voice": [3.0], "chat": [1.0]}, index=[day])
            >>> lead = LeadResult(day, pd.DataFrame(), past, past.iloc[:0], {"voice": True, "chat": False})
            >>> lead.contacts(["voice", "chat", "mail"], [day]).to_numpy().tolist()
            [[3.0, 0.0, 0.0]]
        """
        columns = list(queues)
        both = pd.concat([self.contacts_past, self.contacts_future])
        both = both.reindex(index=list(dates), columns=columns).fillna(0.0).astype("float64")
        for queue in columns:
            if not self.used.get(queue, False):
                both[queue] = 0.0
        return both


def no_leads(as_of: date) -> LeadResult:
    """The result where no queue may have a lead.

    Example:
        >>> no_leads(date(2026, 11, 12)).contacts(["voice"], [date(2026, 11, 13)]).to_numpy().tolist()
        [[0.0]]
    """
    empty = pd.DataFrame(index=pd.Index([], dtype=object), dtype="float64")
    return LeadResult(as_of, pd.DataFrame(columns=list(KERNEL_COLUMNS)), empty, empty, {})
