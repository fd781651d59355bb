"""Shifts of every staff group of a night, from the positions of its queues to people, breaks and hours to fill. Pure."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise
from enterprise.shifts import ShiftContract, StaffGroup
from enterprise.timing import grid_of, opening_of
from staffing.carried_shifts import carried_people
from staffing.doors import BoolArray, FloatArray, IntArray
from staffing.shift_cover import Contract, Cover, cover_shifts
from staffing.shrinkage import ceiling, productive_fraction
from warehouse.tables.shifts import SHIFT_COVER, SHIFT_PEOPLE, SHIFT_SCHEDULE

logger = logging.getLogger(__name__)
_WORKERS = 2
_RELATIVE_GAP = 0.01
_MOST_SECONDS = 600.0  # far more than a thousand people take, so that how fast a machine is decides no plan


@dataclass(frozen=True, eq=False)
class NightShifts:
    """Rows of the three tables of shifts."""

    people: pd.DataFrame
    schedule: pd.DataFrame
    cover: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Grid:
    """All intervals of the plan, without a gap."""

    starts: pd.DatetimeIndex
    dates: list[date]
    days: IntArray
    hours: float
    first_weekday: int
    minutes: IntArray


def shift_all(
    positions: pd.DataFrame,
    enterprise: Enterprise,
    plan_date: date,
    teams: pd.DataFrame | None = None,
    former: pd.DataFrame | None = None,
) -> NightShifts:
    """Cover every staff group's positions with shifts.

    What a group needs is the sum of its queues' positions, each enlarged by the losses that no shift plans (illness, leave),
    rounded up once: an hour of a person serves one queue.

    Args:
        positions: rows of STAFFING_INTERVAL of the night.
        enterprise: contracts and groups.
        plan_date: the night.
        teams: rows of STAFF_GROUP_INTERVAL: where a group's teams share voice queues, these need its positions together.
        former: rows of SHIFT_SCHEDULE of the last plan before; people of its shifts that run over the first midnight are there.

    Returns:
        Rows in the order of their keys. A group for which no shifts were found has people of 0 and a note that says why.
    """
    grid = _grid(enterprise, plan_date)
    names = sorted(enterprise.staff_groups)
    with ThreadPoolExecutor(_WORKERS) as pool:  # the solver works outside Python's lock
        covers = list(pool.map(lambda name: _covered(name, positions, teams, enterprise, grid, former), names))
    frames: dict[str, list[pd.DataFrame]] = {"people": [], "schedule": [], "cover": []}
    for name, found in zip(names, covers, strict=True):
        group = enterprise.staff_groups[name]
        if isinstance(found, str):
            logger.warning("staff group %s: %s", name, found)
            frames["people"].append(_nobody(name, group, enterprise, f"no shifts were found: {found}"))
            continue
        required, there, cover = found
        logger.info("%s: %d people, %.0f hours to fill", name, cover.people.sum(), cover.hours_short.sum())
        frames["people"].append(_people(name, group, enterprise, cover))
        frames["schedule"].append(_schedule(name, group, enterprise, cover, grid))
        frames["cover"].append(_cover(name, required, there, cover, grid))
    tables = {"people": SHIFT_PEOPLE, "schedule": SHIFT_SCHEDULE, "cover": SHIFT_COVER}
    made = {}
    for what, table in tables.items():
        rows = pd.concat(frames[what], ignore_index=True).assign(plan_date=plan_date) if frames[what] else None
        made[what] = (
            table.arrow_schema.empty_table().to_pandas()
            if rows is None
            else rows.sort_values(table.key_names)[table.column_names]
        )
    return NightShifts(**made)


def _covered(
    name: str,
    positions: pd.DataFrame,
    teams: pd.DataFrame | None,
    enterprise: Enterprise,
    grid: _Grid,
    former: pd.DataFrame | None,
) -> tuple[IntArray, IntArray, Cover] | str:
    """What a group needs, who is there already, and the shifts that cover the rest; in words why there are none."""
    group = enterprise.staff_groups[name]
    own = None if teams is None else teams[teams["staff_group"] == name]
    required = _required(group, positions, own, enterprise, grid)
    there: IntArray = np.zeros(len(required), dtype=np.int64)
    if former is not None:
        breaks = {key: enterprise.contracts[key].break_minutes / 60 for key in group.contracts}
        there = carried_people(former[former["staff_group"] == name], grid.starts, grid.hours, breaks)
    try:
        cover = cover_shifts(
            np.maximum(required - there, 0),
            grid.days,
            _open(group, enterprise, grid),
            [_contract(key, group, enterprise) for key in group.contracts],
            interval_hours=grid.hours,
            cost_per_missing_hour=group.price_of_missing_hour,
            first_weekday=grid.first_weekday,
            may_start=[_may_start(enterprise.contracts[key], grid) for key in group.contracts],
            relative_gap=_RELATIVE_GAP,
            most_seconds=_MOST_SECONDS,
        )
    except ValueError as error:
        return str(error)
    return required, there, cover


def _grid(enterprise: Enterprise, plan_date: date) -> _Grid:
    grid = grid_of(enterprise)
    first, last = plan_date + timedelta(days=1), plan_date + timedelta(days=enterprise.planning.horizon_days)
    starts = grid.intervals_between(first, last)
    dates = grid.business_date(pd.Series(starts)).tolist()
    days = np.array([(day - first).days for day in dates], dtype=np.int64)
    minutes = grid.local_minute_of_day(pd.Series(starts)).to_numpy(dtype=np.int64)
    return _Grid(starts, dates, days, enterprise.interval_minutes / 60, first.weekday(), minutes)


def _contract(key: str, group: StaffGroup, enterprise: Enterprise) -> Contract:
    """A contract of the settings in intervals."""
    rules = enterprise.contracts[key]

    def intervals(hours: float) -> int:
        return round(hours * 60 / enterprise.interval_minutes)

    return Contract(
        name=key,
        days_per_week=rules.days_per_week,
        presence_intervals=intervals(rules.shift_hours),
        cost_per_shift=rules.paid_hours * group.hourly_cost,
        break_intervals=intervals(rules.break_minutes / 60),
        break_earliest_interval=intervals(rules.break_earliest_hours),
        break_latest_interval=intervals(rules.break_latest_hours),
        people_at_least=group.people_at_least.get(key, 0),
        people_at_most=group.people_at_most.get(key, np.inf),
    )


def _may_start(contract: ShiftContract, grid: _Grid) -> BoolArray:
    """Whether a shift may begin, by the wall clock."""
    spans = contract.start_minutes or ((0, 1439),)
    begins: BoolArray = np.any([(grid.minutes >= first) & (grid.minutes <= last) for first, last in spans], axis=0)
    return begins


def _required(
    group: StaffGroup, positions: pd.DataFrame, teams: pd.DataFrame | None, enterprise: Enterprise, grid: _Grid
) -> IntArray:
    """People of the group at work per interval, before breaks: positions of its queues and the losses that no shift plans."""
    needed: FloatArray = np.zeros(len(grid.starts))
    shared = {queue_id for team in group.teams.values() for queue_id in team.queues}
    part = _part_of_siloed(teams, grid)
    for queue_id in group.queues:
        queue = enterprise.queues[queue_id]
        losses = {kind: lost for kind, lost in queue.shrinkage.items() if kind not in group.planned_losses}
        rows = positions[positions["queue_id"] == queue_id].set_index("interval_start_utc")["positions_required"]
        people = rows.reindex(grid.starts).fillna(0.0).to_numpy(dtype=np.float64) / float(productive_fraction(losses))
        needed += people * part if queue_id in shared else people
    return ceiling(needed)


def _part_of_siloed(teams: pd.DataFrame | None, grid: _Grid) -> FloatArray:
    """What teams need over what queues with people of their own would, per interval; 1 without teams."""
    if teams is None or teams.empty:
        return np.ones(len(grid.starts))
    part = (teams["positions"] / teams["siloed_positions"].clip(lower=1)).set_axis(teams["interval_start_utc"])
    return np.asarray(part.reindex(grid.starts).fillna(1.0), dtype=np.float64)


def _open(group: StaffGroup, enterprise: Enterprise, grid: _Grid) -> BoolArray:
    """Whether any of the group's queues is open."""
    is_open: BoolArray = np.zeros(len(grid.starts), dtype=bool)
    dates = sorted(set(grid.dates))
    for queue_id in group.queues:
        seconds = opening_of(enterprise, queue_id).open_seconds_per_interval(grid_of(enterprise), dates)
        is_open |= seconds.set_index("interval_start_utc")["open_seconds"].reindex(grid.starts).fillna(0.0).to_numpy() > 0
    return is_open


