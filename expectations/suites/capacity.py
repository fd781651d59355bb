"""What the capacity plan must agree with: the weekly forecast, and itself."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, shown
from expectations.suites.plan import MEND, TOLERANCE
from warehouse.tables.capacity import CAPACITY_PLAN, SCENARIOS
from warehouse.tables.forecast import FORECAST_WEEKLY

_KEY = ["staff_group", "week_start_date"]


def _where(rows: pd.DataFrame) -> pd.Series:
    where: pd.Series = rows["staff_group"].astype("str") + ", week of " + rows["week_start_date"].astype("str") + ": "
    return where


def _rests_on_weeks(night: Night) -> pd.DataFrame:
    """No group expects more contacts than its queues have in the weekly forecast."""
    rows = night.frame(CAPACITY_PLAN).loc[lambda plan: plan["scenario"] == "base"]
    weekly = night.frame(FORECAST_WEEKLY).loc[lambda weeks: weeks["level"] == "queue"]
    groups = {queue: name for name, group in night.enterprise.staff_groups.items() for queue in group.queues}
    weekly = weekly.assign(staff_group=weekly["member_id"].map(groups)).astype({"staff_group": object})
    sums = weekly.groupby(_KEY, as_index=False).agg(of_queues=("mean_offered_contacts", "sum"))
    both = rows.astype({"staff_group": object}).merge(sums, how="left", on=_KEY)
    both = both.astype({"of_queues": "float64"}).fillna({"of_queues": 0.0})
    seen = _where(both) + shown(both["offered_contacts"], 1) + " contacts, its queues' " + shown(both["of_queues"], 1)
    return evidence(both["offered_contacts"] <= both["of_queues"] * (1 + TOLERANCE) + TOLERANCE, None, seen)


def _adds_up(night: Night) -> pd.DataFrame:
    rows = night.frame(CAPACITY_PLAN)
    required, available = rows["required_full_time_equivalents"], rows["available_full_time_equivalents"]
    missing, still = rows["missing_full_time_equivalents"], rows["still_missing_full_time_equivalents"]
    known = available.notna()
    gap_holds = (required - available - missing).abs() <= TOLERANCE * (1 + required)
    left = (missing - rows["hired_full_time_equivalents"]).clip(lower=0.0)
    holds = ~known | (gap_holds & ((still - left).abs() <= TOLERANCE * (1 + required)))
    seen = _where(rows) + shown(required, 2) + " required, " + shown(available.astype("float64"), 2) + " available, "
    return evidence(holds, None, seen + shown(missing.astype("float64"), 2) + " missing")


def _scenarios_in_order(night: Night) -> pd.DataFrame:
    rows = night.frame(CAPACITY_PLAN)
    wide = rows.pivot(index=_KEY, columns="scenario", values="required_full_time_equivalents")
    wide = wide.reindex(columns=list(SCENARIOS)).astype("float64").reset_index()
    low, base, high = (wide[name] for name in SCENARIOS)
    holds = (low <= base * (1 + TOLERANCE) + TOLERANCE) & (base <= high * (1 + TOLERANCE) + TOLERANCE)
    return evidence(holds, None, _where(wide) + shown(base, 2) + " needed, within " + shown(low, 2) + " and " + shown(high, 2))


RULES = (
    Rule(
        "capacity_rests_on_weeks", "staffing", CAPACITY_PLAN, "warn",
        "a group's contacts are those of its queues in the weekly forecast", MEND, _rests_on_weeks,
    ),
    Rule(
        "capacity_adds_up", "staffing", CAPACITY_PLAN, "warn", "missing = required - available; hires fill what they can",
        MEND, _adds_up,
    ),
    Rule(
        "capacity_scenarios_in_order", "staffing", CAPACITY_PLAN, "warn", "low <= base <= high", MEND, _scenarios_in_order,
    ),
)  # fmt: skip
