"""What must be true of misses and adherence: parts that add up to the miss, and no more time kept than planned and worked."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, shown
from expectations.suites.plan import MEND
from warehouse.tables.looking_back import ADHERENCE_DAILY, MISS_ANALYSIS

_EXACT = 1e-9
_SECOND = 1.0
_LONGEST_DAY = 25 * 3600 + _SECOND
_PARTS = [name for name in MISS_ANALYSIS.column_names if name.endswith("_part_fraction")]


def _parts_add_up(night: Night) -> pd.DataFrame:
    rows = night.frame(MISS_ANALYSIS)
    parts = rows[_PARTS].sum(axis=1)
    holds = (parts - rows["miss_fraction"]).abs() < _EXACT
    holds &= (rows["actual_answered_fraction"] - rows["planned_answered_fraction"] - rows["miss_fraction"]).abs() < _EXACT
    seen = rows["queue_id"].astype("str") + ": a miss of " + shown(rows["miss_fraction"], 4) + ", parts " + shown(parts, 4)
    return evidence(holds, rows["queue_id"].astype("str"), seen)


def _time_adds_up(night: Night) -> pd.DataFrame:
    rows = night.frame(ADHERENCE_DAILY)
    least = rows[["scheduled_seconds", "worked_seconds"]].min(axis=1)
    most = rows[["scheduled_seconds", "worked_seconds"]].max(axis=1)
    holds = (rows["in_adherence_seconds"] <= least + _SECOND) & (most <= _LONGEST_DAY)
    seen = rows["agent_id"].astype("str") + ": " + shown(rows["in_adherence_seconds"]) + " s of " + shown(least)
    return evidence(holds, None, seen)


RULES: tuple[Rule, ...] = (
    Rule(
        "miss_parts_add_up",
        "staffing",
        MISS_ANALYSIS,
        "warn",
        "the parts of a miss add up to it, and it is actual less planned",
        MEND,
        _parts_add_up,
    ),
    Rule(
        "adherence_within_time",
        "staffing",
        ADHERENCE_DAILY,
        "warn",
        "in adherence for no longer than planned and than worked, and neither for longer than a day",
        MEND,
        _time_adds_up,
    ),
)
