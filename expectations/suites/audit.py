"""What must be true of the simulation audit: it is about the plan of the night, and it agrees with it."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, local_time, shown
from expectations.suites.plan import TOLERANCE
from warehouse.tables.evidence import SIMULATION_AUDIT
from warehouse.tables.staffing import STAFFING_INTERVAL

AGREEING_SHARE = 0.95
_INTERVAL = ["queue_id", "interval_start_utc"]


def _about_the_plan(night: Night) -> pd.DataFrame:
    """One row per audited interval: is the plan's prediction what the audit says it is?"""
    audit = night.frame(SIMULATION_AUDIT)
    plan = night.frame(STAFFING_INTERVAL)[[*_INTERVAL, "answered_fraction", "positions_required"]]
    both = audit.merge(plan, on=_INTERVAL, how="left")
    close = (both["predicted_answered_fraction"] - both["answered_fraction"]).abs() <= TOLERANCE
    when = local_time(both["interval_start_utc"], night.enterprise.time_zone)
    seen = both["queue_id"] + " at " + when + ": audited for " + shown(both["predicted_answered_fraction"], 4)
    return evidence(
        close & (both["positions"] == both["positions_required"]),
        both["queue_id"],
        seen + ", planned " + shown(both["answered_fraction"], 4),
    )


def _agrees(night: Night) -> pd.DataFrame:
    """One row: do enough intervals agree under the model's own assumptions?"""
    audit = night.frame(SIMULATION_AUDIT)
    own = audit[(audit["scope"] == "interval") & (audit["handle_times"] == "exponential")]
    agreeing = int(own["within_one_point"].sum())
    holds = pd.Series([len(own) == 0 or agreeing >= AGREEING_SHARE * len(own)])
    return evidence(holds, None, f"{agreeing} of {len(own)} simulated intervals within one point of their prediction")


RULES: tuple[Rule, ...] = (
    Rule(
        "audit_is_of_this_plan",
        "audit",
        SIMULATION_AUDIT,
        "stop",
        "every audited interval is one of the plan's, with its positions and its prediction",
        "run the audit of the night again: the staffing was made anew after it",
        _about_the_plan,
    ),
    Rule(
        "simulation_agrees_with_plan",
        "audit",
        SIMULATION_AUDIT,
        "warn",
        "95 % of the simulated intervals reach the predicted service level within one point, under the model's assumptions",
        "compare the rows of simulation_audit that are not within one point; tell whoever looks after Leadline",
        _agrees,
    ),
)
