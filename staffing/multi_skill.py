"""Groups whose teams share queues: how many people they need, between one team for all and a team for each queue. Pure."""

from __future__ import annotations

import itertools
import logging
import zlib
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from enterprise.queues import Queue
from enterprise.settings import Enterprise
from enterprise.shifts import StaffGroup
from staffing.doors import BoolArray, FloatArray, IntArray
from staffing.goals import Goal
from staffing.requirement import positions_required
from staffing.shrinkage import ceiling
from staffing.team_simulation import SharedQueues, simulate_teams
from warehouse.tables.shifts import STAFF_GROUP_INTERVAL

logger = logging.getLogger(__name__)
LEARNT_INTERVALS, AUDITED_INTERVALS = 10, 10
_CHECKED_CONTACTS, _LEARNT_CONTACTS, _AUDITED_CONTACTS = 20_000, 40_000, 200_000
_UNSURE, _SURE_CONTACTS = 0.02, 100_000
"""Margin that a simulation of 20,000 contacts may show by chance, and contacts of the one that then decides."""
_SHARES = tuple(place / 20 for place in range(21))
_CAUTION = 0.8
"""Share of the learnt intervals for which the sharing that is assumed is enough."""
_ENOUGH_CONTACTS = 5.0  # below these an interval says nothing of sharing


@dataclass(frozen=True, eq=False)
class _Group:
    """A group's team queues by interval; arrays by interval and queue, teams with their shares and skills."""

    queues: list[Queue]
    starts: pd.Series
    dates: pd.Series
    seconds: FloatArray
    contacts: FloatArray
    handle: FloatArray
    patience: FloatArray
    siloed: IntArray
    siloed_fractional: FloatArray
    shares: FloatArray
    skills: BoolArray


def team_rows(positions: pd.DataFrame, enterprise: Enterprise, plan_date: date) -> pd.DataFrame:
    """What every group with teams needs per interval.

    Two bounds are exact: people enough for a team of its own for each queue, given what the teams can do (siloed: an hour of a
    person serves one queue), and one team that can do everything (pooled; by Erlang A, every queue's own goal). What lies between
    is learnt: on a seeded sample of intervals an event simulation finds how few people keep every goal, and the share of the way
    from pooled to siloed that suffices on four in five of them is where every interval begins. A simulation of each then adds
    people where a goal is missed, and a longer one of further intervals audits what came out.

    Args:
        positions: rows of STAFFING_INTERVAL of the night.
        enterprise: groups with their teams.
        plan_date: the night; it seeds sample and simulation.

    Returns:
        Rows of STAFF_GROUP_INTERVAL; none for groups without teams.
    """
    parts = [STAFF_GROUP_INTERVAL.arrow_schema.empty_table().to_pandas()]
    for name, group in sorted(enterprise.staff_groups.items()):
        if group.teams:
            generator = np.random.default_rng([plan_date.toordinal(), zlib.crc32(name.encode())])
            one = _group(group, positions, enterprise)
            if one is not None:
                parts.append(_rows(one, generator).assign(plan_date=plan_date, staff_group=name))
    rows: pd.DataFrame = pd.concat(parts, ignore_index=True).sort_values(STAFF_GROUP_INTERVAL.key_names)
    return rows[STAFF_GROUP_INTERVAL.column_names]


def least_people(wanted: FloatArray, shares: FloatArray, skills: BoolArray) -> FloatArray:
    """Fewest people whose teams can give every queue the people it wants, each serving one queue at a time.

    The optimum of the linear programme  min n,  sum over teams of x[t, q] >= wanted[q],  sum over queues of x[t, q] <=
    shares[t] n,  x = 0 without the skill: by duality, the most that any set of queues wants of the teams that can serve any of
    them (Hall).

    Args:
        wanted: people by interval and queue, >= 0.
        shares: of the people, by team; they sum to 1.
        skills: by team and queue; every queue has a team.

    Example:
        >>> least_people(np.array([[8.0, 4.0]]), np.array([0.5, 0.5]), np.array([[True, False], [True, True]]))
        array([12.])
        >>> least_people(np.array([[2.0, 10.0]]), np.array([0.5, 0.5]), np.array([[True, False], [True, True]]))
        array([20.])
    """
    queues = skills.shape[1]
    least = np.zeros(len(wanted))
    for size in range(1, queues + 1):
        for some in itertools.combinations(range(queues), size):
            able = shares[skills[:, some].any(axis=1)].sum()
            least = np.maximum(least, wanted[:, some].sum(axis=1) / able)
    return least


def people_per_team(people: int, shares: FloatArray) -> IntArray:
    """Whole people of each team, by largest remainder.

    Example:
        >>> people_per_team(10, np.array([0.5, 0.25, 0.25])).tolist()
        [5, 3, 2]
    """
    exact = people * shares
    whole: IntArray = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: people - int(whole.sum())]] += 1
    return whole


def _group(group: StaffGroup, positions: pd.DataFrame, enterprise: Enterprise) -> _Group | None:
    names = [name for name in group.queues if any(name in team.queues for team in group.teams.values())]
    rows = positions[positions["queue_id"].isin(names)]
    if rows.empty:
        return None

    def by_queue(column: str, otherwise: float) -> FloatArray:
        wide = rows.pivot(index="interval_start_utc", columns="queue_id", values=column).reindex(columns=names)
        return np.asarray(wide.astype("float64").fillna(otherwise).to_numpy(dtype=np.float64))

    first = rows.groupby("interval_start_utc").agg(business_date=("business_date", "first"), seconds=("open_seconds", "max"))
    teams = list(group.teams.values())
    return _Group(
        [enterprise.queues[name] for name in names],
        pd.Series(first.index),
        first["business_date"].reset_index(drop=True),
        first["seconds"].to_numpy(dtype=np.float64),
        by_queue("mean_offered_contacts", 0.0),
        by_queue("mean_handle_seconds", 1.0),
        by_queue("mean_patience_seconds", np.inf),
        by_queue("positions_required", 0.0).astype(np.int64),
        by_queue("positions_required_fractional", 0.0),
        np.array([team.share for team in teams]),
        np.array([[name in team.queues for name in names] for team in teams]),
    )


