"""Days that are over, held against their plan: why service levels were missed, and who was there (written by staffing)."""

from __future__ import annotations

from warehouse.tables.columns import BUSINESS_DATE, LEAD_DAYS, PLAN_DATE, QUEUE_ID, fraction, number, seconds, text
from warehouse.tables.declaration import Column, Table
from warehouse.tables.staffing import DEFINITIONS

ADHERENCE_DAILY = Table(
    "adherence_daily",
    layer="staffing",
    grain="one agent and day",
    meaning="Scheduled against worked time, front and back office alike: work is time planned or spent on a queue.",
    key=(BUSINESS_DATE, text("agent_id", "Agent, as the source names it.")),
    columns=(
        seconds("scheduled_seconds", "Time planned on queues."),
        seconds("worked_seconds", "Time spent on queues, pauses left out."),
        seconds("in_adherence_seconds", "Time in which the agent was planned to work, and did."),
        fraction("adherence_fraction", "In-adherence over scheduled time; missing where nothing was planned.").optional(),
        fraction(
            "conformance_fraction", "Worked over scheduled time; missing where nothing was planned.", maximum=None
        ).optional(),
    ),
    partitioned_by=BUSINESS_DATE,
    published=True,
    restated=True,
)


def _part(name: str, meaning: str) -> Column:
    return fraction(f"{name}_part_fraction", f"Part of the miss due to {meaning}.", minimum=None, maximum=None)


def _hours(name: str, meaning: str) -> Column:
    return number(f"{name}_position_hours", "hours", meaning).optional()


_PARTS = (
    _part("volume", "more or fewer contacts than planned, at other times"),
    _part("handle_time", "longer or shorter handling than planned"),
    _part("staffing", "more or fewer people scheduled than the plan asked for"),
    _part("adherence", "people who were scheduled and not there, or there and not scheduled"),
    _part("model", "none of these: what the staffing model leaves unexplained"),
)

MISS_ANALYSIS = Table(
    "miss_analysis",
    layer="staffing",
    grain="one live queue and day that is over",
    meaning="Planned against actual service level of a day, split into parts that add up to the miss. Deferred work has none.",
    key=(BUSINESS_DATE, QUEUE_ID),
    columns=(
        PLAN_DATE,
        LEAD_DAYS,
        text("service_level_definition", "What the service level counts.", allowed=DEFINITIONS),
        fraction("planned_answered_fraction", "Service level that the plan predicted for the day."),
        fraction("actual_answered_fraction", "Service level that the day had."),
        fraction("miss_fraction", "Actual less planned: below 0 where it was missed.", minimum=-1),
        *_PARTS,
        number("planned_contacts", "contacts", "Contacts planned."),
        number("actual_contacts", "contacts", "Contacts that came."),
        seconds("planned_handle_seconds", "Mean handle time planned."),
        seconds("actual_handle_seconds", "Mean handle time of the day; missing where unknown.").optional(),
        number("planned_position_hours", "hours", "Hours at work that the plan asked for."),
        _hours("scheduled", "Hours on the queue that people were scheduled for; missing where no schedule is known."),
        _hours("present", "Hours that people were there to answer; missing where unknown."),
        text("in_words", "The miss and its parts in words."),
    ),
    partitioned_by=BUSINESS_DATE,
    published=True,
    restated=True,
    checks=(
        (
            "parts_add_up",
            f"abs({' + '.join(part.name for part in _PARTS)} - miss_fraction) < 1e-9",
        ),
        ("miss", "abs(actual_answered_fraction - planned_answered_fraction - miss_fraction) < 1e-9"),
    ),
)

LOOKING_BACK_TABLES = (ADHERENCE_DAILY, MISS_ANALYSIS)
