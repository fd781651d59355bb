"""What must be true of planners' changes: they explain the whole difference between the model's numbers and the planned ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pandas as pd

from expectations.rule import Night, Rule, evidence, shown
from expectations.suites.plan import MEND, TOLERANCE
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.overrides import MODEL_FORECAST_DAILY, MODEL_FORECAST_INTERVAL, OVERRIDE_EFFECT, OVERRIDE_STATUS

_MEMBER_DAY = ["level", "member_id", "business_date"]
_MEAN = "mean_offered_contacts"


def _applied_in_horizon(night: Night) -> pd.DataFrame:
    """One row per change: an applied one touches a day of the plan and was known by its night."""
    rows = night.frame(OVERRIDE_STATUS)
    applied = rows["status"] == "applied"
    last = night.business_date + timedelta(days=night.enterprise.planning.horizon_days)
    touches = pd.Series(
        [
            first is not None and until is not None and first <= last and until > night.business_date
            for first, until in zip(rows["first_date"], rows["last_date"], strict=True)
        ],
        index=rows.index,
        dtype=bool,
    )
    seen = "change " + shown(rows["override_id"]) + " of " + rows["first_date"].astype("str")
    return evidence(~applied | touches, None, seen)


def _effects_make_the_override(night: Night) -> pd.DataFrame:
    """One row per queue and day that a change touches or whose override_contacts are not 0."""
    sums = night.frame(OVERRIDE_EFFECT).groupby(["queue_id", "business_date"])["changed_contacts"].sum()
    daily = night.frame(FORECAST_DAILY)
    mine = daily[(daily["level"] == "queue") & (daily["override_contacts"] != 0)]
    whole = mine.set_index(["member_id", "business_date"])["override_contacts"]
    both = pd.concat({"parts": sums, "whole": whole}, axis=1).astype("float64").fillna(0.0)
    both = both.rename_axis(["queue_id", "business_date"]).reset_index()
    close = (both["parts"] - both["whole"]).abs() <= 10 * TOLERANCE * (1 + both["whole"].abs())
    seen = both["queue_id"].astype("str") + " on " + both["business_date"].astype("str") + ": " + shown(both["whole"], 3)
    return evidence(close, both["queue_id"].astype("str"), seen + ", its changes " + shown(both["parts"], 3))


def _model_and_changes_make_the_plan(night: Night) -> pd.DataFrame:
    """One row per member and day that was changed: the model's number and the change make the planned one."""
    model = night.frame(MODEL_FORECAST_DAILY).set_index(_MEMBER_DAY)[_MEAN].rename("model")
    planned = night.frame(FORECAST_DAILY).set_index(_MEMBER_DAY)[[_MEAN, "override_contacts"]]
    both = planned.join(model, how="right").astype("float64").reset_index()
    made = both["model"] + both["override_contacts"]
    close = (made - both[_MEAN]).abs() <= TOLERANCE * (1 + both[_MEAN].abs())
    seen = both["member_id"].astype("str") + " on " + both["business_date"].astype("str") + ": planned " + shown(both[_MEAN], 3)
    return evidence(close, both["member_id"].astype("str"), seen + ", model and changes " + shown(made, 3))


def _model_intervals_make_the_day(night: Night) -> pd.DataFrame:
    """One row per queue and day that was changed."""
    sums = night.frame(MODEL_FORECAST_INTERVAL).groupby(["queue_id", "business_date"])[_MEAN].sum()
    daily = night.frame(MODEL_FORECAST_DAILY)
    days = daily[daily["level"] == "queue"].set_index(["member_id", "business_date"])[_MEAN]
    both = pd.concat({"parts": sums, "whole": days}, axis=1).astype("float64").fillna(0.0)
    both = both.rename_axis(["queue_id", "business_date"]).reset_index()
    close = (both["parts"] - both["whole"]).abs() <= TOLERANCE * (1 + both["whole"].abs())
    seen = both["queue_id"].astype("str") + " on " + both["business_date"].astype("str") + ": " + shown(both["whole"], 3)
    return evidence(close, both["queue_id"].astype("str"), seen + ", its intervals " + shown(both["parts"], 3))


def _rule(name: str, table: Table, expected: str, look: Callable[[Night], pd.DataFrame]) -> Rule:
    return Rule(name, "forecast", table, "stop", expected, MEND, look)


RULES: tuple[Rule, ...] = (
    _rule("applied_changes_in_horizon", OVERRIDE_STATUS, "an applied change touches a day of the plan", _applied_in_horizon),
    _rule(
        "changes_make_the_override",
        OVERRIDE_EFFECT,
        "a day's override_contacts are the sum of its changes",
        _effects_make_the_override,
    ),
    _rule(
        "model_and_changes_make_the_plan",
        MODEL_FORECAST_DAILY,
        "the model's contacts and the planners' changes make the planned ones, at every level",
        _model_and_changes_make_the_plan,
    ),
    _rule(
        "model_intervals_make_the_day",
        MODEL_FORECAST_INTERVAL,
        "the model's day is the sum of its intervals",
        _model_intervals_make_the_day,
    ),
)
