"""An event simulation of teams that share queues: who takes whose calls, and what that does to each queue."""

from __future__ import annotations

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
    waits = teams_at_work(arrivals, queue, work, patience, people.astype(np.int64), queues.skills, order, pace)
    kept = slice(contacts // 20, None)
    good = np.bincount(queue[kept], (waits[kept] <= queues.within_seconds[queue[kept]]).astype(np.float64), len(queues.contacts))
    offered = np.bincount(queue[kept], minlength=len(queues.contacts))
    return np.divide(good, offered, out=np.ones(len(offered)), where=offered > 0)


@compiled
def teams_at_work(
    arrivals: FloatArray, queue: IntArray, work: FloatArray, patience: FloatArray, people: IntArray, skills: BoolArray,
    order: IntArray, pace: FloatArray,
) -> FloatArray:  # fmt: skip
    """Wait of every contact, infinite for those who gave up; `order` holds the teams from the fewest skills on."""
    count, teams, queues = arrivals.size, skills.shape[0], skills.shape[1]
    waits = np.full(count, np.inf)
    idle = people.copy()
    most = int(people.sum())
    ends, team_of = np.full(max(most, 1), np.inf), np.zeros(max(most, 1), np.int64)
    later = np.full(count, -1, np.int64)  # the next waiting contact of the same queue
    head, tail = np.full(queues, -1, np.int64), np.full(queues, -1, np.int64)
    busy, arrived = 0, 0
    while arrived < count:
        first = 0
        for place in range(1, busy):
            if ends[place] < ends[first]:
                first = place
        if busy > 0 and ends[first] <= arrivals[arrived]:
            now, team = ends[first], team_of[first]
            busy -= 1
            ends[first], team_of[first] = ends[busy], team_of[busy]
            idle[team] += 1
            chosen, longest = -1, -1.0
            for one in range(queues):
                if not skills[team, one]:
                    continue
                while head[one] >= 0 and arrivals[head[one]] + patience[head[one]] <= now:
                    head[one] = later[head[one]]
                if head[one] >= 0 and (now - arrivals[head[one]]) * pace[one] > longest:
                    chosen, longest = one, (now - arrivals[head[one]]) * pace[one]
            if chosen < 0:
                continue
            contact = head[chosen]
            head[chosen] = later[contact]
        else:
            now, contact = arrivals[arrived], arrived
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
        ends[busy], team_of[busy] = now + work[contact], team
        busy += 1
    return waits
