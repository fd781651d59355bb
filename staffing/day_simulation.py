"""A seeded event simulation of whole days: arrivals and positions that change, carry-over, patience, several chats at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from enterprise.compiled import compiled
from staffing.doors import FloatArray, IntArray

ANSWERED, ABANDONED = 0, 1


@dataclass(frozen=True, eq=False)
class DayOfWork:
    """What one queue's day asks for, by period; a period follows the one before or comes after a pause in which nobody arrives.

    Attributes:
        begins: start of each period in seconds, rising.
        ends: its end, no later than the next begin.
        contacts: contacts expected in it, >= 0.
        positions: people at work in it, >= 0; whoever is in a conversation ends it first.
        handle_seconds: mean handle time of a contact handled alone, > 0.
        patience_seconds: mean patience, > 0; infinity for customers who never leave.
        concurrency: most contacts that one person holds at once.
        slowdown: how much slower each further one makes all of them.
    """

    begins: FloatArray
    ends: FloatArray
    contacts: FloatArray
    positions: IntArray
    handle_seconds: FloatArray
    patience_seconds: FloatArray
    concurrency: int = 1
    slowdown: float = 0.0


@dataclass(frozen=True, eq=False)
class SimulatedContacts:
    """What became of every simulated contact, in order of arrival."""

    period: IntArray
    wait_seconds: FloatArray
    outcome: IntArray


def simulate_day(
    generator: np.random.Generator, day: DayOfWork, handle_factors: FloatArray | None = None, *, evenly: bool = True
) -> SimulatedContacts:
    """Simulate a day from an empty queue on; after the last period its people stay until nobody waits.

    Args:
        generator: source of randomness; the same state gives the same result.
        day: what happens.
        handle_factors: handle times as multiples of the mean, drawn from with replacement; exponential ones if None.
        evenly: whether chats are moved so that nobody holds two more than another, as the load-dependent chain assumes;
            otherwise a chat stays with whom it began.

    Example:
        >>> day = DayOfWork(np.array([0.0]), np.array([36000.0]), np.array([2000.0]), np.array([14]), np.array([180.0]),
        ...                 np.array([300.0]))
        >>> found = simulate_day(np.random.default_rng(1), day)
        >>> answered = (found.outcome == ANSWERED) & (found.wait_seconds <= 20)
        >>> bool(abs(answered.mean() - 0.917) < 0.04)
        True
    """
    counts = generator.poisson(day.contacts)
    period = np.repeat(np.arange(counts.size), counts)
    arrivals = day.begins[period] + generator.random(period.size) * (day.ends - day.begins)[period]
    order = np.argsort(arrivals, kind="stable")
    period, arrivals = period[order], arrivals[order]
    if handle_factors is None:
        factors = generator.exponential(1.0, period.size)
    else:
        factors = handle_factors[generator.integers(0, handle_factors.size, period.size)]
    work = np.maximum(factors * day.handle_seconds[period], 1e-3)
    patience = generator.exponential(1.0, period.size) * day.patience_seconds[period]
    held = max(int(day.positions.max(initial=0)), 1)
    waits, outcome = work_through(
        arrivals, work, patience, day.begins, day.positions.astype(np.int64), held, day.concurrency, day.slowdown, evenly
    )
    return SimulatedContacts(period, waits, outcome)


@compiled
def work_through(
    arrivals: FloatArray, work: FloatArray, patience: FloatArray, begins: FloatArray, positions: IntArray,
    people: int, concurrency: int, slowdown: float, evenly: bool,
) -> tuple[FloatArray, IntArray]:  # fmt: skip
    """Wait and outcome of each contact (rising `arrivals`), first come, first served; `people` is the most ever at work.

    People 0 .. at_work-1 take contacts, the others end theirs. Who holds fewest takes the next.
    """
    count = arrivals.size
    waits, outcome = np.zeros(count), np.zeros(count, np.int64)
    left = np.zeros((people, concurrency))  # work left of each contact, at the time of the last change
    held = np.zeros(people, np.int64)
    since = np.zeros(people)
    done = np.full(people, np.inf)  # when the next of each person's contacts ends
    at_work, period = 0, 0
    arrived, waiting = 0, 0  # contacts waiting .. arrived-1 are in the queue or gone from it
    while True:
        person = int(np.argmin(done))
        next_arrival = arrivals[arrived] if arrived < count else np.inf
        next_change = begins[period] if period < begins.size else np.inf
        now = min(done[person], next_arrival, next_change)
        if now == np.inf or (arrived == count and waiting == count):
            break
        if now == next_change:
            at_work = positions[period]
            period += 1
        elif now == done[person]:
            _advance(left, held, since, person, now, slowdown)
            least = 0
            for place in range(1, held[person]):
                if left[person, place] < left[person, least]:
                    least = place
            held[person] -= 1
            left[person, least] = left[person, held[person]]
            _next_end(left, held, since, done, person, slowdown)
        else:
            arrived += 1
        while waiting < arrived:
            if arrivals[waiting] + patience[waiting] <= now:
                waits[waiting], outcome[waiting] = patience[waiting], ABANDONED
                waiting += 1
                continue
            taker = _least_loaded(held, at_work)
            if taker < 0 or held[taker] >= concurrency:
                break
            waits[waiting] = now - arrivals[waiting]
            _advance(left, held, since, taker, now, slowdown)
            left[taker, held[taker]] = work[waiting]
            held[taker] += 1
            _next_end(left, held, since, done, taker, slowdown)
            waiting += 1
        if evenly and concurrency > 1:
            _even_out(left, held, since, done, at_work, now, slowdown)
    for contact in range(waiting, count):  # nobody is left who could answer
        waits[contact], outcome[contact] = patience[contact], ABANDONED
    return waits, outcome


@compiled
def _advance(left: FloatArray, held: IntArray, since: FloatArray, person: int, now: float, slowdown: float) -> None:
    """Bring a person's contacts up to date."""
    if held[person] > 0:
        worked = (now - since[person]) / (1.0 + slowdown * (held[person] - 1.0))
        for place in range(held[person]):
            left[person, place] = max(left[person, place] - worked, 0.0)
    since[person] = now


