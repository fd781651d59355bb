"""All leads of a night: claims and the drivers of the settings, together for each queue that they may announce contacts to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from forecasting.announced import Announced
from forecasting.backtest import ClaimContacts
from forecasting.calendar import FloatArray
from forecasting.claims_series import claims_series
from forecasting.lead_result import KERNEL_COLUMNS, LeadResult, no_leads
from forecasting.panel import Panel
from forecasting.rolling_leads import LeadSource


@dataclass(frozen=True, eq=False)
class NightLeads:
    """The leads that are looked for in a night.

    Attributes:
        claims: claims reported per date and line of business on all dates of the panel's history.
        gaps: in words on which days their feed is missing; empty if on none.
        sources: queues that may have the same claims and drivers, together: what is found of one driver depends on the others
            beside it.
        of_claims: queues to which claims may announce contacts.
    """

    claims: pd.DataFrame
    gaps: str
    sources: tuple[LeadSource, ...]
    of_claims: tuple[str, ...]

    def estimate(self, panel: Panel) -> LeadResult:
        """Leads as of the panel's date."""
        found = [source.estimate(panel) for source in self.sources]
        if not found:
            return no_leads(panel.as_of)
        kernels = [result.kernels for result in found if len(result.kernels)]
        return LeadResult(
            panel.as_of,
            pd.concat(kernels, ignore_index=True) if kernels else pd.DataFrame(columns=list(KERNEL_COLUMNS)),
            pd.concat([result.contacts_past for result in found], axis=1),
            pd.concat([result.contacts_future for result in found], axis=1),
            {queue: used for result in found for queue, used in result.used.items()},
            {key: contacts for result in found for key, contacts in result.by_driver.items()},
            pd.concat([result.by_day for result in found], ignore_index=True),
        )

    def for_backtest(self, panel: Panel, origins: Sequence[date]) -> ClaimContacts | None:
        """What leads bring at each origin, or None where there was none; see `LeadSource.for_backtest`."""
        made = [found for source in self.sources if (found := source.for_backtest(panel, origins)) is not None]
        if not made:
            return None

        def from_leads(then: Panel) -> pd.DataFrame:
            frames = [one(then) for one in made]
            return sum(frames[1:], frames[0])  # no queue is in two sources: in the others it has 0

        return from_leads


def night_leads(claims: pd.DataFrame, announced: Announced, enterprise: Enterprise, panel: Panel) -> NightLeads:
    """The leads to look for.

    Args:
        claims: rows of CLAIMS_DAILY.
        announced: what is known of the drivers of the settings.
        enterprise: the settings.
        panel: the queues with their history.
    """
    series, gaps = claims_series(claims, list(panel.dates[: panel.past]))
    of_claims = tuple(queue for queue in enterprise.claims_lead.queues if queue in panel.queues)
    groups: dict[tuple[bool, tuple[str, ...]], list[str]] = {}
    for queue in panel.queues:
        mine = tuple(name for name, driver in enterprise.drivers.items() if driver.may_announce(queue))
        if queue in of_claims or mine:
            groups.setdefault((queue in of_claims, mine), []).append(queue)
    sources = []
    for (with_claims, names), queues in groups.items():
        lags = [enterprise.drivers[name].maximum_lag_days for name in names]
        lags += [enterprise.claims_lead.maximum_lag_days] * with_claims
        known = announced.of(names) if names else None
        beside = series if with_claims else series.iloc[:, :0]
        sources.append(LeadSource(beside, tuple(queues), max(lags), enterprise.planning.seed, announced=known))
    return NightLeads(series, gaps, tuple(sources), of_claims)


def brought_by_drivers(lead: LeadResult, drivers: Mapping[str, object], queue: str, horizon: int) -> FloatArray:
    """Contacts per future day that drivers of the settings bring to a queue, those of claims left out."""
    own = [contacts for (where, name), contacts in lead.by_driver.items() if where == queue and name in drivers]
    return sum(own, np.zeros(horizon))
