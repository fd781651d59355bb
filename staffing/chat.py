"""Chat: agents who hold several conversations at once and slow down as they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from staffing import kernels
from staffing.doors import FloatArray, columns, views
from staffing.erlang import QueueMeasures, load_of, measure
from staffing.goals import Goal
from staffing.requirement import Requirement, search

ChatModel = Literal["load_dependent", "slots", "effective_handle_time"]

_CODES = {
    "load_dependent": kernels.LOAD_DEPENDENT,
    "slots": kernels.SLOTS,
    "effective_handle_time": kernels.EFFECTIVE_HANDLE_TIME,
}


@dataclass(frozen=True)
class ChatMeasures:
    """What chat customers and agents meet."""

    queue: QueueMeasures
    """As for voice. `offered_load` counts chats handled alone; `occupancy` is the share of the agents' full capacity in use."""
    mean_concurrency: FloatArray
    """Mean chats held by an agent who holds any; 0 where nothing is offered. NaN for the models other than `load_dependent`."""
    agent_occupancy: FloatArray
    """Share of time in which an agent holds at least one chat. NaN for the models other than `load_dependent`."""


def chat_measures(
    *,
    offered_contacts: npt.ArrayLike,
    interval_seconds: npt.ArrayLike,
    mean_handle_seconds: npt.ArrayLike,
    positions: npt.ArrayLike,
    concurrency: npt.ArrayLike,
    slowdown_per_extra_chat: npt.ArrayLike,
    answer_within_seconds: npt.ArrayLike,
    mean_patience_seconds: npt.ArrayLike = np.inf,
    model: ChatModel = "load_dependent",
) -> ChatMeasures:
    """What chat customers meet with `positions` agents.

    An agent with k chats works each at rate 1 / (mean handle time x s(k)), s(k) = 1 + d (k - 1). In the load-dependent chain the
    chats are spread evenly, and a chat waits only when every agent holds `concurrency` of them. The two cruder models exist for
    comparison: `slots` (positions x concurrency servers, each as slow as at full concurrency) and `effective_handle_time`
    (positions servers with that time divided by the concurrency).

    Args:
        offered_contacts: chats per interval, >= 0.
        interval_seconds: length of the interval, > 0.
        mean_handle_seconds: mean handle time of a chat handled alone, > 0.
        positions: whole agents, >= 0.
        concurrency: most chats an agent holds, whole, >= 1.
        slowdown_per_extra_chat: d >= 0.
        answer_within_seconds: the threshold, >= 0.
        mean_patience_seconds: > 0; infinity for customers who never leave.
        model: which of the three.

    Raises:
        ValueError: naming the first offending index and the remedy.

    Example:
        >>> found = chat_measures(offered_contacts=60, interval_seconds=1800, mean_handle_seconds=480, positions=12,
        ...                       concurrency=2, slowdown_per_extra_chat=0.5, answer_within_seconds=60,
        ...                       mean_patience_seconds=180)
        >>> round(float(found.queue.service_level("of_offered")), 6), round(float(found.mean_concurrency), 6)
        (0.837923, 1.683547)
    """
    shape, flat = columns(
        offered_contacts=offered_contacts,
        interval_seconds=interval_seconds,
        mean_handle_seconds=mean_handle_seconds,
        positions=positions,
        concurrency=concurrency,
        slowdown_per_extra_chat=slowdown_per_extra_chat,
        answer_within_seconds=answer_within_seconds,
        mean_patience_seconds=mean_patience_seconds,
    )
    code, agents, held, slowdown = _code(model), flat["positions"], flat["concurrency"], flat["slowdown_per_extra_chat"]
    capacity = agents * held / (1.0 + slowdown * (held - 1.0))
    queue = measure(code, shape, flat, held, slowdown, capacity)
    load, waits = load_of(flat), queue.wait_probability.reshape(-1)
    both = np.full((load.size, 2), np.nan)
    if code == kernels.LOAD_DEPENDENT:
        for row in range(load.size):
            both[row] = kernels.chat_busy(load[row], agents[row], held[row], slowdown[row], waits[row])
    chats, busy = both.T
    concurrent = np.divide(chats, busy, out=np.zeros_like(chats), where=busy != 0)
    occupied = np.divide(busy, agents, out=np.where(load > 0, 1.0, 0.0), where=agents > 0)
    return ChatMeasures(queue, concurrent.reshape(shape), occupied.reshape(shape))


def chat_positions_required(
    *,
    offered_contacts: npt.ArrayLike,
    interval_seconds: npt.ArrayLike,
    mean_handle_seconds: npt.ArrayLike,
    concurrency: npt.ArrayLike,
    slowdown_per_extra_chat: npt.ArrayLike,
    goal: Goal,
    mean_patience_seconds: npt.ArrayLike = np.inf,
    model: ChatModel = "load_dependent",
) -> Requirement:
    """Least agents that meet a goal in chat; arguments as in `chat_measures`, the goal as in `staffing.goals.Goal`.

    `maximum_occupancy` limits the share of the agents' full capacity (concurrency / s(concurrency) each) in use.

    Raises:
        ValueError: naming the first offending index and the remedy.

    Example:
        >>> goal = Goal(answered_fraction=0.85, answer_within_seconds=20)
        >>> found = chat_positions_required(offered_contacts=250, interval_seconds=1800, mean_handle_seconds=420, concurrency=2,
        ...                                 slowdown_per_extra_chat=0.15, goal=goal, mean_patience_seconds=240)
        >>> int(found.positions)
        36
    """
    shape, flat = views(
        offered_contacts=offered_contacts,
        interval_seconds=interval_seconds,
        mean_handle_seconds=mean_handle_seconds,
        concurrency=concurrency,
        slowdown_per_extra_chat=slowdown_per_extra_chat,
        mean_patience_seconds=mean_patience_seconds,
        **goal.inputs,
    )
    return search(_code(model), shape, flat, goal.code)


def _code(model: str) -> int:
    if model not in _CODES:
        raise ValueError(f"there is no chat model '{model}'; known: {', '.join(get_args(ChatModel))}")
    return _CODES[model]
