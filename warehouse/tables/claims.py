"""Which claims bring which contacts, and whom that takes (written by forecasting, then with people by staffing, published)."""

from __future__ import annotations

from warehouse.tables.columns import BUSINESS_DATE, LEAD_DAYS, PLAN_DATE, QUEUE_ID, count, day, flag, number, text
from warehouse.tables.declaration import Table

_KEY = (
    PLAN_DATE,
    QUEUE_ID,
    text("claim_class", "Class of claims, by line of business."),
    day("reported_date", "Day on which the claims were reported; after the plan date: are expected to be."),
    BUSINESS_DATE,
)
_COLUMNS = (
    LEAD_DAYS,
    number("reported_claims", "claims", "Claims of the class reported, or expected, on the reported date."),
    flag("is_storm", "Whether most of them carry a catastrophe code, or far more came than is usual."),
    number("contacts", "contacts", "Contacts that these claims bring on the day."),
)

CLAIMS_CONTACTS = Table(
    "claims_contacts",
    layer="forecast",
    grain="one plan, queue, claim class, day of reporting and day of contacts",
    meaning="Which claims bring how many contacts when. Over all claims, those expected included, the contacts of a queue's day "
    "add up to its claims_lead_contacts.",
    key=_KEY,
    columns=_COLUMNS,
    partitioned_by=PLAN_DATE,
)

CLAIMS_POSITIONS = Table(
    "claims_positions",
    layer="staffing",
    grain="one plan, queue, claim class, day of reporting and day of contacts",
    meaning="Which claims bring how many contacts when, and whom that takes: the plan less the plan without these contacts.",
    key=_KEY,
    columns=(
        *_COLUMNS,
        count(
            "peak_positions",
            "positions",
            "By how much the day's most positions would be lower without these contacts; missing where work can wait.",
        ).optional(),
        number(
            "position_hours",
            "hours",
            "Hours at work that would not be needed without these contacts; where work can wait, the work in them.",
        ),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

CLAIMS_TABLES = (CLAIMS_CONTACTS, CLAIMS_POSITIONS)
