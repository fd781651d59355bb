"""Contacts in one pass: who came, was answered and gave up per interval, when the work was done, and how long people waited.

Contacts are many, so they are read once, a partition at a time, and booked into sums per queue and interval by a compiled loop.
Times are whole microseconds since 1970: sums are exact in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from enterprise.compiled import compiled
from warehouse.tables.core import ARRIVALS, DIRECTIONS, OUTCOMES

WAIT_EDGES_SECONDS = (0, 5, 10, 20, 40, 80, 160, 320, 640)
"""Lower bounds of the classes of waiting times."""

CONTACT_COLUMNS = (
    "queue_id", "direction", "outcome", "arrived_by", "arrived_at", "answered_at", "wait_seconds", "handle_seconds",
)  # fmt: skip
CODED_COLUMNS = ("queue_id", "direction", "outcome", "arrived_by")
"""Those of them that are to be given as dictionaries."""

WAYS = {"direction": DIRECTIONS, "outcome": OUTCOMES, "arrived_by": ARRIVALS}
"""What decides, with its wait, whether a contact counts."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]

_EDGES_US = np.array(WAIT_EDGES_SECONDS[1:], dtype=np.int64) * 1_000_000
_OFFERED, _ANSWERED, _GAVE_UP, _IN_TIME, _HANDLE, _WAIT, _WORKED = range(7)
_ABANDONED = WAYS["outcome"].index("abandoned")


def counted_from(rows: Iterable[tuple[str, str, str, str, float]], queue_ids: Sequence[str]) -> Floats:
    """Rows of `etl.demand.COUNTED_FROM_SQL` by the places of queue, direction, outcome and way of arrival."""
    words = (queue_ids, *WAYS.values())
    waits = np.full([len(known) for known in words], np.inf)
    for *way, wait in rows:
        waits[tuple(known.index(word) for known, word in zip(words, way, strict=True))] = wait
    return waits


