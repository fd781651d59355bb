"""Event simulation of the voice queues: one switch, five queues, finite agents, impatient callers.

Each queue serves first in, first out; the longest-idle agent gets the next call. A call that rings at an agent who does
not answer comes back to the head of its queue (RINGNOANSWER). Callers hang up when their patience ends, a few of them at
once; some abandoners call again. Answered calls may be handed to another open queue (a further leg of the same call) or
to a colleague outside the queues. Agents finish a call before they take a break or go home.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.clock import BoolArray, FloatArray, IntArray
from demo.draws import new_stream
from demo.switch import run_switch


@dataclass(frozen=True)
class Legs:
    """One row per ENTERQUEUE, in the order in which they were made; -1 stands for "never".

    Attributes:
        call: number of the call; legs of a transferred call share it.
        origin: index of the base arrival from which the call stems (a repeated call keeps its first call's).
        number: 1 for the call's first leg.
        queue: voice queue (position among the voice queues).
        entered, connected, ended: UTC epoch seconds.
        entry_position, exit_position: position in queue at entry and at hang-up.
        ring, talk, wrap: seconds.
        outcome: COMPLETE_AGENT .. ATTENDED_TRANSFER of switch.py.
        agent: agent number, -1 if none answered.
        target: queue to which the call was handed on, -1 if none.
        repeated: whether the caller calls again after hanging up earlier.
    """

    call: IntArray
    origin: IntArray
    number: IntArray
    queue: IntArray
    entered: IntArray
    connected: IntArray
    ended: IntArray
    entry_position: IntArray
    exit_position: IntArray
    ring: IntArray
    talk: IntArray
    wrap: IntArray
    outcome: IntArray
    agent: IntArray
    target: IntArray
    repeated: IntArray


@dataclass(frozen=True)
class AgentLog:
    """What agents did beside calls.

    Attributes:
        states: rows of second, agent, queue, LOGGED_IN .. BREAK_ENDED of switch.py, span.
        unanswered: rows of second, leg, agent: the agent let it ring.
    """

    states: IntArray
    unanswered: IntArray


def simulate_calls(
    arrived: IntArray,
    arrival_queue: IntArray,
    spans: tuple[IntArray, IntArray, IntArray, IntArray, BoolArray, BoolArray],
    parameters: FloatArray,
    transfer_share: FloatArray,
    openings: tuple[IntArray, IntArray, IntArray],
    rng: np.random.Generator,
) -> tuple[Legs, AgentLog]:
    """Run the switch over the whole period.

    Args:
        arrived: UTC epoch seconds of first calls, ascending.
        arrival_queue: voice queue of each, 0-based.
        spans: agent, queue, start, end, first-of-shift, last-of-shift of every stretch in which an agent is ready.
        parameters: per queue mean talk, mean wrap, sigma of log talk, mean patience, time-out; seconds.
        transfer_share: share of answered calls handed on, from x to.
        openings: midnights of the days, and opening and closing second per queue and day.
        rng: source of every random draw.

    Returns:
        The legs and what agents did.
    """
    table, states, missed = run_switch(arrived, arrival_queue, *spans, parameters, transfer_share, *openings, new_stream(rng))
    return Legs(*(np.ascontiguousarray(table[:, column]) for column in range(16))), AgentLog(states, missed)
