"""What must be true of a forecast and of the staffing made from it, beyond their form."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import timedelta

import pandas as pd

from enterprise.hierarchy import LEVELS_ABOVE
from expectations.rule import Night, Rule, evidence, local_time, shown
from expectations.suites.coverage import open_intervals_present
from warehouse.tables.declaration import Column, Table
from warehouse.tables.deferred import BACKLOG_PROJECTION
from warehouse.tables.forecast import DRIVERS, FORECAST_DAILY, FORECAST_INTERVAL, HANDLE_QUANTILES, OFFERED_QUANTILES
from warehouse.tables.staffing import STAFFING_DAILY, STAFFING_INTERVAL

TOLERANCE = 1e-6
MEND = "tell whoever looks after Leadline, with queue and day: the step that made this table is wrong"


def _monotone(table: Table, of: str, columns: Sequence[Column]) -> Rule:
    names = [column.name for column in columns]

    def rising(night: Night) -> pd.DataFrame:
        frame = night.frame(table)
        steps = frame[names].astype("float64").diff(axis=1).iloc[:, 1:]
        holds = (steps.fillna(0.0) >= -TOLERANCE).all(axis=1)
        member = frame["queue_id" if "queue_id" in frame else "member_id"].astype("str")
        seen = pd.Series("", index=frame.index, dtype="str")
        if not holds.all():  # words take longer than the comparison
            broken = frame.loc[~holds]
            where = member[~holds] + " on " + broken["business_date"].astype("str") + ": quantiles "
            seen[~holds] = where + broken[names].round(2).astype("str").agg(" ".join, axis=1)
        return evidence(holds, member, seen)

    return Rule(f"{table.name}_{of}_rise", "forecast", table, "stop", "a higher quantile is never a smaller number", MEND, rising)


def _equal(parts: pd.Series, whole: pd.Series, what: str) -> pd.DataFrame:
    """One row per member and day: is the whole the sum of its parts? A row that is not there counts as 0."""
    both = pd.concat({"parts": parts, "whole": whole}, axis=1).astype("float64").fillna(0.0)
    both = both.rename_axis(["member_id", "business_date"]).reset_index()
    close = (both["parts"] - both["whole"]).abs() <= TOLERANCE * (1 + both["whole"].abs())
    where = both["member_id"].astype("str") + " on " + both["business_date"].astype("str") + ": "
    return evidence(close, both["member_id"], where + shown(both["whole"], 3) + ", " + what + " " + shown(both["parts"], 3))


def _intervals_make_the_day(night: Night) -> pd.DataFrame:
    daily = night.frame(FORECAST_DAILY).loc[lambda row: row["level"] == "queue"]
    days = daily.set_index(["member_id", "business_date"])["mean_offered_contacts"]
    sums = night.frame(FORECAST_INTERVAL).groupby(["queue_id", "business_date"])["mean_offered_contacts"].sum()
    return _equal(sums, days, "its intervals")


def _drivers_make_the_mean(night: Night) -> pd.DataFrame:
    daily = night.frame(FORECAST_DAILY)
    drivers: pd.Series = daily[[column.name for column in DRIVERS]].sum(axis=1)
    mean = daily["mean_offered_contacts"]
    close = (drivers - mean).abs() <= TOLERANCE * (1 + mean)
    where = daily["member_id"] + " on " + daily["business_date"].astype("str") + ": "
    return evidence(close, daily["member_id"], where + shown(mean, 3) + ", its drivers " + shown(drivers, 3))


def levels_add_up(night: Night, table: Table, columns: Sequence[str], when: str = "business_date") -> pd.DataFrame:
    """One row per column, member above the queues and day (or other column `when`): is it the sum of its queues?"""
    frame = night.frame(table)
    places = night.enterprise.places
    below = frame.loc[frame["level"] == "queue"]
    parts = []
    for level in LEVELS_ABOVE:
        member_of = {queue: place.member_of(level) for queue, place in places.items()}
        sums = below.groupby([below["member_id"].map(member_of), when])[list(columns)].sum()
        above = frame.loc[frame["level"] == level].set_index(["member_id", when])
        parts += [_equal(sums[column], above[column], f"its queues' {column}") for column in columns]
    return pd.concat(parts, ignore_index=True)


def _something_planned(night: Night) -> pd.DataFrame:
    queues = sorted(_planned(night))
    return evidence(pd.Series([bool(queues)]), None, f"{len(queues)} queues with a forecast")


def _every_queue_planned(night: Night) -> pd.DataFrame:
    queues = pd.Series(sorted(night.enterprise.queues), dtype="str")
    return evidence(queues.isin(_planned(night)), queues, "no forecast for " + queues)


def _planned(night: Night) -> set[str]:
    daily = night.frame(FORECAST_DAILY)
    return set(daily["member_id"][daily["level"] == "queue"])


def _covers_horizon(night: Night, table: Table, apart: Set[str] = frozenset()) -> pd.DataFrame:
    """One row per planned queue, but for those `apart`, and open interval of the horizon: is it there?"""
    days = [night.business_date + timedelta(days=ahead) for ahead in range(1, night.enterprise.planning.horizon_days + 1)]
    planned = (_planned(night) & set(night.enterprise.queues)) - apart
    return open_intervals_present(night.enterprise, planned, days, night.frame(table))


def _every_queue_staffed(night: Night) -> pd.DataFrame:
    queues = pd.Series(sorted(_planned(night) & set(night.enterprise.queues)), dtype="str")
    why = night.frame(STAFFING_DAILY).loc[lambda row: row["level"] == "queue"].groupby("member_id")["data_warning"].first()
    said = queues.map(why).astype("str").fillna("and nothing says why")
    return evidence(~queues.isin(_without_people(night)), queues, "no people for " + queues + ": " + said)


def _staffing_covers_horizon(night: Night) -> pd.DataFrame:
    """One row per staffed queue and open interval; a queue that has no people at all, and says why, is told by another rule."""
    told = night.frame(STAFFING_DAILY).loc[lambda row: (row["level"] == "queue") & row["data_warning"].notna(), "member_id"]
    return _covers_horizon(night, STAFFING_INTERVAL, _without_people(night) & set(told))


def _without_people(night: Night) -> set[str]:
    """Queues with a forecast of which no interval is staffed, although they open."""
    return _planned(night) & set(night.enterprise.queues) - set(night.frame(STAFFING_INTERVAL)["queue_id"])


def _rounded_once(night: Night) -> pd.DataFrame:
    plan = night.frame(STAFFING_INTERVAL)
    over = plan["positions_required"] - plan["positions_required_fractional"]
    seen = _where(night, plan) + shown(plan["positions_required"]) + " for " + shown(plan["positions_required_fractional"], 3)
    return evidence((over > -TOLERANCE) & (over < 1), plan["queue_id"], seen)


def _people_cover_positions(night: Night) -> pd.DataFrame:
    plan = night.frame(STAFFING_INTERVAL)
    seen = (
        _where(night, plan) + shown(plan["scheduled_staff"]) + " people for " + shown(plan["positions_required"]) + " positions"
    )
    return evidence(plan["scheduled_staff"] >= plan["positions_required"], plan["queue_id"], seen)


def _goal_met(night: Night) -> pd.DataFrame:
    plan = night.frame(STAFFING_INTERVAL)
    met = plan["answered_fraction"] >= plan["goal_fraction"] - TOLERANCE
    reached, goal = shown(100 * plan["answered_fraction"], 1), shown(100 * plan["goal_fraction"], 1)
    return evidence(met, plan["queue_id"], _where(night, plan) + reached + " % of " + goal + " % wanted")


def _bracket(night: Night) -> pd.DataFrame:
    plan = night.frame(STAFFING_INTERVAL).loc[lambda row: row["positions_erlang_c"].notna() & row["positions_erlang_a"].notna()]
    by_a, by_c = shown(plan["positions_erlang_a"]), shown(plan["positions_erlang_c"])
    seen = _where(night, plan) + by_a + " by Erlang A, " + by_c + " by Erlang C"
    return evidence(plan["positions_erlang_a"] <= plan["positions_erlang_c"], plan["queue_id"], seen)


def _backlog_moves(night: Night) -> pd.DataFrame:
    backlog = night.frame(BACKLOG_PROJECTION)
    closing = backlog["opening_items"] + backlog["arrived_items"] - backlog["completed_items"]
    close = (closing - backlog["closing_items"]).abs() <= TOLERANCE * (1 + backlog["closing_items"])
    seen = _where(night, backlog) + "closing " + shown(backlog["closing_items"], 3) + ", should be " + shown(closing, 3)
    return evidence(close, backlog["queue_id"], seen)


def _where(night: Night, rows: pd.DataFrame) -> pd.Series:
    return rows["queue_id"] + " at " + local_time(rows["interval_start_utc"], night.enterprise.time_zone) + ": "


RULES = (
    *(
        _monotone(table, of, columns)
        for table in (FORECAST_INTERVAL, FORECAST_DAILY)
        for of, columns in (("quantiles", OFFERED_QUANTILES), ("handle_quantiles", HANDLE_QUANTILES))
    ),
    Rule(
        "intervals_make_the_day",
        "forecast",
        FORECAST_INTERVAL,
        "stop",
        "a day's mean is the sum of its intervals' means",
        MEND,
        _intervals_make_the_day,
    ),
    Rule(
        "drivers_make_the_mean",
        "forecast",
        FORECAST_DAILY,
        "stop",
        "a day's drivers add up to its mean",
        MEND,
        _drivers_make_the_mean,
    ),
    Rule(
        "forecast_levels_add_up",
        "forecast",
        FORECAST_DAILY,
        "stop",
        "every level's mean is the sum of its queues",
        MEND,
        lambda night: levels_add_up(night, FORECAST_DAILY, ["mean_offered_contacts"]),
    ),
    Rule(
        "something_planned",
        "forecast",
        FORECAST_DAILY,
        "stop",
        "a forecast for at least one queue",
        "see in daily_history whether any queue has history, and in quarantine why not",
        _something_planned,
    ),
    Rule(
        "every_queue_planned",
        "forecast",
        FORECAST_DAILY,
        "warn",
        "a forecast for every queue of the settings",
        "see whether a source delivers this queue: without any history it cannot be planned",
        _every_queue_planned,
    ),
    Rule(
        "forecast_covers_horizon",
        "forecast",
        FORECAST_INTERVAL,
        "stop",
        "every open interval of the horizon of every planned queue",
        MEND,
        lambda night: _covers_horizon(night, FORECAST_INTERVAL),
    ),
    Rule(
        "staffing_covers_horizon",
        "staffing",
        STAFFING_INTERVAL,
        "stop",
        "every open interval of the horizon of every planned queue",
        MEND,
        _staffing_covers_horizon,
    ),
    Rule(
        "every_queue_staffed",
        "staffing",
        STAFFING_DAILY,
        "warn",
        "people for every queue with a forecast",
        "mend what the reason names, in the settings or at the source, and run the night again: until then plan it by hand",
        _every_queue_staffed,
    ),
    Rule("positions_rounded_once", "staffing", STAFFING_INTERVAL, "stop", "positions are rounded up once", MEND, _rounded_once),
    Rule(
        "people_cover_positions",
        "staffing",
        STAFFING_INTERVAL,
        "stop",
        "at least as many people as positions",
        MEND,
        _people_cover_positions,
    ),
    Rule(
        "goal_met",
        "staffing",
        STAFFING_INTERVAL,
        "warn",
        "the predicted service level reaches the goal",
        "see the reason beside the interval: overdue work or a limit of the settings may bind",
        _goal_met,
    ),
    Rule("bracket_in_order", "staffing", STAFFING_INTERVAL, "stop", "Erlang A never asks for more than Erlang C", MEND, _bracket),
    Rule(
        "staff_hours_levels_add_up",
        "staffing",
        STAFFING_DAILY,
        "stop",
        "every level's staff hours are the sum of its queues",
        MEND,
        lambda night: levels_add_up(night, STAFFING_DAILY, ["staff_hours"]),
    ),
    Rule(
        "backlog_identity",
        "staffing",
        BACKLOG_PROJECTION,
        "stop",
        "opening + arrivals - completed = closing",
        MEND,
        _backlog_moves,
    ),
)
