"""An event simulation of a group's day: calls and chats, and items that can wait in the gaps between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from staffing.doors import BoolArray, FloatArray, IntArray
from staffing.gaps import work_and_gaps
from staffing.team_simulation import drawn_factors


@dataclass(frozen=True, eq=False)
class Arriving:
    """What arrives, by queue and interval in one row; `patience_seconds` is infinite for work that waits."""

    queue: IntArray
    begins: FloatArray
    ends: FloatArray
    contacts: FloatArray
    handle_seconds: FloatArray
    patience_seconds: FloatArray


@dataclass(frozen=True, eq=False)
class BlendedDay:
    """A group's day; live queues have people of their own, whose gaps serve the deferred queues in their order.

    Attributes:
        live, items: what arrives at live and at deferred queues, each numbered from 0.
        opening_items: items that wait at the beginning, by deferred queue.
        item_seconds: mean handle time of their items.
        edges: seconds at which anything below changes, rising; at the last one nothing is taken on any more.
        positions: people at work, by edge and live queue.
        used_fraction: share of their gaps that is used for items, by edge and live queue.
        own_people: people of a deferred queue's own, parts of a person included, by edge and deferred queue.
        is_open: whether a deferred queue's items are worked on, by edge and deferred queue.
        concurrency, slowdown: of chats, by live queue (1 and 0 for calls).
        setup_seconds: lost in every gap before an item is in mind.
    """

    live: Arriving
    items: Arriving
    opening_items: FloatArray
    item_seconds: FloatArray
    edges: FloatArray
    positions: IntArray
    used_fraction: FloatArray
    own_people: FloatArray
    is_open: BoolArray
    concurrency: IntArray
    slowdown: FloatArray
    setup_seconds: float


@dataclass(frozen=True, eq=False)
class SimulatedBlend:
    """One day: queue, wait and whether it was answered per contact, queue and time of completion per item, gap time per queue."""

    queue: IntArray
    wait_seconds: FloatArray
    is_answered: BoolArray
    item_queue: IntArray
    item_done: FloatArray
    gap_seconds: FloatArray


def simulate_blended_day(
    generator: np.random.Generator,
    day: BlendedDay,
    live_factors: Sequence[FloatArray | None],
    item_factors: Sequence[FloatArray | None],
    *,
    put_aside: bool,
) -> SimulatedBlend:
    """Simulate a day from empty lines on.

    A contact goes to whom holds fewest, then to who is on no item, then to who is idle longest; a chat stays where it began.
    An item is worked on in a gap once its set-up is over, oldest item first; people of a queue's own work on one item at their
    joint speed.

    Args:
        generator: source of randomness; the same state gives the same result.
        day: what happens.
        live_factors: by live queue, handle times as multiples of their mean, drawn from with replacement; exponential if None.
        item_factors: the same by deferred queue.
        put_aside: whether an item is put aside for the next call or chat (the plan's assumption), or finished first.

    Example:
        >>> one = Arriving(np.array([0]), np.array([0.0]), np.array([36000.0]), np.array([600.0]), np.array([180.0]),
        ...                np.array([np.inf]))
        >>> items = Arriving(np.array([0]), np.array([0.0]), np.array([36000.0]), np.array([0.0]), np.array([300.0]),
        ...                  np.array([np.inf]))
        >>> day = BlendedDay(one, items, np.array([500.0]), np.array([300.0]), np.array([0.0, 36000.0]), np.array([[5], [5]]),
        ...                  np.array([[1.0], [0.0]]), np.zeros((2, 1)), np.array([[True], [False]]), np.array([1]),
        ...                  np.array([0.0]), 0.0)
        >>> found = simulate_blended_day(np.random.default_rng(1), day, [None], [None], put_aside=True)
        >>> bool(abs(found.gap_seconds[0] / (5 * 36000.0 - 600 * 180.0) - 1) < 0.2)  # all idle time
        True
    """
    queue, arrivals, work, patience = _drawn(generator, day.live, live_factors)
    item_queue, item_arrivals, item_work, _ = _drawn(generator, day.items, item_factors)
    waiting = np.floor(day.opening_items + generator.random(len(day.opening_items))).astype(np.int64)
    old = np.repeat(np.arange(len(waiting)), waiting)
    item_queue = np.concatenate([old, item_queue])
    item_arrivals = np.concatenate([np.full(len(old), day.edges[0]), item_arrivals])
    item_work = np.concatenate([drawn_factors(generator, old, item_factors) * day.item_seconds[old], item_work])
    first = np.concatenate([[0], np.cumsum(day.positions.max(axis=0))]).astype(np.int64)
    waits, done, gaps = work_and_gaps(
        arrivals, queue, work, patience, item_arrivals, item_queue, np.maximum(item_work, 1e-3), day.edges, day.positions,
        day.used_fraction, day.own_people, day.is_open, first, day.concurrency, day.slowdown, day.setup_seconds, put_aside,
    )  # fmt: skip
    answered = np.isfinite(waits)
    return SimulatedBlend(queue, np.where(answered, waits, patience), answered, item_queue, done, gaps)


def _drawn(
    generator: np.random.Generator, arriving: Arriving, factors: Sequence[FloatArray | None]
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
    """Queue, arrival, work and patience of every contact of a day, in order of arrival."""
    counts = generator.poisson(arriving.contacts)
    row = np.repeat(np.arange(counts.size), counts)
    arrivals = arriving.begins[row] + generator.random(row.size) * (arriving.ends - arriving.begins)[row]
    order = np.argsort(arrivals, kind="stable")
    row, arrivals = row[order], arrivals[order]
    queue = arriving.queue[row]
    work = np.maximum(drawn_factors(generator, queue, factors) * arriving.handle_seconds[row], 1e-3)
    return queue, arrivals, work, generator.exponential(1.0, row.size) * arriving.patience_seconds[row]
