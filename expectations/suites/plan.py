"""What must be true of a forecast and of the staffing made from it, beyond their form."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from expectations.rule import Night, Rule, evidence
from expectations.suites.coverage import open_intervals_present
from warehouse.tables.declaration import Table
from warehouse.tables.forecast import DRIVERS, FORECAST_DAILY, FORECAST_INTERVAL, OFFERED_QUANTILES
from warehouse.tables.staffing import BACKLOG_PROJECTION, STAFFING_DAILY, STAFFING_INTERVAL

TOLERANCE = 1e-6


def _monotone(table: Table) -> Rule:
    names = [column.name for column in OFFERED_QUANTILES]

    def rising(night: Night) -> pd.DataFrame:
        frame = night.frame(table)
        holds = (frame[names].diff(axis=1).iloc[:, 1:] >= -TOLERANCE).all(axis=1)
        return evidence(holds, frame["queue_id" if "queue_id" in frame else "member_id"], frame["business_date"].astype(str))

    return Rule(
        f"{table.name}_quantiles_rise",
        "forecast",
        table,
        "stop",
        "a higher quantile is never a smaller number",
        "report it with the queue and day: the distribution is wrong",
        rising,
    )


def _intervals_make_the_day(night: Night) -> pd.DataFrame:
    daily = night.frame(FORECAST_DAILY).loc[lambda row: row["level"] == "queue"]
    sums = night.frame(FORECAST_INTERVAL).groupby(["queue_id", "business_date"])["mean_offered_contacts"].sum()
    found = pd.Series(list(zip(daily["member_id"], daily["business_date"], strict=True)), index=daily.index).map(sums).fillna(0.0)
    close = (found - daily["mean_offered_contacts"]).abs() <= TOLERANCE * (1 + daily["mean_offered_contacts"])
    seen = "day " + daily["mean_offered_contacts"].round(3).astype(str) + ", intervals " + found.round(3).astype(str)
    return evidence(close, daily["member_id"], seen)


def _drivers_make_the_mean(night: Night) -> pd.DataFrame:
    daily = night.frame(FORECAST_DAILY)
    total: pd.Series = daily[[column.name for column in DRIVERS]].sum(axis=1)
    close = (total - daily["mean_offered_contacts"]).abs() <= TOLERANCE * (1 + daily["mean_offered_contacts"])
    return evidence(
        close, daily["member_id"], "drivers " + total.round(3).astype(str) + " on " + daily["business_date"].astype(str)
    )


def _levels_add_up(night: Night, table: Table, column: str) -> pd.DataFrame:
    """One row per member above the queues and day: is it the sum of its queues?"""
    frame = night.frame(table)
    queues = night.enterprise.queues
    below = frame.loc[frame["level"] == "queue"]
    parts = []
    for level, member_of in (
        ("channel", {q: queue.channel for q, queue in queues.items()}),
        ("line_of_business", {q: queue.line_of_business for q, queue in queues.items()}),
        ("enterprise", dict.fromkeys(queues, "all")),
    ):
        sums = below.groupby([below["member_id"].map(member_of), "business_date"])[column].sum()
        above = frame.loc[frame["level"] == level]
        found = (
            pd.Series(list(zip(above["member_id"], above["business_date"], strict=True)), index=above.index).map(sums).fillna(0.0)
        )
        close = (found - above[column]).abs() <= TOLERANCE * (1 + above[column].abs())
        seen = level + " " + above[column].round(3).astype(str) + ", its queues " + found.round(3).astype(str)
        parts.append(evidence(close, above["member_id"], seen))
    return pd.concat(parts, ignore_index=True)


def _covers_horizon(night: Night, table: Table) -> pd.DataFrame:
    """One row per planned queue and open interval of the horizon: is it there?"""
    days = [night.business_date + timedelta(days=ahead) for ahead in range(1, night.enterprise.planning.horizon_days + 1)]
    daily = night.frame(FORECAST_DAILY)
    planned = set(daily["member_id"][daily["level"] == "queue"])
    return open_intervals_present(night.enterprise, planned, days, night.frame(table))


def _rounded_once(night: Night) -> pd.DataFrame:
    plan = night.frame(STAFFING_INTERVAL)
    over = plan["positions_required"] - plan["positions_required_fractional"]
    seen = plan["positions_required"].astype(str) + " for " + plan["positions_required_fractional"].round(3).astype(str)
    return evidence((over > -TOLERANCE) & (over < 1 + TOLERANCE), plan["queue_id"], seen)


def _people_cover_positions(night: Night) -> pd.DataFrame:
    plan = night.frame(STAFFING_INTERVAL)
    seen = plan["scheduled_staff"].astype(str) + " people for " + plan["positions_required"].astype(str) + " positions"
    return evidence(plan["scheduled_staff"] >= plan["positions_required"], plan["queue_id"], seen)


def _goal_met(night: Night) -> pd.DataFrame:
    plan = night.frame(STAFFING_INTERVAL)
    met = plan["answered_fraction"] >= plan["goal_fraction"] - TOLERANCE
    seen = (100 * plan["answered_fraction"]).round(1).astype(str) + " % on " + plan["interval_start_utc"].astype(str)
    return evidence(met, plan["queue_id"], seen)


def _bracket(night: Night) -> pd.DataFrame:
    plan = night.frame(STAFFING_INTERVAL).loc[lambda row: row["positions_erlang_c"].notna() & row["positions_erlang_a"].notna()]
    seen = plan["positions_erlang_a"].astype(str) + " by Erlang A, " + plan["positions_erlang_c"].astype(str) + " by Erlang C"
    return evidence(plan["positions_erlang_a"] <= plan["positions_erlang_c"], plan["queue_id"], seen)


def _backlog_moves(night: Night) -> pd.DataFrame:
    backlog = night.frame(BACKLOG_PROJECTION)
    closing = backlog["opening_items"] + backlog["arrived_items"] - backlog["completed_items"]
    close = (closing - backlog["closing_items"]).abs() <= TOLERANCE * (1 + backlog["closing_items"])
    return evidence(close, backlog["queue_id"], "closing " + backlog["closing_items"].round(3).astype(str))


_MEND = "report it with the queue and day: the step that made the table is wrong"

RULES = (
    _monotone(FORECAST_INTERVAL),
    _monotone(FORECAST_DAILY),
    Rule(
        "intervals_make_the_day",
        "forecast",
        FORECAST_INTERVAL,
        "stop",
        "a day's mean is the sum of its intervals' means",
        _MEND,
        _intervals_make_the_day,
    ),
    Rule(
        "drivers_make_the_mean",
        "forecast",
        FORECAST_DAILY,
        "stop",
        "a day's drivers add up to its mean",
        _MEND,
        _drivers_make_the_mean,
    ),
    Rule(
        "forecast_levels_add_up",
        "forecast",
        FORECAST_DAILY,
        "stop",
        "every level's mean is the sum of its queues",
        _MEND,
        lambda night: _levels_add_up(night, FORECAST_DAILY, "mean_offered_contacts"),
    ),
    Rule(
        "forecast_covers_horizon",
        "forecast",
        FORECAST_INTERVAL,
        "stop",
        "every open interval of the horizon of every planned queue",
        _MEND,
        lambda night: _covers_horizon(night, FORECAST_INTERVAL),
    ),
    Rule(
        "staffing_covers_horizon",
        "staffing",
        STAFFING_INTERVAL,
        "stop",
        "every open interval of the horizon of every planned queue",
        _MEND,
        lambda night: _covers_horizon(night, STAFFING_INTERVAL),
    ),
    Rule("positions_rounded_once", "staffing", STAFFING_INTERVAL, "stop", "positions are rounded up once", _MEND, _rounded_once),
    Rule(
        "people_cover_positions",
        "staffing",
        STAFFING_INTERVAL,
        "stop",
        "at least as many people as positions",
        _MEND,
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
    Rule(
        "bracket_in_order", "staffing", STAFFING_INTERVAL, "stop", "Erlang A never asks for more than Erlang C", _MEND, _bracket
    ),
    Rule(
        "staff_hours_levels_add_up",
        "staffing",
        STAFFING_DAILY,
        "stop",
        "every level's staff hours are the sum of its queues",
        _MEND,
        lambda night: _levels_add_up(night, STAFFING_DAILY, "staff_hours"),
    ),
    Rule(
        "backlog_identity",
        "staffing",
        BACKLOG_PROJECTION,
        "stop",
        "opening + arrivals - completed = closing",
        _MEND,
        _backlog_moves,
    ),
)
