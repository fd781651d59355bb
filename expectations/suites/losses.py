"""What must be true of hours that are lost and of contacts that overdue work raises."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, shown
from expectations.suites.plan import MEND, TOLERANCE
from warehouse.tables.evidence import CHASE_RATE
from warehouse.tables.staffing import SHRINKAGE_HOURS, STAFFING_INTERVAL

_SECONDS_PER_HOUR = 3600.0


def _kinds_make_the_loss(night: Night) -> pd.DataFrame:
    """One row per queue: the kinds together lose what is left of the scheduled hours after each took its share."""
    kinds, plan = night.frame(SHRINKAGE_HOURS), night.frame(STAFFING_INTERVAL)
    scheduled = (plan["scheduled_staff"] * plan["open_seconds"] / _SECONDS_PER_HOUR).groupby(plan["queue_id"]).sum()
    of_queue = kinds.assign(left=1.0 - kinds["lost_fraction"]).groupby("queue_id", as_index=False)
    queues = of_queue.agg(lost=("lost_hours", "sum"), left=("left", "prod"))
    hours = queues["queue_id"].map(scheduled).astype("float64").fillna(0.0)
    lost, expected, name = queues["lost"], hours * (1.0 - queues["left"]), queues["queue_id"].astype("str")
    seen = name + ": " + shown(lost, 2) + " hours lost of " + shown(hours, 2) + ", by the shares " + shown(expected, 2)
    return evidence((lost - expected).abs() <= TOLERANCE * (1 + expected), name, seen)


def _rate_in_its_interval(night: Night) -> pd.DataFrame:
    rows = night.frame(CHASE_RATE)
    low, used, high = rows["used_rate_low"], rows["used_rate"], rows["used_rate_high"]
    seen = rows["queue_id"].astype("str") + ": " + shown(used, 4) + " within " + shown(low, 4) + " and " + shown(high, 4)
    return evidence((low <= used + TOLERANCE) & (used <= high + TOLERANCE), rows["queue_id"], seen)


RULES = (
    Rule(
        "kinds_make_the_loss", "staffing", SHRINKAGE_HOURS, "warn", "kinds of shrinkage multiply to the hours that are lost",
        MEND, _kinds_make_the_loss,
    ),
    Rule(
        "chase_rate_in_its_interval", "staffing", CHASE_RATE, "warn", "the rate that is used lies within its interval",
        MEND, _rate_in_its_interval,
    ),
)  # fmt: skip
