"""Event simulation of the chat queues: agents hold up to three chats at once and slow down with each.

An agent with k chats works each at rate 1 / s(k), s(k) = 1 + 0.28 (k - 1). After-contact work keeps the slot. The agent
with fewest chats gets the next one; customers leave when their patience ends.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from demo.clock import FloatArray, IntArray
from demo.compiled import compiled
from demo.draws import Stream, exponential, lognormal, new_stream, uniform

SLOTS = 3
SLOWDOWN_PER_CHAT = 0.28
CUSTOMER_LEFT, AGENT_ENDED, ABANDONED, TRANSFERRED = range(1, 5)
_SPAN_BEGIN, _PROGRESS, _SLOT_FREE, _ARRIVAL, _HANG_UP, _SPAN_END = range(6)


@dataclass(frozen=True)
class Chats:
    """One row per contact record (a transfer makes a further one); -1 stands for "never".

    Attributes:
        origin: index of the base arrival.
        previous: row from which this one was transferred, -1.
        queue: chat queue, 0-based among the chat queues.
        entered, connected, ended: UTC epoch seconds.
        wrap: after-contact work, seconds.
        outcome: one of the module's constants.
        agent: agent number, -1.
        following: row to which it was transferred, -1.
    """

    origin: IntArray
    previous: IntArray
    queue: IntArray
    entered: IntArray
    connected: IntArray
    ended: IntArray
    wrap: IntArray
    outcome: IntArray
    agent: IntArray
    following: IntArray


@compiled
def _advance(agent: int | np.int64, now: float, chats: IntArray, remaining: FloatArray, since: FloatArray) -> None:
    """Let the agent's chats progress until now."""
    active = 0
    for slot in range(SLOTS):
        if chats[agent, slot] >= 0:
            active += 1
    if active > 0:
        done = (now - since[agent]) / (1.0 + SLOWDOWN_PER_CHAT * (active - 1))
        for slot in range(SLOTS):
            if chats[agent, slot] >= 0:
                remaining[agent, slot] -= done
    since[agent] = now


@compiled
def _next_end(agent: int | np.int64, now: float, chats: IntArray, remaining: FloatArray) -> float:
    """When the agent's first chat ends if nothing else happens; infinite without chats."""
    active, least = 0, np.inf
    for slot in range(SLOTS):
        if chats[agent, slot] >= 0:
            active += 1
            least = min(least, remaining[agent, slot])
    if active == 0:
        return np.inf
    return float(now + max(least, 0.0) * (1.0 + SLOWDOWN_PER_CHAT * (active - 1)))


