"""What must be true of looking back: errors follow from what was said and what came, levels are the sums of their queues."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enterprise.hierarchy import LEVELS_ABOVE
from expectations.rule import Night, Rule, evidence, shown
from expectations.suites.plan import MEND, TOLERANCE
from warehouse.tables.forecast import ACCURACY_LEDGER

_LEAD = "lead_days"


def _errors_follow(night: Night) -> pd.DataFrame:
    """One row per forecast: error, absolute error and band are what mean, quantiles and actual say."""
    rows = night.frame(ACCURACY_LEDGER)
    error = rows["mean_offered_contacts"] - rows["offered_contacts"]
    inside = (rows["offered_contacts"] >= rows["offered_contacts_q10"]) & (
        rows["offered_contacts"] <= rows["offered_contacts_q90"]
    )
    holds = (rows["error_contacts"] - error).abs() <= TOLERANCE * (1 + error.abs())
    holds &= (rows["absolute_error_contacts"] - error.abs()).abs() <= TOLERANCE * (1 + error.abs())
    holds &= inside == rows["inside_80_band"].astype(bool)
    holds &= rows["pinball_contacts"] <= rows["absolute_error_contacts"] + rows["offered_contacts_q95"]
    return evidence(holds, rows["member_id"].astype("str"), rows["member_id"].astype("str") + ", lead " + shown(rows[_LEAD]))


def _levels_add_up(night: Night) -> pd.DataFrame:
    """One row per level's forecast: its mean and what came are the sums of its queues."""
    rows, places = night.frame(ACCURACY_LEDGER), night.enterprise.places
    if rows.empty:  # the first nights have nothing to look back on, and pandas joins nothing to nothing of type text
        return evidence(pd.Series(dtype=bool), None, "")
    names = ["mean_offered_contacts", "offered_contacts"]
    below = rows[rows["level"] == "queue"]
    parts = []
    for level in LEVELS_ABOVE:
        member_of = {queue: place.member_of(level) for queue, place in places.items()}
        sums = below.groupby([below["member_id"].map(member_of).rename("member_id"), _LEAD])[names].sum()
        above = rows[rows["level"] == level]
        wanted = above[["member_id", _LEAD]].join(sums, on=["member_id", _LEAD])[names].fillna(0.0)
        close = np.abs(wanted.to_numpy(dtype=float) - above[names].to_numpy(dtype=float))
        holds = pd.Series((close <= 1e-3).all(axis=1), index=above.index)
        seen = above["member_id"].astype("str") + ", lead " + shown(above[_LEAD]) + ": " + shown(above["offered_contacts"])
        parts.append(
            evidence(holds, above["member_id"].astype("str"), seen + ", its queues " + shown(wanted["offered_contacts"]))
        )
    return pd.concat(parts, ignore_index=True)


RULES: tuple[Rule, ...] = (
    Rule(
        "ledger_errors_follow",
        "forecast",
        ACCURACY_LEDGER,
        "warn",
        "errors and band are what the forecast and the actual say",
        MEND,
        _errors_follow,
    ),
    Rule(
        "ledger_levels_add_up",
        "forecast",
        ACCURACY_LEDGER,
        "warn",
        "every level's forecast and actual are the sums of its queues",
        MEND,
        _levels_add_up,
    ),
)
