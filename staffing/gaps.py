"""The compiled day of people between contacts and items: who takes what when, and what gaps are used for."""

from __future__ import annotations

import numpy as np

from enterprise.compiled import compiled
from staffing.doors import BoolArray, FloatArray, IntArray


@compiled
def work_and_gaps(
    arrivals: FloatArray, queue: IntArray, work: FloatArray, patience: FloatArray, item_arrivals: FloatArray,
    item_queue: IntArray, item_work: FloatArray, edges: FloatArray, positions: IntArray, used: FloatArray, own_people: FloatArray,
    is_open: BoolArray, first: IntArray, concurrency: IntArray, slowdown: FloatArray, setup: float, put_aside: bool,
) -> tuple[FloatArray, FloatArray, FloatArray]:  # fmt: skip
    """Wait of each contact (infinite: gave up), completion of each item (infinite: not that day), gap time by deferred queue.

    People `first[pool]` to `first[pool + 1] - 1` belong to live queue `pool`; the first of them are at work.
    """
    pools, kinds, people = positions.shape[1], own_people.shape[1], int(first[-1])
    waits, item_done, gaps = np.full(arrivals.size, np.inf), np.full(item_work.size, np.inf), np.zeros(kinds)
    left, held = np.zeros((people + 1, concurrency.max())), np.zeros(people + 1, np.int64)  # one more: nobody, so never empty
    since, ends, free_since = np.zeros(people + 1), np.full(people + 1, np.inf), np.zeros(people + 1)
    item, item_from = np.full(people + 1, -1, np.int64), np.zeros(people + 1)
    event = np.full(people + 1, np.inf)  # end of the set-up, or of the item in hand
    ready = np.zeros(people + 1, np.bool_)  # set-up is over, no item is there
    at_work, credit = np.zeros(pools, np.int64), np.zeros(pools)
    head, tail, later = np.full(pools, -1, np.int64), np.full(pools, -1, np.int64), np.full(arrivals.size, -1, np.int64)
    pile, bottom = np.full(kinds, -1, np.int64), np.full(kinds, -1, np.int64)
    below, item_left = np.full(item_work.size, -1, np.int64), item_work.copy()
    own, own_from, own_ends = np.full(kinds, -1, np.int64), np.zeros(kinds), np.full(kinds, np.inf)
    edge, arrived, came = -1, 0, 0
    pool_of = np.zeros(people + 1, np.int64)
    for pool in range(pools):
        pool_of[first[pool] : first[pool + 1]] = pool
    while True:
        person, worker, kind = int(np.argmin(ends)), int(np.argmin(event)), int(np.argmin(own_ends))
        next_edge = edges[edge + 1] if edge + 1 < edges.size else np.inf
        next_contact = arrivals[arrived] if arrived < arrivals.size else np.inf
        next_item = item_arrivals[came] if came < item_arrivals.size else np.inf
        now = min(ends[person], event[worker], own_ends[kind], next_edge, next_contact, next_item)
        if now == np.inf:
            return waits, item_done, gaps
        if now == next_edge:
            for one in range(kinds):  # people of their own change: what they are on goes back first
                if own[one] >= 0:
                    item_left[own[one]] = max(item_left[own[one]] - (now - own_from[one]) * own_people[edge, one], 0.0)
                    _put_back(own[one], one, pile, bottom, below)
                    own[one], own_ends[one] = -1, np.inf
            edge += 1
            for one in range(people):
                pool = pool_of[one]
                if one - first[pool] == 0:
                    at_work[pool] = positions[edge, pool]
                uses = one - first[pool] < at_work[pool] and used[edge, pool] > 0.0
                if item[one] >= 0 and put_aside and not (uses and is_open[edge, item_queue[item[one]]]):
                    _lay_down(one, now, item, item_from, item_left, item_queue, event, gaps, pile, bottom, below)
                    ready[one] = uses
                elif item[one] < 0 and not uses:
                    event[one], ready[one] = np.inf, False
                elif item[one] < 0 and held[one] == 0 and not ready[one] and event[one] == np.inf:
                    _begin_gap(one, pool, now, used[edge, pool], credit, event, setup)
        elif now == ends[person]:
            pool = pool_of[person]
            _advance(left, held, since, person, now, slowdown[pool])
            least = 0
            for place in range(1, held[person]):
                if left[person, place] < left[person, least]:
                    least = place
            held[person] -= 1
            left[person, least] = left[person, held[person]]
            _next_end(left, held, since, ends, person, slowdown[pool])
            if held[person] == 0:
                free_since[person] = now
                if person - first[pool] < at_work[pool]:
                    _begin_gap(person, pool, now, used[edge, pool], credit, event, setup)
        elif now == event[worker]:
            pool = pool_of[worker]
            if item[worker] >= 0:
                item_done[item[worker]] = now
                gaps[item_queue[item[worker]]] += now - item_from[worker]
                item[worker] = -1
            event[worker] = np.inf
            ready[worker] = worker - first[pool] < at_work[pool] and used[edge, pool] > 0.0
        elif now == own_ends[kind]:
            item_done[own[kind]] = now
            own[kind], own_ends[kind] = -1, np.inf
        elif now == next_item:
            one = item_queue[came]
            if pile[one] < 0:
                pile[one] = came
            else:
                below[bottom[one]] = came
            bottom[one] = came
            came += 1
        else:
            pool = queue[arrived]
            if head[pool] < 0:
                head[pool] = arrived
            else:
                later[tail[pool]] = arrived
            tail[pool] = arrived
            arrived += 1
        for pool in range(pools):
            while head[pool] >= 0:
                contact = head[pool]
                if arrivals[contact] + patience[contact] > now:
                    taker = _taker(first[pool], at_work[pool], held, item, free_since, concurrency[pool], put_aside)
                    if taker < 0:
                        break
                    if item[taker] >= 0:
                        _lay_down(taker, now, item, item_from, item_left, item_queue, event, gaps, pile, bottom, below)
                    event[taker], ready[taker] = np.inf, False
                    waits[contact] = now - arrivals[contact]
                    _advance(left, held, since, taker, now, slowdown[pool])
                    left[taker, held[taker]] = work[contact]
                    held[taker] += 1
                    _next_end(left, held, since, ends, taker, slowdown[pool])
                head[pool] = later[contact]
        for one in range(kinds):
            if not is_open[edge, one]:
                continue
            for person in range(people):
                if pile[one] < 0:
                    break
                if ready[person]:
                    item[person], item_from[person], ready[person] = pile[one], now, False
                    event[person] = now + item_left[pile[one]]
                    pile[one] = below[pile[one]]
            if own[one] < 0 and pile[one] >= 0 and own_people[edge, one] > 0.0:
                own[one], own_from[one] = pile[one], now
                own_ends[one] = now + item_left[pile[one]] / own_people[edge, one]
                pile[one] = below[pile[one]]


