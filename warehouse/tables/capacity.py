"""People needed and people there for a year and a half ahead (written by staffing, published)."""

from __future__ import annotations

from warehouse.tables.columns import PLAN_DATE, count, day, flag, number, text
from warehouse.tables.declaration import Table
from warehouse.tables.shifts import STAFF_GROUP

SCENARIOS = ("low", "base", "high")
_EQUIVALENTS = "full-time equivalents"

CAPACITY_PLAN = Table(
    "capacity_plan",
    layer="staffing",
    grain="one plan, staff group, week and scenario",
    meaning="Full-time equivalents needed and there for a year and a half, what is missing, whom to hire when, and the cost.",
    key=(
        PLAN_DATE,
        STAFF_GROUP,
        day("week_start_date", "Monday of the week."),
        text("scenario", "Every queue of the group at the low, mean or high contacts of forecast_weekly.", allowed=SCENARIOS),
    ),
    columns=(
        text("staff_group_name", "Name of the group."),
        count("lead_weeks", "weeks", "1 is the first whole week after the plan date.", minimum=1),
        number("offered_contacts", "contacts", "Contacts and items of the group's queues in the week."),
        number(
            "required_full_time_equivalents",
            _EQUIVALENTS,
            "Paid hours needed, shrinkage and what shifts cannot fit included, over those of a full-timer.",
        ),
        number(
            "available_full_time_equivalents",
            _EQUIVALENTS,
            "What the people known today do then: leavers gone, new people as far as they are trained; missing where nobody "
            "knows who is there.",
        ).optional(),
        number(
            "missing_full_time_equivalents",
            _EQUIVALENTS,
            "Required less available without any new hire; negative where people are to spare.",
            minimum=None,
        ).optional(),
        day(
            "close_gap_by_date",
            "Last day to begin recruiting people who are fully trained by that week; missing where nobody is missing.",
        ).optional(),
        flag("is_too_late", "Whether people are missing and that day is over: overtime, an agency or a lower goal remain."),
        count(
            "hires_to_start", "people", "People whose first day should be in the week, by the cheapest plan of hires."
        ).optional(),
        day("begin_recruiting_date", "Day on which recruiting of these people begins; missing where none start.").optional(),
        number("hired_full_time_equivalents", _EQUIVALENTS, "What the people hired so far by this plan do.").optional(),
        number("still_missing_full_time_equivalents", _EQUIVALENTS, "What remains missing with them.").optional(),
        number("paid_full_time_equivalents", _EQUIVALENTS, "People on the pay-roll, those in training included.").optional(),
        number("cost", "currency", "Their pay in the week, and the cost of those who are hired in it.").optional(),
        number("missing_cost", "currency", "Price of the hours that remain missing.").optional(),
        text("note", "What the row rests on and what is not known, in words."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)