@compiled
def _next_end(left: FloatArray, held: IntArray, since: FloatArray, done: FloatArray, person: int, slowdown: float) -> None:
    """When the next of a person's contacts ends, all else unchanged."""
    if held[person] == 0:
        done[person] = np.inf
        return
    least = left[person, 0]
    for place in range(1, held[person]):
        least = min(least, left[person, place])
    done[person] = since[person] + least * (1.0 + slowdown * (held[person] - 1.0))


@compiled
def _least_loaded(held: IntArray, at_work: int) -> int:
    """Who of those at work holds fewest contacts; -1 if nobody is at work."""
    found = -1
    for person in range(at_work):
        if found < 0 or held[person] < held[found]:
            found = person
            if held[found] == 0:
                break
    return found


@compiled
def _even_out(
    left: FloatArray, held: IntArray, since: FloatArray, done: FloatArray, at_work: int, now: float, slowdown: float
) -> None:
    """Move one contact from whom holds most to whom holds fewest, where they differ by two or more."""
    if at_work < 2:
        return
    fewest, most = 0, 0
    for person in range(1, at_work):
        if held[person] < held[fewest]:
            fewest = person
        if held[person] > held[most]:
            most = person
    if held[most] - held[fewest] < 2:
        return
    _advance(left, held, since, most, now, slowdown)
    _advance(left, held, since, fewest, now, slowdown)
    held[most] -= 1
    left[fewest, held[fewest]] = left[most, held[most]]
    held[fewest] += 1
    _next_end(left, held, since, done, most, slowdown)
    _next_end(left, held, since, done, fewest, slowdown)
