"""An event simulation of teams that share queues: who takes whose calls, and what that does to each queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enterprise.compiled import compiled
from staffing.doors import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class SharedQueues:
    """Queues that teams serve together in one interval; arrays by queue.

    Attributes:
        contacts: contacts per interval, >= 0, not all 0.
        interval_seconds: length of the interval.
        handle_seconds: mean handle time, > 0.
        patience_seconds: mean patience, > 0; infinity for callers who never leave.
        within_seconds: threshold of the goal.
        skills: by team and queue, whether the team's people can take its contacts.
    """

    contacts: FloatArray
    interval_seconds: float
    handle_seconds: FloatArray
    patience_seconds: FloatArray
    within_seconds: FloatArray
    skills: BoolArray


def simulate_teams(generator: np.random.Generator, queues: SharedQueues, people: IntArray, contacts: int) -> FloatArray:
    """Service level of each queue (answered within the threshold / offered) with so many people per team, in a steady state.

    A contact goes to an idle person of the team with the fewest skills that can take it; a person who is free takes the contact
    that has waited longest in proportion to its queue's threshold. An hour of a person serves one contact at a time.

    Args:
        generator: source of randomness; the same state gives the same result.
        queues: what arrives.
        people: people at work per team.
        contacts: contacts to simulate, of which the first twentieth is not counted.

    Returns:
        By queue; 1 where nothing arrived.

    Example:
        >>> queues = SharedQueues(np.array([100.0]), 1800.0, np.array([180.0]), np.array([300.0]), np.array([20.0]),
        ...                       np.array([[True]]))
        >>> level = simulate_teams(np.random.default_rng(1), queues, np.array([14]), 60_000)
        >>> bool(abs(level[0] - 0.9168) < 0.02)
        True
    """
    gaps = generator.exponential(queues.interval_seconds / queues.contacts.sum(), contacts)
    arrivals = np.cumsum(gaps)
    queue = np.searchsorted(np.cumsum(queues.contacts) / queues.contacts.sum(), generator.random(contacts), side="right")
    queue = np.minimum(queue, len(queues.contacts) - 1).astype(np.int64)
    work = generator.exponential(1.0, contacts) * queues.handle_seconds[queue]
    patience = generator.exponential(1.0, contacts) * queues.patience_seconds[queue]
    order = np.argsort(queues.skills.sum(axis=1), kind="stable").astype(np.int64)
    pace = 1.0 / np.maximum(queues.within_seconds, 1.0)
    staffed = people.astype(np.int64)[None, :]
    waits = teams_at_work(arrivals, queue, work, patience, np.zeros(1), staffed, queues.skills, order, pace)
    kept = slice(contacts // 20, None)
    good = np.bincount(queue[kept], (waits[kept] <= queues.within_seconds[queue[kept]]).astype(np.float64), len(queues.contacts))
    offered = np.bincount(queue[kept], minlength=len(queues.contacts))
    return np.divide(good, offered, out=np.ones(len(offered)), where=offered > 0)


@dataclass(frozen=True, eq=False)
class TeamsDay:
    """A day of queues that teams serve together; arrays by period and queue, or by period and team.

    Attributes:
        begins: start of each period in seconds, rising.
        ends: its end, no later than the next begin.
        contacts, handle_seconds, patience_seconds: as in `SharedQueues`, by period and queue.
        people: people at work by period and team; whoever is in a conversation ends it first.
        within_seconds: threshold of the goal by queue.
        skills: by team and queue.
    """

    begins: FloatArray
    ends: FloatArray
    contacts: FloatArray
    handle_seconds: FloatArray
    patience_seconds: FloatArray
    people: IntArray
    within_seconds: FloatArray
    skills: BoolArray


def simulate_teams_day(
    generator: np.random.Generator, day: TeamsDay, factors: Sequence[FloatArray | None]
) -> tuple[IntArray, FloatArray, BoolArray]:
    """Queue, wait and whether it was answered, of every contact of a day from empty lines on; routed as in `simulate_teams`.

    Args:
        generator: source of randomness; the same state gives the same result.
        day: what happens; after the last period its people stay until nobody waits.
        factors: by queue, handle times as multiples of their mean, drawn from with replacement; exponential ones if None.

    Example:
        >>> one = TeamsDay(np.array([0.0]), np.array([36000.0]), np.array([[2000.0]]), np.array([[180.0]]), np.array([[300.0]]),
        ...                np.array([[14]]), np.array([20.0]), np.array([[True]]))
        >>> queue, wait, answered = simulate_teams_day(np.random.default_rng(1), one, [None])
        >>> bool(abs((answered & (wait <= 20)).mean() - 0.917) < 0.04)
        True
    """
    counts = generator.poisson(day.contacts)
    period, queue = (np.repeat(part.ravel(), counts.ravel()) for part in np.indices(counts.shape))
    arrivals = day.begins[period] + generator.random(period.size) * (day.ends - day.begins)[period]
    order = np.argsort(arrivals, kind="stable")
    period, queue, arrivals = period[order], queue[order], arrivals[order]
    times = drawn_factors(generator, queue, factors)
    work = np.maximum(times * day.handle_seconds[period, queue], 1e-3)
    patience = generator.exponential(1.0, queue.size) * day.patience_seconds[period, queue]
    by_skills = np.argsort(day.skills.sum(axis=1), kind="stable").astype(np.int64)
    pace = 1.0 / np.maximum(day.within_seconds, 1.0)
    people = day.people.astype(np.int64)
    waits = teams_at_work(arrivals, queue, work, patience, day.begins, people, day.skills, by_skills, pace)
    answered = np.isfinite(waits)
    return queue, np.where(answered, waits, patience), answered


def drawn_factors(generator: np.random.Generator, queue: IntArray, factors: Sequence[FloatArray | None]) -> FloatArray:
    """A multiple of the mean handle time for every contact, by its queue's own distribution; exponential where that is None."""
    drawn = generator.exponential(1.0, len(queue))
    for place, own in enumerate(factors):
        if own is not None:
            here = queue == place
            drawn[here] = own[generator.integers(0, own.size, int(here.sum()))]
    return drawn


