"""Shifts that cover what the plan requires (written by staffing, published)."""

from __future__ import annotations

from warehouse.tables.columns import BUSINESS_DATE, INTERVAL_START_UTC, PLAN_DATE, count, fraction, instant, number, text
from warehouse.tables.declaration import Table

STAFF_GROUP = text("staff_group", "Group of people that share queues, by its name in the settings.")
CONTRACT = text("contract", "Contract, by its name in the settings.")

SHIFT_PEOPLE = Table(
    "shift_people",
    layer="staffing",
    grain="one plan, staff group and contract",
    meaning="How many people of each contract the cheapest shifts take over the whole plan, and how near to the best that is.",
    key=(PLAN_DATE, STAFF_GROUP, CONTRACT),
    columns=(
        text("staff_group_name", "Name of the group."),
        text("contract_name", "Name of the contract."),
        count("people", "people", "People of this contract."),
        count("shifts", "shifts", "Their shifts within the plan."),
        number("paid_hours", "hours", "Paid hours of these shifts."),
        number("cost", "currency", "Cost of these shifts."),
        fraction(
            "highest_saving_fraction",
            "No other plan of the group's shifts saves more than this share of its cost (missing hours priced).",
        ).optional(),
        text("note", "Why the group has no shifts, in words; missing where it has.").optional(),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

SHIFT_SCHEDULE = Table(
    "shift_schedule",
    layer="staffing",
    grain="one plan, staff group, contract and interval in which shifts or breaks begin",
    meaning="When shifts begin and end, and when the breaks of people at work begin.",
    key=(PLAN_DATE, STAFF_GROUP, CONTRACT, INTERVAL_START_UTC),
    columns=(
        BUSINESS_DATE,
        count("starting_people", "people", "People whose shift begins with the interval."),
        instant("shift_end_utc", "End of the shifts that begin here; missing where only breaks do.").optional(),
        count("people_taking_break", "people", "People of the contract whose break begins with the interval."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

SHIFT_COVER = Table(
    "shift_cover",
    layer="staffing",
    grain="one plan, staff group and interval in which people are required or at work",
    meaning="What shifts cover: required = working + missing - surplus.",
    key=(PLAN_DATE, STAFF_GROUP, INTERVAL_START_UTC),
    columns=(
        BUSINESS_DATE,
        count("required_people", "people", "People to schedule; losses that the shifts themselves plan (breaks) not included."),
        count("working_people", "people", "People whose shift covers the interval, less those on their break."),
        count("missing_people", "people", "People missing."),
        count("surplus_people", "people", "People beyond what is required."),
        number("hours_to_fill", "hours", "Missing people times the interval."),
        number("surplus_hours", "hours", "Surplus people times the interval."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

STAFF_GROUP_INTERVAL = Table(
    "staff_group_interval",
    layer="staffing",
    grain="one plan, staff group with teams and interval",
    meaning="Positions of teams that share voice queues: between one team for everything and people of its own for each queue.",
    key=(PLAN_DATE, STAFF_GROUP, INTERVAL_START_UTC),
    columns=(
        BUSINESS_DATE,
        count(
            "siloed_positions", "positions", "Positions if every queue had people of its own: the sum of its queues' positions."
        ),
        count("pooled_positions", "positions", "Positions if everybody could take every call, each queue's goal kept."),
        count("positions", "positions", "Positions with the teams as they are; what the group's shifts cover."),
        number("saved_positions", "positions", "Siloed less needed; negative where the teams' shares fit badly.", minimum=None),
        fraction(
            "sharing_fraction",
            "How much of the way from siloed to pooled the teams come, learnt by simulation.",
            minimum=None,
        ),
        fraction(
            "simulated_goal_margin",
            "In the intervals that are audited by simulation: how far the worst queue is above its goal; negative if it misses.",
            minimum=-1,
        ).optional(),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

SHIFT_TABLES: tuple[Table, ...] = (SHIFT_PEOPLE, SHIFT_SCHEDULE, SHIFT_COVER, STAFF_GROUP_INTERVAL)
