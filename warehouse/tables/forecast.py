"""What is expected to come (written by forecasting, published)."""

from __future__ import annotations

from warehouse.tables.columns import (
    BUSINESS_DATE,
    INTERVAL_START_UTC,
    LEAD_DAYS,
    LEVEL,
    MEMBER_ID,
    PLAN_DATE,
    QUEUE_ID,
    count,
    day,
    flag,
    fraction,
    number,
    quantile_columns,
    text,
)
from warehouse.tables.declaration import Column, Table

MEAN_OFFERED = number("mean_offered_contacts", "contacts", "Expected contacts or items arriving.")
OFFERED_QUANTILES = quantile_columns("offered_contacts", "contacts", "contacts or items arriving")
MEAN_HANDLE = number("mean_handle_seconds", "seconds", "Expected mean handle time (AHT).").optional()
HANDLE_QUANTILES = tuple(c.optional() for c in quantile_columns("mean_handle_seconds", "seconds", "mean handle time (AHT)"))
CHAMPION = text("champion_model", "Model whose forecast is published.")
FALLBACK = text("fallback_reason", "Why a simpler model was used than usual; missing when all was well.").optional()
DATA_UNTIL = day(
    "data_until_date", "Last day whose contacts the forecast rests on; of a level above, the earliest of its queues'."
).optional()
DATA_WARNING = text(
    "data_warning",
    "Why recent days were left out, or a former forecast stands in: people look at this first. Missing when all is well.",
).optional()


def _driver(name: str, meaning: str) -> Column:
    return number(name, "contacts", meaning, minimum=None)


DRIVER_LEAD_CONTACTS = _driver(
    "driver_lead_contacts",
    "What other declared drivers (mailings, web visits) add, known or expected; missing in plans older than this column.",
).optional()
DRIVERS = (
    _driver("base_contacts", "Level of an average open day."),
    _driver("weekday_contacts", "What the weekday adds or takes."),
    _driver("calendar_contacts", "What the business calendar (month start and end, pay days) adds or takes."),
    _driver("holiday_contacts", "What holidays, their eves and catch-up after closures add or take."),
    _driver("trend_contacts", "What trend and season add or take."),
    _driver("claims_lead_contacts", "What claims already reported or expected add."),
    DRIVER_LEAD_CONTACTS,
    _driver("event_contacts", "What known events add or take."),
    _driver("override_contacts", "What planners changed."),
)

FORECAST_INTERVAL = Table(
    "forecast_interval",
    layer="forecast",
    grain="one plan, queue and interval",
    meaning="Contacts expected per interval with their uncertainty. Quantiles of intervals share the day's factor.",
    key=(PLAN_DATE, QUEUE_ID, INTERVAL_START_UTC),
    columns=(BUSINESS_DATE, LEAD_DAYS, MEAN_OFFERED, *OFFERED_QUANTILES, MEAN_HANDLE, *HANDLE_QUANTILES, CHAMPION),
    partitioned_by=PLAN_DATE,
    published=True,
)

