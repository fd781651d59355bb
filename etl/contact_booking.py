"""The compiled loop that books contacts into sums by queue and interval, and by queue, day and class of waiting times (pure).

Places in arrays are unsigned wherever a contact decides them: of a signed one, compiled code asks every time whether it counts
from the end. Sums are added to instead of asked for where neither answer is the usual one: a wrong guess costs more than the sum.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from enterprise.compiled import compiled
from warehouse.tables.core import OUTCOMES

WAIT_EDGES_SECONDS = (0, 5, 10, 20, 40, 80, 160, 320, 640)
"""Lower bounds of the classes of waiting times."""

OFFERED, ANSWERED, GAVE_UP, IN_TIME, HANDLE, WAIT, WORKED = range(7)
"""What is summed by queue and interval: contacts, microseconds handled and waited by arrival, and worked by when it was done."""

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]

_EDGES_US = np.array(WAIT_EDGES_SECONDS[1:], dtype=np.int64) * 1_000_000
_ABANDONED = np.uint64(OUTCOMES.index("abandoned"))


@compiled
def _day_of(at: int, hint: int, starts: Ints, ends: Ints) -> int:
    """Which of the days an instant lies in; -1 for none. Tries that of the contact before first."""
    if starts[hint] <= at < ends[hint]:
        return hint
    day = int(np.searchsorted(starts, at, side="right")) - 1
    return day if day >= 0 and at < ends[day] else -1


@compiled
def book(
    queue_codes: Codes,
    queues: Places,
    direction_codes: Codes,
    directions: Places,
    outcome_codes: Codes,
    outcomes: Places,
    way_codes: Codes,
    ways: Places,
    arrived_us: Ints,
    answered_us: Ints,
    answered_known: Bits,
    answered_offset: int,
    wait_seconds: Floats,
    handle_seconds: Floats,
    as_of_us: int,
    counted_from: Floats,
    answer_within: Floats,
    starts: Ints,
    ends: Ints,
    first: Ints,
    step: int,
    works: bool,
    intervals: Ints,
    by_class: Ints,
) -> None:
    """Add contacts to the sums.

    Args:
        queue_codes: of each contact, which word of its column's dictionary its queue is.
        queues: of each word of the dictionary, the place of the queue; behind the last one for a queue that is not booked.
        direction_codes: as `queue_codes`.
        directions: of each word, its place in `counted_from`.
        outcome_codes: as `queue_codes`.
        outcomes: as `directions`.
        way_codes: as `queue_codes`, of the way of arrival.
        ways: as `directions`.
        arrived_us: arrivals in microseconds since 1970, as all instants.
        answered_us: answers; anything where it is not known.
        answered_known: bits, set where the answer is known.
        answered_offset: number of the first contact's bit.
        wait_seconds: waits, >= 0.
        handle_seconds: handle times, >= 0.
        as_of_us: instant behind which nothing is known.
        counted_from: wait from which a contact counts, by queue, direction, outcome and way.
        answer_within: goal of each queue in seconds.
        starts: beginnings of the days, in order.
        ends: their ends.
        first: the places of their first intervals.
        step: length of an interval in microseconds.
        works: whether work is booked, too.
        intervals: takes the sums by queue, interval and measure.
        by_class: takes those by queue, day, class and offered, answered, gave up, waited.
    """
    per_us = 1.0 / step  # half a microsecond is added before it is used: no quotient is then close to the next whole number
    day = np.uint64(0)
    start, end, base = starts[day], ends[day], first[day]
    not_booked = np.uint64(len(answer_within))
    crossing = np.empty(len(arrived_us), dtype=np.uint64)  # contacts whose work goes on behind the interval of their answer
    crossings = np.uint64(0)
    for row in range(np.uint64(len(arrived_us))):
        queue = queues[queue_codes[row]]
        if queue == not_booked:
            continue
        outcome = outcomes[outcome_codes[row]]
        wait = wait_seconds[row]
        arrived = arrived_us[row]
        gave_up = outcome == _ABANDONED
        bit = np.uint64(answered_offset) + row
        known = (answered_known[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & 1 != 0
        answered = (not gave_up) & known & (answered_us[row] < as_of_us)
        handle_us = answered * min(np.int64(np.rint(1e6 * handle_seconds[row])), as_of_us - answered_us[row])
        if not start <= arrived < end:
            other = _day_of(arrived, 0, starts, ends)
            if other >= 0:
                day = np.uint64(other)
                start, end, base = starts[day], ends[day], first[day]
        if (
            wait >= counted_from[queue, directions[direction_codes[row]], outcome, ways[way_codes[row]]]
            and start <= arrived < end
        ):
            place = np.uint64(base + np.int64((arrived - start + 0.5) * per_us))
            wait_us = np.int64(np.rint(1e6 * wait))
            gave_up = gave_up & (arrived + wait_us < as_of_us)
            wait_us = min(wait_us, as_of_us - arrived)
            wait_class = np.uint64(0)
            for edge in range(len(_EDGES_US)):
                wait_class += np.uint64(wait_us >= _EDGES_US[edge])
            intervals[queue, place, OFFERED] += 1
            intervals[queue, place, ANSWERED] += answered
            intervals[queue, place, GAVE_UP] += gave_up
            intervals[queue, place, IN_TIME] += answered & (wait <= answer_within[queue])
            intervals[queue, place, HANDLE] += handle_us
            intervals[queue, place, WAIT] += wait_us
            by_class[queue, day, wait_class, 0] += 1
            by_class[queue, day, wait_class, 1] += answered
            by_class[queue, day, wait_class, 2] += gave_up
            by_class[queue, day, wait_class, 3] += wait_us
        if works and handle_us > 0:
            at = answered_us[row]
            whole = False  # whether all of it was done in the interval of the answer, as it mostly is
            if start <= at < end:
                interval = np.int64((at - start + 0.5) * per_us)
                whole = at + handle_us <= min(start + (interval + 1) * step, end)
                intervals[queue, np.uint64(base + interval), WORKED] += handle_us * whole
            crossing[crossings] = row
            crossings += np.uint64(not whole)
    worked_on = 0
    for row in crossing[:crossings]:
        queue = queues[queue_codes[row]]
        at = answered_us[row]
        done = at + min(np.int64(np.rint(1e6 * handle_seconds[row])), as_of_us - at)
        while at < done:
            its_day = _day_of(at, worked_on, starts, ends)
            if its_day < 0:
                later = np.searchsorted(starts, at, side="right")
                if later == len(starts):
                    break
                at = starts[later]
                continue
            worked_on = its_day
            interval = np.int64((at - starts[its_day] + 0.5) * per_us)
            until = min(done, starts[its_day] + (interval + 1) * step, ends[its_day])
            intervals[queue, np.uint64(first[its_day] + interval), WORKED] += until - at
            at = until
