"""Which claims bring a plan's contacts: rows of the table claims_contacts, per class and day of reporting."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from forecasting.claims_forecast import forecast_claims
from forecasting.lead_result import LeadResult
from warehouse.tables.claims import CLAIMS_CONTACTS

_STORM_SHARE = 0.5
_COLUMNS = ["queue_id", "claim_class", "reported_date", "reported_claims", "business_date", "contacts", "is_storm"]


def claims_contacts_rows(
    lead: LeadResult, storms: pd.DataFrame, claims: pd.DataFrame, daily: pd.DataFrame, enterprise: Enterprise, plan_date: date
) -> pd.DataFrame:
    """Rows of CLAIMS_CONTACTS.

    Args:
        lead: what claims and other drivers announce; only claims are looked at.
        storms: work that running storms still bring per date and queue whose work claims are.
        claims: rows of CLAIMS_DAILY.
        daily: the night's rows of FORECAST_DAILY: the contacts of a queue's day add up to its `claims_lead_contacts`.
        enterprise: the settings.
        plan_date: the night.
    """
    found = lead.by_day[~lead.by_day["driver"].isin(list(enterprise.drivers))]
    found = found.rename(columns={"driver": "claim_class", "value": "reported_claims"})
    storm_days = _storm_days(claims)
    told = zip(found["claim_class"], found["reported_date"], strict=True)
    parts = [found.assign(is_storm=[key in storm_days for key in told]), _running(storms, enterprise, plan_date)]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)[_COLUMNS]
    of_day = daily[daily["level"] == "queue"].set_index(["member_id", "business_date"])["claims_lead_contacts"]
    places = pd.MultiIndex.from_frame(rows[["queue_id", "business_date"]])
    wanted = of_day.reindex(places).fillna(0.0).to_numpy(dtype=np.float64)
    together = rows.groupby(["queue_id", "business_date"])["contacts"].transform("sum").to_numpy(dtype=np.float64)
    rows["contacts"] = np.round(rows["contacts"].to_numpy(dtype=np.float64) * wanted / np.maximum(together, 1e-9), 4)
    rows["lead_days"] = [(day - plan_date).days for day in rows["business_date"]]
    rows = rows[rows["contacts"] > 0.0].assign(plan_date=plan_date)
    return rows.sort_values(CLAIMS_CONTACTS.key_names, ignore_index=True)[CLAIMS_CONTACTS.column_names]


def _running(storms: pd.DataFrame, enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    """What storms that still run bring to the queues that work on claims: claims yet to be reported, on the day they are."""
    ahead = storms[[day > plan_date for day in storms.index]]
    rows = [
        (queue, " and ".join(enterprise.queues[queue].work_of_claims), day, contacts, day, contacts, True)
        for queue in ahead.columns
        for day, contacts in ahead[queue].items()
        if contacts > 0.0
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _storm_days(claims: pd.DataFrame) -> set[tuple[str, date]]:
    """Class and day of reporting of claims that mostly carry a catastrophe code, or far exceed what is usual."""
    days = claims.groupby(["line_of_business", "business_date"], as_index=False)[["reported_claims", "catastrophe_claims"]].sum()
    coded = days[days["catastrophe_claims"] > _STORM_SHARE * days["reported_claims"]]
    found = set(zip(coded["line_of_business"].astype(str), coded["business_date"], strict=True))
    for line, own in days.groupby("line_of_business"):
        known = own.set_index("business_date")["reported_claims"].sort_index()
        series = known.reindex([day.date() for day in pd.date_range(known.index[0], known.index[-1])]).fillna(0.0)
        surges = forecast_claims(series.to_numpy(dtype=np.float64), 0).surges
        found |= {(str(line), day) for day, surge in zip(series.index, surges, strict=True) if surge > 0.0}
    return found
