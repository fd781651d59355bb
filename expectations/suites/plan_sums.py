"""What forecast and staffing must agree with: each other, the horizon, the settings and the open work of the night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pandas as pd

from enterprise.timing import grid_of, opening_of
from expectations.rule import Night, Rule, Severity, Stage, evidence, local_time, shown
from expectations.suites.plan import MEND, TOLERANCE, levels_add_up
from warehouse.tables.declaration import Table
from warehouse.tables.deferred import BACKLOG_PROJECTION
from warehouse.tables.forecast import (
    CLAIMS_LEAD,
    DRIVER_LEAD,
    DRIVERS,
    FORECAST_CHANGE,
    FORECAST_DAILY,
    FORECAST_INTERVAL,
    FORECAST_WEEKLY,
    MODEL_LEADERBOARD,
)
from warehouse.tables.history import BACKLOG_OPENING
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE, SHIFT_SCHEDULE
from warehouse.tables.staffing import CERTAINTY_CURVE, STAFFING_DAILY, STAFFING_INTERVAL, STAFFING_WEEKLY

_HOURS = ("position_hours", "staff_hours")
_DAY = ["queue_id", "business_date"]


def _member(rows: pd.DataFrame) -> pd.Series:
    name = "queue_id" if "queue_id" in rows else "member_id"
    return rows[name].astype("str")


def _close(left: pd.Series, right: pd.Series) -> pd.Series:
    close: pd.Series = (left - right).abs() <= TOLERANCE * (1 + right.abs())
    return close


def _inside_horizon(night: Night, table: Table) -> pd.DataFrame:
    rows = night.frame(table)
    horizon = night.enterprise.planning.horizon_days
    wanted = {night.business_date + timedelta(days=ahead): ahead for ahead in range(1, horizon + 1)}
    holds = rows["business_date"].map(wanted).astype("float64") == rows["lead_days"]
    holds &= rows["plan_date"] == night.business_date
    if "interval_start_utc" in rows:
        holds &= (
            pd.Series(grid_of(night.enterprise).business_date(rows["interval_start_utc"]), index=rows.index)
            == rows["business_date"]
        )
    seen = _member(rows) + " on " + rows["business_date"].astype("str") + ": lead of " + shown(rows["lead_days"]) + " days"
    return evidence(holds, _member(rows), seen)


def _only_open(night: Night) -> pd.DataFrame:
    """One row per planned interval: is its queue open then, and as long as the row says?"""
    plan = night.frame(STAFFING_INTERVAL)
    grid, days = grid_of(night.enterprise), sorted(set(plan["business_date"]))
    parts = []
    for queue_id, mine in plan.groupby("queue_id", sort=True):
        if queue_id not in night.enterprise.queues:
            parts.append(evidence(pd.Series(False, index=mine.index), mine["queue_id"], "a queue the settings do not describe"))
            continue
        opened = opening_of(night.enterprise, str(queue_id)).open_seconds_per_interval(grid, days)
        seconds = mine["interval_start_utc"].map(opened.set_index("interval_start_utc")["open_seconds"]).fillna(0)
        holds = (seconds > 0) & (seconds == mine["open_seconds"])
        parts.append(evidence(holds, mine["queue_id"], partial(_not_open, night, mine, seconds)))
    return pd.concat(parts, ignore_index=True) if parts else evidence(pd.Series(dtype=bool), None, "")


def _not_open(night: Night, mine: pd.DataFrame, seconds: pd.Series, broken: pd.Series) -> pd.Series:
    rows = mine[broken]
    when = local_time(rows["interval_start_utc"], night.enterprise.time_zone)
    planned = rows["queue_id"] + " at " + when + ": planned for " + shown(rows["open_seconds"])
    return planned + " seconds, open for " + shown(seconds[broken])


def _certainty(night: Night) -> pd.DataFrame:
    """One row per interval: certainty costs no fewer positions, and who has them is certain."""
    plan = night.frame(STAFFING_INTERVAL)
    certain, required = plan["positions_for_certainty"].astype("float64"), plan["positions_required"].astype("float64")
    sure = plan["goal_probability"] >= night.enterprise.planning.goal_probability - TOLERANCE
    live = plan["staffing_model"] != "deferred"
    holds = certain.isna() | ((certain >= required) & (sure | ~live | (certain > required)))
    when = local_time(plan["interval_start_utc"], night.enterprise.time_zone)
    seen = (
        plan["queue_id"] + " at " + when + ": " + shown(required) + " required, " + shown(certain) + " for certainty, goal met "
    )
    return evidence(holds, plan["queue_id"], seen + "with probability " + shown(plan["goal_probability"], 2))


def _rests_on_forecast(night: Night) -> pd.DataFrame:
    """One row per interval of a live queue."""
    plan = night.frame(STAFFING_INTERVAL).loc[lambda rows: rows["staffing_model"] != "deferred"]
    forecast = night.frame(FORECAST_INTERVAL)[["queue_id", "interval_start_utc", "mean_offered_contacts"]]
    both = plan.merge(forecast, on=["queue_id", "interval_start_utc"], how="left", suffixes=("", "_forecast"))
    wanted = both["mean_offered_contacts_forecast"].fillna(0.0) + both["chase_contacts"].astype("float64").fillna(0.0)
    when = local_time(both["interval_start_utc"], night.enterprise.time_zone)
    seen = both["queue_id"] + " at " + when + ": staffed for " + shown(both["mean_offered_contacts"], 3) + " contacts, forecast "
    return evidence(_close(both["mean_offered_contacts"], wanted), both["queue_id"], seen + shown(wanted, 3))


def _days_rest_on_intervals(night: Night) -> pd.DataFrame:
    """One row per queue, day and kind of hours."""
    plan = night.frame(STAFFING_INTERVAL)
    hours = plan[_DAY].assign(
        position_hours=plan["positions_required"] * plan["open_seconds"] / 3600,
        staff_hours=plan["scheduled_staff"] * plan["open_seconds"] / 3600,
    )
    sums = hours.groupby(_DAY)[list(_HOURS)].sum()
    daily = night.frame(STAFFING_DAILY).loc[lambda rows: rows["level"] == "queue"]
    whole = daily.rename(columns={"member_id": "queue_id"}).set_index(_DAY)[list(_HOURS)]
    both = whole.join(sums.add_suffix("_of_intervals"), how="outer").astype("float64").fillna(0.0).reset_index()
    parts = []
    for name in _HOURS:
        where = both["queue_id"].astype("str") + " on " + both["business_date"].astype("str") + ": " + name + " "
        seen = where + shown(both[name], 2) + ", of its intervals " + shown(both[f"{name}_of_intervals"], 2)
        parts.append(evidence(_close(both[f"{name}_of_intervals"], both[name]), both["queue_id"].astype("str"), seen))
    return pd.concat(parts, ignore_index=True)


def _weeks_rest_on_days(night: Night) -> pd.DataFrame:
    """One row per member and week."""
    daily = night.frame(STAFFING_DAILY)
    monday = daily["business_date"].map(lambda day: day - timedelta(days=day.weekday()))
    key = ["level", "member_id", "week_start_date"]
    sums = daily.assign(week_start_date=monday).groupby(key)["staff_hours"].sum().rename("days")
    weeks = night.frame(STAFFING_WEEKLY).set_index(key)["staff_hours"].rename("week")
    both = pd.concat([weeks, sums], axis=1).astype("float64").fillna(0.0).rename_axis(key).reset_index()
    where = both["member_id"].astype("str") + " in the week of " + both["week_start_date"].astype("str") + ": "
    seen = where + shown(both["week"], 2) + " staff hours, its days " + shown(both["days"], 2)
    return evidence(_close(both["days"], both["week"]), both["member_id"].astype("str"), seen)


def _backlog_carried_over(night: Night) -> pd.DataFrame:
    """One row per interval: it opens with what the one before left, the first with the open work of the night."""
    rows = night.frame(BACKLOG_PROJECTION).sort_values(["queue_id", "interval_start_utc"], ignore_index=True)
    open_items = night.frame(BACKLOG_OPENING).groupby("queue_id")["open_items"].sum()
    start = rows["queue_id"].map(open_items).astype("float64").fillna(0.0)
    left = rows.groupby("queue_id")["closing_items"].shift().astype("float64").fillna(start)
    when = local_time(rows["interval_start_utc"], night.enterprise.time_zone)
    seen = rows["queue_id"] + " at " + when + ": opens with " + shown(rows["opening_items"], 3) + ", before it " + shown(left, 3)
    return evidence(_close(rows["opening_items"], left), rows["queue_id"], seen)


def _lead_in_order(night: Night) -> pd.DataFrame:
    return _kernels_in_order(night, night.frame(CLAIMS_LEAD), "claim_class", "contacts_per_claim")


def _drivers_in_order(night: Night) -> pd.DataFrame:
    return _kernels_in_order(night, night.frame(DRIVER_LEAD), "driver", "contacts_per_unit")


def _kernels_in_order(night: Night, lead: pd.DataFrame, of: str, contacts: str) -> pd.DataFrame:
    """Kernels of claims or drivers within their intervals; a queue's lags reach as far as any of its drivers' may."""
    mean, low, high = lead[contacts], lead[f"{contacts}_low"], lead[f"{contacts}_high"]
    drivers = night.enterprise.drivers.values()
    longest = max([night.enterprise.claims_lead.maximum_lag_days, *(driver.maximum_lag_days for driver in drivers)])
    holds = (low <= mean + TOLERANCE) & (mean <= high + TOLERANCE) & (lead["lag_days"] <= longest)
    where = lead["queue_id"] + ", " + lead[of] + ", lag " + shown(lead["lag_days"]) + ": " + shown(mean, 4)
    return evidence(holds, lead["queue_id"], where + " within " + shown(low, 4) + " and " + shown(high, 4))


def _changes_add_up(night: Night) -> pd.DataFrame:
    """One row per member and day that both plans have: the last plan and the reasons' changes make tonight's mean."""
    key = ["level", "member_id", "business_date"]
    changes = night.frame(FORECAST_CHANGE)
    told = changes.groupby(key)["change_contacts"].sum() + changes.groupby(key)["former_mean_offered_contacts"].first()
    queues = told[told.index.get_level_values("level") == "queue"].rename("told")
    means = night.frame(FORECAST_DAILY).set_index(key)["mean_offered_contacts"].reindex(queues.index)
    rows = pd.DataFrame({"told": queues, "mean": means}).reset_index()
    where = rows["member_id"].astype("str") + " on " + rows["business_date"].astype("str") + ": "
    seen = where + shown(rows["told"], 3) + " by the reasons, forecast " + shown(rows["mean"], 3)
    return evidence(_close(rows["told"], rows["mean"]), rows["member_id"].astype("str"), seen)


def _weeks_add_up(night: Night) -> pd.DataFrame:
    return levels_add_up(night, FORECAST_WEEKLY, ["mean_offered_contacts"], "week_start_date")


def _weeks_in_band(night: Night) -> pd.DataFrame:
    weeks = night.frame(FORECAST_WEEKLY)
    mean, low, high = (weeks[f"{name}_offered_contacts"] for name in ("mean", "low", "high"))
    holds = (low <= mean + TOLERANCE) & (mean <= high + TOLERANCE)
    mondays = [day.weekday() == 0 and day > night.business_date for day in weeks["week_start_date"]]
    holds &= pd.Series(mondays, index=weeks.index, dtype=bool)
    where = weeks["member_id"] + " in the week of " + weeks["week_start_date"].astype("str") + ": " + shown(mean, 2)
    return evidence(holds, weeks["member_id"], where + " within " + shown(low, 2) + " and " + shown(high, 2))


def _one_champion(night: Night) -> pd.DataFrame:
    board = night.frame(MODEL_LEADERBOARD)
    counts = board.assign(champions=board["is_champion"].astype("int64")).groupby(["queue_id", "lead_band"])["champions"].sum()
    rows = counts.rename_axis(["queue_id", "lead_band"]).reset_index()
    seen = rows["queue_id"].astype("str") + ", leads " + rows["lead_band"].astype("str") + ": " + shown(rows["champions"])
    return evidence(rows["champions"] == 1, rows["queue_id"].astype("str"), seen + " champions")


def _certainty_costs(night: Night) -> pd.DataFrame:
    rows = night.frame(CERTAINTY_CURVE).sort_values(["queue_id", "goal_probability"])
    less = rows.groupby("queue_id")[["position_hours", "staff_hours", "cost"]].diff().min(axis=1)
    seen = shown(-less) + " fewer with probability " + shown(rows["goal_probability"], 2)
    return evidence(~(less < -1e-6), rows["queue_id"].astype("str"), seen)


def _shifts_cover(night: Night) -> pd.DataFrame:
    rows = night.frame(SHIFT_COVER)
    balance = rows["working_people"] + rows["missing_people"] - rows["surplus_people"]
    seen = rows["staff_group"].astype("str") + " " + rows["interval_start_utc"].astype("str") + ": " + shown(balance)
    good = (balance == rows["required_people"]) & ((rows["missing_people"] == 0) | (rows["surplus_people"] == 0))
    return evidence(good, None, seen + " for " + shown(rows["required_people"]))


def _shifts_end(night: Night) -> pd.DataFrame:
    rows = night.frame(SHIFT_SCHEDULE)
    hours = (rows["shift_end_utc"] - rows["interval_start_utc"]).dt.total_seconds() / 3600
    seen = rows["staff_group"].astype("str") + ", " + rows["contract"].astype("str") + ": " + shown(hours) + " hours"
    only_breaks = (rows["starting_people"] == 0) & hours.isna()
    return evidence(only_breaks | ((hours > 0) & (hours <= 24)), None, seen)


def _shifts_add_up(night: Night) -> pd.DataFrame:
    key = ["staff_group", "contract"]
    started = night.frame(SHIFT_SCHEDULE).groupby(key)["starting_people"].sum().rename("started")
    rows = night.frame(SHIFT_PEOPLE).set_index(key).join(started).fillna({"started": 0}).reset_index()
    seen = rows["staff_group"].astype("str") + ", " + rows["contract"].astype("str") + ": " + shown(rows["started"])
    return evidence(rows["started"] == rows["shifts"], None, seen + " for " + shown(rows["shifts"]))


def _rule(name: str, table: Table, expected: str, look: Callable[[Night], pd.DataFrame], severity: Severity = "stop") -> Rule:
    stage: Stage = "forecast" if table.layer == "forecast" else "staffing"
    return Rule(name, stage, table, severity, expected, MEND, look)


def _in_horizon(table: Table) -> Rule:
    expected = "every row lies in the horizon of the night's plan, on its day, with its lead"
    return _rule(f"{table.name}_in_horizon", table, expected, lambda night: _inside_horizon(night, table))


def _levels(name: str, table: Table, expected: str, columns: list[str]) -> Rule:
    return _rule(name, table, expected, lambda night: levels_add_up(night, table, columns))


_DRIVERS = "every level's drivers are the sums of its queues"
_LEAD = "contacts per claim lie in their interval, lags within the settings'"
_DRIVER_LEAD = "contacts per unit of a driver lie in their interval, lags within the settings'"
_CHAMPION = "one champion per queue and band of leads"
_OPEN = "plan rows only for open intervals, with their open time"
_CERTAIN = "certainty needs no fewer positions than the goal, and whoever has them meets it with the settings' probability"
_FORECAST = "live queues are staffed for the forecast of the night"
_LEVELS = "every level's contacts, position hours, full-time equivalents and cost are the sums of its queues"
_SUMMED = ["mean_offered_contacts", "position_hours", "full_time_equivalents", "cost"]
_CARRIED = "an interval opens with what the one before left, the first with the open work of the night"

RULES: tuple[Rule, ...] = (
    *(_in_horizon(table) for table in (FORECAST_INTERVAL, FORECAST_DAILY, STAFFING_INTERVAL, STAFFING_DAILY)),
    _levels("drivers_levels_add_up", FORECAST_DAILY, _DRIVERS, [column.name for column in DRIVERS]),
    _rule("claims_lead_in_order", CLAIMS_LEAD, _LEAD, _lead_in_order),
    _rule("driver_lead_in_order", DRIVER_LEAD, _DRIVER_LEAD, _drivers_in_order),
    _rule("changes_add_up", FORECAST_CHANGE, "last plan and the reasons of its change make tonight's mean", _changes_add_up),
    _rule("weekly_levels_add_up", FORECAST_WEEKLY, "every level's weeks are the sums of its queues'", _weeks_add_up),
    _rule("weeks_in_their_band", FORECAST_WEEKLY, "weeks begin on a Monday after the night, low <= mean <= high", _weeks_in_band),
    _rule("one_champion", MODEL_LEADERBOARD, _CHAMPION, _one_champion, "warn"),
    _rule("planned_only_while_open", STAFFING_INTERVAL, _OPEN, _only_open),
    _rule("certainty_needs_enough", STAFFING_INTERVAL, _CERTAIN, _certainty),
    _rule("staffing_rests_on_forecast", STAFFING_INTERVAL, _FORECAST, _rests_on_forecast),
    _rule("staffing_days_rest_on_intervals", STAFFING_DAILY, "a day's hours are those of its intervals", _days_rest_on_intervals),
    _levels("staffing_levels_add_up", STAFFING_DAILY, _LEVELS, _SUMMED),
    _rule("staffing_weeks_rest_on_days", STAFFING_WEEKLY, "a week's staff hours are those of its days", _weeks_rest_on_days),
    _rule("certainty_costs", CERTAINTY_CURVE, "more certainty never takes fewer hours or less money", _certainty_costs),
    _rule("shifts_cover_what_is_required", SHIFT_COVER, "required = working + missing - surplus people", _shifts_cover),
    _rule("shifts_end_within_a_day", SHIFT_SCHEDULE, "a shift ends within 24 hours", _shifts_end),
    _rule("shifts_add_up", SHIFT_PEOPLE, "a contract's shifts are those that begin", _shifts_add_up),
    _rule("backlog_carried_over", BACKLOG_PROJECTION, _CARRIED, _backlog_carried_over),
)
