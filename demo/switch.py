"""The event loop of the switch, compiled: see telephony.py for what it simulates and for the meaning of its tables."""

from __future__ import annotations

import heapq

import numpy as np

from demo.clock import BoolArray, FloatArray, IntArray
from demo.compiled import compiled
from demo.draws import Stream, exponential, lognormal, uniform

COMPLETE_AGENT, COMPLETE_CALLER, ABANDONED, TIMED_OUT, BLIND_TRANSFER, ATTENDED_TRANSFER = range(1, 7)
LOGGED_IN, LOGGED_OUT, BREAK_BEGAN, BREAK_ENDED = range(4)
RING_LIMIT_SECONDS = 15
_SPAN_BEGIN, _FREE, _RING_OVER, _ARRIVAL, _HANG_UP, _TIME_OUT, _SPAN_END = range(7)


@compiled
def _is_open(queue: int, second: int, midnight: IntArray, opens: IntArray, closes: IntArray) -> bool:
    day = np.searchsorted(midnight, second, side="right") - 1
    return bool(opens[queue, day] <= second < closes[queue, day])


@compiled
def run_switch(
    arrived: IntArray,
    arrival_queue: IntArray,
    span_agent: IntArray,
    span_queue: IntArray,
    span_begin: IntArray,
    span_until: IntArray,
    span_first: BoolArray,
    span_last: BoolArray,
    parameters: FloatArray,
    transfer_share: FloatArray,
    midnight: IntArray,
    opens: IntArray,
    closes: IntArray,
    stream: Stream,
) -> tuple[IntArray, IntArray, IntArray]:
    """Run every event of the period in order of time.

    Arguments are those of `telephony.simulate_calls`, spread out for the compiler.

    Returns:
        Legs (columns in the order of `telephony.Legs`), agent states and unanswered rings, as integer tables.
    """
    queues = parameters.shape[0]
    capacity = int(len(arrived) * 1.35) + 2000
    leg = np.full((capacity, 16), -1, np.int64)
    deadline = np.zeros(capacity, np.int64)
    waiting = np.zeros(capacity, np.int64)  # 0 waiting, 1 ringing, 2 ringing until the caller hangs up, 3 gone
    nxt = np.full(capacity, -1, np.int64)
    prv = np.full(capacity, -1, np.int64)
    head = np.full(queues, -1, np.int64)
    tail = np.full(queues, -1, np.int64)
    length = np.zeros(queues, np.int64)
    agents = int(span_agent.max()) + 1
    status = np.zeros(agents, np.int64)  # 0 away, 1 idle, 2 busy
    leaving = np.zeros(agents, np.bool_)
    current = np.full(agents, -1, np.int64)
    idle = np.full((queues, agents), -1, np.int64)  # first in, first out, compact
    idle_count = np.zeros(queues, np.int64)
    states = np.empty((2 * len(span_agent) + 10, 5), np.int64)
    state_count = 0
    missed = np.empty((capacity // 8 + 100, 3), np.int64)
    missed_count = 0
    heap = [(np.int64(0), np.int64(_ARRIVAL), np.int64(-1))]
    heap.pop()
    for span in range(len(span_agent)):
        heapq.heappush(heap, (span_begin[span], np.int64(_SPAN_BEGIN), np.int64(span)))
        heapq.heappush(heap, (span_until[span], np.int64(_SPAN_END), np.int64(span)))
    legs = 0
    calls = 0
    pointer = 0
    while pointer < len(arrived) or len(heap) > 0:
        queue = -1
        if pointer < len(arrived) and (len(heap) == 0 or arrived[pointer] <= heap[0][0]):
            now = arrived[pointer]
            item = np.int64(legs)
            legs += 1
            leg[item, 0] = calls
            calls += 1
            leg[item, 1] = pointer
            leg[item, 2] = 1
            leg[item, 3] = arrival_queue[pointer]
            leg[item, 15] = 0
            pointer += 1
            kind = np.int64(_ARRIVAL)
        else:
            now, kind, item = heapq.heappop(heap)
        if kind == _ARRIVAL:
            queue = leg[item, 3]
            leg[item, 4] = now
            leg[item, 7] = length[queue] + 1
            if uniform(stream) < 0.025:
                patience = 1 + int(uniform(stream) * 8.0)
            else:
                patience = 5 + int(exponential(stream) * parameters[queue, 3])
            deadline[item] = now + patience
            prv[item] = tail[queue]
            if tail[queue] >= 0:
                nxt[tail[queue]] = item
            else:
                head[queue] = item
            tail[queue] = item
            length[queue] += 1
            limit = now + np.int64(parameters[queue, 4])
            if deadline[item] <= limit:
                heapq.heappush(heap, (deadline[item], np.int64(_HANG_UP), item))
            else:
                heapq.heappush(heap, (limit, np.int64(_TIME_OUT), item))
        elif kind == _SPAN_BEGIN:
            agent = span_agent[item]
            if status[agent] == 2:
                leaving[agent] = False
                current[agent] = item
            else:
                status[agent] = 1
                current[agent] = item
                queue = span_queue[item]
                states[state_count, 0] = now
                states[state_count, 1] = agent
                states[state_count, 2] = queue
                states[state_count, 3] = LOGGED_IN if span_first[item] else BREAK_ENDED
                states[state_count, 4] = item
                state_count += 1
                idle[queue, idle_count[queue]] = agent
                idle_count[queue] += 1
        elif kind == _SPAN_END:
            agent = span_agent[item]
            if current[agent] == item and status[agent] == 1:
                at = span_queue[item]
                place = 0
                while idle[at, place] != agent:
                    place += 1
                for k in range(place, idle_count[at] - 1):
                    idle[at, k] = idle[at, k + 1]
                idle_count[at] -= 1
                status[agent] = 0
                states[state_count, 0] = now
                states[state_count, 1] = agent
                states[state_count, 2] = at
                states[state_count, 3] = LOGGED_OUT if span_last[item] else BREAK_BEGAN
                states[state_count, 4] = item
                state_count += 1
            elif current[agent] == item and status[agent] == 2:
                leaving[agent] = True
        elif kind in (_FREE, _RING_OVER):
            agent = item
            if kind == _RING_OVER:
                agent = leg[item, 13]
                queue = leg[item, 3]
                missed[missed_count, 0] = now
                missed[missed_count, 1] = item
                missed[missed_count, 2] = agent
                missed_count += 1
                leg[item, 13] = -1
                waiting[item] = 0
                nxt[item] = head[queue]
                prv[item] = -1
                if head[queue] >= 0:
                    prv[head[queue]] = item
                else:
                    tail[queue] = item
                head[queue] = item
                length[queue] += 1
                limit = leg[item, 4] + np.int64(parameters[queue, 4])
                if deadline[item] > limit and now >= limit:
                    heapq.heappush(heap, (now, np.int64(_TIME_OUT), item))
            span = current[agent]
            if leaving[agent]:
                leaving[agent] = False
                status[agent] = 0
                states[state_count, 0] = now
                states[state_count, 1] = agent
                states[state_count, 2] = span_queue[span]
                states[state_count, 3] = LOGGED_OUT if span_last[span] else BREAK_BEGAN
                states[state_count, 4] = span
                state_count += 1
            else:
                status[agent] = 1
                queue = span_queue[span]
                idle[queue, idle_count[queue]] = agent
                idle_count[queue] += 1
        elif kind in (_HANG_UP, _TIME_OUT):
            if kind == _TIME_OUT and waiting[item] != 0:
                continue
            if waiting[item] == 0 or waiting[item] == 2:
                at = leg[item, 3]
                leg[item, 8] = 1
                if waiting[item] == 0:
                    place = 1
                    step = prv[item]
                    while step >= 0:
                        place += 1
                        step = prv[step]
                    leg[item, 8] = place
                    if prv[item] >= 0:
                        nxt[prv[item]] = nxt[item]
                    else:
                        head[at] = nxt[item]
                    if nxt[item] >= 0:
                        prv[nxt[item]] = prv[item]
                    else:
                        tail[at] = prv[item]
                    length[at] -= 1
                waiting[item] = 3
                leg[item, 6] = now
                leg[item, 12] = ABANDONED if kind == _HANG_UP else TIMED_OUT
                if now - leg[item, 4] > 20 and uniform(stream) < 0.22:
                    again = now + 90 + np.int64(exponential(stream) * 1500.0)
                    if _is_open(at, again, midnight, opens, closes) and legs < capacity - 1:
                        leg[legs, 0] = calls
                        calls += 1
                        leg[legs, 1] = leg[item, 1]
                        leg[legs, 2] = 1
                        leg[legs, 3] = at
                        leg[legs, 15] = 1
                        heapq.heappush(heap, (again, np.int64(_ARRIVAL), np.int64(legs)))
                        legs += 1
        if queue < 0:
            continue
        while head[queue] >= 0 and idle_count[queue] > 0:
            item = head[queue]
            agent = idle[queue, 0]
            for k in range(idle_count[queue] - 1):
                idle[queue, k] = idle[queue, k + 1]
            idle_count[queue] -= 1
            head[queue] = nxt[item]
            if nxt[item] >= 0:
                prv[nxt[item]] = -1
            else:
                tail[queue] = -1
            nxt[item] = -1
            prv[item] = -1
            length[queue] -= 1
            status[agent] = 2
            no_answer = uniform(stream) < 0.012
            ring = np.int64(RING_LIMIT_SECONDS) if no_answer else np.int64(min(1 + exponential(stream) * 2.5, 12.0))
            if deadline[item] <= now + ring:
                waiting[item] = 2
                heapq.heappush(heap, (deadline[item], np.int64(_FREE), agent))
                if deadline[item] > leg[item, 4] + np.int64(parameters[queue, 4]):
                    heapq.heappush(heap, (deadline[item], np.int64(_HANG_UP), item))
                continue
            if no_answer:
                waiting[item] = 1
                leg[item, 13] = agent
                heapq.heappush(heap, (now + ring, np.int64(_RING_OVER), item))
                continue
            waiting[item] = 3
            sigma = parameters[queue, 2]
            talk = np.int64(max(lognormal(stream, parameters[queue, 0], sigma), 8.0))
            wrap = np.int64(max(lognormal(stream, parameters[queue, 1], 0.6), 1.0))
            connected = now + ring
            ended = connected + talk
            leg[item, 5] = connected
            leg[item, 6] = ended
            leg[item, 9] = ring
            leg[item, 10] = talk
            leg[item, 11] = wrap
            leg[item, 13] = agent
            leg[item, 12] = COMPLETE_CALLER if uniform(stream) < 0.62 else COMPLETE_AGENT
            draw = uniform(stream)
            if leg[item, 2] < 3:
                for target in range(queues):
                    draw -= transfer_share[queue, target]
                    if draw < 0.0:
                        if _is_open(target, ended + 2, midnight, opens, closes) and legs < capacity - 1:
                            leg[item, 12] = BLIND_TRANSFER
                            leg[item, 14] = target
                            leg[legs, 0] = leg[item, 0]
                            leg[legs, 1] = leg[item, 1]
                            leg[legs, 2] = leg[item, 2] + 1
                            leg[legs, 3] = target
                            leg[legs, 15] = leg[item, 15]
                            heapq.heappush(heap, (ended + 2, np.int64(_ARRIVAL), np.int64(legs)))
                            legs += 1
                        break
                if draw >= 0.0 and draw < 0.006:
                    leg[item, 12] = ATTENDED_TRANSFER
            heapq.heappush(heap, (ended + wrap, np.int64(_FREE), agent))
    return leg[:legs], states[:state_count], missed[:missed_count]
