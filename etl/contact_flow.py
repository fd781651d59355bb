"""Contacts in one pass: who came, was answered and gave up per interval, when the work was done, and how long people waited.

Contacts are many, so they are read once, a partition at a time, and booked into sums per queue and interval by a compiled loop.
Times are whole microseconds since 1970: sums are exact in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy

import numpy as np
import pyarrow as pa

from etl.contact_booking import (
    ANSWERED,
    GAVE_UP,
    HANDLE,
    IN_TIME,
    OFFERED,
    WAIT,
    WAIT_EDGES_SECONDS,
    WORKED,
    Bits,
    Codes,
    Floats,
    Ints,
    Places,
    book,
)
from warehouse.tables.core import ARRIVALS, DIRECTIONS, OUTCOMES

CONTACT_COLUMNS = (
    "queue_id", "direction", "outcome", "arrived_by", "arrived_at", "answered_at", "wait_seconds", "handle_seconds",
)  # fmt: skip
CODED_COLUMNS = ("queue_id", "direction", "outcome", "arrived_by")
"""Those of them that are to be given as dictionaries."""

WAYS = {"direction": DIRECTIONS, "outcome": OUTCOMES, "arrived_by": ARRIVALS}
"""What decides, with its wait, whether a contact counts."""


def counted_from(rows: Iterable[tuple[str, str, str, str, float]], queue_ids: Sequence[str]) -> Floats:
    """Rows of `etl.demand.COUNTED_FROM_SQL` by the places of queue, direction, outcome and way of arrival.

    Behind the last direction, outcome and way stands one of any other word, which never counts.
    """
    words = (queue_ids, *WAYS.values())
    waits = np.full([len(queue_ids), *(len(known) + 1 for known in WAYS.values())], np.inf)
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
        queue, place = np.nonzero((counted[:, :, OFFERED] > 0) | (counted[:, :, WORKED] > 0))
        counted, sums = counted[queue, place], sums[queue, place]
        day = np.searchsorted(self._first, place, side="right") - 1
        starts = self._starts[day] + (place - self._first[day]) * self._step
        found = {HANDLE: ANSWERED, WAIT: OFFERED}

        def column(measure: int) -> pa.Array:
            return pa.array(sums[:, measure], mask=counted[:, found.get(measure, measure)] == 0)

        return pa.table(
            {
                "queue_id": self._queue_ids.take(pa.array(queue)),
                "interval_start_utc": pa.array(starts).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC")),
                "business_date": self._dates.take(pa.array(day)),
                "offered": pa.array(sums[:, OFFERED]),
                "answered": column(ANSWERED),
                "abandoned": column(GAVE_UP),
                "answered_within": column(IN_TIME),
                "handle_us": column(HANDLE),
                "worked_us": column(WORKED),
                "wait_us": column(WAIT),
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
        book(
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


def _codes(column: pa.DictionaryArray, places: Mapping[str, int]) -> tuple[Codes, Places]:
    """The places in a column's dictionary, and where each of its words stands among the known ones, or behind their last."""
    known = [places.get(word, len(places)) for word in column.dictionary.to_pylist()]
    return column.indices.to_numpy().view(np.uint32), np.array(known, dtype=np.uint64)


def _as_far_as_known(instants: pa.TimestampArray) -> tuple[Ints, Bits, int]:
    """The values of a column, the bits that say which of them are known, and the place of the first one's."""
    known, values = instants.buffers()
    first, count = instants.offset, len(instants)
    bits = np.full((first + count) // 8 + 1, 0xFF, dtype=np.uint8) if known is None else np.frombuffer(known, dtype=np.uint8)
    return np.frombuffer(values, dtype=np.int64)[first : first + count], bits, first