FORECAST_DAILY = Table(
    "forecast_daily",
    layer="forecast",
    grain="one plan, one member of a level of the enterprise and one day",
    meaning="Contacts expected per day for every queue and every level above, with the reasons. The drivers add up to the mean.",
    key=(PLAN_DATE, LEVEL, MEMBER_ID, BUSINESS_DATE),
    columns=(
        LEAD_DAYS,
        MEAN_OFFERED,
        *OFFERED_QUANTILES,
        MEAN_HANDLE,
        *HANDLE_QUANTILES,
        *(driver for driver in DRIVERS if driver is not DRIVER_LEAD_CONTACTS),
        CHAMPION,
        FALLBACK,
        DATA_UNTIL,
        DATA_WARNING,
        DRIVER_LEAD_CONTACTS,  # columns that come later stand last, as in a database that was migrated
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

FORECAST_WEEKLY = Table(
    "forecast_weekly",
    layer="forecast",
    grain="one plan, one member of a level of the enterprise and one week",
    meaning="Contacts expected per week for a year and a half, for capacity plans: level, damped trend and yearly season. Means "
    "add up over the levels; bands do not, because queues do not all stray the same way at once.",
    key=(
        PLAN_DATE,
        LEVEL,
        MEMBER_ID,
        day("week_start_date", "Monday of the week; the first one lies wholly after the plan date."),
    ),
    columns=(
        count("lead_weeks", "weeks", "1 is the first whole week after the plan date.", minimum=1),
        MEAN_OFFERED,
        number("low_offered_contacts", "contacts", "Low scenario: lower end of the band."),
        number("high_offered_contacts", "contacts", "High scenario: upper end of the band."),
        fraction("band_probability_fraction", "Probability with which the week lies between the low and the high scenario."),
        text("basis", "Whether the week is the sum of the plan's days or comes from the long-term forecast."),
        count("history_weeks", "weeks", "Weeks of history it rests on; of a level, the least of its queues'."),
        text("note", "What is not known for want of history; missing when all is well.").optional(),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

CHANGE_REASONS = ("level", "claims", "drivers", "calendar", "champion", "events", "planners", "handle_time")
FORECAST_CHANGE = Table(
    "forecast_change",
    layer="forecast",
    grain="one plan, one member of a level of the enterprise, one day and one reason",
    meaning="What changed since the last plan, and why: the contacts of a day's reasons add up to the difference of the two "
    "plans' means, their hours to that of the work (contacts times handle time). Levels are sums of queues in both plans.",
    key=(
        PLAN_DATE,
        LEVEL,
        MEMBER_ID,
        BUSINESS_DATE,
        text("reason", "Why: see words.", allowed=CHANGE_REASONS),
    ),
    columns=(
        day("former_plan_date", "Night of the plan compared with: the last one before."),
        number("former_mean_offered_contacts", "contacts", "What that plan expected of the day."),
        number("former_work_hours", "hours", "Work that it expected: contacts times mean handle time."),
        number("change_contacts", "contacts", "Contacts that the reason adds or takes.", minimum=None),
        number("change_work_hours", "hours", "Work that the reason adds or takes.", minimum=None),
        text("words", "The reason in words."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

CLAIMS_LEAD = Table(
    "claims_lead",
    layer="forecast",
    grain="one plan, queue, claim class and lag day",
    meaning="How claims announce contacts: contacts per claim so many days later, with the verdict whether the plan used it.",
    key=(
        PLAN_DATE,
        QUEUE_ID,
        text("claim_class", "Class of claims, by line of business."),
        count("lag_days", "days", "Days from the claim's report to the contact; 0 is the same day."),
    ),
    columns=(
        number("contacts_per_claim", "contacts per claim", "Contacts that one claim brings on that day."),
        number("contacts_per_claim_low", "contacts per claim", "Lower end of the 90 % interval."),
        number("contacts_per_claim_high", "contacts per claim", "Upper end of the 90 % interval."),
        count("peak_lag_days", "days", "Lag at which a claim brings most contacts."),
        fraction("explained_fraction", "Share of the queue's contacts that claims of this class explain."),
        fraction(
            "uplift_fraction", "How much lower the out-of-sample error is with claims than without.", minimum=None
        ).optional(),
        fraction("shift_test_p_value", "Share of circularly shifted claims series that explain as much by chance.").optional(),
        number("contacts_to_come", "contacts", "Contacts still to come from claims already reported."),
        flag("used", "Whether the plan used the lead."),
        text("verdict", "The verdict and its reason, in words."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

DRIVER_LEAD = Table(
    "driver_lead",
    layer="forecast",
    grain="one plan, queue, declared driver and lag day",
    meaning="How drivers of the settings (mailings, web visits, weather) announce contacts, with the verdict whether the plan "
    "used it and up to how many days ahead.",
    key=(
        PLAN_DATE,
        QUEUE_ID,
        text("driver", "Driver, as named in the settings."),
        count("lag_days", "days", "Days from the driver's value to the contact; 0 is the same day."),
    ),
    columns=(
        number("contacts_per_unit", "contacts per unit of the driver", "Contacts that one unit brings on that day."),
        number("contacts_per_unit_low", "contacts per unit of the driver", "Lower end of the 90 % interval."),
        number("contacts_per_unit_high", "contacts per unit of the driver", "Upper end of the 90 % interval."),
        count("peak_lag_days", "days", "Lag at which a unit brings most contacts."),
        fraction("explained_fraction", "Share of the queue's contacts that the driver explains."),
        fraction(
            "uplift_fraction", "How much lower the out-of-sample error is with drivers than without.", minimum=None
        ).optional(),
        fraction("shift_test_p_value", "Share of circularly shifted series that explain as much by chance.").optional(),
        number("contacts_to_come", "contacts", "Contacts still to come from values known already."),
        flag("used", "Whether the plan used the lead."),
        text("verdict", "The verdict and its reason, in words, and the leads that it serves."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

MODEL_LEADERBOARD = Table(
    "model_leaderboard",
    layer="forecast",
    grain="one plan, queue, candidate model and band of leads",
    meaning="How every candidate did in the rolling-origin backtest, and which became champion and why.",
    key=(
        PLAN_DATE,
        QUEUE_ID,
        text("model", "Candidate model."),
        text("lead_band", "Band of lead days, as '1-7'."),
    ),
    columns=(
        fraction("wape_fraction", "Weighted absolute percentage error over the backtest.", maximum=None).optional(),
        number("pinball_contacts", "contacts", "Mean pinball loss over the published quantiles.").optional(),
        fraction(
            "bias_fraction", "Sum of errors over sum of actuals; positive is forecast too high.", minimum=None, maximum=None
        ).optional(),
        fraction("coverage_80_fraction", "Share of days inside the 80 % band.").optional(),
        count("backtest_days", "days", "Days the figures rest on."),
        flag("is_champion", "Whether this model's forecast is published."),
        text("reason", "Why it is or is not the champion."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)


def _apart(name: str, unit: str, meaning: str) -> Column:
    return number(name, unit, meaning).optional()


ACCURACY_LEDGER = Table(
    "accuracy_ledger",
    layer="forecast",
    grain="one day that is over, one member of a level of the enterprise and one lead",
    meaning="Every forecast of a day that is over against what came, beside what would have been said without models, without "
    "planners, and beside chance. Days whose feed is not whole, or that checks hold, are not in here.",
    key=(
        BUSINESS_DATE.named("business_date", "The day that was forecast."),
        LEVEL,
        MEMBER_ID,
        LEAD_DAYS,
    ),
    columns=(
        PLAN_DATE,
        count("offered_contacts", "contacts", "What came, as known now; of a level above, of the queues that the plan had."),
        MEAN_OFFERED,
        *OFFERED_QUANTILES,
        number("error_contacts", "contacts", "Forecast less what came: above 0 where too much was expected.", minimum=None),
        number("absolute_error_contacts", "contacts", "Distance of the mean from what came."),
        number("pinball_contacts", "contacts", "Mean pinball loss over the published quantiles."),
        flag("inside_80_band", "Whether what came lay between the 10 % and the 90 % quantile."),
        number("poisson_floor_contacts", "contacts", "Mean distance that chance alone leaves around such a mean."),
        _apart(
            "naive_absolute_error_contacts",
            "contacts",
            "Distance of the last known same weekday from what came; missing where none was known.",
        ),
        number("model_offered_contacts", "contacts", "What the model alone expected, without planners' changes."),
        number("model_absolute_error_contacts", "contacts", "Distance of the model's own mean from what came."),
        number("model_pinball_contacts", "contacts", "Mean pinball loss of the model's own quantiles."),
        flag("has_override", "Whether planners changed the day in that plan."),
        _apart("actual_handle_seconds", "seconds", "Mean handle time of the day; missing where unknown."),
        _apart("absolute_error_handle_seconds", "seconds", "Distance of the forecast handle time from it."),
    ),
    partitioned_by=BUSINESS_DATE,
    published=True,
    restated=True,
)

FORECAST_TABLES = (
    FORECAST_INTERVAL,
    FORECAST_DAILY,
    FORECAST_WEEKLY,
    FORECAST_CHANGE,
    CLAIMS_LEAD,
    DRIVER_LEAD,
    MODEL_LEADERBOARD,
    ACCURACY_LEDGER,
)
