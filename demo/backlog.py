"""Deferred work, first in, first out: mail, cases and claims wait for an agent who works in business hours.

An agent takes the oldest item when free, works on it inside her work stretches only (an item begun before lunch is
finished after it) and then takes the next. Mail may come back: a customer answers the reply, which is a new item of the
same thread.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from demo.clock import FloatArray, IntArray
from demo.compiled import compiled
from demo.draws import Stream, lognormal, new_stream, uniform


@dataclass(frozen=True)
class Items:
    """One row per item in order of arrival; -1 stands for "not before the simulation ended".

    Attributes:
        origin: index of the base arrival (a follow-up keeps its thread's first).
        previous: row of the item to which this one is a follow-up, -1.
        arrived, started, finished: UTC epoch seconds.
        work: seconds of work.
        agent: agent number, -1.
    """

    origin: IntArray
    previous: IntArray
    arrived: IntArray
    started: IntArray
    finished: IntArray
    work: IntArray
    agent: IntArray


@compiled
def _simulate(
    arrived: IntArray,
    agent_first: IntArray,
    agent_last: IntArray,
    agent_number: IntArray,
    span_begin: IntArray,
    span_until: IntArray,
    talk: float,
    sigma: float,
    follow_up_fraction: float,
    stream: Stream,
) -> IntArray:
    capacity = int(len(arrived) * (1.0 + 1.5 * follow_up_fraction)) + 200
    out = np.full((capacity, 7), -1, np.int64)
    agents = len(agent_number)
    position = agent_first.copy()
    free = np.zeros(agents, np.int64)
    heap = [(np.int64(0), np.int64(0))]
    heap.pop()
    rows, pointer = 0, 0
    while (pointer < len(arrived) or len(heap) > 0) and rows < capacity - 1:
        row = rows
        if pointer < len(arrived) and (len(heap) == 0 or arrived[pointer] <= heap[0][0]):
            now = arrived[pointer]
            out[row, 0] = pointer
            pointer += 1
        else:
            now, parent = heapq.heappop(heap)
            out[row, 0] = out[parent, 0]
            out[row, 1] = parent
        rows += 1
        out[row, 2] = now
        work = np.int64(max(lognormal(stream, talk, sigma), 20.0))
        out[row, 5] = work
        best, best_start = -1, np.int64(4_000_000_000_000)
        for agent in range(agents):
            ready = max(free[agent], now)
            while position[agent] < agent_last[agent] and span_until[position[agent]] <= ready:
                position[agent] += 1
            if position[agent] >= agent_last[agent]:
                continue
            start = max(ready, span_begin[position[agent]])
            if start < best_start:
                best, best_start = agent, start
        if best < 0:
            continue
        span = position[best]
        left = work
        moment = best_start
        while left > span_until[span] - moment and span + 1 < agent_last[best]:
            left -= span_until[span] - moment
            span += 1
            moment = span_begin[span]
        finished = moment + left
        position[best] = span
        free[best] = finished
        out[row, 3] = best_start
        out[row, 4] = finished
        out[row, 6] = agent_number[best]
        if uniform(stream) < follow_up_fraction:
            delay = np.int64(lognormal(stream, 86_400.0, 1.4)) + 120
            heapq.heappush(heap, (finished + delay, np.int64(row)))
    return out[:rows]


def simulate_backlog(
    arrived: IntArray,
    spans: tuple[IntArray, IntArray, IntArray],
    work_seconds: float,
    sigma: float,
    follow_up_fraction: float,
    rng: np.random.Generator,
) -> Items:
    """Work off one queue's items.

    Args:
        arrived: UTC epoch seconds of first items, ascending.
        spans: agent number, start and end of every work stretch of this queue.
        work_seconds: mean work per item, log-normal.
        sigma: standard deviation of the work's logarithm.
        follow_up_fraction: probability in [0, 1) that a finished item comes back as a new one of its thread.
        rng: source of every random draw.
    """
    agent, begin, until = spans
    order = np.lexsort((begin, agent))
    agent, begin, until = agent[order], begin[order], until[order]
    number, first = np.unique(agent, return_index=True)
    last = np.append(first[1:], len(agent))
    table = _simulate(
        arrived, first.astype(np.int64), last.astype(np.int64), number, begin, until,
        work_seconds, sigma, follow_up_fraction, new_stream(rng),
    )  # fmt: skip
    return Items(*(np.ascontiguousarray(table[:, column]) for column in range(7)))


def daily_work(arrived: IntArray, midnight: IntArray, work_seconds: float) -> FloatArray:
    """Seconds of work that arrive on each local day, at the mean work per item."""
    day = np.searchsorted(midnight, arrived, side="right") - 1
    count = np.bincount(np.clip(day, 0, len(midnight) - 1), minlength=len(midnight))
    return count.astype(np.float64) * work_seconds