@compiled
def _simulate(
    arrived: IntArray,
    arrival_queue: IntArray,
    span_agent: IntArray,
    span_queue: IntArray,
    span_begin: IntArray,
    span_until: IntArray,
    parameters: FloatArray,
    transfer_share: FloatArray,
    closes: IntArray,
    midnight: IntArray,
    stream: Stream,
) -> IntArray:
    queues = parameters.shape[0]
    capacity = int(len(arrived) * 1.15) + 500
    out = np.full((capacity, 10), -1, np.int64)
    line = np.full((queues, capacity), -1, np.int64)  # waiting chats in order; gone ones are skipped
    front = np.zeros(queues, np.int64)
    back = np.zeros(queues, np.int64)
    agents = int(span_agent.max()) + 1
    on = np.zeros(agents, np.bool_)
    agent_queue = np.full(agents, -1, np.int64)
    current = np.full(agents, -1, np.int64)
    version = np.zeros(agents, np.int64)
    held = np.zeros(agents, np.int64)  # slots in use, after-contact work included
    chats = np.full((agents, SLOTS), -1, np.int64)
    remaining = np.zeros((agents, SLOTS))
    since = np.zeros(agents)
    heap = [(0.0, np.int64(0), np.int64(0), np.int64(0))]
    heap.pop()
    for span in range(len(span_agent)):
        heapq.heappush(heap, (float(span_begin[span]), np.int64(_SPAN_BEGIN), np.int64(span), np.int64(0)))
        heapq.heappush(heap, (float(span_until[span]), np.int64(_SPAN_END), np.int64(span), np.int64(0)))
    rows = 0
    pointer = 0
    while pointer < len(arrived) or len(heap) > 0:
        if pointer < len(arrived) and (len(heap) == 0 or arrived[pointer] <= heap[0][0]):
            now, kind, item, stamp = float(arrived[pointer]), np.int64(_ARRIVAL), np.int64(rows), np.int64(0)
            out[rows, 0] = pointer
            out[rows, 2] = arrival_queue[pointer]
            rows += 1
            pointer += 1
        else:
            now, kind, item, stamp = heapq.heappop(heap)
        queue = np.int64(-1)
        if kind == _ARRIVAL:
            queue = out[item, 2]
            out[item, 3] = np.int64(now)
            line[queue, back[queue]] = item
            back[queue] += 1
            patience = 5 + int(exponential(stream) * parameters[queue, 3])
            heapq.heappush(heap, (float(out[item, 3] + patience), np.int64(_HANG_UP), item, np.int64(0)))
        elif kind == _SPAN_BEGIN:
            agent = span_agent[item]
            on[agent] = True
            current[agent] = item
            queue = span_queue[item]
            agent_queue[agent] = queue
        elif kind == _SPAN_END:
            agent = span_agent[item]
            if current[agent] == item:
                on[agent] = False
        elif kind == _SLOT_FREE:
            held[item] -= 1
            queue = agent_queue[item]
        elif kind == _HANG_UP:
            if out[item, 4] < 0:
                out[item, 5] = np.int64(now)
                out[item, 7] = ABANDONED
        elif stamp == version[item]:
            agent = item
            _advance(agent, now, chats, remaining, since)
            for slot in range(SLOTS):
                row = chats[agent, slot]
                if row < 0 or remaining[agent, slot] > 1e-6:
                    continue
                chats[agent, slot] = -1
                ended = max(np.int64(now), out[row, 4] + 5)
                out[row, 5] = ended
                at = out[row, 2]
                wrap = np.int64(max(lognormal(stream, parameters[at, 1], 0.5), 2.0))
                out[row, 6] = wrap
                out[row, 7] = CUSTOMER_LEFT if uniform(stream) < 0.6 else AGENT_ENDED
                heapq.heappush(heap, (float(ended + wrap), np.int64(_SLOT_FREE), np.int64(agent), np.int64(0)))
                draw = uniform(stream)
                for target in range(queues):
                    draw -= transfer_share[at, target]
                    if draw < 0.0:
                        day = np.searchsorted(midnight, ended, side="right") - 1
                        if out[row, 1] < 0 and ended + 2 < closes[target, day] and rows < capacity - 1:
                            out[row, 7] = TRANSFERRED
                            out[row, 9] = rows
                            out[rows, 0] = out[row, 0]
                            out[rows, 1] = row
                            out[rows, 2] = target
                            heapq.heappush(heap, (float(ended + 2), np.int64(_ARRIVAL), np.int64(rows), np.int64(0)))
                            rows += 1
                        break
            version[agent] += 1
            end = _next_end(agent, now, chats, remaining)
            if end < np.inf:
                heapq.heappush(heap, (end, np.int64(_PROGRESS), np.int64(agent), version[agent]))
        if queue < 0:
            continue
        while front[queue] < back[queue]:
            row = line[queue, front[queue]]
            if out[row, 5] >= 0:
                front[queue] += 1
                continue
            best, best_held = -1, SLOTS
            for agent in range(agents):
                if on[agent] and agent_queue[agent] == queue and held[agent] < best_held:
                    best, best_held = agent, held[agent]
            if best < 0:
                break
            front[queue] += 1
            _advance(best, now, chats, remaining, since)
            for slot in range(SLOTS):
                if chats[best, slot] < 0:
                    chats[best, slot] = row
                    sigma = parameters[queue, 2]
                    remaining[best, slot] = max(lognormal(stream, parameters[queue, 0], sigma), 15.0)
                    break
            held[best] += 1
            out[row, 4] = np.int64(now)
            out[row, 8] = best
            version[best] += 1
            end = _next_end(best, now, chats, remaining)
            heapq.heappush(heap, (end, np.int64(_PROGRESS), np.int64(best), version[best]))
    return out[:rows]


def simulate_chats(
    arrived: IntArray,
    arrival_queue: IntArray,
    spans: tuple[IntArray, IntArray, IntArray, IntArray],
    parameters: FloatArray,
    transfer_share: FloatArray,
    closings: tuple[IntArray, IntArray],
    rng: np.random.Generator,
) -> Chats:
    """Run the chat queues over the whole period.

    Args:
        arrived: UTC epoch seconds, ascending.
        arrival_queue: chat queue of each, 0-based.
        spans: agent, queue, start and end of every stretch in which an agent takes chats.
        parameters: per queue mean handle time when alone, mean wrap, sigma of the logarithm, mean patience; seconds.
        transfer_share: share of answered chats handed on, from x to.
        closings: closing second per queue and day, and the days' midnights.
        rng: source of every random draw.
    """
    table = _simulate(arrived, arrival_queue, *spans, parameters, transfer_share, *closings, new_stream(rng))
    return Chats(*(np.ascontiguousarray(table[:, column]) for column in range(10)))
