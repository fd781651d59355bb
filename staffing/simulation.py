"""A seeded event simulation of one queue: the mathematics' independent witness, and the nightly audit's tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from enterprise.compiled import compiled
from staffing.doors import FloatArray, IntArray, columns

HandleTimes = Literal["exponential", "lognormal"]


@dataclass(frozen=True)
class SimulatedQueue:
    """What a simulated queue did; fractions of the contacts offered after the warm-up."""

    offered_contacts: int
    blocked_fraction: float
    wait_probability: float
    """Accepted, but without a free position on arrival."""
    abandoned_fraction: float
    answered_within_fraction: float
    abandoned_within_fraction: float
    mean_wait_seconds: float
    """Of accepted contacts, answered or not."""
    mean_wait_answered_seconds: float
    """NaN if none was answered."""
    occupancy: float
    """Share of the positions' time spent on contacts that were answered."""
    answered_within_error: float
    """Standard error of `answered_within_fraction`, from 20 batches in time (single contacts are not independent)."""


def simulate_queue(
    generator: np.random.Generator,
    *,
    offered_contacts: float,
    interval_seconds: float,
    mean_handle_seconds: float,
    positions: int,
    answer_within_seconds: float,
    mean_patience_seconds: float = np.inf,
    trunks: int | None = None,
    contacts: int = 100_000,
    warm_up_contacts: int | None = None,
    handle_times: HandleTimes = "exponential",
    handle_time_variation: float = 1.0,
) -> SimulatedQueue:
    """Poisson arrivals at a constant rate, first come first served, exponential patience, in steady state.

    Args:
        generator: source of randomness; the same state gives the same result.
        offered_contacts: contacts per interval, > 0: they give the arrival rate.
        interval_seconds: > 0.
        mean_handle_seconds: > 0.
        positions: whole, >= 1.
        answer_within_seconds: threshold, >= 0.
        mean_patience_seconds: > 0; infinity for callers who never abandon.
        trunks: most contacts in the system; None for no limit.
        contacts: contacts to count.
        warm_up_contacts: contacts simulated before counting begins; a tenth of `contacts` if None.
        handle_times: distribution of handle times.
        handle_time_variation: standard deviation / mean of log-normal handle times, > 0.

    Raises:
        ValueError: naming the input that does not fit.

    Example:
        >>> found = simulate_queue(np.random.default_rng(1), offered_contacts=100, interval_seconds=1800, mean_handle_seconds=180,
        ...                        positions=14, answer_within_seconds=20, mean_patience_seconds=300)
        >>> abs(found.answered_within_fraction - 0.9168) < 4 * found.answered_within_error
        True
    """
    columns(
        offered_contacts=offered_contacts,
        interval_seconds=interval_seconds,
        mean_handle_seconds=mean_handle_seconds,
        positions=positions,
        answer_within_seconds=answer_within_seconds,
        mean_patience_seconds=mean_patience_seconds,
    )
    if not (offered_contacts > 0 and positions >= 1 and contacts >= 20 and handle_time_variation > 0):
        raise ValueError(
            f"offered_contacts {offered_contacts}, positions {positions}, contacts {contacts}, handle_time_variation "
            f"{handle_time_variation}: expected above 0, at least 1, at least 20 and above 0; nothing can be simulated otherwise"
        )
    if trunks is not None and trunks < positions:
        raise ValueError(
            f"trunks is {trunks} for {positions} positions; expected no fewer: trunks count the contacts in service too"
        )
    warm_up = contacts // 10 if warm_up_contacts is None else warm_up_contacts
    count = warm_up + contacts
    arrivals = np.cumsum(generator.exponential(interval_seconds / offered_contacts, count))
    if handle_times == "exponential":
        handle = generator.exponential(mean_handle_seconds, count)
    else:
        sigma = np.sqrt(np.log1p(handle_time_variation**2))
        handle = mean_handle_seconds * np.exp(generator.normal(-0.5 * sigma * sigma, sigma, count))
    patience = (
        generator.exponential(mean_patience_seconds, count) if np.isfinite(mean_patience_seconds) else np.full(count, np.inf)
    )
    waits, outcome = serve(arrivals, handle, patience, positions, 0 if trunks is None else trunks)
    waits, outcome, worked = waits[warm_up:], outcome[warm_up:], handle[warm_up:]
    span = float(arrivals[-1] - arrivals[warm_up - 1]) if warm_up else float(arrivals[-1])
    answered, gone, blocked = outcome == ANSWERED, outcome == ABANDONED, outcome == BLOCKED
    within = waits <= answer_within_seconds
    batches = np.array([part.mean() for part in np.array_split(answered & within, 20)])
    return SimulatedQueue(
        offered_contacts=contacts,
        blocked_fraction=float(blocked.mean()),
        wait_probability=float(((waits > 0) & ~blocked).mean()),
        abandoned_fraction=float(gone.mean()),
        answered_within_fraction=float((answered & within).mean()),
        abandoned_within_fraction=float((gone & within).mean()),
        mean_wait_seconds=float(waits[~blocked].mean()) if not blocked.all() else 0.0,
        mean_wait_answered_seconds=float(waits[answered].mean()) if answered.any() else float("nan"),
        occupancy=float(worked[answered].sum() / span / positions),
        answered_within_error=float(batches.std(ddof=1) / np.sqrt(batches.size)),
    )


ANSWERED, ABANDONED, BLOCKED = 0, 1, 2


@compiled
def _sift(heap: FloatArray, size: int) -> None:
    """Restore a heap of `size` whose root has grown."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            return
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[place] <= heap[child]:
            return
        heap[place], heap[child] = heap[child], heap[place]
        place = child


@compiled
def _push(heap: FloatArray, size: int, value: float) -> None:
    """Add a value to a heap of `size`."""
    place = size
    heap[place] = value
    while place > 0 and heap[(place - 1) // 2] > heap[place]:
        above = (place - 1) // 2
        heap[place], heap[above] = heap[above], heap[place]
        place = above


@compiled
def serve(
    arrivals: FloatArray, handle: FloatArray, patience: FloatArray, positions: int, trunks: int
) -> tuple[FloatArray, IntArray]:
    """First come, first served: wait and outcome of each contact (rising `arrivals`; `trunks` 0 for no limit).

    A waiting contact goes to the position that is free first, unless its patience ends before.
    """
    free_at = np.zeros(positions)  # a heap: when each position has finished what it will have taken
    inside = np.zeros(max(trunks, 1) + 1)  # a heap of leaving times, kept only where trunks are limited
    held = 0
    waits = np.zeros(arrivals.size)
    outcome = np.zeros(arrivals.size, np.int64)
    for contact in range(arrivals.size):
        now = arrivals[contact]
        if trunks > 0:
            while held > 0 and inside[0] <= now:
                held -= 1
                inside[0] = inside[held]
                _sift(inside, held)
            if held >= trunks:
                outcome[contact] = BLOCKED
                continue
        virtual = max(free_at[0] - now, 0.0)
        if virtual > patience[contact]:
            waits[contact] = patience[contact]
            outcome[contact] = ABANDONED
        else:
            waits[contact] = virtual
            free_at[0] = now + virtual + handle[contact]
            _sift(free_at, positions)
        if trunks > 0:
            leaves = now + waits[contact] + (handle[contact] if outcome[contact] == ANSWERED else 0.0)
            _push(inside, held, leaves)
            held += 1
    return waits, outcome