def _people(name: str, group: StaffGroup, enterprise: Enterprise, cover: Cover) -> pd.DataFrame:
    shifts = cover.shifts.sum(axis=1)
    paid = np.array([enterprise.contracts[key].paid_hours for key in group.contracts]) * shifts
    rows = _nobody(name, group, enterprise, None)
    return rows.assign(
        people=cover.people, shifts=shifts, paid_hours=paid, cost=paid * group.hourly_cost, highest_saving_fraction=cover.gap
    )


def _nobody(name: str, group: StaffGroup, enterprise: Enterprise, note: str | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "staff_group": name,
            "contract": list(group.contracts),
            "staff_group_name": group.name,
            "contract_name": [enterprise.contracts[key].name for key in group.contracts],
            "people": 0,
            "shifts": 0,
            "paid_hours": 0.0,
            "cost": 0.0,
            "highest_saving_fraction": np.nan,
            "note": pd.Series([note] * len(group.contracts), dtype="str"),
        }
    )


def _schedule(name: str, group: StaffGroup, enterprise: Enterprise, cover: Cover, grid: _Grid) -> pd.DataFrame:
    length = pd.to_timedelta([enterprise.contracts[key].shift_hours for key in group.contracts], unit="h")
    which, where = np.nonzero((cover.shifts > 0) | (cover.breaks > 0))
    starts = grid.starts[where]
    return pd.DataFrame(
        {
            "staff_group": name,
            "contract": [group.contracts[one] for one in which],
            "interval_start_utc": starts,
            "business_date": [grid.dates[place] for place in where],
            "starting_people": cover.shifts[which, where],
            "shift_end_utc": (starts + length[which]).where(cover.shifts[which, where] > 0),
            "people_taking_break": cover.breaks[which, where],
        }
    )


def _cover(name: str, required: IntArray, there: IntArray, cover: Cover, grid: _Grid) -> pd.DataFrame:
    working = cover.staffed + there
    rows = pd.DataFrame(
        {
            "staff_group": name,
            "interval_start_utc": grid.starts,
            "business_date": grid.dates,
            "required_people": required,
            "working_people": working,
            "missing_people": np.maximum(required - working, 0),
            "surplus_people": np.maximum(working - required, 0),
            "hours_to_fill": np.maximum(required - working, 0) * grid.hours,
            "surplus_hours": np.maximum(working - required, 0) * grid.hours,
        }
    )
    return rows[(rows["required_people"] > 0) | (rows["working_people"] > 0)]
