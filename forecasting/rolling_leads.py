"""The lead of claims or other drivers at any past night: from what that night knew, with a verdict that was known before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from enterprise.drivers import Driver
from forecasting.announced import Announced
from forecasting.backtest import ClaimContacts
from forecasting.exposure import BUSINESS, MOVED
from forecasting.lead import classes_used, estimate_leads
from forecasting.lead_result import LeadResult
from forecasting.lead_words import CLAIM, VALUE
from forecasting.panel import Panel


@dataclass(frozen=True, eq=False)
class LeadSource:
    """Drivers and the queues to which they may announce contacts.

    Attributes:
        claims: claims reported, or another driver's value, per date (index) and class (columns), on every date of the panel's
            history.
        queues: queues to look at.
        maximum_lag_days: longest lag.
        seed: seed of the draws of kernels.
        unit: what the drivers count, for the verdicts' words.
        announced: drivers of the settings beside `claims`, as any night knew them; None for none.
    """

    claims: pd.DataFrame
    queues: tuple[str, ...]
    maximum_lag_days: int
    seed: int
    unit: str = CLAIM
    announced: Announced | None = None

    def estimate(self, panel: Panel, verdicts: dict[str, frozenset[str]] | None = None) -> LeadResult:
        """Leads as of the panel's date; with `verdicts` the tests are left out and these classes used."""
        looked_at = [queue for queue in panel.queues if queue in self.queues]
        offered = pd.DataFrame(panel.offered, index=list(panel.dates[: panel.past]), columns=list(panel.queues))[looked_at]
        declared = {} if self.announced is None else self.announced.drivers
        drivers = self.claims if self.announced is None else self.claims.join(self.announced.known(panel.as_of), how="outer")
        return estimate_leads(
            offered,
            drivers,
            {queue: panel.calendars[queue] for queue in looked_at},
            panel.as_of,
            panel.horizon,
            self.maximum_lag_days,
            self.seed,
            verdicts,
            units=dict.fromkeys(self.claims.columns, self.unit) | dict.fromkeys(declared, VALUE),
            ahead_days={name: driver.known_ahead_days for name, driver in declared.items()},
            counting=_counting(declared),
        )

    def for_backtest(self, panel: Panel, origins: Sequence[date]) -> ClaimContacts | None:
        """What drivers bring at each origin, or None where there was no lead.

        Whether a lead is used is decided at the oldest origin and again at the middle one, so that no origin profits from a
        verdict it could not know.
        """
        if not origins or not self.queues:
            return None
        in_order = sorted(origins)
        decided_on = sorted({in_order[0], in_order[len(in_order) // 2]})
        verdicts = {day: classes_used(self.estimate(panel.until(day, panel.horizon))) for day in decided_on}
        if not any(used for verdict in verdicts.values() for used in verdict.values()):
            return None

        def from_claims(then: Panel) -> pd.DataFrame:
            latest = max(day for day in decided_on if day <= then.as_of)
            return self.estimate(then, verdicts[latest]).contacts(then.queues, then.dates)

        return from_claims


def _counting(drivers: Mapping[str, Driver]) -> str | None:
    """How lags are counted, where the settings of the drivers say it and agree."""
    said = {driver.lags_count for driver in drivers.values()} - {"best"}
    return {frozenset({"calendar_days"}): MOVED, frozenset({"business_days"}): BUSINESS}.get(frozenset(said))