class ContactFlow:
    """Sums of contacts over some days.

    A contact is followed until an instant (`as_of_us`) behind which nothing is known of it.

    Args:
        days: the dates to be made, in order, with `start_us` and `end_us` (see `etl.history.contact_days`).
        queue_ids: queues; contacts of others are left out.
        counted_from: waits in seconds from which a contact counts as demand, by queue and `WAYS` (see `counted_from`).
        answer_within: goal of each queue in seconds.
        step_us: length of an interval.
    """

    def __init__(
        self, days: pa.Table, queue_ids: Sequence[str], counted_from: Floats, answer_within: Floats, step_us: int
    ) -> None:
        self._dates = days.column("business_date").combine_chunks()
        self._starts = days.column("start_us").to_numpy()
        self._ends = days.column("end_us").to_numpy()
        self._step = step_us
        per_day = -(-(self._ends - self._starts) // step_us)
        self._first = np.concatenate([[0], np.cumsum(per_day)])
        self._queue_ids = pa.array(queue_ids, pa.string())
        words = {"queue_id": queue_ids, **WAYS}
        self._places = {name: {word: place for place, word in enumerate(known)} for name, known in words.items()}
        self._counted_from, self._answer_within = counted_from, answer_within
        self._counted = self._ledger()
        self._replaced: tuple[Ints, Ints] | None = None

    def book(self, contacts: pa.RecordBatch, as_of_us: int) -> None:
        """Contacts of one partition: demand that counts, and work of all of them."""
        self._add(contacts, as_of_us, self._counted, self._counted_from, works=True)

    def correct(self, contacts: pa.RecordBatch, as_of_us: int, *, replaced: bool) -> None:
        """Contacts that count (or that were booked and do not count) after all, whatever their way; their work is booked."""
        if replaced and self._replaced is None:
            self._replaced = self._ledger()
        ledger = self._replaced if replaced and self._replaced is not None else self._counted
        self._add(contacts, as_of_us, ledger, np.full_like(self._counted_from, -np.inf), works=False)

    def another(self) -> ContactFlow:
        """The same days and queues without any contact: contacts booked there, by another thread, are added with `add`."""
        other = copy(self)
        other._counted, other._replaced = self._ledger(), None
        return other

    def add(self, other: ContactFlow) -> None:
        """What was booked there: sums of whole numbers, the same in any order."""
        for mine, theirs in zip(self._counted, other._counted, strict=True):
            mine += theirs

    def intervals(self) -> pa.Table:
        """What came and what was worked per queue and interval where anything did; sums over nobody are missing."""
        counted, sums = self._counted[0], self._counted[0]
        if self._replaced is not None:
            sums = counted - self._replaced[0]
        queue, place = np.nonzero((counted[:, :, _OFFERED] > 0) | (counted[:, :, _WORKED] > 0))
        counted, sums = counted[queue, place], sums[queue, place]
        day = np.searchsorted(self._first, place, side="right") - 1
        starts = self._starts[day] + (place - self._first[day]) * self._step
        found = {_HANDLE: _ANSWERED, _WAIT: _OFFERED}

        def column(measure: int) -> pa.Array:
            return pa.array(sums[:, measure], mask=counted[:, found.get(measure, measure)] == 0)

        return pa.table(
            {
                "queue_id": self._queue_ids.take(pa.array(queue)),
                "interval_start_utc": pa.array(starts).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC")),
                "business_date": self._dates.take(pa.array(day)),
                "offered": pa.array(sums[:, _OFFERED]),
                "answered": column(_ANSWERED),
                "abandoned": column(_GAVE_UP),
                "answered_within": column(_IN_TIME),
                "handle_us": column(_HANDLE),
                "worked_us": column(_WORKED),
                "wait_us": column(_WAIT),
            }
        )

    def waits(self) -> pa.Table:
        """Rows of WAIT_HISTORY."""
        sums = self._counted[1] if self._replaced is None else self._counted[1] - self._replaced[1]
        queue, day, wait_class = np.nonzero(sums[:, :, :, 0] > 0)
        found = sums[queue, day, wait_class]
        return pa.table(
            {
                "queue_id": self._queue_ids.take(pa.array(queue)),
                "business_date": self._dates.take(pa.array(day)),
                "waited_from_seconds": np.array(WAIT_EDGES_SECONDS, dtype=np.float64)[wait_class],
                "offered_contacts": found[:, 0],
                "answered_contacts": found[:, 1],
                "abandoned_contacts": found[:, 2],
                "wait_seconds": found[:, 3] / 1e6,
            }
        )

    def _ledger(self) -> tuple[Ints, Ints]:
        """Sums by queue, interval and measure; and by queue, day, class of waiting time and measure."""
        queues = len(self._queue_ids)
        by_class = np.zeros((queues, len(self._dates), len(WAIT_EDGES_SECONDS), 4), dtype=np.int64)
        return np.zeros((queues, int(self._first[-1]), 7), dtype=np.int64), by_class

    def _add(
        self, contacts: pa.RecordBatch, as_of_us: int, ledger: tuple[Ints, Ints], counted_from: Floats, *, works: bool
    ) -> None:
        codes = {name: _codes(contacts.column(name), places) for name, places in self._places.items()}
        answered_us, answered_known, answered_offset = _as_far_as_known(contacts.column("answered_at"))
        _book(
            *codes["queue_id"],
            *codes["direction"],
            *codes["outcome"],
            *codes["arrived_by"],
            contacts.column("arrived_at").view(pa.int64()).to_numpy(),
            answered_us,
            answered_known,
            answered_offset,
            contacts.column("wait_seconds").to_numpy(),
            contacts.column("handle_seconds").to_numpy(),
            as_of_us,
            counted_from,
            self._answer_within,
            self._starts,
            self._ends,
            self._first,
            self._step,
            works,
            *ledger,
        )


def _codes(column: pa.DictionaryArray, places: Mapping[str, int]) -> tuple[Ints, Ints]:
    """The places in a column's dictionary, and where each of its words stands among the known ones (-1: nowhere)."""
    known = [places.get(word, -1) for word in column.dictionary.to_pylist()]
    return column.indices.to_numpy(), np.array(known, dtype=np.int64)


def _as_far_as_known(instants: pa.TimestampArray) -> tuple[Ints, Bits, int]:
    """The values of a column, the bits that say which of them are known, and the place of the first one's."""
    known, values = instants.buffers()
    first, count = instants.offset, len(instants)
    bits = np.full((first + count) // 8 + 1, 0xFF, dtype=np.uint8) if known is None else np.frombuffer(known, dtype=np.uint8)
    return np.frombuffer(values, dtype=np.int64)[first : first + count], bits, first


@compiled
def _day_of(at: int, hint: int, starts: Ints, ends: Ints) -> int:
    """Which of the days an instant lies in; -1 for none. Tries that of the contact before first."""
    if starts[hint] <= at < ends[hint]:
        return hint
    day = int(np.searchsorted(starts, at, side="right")) - 1
    return day if day >= 0 and at < ends[day] else -1


@compiled
def _book(
    queue_codes: Ints,
    queues: Ints,
    direction_codes: Ints,
    directions: Ints,
    outcome_codes: Ints,
    outcomes: Ints,
    way_codes: Ints,
    ways: Ints,
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
    came_on = worked_on = 0
    per_us = 1.0 / step  # half a microsecond is added before it is used: no quotient is then close to the next whole number
    for row in range(len(arrived_us)):
        queue = queues[queue_codes[row]]
        if queue < 0:
            continue
        outcome = outcomes[outcome_codes[row]]
        wait = wait_seconds[row]
        arrived = arrived_us[row]
        gave_up = outcome == _ABANDONED
        bit = answered_offset + row
        known = (answered_known[bit >> 3] >> (bit & 7)) & 1 != 0
        # Flags are added instead of asked for where neither answer is the usual one: a wrong guess costs more than the sum.
        answered = (not gave_up) & known & (answered_us[row] < as_of_us)
        handle_us = np.int64(0)
        if answered:
            handle_us = min(np.int64(np.rint(1e6 * handle_seconds[row])), as_of_us - answered_us[row])
        if wait >= counted_from[queue, directions[direction_codes[row]], outcome, ways[way_codes[row]]]:
            day = _day_of(arrived, came_on, starts, ends)
            if day >= 0:
                came_on = day
                sums = intervals[queue, first[day] + np.int64((arrived - starts[day] + 0.5) * per_us)]
                wait_us = np.int64(np.rint(1e6 * wait))
                gave_up = gave_up & (arrived + wait_us < as_of_us)
                wait_us = min(wait_us, as_of_us - arrived)
                wait_class = 0
                for edge in range(len(_EDGES_US)):
                    wait_class += wait_us >= _EDGES_US[edge]
                waited = by_class[queue, day, wait_class]
                sums[_OFFERED] += 1
                sums[_ANSWERED] += answered
                sums[_GAVE_UP] += gave_up
                sums[_IN_TIME] += answered & (wait <= answer_within[queue])
                sums[_HANDLE] += handle_us
                sums[_WAIT] += wait_us
                waited[0] += 1
                waited[1] += answered
                waited[2] += gave_up
                waited[3] += wait_us
        if works and handle_us > 0:
            at = answered_us[row]
            end = at + handle_us
            while at < end:
                day = _day_of(at, worked_on, starts, ends)
                if day < 0:
                    later = np.searchsorted(starts, at, side="right")
                    if later == len(starts):
                        break
                    at = starts[later]
                    continue
                worked_on = day
                place = np.int64((at - starts[day] + 0.5) * per_us)
                until = min(end, starts[day] + (place + 1) * step, ends[day])
                intervals[queue, first[day] + place, _WORKED] += until - at
                at = until
