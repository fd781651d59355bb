"""The claims lead at any past night: estimated from what that night knew, with the verdict that was known before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from forecasting.backtest import ClaimContacts
from forecasting.lead import classes_used, estimate_leads
from forecasting.lead_result import LeadResult
from forecasting.panel import Panel


@dataclass(frozen=True, eq=False)
class LeadSource:
    """Claims and the queues they may announce contacts to.

    Attributes:
        claims: claims reported per date (index) and class (columns), on every date of the panel's history.
        queues: queues to look at.
        maximum_lag_days: longest lag.
        seed: seed of the resampling behind intervals.
    """

    claims: pd.DataFrame
    queues: tuple[str, ...]
    maximum_lag_days: int
    seed: int

    def estimate(self, panel: Panel, verdicts: dict[str, frozenset[str]] | None = None) -> LeadResult:
        """Leads as of the panel's date; with `verdicts` the tests are left out and these classes used."""
        looked_at = [queue for queue in panel.queues if queue in self.queues]
        offered = pd.DataFrame(panel.offered, index=list(panel.dates[: panel.past]), columns=list(panel.queues))[looked_at]
        return estimate_leads(
            offered,
            self.claims,
            {queue: panel.calendars[queue] for queue in looked_at},
            panel.as_of,
            panel.horizon,
            self.maximum_lag_days,
            self.seed,
            verdicts,
        )

    def for_backtest(self, panel: Panel, origins: Sequence[date]) -> ClaimContacts | None:
        """What claims bring at each origin, or None where there was no lead.

        Whether a lead is used is decided once, at the oldest origin, so that no origin profits from a verdict it could not know.
        """
        if not origins or not self.queues:
            return None
        verdicts = classes_used(self.estimate(panel.until(min(origins), panel.horizon)))
        if not any(verdicts.values()):
            return None

        def from_claims(then: Panel) -> pd.DataFrame:
            return self.estimate(then, verdicts).contacts(then.queues, then.dates)

        return from_claims