def _rows(group: _Group, generator: np.random.Generator) -> pd.DataFrame:
    pooled, pooled_fractional = _pooled(group)
    load = group.contacts * group.handle / group.seconds[:, None]
    low = np.maximum(least_people(load, group.shares, group.skills), pooled_fractional)
    high = np.maximum(least_people(group.siloed_fractional, group.shares, group.skills), low)
    worth = np.flatnonzero((high > low) & (group.contacts.sum(axis=1) >= _ENOUGH_CONTACTS))
    sample = generator.permutation(worth)
    learnt = sample[:LEARNT_INTERVALS]
    least = np.array([_least(group, place, low[place], high[place], generator) for place in learnt], dtype=np.int64)
    share = _share(low[learnt], high[learnt], least)
    people = _between(low, high, share)
    most = ceiling(high)
    for place in worth.tolist():  # where the share alone leaves too few
        while people[place] < most[place] and _missed(group, place, int(people[place]), generator):
            people[place] += 1
    margin = np.full(len(people), np.nan)
    for place in sample[LEARNT_INTERVALS : LEARNT_INTERVALS + AUDITED_INTERVALS]:
        margin[place] = _margin(group, place, int(people[place]), generator, _AUDITED_CONTACTS)
    audited = margin[~np.isnan(margin)]
    logger.info("teams come %.0f %% of the way to one team for all; audited margins %s", 100 - 100 * share, audited.round(3))
    siloed = group.siloed.sum(axis=1)
    return pd.DataFrame(
        {
            "interval_start_utc": group.starts,
            "business_date": group.dates,
            "siloed_positions": siloed,
            "pooled_positions": pooled,
            "positions": people,
            "saved_positions": (siloed - people).astype("float64"),
            "sharing_fraction": 1.0 - share,
            "simulated_goal_margin": margin,
        }
    )


def _pooled(group: _Group) -> tuple[IntArray, FloatArray]:
    """One team for everything: the least people with which every queue keeps its own goal and cap, whole and fractional."""
    contacts = group.contacts.sum(axis=1)
    some = np.maximum(contacts, 1e-12)
    handle = np.where(contacts > 0, (group.contacts * group.handle).sum(axis=1) / some, 1.0)
    rate = (group.contacts / group.patience).sum(axis=1) / some
    with np.errstate(divide="ignore"):
        patience = np.where(rate > 0, 1.0 / rate, np.inf)
    whole, fractional = np.zeros(len(contacts), dtype=np.int64), np.zeros(len(contacts))
    for place, queue in enumerate(group.queues):
        goal = Goal(
            answered_fraction=queue.service_goal.fraction,
            answer_within_seconds=queue.service_goal.seconds,
            maximum_occupancy=queue.occupancy_cap,
        )
        found = positions_required(
            offered_contacts=contacts, interval_seconds=group.seconds, mean_handle_seconds=handle, goal=goal,
            mean_patience_seconds=patience,
        )  # fmt: skip
        there = group.contacts[:, place] > 0
        whole = np.maximum(whole, np.where(there, found.positions, 0))
        fractional = np.maximum(fractional, np.where(there, found.positions_fractional, 0.0))
    return whole, fractional


def _between(low: FloatArray, high: FloatArray, share: float) -> IntArray:
    """Whole people at a share of the way from the lower to the upper bound."""
    return ceiling(low + share * (high - low))


def _share(low: FloatArray, high: FloatArray, least: IntArray) -> float:
    """The smallest share of the way with which most of the learnt intervals have the people they need; 1 without any."""
    for share in _SHARES if len(least) else ():
        if np.mean(_between(low, high, share) >= least) >= _CAUTION:
            return share
    return 1.0


def _least(group: _Group, place: int, low: float, high: float, generator: np.random.Generator) -> int:
    """Fewest people with whom a simulation of the interval keeps every goal; beyond the upper bound if that is too few."""
    seed = int(generator.integers(2**62))  # the same arrivals for every number of people
    people, most = int(ceiling(low)), 2 * int(ceiling(high))
    while people < most and _margin(group, place, people, np.random.default_rng(seed), _LEARNT_CONTACTS) < 0:
        people += 1
    return people


def _missed(group: _Group, place: int, people: int, generator: np.random.Generator) -> bool:
    """Whether a simulation misses a goal: a short one where that is plain, a longer one where it may be chance."""
    margin = _margin(group, place, people, generator, _CHECKED_CONTACTS)
    if abs(margin) < _UNSURE:
        margin = _margin(group, place, people, generator, _SURE_CONTACTS)
    return margin < 0


def _margin(group: _Group, place: int, people: int, generator: np.random.Generator, contacts: int) -> float:
    """By how much the queue that is nearest to its goal exceeds it in a simulation; negative where one is missed."""
    goals = [queue.service_goal for queue in group.queues]
    queues = SharedQueues(
        group.contacts[place],
        float(group.seconds[place]),
        group.handle[place],
        group.patience[place],
        np.array([goal.seconds for goal in goals]),
        group.skills,
    )
    level = simulate_teams(generator, queues, people_per_team(people, group.shares), contacts)
    asked = np.array([goal.fraction for goal in goals])
    return float((level - asked)[group.contacts[place] > 0].min())
