"""Work spans: a shift cut by lunch and breaks, as scheduled and as really worked.

A span is a stretch in which an agent is ready for one queue. The event simulations take the actual spans; the
workforce files get the planned ones, so that adherence is less than perfect in the way it is in life.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.clock import BoolArray, Clock, IntArray
from demo.queues import QUEUES
from demo.rosters import People, Shifts

KINDS = ("work", "break", "lunch", "meeting")
_LONG, _MEDIUM = 480, 360


@dataclass(frozen=True)
class Spans:
    """Stretches of shifts, ordered by shift and time; all arrays of one length.

    Attributes:
        shift: index of the shift.
        kind: index in `KINDS`.
        begin: planned start, UTC epoch seconds.
        until: planned end.
        actual_begin: start as it happened.
        actual_until: end as it happened.
        agent: agent number.
        queue: queue index.
        absent: whether the agent did not come.
        first: the shift's first stretch.
        last: the shift's last stretch.
    """

    shift: IntArray
    kind: IntArray
    begin: IntArray
    until: IntArray
    actual_begin: IntArray
    actual_until: IntArray
    agent: IntArray
    queue: IntArray
    absent: BoolArray
    first: BoolArray
    last: BoolArray

    def take(self, rows: IntArray | BoolArray) -> Spans:
        """The given rows, in their order."""
        return Spans(**{name: values[rows] for name, values in vars(self).items()})


def make_spans(shifts: Shifts, people: People, clock: Clock, rng: np.random.Generator) -> Spans:
    """Cut every shift into work, breaks and lunch, and jitter what really happened.

    A shift of 8 hours or more has a break, a lunch of 30 minutes and a second break; one of 6 hours or more a lunch and
    a break; a shorter one a single break. Back-office shifts have a meeting on Wednesday mornings instead of the break.
    """
    count = len(shifts.queue)
    stagger = rng.integers(0, 5, count) * 15
    # Minutes from shift start at which each stretch begins; -1 where a shift has no such stretch.
    length = shifts.length
    long, medium = length >= _LONG, (length >= _MEDIUM) & (length < _LONG)
    lunch_at = np.where(long, 210 + stagger, np.where(medium, 180 + stagger // 2 // 15 * 15, -1))
    first_break = np.where(long, 105 + stagger // 2 // 15 * 15, np.where(medium, 90, 120 + stagger // 15 * 15))
    second_break = np.where(long, 390, -1)
    back_office = np.array([spec.channel not in ("voice", "chat") for spec in QUEUES])[shifts.queue]
    meeting = back_office & (clock.weekday[shifts.day] == 2) & long
    cuts = np.full((count, 8), -1, np.int64)
    cuts[:, 0] = 0
    cuts[:, 1] = first_break
    cuts[:, 2] = first_break + np.where(meeting, 45, 15)
    cuts[:, 3] = lunch_at
    cuts[:, 4] = np.where(lunch_at >= 0, lunch_at + 30, -1)
    cuts[:, 5] = second_break
    cuts[:, 6] = np.where(second_break >= 0, second_break + 15, -1)
    cuts[:, 7] = length
    kinds = np.tile(np.array([0, 1, 0, 2, 0, 1, 0], np.int64), (count, 1))
    kinds[:, 1] = np.where(meeting, 3, 1)
    following = cuts.copy()
    for edge in range(6, 0, -1):
        following[:, edge] = np.where(cuts[:, edge] >= 0, cuts[:, edge], following[:, edge + 1])
    present = cuts[:, :7] >= 0
    shift, column = np.nonzero(present)
    begin_minute = cuts[shift, column] + shifts.minute[shift]
    until_minute = following[shift, column + 1] + shifts.minute[shift]
    day = shifts.day[shift]
    begin, until = clock.utc(day, begin_minute), clock.utc(day, until_minute)
    first = np.append(True, shift[1:] != shift[:-1])
    last = np.append(shift[1:] != shift[:-1], True)
    jitter = rng.normal(25.0, 55.0, len(shift)).astype(np.int64)
    late = np.where(rng.random(count) < 0.04, rng.integers(300, 2400, count), 0)[shift]
    actual_begin = begin + np.where(first, np.clip(jitter, -120, 240) + late, np.clip(jitter, -60, 200))
    # Who answers people stays until the last waiting contact is served: a few minutes over the end.
    stays = np.where(back_office[shift], 0, 240)
    actual_until = until + stays + np.clip(rng.normal(10.0, 60.0, len(shift)).astype(np.int64), -150, 240)
    # A stretch ends when the next one begins; only the shift's end has a jitter of its own.
    inner = ~last
    actual_until[inner] = np.append(actual_begin[1:], 0)[inner]
    actual_until = np.maximum(actual_until, actual_begin + 30)
    agent = people.agent[shifts.post[shift], np.clip(day, 0, people.agent.shape[1] - 1)]
    return Spans(
        shift=shift.astype(np.int64),
        kind=kinds[shift, column],
        begin=begin,
        until=until,
        actual_begin=actual_begin,
        actual_until=actual_until,
        agent=agent,
        queue=shifts.queue[shift],
        absent=shifts.absent[shift],
        first=first,
        last=last,
    )
