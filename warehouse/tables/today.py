"""The rest of the day that runs: forecast and people as worked out anew at moments of it (published beside the night's plan)."""

from __future__ import annotations

from warehouse.tables.columns import BUSINESS_DATE, INTERVAL_START_UTC, PLAN_DATE, QUEUE_ID, count, fraction, instant, number
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import MEAN_OFFERED, OFFERED_QUANTILES

MADE_AT = instant("made_at", "Moment up to which the day was known: the end of an interval.")
_KEY = (BUSINESS_DATE, MADE_AT, QUEUE_ID, INTERVAL_START_UTC)
_NIGHT = PLAN_DATE.named("plan_date", "Night of the plan it starts from: the one right before the day.")

FORECAST_TODAY = Table(
    "forecast_today",
    layer="forecast",
    grain="one moment of a day, one queue and one interval after it",
    meaning="The rest of a day forecast anew from what came so far, last night's plan and how earlier days went on.",
    key=_KEY,
    columns=(
        _NIGHT,
        MEAN_OFFERED,
        *OFFERED_QUANTILES,
        number("night_mean_offered_contacts", "contacts", "What the night's plan expects."),
        number("factor", "fraction", "The rest of the day over the night's forecast of it."),
        count("earlier_days", "days", "Earlier days it was learnt from."),
    ),
    partitioned_by=BUSINESS_DATE,
    published=True,
)

STAFFING_TODAY = Table(
    "staffing_today",
    layer="staffing",
    grain="one moment of a day, one live queue and one open interval after it",
    meaning="Positions and people for the rest of a day, by the forecast made at that moment, beside those of the night's plan.",
    key=_KEY,
    columns=(
        _NIGHT,
        MEAN_OFFERED,
        count("positions_required", "positions", "People answering at once that meet the goal, before shrinkage."),
        count("scheduled_staff", "people", "People to schedule for them, after shrinkage."),
        count("night_positions_required", "positions", "What the night's plan asks for."),
        count("night_scheduled_staff", "people", "People of the night's plan."),
        fraction("answered_fraction", "Expected service level with these positions, by the queue's definition.").optional(),
    ),
    partitioned_by=BUSINESS_DATE,
    published=True,
)

TODAY_TABLES = (FORECAST_TODAY, STAFFING_TODAY)
