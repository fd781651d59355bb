"""What speaks for the plan's models: how they were estimated, and how a simulation agrees with them (by staffing, published)."""

from __future__ import annotations

from warehouse.tables.columns import (
    BUSINESS_DATE,
    CHANNEL,
    INTERVAL_START_UTC,
    PLAN_DATE,
    QUEUE_ID,
    count,
    flag,
    fraction,
    number,
    seconds,
    text,
)
from warehouse.tables.declaration import Table

SCOPES = ("interval", "day")
HANDLE_TIMES = ("exponential", "observed")

SIMULATION_AUDIT = Table(
    "simulation_audit",
    layer="staffing",
    grain="one plan, queue, interval, way of simulating it and kind of handle times",
    meaning="What the plan predicts for some of its intervals beside what an event simulation of the same positions does.",
    key=(
        PLAN_DATE,
        QUEUE_ID,
        INTERVAL_START_UTC,
        text(
            "scope",
            "Interval: in a steady state, as the formulas see it. Day: in a whole day, where intervals hand waiting contacts on.",
            allowed=SCOPES,
        ),
        text(
            "handle_times",
            "Exponential: the model's own assumption. Observed: the distribution that history shows.",
            allowed=HANDLE_TIMES,
        ),
    ),
    columns=(
        BUSINESS_DATE,
        CHANNEL,
        count("positions", "positions", "People at work, as the plan requires them."),
        number("mean_offered_contacts", "contacts", "Contacts expected in the interval."),
        fraction("predicted_answered_fraction", "Service level that the plan predicts, by the queue's definition."),
        fraction("simulated_answered_fraction", "Service level in the simulation."),
        fraction("simulated_answered_fraction_low", "Lower end of the 95 % confidence interval of the simulation."),
        fraction("simulated_answered_fraction_high", "Upper end of it."),
        fraction("predicted_abandoned_fraction", "Share that hangs up, as the plan predicts it.").optional(),
        fraction("simulated_abandoned_fraction", "Share that hangs up in the simulation."),
        seconds("predicted_mean_wait_seconds", "Mean wait of all contacts, as the plan predicts it.").optional(),
        seconds("simulated_mean_wait_seconds", "Mean wait of all contacts in the simulation."),
        count("simulated_contacts", "contacts", "Contacts that were simulated for the interval."),
        flag("within_one_point", "Whether prediction and simulation differ by at most one percentage point."),
        text("assumptions", "What was simulated, in words."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

EVIDENCE_TABLES: tuple[Table, ...] = (SIMULATION_AUDIT,)
