"""What must be true of the evidence beside a plan: the simulation agrees with it, estimates lie within their intervals."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, local_time, shown
from expectations.suites.plan import MEND, TOLERANCE
from warehouse.tables.evidence import CHAT_CONCURRENCY, GROUP_AUDIT, PATIENCE, SIMULATION_AUDIT
from warehouse.tables.shifts import STAFF_GROUP_INTERVAL
from warehouse.tables.staffing import STAFFING_INTERVAL

AGREEING_SHARE = 0.95
_ONE_POINT = 0.01
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


def _group_days_keep_goals(night: Night) -> pd.DataFrame:
    """One row per group, queue and way of working that the plan assumes."""
    rows = night.frame(GROUP_AUDIT)
    rows = rows[rows["way_of_working"] != "finished_first"]
    kept = rows["simulated_answered_fraction_high"] >= rows["goal_fraction"] - _ONE_POINT
    seen = rows["staff_group"] + ", " + rows["queue_id"] + " on " + rows["business_date"].astype("str") + ": "
    seen += shown(rows["simulated_answered_fraction"], 3) + " simulated, goal " + shown(rows["goal_fraction"], 3)
    return evidence(kept, rows["queue_id"], seen)


def _patience_in_its_interval(night: Night) -> pd.DataFrame:
    """One row per queue and period with an estimate."""
    rows = night.frame(PATIENCE).dropna(subset=["mean_patience_seconds"])
    low, mean, high = (rows[f"mean_patience_seconds{ending}"] for ending in ("_low", "", "_high"))
    seen = rows["queue_id"] + ", " + rows["period"] + ": " + shown(mean, 1) + " within " + shown(low, 1) + " to " + shown(high, 1)
    return evidence((low <= mean) & (mean <= high) & (low > 0), rows["queue_id"], seen)


def _slowdown_in_its_interval(night: Night) -> pd.DataFrame:
    """One row per chat queue whose history shows a slowdown."""
    rows = night.frame(CHAT_CONCURRENCY).dropna(subset=["slowdown_per_extra_chat"])
    low, found, high = (rows[f"slowdown_per_extra_chat{ending}"] for ending in ("_low", "", "_high"))
    seen = rows["queue_id"] + ": " + shown(found, 3) + " within " + shown(low, 3) + " to " + shown(high, 3)
    return evidence((low <= found) & (found <= high), rows["queue_id"], seen)


def _teams_between_bounds(night: Night) -> pd.DataFrame:
    """One row per group with teams and interval."""
    rows = night.frame(STAFF_GROUP_INTERVAL)
    adds_up = (rows["siloed_positions"] - rows["positions"] - rows["saved_positions"]).abs() <= TOLERANCE
    when = local_time(rows["interval_start_utc"], night.enterprise.time_zone)
    seen = rows["staff_group"] + " at " + when + ": " + shown(rows["positions"]) + " positions, pooled "
    seen += shown(rows["pooled_positions"]) + ", siloed " + shown(rows["siloed_positions"])
    return evidence((rows["positions"] >= rows["pooled_positions"]) & adds_up, None, seen)


RULES: tuple[Rule, ...] = (
    Rule(
        "teams_between_bounds",
        "staffing",
        STAFF_GROUP_INTERVAL,
        "stop",
        "teams need no fewer people than one team for all, and save what silos need beyond them",
        MEND,
        _teams_between_bounds,
    ),
    Rule(
        "patience_in_its_interval",
        "staffing",
        PATIENCE,
        "stop",
        "an estimate of patience lies within its interval",
        MEND,
        _patience_in_its_interval,
    ),
    Rule(
        "slowdown_in_its_interval",
        "staffing",
        CHAT_CONCURRENCY,
        "stop",
        "an estimated slowdown lies within its interval",
        MEND,
        _slowdown_in_its_interval,
    ),
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
    Rule(
        "group_days_keep_goals",
        "audit",
        GROUP_AUDIT,
        "warn",
        "a simulated day of a group with teams or work between calls keeps every queue's goal, to one point",
        "compare the rows of group_audit: people per team do not fit the queues, or gaps are worth less than the plan thinks",
        _group_days_keep_goals,
    ),
)
