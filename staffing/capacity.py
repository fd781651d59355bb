"""The capacity plan: full-time equivalents needed and there for a year and a half, and whom to hire when. Pure.

What a week needs follows from its contacts as the night's plan relates contacts to positions, interval by interval: live queues
are staffed anew at several volumes (more contacts need proportionally fewer people: pooling), hours of deferred work are
proportional. What the group's shifts, teams and work between calls make of its positions in the night's plan, they make of them
in every week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.queues import Queue
from enterprise.settings import Enterprise
from enterprise.shifts import StaffGroup
from staffing.doors import BoolArray, FloatArray
from staffing.headcount import Hires, Learning, cheapest_hires
from staffing.live import positions_at_volumes
from staffing.people_there import PeopleThere, people_there
from staffing.shrinkage import productive_fraction
from warehouse.tables.capacity import CAPACITY_PLAN, SCENARIOS

_VOLUMES = 9
"""At so many volumes between the smallest and the largest week a queue is staffed."""
_CONTACTS = {"low": "low_offered_contacts", "base": "mean_offered_contacts", "high": "high_offered_contacts"}
_WORTH_SAYING = 0.05
_SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, eq=False)
class KnownNight:
    """What the capacity plan of a night rests on.

    Attributes:
        weekly: rows of FORECAST_WEEKLY of the night.
        daily: rows of FORECAST_DAILY of the night.
        positions: rows of STAFFING_INTERVAL of the night.
        shift_people: rows of SHIFT_PEOPLE of the night.
        shift_cover: rows of SHIFT_COVER of the night.
        agents: rows of core `agents`.
    """

    weekly: pd.DataFrame
    daily: pd.DataFrame
    positions: pd.DataFrame
    shift_people: pd.DataFrame
    shift_cover: pd.DataFrame
    agents: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Needed:
    """What a group needs; arrays by scenario and week."""

    mondays: list[date]
    contacts: FloatArray
    equivalents: FloatArray
    words: str


def capacity_rows(night: KnownNight, enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    """Rows of CAPACITY_PLAN for every staff group.

    Args:
        night: forecast, staffing and shifts of the night, and the people.
        enterprise: groups, contracts and queues.
        plan_date: the night.

    Returns:
        A group none of whose queues has both a weekly forecast and people in the plan has no rows.
    """
    frames = [CAPACITY_PLAN.arrow_schema.empty_table().to_pandas()]
    for name in sorted(enterprise.staff_groups):
        group = enterprise.staff_groups[name]
        needed = _needed(name, group, night, enterprise)
        if needed is None:
            continue
        there = people_there(group, night.agents, needed.mondays, plan_date, enterprise.planning.full_time_hours_per_week)
        for place, scenario in enumerate(SCENARIOS):
            rows = _rows(group, needed, place, there, enterprise, plan_date)
            frames.append(rows.assign(plan_date=plan_date, staff_group=name, staff_group_name=group.name, scenario=scenario))
    found: pd.DataFrame = pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)
    return found.sort_values(CAPACITY_PLAN.key_names, ignore_index=True)[CAPACITY_PLAN.column_names]


def _needed(name: str, group: StaffGroup, night: KnownNight, enterprise: Enterprise) -> _Needed | None:
    weekly = night.weekly[night.weekly["level"] == "queue"]
    mondays: list[date] = sorted(set(weekly["week_start_date"]))
    contacts, hours, now, absent = np.zeros((3, len(mondays))), np.zeros((3, len(mondays))), 0.0, []
    for queue_id in group.queues:
        queue = enterprise.queues[queue_id]
        weeks = weekly[weekly["member_id"] == queue_id].sort_values("week_start_date")
        staffed = night.positions[night.positions["queue_id"] == queue_id]
        days = night.daily[(night.daily["level"] == "queue") & (night.daily["member_id"] == queue_id)]
        if weeks.empty or staffed.empty or days.empty:
            absent.append(queue.name)
            continue
        usual = 7.0 * float(days["mean_offered_contacts"].mean())
        of_scenarios = np.array([weeks[_CONTACTS[one]].to_numpy(dtype=np.float64) for one in SCENARIOS])
        volumes = of_scenarios / usual if usual > 0 else np.ones_like(of_scenarios)
        people = 1.0 / float(productive_fraction(queue.shrinkage))
        weeks_planned = len(days) / 7.0
        contacts += of_scenarios
        hours += people * hours_at_volumes(queue, staffed, volumes) / weeks_planned
        now += people * _hours(staffed, staffed["positions_required"].to_numpy(dtype=np.float64)) / weeks_planned
    if len(absent) == len(group.queues):
        return None
    factor, words = _factor_of_shifts(name, night, now, enterprise)
    if absent:
        words += f"; without {', '.join(absent)}: no weekly forecast, or no people in the plan"
    return _Needed(mondays, contacts, factor * hours / enterprise.planning.full_time_hours_per_week, words)


def hours_at_volumes(queue: Queue, staffed: pd.DataFrame, volumes: FloatArray) -> FloatArray:
    """Hours at work that a queue's plan would need at other volumes.

    Args:
        queue: its settings.
        staffed: its rows of STAFFING_INTERVAL.
        volumes: multiples of the plan's contacts, >= 0, of any shape.

    Returns:
        Hours over the whole plan, of the same shape: live queues exact at nine volumes and straight between them, deferred work
        in proportion, neither below the minimum positions.
    """
    planned = staffed["positions_required"].to_numpy(dtype=np.float64)
    least = _hours(staffed, np.full(len(staffed), float(queue.minimum_positions)))
    if queue.is_deferred:
        return np.maximum(volumes * _hours(staffed, planned), least)
    low, high = max(float(volumes.min()), 1e-3), max(float(volumes.max()), 2e-3)
    tried = np.geomspace(low, high, _VOLUMES) if high > low else np.array([low])
    found = [_hours(staffed, one.astype(np.float64)) for one in positions_at_volumes(queue, staffed, tried.tolist())]
    return np.interp(volumes, tried, found)


def _hours(staffed: pd.DataFrame, positions: FloatArray) -> float:
    return float(positions @ staffed["open_seconds"].to_numpy(dtype=np.float64)) / _SECONDS_PER_HOUR


def _factor_of_shifts(name: str, night: KnownNight, now: float, enterprise: Enterprise) -> tuple[float, str]:
    """Paid hours of the group per hour that its queues would need with people of their own and shifts that fit exactly."""
    people = night.shift_people[night.shift_people["staff_group"] == name]
    cover = night.shift_cover[night.shift_cover["staff_group"] == name]
    paid = float(people["paid_hours"].sum()) + float(cover["hours_to_fill"].sum())
    if not (paid > 0 and now > 0):
        return 1.0, "no shifts in the plan: hours as if shifts fitted exactly"
    factor = paid / (enterprise.planning.horizon_days / 7.0) / now
    return factor, f"{factor:.2f} paid hours per hour of the queues by themselves, as in the night's shifts"


def _rows(
    group: StaffGroup, needed: _Needed, place: int, there: PeopleThere, enterprise: Enterprise, plan_date: date
) -> pd.DataFrame:
    rules, mondays = group.hiring, needed.mondays
    required = needed.equivalents[place]
    rows = pd.DataFrame(
        {
            "week_start_date": mondays,
            "lead_weeks": np.arange(1, len(mondays) + 1),
            "offered_contacts": needed.contacts[place],
            "required_full_time_equivalents": required,
            "note": f"{there.words}; {needed.words}",
        }
    )
    if there.working is None or there.paid is None:
        unknown = [name for name in CAPACITY_PLAN.column_names if CAPACITY_PLAN.column(name).nullable]
        return rows.assign(**dict.fromkeys(unknown, None), is_too_late=False)
    missing = required - there.working
    hires = _hires(group, missing, mondays, there.staying, enterprise, plan_date)
    close_by = [monday - timedelta(weeks=rules.weeks_to_full_work) for monday in mondays]
    recruit = [monday - timedelta(weeks=rules.recruiting_weeks) for monday in mondays]
    lacking, starting = missing > _WORTH_SAYING, hires.starting > 0
    paid = there.paid + hires.paid
    week = enterprise.planning.full_time_hours_per_week
    return rows.assign(
        available_full_time_equivalents=there.working,
        missing_full_time_equivalents=missing,
        close_gap_by_date=_where(close_by, lacking),
        is_too_late=[bool(lacks) and day <= plan_date for day, lacks in zip(close_by, lacking, strict=True)],
        hires_to_start=hires.starting,
        begin_recruiting_date=_where(recruit, starting),
        hired_full_time_equivalents=hires.working,
        still_missing_full_time_equivalents=hires.missing,
        paid_full_time_equivalents=paid,
        cost=paid * week * group.hourly_cost + hires.starting * rules.cost_per_hire,
        missing_cost=hires.missing * week * group.price_of_missing_hour,
    )


def _where(days: list[date], wanted: BoolArray) -> pd.Series:
    """The days where they are wanted; missing elsewhere."""
    return pd.Series(days, dtype=object).where(wanted, None)


def _hires(
    group: StaffGroup, missing: FloatArray, mondays: list[date], staying: float, enterprise: Enterprise, plan_date: date
) -> Hires:
    rules, week = group.hiring, enterprise.planning.full_time_hours_per_week
    first = plan_date + timedelta(days=1, weeks=rules.recruiting_weeks)
    # Classes begin in the same weeks whichever night plans them.
    begins = [monday >= first and monday.toordinal() // 7 % rules.class_every_weeks == 0 for monday in mondays]
    return cheapest_hires(
        missing,
        begins,
        Learning(rules.training_weeks, rules.learning_weeks, rules.first_week_productivity),
        staying=staying,
        weekly_pay=week * group.hourly_cost,
        cost_per_hire=rules.cost_per_hire,
        weekly_price_of_missing=week * group.price_of_missing_hour,
        class_size_at_most=rules.class_size_at_most or np.inf,
    )
