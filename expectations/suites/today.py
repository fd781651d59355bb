"""What the rest of a day, forecast anew while it runs, must agree with."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, evidence, shown
from expectations.suites.plan import MEND
from warehouse.tables.today import FORECAST_TODAY, STAFFING_TODAY


def _today_follows(night: Night) -> pd.DataFrame:
    rows = night.frame(FORECAST_TODAY)
    known = rows["night_mean_offered_contacts"] * rows["factor"]
    holds = (rows["interval_start_utc"] >= rows["made_at"]) & (
        (rows["mean_offered_contacts"] - known).abs() <= 0.01 + 0.01 * known
    )
    seen = (
        rows["queue_id"].astype("str") + " at " + rows["made_at"].astype("str") + ": " + shown(rows["mean_offered_contacts"], 2)
    )
    return evidence(holds, rows["queue_id"].astype("str"), seen + " of " + shown(rows["night_mean_offered_contacts"], 2))


def _today_staffed(night: Night) -> pd.DataFrame:
    rows = night.frame(STAFFING_TODAY)
    seen = rows["queue_id"].astype("str") + ": " + shown(rows["scheduled_staff"]) + " people for "
    holds = rows["scheduled_staff"] >= rows["positions_required"]
    return evidence(holds, rows["queue_id"].astype("str"), seen + shown(rows["positions_required"]) + " positions")


RULES = (
    Rule(
        "today_follows_the_moment",
        "forecast",
        FORECAST_TODAY,
        "stop",
        "intervals after the moment, the night's mean times the factor",
        MEND,
        _today_follows,
    ),
    Rule("today_has_people", "staffing", STAFFING_TODAY, "stop", "no fewer people than positions", MEND, _today_staffed),
)