@compiled
def _begin_gap(person: int, pool: int, now: float, used: float, credit: FloatArray, event: FloatArray, setup: float) -> None:
    """A gap is used whenever enough of the share of gaps that is used has come together."""
    credit[pool] += used
    if credit[pool] >= 1.0:
        credit[pool] -= 1.0
        event[person] = now + setup


@compiled
def _put_back(item: int, kind: int, pile: IntArray, bottom: IntArray, below: IntArray) -> None:
    """Onto the top of its queue's pile."""
    below[item] = pile[kind]
    if pile[kind] < 0:
        bottom[kind] = item
    pile[kind] = item


@compiled
def _lay_down(
    person: int, now: float, item: IntArray, item_from: FloatArray, item_left: FloatArray, item_queue: IntArray,
    event: FloatArray, gaps: FloatArray, pile: IntArray, bottom: IntArray, below: IntArray,
) -> None:  # fmt: skip
    """The item in hand goes back with what is left of it."""
    kind = item_queue[item[person]]
    gaps[kind] += now - item_from[person]
    item_left[item[person]] = max(item_left[item[person]] - (now - item_from[person]), 0.0)
    _put_back(item[person], kind, pile, bottom, below)
    item[person], event[person] = -1, np.inf


@compiled
def _taker(
    begin: int, at_work: int, held: IntArray, item: IntArray, free_since: FloatArray, concurrency: int, put_aside: bool
) -> int:
    """Who takes the next contact; -1 if nobody can."""
    found = -1
    for person in range(begin, begin + at_work):
        if held[person] >= concurrency or (item[person] >= 0 and not put_aside):
            continue
        if found < 0:
            found = person
        elif held[person] != held[found]:
            found = person if held[person] < held[found] else found
        elif (item[person] >= 0) != (item[found] >= 0):
            found = person if item[found] >= 0 else found
        elif free_since[person] < free_since[found]:
            found = person
    return found


# The next two stand in `day_simulation`, too: compiled functions that call each other belong in one module.
@compiled
def _advance(left: FloatArray, held: IntArray, since: FloatArray, person: int, now: float, slowdown: float) -> None:
    """Bring a person's contacts up to date."""
    if held[person] > 0:
        worked = (now - since[person]) / (1.0 + slowdown * (held[person] - 1.0))
        for place in range(held[person]):
            left[person, place] = max(left[person, place] - worked, 0.0)
    since[person] = now


@compiled
def _next_end(left: FloatArray, held: IntArray, since: FloatArray, ends: FloatArray, person: int, slowdown: float) -> None:
    """When the next of a person's contacts ends, all else unchanged."""
    ends[person] = np.inf
    for place in range(held[person]):
        ends[person] = min(ends[person], since[person] + left[person, place] * (1.0 + slowdown * (held[person] - 1.0)))