@compiled
def teams_at_work(
    arrivals: FloatArray, queue: IntArray, work: FloatArray, patience: FloatArray, begins: FloatArray, people: IntArray,
    skills: BoolArray, order: IntArray, pace: FloatArray,
) -> FloatArray:  # fmt: skip
    """Wait of every contact, infinite for those who gave up.

    `people` by period and team, from `begins` on; `order` holds the teams from the fewest skills on.
    """
    count, teams, queues = arrivals.size, skills.shape[0], skills.shape[1]
    waits = np.full(count, np.inf)
    idle = np.zeros(teams, np.int64)
    most = 1  # who leaves may still be in a conversation when others come
    for one in range(begins.size):
        for team in range(teams):
            most += max(people[one, team] - (people[one - 1, team] if one > 0 else 0), 0)
    ends, team_of, leaves = np.full(most, np.inf), np.zeros(most, np.int64), np.zeros(most, np.bool_)
    later = np.full(count, -1, np.int64)  # the next waiting contact of the same queue
    head, tail = np.full(queues, -1, np.int64), np.full(queues, -1, np.int64)
    busy, arrived, period = 0, 0, 0
    while arrived < count or busy > 0:
        first = 0
        for place in range(1, busy):
            if ends[place] < ends[first]:
                first = place
        ended = ends[first] if busy > 0 else np.inf
        arrives = arrivals[arrived] if arrived < count else np.inf
        change = begins[period] if period < begins.size else np.inf
        if change <= min(ended, arrives):
            for team in range(teams):
                idle[team] += people[period, team] - (people[period - 1, team] if period > 0 else 0)
                for place in range(busy):  # who is idle goes first, the others end their conversation
                    if idle[team] >= 0:
                        break
                    if team_of[place] == team and not leaves[place]:
                        leaves[place] = True
                        idle[team] += 1
            period += 1
            for one in range(teams):
                team = order[one]
                while idle[team] > 0:
                    contact = _longest_waiting(team, change, arrivals, patience, skills, pace, head, later)
                    if contact < 0:
                        break
                    waits[contact] = change - arrivals[contact]
                    idle[team] -= 1
                    ends[busy], team_of[busy], leaves[busy] = change + work[contact], team, False
                    busy += 1
            continue
        if ended <= arrives:
            now, team, left = ended, team_of[first], leaves[first]
            busy -= 1
            ends[first], team_of[first], leaves[first] = ends[busy], team_of[busy], leaves[busy]
            if left:
                continue
            idle[team] += 1
            contact = _longest_waiting(team, now, arrivals, patience, skills, pace, head, later)
            if contact < 0:
                continue
        else:
            now, contact = arrives, arrived
            arrived += 1
            team = -1
            for one in range(teams):
                if skills[order[one], queue[contact]] and idle[order[one]] > 0:
                    team = order[one]
                    break
            if team < 0:
                if head[queue[contact]] < 0:
                    head[queue[contact]] = contact
                else:
                    later[tail[queue[contact]]] = contact
                tail[queue[contact]] = contact
                continue
        waits[contact] = now - arrivals[contact]
        idle[team] -= 1
        ends[busy], team_of[busy], leaves[busy] = now + work[contact], team, False
        busy += 1
    return waits


@compiled
def _longest_waiting(
    team: int, now: float, arrivals: FloatArray, patience: FloatArray, skills: BoolArray, pace: FloatArray, head: IntArray,
    later: IntArray,
) -> int:  # fmt: skip
    """Take out of its line the contact that a team's free person serves next; -1 if none waits."""
    chosen, longest = -1, -1.0
    for one in range(head.size):
        if not skills[team, one]:
            continue
        while head[one] >= 0 and arrivals[head[one]] + patience[head[one]] <= now:
            head[one] = later[head[one]]
        if head[one] >= 0 and (now - arrivals[head[one]]) * pace[one] > longest:
            chosen, longest = one, (now - arrivals[head[one]]) * pace[one]
    if chosen < 0:
        return -1
    contact = int(head[chosen])
    head[chosen] = later[contact]
    return contact
