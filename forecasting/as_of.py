"""What is known at the end of a date, made ready for the models: series, leads, days that must not teach. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.errors import NoHistoryError
from enterprise.settings import Enterprise
from enterprise.timing import grid_of
from forecasting.announced import announced_drivers
from forecasting.calendar import FloatArray, calendars
from forecasting.claims_forecast import forecast_claims
from forecasting.cleaning import Mark, clean, known_actuals
from forecasting.features import make_design
from forecasting.lead_result import LeadResult
from forecasting.night_history import HISTORY_DAYS, History
from forecasting.night_leads import NightLeads, night_leads
from forecasting.panel import Panel, make_panel

_SETTINGS = {
    "time_zone", "interval_minutes", "country", "subdivision", "opening_hours", "planning", "claims_lead", "drivers", "events",
}  # fmt: skip
_OF_QUEUE = {"id", "channel", "opening_hours", "work_of_claims"}


@dataclass(frozen=True, eq=False)
class Known:
    """What is known as of a date.

    Attributes:
        panel: the queues that have any history, side by side.
        leads: what may announce contacts to them.
        enterprise: the settings.
    """

    panel: Panel
    leads: NightLeads
    enterprise: Enterprise

    def fingerprint(self, *more: str) -> str:
        """A text that is the same exactly as long as all of this is, and `more`."""
        digest = hashlib.sha256("\n".join([*more, str(self.panel.as_of), *self.panel.queues]).encode())
        settings = self.enterprise.model_dump(mode="json", include=_SETTINGS)
        settings["queues"] = [
            self.enterprise.queues[queue].model_dump(mode="json", include=_OF_QUEUE) for queue in self.panel.queues
        ]
        digest.update(json.dumps(settings, sort_keys=True).encode())
        digest.update(str(self.panel.dates[0]).encode() + np.ascontiguousarray(self.panel.offered).tobytes())
        announced = [one.announced.known(self.panel.as_of) for one in self.leads.sources if one.announced is not None]
        for frame in (self.leads.claims, *announced):
            digest.update("\n".join(map(str, [*frame.columns, *frame.index])).encode())
            digest.update(np.ascontiguousarray(frame.to_numpy(dtype=np.float64)).tobytes())
        return digest.hexdigest()[:32]


@dataclass(frozen=True, eq=False)
class Prepared:
    """The same, looked through.

    Attributes:
        known: what is known.
        lead: what leads were found.
        cleaned: the panel without days that would mislead, with what leads bring.
        marks: days that were left out, and why.
        actual: what came, to measure forecasts by: past x queues.
        storms: work that storms bring per date and queue that works on claims.
    """

    known: Known
    lead: LeadResult
    cleaned: Panel
    marks: Sequence[Mark]
    actual: FloatArray
    storms: pd.DataFrame


def known_by(history: History, enterprise: Enterprise, as_of: date, broken: Collection[str] = ()) -> Known:
    """What is known at the end of a date.

    Args:
        history: good days, as `History.without_held` gives them; nothing after the date is looked at.
        enterprise: the settings, with the queues to look at.
        as_of: the date.
        broken: queues to leave out.

    Raises:
        NoHistoryError: if no queue has any history by then.
    """
    panel = _panel(history.daily, enterprise, as_of, broken)
    drivers = announced_drivers(history.drivers, enterprise.drivers, grid_of(enterprise))
    return Known(panel, night_leads(history.claims, drivers, enterprise, panel), enterprise)


def prepared(known: Known) -> Prepared:
    """Look for leads, and for days that must not teach."""
    panel = known.panel
    lead = known.leads.estimate(panel)
    storms = _storms(known.leads.claims, known.enterprise, panel)
    announced = lead.contacts(panel.queues, panel.dates).add(storms, fill_value=0.0)
    cleaned, marks = clean(panel.with_claims(announced), known.enterprise.events)
    return Prepared(known, lead, cleaned, marks, known_actuals(panel, marks), storms)


def _panel(daily: pd.DataFrame, enterprise: Enterprise, plan_date: date, broken: Collection[str]) -> Panel:
    """Series of all queues, but for broken ones, that have any history by the plan date."""
    complete = daily["source_complete"].to_numpy(dtype=bool)
    known = daily[complete & np.array([day <= plan_date for day in daily["business_date"]], dtype=bool)]
    takes = known[known["queue_id"].isin(list(enterprise.queues))]
    there = set(takes["queue_id"])
    queues = [queue for queue in enterprise.queues if queue not in broken and queue in there]
    if not queues:
        raise NoHistoryError(
            f"daily_history has no complete day of any of the {len(enterprise.queues)} queues up to {plan_date}; at least one is "
            "needed to forecast from. Check that the sources delivered (leadline doctor) and build the history of earlier "
            "nights first, then forecast this night again"
        )
    first = max(min(takes["business_date"]), plan_date - timedelta(days=HISTORY_DAYS))
    horizon = enterprise.planning.horizon_days
    by_queue = calendars(enterprise, queues, first, plan_date + timedelta(days=horizon))
    designs = {queue: make_design(calendar) for queue, calendar in by_queue.items()}
    panel = make_panel(daily, by_queue, designs, plan_date, horizon)
    with_days = [column for column in range(len(queues)) if panel.fit[:, column].any()]
    if not with_days:
        raise NoHistoryError(
            f"every day of history up to {plan_date} falls outside the queues' opening hours; check the opening hours and the "
            "time zone in the settings, then forecast this night again"
        )
    return panel if len(with_days) == len(queues) else panel.only([queues[column] for column in with_days])


def _storms(claims: pd.DataFrame, enterprise: Enterprise, panel: Panel) -> pd.DataFrame:
    """Work that storms bring to the queues that work on claims: taken out of their past, what still runs put into their future.

    The claims themselves are that queue's demand, so that no lag has to be estimated; a running storm decays as earlier ones did.
    """
    columns = {}
    for queue_id in panel.queues:
        lines = [line for line in enterprise.queues[queue_id].work_of_claims if line in claims.columns]
        if lines:
            outlook = forecast_claims(claims[lines].sum(axis=1).to_numpy(dtype=np.float64), len(panel.future_dates))
            columns[queue_id] = np.concatenate([outlook.surges, outlook.running])
    return pd.DataFrame(columns, index=list(panel.dates), dtype="float64")
