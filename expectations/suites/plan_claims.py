"""What claims bring must agree with: the forecast's claims driver, and the people whom these contacts take.

Both tables explain a plan and no number of it is made of them: what is wrong in them is said (`warn`) and keeps no plan back.
"""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, shown
from expectations.suites.plan import MEND, TOLERANCE
from warehouse.tables.claims import CLAIMS_CONTACTS, CLAIMS_POSITIONS
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.staffing import STAFFING_DAILY

_ROUNDED = 0.01
"""Contacts by day of claims are rounded to four digits, and there may be some dozens of a day."""


def _claims_add_up(night: Night) -> pd.DataFrame:
    """One row per queue and day with claims: they add up to the day's claims driver."""
    key = ["queue_id", "business_date"]
    by_claims = night.frame(CLAIMS_CONTACTS).groupby(key)["contacts"].sum().rename("by_claims").reset_index()
    days = night.frame(FORECAST_DAILY).query("level == 'queue'").rename(columns={"member_id": "queue_id"})
    both = by_claims.merge(days[[*key, "claims_lead_contacts"]], how="left", on=key)
    wanted = both["claims_lead_contacts"].astype("float64").fillna(0.0)
    seen = both["queue_id"] + " on " + both["business_date"].astype("str") + ": " + shown(both["by_claims"], 2)
    close = (both["by_claims"] - wanted).abs() <= _ROUNDED + TOLERANCE * wanted.abs()
    return evidence(close, both["queue_id"], seen + " contacts by claims, the forecast has " + shown(wanted, 2))


def _claims_within_plan(night: Night) -> pd.DataFrame:
    """One row per claims and day: without them no more hours can fall away than the day has."""
    rows = night.frame(CLAIMS_POSITIONS)
    days = night.frame(STAFFING_DAILY).query("level == 'queue'").rename(columns={"member_id": "queue_id"})
    key = ["queue_id", "business_date"]
    rows = rows.merge(days[[*key, "position_hours"]].rename(columns={"position_hours": "of_day"}), how="left", on=key)
    live = rows["peak_positions"].notna()  # what can wait is worked off on other days, too
    holds = ~live | (rows["position_hours"] <= rows["of_day"].astype("float64").fillna(0.0) + TOLERANCE)
    seen = rows["queue_id"] + " on " + rows["business_date"].astype("str") + ": " + shown(rows["position_hours"], 2)
    return evidence(holds, rows["queue_id"], seen + " hours for claims, the day has " + shown(rows["of_day"], 2))


RULES: tuple[Rule, ...] = (
    Rule(
        "claims_add_up", "forecast", CLAIMS_CONTACTS, "warn",
        "contacts by class and day of claims add up to the forecast's claims driver", MEND, _claims_add_up,
    ),
    Rule(
        "claims_within_the_plan", "staffing", CLAIMS_POSITIONS, "warn",
        "contacts of claims take no more hours than the queue's day has", MEND, _claims_within_plan,
    ),
)  # fmt: skip
