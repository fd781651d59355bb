"""The plan of work that can wait: its backlog, what its deadlines cost, and what is done between calls (written by staffing)."""

from __future__ import annotations

from warehouse.tables.columns import BUSINESS_DATE, INTERVAL_START_UTC, PLAN_DATE, QUEUE_ID, count, fraction, number, seconds
from warehouse.tables.declaration import Table
from warehouse.tables.shifts import STAFF_GROUP

STAFFING_BLENDED = Table(
    "staffing_blended",
    layer="staffing",
    grain="one plan, blended deferred queue and open interval",
    meaning="Deferred work in the idle time of a group's calls and chats: what gaps do, and who is needed beside them. The work "
    "can be put aside at once, so customers on the phone or in chat wait as in the separate plan.",
    key=(PLAN_DATE, QUEUE_ID, INTERVAL_START_UTC),
    columns=(
        BUSINESS_DATE,
        STAFF_GROUP,
        number("useful_idle_hours", "hours", "Idle time above the reserve and the set-up of each gap that the queue can have."),
        number("gap_hours", "hours", "Of it, what the queue's items are expected to take."),
        count("separate_positions", "positions", "People at work needed if the queue is staffed by itself."),
        number(
            "ring_fenced_positions", "positions", "People at work needed for it beside the gaps; not rounded, as they are shared."
        ),
        count("separate_staff", "people", "People to schedule for the separate positions, shrinkage included."),
        number("ring_fenced_staff", "people", "People to schedule for the ring-fenced positions, shrinkage included."),
        number("saved_staff_hours", "hours", "Separate less ring-fenced hours; below 0 on a day that needs more.", minimum=None),
        number("saved_cost", "currency", "Cost of these hours.", minimum=None),
        fraction("answered_fraction", "Predicted share of the day's items completed in time with gaps and ring-fenced people."),
        number("opening_items", "items", "Items open at the start, in this plan.").optional(),
        number("completed_items", "items", "Items expected to be completed, in gaps and by ring-fenced people.").optional(),
        number("due_items", "items", "Items that have to be completed by the end of the interval.").optional(),
        number("breached_items", "items", "Of these, items expected to be completed later.").optional(),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

BACKLOG_PROJECTION = Table(
    "backlog_projection",
    layer="staffing",
    grain="one plan, deferred queue and interval",
    meaning="How the backlog of deferred work is expected to move: opening + arrivals - completed = closing.",
    key=(PLAN_DATE, QUEUE_ID, INTERVAL_START_UTC),
    columns=(
        BUSINESS_DATE,
        number("opening_items", "items", "Items open at the start."),
        number("arrived_items", "items", "Items expected to arrive."),
        number("completed_items", "items", "Items expected to be completed."),
        number("closing_items", "items", "Items open at the end."),
        number("due_items", "items", "Items that have to be completed by the end of the interval."),
        number("breached_items", "items", "Items expected to be completed after they were due."),
        number("breached_items_q95", "items", "The same if arrivals come at their 95 % quantile."),
        seconds("oldest_age_open_seconds", "Age of the oldest open item in business time.").optional(),
        number("overdue_items", "items", "Open items past their due time at the end of the interval.").optional(),
        number("overdue_items_q95", "items", "The same if arrivals come at their 95 % quantile.").optional(),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

DEADLINE_PRICE = Table(
    "deadline_price",
    layer="staffing",
    grain="one plan, deferred queue and day whose due times cost most (five days a queue at most)",
    meaning="What an hour more to complete the work due on a day would save, found by planning again with it.",
    key=(PLAN_DATE, QUEUE_ID, BUSINESS_DATE),
    columns=(
        number("due_items", "items", "Items that have to be completed by some time of the day."),
        seconds("later_open_seconds", "By how much business time later they would be due."),
        number("peak_positions", "positions", "People at work at the plan's peak, before rounding."),
        number("fewer_peak_positions", "positions", "By how many the peak would be lower."),
        number("saved_staff_hours", "hours", "Hours to schedule that would be saved with the same peak, shrinkage included."),
        number("saved_cost", "currency", "Cost of these hours."),
        number("fewer_late_items", "items", "Items that would no longer be late, where the limits allow no plan in time."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

DEFERRED_TABLES: tuple[Table, ...] = (STAFFING_BLENDED, BACKLOG_PROJECTION, DEADLINE_PRICE)
